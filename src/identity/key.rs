//! Symmetric keys of devices, modules and service policies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::base::{Diagnose, Exit, Secret};

/// A key that cannot be used, or could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not base64, or empty.
    #[error("a symmetric key must be base64 and not empty")]
    Malformed,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a key")]
    NoRandomness,
}

impl Diagnose for KeyError {
    fn kind(&self) -> Exit {
        match self {
            Self::Malformed => Exit::BadInput,
            Self::NoRandomness => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        "identity/key"
    }
}

/// A symmetric key, signing by HMAC-SHA256.
#[derive(Clone, Debug)]
pub struct SigningKey(Secret);

impl SigningKey {
    /// Reads the base64 form of connection strings and of the hub's registry.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| KeyError::Malformed)?);
        if bytes.is_empty() { Err(KeyError::Malformed) } else { Ok(Self(Secret::new(bytes.as_slice()))) }
    }

    /// Makes a new key of 32 random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.secure_random.fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self(Secret::new(bytes.as_slice())))
    }

    /// Returns the base64 form, which is as secret as the key.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.expose()))
    }

    /// Returns the HMAC-SHA256 of `data`.
    pub fn sign(&self, data: &[u8]) -> Vec<u8> {
        self.mac(data).finalize().into_bytes().to_vec()
    }

    /// Tells whether `signature` is this key's over `data`, in constant time.
    pub fn verifies(&self, data: &[u8], signature: &[u8]) -> bool {
        self.mac(data).verify_slice(signature).is_ok()
    }

    fn mac(&self, data: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("HMAC takes a key of any length");
        mac.update(data);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_and_signs_alike() {
        let key = SigningKey::generate().expect("key");
        let again = SigningKey::from_base64(&key.to_base64()).expect("key");
        assert!(again.verifies(b"data", &key.sign(b"data")));
        assert!(!again.verifies(b"date", &key.sign(b"data")));
        assert_eq!(format!("{key:?}"), "SigningKey(***)");
    }

    #[test]
    fn hmac_is_the_published_one() {
        // RFC 4231, test case 2.
        let key = SigningKey::from_base64("SmVmZQ==").expect("key");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(key.sign(b"what do ya want for nothing?")), expected);
    }

    #[test]
    fn refuses_what_is_no_key() {
        for text in ["", "   ", "not base64!"] {
            assert!(SigningKey::from_base64(text).is_err(), "{text:?}");
        }
    }
}
