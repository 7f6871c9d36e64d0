//! The files of the log, and how much of each is still wanted.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::warn;

use super::Item;
use crate::base::fs::{self, FsError};

const SUFFIX: &str = ".messages";

/// A file of the log.
pub(super) struct Segment {
    pub(super) file: Arc<File>,
    /// Bytes of whole records.
    pub(super) length: u64,
    /// Bytes of records that some queue still wants.
    pub(super) live: u64,
    /// Places of records that more than one queue wants, with how many do.
    shared: BTreeMap<u32, u32>,
}

/// The files of a log.
pub(super) struct Segments {
    pub(super) folder: PathBuf,
    /// Bytes after which a file is full.
    pub(super) full: u64,
    table: Mutex<Table>,
    /// Whether the writer was asked already.
    pub(super) asked: AtomicBool,
}

#[derive(Default)]
pub(super) struct Table {
    pub(super) files: BTreeMap<u32, Segment>,
    /// Bytes of all files, and of the records in them that are wanted.
    pub(super) total: u64,
    pub(super) live: u64,
}

impl Segments {
    pub(super) fn new(folder: &Path, full: u64) -> Self {
        Self { folder: folder.to_path_buf(), full, table: Mutex::default(), asked: AtomicBool::new(false) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn path(&self, segment: u32) -> PathBuf {
        self.folder.join(format!("{segment:010}{SUFFIX}"))
    }

    /// Lists the files of the folder in their order.
    pub(super) fn list(&self) -> Result<Vec<u32>, FsError> {
        let names = fs::names_in(&self.folder)?;
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| name.strip_suffix(SUFFIX)?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Returns the open file of a segment; `None` when nothing was wanted in it any more.
    pub(super) fn file(&self, segment: u32) -> Option<Arc<File>> {
        self.lock().files.get(&segment).map(|segment| Arc::clone(&segment.file))
    }

    /// Tells whether dead records take so much space that live ones are to be moved together.
    pub(super) fn wasteful(&self) -> bool {
        let table = self.lock();
        table.total > table.live * 2 + self.full
    }

    /// Tells whether the writer is to be asked to move live records together, which it is once.
    pub(super) fn wants_compaction(&self) -> bool {
        self.wasteful() && !self.asked.swap(true, Ordering::Relaxed)
    }

    /// Takes note that queues no longer want records, and deletes the files in which nothing is wanted. The last file stays: it is
    /// written to.
    pub(super) fn release(&self, items: &[Item]) {
        let mut table = self.lock();
        for item in items {
            table.unwant(item);
        }
        let mut touched: Vec<u32> = items.iter().map(|item| item.segment).collect();
        touched.dedup();
        for segment in touched {
            self.delete_if_dead(&mut table, segment);
        }
    }

    /// Deletes a file in which nothing is wanted, unless it is the last one.
    pub(super) fn delete_if_dead(&self, table: &mut Table, segment: u32) {
        let last = table.files.last_key_value().is_none_or(|(last, _)| *last == segment);
        if last || table.files.get(&segment).is_none_or(|known| known.live > 0) {
            return;
        }
        if let Some(dead) = table.files.remove(&segment) {
            table.total -= dead.length;
            if let Err(error) = fs::remove(&self.path(segment)) {
                // It is found dead again at the next start.
                warn!(%error, "a file of the spool is not needed any more and could not be deleted");
            }
        }
    }
}

impl Table {
    pub(super) fn add(&mut self, segment: u32, file: Arc<File>, length: u64) {
        self.total += length;
        self.files.insert(segment, Segment { file, length, live: 0, shared: BTreeMap::new() });
    }

    /// Takes note of a record that some queues want.
    pub(super) fn want(&mut self, item: &Item, queues: usize) {
        let Some(segment) = self.files.get_mut(&item.segment).filter(|_| queues > 0) else { return };
        segment.live += u64::from(item.length);
        self.live += u64::from(item.length);
        if queues > 1 {
            segment.shared.insert(item.place, u32::try_from(queues).unwrap_or(u32::MAX));
        }
    }

    /// Takes note that one queue no longer wants a record.
    pub(super) fn unwant(&mut self, item: &Item) {
        let Some(segment) = self.files.get_mut(&item.segment) else { return };
        if let Some(queues) = segment.shared.get_mut(&item.place) {
            *queues -= 1;
            if *queues == 1 {
                segment.shared.remove(&item.place);
            }
            return;
        }
        segment.live = segment.live.saturating_sub(u64::from(item.length));
        self.live = self.live.saturating_sub(u64::from(item.length));
    }
}
