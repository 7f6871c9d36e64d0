//! The plain ledger: entries named by their digest, a file a head, one lock for writers. A change of several heads is written as one
//! file first and carried out from it, also after a crash in between.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Change, Files, Head, History, Key, LedgerError};
use crate::base::{Digest, Timestamp, fs, json};

/// A ledger in a folder: `entries/HEX.json`, `heads/KEY`, `lock`, and `transaction.json` while heads move.
#[derive(Clone, Debug)]
pub struct FolderLedger {
    folder: PathBuf,
}

/// One entry as it is stored; its digest is its name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    parent: Option<Digest>,
    time: Timestamp,
    message: String,
    files: BTreeMap<String, String>,
}

/// Heads that move together.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transaction {
    heads: BTreeMap<String, Digest>,
}

impl FolderLedger {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn is_in_use(&self) -> bool {
        self.heads().is_dir()
    }

    pub(super) fn place(&self) -> String {
        format!("the folder {}", self.folder.display())
    }

    pub(super) fn keys(&self, prefix: &str) -> Result<Vec<Key>, LedgerError> {
        let Some(_lock) = self.lock_if_in_use()? else { return Ok(Vec::new()) };
        let names = fs::names_in(&self.heads().join(prefix))?;
        Ok(names.iter().filter_map(|name| Key::parse(&format!("{prefix}/{name}"))).collect())
    }

    pub(super) fn history(&self, key: &Key) -> Result<Option<History>, LedgerError> {
        let Some(_lock) = self.lock_if_in_use()? else { return Ok(None) };
        let Some(head) = self.head(key)? else { return Ok(None) };
        let (mut entries, mut next) = (Vec::new(), Some(head));
        while let Some(digest) = next {
            let entry = self.entry(key, digest)?;
            entries.push(entry.files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect());
            next = entry.parent;
        }
        entries.reverse();
        Ok(Some(History { head: Head(head.to_string()), entries }))
    }

    pub(super) fn commit(&self, changes: &[Change], time: Timestamp, message: &str) -> Result<Vec<Head>, LedgerError> {
        fs::create_private_folder(&self.folder)?;
        fs::create_folder(&self.heads())?;
        fs::create_folder(&self.entries())?;
        let _lock = self.lock()?;
        let (mut heads, mut new) = (BTreeMap::new(), Vec::new());
        for change in changes {
            let found = self.head(&change.key)?;
            let current = found.map(|digest| Head(digest.to_string()));
            if current != change.expected {
                return Err(LedgerError::Lost { key: change.key.clone(), head: current });
            }
            let Some(files) = &change.files else {
                new.extend(current);
                continue;
            };
            let digest = self.store(&change.key, found, files, time, message)?;
            heads.insert(change.key.to_string(), digest);
            new.push(Head(digest.to_string()));
        }
        fs::write_json(&self.transaction(), &Transaction { heads })?;
        self.finish_transaction()?;
        Ok(new)
    }

    fn store(&self, key: &Key, parent: Option<Digest>, files: &Files, time: Timestamp, message: &str) -> Result<Digest, LedgerError> {
        let damaged = |reason: String| LedgerError::Damaged { key: key.clone(), reason };
        let text = |(name, bytes): (&String, &Vec<u8>)| {
            let text = String::from_utf8(bytes.clone()).map_err(|_| damaged(format!("{name} is no text")))?;
            Ok((name.clone(), text))
        };
        let files = files.iter().map(text).collect::<Result<_, LedgerError>>()?;
        let entry = Entry { parent, time, message: message.to_owned(), files };
        let bytes = json::canonical(&entry).expect("an entry has only text keys");
        let digest = Digest::of(&bytes);
        fs::write(&self.entries().join(format!("{}.json", digest.hex())), &bytes)?;
        Ok(digest)
    }

    fn entry(&self, key: &Key, digest: Digest) -> Result<Entry, LedgerError> {
        let damaged = |reason: String| LedgerError::Damaged { key: key.clone(), reason };
        let path = self.entries().join(format!("{}.json", digest.hex()));
        let bytes = fs::read_if_any(&path)?.ok_or_else(|| damaged(format!("the entry {digest} is missing")))?;
        if Digest::of(&bytes) != digest {
            return Err(damaged(format!("the entry {digest} was changed")));
        }
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))
    }

    fn head(&self, key: &Key) -> Result<Option<Digest>, LedgerError> {
        let Some(bytes) = fs::read_if_any(&self.heads().join(key.to_string()))? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        let damaged = || LedgerError::Damaged { key: key.clone(), reason: "its head is no digest".to_owned() };
        text.trim().parse().map(Some).map_err(|_| damaged())
    }

    /// Carries out a change of heads that was written down; doing it twice changes nothing.
    fn finish_transaction(&self) -> Result<(), LedgerError> {
        let path = self.transaction();
        if !path.is_file() {
            return Ok(());
        }
        let transaction: Transaction = fs::read_json(&path)?;
        for (key, digest) in transaction.heads {
            let file = self.heads().join(key);
            fs::create_folder(file.parent().unwrap_or(Path::new(".")))?;
            fs::write(&file, format!("{digest}\n").as_bytes())?;
        }
        Ok(fs::remove(&path)?)
    }

    fn lock(&self) -> Result<fs::Lock, LedgerError> {
        let lock = fs::Lock::acquire(&self.folder.join("lock"))?;
        self.finish_transaction()?;
        Ok(lock)
    }

    fn lock_if_in_use(&self) -> Result<Option<fs::Lock>, LedgerError> {
        if self.is_in_use() { self.lock().map(Some) } else { Ok(None) }
    }

    fn heads(&self) -> PathBuf {
        self.folder.join("heads")
    }

    fn entries(&self) -> PathBuf {
        self.folder.join("entries")
    }

    fn transaction(&self) -> PathBuf {
        self.folder.join("transaction.json")
    }
}
