//! Reads a fleet file of any size as a stream: split at the ends of lines, and read by two workers.

use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use super::csv::Header;
use super::dictionary::Dictionary;
use super::error::{Fault, FleetError};
use super::index::FleetIndex;
use super::part::{Part, Shape, Worker, line_breaks};
use super::schema::Schema;
use crate::base::fs::FsError;

/// What a fleet file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FleetFormat {
    /// Found out from its first bytes.
    #[default]
    Auto,
    /// One twin (JSON) a line.
    Twins,
    /// The `devices.txt` of an export job of a hub: one device (JSON) a line, named by `id`.
    Export,
    /// CSV of ids and tags.
    Csv,
}

/// Longest line, or record of CSV.
pub const MAX_LINE_BYTES: usize = 16 << 20;
/// Bytes that one worker reads at a time, about.
const PIECE_BYTES: usize = 512 << 10;
const WORKERS: usize = 2;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a fleet; `file` only names it in errors, `progress` is told how many bytes have been read.
///
/// # Errors
/// At the first line, in the order of the file, that is no device; and when a device is there twice.
pub fn read(
    source: &mut dyn Read,
    file: &Path,
    format: FleetFormat,
    schema: Schema,
    progress: &mut dyn FnMut(u64),
) -> Result<FleetIndex, FleetError> {
    let (emptied, spare) = channel();
    let mut pieces = Pieces { source, file, rest: Vec::new(), lines: 0, read: 0, ended: false, quotes: false, emptied, spare };
    let mut first = pieces.fill(PIECE_BYTES)?;
    if first.starts_with(BOM) {
        first.drain(..BOM.len());
    }
    let csv = format.is_csv(&first);
    pieces.rest = first;
    if !csv {
        let [device_id, id] = format.named();
        let (parts, dictionaries) = gather(&mut pieces, &schema, Shape::Json { device_id, id }, progress)?;
        return FleetIndex::assemble(schema, parts, dictionaries, true, file);
    }
    pieces.quotes = true;
    let header_bytes = pieces.header()?;
    let text = std::str::from_utf8(&header_bytes);
    let text = text.map_err(|error| Fault::csv(0, error.valid_up_to() + 1, "this is no UTF-8", None).in_file(file, 0))?;
    let header = Header::read(text, &schema).map_err(|fault| fault.in_file(file, 0))?;
    let (parts, dictionaries) = gather(&mut pieces, &schema, Shape::Csv(&header), progress)?;
    FleetIndex::assemble(schema, parts, dictionaries, header.edge_known, file)
}

type Gathered = (Vec<Part>, Vec<Vec<Dictionary>>);

/// Lets the workers read all pieces.
fn gather(pieces: &mut Pieces<'_>, schema: &Schema, shape: Shape<'_>, progress: &mut dyn FnMut(u64)) -> Result<Gathered, FleetError> {
    let (sender, receiver) = sync_channel::<(usize, Vec<u8>)>(WORKERS);
    let (receiver, failed) = (Mutex::new(receiver), AtomicBool::new(false));
    let lines_before = pieces.lines;
    let emptied = pieces.emptied.clone();
    let (sent, outcomes) = std::thread::scope(|scope| {
        let (receiver, failed, emptied) = (&receiver, &failed, &emptied);
        let workers: Vec<_> =
            (0..WORKERS).map(|number| scope.spawn(move || work(Worker::new(schema, shape, number), receiver, failed, emptied))).collect();
        let sent = send(pieces, &sender, failed, progress);
        // The workers end when nothing can come any more.
        drop(sender);
        (sent, workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>())
    });
    let (mut parts, mut dictionaries) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        let (read, known) = outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        parts.extend(read);
        dictionaries.push(known);
    }
    parts.sort_unstable_by_key(|part| part.sequence);
    let mut lines = lines_before;
    for part in &mut parts {
        if let Some(fault) = part.fault.take() {
            return Err(fault.in_file(pieces.file, lines));
        }
        lines += part.lines;
    }
    sent.map(|()| (parts, dictionaries))
}

fn work(
    mut worker: Worker<'_>,
    pieces: &Mutex<Receiver<(usize, Vec<u8>)>>,
    failed: &AtomicBool,
    emptied: &Sender<Vec<u8>>,
) -> (Vec<Part>, Vec<Dictionary>) {
    let mut parts = Vec::new();
    loop {
        let piece = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((sequence, bytes)) = piece else { return (parts, worker.dictionaries) };
        let part = worker.read(sequence, &bytes);
        if part.fault.is_some() {
            failed.store(true, Ordering::Relaxed);
        }
        parts.push(part);
        // Nobody takes buffers back once the file has ended.
        drop(emptied.send(bytes));
    }
}

fn send(
    pieces: &mut Pieces<'_>,
    sender: &SyncSender<(usize, Vec<u8>)>,
    failed: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<(), FleetError> {
    for sequence in 0.. {
        let Some(piece) = pieces.next()? else { break };
        progress(pieces.read);
        // Nobody listens only when both workers panicked, which the joins tell.
        if failed.load(Ordering::Relaxed) || sender.send((sequence, piece)).is_err() {
            break;
        }
    }
    Ok(())
}

/// Splits a stream at the ends of lines.
struct Pieces<'a> {
    source: &'a mut dyn Read,
    file: &'a Path,
    /// What was read beyond the last line that was handed out.
    rest: Vec<u8>,
    /// Line breaks handed out.
    lines: usize,
    read: u64,
    ended: bool,
    /// Whether a line break between quotes is none.
    quotes: bool,
    /// Where workers give buffers back, and where they are taken from: fresh memory for each piece costs as much as reading it.
    emptied: Sender<Vec<u8>>,
    spare: Receiver<Vec<u8>>,
}

impl Pieces<'_> {
    /// Reads until the rest has so many bytes, or the stream ends.
    fn fill(&mut self, bytes: usize) -> Result<Vec<u8>, FleetError> {
        let mut piece = std::mem::take(&mut self.rest);
        let mut filled = piece.len();
        piece.resize(bytes.max(filled), 0);
        while !self.ended && filled < piece.len() {
            let read = match self.source.read(&mut piece[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                outcome => outcome.map_err(FsError::at("read", self.file))?,
            };
            filled += read;
            self.read += read as u64;
            self.ended = read == 0;
        }
        piece.truncate(filled);
        Ok(piece)
    }

    /// Returns the next lines, or `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<u8>>, FleetError> {
        let mut wanted = PIECE_BYTES;
        loop {
            let mut piece = self.fill(wanted)?;
            if self.ended {
                return Ok((!piece.is_empty()).then_some(piece));
            }
            if let Some(end) = self.last_end(&piece) {
                self.rest = self.spare.try_recv().unwrap_or_default();
                self.rest.clear();
                self.rest.extend_from_slice(&piece[end..]);
                piece.truncate(end);
                self.lines += line_breaks(&piece);
                return Ok(Some(piece));
            }
            if piece.len() >= MAX_LINE_BYTES {
                let hint = if self.quotes { "Is a quote not closed?" } else { "A fleet file holds one twin a line." };
                let message = format!("longer than {} MiB", MAX_LINE_BYTES >> 20);
                return Err(Fault::csv(self.lines, 1, message, Some(hint)).in_file(self.file, 0));
            }
            self.rest = piece;
            wanted = (wanted * 2).min(MAX_LINE_BYTES);
        }
    }

    /// Returns where the last whole line of a piece ends.
    fn last_end(&self, piece: &[u8]) -> Option<usize> {
        if !self.quotes {
            return piece.iter().rposition(|byte| *byte == b'\n').map(|place| place + 1);
        }
        let (mut inside, mut last) = (false, None);
        for (place, byte) in piece.iter().enumerate() {
            match byte {
                b'"' => inside = !inside,
                b'\n' if !inside => last = Some(place + 1),
                _ => {}
            }
        }
        last
    }

    /// Takes the first record that is not blank.
    fn header(&mut self) -> Result<Vec<u8>, FleetError> {
        let mut inside = false;
        let mut text = false;
        let end = self.rest.iter().position(|byte| {
            inside ^= *byte == b'"';
            text |= !byte.is_ascii_whitespace();
            text && !inside && *byte == b'\n'
        });
        if end.is_none() && !self.ended {
            return Err(Fault::csv(0, 1, "the header is too long", None).in_file(self.file, 0));
        }
        let rest = self.rest.split_off(end.map_or(self.rest.len(), |end| end + 1));
        let header = std::mem::replace(&mut self.rest, rest);
        self.lines += line_breaks(&header);
        Ok(header)
    }
}
