//! Who vouches for an image: keys, signatures, verification. Signatures are cosign's (cosign `specs/SIGNATURE_SPEC.md`, tag-based
//! storage), so that podman, skopeo and cosign accept them; verification is our own and compares everything that a signature says.
//!
//! Works over any [`crate::registry::Store`]. It reads no environment and asks nobody for a passphrase.

mod carry;
pub mod error;
pub mod key;
mod key_file;
mod payload;
pub mod sign;
mod signatures;
mod subjects;
pub mod verify;

#[cfg(test)]
mod memory;
#[cfg(test)]
mod tests;

pub use carry::{Carried, carry};
pub use error::TrustError;
pub use key::{KeyError, PrivateKey, PublicKey};
pub use sign::{Retry, SignedImage, Signing, sign};
pub use verify::{IgnoredSignature, ImageCheck, KeyCheck, Outcome, Reason, Verification, verify};
