//! The thread that writes: it appends what waits in one go, syncs once when that is asked for, then tells the senders. It also moves live
//! records out of files that are mostly dead.

use std::fs::File;
use std::num::NonZeroU32;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

use super::queue::Queue;
use super::record::{self, Reference};
use super::segments::Segments;
use super::{Durability, Item, Queues, checkpoint};
use crate::base::fs::{self, FsError};

/// Messages that share one write at most.
const BATCH: usize = 1024;

/// What the disk does; tests let it fail.
pub(super) trait Disk: Send {
    /// Writes bytes at a place.
    fn write(&mut self, file: &File, bytes: &[u8], place: u64) -> std::io::Result<()> {
        file.write_all_at(bytes, place)
    }

    /// Brings a file to the disk itself.
    fn sync(&mut self, file: &File) -> std::io::Result<()> {
        file.sync_data()
    }

    /// Cuts a file off.
    fn cut(&mut self, file: &File, length: u64) -> std::io::Result<()> {
        file.set_len(length)
    }
}

/// The disk of the system.
pub(super) struct System;

impl Disk for System {}

/// What the writer is asked for.
pub(super) enum Command {
    Store(Write),
    Compact,
}

/// A message for some queues, and whom to tell that it is stored.
pub(super) struct Write {
    pub(super) record: Vec<u8>,
    pub(super) queues: Vec<(Arc<Queue>, Option<i64>)>,
    pub(super) done: oneshot::Sender<Result<(), String>>,
}

/// A message in the file that its queues and its sender are not told of yet.
struct Written {
    items: Vec<(Arc<Queue>, Item)>,
    done: oneshot::Sender<Result<(), String>>,
}

/// The last file of the log.
struct Tail {
    number: u32,
    file: Arc<File>,
    /// End of what is told.
    length: u64,
    /// Whether bytes that are not told may lie behind the end.
    torn: bool,
}

pub(super) struct Writer {
    pub(super) segments: Arc<Segments>,
    pub(super) queues: Queues,
    durability: Durability,
    disk: Box<dyn Disk>,
    tail: Option<Tail>,
    /// Number of the next file.
    next: u32,
    /// What goes into the last file with the next write.
    buffer: Vec<u8>,
    written: Vec<Written>,
}

impl Writer {
    pub(super) fn new(segments: Arc<Segments>, queues: Queues, durability: Durability, disk: Box<dyn Disk>) -> Self {
        let last = segments.lock().files.last_key_value().map(|(number, last)| (*number, Arc::clone(&last.file), last.length));
        let next = last.as_ref().map_or(0, |(number, ..)| number + 1);
        let tail = last.map(|(number, file, length)| Tail { number, file, length, torn: false });
        Self { segments, queues, durability, disk, tail, next, buffer: Vec::new(), written: Vec::new() }
    }

    /// Serves until the spool is dropped.
    pub(super) fn run(mut self, mut waiting: mpsc::UnboundedReceiver<Command>) {
        let mut batch = Vec::with_capacity(BATCH);
        while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
            let mut compact = false;
            for command in batch.drain(..) {
                match command {
                    Command::Store(write) => self.append(write),
                    Command::Compact => compact = true,
                }
            }
            self.finish();
            if compact {
                self.compact();
                self.segments.asked.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Adds a message to what is written next.
    fn append(&mut self, mut write: Write) {
        let mut numbers = Vec::with_capacity(write.queues.len());
        for (index, (queue, _)) in write.queues.iter().enumerate() {
            let number = queue.number();
            record::set_number(&mut write.record, index, number);
            numbers.push(number);
        }
        record::seal(&mut write.record);
        let (segment, place) = match self.room(write.record.len()) {
            Ok(found) => found,
            Err(error) => {
                self.refuse(&error);
                let _gone = write.done.send(Err(failure(&error)));
                return;
            }
        };
        let length = u32::try_from(write.record.len()).expect("a record is smaller than 4 GiB");
        let items = write.queues.into_iter().zip(numbers).map(|((queue, expires), number)| {
            let item = Item { number, segment, place, length, expires: seconds(expires) };
            (queue, item)
        });
        self.written.push(Written { items: items.collect(), done: write.done });
        self.buffer.extend_from_slice(&write.record);
    }

    /// Returns where the next record of some length goes; what waits for a file that is full is written first.
    fn room(&mut self, length: usize) -> Result<(u32, u32), FsError> {
        let end = |tail: &Tail, buffer: &[u8]| tail.length + buffer.len() as u64;
        let fits = |tail: &Tail| end(tail, &self.buffer) == 0 || end(tail, &self.buffer) + length as u64 <= self.segments.full;
        if !self.tail.as_ref().is_some_and(fits) {
            self.finish();
            self.begin()?;
        }
        let tail = self.tail.as_ref().expect("it was begun");
        let place = u32::try_from(end(tail, &self.buffer)).expect("a file of the spool is smaller than 4 GiB");
        Ok((tail.number, place))
    }

    fn begin(&mut self) -> Result<(), FsError> {
        let path = self.segments.path(self.next);
        let file = Arc::new(checkpoint::open(&path)?);
        self.disk.cut(&file, 0).map_err(FsError::at("begin", &path))?;
        if self.durability == Durability::Fsync {
            // The name of a new file is durable only once its folder is.
            let folder = &self.segments.folder;
            fs::open(folder)?.sync_all().map_err(FsError::at("sync", folder))?;
        }
        let mut table = self.segments.lock();
        table.add(self.next, Arc::clone(&file), 0);
        if let Some(before) = self.tail.take() {
            self.segments.delete_if_dead(&mut table, before.number);
        }
        drop(table);
        self.tail = Some(Tail { number: self.next, file, length: 0, torn: false });
        self.next += 1;
        Ok(())
    }

    /// Writes what waits, then tells queues and senders; or tells the senders that it failed.
    fn finish(&mut self) {
        if self.written.is_empty() {
            self.buffer.clear();
            return;
        }
        match self.flush() {
            Ok(()) => self.tell(),
            Err(error) => self.refuse(&error),
        }
    }

    /// Brings the buffer into the last file, to the disk itself when that is asked for.
    fn flush(&mut self) -> Result<(), FsError> {
        let Some(tail) = self.tail.as_mut() else { return Ok(()) };
        let path = self.segments.path(tail.number);
        if tail.torn {
            self.disk.cut(&tail.file, tail.length).map_err(FsError::at("cut off", &path))?;
            tail.torn = false;
        }
        if let Err(error) = self.disk.write(&tail.file, &self.buffer, tail.length) {
            tail.torn = self.disk.cut(&tail.file, tail.length).is_err();
            return Err(FsError::at("write", &path)(error));
        }
        if self.durability == Durability::Fsync
            && let Err(error) = self.disk.sync(&tail.file)
        {
            self.abandon();
            return Err(FsError::at("sync", &path)(error));
        }
        if let Some(tail) = self.tail.as_mut() {
            tail.length += self.buffer.len() as u64;
        }
        let mut table = self.segments.lock();
        let length = self.buffer.len() as u64;
        table.total += length;
        if let Some(mut last) = table.files.last_entry() {
            last.get_mut().length += length;
        }
        for written in &self.written {
            if let Some((_, item)) = written.items.first() {
                table.want(item, written.items.len());
            }
        }
        Ok(())
    }

    /// Gives the last file up after a sync that failed: the system may have dropped what it was given, and a later sync would not say
    /// so. What was synced before stays; the next message begins a new file.
    fn abandon(&mut self) {
        let Some(tail) = self.tail.take() else { return };
        if let Err(error) = self.disk.cut(&tail.file, tail.length) {
            let path = self.segments.path(tail.number);
            warn!(%error, path = %path.display(), "what was not acknowledged could not be cut off; it may be delivered after a restart");
        }
    }

    fn tell(&mut self) {
        self.buffer.clear();
        for written in self.written.drain(..) {
            for (queue, item) in written.items {
                queue.push(item);
            }
            // Whose connection is gone does not wait any more.
            let _gone = written.done.send(Ok(()));
        }
    }

    fn refuse(&mut self, error: &FsError) {
        error!(error = failure(error), messages = self.written.len(), "messages could not be stored and are not acknowledged");
        self.buffer.clear();
        for written in self.written.drain(..) {
            let _gone = written.done.send(Err(failure(error)));
        }
    }

    /// Moves what is wanted out of the files with the most waste, until the rest is small.
    fn compact(&mut self) {
        while self.segments.wasteful() {
            let tail = self.tail.as_ref().map(|tail| tail.number);
            let worst = {
                let table = self.segments.lock();
                let files = table.files.iter().filter(|(number, file)| Some(**number) != tail && file.live < file.length);
                files.min_by_key(|(_, file)| file.live * 1000 / file.length.max(1)).map(|(number, _)| *number)
            };
            let Some(number) = worst else { return };
            if let Err(error) = self.move_out(number) {
                warn!(error = failure(&error), "live messages could not be moved together; the space is given back later");
                return;
            }
        }
    }

    /// Copies the wanted records of a file to the end of the log, then deletes it. A crash in between leaves both, and the later one
    /// counts.
    fn move_out(&mut self, number: u32) -> Result<(), FsError> {
        let path = self.segments.path(number);
        let bytes = fs::read(&path)?;
        let mut moves = Vec::new();
        let mut place = 0;
        while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
            let Some((record, length)) = record::decode(rest) else {
                let Some(ahead) = rest.get(1..).and_then(record::next_mark) else { break };
                place += 1 + ahead;
                continue;
            };
            let here = (number, u32::try_from(place).expect("a file of the spool is smaller than 4 GiB"));
            let holders: Vec<(&Reference, Arc<Queue>, Item)> = record
                .references
                .iter()
                .filter_map(|reference| {
                    let queue = self.queues.find(&reference.queue)?;
                    let item = queue.find(reference.number).filter(|item| (item.segment, item.place) == here)?;
                    Some((reference, queue, item))
                })
                .collect();
            if !holders.is_empty() {
                let wanted: Vec<&Reference> = holders.iter().map(|(reference, ..)| *reference).collect();
                let copy = record::again(&record, &wanted);
                if self.tail.as_ref().is_none_or(|tail| {
                    tail.length + (self.buffer.len() + copy.len()) as u64 > self.segments.full && tail.length + self.buffer.len() as u64 > 0
                }) {
                    self.flush_moves(&mut moves)?;
                    self.begin()?;
                }
                let (segment, to) = self.room(copy.len())?;
                let size = u32::try_from(copy.len()).expect("a record is smaller than 4 GiB");
                for (_, queue, item) in holders {
                    moves.push((queue, item, Item { segment, place: to, length: size, ..item }));
                }
                self.buffer.extend_from_slice(&copy);
            }
            place += length;
        }
        self.flush_moves(&mut moves)?;
        let mut table = self.segments.lock();
        if let Some(dead) = table.files.remove(&number) {
            table.total -= dead.length;
            table.live = table.live.saturating_sub(dead.live);
        }
        drop(table);
        info!(path = %path.display(), "moved live messages together");
        fs::remove(&path)
    }

    /// Writes what was copied, then lets the queues look there.
    fn flush_moves(&mut self, moves: &mut Vec<(Arc<Queue>, Item, Item)>) -> Result<(), FsError> {
        if let Err(error) = self.flush() {
            self.buffer.clear();
            return Err(error);
        }
        self.buffer.clear();
        let mut from = 0;
        while let Some((_, _, first)) = moves.get(from) {
            let (segment, place) = (first.segment, first.place);
            let same = moves.iter().skip(from).take_while(|(_, _, to)| (to.segment, to.place) == (segment, place)).count();
            let group = moves.get(from..from + same).unwrap_or_default();
            self.hand_over(group);
            from += same;
        }
        moves.clear();
        Ok(())
    }

    /// Lets the queues of one record look at its copy. A queue that was done with it meanwhile released the original.
    fn hand_over(&self, group: &[(Arc<Queue>, Item, Item)]) {
        let mut table = self.segments.lock();
        // Wanted before a queue can release it.
        if let Some((_, _, to)) = group.first() {
            table.want(to, group.len());
        }
        drop(table);
        for (queue, from, to) in group {
            if queue.moved(from, *to) {
                self.segments.lock().unwant(from);
            } else {
                self.segments.lock().unwant(to);
            }
        }
    }
}

fn seconds(millis: Option<i64>) -> Option<NonZeroU32> {
    let millis = u64::try_from(millis?).unwrap_or_default();
    // The last second that can be told is far away.
    Some(NonZeroU32::new(u32::try_from(millis.div_ceil(1000)).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN))
}

pub(super) fn expiry(reference: &Reference) -> Option<NonZeroU32> {
    seconds(reference.expires_millis)
}

/// Says what failed and why, in one line.
fn failure(error: &FsError) -> String {
    format!("the spool has failed: {error}: {}", error.source)
}

/// Tells where the whole records of a file end, and hands each to `take`. Damage in the middle is passed over.
pub(super) fn scan(path: &Path, bytes: &[u8], mut take: impl FnMut(usize, usize, Vec<Reference>)) -> usize {
    let (mut place, mut end) = (0, 0);
    while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
        if let Some((record, length)) = record::decode(rest) {
            if place > end {
                warn!(path = %path.display(), place = end, bytes = place - end, "the spool is damaged; messages are lost");
            }
            take(place, length, record.references);
            place += length;
            end = place;
        } else if let Some(ahead) = rest.get(1..).and_then(record::next_mark) {
            place += 1 + ahead;
        } else {
            break;
        }
    }
    end
}
