//! The text form of keys: PEM (RFC 7468), and the JSON inside cosign's encrypted private keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Label that private keys are written with.
pub(super) const PRIVATE: &str = "ENCRYPTED SIGSTORE PRIVATE KEY";
/// Label that older cosign versions wrote; the body is the same.
pub(super) const PRIVATE_OLD: &str = "ENCRYPTED COSIGN PRIVATE KEY";
/// Label of public keys.
pub(super) const PUBLIC: &str = "PUBLIC KEY";

/// The first PEM block of a text.
#[derive(Debug)]
pub(super) struct Block {
    /// What stands between the dashes of the first line, without `BEGIN`.
    pub label: String,
    /// The decoded body.
    pub body: Vec<u8>,
}

/// Returns the first PEM block, or `None` when there is none or its body is no base64.
pub(super) fn parse(text: &str) -> Option<Block> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let digits: String = body.split_ascii_whitespace().collect();
    Some(Block { label: label.to_owned(), body: STANDARD.decode(digits).ok()? })
}

/// The encrypted private key as cosign lays it out; ciphertext, salt and nonce are base64.
#[derive(Deserialize)]
struct Sealed {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Kdf {
    name: String,
    params: KdfParams,
    salt: String,
}

#[derive(Deserialize)]
struct KdfParams {
    #[serde(rename = "N")]
    n: u32,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// What the body of an encrypted private key turned out to be, before any passphrase is tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// A cosign key; if it does not open, the passphrase is wrong.
    Cosign,
    /// A cosign key sealed in a way that this tool does not open; says which.
    Unsupported(String),
    /// No cosign key.
    Foreign,
}

/// Tells what the body of a private key block is.
pub(super) fn classify(body: &[u8]) -> Body {
    let Ok(sealed) = serde_json::from_slice::<Sealed>(body) else { return Body::Foreign };
    let KdfParams { n, r, p } = sealed.kdf.params;
    if sealed.kdf.name != "scrypt" {
        return Body::Unsupported(format!("key derivation `{}`", sealed.kdf.name));
    }
    if !(matches!(n, 32_768 | 65_536) && r == 8 && p == 1) {
        return Body::Unsupported(format!("scrypt with N={n}, r={r}, p={p}"));
    }
    if sealed.cipher.name != "nacl/secretbox" {
        return Body::Unsupported(format!("cipher `{}`", sealed.cipher.name));
    }
    let well_formed =
        |text: &str, length: Option<usize>| STANDARD.decode(text).is_ok_and(|bytes| length.is_none_or(|length| bytes.len() == length));
    let whole = well_formed(&sealed.kdf.salt, None) && well_formed(&sealed.cipher.nonce, Some(24)) && well_formed(&sealed.ciphertext, None);
    if whole { Body::Cosign } else { Body::Foreign }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(kdf: &str, n: u32, cipher: &str, nonce: usize) -> String {
        let nonce = STANDARD.encode(vec![0; nonce]);
        format!(
            r#"{{"kdf":{{"name":"{kdf}","params":{{"N":{n},"r":8,"p":1}},"salt":"AAAA"}},"cipher":{{"name":"{cipher}","nonce":"{nonce}"}},"ciphertext":"AAAA"}}"#
        )
    }

    #[test]
    fn a_block_is_found_among_other_text() {
        let block = parse("made by hand\n-----BEGIN PUBLIC KEY-----\nAQID\nBA==\n-----END PUBLIC KEY-----\n").expect("a block");
        assert_eq!((block.label.as_str(), block.body.as_slice()), (PUBLIC, [1, 2, 3, 4].as_slice()));
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in ["", "-----BEGIN X-----", "-----BEGIN X-----\nAQ==\n-----END Y-----", "-----BEGIN X-----\n!\n-----END X-----"] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn bodies_are_told_apart() {
        assert_eq!(classify(sealed("scrypt", 32_768, "nacl/secretbox", 24).as_bytes()), Body::Cosign);
        assert_eq!(classify(sealed("scrypt", 65_536, "nacl/secretbox", 24).as_bytes()), Body::Cosign);
        assert_eq!(classify(sealed("scrypt", 32_768, "nacl/secretbox", 12).as_bytes()), Body::Foreign);
        assert_eq!(classify(b"{}"), Body::Foreign);
        assert_eq!(classify(&[0x30, 0x82]), Body::Foreign);
        for (body, what) in [
            (sealed("argon2", 32_768, "nacl/secretbox", 24), "key derivation `argon2`"),
            (sealed("scrypt", 1 << 30, "nacl/secretbox", 24), "scrypt with N=1073741824, r=8, p=1"),
            (sealed("scrypt", 32_768, "aes", 24), "cipher `aes`"),
        ] {
            assert_eq!(classify(body.as_bytes()), Body::Unsupported(what.to_owned()));
        }
    }
}
