//! Shared access signature tokens: made, read, and verified over the resource exactly as it arrived, since clients encode it differently.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SigningKey;
use crate::base::{Diagnose, Exit, Timestamp, percent};
use crate::model::Identity;

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SasError {
    /// Not of the form `SharedAccessSignature sr=…&sig=…&se=…`.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// Its time is over.
    #[error("the token expired at {expiry} (Unix seconds)")]
    Expired {
        /// When it expired.
        expiry: i64,
    },
    /// It is for another host, device, module or policy.
    #[error("the token is for `{found}`, not for `{expected}`")]
    WrongAudience {
        /// The resource of the token.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// No key of the identity made this signature.
    #[error("no key of this identity made the signature of the token")]
    WrongSignature,
}

impl Diagnose for SasError {
    fn kind(&self) -> Exit {
        Exit::Unauthorized
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "sas/malformed",
            Self::Expired { .. } => "sas/expired",
            Self::WrongAudience { .. } => "sas/wrong-audience",
            Self::WrongSignature => "sas/wrong-signature",
        }
    }
}

/// What a token is for, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Host name of the hub or of the gateway.
    pub host: String,
    /// The device or module; `None` when the token is for the service as a whole.
    pub identity: Option<Identity>,
}

impl Audience {
    /// Tells whether both name the same identity, in any case as the product compares.
    fn names(&self, identity: Option<&Identity>) -> bool {
        let folded = |identity: &Identity| (identity.device_id.to_lowercase(), identity.module_id.as_ref().map(|id| id.to_lowercase()));
        self.identity.as_ref().map(folded) == identity.map(folded)
    }
}

/// A token as received; its signature is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The resource, still encoded: the signature covers this very text.
    pub resource: String,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// Expiry as it stands in the token; the signature covers this very text.
    expiry_text: String,
    /// Expiry in Unix seconds.
    pub expiry: i64,
    /// Name of the service policy, for service tokens.
    pub policy: Option<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, signature: _, expiry_text: _, expiry, policy } = self;
        let mut shown = f.debug_struct("Token");
        shown.field("resource", resource).field("signature", &format_args!("***")).field("expiry", expiry).field("policy", policy).finish()
    }
}

impl Token {
    /// Reads a token; its fields may come in any order.
    pub fn parse(text: &str) -> Result<Self, SasError> {
        let fields =
            text.trim().strip_prefix("SharedAccessSignature").ok_or(SasError::Malformed("it does not start with SharedAccessSignature"))?;
        let (mut resource, mut signature, mut expiry, mut policy) = (None, None, None, None);
        for field in fields.trim_start().split('&') {
            let (name, value) = field.split_once('=').ok_or(SasError::Malformed("a field without a value"))?;
            let slot = match name {
                "sr" => &mut resource,
                "sig" => &mut signature,
                "se" => &mut expiry,
                "skn" => &mut policy,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(SasError::Malformed("a field is there twice"));
            }
        }
        let resource = resource.filter(|value| !value.is_empty()).ok_or(SasError::Malformed("sr is missing"))?;
        let signature = signature.ok_or(SasError::Malformed("sig is missing"))?;
        let expiry_text = expiry.ok_or(SasError::Malformed("se is missing"))?;
        Ok(Self {
            resource: resource.to_owned(),
            signature: STANDARD.decode(percent::decode(signature)).map_err(|_| SasError::Malformed("sig is no base64"))?,
            expiry_text: expiry_text.to_owned(),
            expiry: expiry_text.parse().map_err(|_| SasError::Malformed("se is no number of seconds"))?,
            policy: policy.filter(|value| !value.is_empty()).map(percent::decode),
        })
    }

    /// Decodes what the token is for; `None` when the path names neither a device nor a module. Some clients encode ids twice.
    pub fn audience(&self) -> Option<Audience> {
        let decoded = percent::decode(&self.resource);
        let mut segments = decoded.trim_end_matches('/').split('/').map(percent::decode);
        let host = segments.next()?;
        let rest: Vec<String> = segments.collect();
        let identity = match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => None,
            ["devices", device] => Some(Identity::device(*device)),
            ["devices", device, "modules", module] => Some(Identity::module(*device, *module)),
            _ => return None,
        };
        Some(Audience { host, identity })
    }

    /// Checks that the token is for one of the hosts and for this identity (`None`: the service), has not expired, and was signed by
    /// one of the keys.
    pub fn verify(&self, hosts: &[&str], identity: Option<&Identity>, keys: &[&SigningKey], now: Timestamp) -> Result<(), SasError> {
        let fits = |audience: &Audience| audience.names(identity) && hosts.iter().any(|host| host.eq_ignore_ascii_case(&audience.host));
        if !self.audience().as_ref().is_some_and(fits) {
            let expected = resource_of(hosts.first().copied().unwrap_or_default(), identity);
            return Err(SasError::WrongAudience { found: percent::decode(&self.resource), expected });
        }
        self.verify_signature(keys, now)
    }

    /// Checks expiry and signature alone, for callers that judge the audience themselves.
    pub fn verify_signature(&self, keys: &[&SigningKey], now: Timestamp) -> Result<(), SasError> {
        if self.expiry <= now.timestamp() {
            return Err(SasError::Expired { expiry: self.expiry });
        }
        let signed = format!("{}\n{}", self.resource, self.expiry_text);
        let good = keys.iter().any(|key| key.verifies(signed.as_bytes(), &self.signature));
        if good { Ok(()) } else { Err(SasError::WrongSignature) }
    }
}

/// Returns the plain resource of an identity on a host: `HOST/devices/D[/modules/M]`, or the host alone for the service.
pub fn resource_of(host: &str, identity: Option<&Identity>) -> String {
    match identity {
        None => host.to_owned(),
        Some(Identity { device_id, module_id: None }) => format!("{host}/devices/{device_id}"),
        Some(Identity { device_id, module_id: Some(module_id) }) => format!("{host}/devices/{device_id}/modules/{module_id}"),
    }
}

/// Returns the text whose HMAC-SHA256 is the signature of a token, and the encoded resource in it.
pub fn text_to_sign(resource: &str, expires: Timestamp) -> (String, String) {
    let encoded = percent::encode(resource);
    (format!("{encoded}\n{}", expires.timestamp()), encoded)
}

/// Puts a token together from the encoded resource and the signature.
pub fn assemble(encoded_resource: &str, signature: &[u8], expires: Timestamp, policy: Option<&str>) -> String {
    let signature = percent::encode(&STANDARD.encode(signature));
    let policy = policy.map(|policy| format!("&skn={}", percent::encode(policy))).unwrap_or_default();
    format!("SharedAccessSignature sr={encoded_resource}&sig={signature}&se={}{policy}", expires.timestamp())
}

/// Makes a token for a resource such as [`resource_of`] returns.
pub fn sign(resource: &str, key: &SigningKey, expires: Timestamp, policy: Option<&str>) -> String {
    let (text, encoded) = text_to_sign(resource, expires);
    assemble(&encoded, &key.sign(text.as_bytes()), expires, policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;

    fn key(text: &str) -> SigningKey {
        SigningKey::from_base64(&STANDARD.encode(text)).expect("key")
    }

    fn at(seconds: i64) -> Timestamp {
        Clock::fixed_at(seconds).expect("time").now()
    }

    #[test]
    fn a_signature_is_not_printed() {
        let token = Token::parse("SharedAccessSignature sr=h&sig=bGl2ZQ%3D%3D&se=7").expect("token");
        assert_eq!(format!("{token:?}"), r#"Token { resource: "h", signature: ***, expiry: 7, policy: None }"#);
    }

    #[test]
    fn a_signed_token_verifies_with_either_key_until_it_expires() {
        let module = Identity::module("Edge-1", "filter");
        let (primary, secondary, other) = (key("primary"), key("secondary"), key("other"));
        let text = sign(&resource_of("hub.example", Some(&module)), &secondary, at(1000), None);
        let token = Token::parse(&text).expect("token");
        let hosts = ["HUB.example", "gateway"];
        assert_eq!(token.verify(&hosts, Some(&module), &[&primary, &secondary], at(999)), Ok(()));
        assert_eq!(token.verify(&hosts, Some(&Identity::module("edge-1", "FILTER")), &[&secondary], at(999)), Ok(()));
        assert_eq!(token.verify(&hosts, Some(&module), &[&primary, &other], at(999)), Err(SasError::WrongSignature));
        assert_eq!(token.verify(&hosts, Some(&module), &[&secondary], at(1000)), Err(SasError::Expired { expiry: 1000 }));
        let elsewhere = token.verify(&["gateway"], Some(&module), &[&secondary], at(999));
        assert!(matches!(elsewhere, Err(SasError::WrongAudience { .. })), "{elsewhere:?}");
        assert!(token.verify(&hosts, Some(&Identity::device("edge-1")), &[&secondary], at(999)).is_err());
        assert!(token.verify(&hosts, None, &[&secondary], at(999)).is_err());
    }

    #[test]
    fn the_signature_covers_the_resource_as_it_arrived() {
        // One client encodes the ids twice, another nothing at all, a third in lower case; each signs what it wrote.
        for resource in ["hub%2Fdevices%2Fa%2540b", "hub/devices/a@b", "hub%2fdevices%2fa%40b", "hub%2Fdevices%2Fa%40b%2F"] {
            let signature = percent::encode(&STANDARD.encode(key("k").sign(format!("{resource}\n50").as_bytes())));
            for text in [format!("sr={resource}&sig={signature}&se=50"), format!("se=50&sig={signature}&skn=&sr={resource}")] {
                let token = Token::parse(&format!("SharedAccessSignature {text}")).expect("token");
                assert_eq!(token.verify(&["hub"], Some(&Identity::device("a@b")), &[&key("k")], at(1)), Ok(()), "{text}");
            }
        }
    }

    #[test]
    fn a_service_token_carries_its_policy() {
        let token = Token::parse(&sign("hub", &key("k"), at(50), Some("iothubowner"))).expect("token");
        assert_eq!(token.policy.as_deref(), Some("iothubowner"));
        assert_eq!(token.audience(), Some(Audience { host: "hub".into(), identity: None }));
        assert_eq!(token.verify(&["hub"], None, &[&key("k")], at(1)), Ok(()));
    }

    #[test]
    fn malformed_tokens_say_what_is_wrong() {
        for (text, reason) in [
            ("", "it does not start with SharedAccessSignature"),
            ("SharedAccessSignature", "a field without a value"),
            ("SharedAccessSignature sr=a&se=1", "sig is missing"),
            ("SharedAccessSignature sig=YQ%3D%3D&se=1", "sr is missing"),
            ("SharedAccessSignature sr=a&sig=YQ%3D%3D", "se is missing"),
            ("SharedAccessSignature sr=a&sig=%21&se=1", "sig is no base64"),
            ("SharedAccessSignature sr=a&sig=YQ%3D%3D&se=soon", "se is no number of seconds"),
            ("SharedAccessSignature sr=a&sr=b&sig=YQ%3D%3D&se=1", "a field is there twice"),
        ] {
            assert_eq!(Token::parse(text), Err(SasError::Malformed(reason)), "{text}");
        }
    }
}
