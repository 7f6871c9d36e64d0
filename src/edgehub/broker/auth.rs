//! Who is let in. Every refusal names its exact reason; it is final only when the credential is really wrong, since SDKs give up then.

use std::sync::Arc;

use tracing::info;

use super::clients::Admission;
use super::core::Core;
use super::scope::Asked;
use crate::base::Timestamp;
use crate::base::clock::rfc3339_seconds;
use crate::edgehub::{Connect, Credential, KnownIdentity, Refusal, SignIn};
use crate::identity::x509::verify_client_chain;
use crate::identity::{Certificate, SasError, Token};
use crate::model::Identity;

/// What a client is judged by.
pub(super) struct Grounds<'a> {
    /// The identity, when the device knows it.
    pub(super) known: Option<&'a KnownIdentity>,
    /// The device of a module.
    pub(super) device: Option<&'a KnownIdentity>,
    /// Names that tokens may be made out for.
    pub(super) hosts: &'a [&'a str],
    /// Roots of certificates, as PEM.
    pub(super) trust_bundle: &'a str,
    pub(super) now: Timestamp,
}

/// Why a client is not let in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) reason: String,
    pub(super) permanent: bool,
    /// Whether the hub may know better.
    pub(super) doubtful: bool,
}

impl Verdict {
    /// The credential is wrong whatever the hub says.
    fn wrong(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), permanent: true, doubtful: false }
    }

    /// The credential is wrong unless the registry was changed since it was read.
    fn doubtful(reason: impl Into<String>) -> Self {
        Self { doubtful: true, ..Self::wrong(reason) }
    }

    fn later(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), permanent: false, doubtful: false }
    }
}

/// Judges a CONNECT and returns how the client signed in.
pub(super) fn judge(connect: &Connect, grounds: &Grounds<'_>) -> Result<&'static str, Verdict> {
    if let Some(chain) = connect.auth_chain.as_deref().filter(|chain| !chain.trim().is_empty()) {
        let reason = format!("nested edge: the connection comes through other edge devices (auth-chain `{chain}`), which is not supported");
        return Err(Verdict::later(reason));
    }
    let known = grounds.known.ok_or_else(|| Verdict::doubtful("not in the scope of this device: the hub has not assigned it here"))?;
    if let Some(one) = [Some(known), grounds.device].into_iter().flatten().find(|one| !one.enabled) {
        return Err(Verdict::doubtful(format!("`{}` is disabled in the hub", one.identity)));
    }
    match &connect.credential {
        Credential::SasToken(text) => by_token(text, connect, known, grounds).map(|()| "sas"),
        Credential::Certificate(chain) => by_certificate(chain, known, grounds),
        Credential::Nothing => Err(Verdict::wrong("neither a token nor a client certificate was shown")),
    }
}

fn by_token(text: &str, connect: &Connect, known: &KnownIdentity, grounds: &Grounds<'_>) -> Result<(), Verdict> {
    let keys: Vec<_> = known.keys().chain(grounds.device.into_iter().flat_map(KnownIdentity::keys)).collect();
    if keys.is_empty() {
        return Err(Verdict::doubtful("a token was shown, and the hub has no key for this identity: it signs in by certificate"));
    }
    let token = Token::parse(text).map_err(|error| Verdict::wrong(format!("malformed token: {error}")))?;
    token.verify(grounds.hosts, Some(&connect.identity), &keys, grounds.now).map_err(|error| match error {
        SasError::Expired { expiry } => {
            let at = chrono::DateTime::from_timestamp(expiry, 0).map_or_else(|| format!("{expiry} (Unix seconds)"), rfc3339_seconds);
            Verdict::wrong(format!("token expired at {at}; it is {} here", rfc3339_seconds(grounds.now)))
        }
        SasError::WrongAudience { found, expected } => {
            Verdict::wrong(format!("wrong audience: the token is for `{found}`, not for `{expected}`"))
        }
        SasError::WrongSignature => Verdict::doubtful("bad key: no key of this identity made the signature of the token"),
        SasError::Malformed(what) => Verdict::wrong(format!("malformed token: {what}")),
    })
}

fn by_certificate(chain: &[Vec<u8>], known: &KnownIdentity, grounds: &Grounds<'_>) -> Result<&'static str, Verdict> {
    if known.identity.module_id.is_some() {
        return Err(Verdict::wrong("modules do not sign in by X.509 certificate; show a token"));
    }
    let leaf = chain.first().ok_or_else(|| Verdict::wrong("neither a token nor a client certificate was shown"))?;
    let leaf = Certificate::of_der(leaf).map_err(|error| Verdict::wrong(error.to_string()))?;
    let in_life = || {
        let (from, to) = (rfc3339_seconds(leaf.not_before), rfc3339_seconds(leaf.not_after));
        match grounds.now {
            now if now > leaf.not_after => Err(Verdict::wrong(format!("certificate expired at {to}"))),
            now if now < leaf.not_before => Err(Verdict::wrong(format!("certificate is not valid before {from}"))),
            _ => Ok(()),
        }
    };
    match &known.sign_in {
        SignIn::Thumbprints(all) => {
            if !all.iter().any(|known| *known == leaf.sha1 || *known == leaf.sha256) {
                return Err(Verdict::doubtful(format!(
                    "thumbprint unknown: the certificate has {} (SHA-1), which the hub does not know",
                    leaf.sha1
                )));
            }
            in_life()?;
            Ok("x509-thumbprint")
        }
        SignIn::Authority => {
            in_life()?;
            if leaf.common_name != known.identity.device_id {
                let reason = format!("the certificate is for `{}`, not for `{}`", leaf.common_name, known.identity);
                return Err(Verdict::wrong(reason));
            }
            verify_client_chain(chain, grounds.trust_bundle, grounds.now).map_err(|error| Verdict::wrong(error.to_string()))?;
            Ok("x509-ca")
        }
        SignIn::Keys { .. } => {
            Err(Verdict::doubtful("a certificate was shown, and the hub has this identity sign in with keys: show a token"))
        }
        SignIn::Nothing => Err(Verdict::doubtful("the hub has no credential for this identity")),
    }
}

impl Core {
    /// Judges a CONNECT by what the device knows, and once more by what the hub knows when that may differ.
    pub(super) async fn authenticate(&self, connect: &Connect) -> Result<(), Refusal> {
        if self.configuration.borrow().is_none() {
            return Err(Refusal { reason: "the broker has no configuration yet".to_owned(), permanent: false });
        }
        let admission = match self.judge(connect) {
            Err(verdict) if verdict.doubtful => match self.ask(&connect.identity).await {
                Asked::Answered => self.judge(connect),
                Asked::Failed(reason) if self.options.identities.get(&connect.identity).is_none() => {
                    Err(Verdict::later(format!("not known to this device, and the hub cannot be asked: {reason}")))
                }
                Asked::Failed(_) => Err(verdict),
            },
            judged => judged,
        };
        let admission = admission.map_err(|Verdict { reason, permanent, .. }| Refusal { reason, permanent })?;
        let limit = self.options.max_clients;
        if self.sessions.count() >= limit && !self.sessions.is_connected(&connect.identity) {
            return Err(Refusal {
                reason: format!("too many clients: {limit} are connected, the most that there may be"),
                permanent: false,
            });
        }
        self.clients.admitted(&connect.identity, admission);
        Ok(())
    }

    fn judge(&self, connect: &Connect) -> Result<Admission, Verdict> {
        let options = &self.options;
        let known = options.identities.get(&connect.identity);
        let module = connect.identity.module_id.as_ref();
        let device = module.and_then(|_| options.identities.get(&Identity::device(&connect.identity.device_id)));
        let hosts: Vec<&str> = std::iter::once(&options.hub).chain(&options.gateway_names).map(String::as_str).collect();
        let grounds = Grounds {
            known: known.as_ref(),
            device: device.as_ref(),
            hosts: &hosts,
            trust_bundle: &options.trust_bundle,
            now: options.clock.now(),
        };
        let authentication = judge(connect, &grounds)?;
        let known = known.ok_or_else(|| Verdict::later("the identity was removed just now"))?;
        Ok(Admission { peer: connect.peer, authentication, known })
    }

    /// Sends a client away whose identity is no longer what it was let in by.
    pub(super) fn recheck(&self, identity: &Identity) {
        let Some(admission) = self.clients.admission(identity) else { return };
        let device = identity.module_id.as_ref().and_then(|_| self.options.identities.get(&Identity::device(&identity.device_id)));
        let reason = match self.options.identities.get(identity) {
            None => "the identity was removed from the scope of this device",
            Some(now) if !now.enabled => "the identity was disabled",
            Some(_) if device.is_some_and(|device| !device.enabled) => "its device was disabled",
            Some(now) if !now.is_same(&admission.known) => "the identity was changed in the hub",
            Some(_) => return,
        };
        info!(%identity, reason, "a client is sent away");
        self.links.close(identity);
        self.sessions.close(identity, reason);
    }
}

/// Looks at all clients whenever the list of identities changes.
pub(super) async fn watch(core: Arc<Core>) {
    let mut list = core.options.identities.changes();
    loop {
        tokio::select! {
            () = core.cancel.cancelled() => return,
            changed = list.changed() => if changed.is_err() { return },
        }
        for identity in core.sessions.connected_now() {
            core.recheck(&identity);
        }
    }
}

#[cfg(test)]
mod tests;
