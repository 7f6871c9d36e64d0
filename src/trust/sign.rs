//! Signing: a signature of every key on the image and on each manifest of its index, appended to what others signed, read back.
//!
//! A registry has no conditional write, so a writer that read before our push and writes after our read-back can still undo it; keys
//! that sign together in one call cannot undo each other.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::signatures::{self, Signatures};
use super::subjects::{self, Subject};
use super::verify::vouches;
use super::{PrivateKey, TrustError, payload};
use crate::base::Digest;
use crate::model::{Reference, Repository};
use crate::registry::Store;

/// How often a write that others undid is repeated, and how long to wait before.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Number of writes before giving up.
    pub attempts: u32,
    /// Upper bound of the first random wait; it doubles from wait to wait.
    pub pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 6, pause: Duration::from_millis(200) }
    }
}

/// An image that was signed: `reference` (by digest) and `images[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signing {
    /// The image, by digest.
    pub reference: Reference,
    /// The image itself, then the platforms of its index.
    pub images: Vec<SignedImage>,
}

/// One digest that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedImage {
    /// Digest of the manifest or index.
    pub digest: Digest,
    /// Platform that the index gives for it, `null` for the image itself.
    pub platform: Option<String>,
    /// Tag that holds its signatures.
    pub tag: String,
    /// Names of the keys whose signature was added now; a key that had signed already is not among them.
    pub added: Vec<String>,
    /// Number of signatures there are now, those of others included.
    pub signatures: usize,
}

/// Signs an image with every key. What a key signed before is left as it is.
///
/// Platforms are signed before their index, so that a signed index never stands above unsigned platforms for long.
///
/// # Errors
/// When there is no key or no such image, when the store cannot be read or written, or when other writers undid each attempt.
pub async fn sign(store: &dyn Store, reference: &Reference, keys: &[PrivateKey], retry: Retry) -> Result<Signing, TrustError> {
    if keys.is_empty() {
        return Err(TrustError::NoKeys { reference: reference.clone() });
    }
    let repository = &reference.repository;
    let mut subjects = subjects::of(store, reference).await?;
    for subject in &mut subjects {
        if let Some(fault) = subject.fault.take() {
            return Err(fault.into());
        }
        if !subject.present {
            return Err(TrustError::NotFound { reference: repository.at(subject.digest) });
        }
    }
    let mut images = Vec::with_capacity(subjects.len());
    for subject in subjects.iter().rev() {
        images.push(sign_one(store, repository, subject, keys, retry).await?);
    }
    images.reverse();
    let top = subjects.first().expect("the image itself comes first").digest;
    Ok(Signing { reference: repository.at(top), images })
}

async fn sign_one(
    store: &dyn Store,
    repository: &Repository,
    subject: &Subject,
    keys: &[PrivateKey],
    retry: Retry,
) -> Result<SignedImage, TrustError> {
    let payload = payload::write(repository, subject.digest);
    let mut made: Vec<Option<String>> = vec![None; keys.len()];
    let mut written = 0;
    loop {
        // The first look finds what to add; every later one is the read-back of the write before it.
        let mut stored = Signatures::fetch(store, repository, subject).await?.unwrap_or_else(Signatures::none);
        let mut missing = Vec::new();
        for (place, key) in keys.iter().enumerate() {
            if !vouches(store, repository, subject, &stored, key.public()).await? {
                missing.push(place);
            }
        }
        if missing.is_empty() {
            let added = keys.iter().zip(&made).filter(|(_, signature)| signature.is_some());
            return Ok(SignedImage {
                digest: subject.digest,
                platform: subject.platform.clone(),
                tag: signatures::tag(subject.digest),
                added: added.map(|(key, _)| key.public().name().to_owned()).collect(),
                signatures: stored.layers().len(),
            });
        }
        if written == retry.attempts {
            return Err(TrustError::LostRace { tag: signatures::reference(repository, subject.digest), attempts: written });
        }
        if written > 0 {
            tokio::time::sleep(jitter(retry.pause, written)).await;
            stored = Signatures::fetch(store, repository, subject).await?.unwrap_or_else(Signatures::none);
        }
        store.push_blob(repository, Bytes::from(payload.clone())).await?;
        for place in missing {
            let signature = match made[place].take() {
                Some(signature) => signature,
                None => keys[place].sign(&payload)?,
            };
            stored.append(&payload, &signature);
            made[place] = Some(signature);
        }
        stored.push(store, repository, subject).await?;
        written += 1;
    }
}

/// Returns a random wait below the bound, so that two signers do not meet again.
fn jitter(pause: Duration, round: u32) -> Duration {
    let bound = pause.saturating_mul(1 << (round - 1).min(6));
    let random = uuid::Uuid::new_v4().as_u64_pair().1;
    bound.mul_f64(f64::from(u32::try_from(random & 0xffff).unwrap_or_default()) / f64::from(0xffff_u32))
}
