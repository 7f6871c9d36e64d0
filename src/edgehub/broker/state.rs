//! What the broker remembers over restarts beside messages: subscriptions and twins, in one small database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadableDatabase as _, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::{Diagnose, Exit};
use crate::model::Identity;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");

/// The database failed.
#[derive(Debug, thiserror::Error)]
#[error("the state of the broker in {} failed", path.display())]
pub struct StateError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Diagnose for StateError {
    fn kind(&self) -> Exit {
        Exit::Failure
    }

    fn code(&self) -> &'static str {
        "broker/state"
    }
}

/// The database.
#[derive(Clone)]
pub(super) struct State {
    database: Arc<Database>,
    path: PathBuf,
}

/// Returns the key under which something of an identity is kept.
pub(super) fn key(kind: &str, identity: &Identity) -> String {
    format!("{kind}/{identity}")
}

impl State {
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        let failed = |error: redb::Error| StateError { path: path.to_path_buf(), source: Box::new(error) };
        let database = Database::create(path).map_err(|error| failed(error.into()))?;
        let state = Self { database: Arc::new(database), path: path.to_path_buf() };
        // The table must be there before the first reader.
        state.write("", None).map_err(failed)?;
        Ok(state)
    }

    /// Returns everything of a kind, by the text of its identity.
    pub(super) fn all<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<(String, T)>, StateError> {
        let prefix = format!("{kind}/");
        let read = || -> Result<Vec<(String, Vec<u8>)>, redb::Error> {
            let transaction = self.database.begin_read()?;
            let table = transaction.open_table(TABLE)?;
            let mut found = Vec::new();
            for entry in table.range(prefix.as_str()..)? {
                let (key, value) = entry?;
                let Some(name) = key.value().strip_prefix(&prefix) else { break };
                found.push((name.to_owned(), value.value().to_vec()));
            }
            Ok(found)
        };
        let found = read().map_err(|error| self.failed(error))?;
        found.into_iter().map(|(name, bytes)| Ok((name, serde_json::from_slice(&bytes).map_err(|error| self.failed(error))?))).collect()
    }

    /// Stores a value, or removes it; it is on disk when this returns.
    pub(super) async fn put<T: Serialize>(&self, key: String, value: Option<&T>) -> Result<(), StateError> {
        let bytes = value.map(serde_json::to_vec).transpose().map_err(|error| self.failed(error))?;
        let state = self.clone();
        let written = tokio::task::spawn_blocking(move || state.write(&key, bytes.as_deref())).await;
        written.map_err(|error| self.failed(error))?.map_err(|error| self.failed(error))
    }

    fn write(&self, key: &str, bytes: Option<&[u8]>) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            match bytes {
                Some(bytes) => drop(table.insert(key, bytes)?),
                None => drop(table.remove(key)?),
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn failed(&self, error: impl std::error::Error + Send + Sync + 'static) -> StateError {
        StateError { path: self.path.clone(), source: Box::new(error) }
    }
}
