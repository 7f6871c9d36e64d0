//! Connection strings: `HostName=…;SharedAccessKeyName=…;SharedAccessKey=…`, for a service policy or for a device.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::base::{Diagnose, Exit, Secret};
use crate::identity::SigningKey;
use crate::model::Identity;

/// Keys that a connection string may carry.
const KEYS: [&str; 8] =
    ["HostName", "SharedAccessKeyName", "SharedAccessKey", "SharedAccessSignature", "DeviceId", "ModuleId", "GatewayHostName", "x509"];

/// Where a hub is and how to sign in.
#[derive(Clone, Debug)]
pub struct ConnectionString {
    pub(super) host_name: String,
    pub(super) credential: Credential,
}

/// What signs requests.
#[derive(Clone, Debug)]
pub(super) enum Credential {
    /// A service policy, such as `iothubowner`.
    Policy { name: String, key: SigningKey },
    /// A device or module; it may manage only itself and, for a device, its modules.
    Identity { identity: Identity, key: SigningKey },
    /// A token made elsewhere.
    Signature(Secret),
}

/// Text that is no connection string. It never shows the text, which may hold a key.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConnectionStringError {
    /// A part without `=`.
    #[error("the connection string has a part without `=` (part {0})")]
    NoPair(usize),
    /// A key that no connection string has.
    #[error("the connection string has the unknown key `{0}`")]
    UnknownKey(String),
    /// A key that comes twice.
    #[error("the connection string has the key `{0}` twice")]
    Twice(String),
    /// A needed key that is not there.
    #[error("the connection string lacks `{0}`")]
    Missing(&'static str),
    /// A key that is no base64.
    #[error("the SharedAccessKey of the connection string is no base64")]
    BadKey,
    /// A host name that cannot be one.
    #[error("the HostName of the connection string is no host name")]
    BadHost,
}

impl Diagnose for ConnectionStringError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "hub/bad-connection-string"
    }

    fn hints(&self) -> Vec<String> {
        vec![
            "Write HostName=HOST;SharedAccessKeyName=POLICY;SharedAccessKey=KEY, as the hub's page of shared access policies shows it."
                .to_owned(),
        ]
    }
}

impl ConnectionString {
    /// Returns the connection string of a service policy.
    pub fn policy(host_name: impl Into<String>, name: impl Into<String>, key: SigningKey) -> Self {
        Self { host_name: host_name.into(), credential: Credential::Policy { name: name.into(), key } }
    }

    /// Returns the connection string of a device, which may manage its own modules.
    pub fn device(host_name: impl Into<String>, device_id: impl Into<String>, key: SigningKey) -> Self {
        Self { host_name: host_name.into(), credential: Credential::Identity { identity: Identity::device(device_id), key } }
    }

    /// Returns the hub's host name, with a port when it is not 443.
    pub fn host_name(&self) -> &str {
        &self.host_name
    }

    /// Returns the text with its key in the clear, to be written into a private file.
    pub fn expose(&self) -> Zeroizing<String> {
        let host = &self.host_name;
        Zeroizing::new(match &self.credential {
            Credential::Policy { name, key } => format!("HostName={host};SharedAccessKeyName={name};SharedAccessKey={}", *key.to_base64()),
            Credential::Identity { identity, key } => {
                let module = identity.module_id.as_ref().map(|id| format!(";ModuleId={id}")).unwrap_or_default();
                format!("HostName={host};DeviceId={}{module};SharedAccessKey={}", identity.device_id, *key.to_base64())
            }
            Credential::Signature(token) => format!("HostName={host};SharedAccessSignature={}", String::from_utf8_lossy(token.expose())),
        })
    }
}

impl FromStr for ConnectionString {
    type Err = ConnectionStringError;

    fn from_str(text: &str) -> Result<Self, ConnectionStringError> {
        let mut values: [Option<&str>; KEYS.len()] = [None; KEYS.len()];
        for (place, part) in text.trim().split(';').filter(|part| !part.trim().is_empty()).enumerate() {
            let (key, value) = part.split_once('=').ok_or(ConnectionStringError::NoPair(place + 1))?;
            let key = key.trim();
            let slot = KEYS.iter().position(|known| known.eq_ignore_ascii_case(key));
            let slot = slot.ok_or_else(|| ConnectionStringError::UnknownKey(key.to_owned()))?;
            if values[slot].replace(value.trim()).is_some() {
                return Err(ConnectionStringError::Twice(KEYS[slot].to_owned()));
            }
        }
        let [host, policy, key, signature, device, module, _gateway, _x509] = values.map(|value| value.filter(|text| !text.is_empty()));
        let host_name = host.ok_or(ConnectionStringError::Missing("HostName"))?.to_owned();
        if host_name.contains(|c: char| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c)) {
            return Err(ConnectionStringError::BadHost);
        }
        if let Some(token) = signature {
            return Ok(Self { host_name, credential: Credential::Signature(Secret::new(token)) });
        }
        let key = key.ok_or(ConnectionStringError::Missing("SharedAccessKey"))?;
        let key = SigningKey::from_base64(key).map_err(|_| ConnectionStringError::BadKey)?;
        let credential = match (policy, device) {
            (Some(name), _) => Credential::Policy { name: name.to_owned(), key },
            (None, Some(id)) => {
                let identity = Identity { device_id: id.to_owned(), module_id: module.map(str::to_owned) };
                Credential::Identity { identity, key }
            }
            (None, None) => return Err(ConnectionStringError::Missing("SharedAccessKeyName")),
        };
        Ok(Self { host_name, credential })
    }
}

/// Prints the host alone.
impl fmt::Display for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in [
            "HostName=h.example:8443;SharedAccessKeyName=iothubowner;SharedAccessKey=c2VjcmV0LWtleQ==",
            "HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0",
            "HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=c2VjcmV0",
            "HostName=h;SharedAccessSignature=SharedAccessSignature sr=h&sig=x&se=1",
        ] {
            let read: ConnectionString = text.parse().expect(text);
            assert_eq!(*read.expose(), text);
            assert!(!format!("{read:?} {read}").contains("c2Vj"), "a key was printed");
        }
    }

    #[test]
    fn says_what_is_wrong_without_showing_keys() {
        let refused = |text: &str| text.parse::<ConnectionString>().expect_err(text).to_string();
        assert_eq!(refused("HostName=h;c2VjcmV0"), "the connection string has a part without `=` (part 2)");
        assert_eq!(refused("Host=h"), "the connection string has the unknown key `Host`");
        assert_eq!(refused(""), "the connection string lacks `HostName`");
        assert_eq!(refused("HostName=h"), "the connection string lacks `SharedAccessKey`");
        assert_eq!(refused("HostName=h;SharedAccessKey=QQ=="), "the connection string lacks `SharedAccessKeyName`");
        assert_eq!(
            refused("HostName=h;SharedAccessKeyName=p;SharedAccessKey=?"),
            "the SharedAccessKey of the connection string is no base64"
        );
        assert_eq!(refused("HostName=a;HostName=b"), "the connection string has the key `HostName` twice");
        assert_eq!(
            refused("HostName=https://h;SharedAccessKeyName=p;SharedAccessKey=QQ=="),
            "the HostName of the connection string is no host name"
        );
    }
}
