//! One queue: appended to by the spool's writer, read by one pump.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tracing::warn;

use super::record::{self, Entry, Stored};
use super::segment::{self, Checkpoint};
use crate::base::fs::{self, FsError};

/// A segment as its reader may see it.
#[derive(Clone, Copy, Debug)]
struct Segment {
    first: u64,
    /// End of the records that are on disk for sure.
    synced: u64,
}

/// Where the writer is.
struct Tail {
    file: File,
    path: PathBuf,
    length: u64,
    next: u64,
}

/// A queue on disk.
pub struct Queue {
    folder: PathBuf,
    segment_bytes: u64,
    tail: Mutex<Tail>,
    segments: Mutex<VecDeque<Segment>>,
    checkpoint: Mutex<(Checkpoint, u64)>,
    /// Number after the last record that is on disk.
    stored: watch::Sender<u64>,
}

impl Queue {
    /// Opens a queue, or makes it. What a crash left half written at the end is cut off.
    pub(super) fn open(folder: &Path, segment_bytes: u64) -> Result<Self, FsError> {
        fs::create_folder(folder)?;
        let (checkpoint, consumed) = Checkpoint::open(folder)?;
        let mut segments = VecDeque::new();
        let mut tail = None;
        let names = segment::list(folder)?;
        // Deleting a segment may reach the disk before the checkpoint that allowed it.
        let consumed = consumed.max(names.first().copied().unwrap_or_default());
        for (index, first) in names.iter().enumerate() {
            let path = segment::path_of(folder, *first);
            let file = segment::open(&path)?;
            let (end, next) = segment::scan(&file, &path, *first)?;
            let length = file.metadata().map_err(FsError::at("inspect", &path))?.len();
            if end < length {
                warn!(path = %path.display(), bytes = length - end, "cutting off what was half written");
                file.set_len(end).and_then(|()| file.sync_data()).map_err(FsError::at("repair", &path))?;
            }
            segments.push_back(Segment { first: *first, synced: end });
            if index + 1 == names.len() {
                tail = Some(Tail { file, path, length: end, next });
            }
        }
        let tail = match tail {
            // A checkpoint beyond the end means that the end was lost after it was consumed.
            Some(tail) if tail.next >= consumed => tail,
            _ => begin(folder, consumed, &mut segments)?,
        };
        let stored = watch::Sender::new(tail.next);
        Ok(Self {
            folder: folder.to_path_buf(),
            segment_bytes,
            tail: Mutex::new(tail),
            segments: Mutex::new(segments),
            checkpoint: Mutex::new((checkpoint, consumed)),
            stored,
        })
    }

    /// Writes an entry at the end; [`Self::sync`] makes it durable and visible.
    pub(super) fn append(&self, entry: &Entry) -> Result<(), FsError> {
        let mut tail = lock(&self.tail);
        if tail.length >= self.segment_bytes {
            self.publish(&tail)?;
            *tail = begin(&self.folder, tail.next, &mut lock(&self.segments))?;
        }
        let record = record::encode(tail.next, entry).map_err(|error| FsError::at("write", &tail.path)(error.into()))?;
        tail.file.write_all_at(&record, tail.length).map_err(FsError::at("write", &tail.path))?;
        tail.length += record.len() as u64;
        tail.next += 1;
        Ok(())
    }

    /// Syncs what was appended and shows it to the reader.
    pub(super) fn sync(&self) -> Result<(), FsError> {
        let tail = lock(&self.tail);
        self.publish(&tail)
    }

    fn publish(&self, tail: &Tail) -> Result<(), FsError> {
        tail.file.sync_data().map_err(FsError::at("sync", &tail.path))?;
        if let Some(last) = lock(&self.segments).back_mut() {
            last.synced = tail.length;
        }
        self.stored.send_replace(tail.next);
        Ok(())
    }

    /// Begins a new segment when one that is damaged is still written to: what would follow the damage is found by nobody.
    fn seal(&self, damaged: u64) -> Result<(), FsError> {
        let mut tail = lock(&self.tail);
        if lock(&self.segments).back().is_some_and(|last| last.first == damaged) {
            self.publish(&tail)?;
            *tail = begin(&self.folder, tail.next, &mut lock(&self.segments))?;
        }
        Ok(())
    }

    /// Returns a reader that begins after what was consumed.
    pub fn reader(self: &Arc<Self>) -> Reader {
        let consumed = lock(&self.checkpoint).1;
        Reader { queue: Arc::clone(self), stored: self.stored.subscribe(), next: consumed, open: None }
    }

    /// Remembers that everything before a number is consumed, and deletes segments that hold nothing else.
    pub fn consumed(&self, before: u64) -> Result<(), FsError> {
        let mut checkpoint = lock(&self.checkpoint);
        if before <= checkpoint.1 {
            return Ok(());
        }
        checkpoint.0.write(before)?;
        checkpoint.1 = before;
        let mut segments = lock(&self.segments);
        while segments.get(1).is_some_and(|second| second.first <= before) {
            if let Some(done) = segments.pop_front() {
                fs::remove(&segment::path_of(&self.folder, done.first))?;
            }
        }
        Ok(())
    }

    /// Counts the entries that wait.
    pub fn len(&self) -> u64 {
        self.stored.borrow().saturating_sub(lock(&self.checkpoint).1)
    }

    /// Tells whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the segment that holds a record, with its end.
    fn segment_of(&self, offset: u64) -> Option<Segment> {
        lock(&self.segments).iter().rev().find(|segment| segment.first <= offset).copied()
    }
}

fn begin(folder: &Path, first: u64, segments: &mut VecDeque<Segment>) -> Result<Tail, FsError> {
    let path = segment::path_of(folder, first);
    let file = segment::open(&path)?;
    file.set_len(0).and_then(|()| file.sync_all()).map_err(FsError::at("begin", &path))?;
    // The name of a new file is durable only once its folder is.
    fs::open(folder)?.sync_all().map_err(FsError::at("sync", folder))?;
    segments.push_back(Segment { first, synced: 0 });
    Ok(Tail { file, path, length: 0, next: first })
}

/// Reads a queue in order.
pub struct Reader {
    queue: Arc<Queue>,
    stored: watch::Receiver<u64>,
    next: u64,
    open: Option<(u64, File, u64)>,
}

impl Reader {
    /// Waits until something can be read.
    pub async fn ready(&mut self) {
        let next = self.next;
        if self.stored.wait_for(|stored| *stored > next).await.is_err() {
            // The queue is gone, so nothing comes any more.
            std::future::pending::<()>().await;
        }
    }

    /// Tells whether something can be read now.
    pub fn is_ready(&self) -> bool {
        *self.stored.borrow() > self.next
    }

    /// Returns the next entry, if one is there.
    pub fn read(&mut self) -> Result<Option<Stored>, FsError> {
        while self.is_ready() {
            let Some(segment) = self.queue.segment_of(self.next) else { return Ok(None) };
            let path = segment::path_of(&self.queue.folder, segment.first);
            let (file, place) = match self.open.take() {
                Some((first, file, place)) if first == segment.first => (file, place),
                _ => (segment::open(&path)?, 0),
            };
            let found = segment::read_at(&file, &path, place, segment.synced)?;
            let Some((stored, end)) = found else {
                self.skip_damaged(segment, &path, file, place)?;
                continue;
            };
            self.open = Some((segment.first, file, end));
            // A reader that begins in the middle of a segment passes what was consumed.
            if stored.offset >= self.next {
                self.next = stored.offset + 1;
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// Goes on after damage: with what was appended since the segment was looked at, then with the next segment.
    fn skip_damaged(&mut self, segment: Segment, path: &Path, file: File, place: u64) -> Result<(), FsError> {
        if place < segment.synced {
            warn!(path = %path.display(), place, "a segment of the spool is damaged; what follows in it is lost");
            self.queue.seal(segment.first)?;
            self.open = Some((segment.first, file, segment.synced));
            return Ok(());
        }
        let following = lock(&self.queue.segments).iter().map(|known| known.first).find(|first| *first > segment.first);
        self.next = following.unwrap_or(*self.stored.borrow());
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
