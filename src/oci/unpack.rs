//! Unpacking layers into a folder without trusting them: nothing leaves the folder, no device is made, sizes are bounded, and
//! each layer must have the diff ID that the config names (OCI image-spec v1.1, layer.md, with whiteouts).

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::media_type::{self, Compression};
use crate::base::digest::Digester;
use crate::base::fs::{FsError, create_folder, remove};
use crate::base::{Diagnose, Digest, Exit};

/// Most uncompressed bytes of all layers together.
const BYTES_LIMIT: u64 = 4 << 30;
/// Most entries of all layers together.
const ENTRIES_LIMIT: u64 = 500_000;
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// One layer as it came from a store.
#[derive(Clone, Debug)]
pub struct LayerBytes {
    /// How it is packed.
    pub media_type: String,
    /// Its bytes, already checked against the descriptor's digest.
    pub bytes: Bytes,
    /// Digest that the uncompressed tar must have.
    pub diff_id: Digest,
}

/// A layer that is refused, or a folder that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// A layer format that this tool does not read.
    #[error("layers of type {media_type} cannot be unpacked by this tool")]
    Unsupported {
        /// The media type.
        media_type: String,
    },
    /// An entry that could do harm.
    #[error("the entry `{path}` is refused: {reason}")]
    Refused {
        /// Path of the entry as it stands in the layer.
        path: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The layers grow beyond what is unpacked.
    #[error("the layers hold more than {limit} {unit}")]
    TooLarge {
        /// The limit.
        limit: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// The content is not what the config says.
    #[error("a layer has diff ID {actual}, the image names {expected}")]
    DiffId {
        /// What the config names.
        expected: Digest,
        /// What the bytes have.
        actual: Digest,
    },
    /// Broken gzip or tar.
    #[error("the layer with diff ID {diff_id} cannot be read")]
    Broken {
        /// Which layer.
        diff_id: Digest,
        /// What is wrong.
        source: io::Error,
    },
    /// The folder cannot be written.
    #[error(transparent)]
    File(#[from] FsError),
}

impl Diagnose for UnpackError {
    fn kind(&self) -> Exit {
        match self {
            Self::Refused { .. } | Self::TooLarge { .. } | Self::DiffId { .. } => Exit::Refused,
            Self::Unsupported { .. } | Self::Broken { .. } => Exit::BadInput,
            Self::File(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "oci/unsupported-layer",
            Self::Refused { .. } => "oci/unsafe-layer",
            Self::TooLarge { .. } => "oci/layer-too-large",
            Self::DiffId { .. } => "oci/wrong-diff-id",
            Self::Broken { .. } => "oci/broken-layer",
            Self::File(error) => error.code(),
        }
    }
}

/// Unpacks layers, lowest first, into `folder`, which must not exist: it appears whole, or not at all. Files belong to the caller,
/// keep their executable bits and nothing else of their mode; absolute symlinks become relative ones inside the folder.
///
/// # Errors
/// See [`UnpackError`]; `Refused`, `TooLarge` and `DiffId` mean that the image is not to be trusted.
pub fn unpack(layers: &[LayerBytes], folder: &Path) -> Result<(), UnpackError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    create_folder(parent)?;
    let beside = tempfile::Builder::new().prefix(".unpack-").tempdir_in(parent).map_err(FsError::at("create", folder))?;
    let root = beside.path().canonicalize().map_err(FsError::at("find", beside.path()))?;
    let mut unpacker = Unpacker { root, bytes_left: BYTES_LIMIT, entries_left: ENTRIES_LIMIT };
    for layer in layers {
        unpacker.layer(layer)?;
    }
    set_mode(&unpacker.root, 0o755)?;
    crate::base::fs::rename(&unpacker.root, folder)?;
    // The folder moved away, so there is nothing left to clean up.
    let _moved = beside.keep();
    Ok(())
}

struct Unpacker {
    root: PathBuf,
    bytes_left: u64,
    entries_left: u64,
}

impl Unpacker {
    fn layer(&mut self, layer: &LayerBytes) -> Result<(), UnpackError> {
        let unsupported = || UnpackError::Unsupported { media_type: layer.media_type.clone() };
        let packed: Box<dyn Read + '_> = match media_type::compression_of(&layer.media_type).ok_or_else(unsupported)? {
            Compression::Stored => Box::new(layer.bytes.as_ref()),
            Compression::Gzip => Box::new(MultiGzDecoder::new(layer.bytes.as_ref())),
        };
        let mut tar = Checked { inner: packed, digester: Digester::default(), left: self.bytes_left, exceeded: false };
        let outcome = self.entries(&mut tar, layer.diff_id);
        if tar.exceeded {
            return Err(UnpackError::TooLarge { limit: BYTES_LIMIT, unit: "bytes" });
        }
        outcome?;
        // What follows the end of the archive belongs to the digest too.
        let drained = io::copy(&mut tar, &mut io::sink());
        if tar.exceeded {
            return Err(UnpackError::TooLarge { limit: BYTES_LIMIT, unit: "bytes" });
        }
        drained.map_err(|source| UnpackError::Broken { diff_id: layer.diff_id, source })?;
        self.bytes_left = tar.left;
        let actual = tar.digester.finish();
        if actual == layer.diff_id { Ok(()) } else { Err(UnpackError::DiffId { expected: layer.diff_id, actual }) }
    }

    fn entries(&mut self, tar: &mut dyn Read, diff_id: Digest) -> Result<(), UnpackError> {
        let broken = |source| UnpackError::Broken { diff_id, source };
        let mut archive = tar::Archive::new(tar);
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            self.entries_left = self.entries_left.checked_sub(1).ok_or(UnpackError::TooLarge { limit: ENTRIES_LIMIT, unit: "entries" })?;
            let path = entry.path().map_err(broken)?.into_owned();
            let link = entry.link_name().map_err(broken)?.map(std::borrow::Cow::into_owned);
            let executable = entry.header().mode().map_err(broken)? & 0o111 != 0;
            self.entry(&path, entry.header().entry_type(), link.as_deref(), executable, &mut entry).map_err(|error| match error {
                UnpackError::File(FsError { source, .. }) if source.kind() == io::ErrorKind::UnexpectedEof => broken(source),
                error => error,
            })?;
        }
        Ok(())
    }

    fn entry(
        &self,
        path: &Path,
        kind: EntryType,
        link: Option<&Path>,
        executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), UnpackError> {
        let Some((parent, name)) = self.place(path)? else { return Ok(()) };
        let refuse = |reason| Err(UnpackError::Refused { path: path.display().to_string(), reason });
        if let Some(removed) = name.to_str().and_then(|name| name.strip_prefix(WHITEOUT)) {
            return whiteout(&parent, removed).map_err(UnpackError::File);
        }
        let target = parent.join(&name);
        match (kind, link) {
            (EntryType::Directory, _) => {
                if !target.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                    remove(&target)?;
                    create_folder(&target)?;
                }
                Ok(())
            }
            (EntryType::Regular | EntryType::Continuous, _) => {
                remove(&target)?;
                write_file(&target, executable, content).map_err(UnpackError::File)
            }
            (EntryType::Symlink, Some(link)) => {
                let inside = self.link_target(path, &parent, link)?;
                remove(&target)?;
                symlink(inside, &target).map_err(FsError::at("create", &target)).map_err(UnpackError::File)
            }
            (EntryType::Link, Some(link)) => {
                let Some((source_parent, source_name)) = self.place(link)? else {
                    return refuse("it is a hard link to the root");
                };
                let source = source_parent.join(source_name);
                if !source.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
                    return refuse("it is a hard link to something that is no file of the image");
                }
                if source == target {
                    return Ok(());
                }
                remove(&target)?;
                fs::hard_link(&source, &target).map_err(FsError::at("create", &target)).map_err(UnpackError::File)
            }
            (EntryType::XGlobalHeader, _) => Ok(()),
            (EntryType::Char | EntryType::Block | EntryType::Fifo, _) => refuse("devices and pipes are not made"),
            _ => refuse("entries of this type are not unpacked"),
        }
    }

    /// Returns the real parent folder, inside the root, and the name of an entry; `None` for the root itself. Parents that are
    /// missing are made.
    fn place(&self, path: &Path) -> Result<Option<(PathBuf, std::ffi::OsString)>, UnpackError> {
        let refuse = |reason| UnpackError::Refused { path: path.display().to_string(), reason };
        let mut names = Vec::new();
        for component in path.components() {
            match component {
                Component::Normal(name) => names.push(name),
                Component::CurDir => {}
                Component::ParentDir => return Err(refuse("it climbs with `..`")),
                Component::RootDir | Component::Prefix(_) => return Err(refuse("it is absolute")),
            }
        }
        let Some(name) = names.pop() else { return Ok(None) };
        let mut parent = self.root.clone();
        for folder in names {
            parent.push(folder);
            match parent.symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() => {
                    parent = parent.canonicalize().map_err(|_| refuse("it goes through a link that leads nowhere"))?;
                    if !parent.starts_with(&self.root) || !parent.is_dir() {
                        return Err(refuse("it goes through a link that leaves the image or ends at a file"));
                    }
                }
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err(refuse("it lies below a file")),
                Err(_) => create_folder(&parent)?,
            }
        }
        Ok(Some((parent, name.to_os_string())))
    }

    /// Returns the target to write for a symlink in `parent`: relative, and inside the root whatever its folders hold.
    fn link_target(&self, path: &Path, parent: &Path, link: &Path) -> Result<PathBuf, UnpackError> {
        let refuse = |reason| UnpackError::Refused { path: path.display().to_string(), reason };
        let depth = parent.strip_prefix(&self.root).map_err(|_| refuse("it leaves the image"))?.components().count();
        let (mut up, mut down) = (0, PathBuf::new());
        for component in link.components() {
            match component {
                Component::Normal(name) => down.push(name),
                Component::CurDir | Component::Prefix(_) => {}
                Component::RootDir => up = depth,
                // Below a name the way up depends on what that name is, which can change later.
                Component::ParentDir if down.as_os_str().is_empty() && !link.is_absolute() => up += 1,
                Component::ParentDir => return Err(refuse("it links to a path that climbs after a name")),
            }
        }
        if up > depth {
            return Err(refuse("it links out of the image"));
        }
        let target: PathBuf = std::iter::repeat_n(Path::new(".."), up).chain([down.as_path()]).collect();
        Ok(if target.as_os_str().is_empty() { PathBuf::from(".") } else { target })
    }
}

fn whiteout(parent: &Path, removed: &str) -> Result<(), FsError> {
    if format!("{WHITEOUT}{removed}") == OPAQUE {
        return crate::base::fs::names_in(parent)?.iter().try_for_each(|name| remove(&parent.join(name)));
    }
    if matches!(removed, "" | "." | "..") { Ok(()) } else { remove(&parent.join(removed)) }
}

fn write_file(target: &Path, executable: bool, content: &mut dyn Read) -> Result<(), FsError> {
    let mode = if executable { 0o755 } else { 0o644 };
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(target).map_err(FsError::at("create", target))?;
    io::copy(content, &mut file).map_err(FsError::at("write", target))?;
    set_mode(target, mode)
}

fn set_mode(path: &Path, mode: u32) -> Result<(), FsError> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(FsError::at("change the mode of", path))
}

/// Digests what is read and stops at a limit.
struct Checked<R> {
    inner: R,
    digester: Digester,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(count as u64) else {
            self.exceeded = true;
            return Err(io::Error::other("more bytes than are unpacked"));
        };
        self.left = left;
        self.digester.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
