//! Files of a queue: segments named by the number of their first record, and the checkpoint.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::record::{self, FRAME_BYTES, Stored};
use crate::base::fs::{self, FsError};

const CHECKPOINT: &str = "checkpoint";
const SLOT_BYTES: u64 = 16;

/// Returns the path of the segment that begins with a record.
pub(super) fn path_of(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.log"))
}

/// Lists the first numbers of the segments in a folder, in order.
pub(super) fn list(folder: &Path) -> Result<Vec<u64>, FsError> {
    let names = fs::names_in(folder)?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".log")?.parse().ok()).collect())
}

/// Opens a segment for reading and appending.
pub(super) fn open(path: &Path) -> Result<File, FsError> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(FsError::at("open", path))
}

/// Reads the record at a place, which ends before `end`; `None` at the end and for a damaged record.
pub(super) fn read_at(file: &File, path: &Path, place: u64, end: u64) -> Result<Option<(Stored, u64)>, FsError> {
    let frame_end = place + FRAME_BYTES as u64;
    if frame_end > end {
        return Ok(None);
    }
    let mut frame = [0; FRAME_BYTES];
    file.read_exact_at(&mut frame, place).map_err(FsError::at("read", path))?;
    let Some((length, checksum)) = record::frame(frame).filter(|(length, _)| frame_end + *length as u64 <= end) else {
        return Ok(None);
    };
    let mut payload = vec![0; length];
    file.read_exact_at(&mut payload, frame_end).map_err(FsError::at("read", path))?;
    Ok(record::decode(&payload, checksum).map(|stored| (stored, frame_end + length as u64)))
}

/// Returns where the whole records of a segment end, and the number after the last.
pub(super) fn scan(file: &File, path: &Path, first: u64) -> Result<(u64, u64), FsError> {
    let length = file.metadata().map_err(FsError::at("inspect", path))?.len();
    let (mut place, mut next) = (0, first);
    while let Some((stored, end)) = read_at(file, path, place, length)? {
        if stored.offset != next {
            break;
        }
        (place, next) = (end, next + 1);
    }
    Ok((place, next))
}

/// Remembers the number of the first record that is not consumed, in two slots written in turn, so that a torn write leaves the older
/// one. It is not synced: after a loss of power some messages are delivered again.
pub(super) struct Checkpoint {
    file: File,
    path: PathBuf,
    turn: u64,
}

impl Checkpoint {
    pub(super) fn open(folder: &Path) -> Result<(Self, u64), FsError> {
        let path = folder.join(CHECKPOINT);
        let file = open(&path)?;
        let mut newest = None;
        for turn in 0..2 {
            let mut slot = [0; 12];
            if file.read_exact_at(&mut slot, turn * SLOT_BYTES).is_err() {
                // Never written.
                continue;
            }
            let [value @ .., _, _, _, _] = slot;
            let [.., a, b, c, d] = slot;
            if crc32fast::hash(&value) == u32::from_le_bytes([a, b, c, d]) {
                newest = newest.max(Some((u64::from_le_bytes(value), turn)));
            }
        }
        let (value, turn) = newest.unwrap_or_default();
        Ok((Self { file, path, turn: turn + 1 }, value))
    }

    pub(super) fn write(&mut self, value: u64) -> Result<(), FsError> {
        let bytes = value.to_le_bytes();
        let mut slot = bytes.to_vec();
        slot.extend(crc32fast::hash(&bytes).to_le_bytes());
        self.file.write_all_at(&slot, self.turn % 2 * SLOT_BYTES).map_err(FsError::at("write", &self.path))?;
        self.turn += 1;
        Ok(())
    }
}
