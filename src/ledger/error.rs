//! What can go wrong with a ledger.

use super::{Head, Key};
use crate::base::fs::FsError;
use crate::base::{Diagnose, Exit};
use crate::process::ProcessError;
use crate::release::ReleaseError;

/// A ledger that cannot be read or written, or a race that was lost.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another writer moved a head first.
    #[error("another writer changed {key} first; its head is {}", head.as_ref().map_or("gone".to_owned(), ToString::to_string))]
    Lost {
        /// The key.
        key: Key,
        /// The head that it has now.
        head: Option<Head>,
    },
    /// A git command failed.
    #[error("git cannot {action}")]
    Git {
        /// What was tried, an infinitive.
        action: &'static str,
        /// What git said.
        source: ProcessError,
    },
    /// The remote was not reached, or refused.
    #[error("the ledger's remote {remote} did not take part")]
    Remote {
        /// Name of the remote.
        remote: String,
        /// What git said.
        source: ProcessError,
    },
    /// The remote and this repository hold chains of which neither goes on from the other.
    #[error("{name} in the ledger and at the remote {remote} went different ways")]
    Diverged {
        /// Name of the chain.
        name: String,
        /// Name of the remote.
        remote: String,
    },
    /// A remote is asked for and the ledger is no git repository.
    #[error("`ledger.remote` is {remote}, but the ledger is {place}, which has no remote")]
    NoRemote {
        /// Name of the remote.
        remote: String,
        /// Where the ledger lies.
        place: String,
    },
    /// Releases lie in git and git is missing.
    #[error("the releases of this solution lie in its git repository and git was not found")]
    GitMissing,
    /// Something in the ledger that this tool did not write, or that was changed.
    #[error("{key} in the ledger does not read: {reason}")]
    Damaged {
        /// The key.
        key: Key,
        /// What is wrong.
        reason: String,
    },
    /// A chain that does not hold.
    #[error("{key} in the ledger cannot be trusted")]
    Chain {
        /// The key.
        key: Key,
        /// What does not hold.
        source: ReleaseError,
    },
    /// A file of the plain ledger.
    #[error(transparent)]
    File(#[from] FsError),
}

impl Diagnose for LedgerError {
    fn kind(&self) -> Exit {
        match self {
            Self::Lost { .. } => Exit::Conflict,
            Self::Git { source, .. } => source.kind(),
            Self::Remote { .. } | Self::GitMissing => Exit::Unavailable,
            Self::Damaged { .. } | Self::Chain { .. } | Self::Diverged { .. } => Exit::Refused,
            Self::NoRemote { .. } => Exit::BadInput,
            Self::File(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Lost { .. } => "ledger/lost-race",
            Self::Git { .. } => "ledger/git-failed",
            Self::Remote { .. } => "ledger/remote-failed",
            Self::Diverged { .. } => "ledger/diverged",
            Self::NoRemote { .. } => "ledger/no-remote",
            Self::GitMissing => "ledger/git-missing",
            Self::Damaged { .. } => "ledger/damaged",
            Self::Chain { .. } => "ledger/broken-chain",
            Self::File(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Lost { .. } => vec!["Look with `edgectl release status`, then run the command again.".to_owned()],
            Self::Remote { .. } => vec!["Nothing was changed; run the command again once the remote answers.".to_owned()],
            Self::Diverged { name, .. } => vec![
                format!("Compare `git log refs/edgectl/{name}` with `git log refs/edgectl-remote/{name}`."),
                "Nothing was changed; keep a backup of the one that is wrong, then make its ref follow the other.".to_owned(),
            ],
            Self::NoRemote { .. } => vec![
                "Take `ledger.remote` out of edgectl.yaml, or work in a git repository; a ledger in a folder that is in use must be put away first."
                    .to_owned(),
            ],
            Self::GitMissing => vec!["Install git; `edgectl doctor` says how.".to_owned()],
            Self::Damaged { .. } | Self::Chain { .. } => {
                vec!["Compare the ledger with its remote or a backup; do not promote from it.".to_owned()]
            }
            Self::Git { .. } | Self::File(_) => Vec::new(),
        }
    }
}
