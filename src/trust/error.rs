//! Why an image could not be signed or is not trusted.

use super::key::KeyError;
use super::verify::{Outcome, Verification};
use crate::base::{Diagnose, Exit};
use crate::model::Reference;
use crate::registry::StoreError;

/// Signing or verifying that did not end well. "Refused" and "cannot tell" are never the same variant.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// No key was given, so nothing could be asked of the image.
    #[error("no key was given for {reference}")]
    NoKeys {
        /// The image.
        reference: Reference,
    },
    /// The store holds no such image.
    #[error("there is no image {reference}")]
    NotFound {
        /// The image.
        reference: Reference,
    },
    /// A manifest, index or signature manifest that breaks its specification.
    #[error("{subject} is malformed: {reason}")]
    Malformed {
        /// Reference of the document.
        subject: String,
        /// What is wrong.
        reason: String,
    },
    /// The image was checked and the answer is no.
    #[error("{} is refused: {}", .0.reference.repository, .0.summary())]
    Refused(Box<Verification>),
    /// The image could not be checked.
    #[error("cannot tell whether {} is signed: {}", .0.reference.repository, .0.summary())]
    Undecided(Box<Verification>),
    /// Other writers replaced the signatures each time they were written.
    #[error("another signer kept overwriting {tag} after {attempts} tries")]
    LostRace {
        /// The tag that holds the signatures.
        tag: Reference,
        /// How often it was written.
        attempts: u32,
    },
    /// A key that did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Verification {
    /// Returns the verification when the image is trusted, else the error that says why not.
    pub fn require(self) -> Result<Self, TrustError> {
        match self.outcome {
            Outcome::Verified => Ok(self),
            Outcome::Refused => Err(TrustError::Refused(Box::new(self))),
            Outcome::Undecided => Err(TrustError::Undecided(Box::new(self))),
        }
    }
}

impl Diagnose for TrustError {
    fn kind(&self) -> Exit {
        match self {
            Self::NoKeys { .. } | Self::NotFound { .. } => Exit::BadInput,
            Self::Malformed { .. } | Self::Refused(_) => Exit::Refused,
            Self::Undecided(verification) => verification.exit(),
            Self::LostRace { .. } => Exit::Conflict,
            Self::Key(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoKeys { .. } => "trust/no-keys",
            Self::NotFound { .. } => "image/not-found",
            Self::Malformed { .. } => "trust/malformed",
            Self::Refused(_) => "trust/refused",
            Self::Undecided(_) => "trust/undecided",
            Self::LostRace { .. } => "trust/lost-race",
            Self::Key(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoKeys { .. } => vec!["Name at least one public key.".to_owned()],
            Self::NotFound { .. } => vec!["Build it with `edgectl image build`, or check registry, repository and tag.".to_owned()],
            Self::Refused(verification) | Self::Undecided(verification) => verification.hints(),
            Self::LostRace { .. } => vec!["Run it again, and check that the other signature is there too.".to_owned()],
            Self::Malformed { .. } => Vec::new(),
            Self::Key(error) => error.hints(),
            Self::Store(error) => error.hints(),
        }
    }
}
