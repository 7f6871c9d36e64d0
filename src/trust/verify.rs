//! Verification by key. Every digest of an image gets one of three outcomes: verified, refused, or cannot tell; an outage is never
//! taken for a missing signature.

use std::fmt;

use serde::{Serialize, Serializer};

use super::signatures::{Layer, Signatures};
use super::subjects::{self, Subject};
use super::{PublicKey, TrustError, payload};
use crate::base::{Diagnose as _, Digest, Exit};
use crate::model::{Reference, Repository};
use crate::registry::{Store, StoreError};

/// The answer for one digest or for a whole image; the later one outranks the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Signed by every key.
    Verified,
    /// It cannot be told.
    Undecided,
    /// Not signed as it must be.
    Refused,
}

/// What was found for an image: `reference` (by digest), `outcome`, `images[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The image, by digest.
    pub reference: Reference,
    /// The gravest outcome of all digests.
    pub outcome: Outcome,
    /// The image itself, then the platforms of its index.
    pub images: Vec<ImageCheck>,
}

/// What was found for one digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageCheck {
    /// Digest of the manifest or index.
    pub digest: Digest,
    /// Platform that the index gives for it, `null` for the image itself.
    pub platform: Option<String>,
    /// The gravest outcome of all keys.
    pub outcome: Outcome,
    /// One entry for each key that must have signed.
    pub keys: Vec<KeyCheck>,
    /// Signatures that none of the keys could use.
    pub ignored: Vec<IgnoredSignature>,
}

/// Whether one key vouches for one digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyCheck {
    /// Name of the key.
    pub key: String,
    /// Digest of the key itself.
    pub fingerprint: Digest,
    /// The outcome.
    pub outcome: Outcome,
    /// Why it is not verified; `null` when it is.
    pub reason: Option<Reason>,
}

/// A signature that did not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoredSignature {
    /// Digest of its payload.
    pub payload: Digest,
    /// Why it did not count.
    pub reason: Reason,
}

/// Why a digest is not verified; serialises as `code` and `message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No signature at all.
    Unsigned {
        /// The digest without a signature, and its repository.
        image: Reference,
    },
    /// The index is signed, a platform of it is not.
    PlatformUnsigned {
        /// The platform.
        platform: String,
        /// Its manifest.
        digest: Digest,
    },
    /// Signed, but not by this key.
    WrongKey {
        /// Number of signatures.
        signatures: usize,
        /// The digest.
        digest: Digest,
        /// Name of the key.
        key: String,
    },
    /// A good signature of the same image in another repository.
    WrongRepository {
        /// What the signature names.
        named: String,
    },
    /// A good signature of another image.
    WrongDigest {
        /// What the signature names.
        named: String,
    },
    /// A good signature of something that is no image.
    WrongType {
        /// What the signature names.
        named: String,
    },
    /// A payload or signature manifest that cannot be understood.
    Malformed {
        /// What is wrong.
        what: String,
    },
    /// Content that is not what its digest says.
    Tampered {
        /// What was found.
        what: String,
    },
    /// The store did not say.
    Unreadable {
        /// The digest.
        digest: Digest,
        /// What the store answered.
        what: String,
        /// Exit code of that failure.
        exit: Exit,
    },
}

impl Reason {
    /// Returns the stable kebab-case name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => "unsigned",
            Self::PlatformUnsigned { .. } => "platform-unsigned",
            Self::WrongKey { .. } => "wrong-key",
            Self::WrongRepository { .. } => "wrong-repository",
            Self::WrongDigest { .. } => "wrong-digest",
            Self::WrongType { .. } => "wrong-type",
            Self::Malformed { .. } => "malformed",
            Self::Tampered { .. } => "tampered",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// Returns what to do next, a full sentence.
    fn hint(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => "Sign it with `edgectl image sign --key FILE`.",
            Self::PlatformUnsigned { .. } => "Engines check the platform that they pull; sign the image again with `edgectl image sign`.",
            Self::WrongKey { .. } => "Is this the key of the right team?",
            Self::WrongRepository { .. } => "An image that moved to another repository is signed again: `edgectl image push --key FILE`.",
            Self::WrongDigest { .. } | Self::WrongType { .. } | Self::Malformed { .. } | Self::Tampered { .. } => {
                "Do not run this image; find out who wrote it."
            }
            Self::Unreadable { .. } => "This is not the same as unsigned; try again.",
        }
    }

    /// Tells "no" from "cannot tell" for a failure of the store.
    fn of_store(error: &StoreError, digest: Digest) -> Self {
        match error {
            StoreError::Tampered { .. } => Self::Tampered { what: error.to_string() },
            StoreError::Malformed { .. } => Self::Malformed { what: error.to_string() },
            _ => Self::Unreadable { digest, what: with_causes(error), exit: error.kind() },
        }
    }

    fn outcome(&self) -> Outcome {
        if matches!(self, Self::Unreadable { .. }) { Outcome::Undecided } else { Outcome::Refused }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned { image } => match image.digest {
                Some(digest) => write!(f, "no signature for {digest} in {}", image.repository),
                None => write!(f, "no signature for {image}"),
            },
            Self::PlatformUnsigned { platform, digest } => write!(f, "the index is signed but {platform} ({digest}) is not"),
            Self::WrongKey { signatures: 1, digest, key } => write!(f, "1 signature on {digest}, not by {key}"),
            Self::WrongKey { signatures, digest, key } => write!(f, "{signatures} signatures on {digest}, none by {key}"),
            Self::WrongRepository { named } => write!(f, "the signature is valid, but names {named}"),
            Self::WrongDigest { named } => write!(f, "the signature is valid, but for another image, {named}"),
            Self::WrongType { named } => write!(f, "the signature is valid, but of a `{named}`"),
            Self::Malformed { what } => write!(f, "the signature cannot be understood: {what}"),
            Self::Tampered { what } => write!(f, "tampered: {what}"),
            Self::Unreadable { digest, what, .. } => write!(f, "could not read the signatures of {digest}: {what}"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut object = serializer.serialize_struct("Reason", 2)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("message", &self.to_string())?;
        object.end()
    }
}

impl Verification {
    fn of(reference: Reference, images: Vec<ImageCheck>) -> Self {
        let outcome = images.iter().map(|image| image.outcome).max().unwrap_or(Outcome::Refused);
        Self { reference, outcome, images }
    }

    /// Returns the exit code that this answer stands for.
    pub fn exit(&self) -> Exit {
        match self.outcome {
            Outcome::Verified => Exit::Success,
            Outcome::Refused => Exit::Refused,
            Outcome::Undecided => {
                let exits = self.deciding().filter_map(|reason| match reason {
                    Reason::Unreadable { exit, .. } => Some(*exit),
                    _ => None,
                });
                exits.min_by_key(|exit| (*exit != Exit::Unauthorized, exit.code())).unwrap_or(Exit::Failure)
            }
        }
    }

    /// Returns the reasons of the gravest outcome, in order.
    fn deciding(&self) -> impl Iterator<Item = &Reason> {
        let keys = self.images.iter().flat_map(|image| &image.keys);
        keys.filter_map(|key| key.reason.as_ref()).filter(|reason| reason.outcome() == self.outcome)
    }

    /// Returns the first deciding reason, and how many more there are.
    pub(super) fn summary(&self) -> String {
        let mut reasons = self.deciding();
        let first = reasons.next().map(ToString::to_string).unwrap_or_default();
        match reasons.count() {
            0 => first,
            1 => format!("{first} (and 1 more reason)"),
            more => format!("{first} (and {more} more reasons)"),
        }
    }

    /// Returns the hint of the first deciding reason.
    pub(super) fn hints(&self) -> Vec<String> {
        self.deciding().next().map(|reason| reason.hint().to_owned()).into_iter().collect()
    }
}

/// Checks that every one of the keys signed the image and, for an index, every manifest that it lists.
///
/// A refusal is an `Ok` with that outcome, each digest with its own; [`Verification::require`] turns it into an error.
///
/// # Errors
/// When there is no key, no such image, or the image's own manifest cannot be read.
pub async fn verify(store: &dyn Store, reference: &Reference, keys: &[PublicKey]) -> Result<Verification, TrustError> {
    if keys.is_empty() {
        return Err(TrustError::NoKeys { reference: reference.clone() });
    }
    let subjects = subjects::of(store, reference).await?;
    let repository = &reference.repository;
    let top = repository.at(subjects.first().expect("the image itself comes first").digest);
    let mut images = Vec::with_capacity(subjects.len());
    for subject in &subjects {
        images.push(check(store, repository, subject, keys).await);
    }
    name_unsigned_platforms(&mut images);
    Ok(Verification::of(top, images))
}

/// One signature with what can be said about it before any key is asked.
struct Candidate {
    layer: Layer,
    payload: Result<bytes::Bytes, Reason>,
    claims: Result<(), Reason>,
}

async fn check(store: &dyn Store, repository: &Repository, subject: &Subject, keys: &[PublicKey]) -> ImageCheck {
    let candidates = match &subject.fault {
        Some(fault) => Err(Reason::of_store(fault, subject.digest)),
        None => candidates(store, repository, subject).await,
    };
    let checks = keys.iter().map(|key| {
        let verdict = match &candidates {
            Ok(candidates) => judge(key, candidates, repository, subject.digest),
            Err(reason) => Err(reason.clone()),
        };
        let outcome = verdict.as_ref().err().map_or(Outcome::Verified, Reason::outcome);
        KeyCheck { key: key.name().to_owned(), fingerprint: key.fingerprint(), outcome, reason: verdict.err() }
    });
    let checks: Vec<_> = checks.collect();
    ImageCheck {
        digest: subject.digest,
        platform: subject.platform.clone(),
        outcome: checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Refused),
        keys: checks,
        ignored: candidates.map_or_else(|_| Vec::new(), |candidates| ignored(&candidates, keys, subject.digest)),
    }
}

async fn candidates(store: &dyn Store, repository: &Repository, subject: &Subject) -> Result<Vec<Candidate>, Reason> {
    let unreadable = |error: StoreError| Reason::of_store(&error, subject.digest);
    let Some(signatures) = Signatures::fetch(store, repository, subject).await.map_err(unreadable)? else { return Ok(Vec::new()) };
    let mut candidates = Vec::new();
    for layer in signatures.layers() {
        let payload = match fetch(store, repository, &layer).await {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(Reason::Malformed { what: format!("its payload {} is not there", layer.payload) }),
            Err(error) => Err(unreadable(error)),
        };
        let claims = payload.as_ref().map_err(Clone::clone).and_then(|bytes| payload::check(bytes, repository, subject.digest));
        candidates.push(Candidate { layer, payload, claims });
    }
    Ok(candidates)
}

/// Fetches a payload, unless the manifest gives it a size that no payload has.
async fn fetch(store: &dyn Store, repository: &Repository, layer: &Layer) -> Result<Option<bytes::Bytes>, StoreError> {
    if layer.is_fetchable() {
        return store.blob(repository, layer.payload).await;
    }
    let reason = format!("a payload must have a size of at most {} bytes", Layer::PAYLOAD_LIMIT);
    Err(StoreError::Malformed { subject: repository.at(layer.payload).to_string(), reason })
}

/// Decides for one key: one good signature is enough, else the most telling reason.
fn judge(key: &PublicKey, candidates: &[Candidate], repository: &Repository, digest: Digest) -> Result<(), Reason> {
    let mut telling = None;
    let mut unreadable = None;
    for candidate in candidates {
        match (&candidate.payload, &candidate.claims) {
            (Ok(payload), claims) if key.accepts(&candidate.layer.signature, payload) => match claims {
                Ok(()) => return Ok(()),
                Err(reason) => telling = Some(reason.clone()),
            },
            (Err(reason), _) if reason.outcome() == Outcome::Undecided => unreadable = Some(reason.clone()),
            (Err(reason), _) if telling.is_none() => telling = Some(reason.clone()),
            _ => {}
        }
    }
    if candidates.is_empty() {
        return Err(Reason::Unsigned { image: repository.at(digest) });
    }
    let wrong_key = || Reason::WrongKey { signatures: candidates.len(), digest, key: key.name().to_owned() };
    Err(unreadable.or(telling).unwrap_or_else(wrong_key))
}

fn ignored(candidates: &[Candidate], keys: &[PublicKey], digest: Digest) -> Vec<IgnoredSignature> {
    let names = || keys.iter().map(PublicKey::name).collect::<Vec<_>>().join(", ");
    let reason = |candidate: &Candidate| match (&candidate.payload, &candidate.claims) {
        (Err(reason), _) => Some(reason.clone()),
        (Ok(payload), claims) if keys.iter().any(|key| key.accepts(&candidate.layer.signature, payload)) => claims.clone().err(),
        _ => Some(Reason::WrongKey { signatures: 1, digest, key: names() }),
    };
    let ignored = candidates.iter().filter_map(|candidate| {
        let reason = reason(candidate)?;
        Some(IgnoredSignature { payload: candidate.layer.payload, reason })
    });
    ignored.collect()
}

/// Says it plainly when the index alone is signed: some verifiers accept that, engines do not.
fn name_unsigned_platforms(images: &mut [ImageCheck]) {
    let Some((index, platforms)) = images.split_first_mut() else { return };
    for image in platforms {
        let Some(platform) = &image.platform else { continue };
        for (own, above) in image.keys.iter_mut().zip(&index.keys) {
            if above.outcome == Outcome::Verified && matches!(own.reason, Some(Reason::Unsigned { .. })) {
                own.reason = Some(Reason::PlatformUnsigned { platform: platform.clone(), digest: image.digest });
            }
        }
    }
}

/// Tells whether a signature of this key over this digest is among those stored.
pub(super) async fn vouches(
    store: &dyn Store,
    repository: &Repository,
    subject: &Subject,
    signatures: &Signatures,
    key: &PublicKey,
) -> Result<bool, StoreError> {
    for layer in signatures.layers() {
        if !layer.is_fetchable() {
            continue;
        }
        let Some(payload) = store.blob(repository, layer.payload).await? else { continue };
        if key.accepts(&layer.signature, &payload) && payload::check(&payload, repository, subject.digest).is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn with_causes(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
