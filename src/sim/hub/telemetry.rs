//! The telemetry log: JSON lines in `telemetry.jsonl`, synced in groups before any message of the group is acknowledged.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc as blocking;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::{oneshot, watch};

use crate::base::Timestamp;
use crate::base::fs::{self, FsError};
use crate::iothub::TelemetryRecord;
use crate::iothub::time::time_text;
use crate::model::{Identity, Message};

/// Messages that share one sync.
const GROUP: usize = 512;

/// How far the log is stored: its length, and the number of the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) bytes: u64,
    pub(super) next: u64,
}

/// The log of one hub. A thread of its own writes it; dropping the log ends the thread.
pub(super) struct Log {
    path: PathBuf,
    end: watch::Receiver<End>,
    queue: Mutex<blocking::Sender<Entry>>,
}

struct Entry {
    record: TelemetryRecord,
    stored: oneshot::Sender<Result<(), String>>,
}

impl Log {
    /// Opens the log; a last line that was cut off by a crash is dropped, since nobody got an acknowledgement for it.
    pub(super) fn open(path: PathBuf) -> Result<Self, FsError> {
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(FsError::at("open", &path))?;
        let end = recover(&mut file).map_err(FsError::at("read", &path))?;
        let (told, seen) = watch::channel(end);
        let (queue, entries) = blocking::channel();
        std::thread::Builder::new()
            .name("telemetry".to_owned())
            .spawn(move || write_all(file, &entries, &told))
            .map_err(FsError::at("write", &path))?;
        Ok(Self { path, end: seen, queue: Mutex::new(queue) })
    }

    /// Stores a message and returns once it is on disk.
    pub(super) async fn append(&self, sender: &Identity, message: Message, now: Timestamp) -> Result<(), String> {
        let (stored, answer) = oneshot::channel();
        let entry = Entry { record: record(sender, message, now), stored };
        let stopped = || "the telemetry log has stopped".to_owned();
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).send(entry).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Returns how far the log is stored, now and from now on.
    pub(super) fn end(&self) -> watch::Receiver<End> {
        self.end.clone()
    }

    /// Returns the path of the log.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Finds the end of the last whole line, cuts off what follows, and returns the next number.
fn recover(file: &mut File) -> std::io::Result<End> {
    let (mut end, mut line) = (End { bytes: 0, next: 1 }, Vec::new());
    let mut reader = BufReader::new(&mut *file);
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line)?;
        if bytes == 0 || line.last() != Some(&b'\n') {
            break;
        }
        end = End { bytes: end.bytes + bytes as u64, next: end.next + 1 };
    }
    drop(reader);
    file.set_len(end.bytes)?;
    file.seek(SeekFrom::End(0))?;
    Ok(end)
}

/// Writes groups of entries until the log is dropped. After a write that failed nothing is acknowledged any more: what lies on disk is
/// not known then.
fn write_all(mut file: File, entries: &blocking::Receiver<Entry>, told: &watch::Sender<End>) {
    let mut broken: Option<String> = None;
    while let Ok(first) = entries.recv() {
        let mut end = *told.borrow();
        let (mut group, mut bytes) = (Vec::new(), Vec::new());
        for mut entry in std::iter::once(first).chain(entries.try_iter().take(GROUP - 1)) {
            entry.record.sequence_number = end.next;
            end.next += 1;
            let line = serde_json::to_vec(&entry.record).expect("a record has text keys alone");
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
            group.push(entry.stored);
        }
        if broken.is_none() {
            let written = file.write_all(&bytes).and_then(|()| file.sync_data());
            broken = written.err().map(|error| format!("cannot write the telemetry log: {error}"));
        }
        let outcome = broken.clone().map_or(Ok(()), Err);
        if outcome.is_ok() {
            end.bytes += bytes.len() as u64;
            told.send_replace(end);
        }
        for stored in group {
            // A client that left meanwhile asks no more.
            let _gone = stored.send(outcome.clone());
        }
    }
}

/// Reads the stored part of the log piece by piece.
pub(super) struct Reader {
    file: File,
    place: u64,
}

impl Reader {
    /// Opens the log at the start of the message `from`, or of the next one when there is no such message yet.
    pub(super) fn open(path: &Path, from: u64, end: End) -> Result<Self, FsError> {
        let file = fs::open(path)?;
        if from >= end.next {
            return Ok(Self { file, place: end.bytes });
        }
        let mut reader = BufReader::new(file);
        let (mut place, mut line) = (0, Vec::new());
        for _ in 1..from {
            line.clear();
            place += reader.read_until(b'\n', &mut line).map_err(FsError::at("read", path))? as u64;
        }
        Ok(Self { file: reader.into_inner(), place })
    }

    /// Returns the next whole lines up to `end`, at most about 256 KiB of them; empty when all was read.
    pub(super) fn next(&mut self, end: End) -> std::io::Result<Vec<u8>> {
        const PIECE: u64 = 256 * 1024;
        self.file.seek(SeekFrom::Start(self.place))?;
        let left = end.bytes - self.place;
        let mut bytes = Vec::new();
        let mut piece = PIECE;
        loop {
            let wanted = left.min(piece);
            (&self.file).take(wanted - bytes.len() as u64).read_to_end(&mut bytes)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
            if whole > 0 || wanted == left {
                bytes.truncate(whole);
                self.place += whole as u64;
                return Ok(bytes);
            }
            // One line is longer than the piece.
            piece *= 2;
        }
    }
}

fn record(sender: &Identity, message: Message, now: Timestamp) -> TelemetryRecord {
    let body = serde_json::from_slice(&message.body).ok();
    let body_base64 = body.is_none().then(|| STANDARD.encode(&message.body));
    TelemetryRecord {
        sequence_number: 0,
        enqueued_time: time_text(now),
        device_id: sender.device_id.clone(),
        module_id: sender.module_id.clone(),
        properties: message.properties,
        system_properties: message.system_properties,
        body,
        body_base64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;

    async fn send(log: &Log, body: &'static [u8]) {
        let message = Message { body: bytes::Bytes::from_static(body), ..Message::default() };
        log.append(&Identity::module("d", "m"), message, Clock::fixed_at(0).expect("time").now()).await.expect("stored");
    }

    fn read(log: &Log, from: u64) -> Vec<TelemetryRecord> {
        let end = *log.end().borrow();
        let bytes = Reader::open(log.path(), from, end).expect("reader").next(end).expect("lines");
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).expect("a record")).collect()
    }

    #[tokio::test]
    async fn numbers_go_on_after_a_crash_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("telemetry.jsonl");
        let log = Log::open(path.clone()).expect("log");
        send(&log, br#"{"t":21.5}"#).await;
        send(&log, b"\xff\x00").await;
        drop(log);
        OpenOptions::new().append(true).open(&path).and_then(|mut file| file.write_all(b"{\"sequenceNu")).expect("a torn line");
        let log = Log::open(path).expect("log");
        send(&log, b"\"three\"").await;
        let all = read(&log, 1);
        assert_eq!(all.iter().map(|record| record.sequence_number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(all[0].body, Some(serde_json::json!({ "t": 21.5 })));
        assert_eq!((all[1].body.as_ref(), all[1].body_base64.as_deref()), (None, Some("/wA=")));
        assert_eq!(read(&log, 3).len(), 1);
        assert!(read(&log, 4).is_empty());
    }
}
