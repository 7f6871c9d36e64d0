//! A log file with a size bound: when it is full it becomes `NAME.1`, in place of the one before, and a new one begins.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::base::fs::{self, FsError};

/// Bytes that a file may have before the next one begins.
pub const LIMIT_BYTES: u64 = 4 << 20;

/// An open log file.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    limit: u64,
}

impl LogFile {
    /// Opens a log file for appending, with its folders.
    pub fn open(path: &Path) -> Result<Self, FsError> {
        Self::with_limit(path, LIMIT_BYTES)
    }

    fn with_limit(path: &Path, limit: u64) -> Result<Self, FsError> {
        if let Some(folder) = path.parent() {
            fs::create_folder(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(FsError::at("open", path))?;
        let size = file.metadata().map_err(FsError::at("inspect", path))?.len();
        Ok(Self { path: path.to_path_buf(), file, size, limit })
    }

    /// Appends a line; the line break is added when it has none.
    pub fn line(&mut self, line: &[u8]) -> Result<(), FsError> {
        if self.size > 0 && self.size + line.len() as u64 > self.limit {
            fs::rename(&self.path, &previous(&self.path))?;
            *self = Self::with_limit(&self.path, self.limit)?;
        }
        let mut bytes = line.to_vec();
        if bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        self.file.write_all(&bytes).map_err(FsError::at("write", &self.path))?;
        self.size += bytes.len() as u64;
        Ok(())
    }
}

/// Returns the path of the log before this one.
pub fn previous(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_gives_way_and_nothing_is_torn() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a/b.log");
        let mut log = LogFile::with_limit(&path, 10).expect("open");
        for line in ["one", "two\n", "three", "a line longer than the limit", "x"] {
            log.line(line.as_bytes()).expect("line");
        }
        assert_eq!(fs::read_text(&path).expect("read"), "x\n");
        assert_eq!(fs::read_text(&previous(&path)).expect("read"), "a line longer than the limit\n");
        let mut again = LogFile::with_limit(&path, 10).expect("open");
        again.line(b"y").expect("line");
        assert_eq!(fs::read_text(&path).expect("read"), "x\ny\n");
    }
}
