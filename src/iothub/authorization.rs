//! The `Authorization` header: a shared access signature made anew for each request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::connection_string::{ConnectionString, Credential};
use super::encoding::encode;
use crate::base::{Secret, Timestamp};

/// How long a token is good for, in seconds.
const LIFE_SECS: i64 = 3600;

/// Returns the header's value for a request made at `now`.
pub(super) fn header(connection: &ConnectionString, now: Timestamp) -> Secret {
    let (resource, key, policy) = match &connection.credential {
        Credential::Signature(ready) => return ready.clone(),
        Credential::Policy { name, key } => (connection.host_name.clone(), key, Some(name)),
        Credential::Device { device_id, module_id: None, key } => {
            (format!("{}/devices/{}", connection.host_name, encode(device_id)), key, None)
        }
        Credential::Device { device_id, module_id: Some(module_id), key } => {
            (format!("{}/devices/{}/modules/{}", connection.host_name, encode(device_id), encode(module_id)), key, None)
        }
    };
    let resource = encode(&resource);
    let expiry = now.timestamp() + LIFE_SECS;
    let signature = encode(&sign(key, &format!("{resource}\n{expiry}")));
    let policy = policy.map(|name| format!("&skn={}", encode(name))).unwrap_or_default();
    Secret::new(format!("SharedAccessSignature sr={resource}&sig={signature}&se={expiry}{policy}"))
}

fn sign(key: &Secret, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
