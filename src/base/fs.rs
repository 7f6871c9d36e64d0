//! Files that name their path in errors; writes that are whole or absent; folders and keys that only their owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Diagnose, Exit};

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub struct FsError {
    /// What was tried, an infinitive such as `read`.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

impl FsError {
    /// Returns a closure for `map_err` that names action and path.
    pub fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { action, path: path.to_path_buf(), source }
    }

    /// Tells whether the file was simply not there.
    pub fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

impl Diagnose for FsError {
    fn kind(&self) -> Exit {
        match self.source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidData | io::ErrorKind::AlreadyExists => Exit::BadInput,
            _ => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        "file/failed"
    }
}

type Result<T, E = FsError> = std::result::Result<T, E>;

/// Reads a whole file.
#[expect(clippy::disallowed_methods, reason = "the wrapper that names the path")]
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(FsError::at("read", path))
}

/// Reads a whole file of UTF-8 text.
#[expect(clippy::disallowed_methods, reason = "the wrapper that names the path")]
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(FsError::at("read", path))
}

/// Reads a whole file, or `None` when there is none.
pub fn read_if_any(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a JSON file that this tool wrote.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&read(path)?).map_err(|error| FsError::at("understand", path)(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// Opens a file for reading.
#[expect(clippy::disallowed_methods, reason = "the wrapper that names the path")]
pub fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(FsError::at("open", path))
}

/// What tells one state of a file from another without reading it. The time of the last change is the system's own: programs cannot set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Seconds and nanoseconds since 1970 of the last write.
    pub modified: (i64, i64),
    /// The same of the last change of anything, the name and the modes too.
    pub changed: (i64, i64),
    /// Device and number of the file.
    pub identity: (u64, u64),
}

/// Returns the stamp of a file.
pub fn stamp(path: &Path) -> Result<Stamp> {
    let metadata = fs::metadata(path).map_err(FsError::at("inspect", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Ok(Stamp {
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            identity: (metadata.dev(), metadata.ino()),
        })
    }
    #[cfg(not(unix))]
    {
        let since = metadata.modified().map_err(FsError::at("inspect", path))?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let modified = (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), i64::from(since.subsec_nanos()));
        Ok(Stamp { size: metadata.len(), modified, changed: modified, identity: (0, 0) })
    }
}

/// Writes a file whole: beside the target, synced, then renamed over it, and the folder synced, so that the new name survives a power
/// loss. Readers see the old bytes or the new ones.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with_mode(path, bytes, 0o644)
}

/// Writes a file whole as [`write()`] does, for its owner alone (mode 0600), whatever was there before.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with_mode(path, bytes, 0o600)
}

/// Writes a file of the user's anew, whole as [`write()`] does: with the mode that it has, and behind the links that lead to it.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = fs::canonicalize(path).map_err(FsError::at("write", path))?;
    let permissions = fs::metadata(&target).map_err(FsError::at("write", path))?.permissions();
    let file = staged(&target, bytes, 0o600)?;
    // Set here and not at its creation, where the mask of the process would take bits away.
    file.as_file().set_permissions(permissions).map_err(FsError::at("write", path))?;
    persist(file, &target)
}

fn write_with_mode(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    persist(staged(path, bytes, mode)?, path)
}

/// Writes a file beside its place.
fn staged(path: &Path, bytes: &[u8], mode: u32) -> Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(".edgectl-")
        .permissions(file_mode(mode))
        .tempfile_in(folder_of(path))
        .map_err(FsError::at("write", path))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(FsError::at("write", path))?;
    Ok(file)
}

fn persist(file: tempfile::NamedTempFile, path: &Path) -> Result<()> {
    file.persist(path).map_err(|error| FsError::at("write", path)(error.error))?;
    sync_folder(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a folder durable, where the system and the file system can.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match open(folder)?.sync_all() {
        // Some network file systems know no sync of folders; they order renames by themselves.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome.map_err(FsError::at("sync", folder)),
    }
}

/// Writes a value as pretty JSON with a final line break, whole as [`write()`] does.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| FsError::at("write", path)(error.into()))?;
    bytes.push(b'\n');
    write(path, &bytes)
}

/// Creates a file that must not exist yet, readable by its owner alone (mode 0600), and writes it whole.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(FsError::at("create", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(FsError::at("write", path))
}

/// Creates a folder and its parents.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(FsError::at("create", path))
}

/// Creates a folder that its owner alone may enter (mode 0700), with parents of the same mode; refuses a looser one that exists.
pub fn create_private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(FsError::at("create", path))?;
    require_private(path)
}

/// Refuses a file or folder that group or others can reach.
pub fn require_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(FsError::at("inspect", path))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let message = format!("it is open to others (mode {mode:04o}); `chmod go-rwx {}` closes it", path.display());
            return Err(FsError::at("trust", path)(io::Error::new(io::ErrorKind::PermissionDenied, message)));
        }
    }
    Ok(())
}

/// Removes a file or a folder with all it holds; one that is not there is no error.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FsError::at("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Renames a file or folder.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(FsError::at("move", from))
}

/// Lists the names in a folder, sorted bytewise; a folder that is not there has none.
pub fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FsError::at("list", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(FsError::at("list", folder))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// A lock among processes, held until dropped: an exclusive advisory lock on a file of its own.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Waits for the lock on `path`, which is created (mode 0600) when missing and stays afterwards.
    pub fn acquire(path: &Path) -> Result<Self> {
        let file = Self::open(path)?;
        file.lock().map_err(FsError::at("lock", path))?;
        Ok(Self(file))
    }

    /// Takes the lock if nobody holds it, else `None` at once.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>> {
        let file = Self::open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(FsError::at("lock", path)(error)),
        }
    }

    fn open(path: &Path) -> Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map_err(FsError::at("open", path))
    }
}

#[cfg(unix)]
fn file_mode(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_path() {
        let error = read(Path::new("/nonexistent/file")).expect_err("no such file");
        assert_eq!(error.to_string(), "cannot read /nonexistent/file");
        assert!(error.is_not_found());
    }

    #[test]
    fn secrets_are_private_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("key");
        write_secret(&path, b"one").expect("first");
        assert!(write_secret(&path, b"two").is_err());
        assert_eq!(read(&path).expect("read"), b"one");
        require_private(&path).expect("private");
        fs::set_permissions(&path, file_mode(0o644)).expect("chmod");
        assert!(require_private(&path).is_err());
        assert_eq!(fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o644);
    }

    #[test]
    fn only_one_holds_the_lock() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("lock");
        let held = Lock::acquire(&path).expect("lock");
        assert!(Lock::try_acquire(&path).expect("try").is_none());
        drop(held);
        assert!(Lock::try_acquire(&path).expect("try").is_some());
    }
}
