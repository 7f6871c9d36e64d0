//! How far a queue is consumed, as a file of its own.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::base::fs::FsError;

const SLOT_BYTES: u64 = 16;

/// The number of the first message that is not consumed, in two slots written in turn, so that a torn write leaves the older one. It is
/// not synced: after a loss of power some messages are delivered again.
pub(super) struct Checkpoint {
    file: File,
    path: PathBuf,
    turn: u64,
    value: u64,
}

impl Checkpoint {
    pub(super) fn open(path: PathBuf) -> Result<Self, FsError> {
        let file = open(&path)?;
        let mut newest = None;
        for turn in 0..2 {
            let mut slot = [0; 12];
            // A slot that was never written is past the end.
            if file.read_exact_at(&mut slot, turn * SLOT_BYTES).is_err() {
                continue;
            }
            let [value @ .., _, _, _, _] = slot;
            let [.., a, b, c, d] = slot;
            if crc32fast::hash(&value) == u32::from_le_bytes([a, b, c, d]) {
                newest = newest.max(Some((u64::from_le_bytes(value), turn)));
            }
        }
        let (value, turn) = newest.unwrap_or_default();
        Ok(Self { file, path, turn: turn + 1, value })
    }

    pub(super) fn value(&self) -> u64 {
        self.value
    }

    pub(super) fn write(&mut self, value: u64) -> Result<(), FsError> {
        let bytes = value.to_le_bytes();
        let mut slot = [0; 12];
        slot[..8].copy_from_slice(&bytes);
        slot[8..].copy_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        self.file.write_all_at(&slot, self.turn % 2 * SLOT_BYTES).map_err(FsError::at("write", &self.path))?;
        self.turn += 1;
        self.value = value;
        Ok(())
    }
}

/// Opens a file for reading and writing, made when it is new.
pub(super) fn open(path: &Path) -> Result<File, FsError> {
    let mut options = OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.read(true).write(true).create(true).truncate(false).open(path).map_err(FsError::at("open", path))
}
