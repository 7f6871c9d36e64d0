//! Durable records of the hub: JSON by kind and key in one redb table. A change is written and synced whole, or not at all.

use std::path::Path;

use redb::{Database, ReadableTable as _, Table, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;

const TABLE: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("records");

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A registry entry of a device, by device id.
    Device,
    /// A registry entry of a module, by [`key_of`].
    Module,
    /// A twin, by [`key_of`].
    Twin,
    /// A configuration, by id.
    Configuration,
    /// What targeting wrote last to a device, by device id.
    Applied,
    /// Filters of a stored MQTT session, by [`key_of`].
    Session,
    /// Cloud-to-device messages that wait, by device id.
    Mailbox,
    /// A secret of the hub itself, by name.
    Secret,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Module => "module",
            Self::Twin => "twin",
            Self::Configuration => "configuration",
            Self::Applied => "applied",
            Self::Session => "session",
            Self::Mailbox => "mailbox",
            Self::Secret => "secret",
        }
    }
}

/// Returns the key of a device (`ID`) or module (`ID NUL ID`); ids never hold a NUL.
pub(super) fn key_of(identity: &crate::model::Identity) -> String {
    match &identity.module_id {
        Some(module_id) => format!("{}\0{module_id}", identity.device_id),
        None => identity.device_id.clone(),
    }
}

/// The database of one hub.
pub(super) struct Store(Database);

impl Store {
    /// Opens the database, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, redb::DatabaseError> {
        Database::create(path).map(Self)
    }

    /// Runs `work` alone over the records; what it wrote is stored durably when this returns `Ok`, and nothing of it otherwise.
    pub(super) fn transact<R>(&self, work: impl FnOnce(&mut Records<'_>) -> Result<R, Fault>) -> Result<R, Fault> {
        let transaction = self.0.begin_write()?;
        let (outcome, changed) = {
            let mut records = Records { table: transaction.open_table(TABLE)?, changed: false };
            (work(&mut records)?, records.changed)
        };
        if changed {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        Ok(outcome)
    }
}

/// The records inside one change.
pub(super) struct Records<'t> {
    table: Table<'t, &'static str, &'static [u8]>,
    changed: bool,
}

impl Records<'_> {
    pub(super) fn get<T: DeserializeOwned>(&self, kind: Kind, key: &str) -> Result<Option<T>, Fault> {
        let found = self.table.get(path(kind, key).as_str())?;
        found.map(|bytes| serde_json::from_slice(bytes.value()).map_err(Fault::from)).transpose()
    }

    pub(super) fn put<T: Serialize>(&mut self, kind: Kind, key: &str, value: &T) -> Result<(), Fault> {
        self.table.insert(path(kind, key).as_str(), serde_json::to_vec(value)?.as_slice())?;
        self.changed = true;
        Ok(())
    }

    pub(super) fn remove(&mut self, kind: Kind, key: &str) -> Result<bool, Fault> {
        let removed = self.table.remove(path(kind, key).as_str())?.is_some();
        self.changed |= removed;
        Ok(removed)
    }

    /// Returns all records of a kind in the order of their keys.
    pub(super) fn all<T: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<T>, Fault> {
        self.between(&path(kind, ""), &format!("{}\u{1}", kind.prefix()))
    }

    /// Returns the records that belong to the modules of a device.
    pub(super) fn of_modules<T: DeserializeOwned>(&self, kind: Kind, device_id: &str) -> Result<Vec<T>, Fault> {
        let start = path(kind, device_id);
        self.between(&format!("{start}\0"), &format!("{start}\u{1}"))
    }

    fn between<T: DeserializeOwned>(&self, start: &str, end: &str) -> Result<Vec<T>, Fault> {
        let mut found = Vec::new();
        for entry in self.table.range(start..end)? {
            let (_, bytes) = entry?;
            found.push(serde_json::from_slice(bytes.value())?);
        }
        Ok(found)
    }
}

fn path(kind: Kind, key: &str) -> String {
    format!("{}\0{key}", kind.prefix())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Identity;

    #[test]
    fn a_failed_change_leaves_nothing_and_a_good_one_survives_a_restart() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("hub.redb");
        let store = Store::open(&path).expect("store");
        let module = |id: &str| key_of(&Identity::module("d", id));
        store
            .transact(|records| {
                records.put(Kind::Module, &module("a"), &1)?;
                records.put(Kind::Module, &module("b"), &2)?;
                records.put(Kind::Module, &key_of(&Identity::module("d2", "a")), &3)?;
                records.put(Kind::Device, "d", &4)
            })
            .expect("stored");
        let failed = store.transact(|records| {
            records.put(Kind::Device, "d", &5)?;
            records.remove(Kind::Module, &module("a"))?;
            Err::<(), _>(Fault::argument("no"))
        });
        assert!(failed.is_err());
        drop(store);
        let store = Store::open(&path).expect("store");
        let read = store.transact(|records| {
            let modules: Vec<u8> = records.of_modules(Kind::Module, "d")?;
            Ok((modules, records.all::<u8>(Kind::Module)?.len(), records.get::<u8>(Kind::Device, "d")?))
        });
        assert_eq!(read.expect("read"), (vec![1, 2], 3, Some(4)));
    }
}
