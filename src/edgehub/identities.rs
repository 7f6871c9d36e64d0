//! The identities that a device knows: itself and its modules, with their keys. The agent fills the list from the hub; the broker
//! verifies with it, the workload API and the upstream link sign with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::base::fs::{self, FsError};
use crate::base::{Diagnose, Exit};
use crate::identity::{KeyError, SigningKey};
use crate::model::Identity;

/// A device or module that may connect.
#[derive(Clone, Debug)]
pub struct KnownIdentity {
    /// Who it is.
    pub identity: Identity,
    /// Changes when the hub makes the identity anew; opaque.
    pub generation_id: String,
    /// The key that signs.
    pub primary: SigningKey,
    /// Another key that is accepted.
    pub secondary: Option<SigningKey>,
}

/// Why the list cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum IdentitiesError {
    /// The file failed.
    #[error(transparent)]
    File(#[from] FsError),
    /// A key in the file is none.
    #[error("the key of {identity} in {} is damaged", path.display())]
    Key {
        /// Whose key.
        identity: Identity,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
}

impl Diagnose for IdentitiesError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            Self::Key { .. } => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Key { .. } => "identities/damaged",
        }
    }
}

/// The file: a list sorted by identity.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
    identity: Identity,
    generation_id: String,
    primary_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secondary_key: Option<String>,
}

/// The list, kept in a file that its owner alone reads.
#[derive(Debug)]
pub struct Identities {
    path: PathBuf,
    known: Mutex<BTreeMap<Identity, KnownIdentity>>,
    changes: watch::Sender<u64>,
}

impl Identities {
    /// Opens the list in a file of a private folder; a file that is not there yet is an empty list.
    pub fn open(path: &Path) -> Result<Self, IdentitiesError> {
        let mut known = BTreeMap::new();
        if fs::read_if_any(path)?.is_some() {
            fs::require_private(path)?;
            for stored in fs::read_json::<Vec<Stored>>(path)? {
                let one = read(stored, path)?;
                known.insert(one.identity.clone(), one);
            }
        }
        Ok(Self { path: path.to_path_buf(), known: Mutex::new(known), changes: watch::Sender::new(0) })
    }

    /// Adds or replaces an identity, and tells whether that changed anything. It is stored when this returns.
    pub fn put(&self, new: KnownIdentity) -> Result<bool, IdentitiesError> {
        let mut known = self.lock();
        if known.get(&new.identity).is_some_and(|old| same(old, &new)) {
            return Ok(false);
        }
        let mut changed = known.clone();
        changed.insert(new.identity.clone(), new);
        self.replace(&mut known, changed)?;
        Ok(true)
    }

    /// Removes an identity, and tells whether it was there.
    pub fn remove(&self, identity: &Identity) -> Result<bool, IdentitiesError> {
        let mut known = self.lock();
        let mut changed = known.clone();
        if changed.remove(identity).is_none() {
            return Ok(false);
        }
        self.replace(&mut known, changed)?;
        Ok(true)
    }

    /// Returns an identity; ids are compared exactly.
    pub fn get(&self, identity: &Identity) -> Option<KnownIdentity> {
        self.lock().get(identity).cloned()
    }

    /// Returns all identities, sorted.
    pub fn all(&self) -> Vec<KnownIdentity> {
        self.lock().values().cloned().collect()
    }

    /// Counts changes; each change of the list wakes the receiver.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn replace(
        &self,
        known: &mut MutexGuard<'_, BTreeMap<Identity, KnownIdentity>>,
        changed: BTreeMap<Identity, KnownIdentity>,
    ) -> Result<(), IdentitiesError> {
        let stored: Vec<Stored> = changed.values().map(write).collect();
        let mut bytes = serde_json::to_vec_pretty(&stored).map_err(|error| FsError::at("write", &self.path)(error.into()))?;
        bytes.push(b'\n');
        let beside = self.path.with_extension("new");
        fs::remove(&beside)?;
        fs::write_secret(&beside, &bytes)?;
        fs::rename(&beside, &self.path)?;
        **known = changed;
        self.changes.send_modify(|count| *count += 1);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Identity, KnownIdentity>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(stored: Stored, path: &Path) -> Result<KnownIdentity, IdentitiesError> {
    let key = |text: &str| {
        SigningKey::from_base64(text).map_err(|source| IdentitiesError::Key {
            identity: stored.identity.clone(),
            path: path.to_path_buf(),
            source,
        })
    };
    let (primary, secondary) = (key(&stored.primary_key)?, stored.secondary_key.as_deref().map(key).transpose()?);
    Ok(KnownIdentity { identity: stored.identity, generation_id: stored.generation_id, primary, secondary })
}

fn write(known: &KnownIdentity) -> Stored {
    Stored {
        identity: known.identity.clone(),
        generation_id: known.generation_id.clone(),
        primary_key: known.primary.to_base64().to_string(),
        secondary_key: known.secondary.as_ref().map(|key| key.to_base64().to_string()),
    }
}

fn same(left: &KnownIdentity, right: &KnownIdentity) -> bool {
    let secondary = |known: &KnownIdentity| known.secondary.as_ref().map(SigningKey::to_base64);
    left.generation_id == right.generation_id
        && left.primary.to_base64() == right.primary.to_base64()
        && secondary(left) == secondary(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(module: &str) -> KnownIdentity {
        let key = || SigningKey::generate().expect("key");
        KnownIdentity { identity: Identity::module("edge-1", module), generation_id: "g1".into(), primary: key(), secondary: Some(key()) }
    }

    #[test]
    fn the_list_survives_and_stays_private() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("identities.json");
        let identities = Identities::open(&path).expect("open");
        let mut changes = identities.changes();
        let (one, two) = (known("one"), known("two"));
        assert!(identities.put(one.clone()).expect("put"));
        assert!(!identities.put(one.clone()).expect("put"), "nothing changed");
        assert!(identities.put(two.clone()).expect("put"));
        assert!(identities.remove(&one.identity).expect("remove"));
        assert!(!identities.remove(&one.identity).expect("remove"));
        assert_eq!(*changes.borrow_and_update(), 3);
        fs::require_private(&path).expect("private");

        let again = Identities::open(&path).expect("open");
        assert!(again.get(&one.identity).is_none());
        assert!(same(&again.get(&two.identity).expect("two"), &two));
        assert_eq!(again.all().len(), 1);
    }

    #[test]
    fn a_damaged_key_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("identities.json");
        let text = r#"[{"identity":{"deviceId":"d"},"generationId":"g","primaryKey":"?"}]"#;
        fs::write_secret(&path, text.as_bytes()).expect("write");
        let error = Identities::open(&path).expect_err("damaged");
        assert!(error.to_string().starts_with("the key of d in /"), "{error}");
    }
}
