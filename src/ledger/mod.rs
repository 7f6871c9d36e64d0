//! Where releases live: git refs of the solution's repository, or a plain folder. Both keep a history a key and move heads by
//! compare-and-swap; a change of several heads happens as a whole or not at all.
//!
//! The contents are audit chains of [`crate::release`]; [`chain`] reads them back and checks every link.

pub mod chain;
pub mod error;
mod folder;
mod git;
pub mod key;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::base::{Cancel, Timestamp};

pub use chain::{ReleaseChain, RingChain};
pub use error::LedgerError;
pub use key::Key;

/// Files of one entry, by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Name of the newest entry of a key: a git commit, or the digest of an entry's file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head(pub(crate) String);

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The entries of a key, oldest first, and the name of the newest.
#[derive(Clone, Debug)]
pub struct History {
    /// Name of the newest entry.
    pub head: Head,
    /// All entries.
    pub entries: Vec<Files>,
}

/// One part of a change: a key, the head that it must have, and what follows.
#[derive(Clone, Debug)]
pub struct Change {
    /// The key.
    pub key: Key,
    /// The head that it must have; `None` when it must not be there yet.
    pub expected: Option<Head>,
    /// Files of the new entry; `None` only requires the head.
    pub files: Option<Files>,
}

/// How a ledger is found.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The solution's folder, whose git repository serves if there is one.
    pub solution_folder: PathBuf,
    /// The tool's own folder, which holds the plain ledger.
    pub state_dir: PathBuf,
    /// The environment that git gets.
    pub environment: BTreeMap<String, String>,
    /// Git remote that has the last word.
    pub remote: Option<String>,
    /// Ends waiting programs.
    pub cancel: Cancel,
}

/// A ledger of either kind.
#[derive(Clone, Debug)]
pub enum Ledger {
    /// Refs of a git repository.
    Git(git::GitLedger),
    /// Files in a folder.
    Folder(folder::FolderLedger),
}

impl Ledger {
    /// Opens the ledger of a solution: a plain one that is in use already, else the git repository, else a plain one.
    ///
    /// # Errors
    /// A repository that git refuses to read, one with a ledger while git is missing, or a remote where no repository serves.
    pub async fn open(options: &OpenOptions) -> Result<Self, LedgerError> {
        let folder = folder::FolderLedger::new(options.state_dir.join("ledger"));
        if !folder.is_in_use()
            && let Some(git) = git::GitLedger::open(options).await?
        {
            return Ok(Self::Git(git));
        }
        match &options.remote {
            Some(remote) => Err(LedgerError::NoRemote { remote: remote.clone(), place: folder.place() }),
            None => Ok(Self::Folder(folder)),
        }
    }

    /// Tells where the ledger lies, for people.
    pub fn place(&self) -> String {
        match self {
            Self::Git(git) => git.place(),
            Self::Folder(folder) => folder.place(),
        }
    }

    /// Brings in what others wrote at the remote, when there is one.
    pub async fn refresh(&self) -> Result<(), LedgerError> {
        match self {
            Self::Git(git) => git.fetch().await,
            Self::Folder(_) => Ok(()),
        }
    }

    /// Returns the keys below a prefix, sorted.
    pub async fn keys(&self, prefix: &str) -> Result<Vec<Key>, LedgerError> {
        match self {
            Self::Git(git) => git.keys(prefix).await,
            Self::Folder(folder) => folder.keys(prefix),
        }
    }

    /// Returns all entries of a key, or `None` when there are none.
    pub async fn history(&self, key: &Key) -> Result<Option<History>, LedgerError> {
        match self {
            Self::Git(git) => git.history(key).await,
            Self::Folder(folder) => folder.history(key),
        }
    }

    /// Moves heads as one: when one of them is not what was expected, none moves. Returns the new heads in order.
    ///
    /// # Errors
    /// [`LedgerError::Lost`] when another writer was there first.
    pub async fn commit(&self, changes: &[Change], time: Timestamp, message: &str) -> Result<Vec<Head>, LedgerError> {
        match self {
            Self::Git(git) => git.commit(changes, time, message).await,
            Self::Folder(folder) => folder.commit(changes, time, message),
        }
    }
}

#[cfg(test)]
mod tests;
