//! The trait that both kinds of store implement, and its errors (OCI distribution-spec v1.1, Pull and Push).

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::base::{Diagnose, Digest, Exit};
use crate::model::{Reference, Repository};

/// A manifest or index as it is stored: its exact bytes, which its digest covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Digest of `bytes`.
    pub digest: Digest,
    /// Media type as the store names it.
    pub media_type: String,
    /// The exact bytes.
    pub bytes: Bytes,
}

/// Holds images by digest. "Not there" is `None`; an error always means that it cannot be told.
pub trait Store: Send + Sync {
    /// Returns the manifest or index that a reference names (the digest decides when it has both), checked against its digest.
    fn manifest<'a>(&'a self, reference: &'a Reference) -> BoxFuture<'a, Result<Option<Manifest>, StoreError>>;

    /// Returns a blob, checked against its digest.
    fn blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<Option<Bytes>, StoreError>>;

    /// Tells whether a blob is there, without fetching it.
    fn has_blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Stores a blob and returns its digest; one that is there already is not sent again.
    fn push_blob<'a>(&'a self, repository: &'a Repository, bytes: Bytes) -> BoxFuture<'a, Result<Digest, StoreError>>;

    /// Stores a manifest or index, by digest and, when given, under a tag. Its blobs and children must be there already.
    fn push_manifest<'a>(
        &'a self,
        repository: &'a Repository,
        media_type: &'a str,
        bytes: Bytes,
        tag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Digest, StoreError>>;

    /// Returns the tags of a repository, sorted; a repository that is not there has none.
    fn tags<'a>(&'a self, repository: &'a Repository) -> BoxFuture<'a, Result<Vec<String>, StoreError>>;
}

/// A store that could not do what was asked, or content that is not what its digest says.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The registry wants other or any credentials (401, 403).
    #[error("{registry} refused access to {subject}")]
    Unauthorized {
        /// Host of the registry.
        registry: String,
        /// Reference, blob or tag that was asked for.
        subject: String,
        /// What it answered.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The registry did not answer, or answered 429 or 5xx.
    #[error("{registry} did not answer for {subject}")]
    Unavailable {
        /// Host of the registry.
        registry: String,
        /// Reference, blob or tag that was asked for.
        subject: String,
        /// What happened.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Bytes that do not have the digest they were asked by.
    #[error("{subject} is not what its digest says: its bytes have {actual}")]
    Tampered {
        /// Reference or blob.
        subject: String,
        /// Digest of the bytes that came.
        actual: Digest,
    },
    /// An answer or a stored file that breaks the specification.
    #[error("{subject} breaks the specification: {reason}")]
    Malformed {
        /// Reference, blob or file.
        subject: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of the embedded store that could not be read or written.
    #[error(transparent)]
    File(#[from] crate::base::fs::FsError),
    /// `--offline` was given and the store is not on this machine.
    #[error("{registry} was not asked: --offline is set")]
    Offline {
        /// Host of the registry.
        registry: String,
    },
}

impl Diagnose for StoreError {
    fn kind(&self) -> Exit {
        match self {
            Self::Unauthorized { .. } => Exit::Unauthorized,
            Self::Unavailable { .. } | Self::Offline { .. } => Exit::Unavailable,
            Self::Tampered { .. } => Exit::Refused,
            Self::Malformed { .. } => Exit::BadInput,
            Self::File(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => "registry/unauthorized",
            Self::Unavailable { .. } => "registry/unavailable",
            Self::Tampered { .. } => "registry/tampered",
            Self::Malformed { .. } => "registry/malformed",
            Self::File(error) => error.code(),
            Self::Offline { .. } => "registry/offline",
        }
    }
}
