//! Files that a command line names, `-` being the standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::base::fs::{self, FsError};
use crate::base::jsonc::MAX_BYTES;
use crate::base::{CommandError, Exit, Result};

/// What was read, and how it is named to people.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path as it was given, or `<stdin>`.
    pub name: PathBuf,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Reads a file, or the standard input for `-`.
///
/// # Errors
/// A file that does not read, or that is larger than any document.
pub fn read(path: &Path) -> Result<Input> {
    let (name, reader): (PathBuf, Box<dyn std::io::Read>) = if path.as_os_str() == "-" {
        (PathBuf::from("<stdin>"), Box::new(std::io::stdin().lock()))
    } else {
        (path.to_path_buf(), Box::new(fs::open(path)?))
    };
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(FsError::at("read", &name))?;
    if bytes.len() > MAX_BYTES {
        let message = format!("{} has more than {} MiB", name.display(), MAX_BYTES >> 20);
        return Err(CommandError::new(Exit::BadInput, "file/too-large", message));
    }
    Ok(Input { name, bytes })
}
