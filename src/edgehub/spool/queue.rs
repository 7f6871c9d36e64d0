//! One queue: the places of its messages in the log, in order. The spool's writer adds to it, one pump takes from it.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::WeakUnboundedSender;
use tracing::warn;

use super::checkpoint::Checkpoint;
use super::record::{self, Stored};
use super::segments::Segments;
use super::writer::Command;
use super::{Item, QueueName};
use crate::base::fs::FsError;

/// Bytes of neighbouring records that are read at once.
const READ_BYTES: u32 = 1024 * 1024;

/// How often a record that moved meanwhile is looked for.
const ATTEMPTS: usize = 3;

/// A queue.
pub struct Queue {
    name: QueueName,
    segments: Arc<Segments>,
    commands: WeakUnboundedSender<Command>,
    index: Mutex<Index>,
    checkpoint: Mutex<Checkpoint>,
    received: AtomicU64,
}

#[derive(Default)]
pub(super) struct Index {
    items: VecDeque<Item>,
    bytes: u64,
    next: u64,
}

/// What waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Messages.
    pub messages: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// Bytes that came since the start.
    pub received: u64,
    /// When the next one ends its life, in seconds since the Unix epoch.
    pub next_expiry: Option<u32>,
    /// When the last one ends its life; `None` when one lives for ever, or none waits.
    pub last_expiry: Option<u32>,
}

impl Queue {
    pub(super) fn new(
        name: QueueName,
        segments: Arc<Segments>,
        commands: WeakUnboundedSender<Command>,
        checkpoint: Checkpoint,
        items: VecDeque<Item>,
    ) -> Self {
        let next = items.back().map_or(0, |item| item.number + 1).max(checkpoint.value());
        let bytes = items.iter().map(|item| u64::from(item.length)).sum();
        let index = Mutex::new(Index { items, bytes, next });
        Self { name, segments, commands, index, checkpoint: Mutex::new(checkpoint), received: AtomicU64::new(0) }
    }

    /// Returns the name.
    pub fn name(&self) -> &QueueName {
        &self.name
    }

    /// Takes the next number. One whose record could not be written stays unused.
    pub(super) fn number(&self) -> u64 {
        let mut index = self.lock();
        index.next += 1;
        index.next - 1
    }

    /// Takes a message that is stored now.
    pub(super) fn push(&self, item: Item) {
        self.received.fetch_add(u64::from(item.length), Ordering::Relaxed);
        let mut index = self.lock();
        index.bytes += u64::from(item.length);
        index.items.push_back(item);
    }

    /// Returns the place of a message that waits.
    pub(super) fn find(&self, number: u64) -> Option<Item> {
        let index = self.lock();
        index.place(number).and_then(|place| index.items.get(place).copied())
    }

    /// Changes the place of a message that still waits, and tells whether it does.
    pub(super) fn moved(&self, from: &Item, to: Item) -> bool {
        let mut index = self.lock();
        let Some(place) = index.place(from.number) else { return false };
        let Some(item) = index.items.get_mut(place).filter(|item| (item.segment, item.place) == (from.segment, from.place)) else {
            return false;
        };
        *item = to;
        index.bytes = index.bytes + u64::from(to.length) - u64::from(from.length);
        true
    }

    /// Returns messages in order from the one with a number on, at most so many. A damaged one is passed over.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, FsError> {
        let items: Vec<Item> = {
            let index = self.lock();
            let start = index.items.partition_point(|item| item.number < from);
            index.items.range(start..).take(limit).copied().collect()
        };
        let mut found = Vec::with_capacity(items.len());
        let mut rest = items.as_slice();
        while let Some(first) = rest.first() {
            let (mut end, mut count) = (first.length, 1);
            while let Some(next) = rest.get(count) {
                let neighbour = next.segment == first.segment && next.place == first.place + end;
                if !neighbour || end + next.length > READ_BYTES {
                    break;
                }
                (end, count) = (end + next.length, count + 1);
            }
            let (run, later) = rest.split_at(count);
            self.read_run(run, end, &mut found)?;
            rest = later;
        }
        Ok(found)
    }

    /// Reads records that lie one after the other.
    fn read_run(&self, run: &[Item], length: u32, found: &mut Vec<Stored>) -> Result<(), FsError> {
        let Some(first) = run.first() else { return Ok(()) };
        let bytes = match self.segments.file(first.segment) {
            Some(file) => self.bytes(&file, first, length)?,
            None => Vec::new(),
        };
        for item in run {
            let place = usize::try_from(item.place - first.place).expect("a record is smaller than memory");
            let here = bytes.get(place..).and_then(record::decode).and_then(|(record, _)| record.stored(&self.name, item.number));
            match here {
                Some(stored) => found.push(stored),
                None => found.extend(self.read_again(item.number)?),
            }
        }
        Ok(())
    }

    /// Reads one record, which may have moved just now.
    fn read_again(&self, number: u64) -> Result<Option<Stored>, FsError> {
        let mut seen = None;
        for _ in 0..ATTEMPTS {
            let Some(item) = self.find(number).filter(|item| seen != Some((item.segment, item.place))) else { break };
            seen = Some((item.segment, item.place));
            let Some(file) = self.segments.file(item.segment) else { continue };
            let bytes = self.bytes(&file, &item, item.length)?;
            if let Some(stored) = record::decode(&bytes).and_then(|(record, _)| record.stored(&self.name, number)) {
                return Ok(Some(stored));
            }
        }
        if seen.is_some() {
            warn!(endpoint = self.name.endpoint, priority = self.name.priority, number, "a message in the spool is damaged and is lost");
        }
        Ok(None)
    }

    fn bytes(&self, file: &File, first: &Item, length: u32) -> Result<Vec<u8>, FsError> {
        let mut bytes = vec![0; usize::try_from(length).expect("a record is smaller than memory")];
        match file.read_exact_at(&mut bytes, u64::from(first.place)) {
            Ok(()) => Ok(bytes),
            // Somebody cut the file off: what is missing is damage like any other.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(Vec::new()),
            Err(error) => Err(FsError::at("read", &self.segments.path(first.segment))(error)),
        }
    }

    /// Remembers that everything before a number is done, and gives its space back.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn consumed(&self, before: u64) -> Result<(), FsError> {
        let mut checkpoint = self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
        if before <= checkpoint.value() {
            return Ok(());
        }
        checkpoint.write(before)?;
        let released: Vec<Item> = {
            let mut index = self.lock();
            let count = index.items.partition_point(|item| item.number < before);
            let released: Vec<Item> = index.items.drain(..count).collect();
            index.bytes -= released.iter().map(|item| u64::from(item.length)).sum::<u64>();
            if index.items.is_empty() {
                index.items.shrink_to(1024);
            }
            released
        };
        self.segments.release(&released);
        if self.segments.wants_compaction()
            && let Some(commands) = self.commands.upgrade()
        {
            // A spool that is being closed is compacted when it is opened again.
            let _closing = commands.send(Command::Compact);
        }
        Ok(())
    }

    /// Forgets everything that waits, and returns how many messages that were.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn clear(&self) -> Result<u64, FsError> {
        let (waiting, next) = {
            let index = self.lock();
            (index.items.len() as u64, index.next)
        };
        self.consumed(next).map(|()| waiting)
    }

    /// Removes expired messages from the head, and returns how many those were.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn remove_expired(&self, now_seconds: i64) -> Result<u64, FsError> {
        let (count, before) = {
            let index = self.lock();
            let count = index.items.iter().take_while(|item| item.expires.is_some_and(|end| i64::from(end.get()) <= now_seconds)).count();
            (count, count.checked_sub(1).and_then(|last| index.items.get(last)).map(|item| item.number + 1))
        };
        if let Some(before) = before {
            self.consumed(before)?;
        }
        Ok(count as u64)
    }

    /// Counts the messages that wait.
    pub fn len(&self) -> u64 {
        self.lock().items.len() as u64
    }

    /// Tells whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.lock().items.is_empty()
    }

    /// Tells whether something waits from a number on.
    pub fn has(&self, from: u64) -> bool {
        self.lock().items.back().is_some_and(|item| item.number >= from)
    }

    /// Returns the number after the last message that waits.
    pub fn end(&self) -> u64 {
        self.lock().items.back().map_or(0, |item| item.number + 1)
    }

    /// Tells what waits.
    pub fn waiting(&self) -> Waiting {
        let index = self.lock();
        let ends = || index.items.iter().filter_map(|item| item.expires).map(std::num::NonZeroU32::get);
        let endless = index.items.iter().any(|item| item.expires.is_none());
        Waiting {
            messages: index.items.len() as u64,
            bytes: index.bytes,
            received: self.received.load(Ordering::Relaxed),
            next_expiry: ends().min(),
            last_expiry: ends().max().filter(|_| !endless),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn place(&self, number: u64) -> Option<usize> {
        self.items.binary_search_by_key(&number, |item| item.number).ok()
    }
}
