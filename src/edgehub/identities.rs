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
use crate::iothub::{Device, Module, SymmetricKeys};
use crate::model::Identity;

/// How a device or module shows who it is.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// With tokens that one of its keys signed.
    Keys {
        /// The key that signs.
        primary: SigningKey,
        /// Another key that is accepted.
        secondary: Option<SigningKey>,
    },
    /// With a client certificate of one of these thumbprints: SHA-1 or SHA-256, hex in lower case.
    Thumbprints(Vec<String>),
    /// With a client certificate in its name whose chain ends at the trust bundle.
    Authority,
    /// Not at all: the hub has no credential for it.
    Nothing,
}

/// A device or module that may connect.
#[derive(Clone, Debug)]
pub struct KnownIdentity {
    /// Who it is.
    pub identity: Identity,
    /// Changes when the hub makes the identity anew; opaque.
    pub generation_id: String,
    /// How it shows that.
    pub sign_in: SignIn,
    /// Whether the hub lets it connect.
    pub enabled: bool,
}

impl KnownIdentity {
    /// Returns an enabled identity that signs with keys.
    pub fn with_keys(identity: Identity, generation_id: impl Into<String>, primary: SigningKey, secondary: Option<SigningKey>) -> Self {
        Self { identity, generation_id: generation_id.into(), sign_in: SignIn::Keys { primary, secondary }, enabled: true }
    }

    /// Returns a device as the hub's registry has it.
    pub fn of_device(device: &Device) -> Self {
        let sign_in = SignIn::of(device.symmetric_keys(), device.authentication_type(), device.thumbprints());
        let generation_id = device.generation_id().to_owned();
        Self { identity: Identity::device(device.device_id()), generation_id, sign_in, enabled: device.is_enabled() }
    }

    /// Returns a module as the hub's registry has it.
    pub fn of_module(module: &Module) -> Self {
        let sign_in = SignIn::of(module.symmetric_keys(), module.authentication_type(), module.thumbprints());
        let identity = Identity::module(module.device_id(), module.module_id());
        Self { identity, generation_id: module.generation_id().to_owned(), sign_in, enabled: true }
    }

    /// Returns the key that signs, when it signs with keys.
    pub fn primary(&self) -> Option<&SigningKey> {
        self.keys().next()
    }

    /// Returns all keys that are accepted.
    pub fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        let keys = match &self.sign_in {
            SignIn::Keys { primary, secondary } => [Some(primary), secondary.as_ref()],
            _ => [None, None],
        };
        keys.into_iter().flatten()
    }

    /// Tells whether another entry says the same.
    pub fn is_same(&self, other: &Self) -> bool {
        write(self) == write(other)
    }
}

impl SignIn {
    fn of(keys: Option<SymmetricKeys>, kind: &str, thumbprints: Vec<String>) -> Self {
        match (kind, keys) {
            ("selfSigned", _) => Self::Thumbprints(thumbprints),
            ("certificateAuthority", _) => Self::Authority,
            (_, Some(keys)) => Self::Keys { primary: keys.primary, secondary: Some(keys.secondary) },
            (_, None) => Self::Nothing,
        }
    }
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
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
    identity: Identity,
    generation_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    primary_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secondary_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thumbprints: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    certificate_authority: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
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
        self.update(vec![new], &[])
    }

    /// Removes an identity, and tells whether it was there.
    pub fn remove(&self, identity: &Identity) -> Result<bool, IdentitiesError> {
        self.update(Vec::new(), std::slice::from_ref(identity))
    }

    /// Adds or replaces some identities and removes others, in one step, and tells whether that changed anything.
    pub fn update(&self, put: Vec<KnownIdentity>, remove: &[Identity]) -> Result<bool, IdentitiesError> {
        let mut known = self.lock();
        let mut after = known.clone();
        let mut changed = false;
        for new in put {
            if after.get(&new.identity).is_none_or(|old| !old.is_same(&new)) {
                after.insert(new.identity.clone(), new);
                changed = true;
            }
        }
        for identity in remove {
            changed |= after.remove(identity).is_some();
        }
        if changed {
            self.replace(&mut known, after)?;
        }
        Ok(changed)
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
    let sign_in = match (&stored.primary_key, stored.thumbprints) {
        (Some(primary), _) => SignIn::Keys { primary: key(primary)?, secondary: stored.secondary_key.as_deref().map(key).transpose()? },
        (None, Some(thumbprints)) => SignIn::Thumbprints(thumbprints),
        (None, None) if stored.certificate_authority => SignIn::Authority,
        (None, None) => SignIn::Nothing,
    };
    Ok(KnownIdentity { identity: stored.identity, generation_id: stored.generation_id, sign_in, enabled: !stored.disabled })
}

fn write(known: &KnownIdentity) -> Stored {
    let mut keys = known.keys().map(|key| key.to_base64().to_string());
    Stored {
        identity: known.identity.clone(),
        generation_id: known.generation_id.clone(),
        primary_key: keys.next(),
        secondary_key: keys.next(),
        thumbprints: if let SignIn::Thumbprints(all) = &known.sign_in { Some(all.clone()) } else { None },
        certificate_authority: matches!(known.sign_in, SignIn::Authority),
        disabled: !known.enabled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(module: &str) -> KnownIdentity {
        let key = || SigningKey::generate().expect("key");
        KnownIdentity::with_keys(Identity::module("edge-1", module), "g1", key(), Some(key()))
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
        assert!(again.get(&two.identity).expect("two").is_same(&two));
        assert_eq!(again.all().len(), 1);
    }

    #[test]
    fn each_way_to_sign_in_survives() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("identities.json");
        let identities = Identities::open(&path).expect("open");
        let of = |id: &str, sign_in, enabled| KnownIdentity { identity: Identity::device(id), generation_id: "g".into(), sign_in, enabled };
        let all = [
            of("authority", SignIn::Authority, true),
            of("disabled", known("x").sign_in, false),
            of("nothing", SignIn::Nothing, true),
            of("thumbprints", SignIn::Thumbprints(vec!["ab".repeat(20)]), true),
        ];
        assert!(identities.update(all.to_vec(), &[]).expect("stored"));
        assert_eq!(*identities.changes().borrow(), 1, "one step");
        let again = Identities::open(&path).expect("open").all();
        assert_eq!(again.len(), all.len());
        for (left, right) in again.iter().zip(&all) {
            assert!(left.is_same(right), "{left:?}");
        }
        assert!(!again[0].is_same(&again[1]));
    }

    #[test]
    fn the_registry_tells_how_an_identity_signs_in() {
        let device = |authentication: serde_json::Value, status: &str| {
            let members = serde_json::json!({"deviceId": "d", "generationId": "7", "status": status, "authentication": authentication});
            KnownIdentity::of_device(&serde_json::from_value(members).expect("a device"))
        };
        let keys = device(serde_json::json!({"type": "sas", "symmetricKey": {"primaryKey": "QQ==", "secondaryKey": "Qg=="}}), "disabled");
        assert_eq!((keys.keys().count(), keys.enabled, keys.generation_id.as_str()), (2, false, "7"));
        let print =
            serde_json::json!({"type": "selfSigned", "x509Thumbprint": {"primaryThumbprint": "AB:CD", "secondaryThumbprint": null}});
        assert!(matches!(device(print, "enabled").sign_in, SignIn::Thumbprints(all) if all == ["abcd"]));
        assert!(matches!(device(serde_json::json!({"type": "certificateAuthority"}), "enabled").sign_in, SignIn::Authority));
        assert!(matches!(device(serde_json::json!({"type": "none"}), "enabled").sign_in, SignIn::Nothing));
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
