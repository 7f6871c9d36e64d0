//! Writing layers so that the same files give the same bytes: ustar, entries sorted by path, one time for all, owner 0:0, fixed
//! modes, a gzip header without time and name (OCI image-spec v1.1, layer.md).

use std::collections::BTreeMap;
use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};

use super::document::Descriptor;
use super::media_type;
use crate::base::{Diagnose, Digest, Exit, Timestamp};

/// gzip level; part of the bytes, like the crate's version.
const LEVEL: u32 = 6;

/// A layer that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A path that is absolute, climbs, or names a folder and a file at once.
    #[error("`{path}` cannot be a path in an image: {reason}")]
    Path {
        /// The path.
        path: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The tar writer refused an entry, such as a path that the format cannot hold.
    #[error("cannot put `{path}` into a layer")]
    Entry {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Diagnose for LayerError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "oci/bad-layer"
    }
}

enum Entry {
    Folder,
    File { content: Bytes, executable: bool },
}

/// Collects files for one layer. Parent folders are added on their own.
#[derive(Default)]
pub struct LayerBuilder {
    entries: BTreeMap<String, Entry>,
}

/// A written layer.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Media type, digest and size of `bytes`.
    pub descriptor: Descriptor,
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// The compressed bytes.
    pub bytes: Bytes,
}

impl LayerBuilder {
    /// Returns a builder without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a folder and its parents; `path` is relative to the root of the image, segments separated by `/`.
    pub fn folder(&mut self, path: &str) -> Result<(), LayerError> {
        require_plain(path)?;
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for folder in ends.filter_map(|end| path.get(..end)) {
            let entry = self.entries.entry(folder.to_owned()).or_insert(Entry::Folder);
            if matches!(entry, Entry::File { .. }) {
                return Err(LayerError::Path { path: folder.to_owned(), reason: "it is a file already" });
            }
        }
        Ok(())
    }

    /// Adds a file with mode 0644 and the folders above it.
    pub fn file(&mut self, path: &str, content: impl Into<Bytes>) -> Result<(), LayerError> {
        self.add(path, Entry::File { content: content.into(), executable: false })
    }

    /// Adds a file with mode 0755 and the folders above it.
    pub fn executable(&mut self, path: &str, content: impl Into<Bytes>) -> Result<(), LayerError> {
        self.add(path, Entry::File { content: content.into(), executable: true })
    }

    fn add(&mut self, path: &str, file: Entry) -> Result<(), LayerError> {
        require_plain(path)?;
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.folder(parent)?;
        }
        match self.entries.insert(path.to_owned(), file) {
            None => Ok(()),
            Some(_) => Err(LayerError::Path { path: path.to_owned(), reason: "it is in the layer already" }),
        }
    }

    /// Writes the layer with gzip; every entry carries `time` in whole seconds.
    pub fn finish(self, time: Timestamp) -> Result<Layer, LayerError> {
        let tar = self.tar(time)?;
        let failed = |source| LayerError::Entry { path: "gzip".to_owned(), source };
        let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(LEVEL));
        gzip.write_all(&tar).map_err(failed)?;
        let bytes: Bytes = gzip.finish().map_err(failed)?.into();
        Ok(Layer { descriptor: Descriptor::of(media_type::LAYER_GZIP, &bytes), diff_id: Digest::of(&tar), bytes })
    }

    fn tar(self, time: Timestamp) -> Result<Vec<u8>, LayerError> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, entry) in self.entries {
            let failed = |source| LayerError::Entry { path: path.clone(), source };
            let mut header = tar::Header::new_ustar();
            header.set_mtime(u64::try_from(time.timestamp()).unwrap_or(0));
            header.set_uid(0);
            header.set_gid(0);
            let content = match entry {
                Entry::Folder => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(0o755);
                    header.set_path(format!("{path}/")).map_err(failed)?;
                    Bytes::new()
                }
                Entry::File { content, executable } => {
                    header.set_entry_type(tar::EntryType::Regular);
                    header.set_mode(if executable { 0o755 } else { 0o644 });
                    header.set_path(&path).map_err(failed)?;
                    content
                }
            };
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, content.as_ref()).map_err(failed)?;
        }
        archive.into_inner().map_err(|source| LayerError::Entry { path: "end of the archive".to_owned(), source })
    }
}

fn require_plain(path: &str) -> Result<(), LayerError> {
    let refuse = |reason| Err(LayerError::Path { path: path.to_owned(), reason });
    if path.starts_with('/') {
        return refuse("it is absolute");
    }
    if path.contains('\0') {
        return refuse("it has a zero byte");
    }
    if path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return refuse("it has an empty segment, `.` or `..`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;

    fn epoch(seconds: i64) -> Timestamp {
        Clock::fixed_at(seconds).expect("in range").now()
    }

    fn sample() -> LayerBuilder {
        let mut layer = LayerBuilder::new();
        layer.executable("app/module", (0..200_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>()).expect("file");
        layer.file("app/data/readme.txt", &b"hello\n"[..]).expect("file");
        layer
    }

    /// A change of these digests means that every image changes: it needs a new format version, not a new number here.
    #[test]
    fn the_bytes_of_a_layer_are_pinned() {
        let layer = sample().finish(epoch(0)).expect("layer");
        assert_eq!(layer.diff_id.to_string(), "sha256:92e701c0e5fc13ac3e24653bf65af6c5c9ee5c240460505c32e3c2ed46bca27d");
        assert_eq!(layer.descriptor.digest.to_string(), "sha256:90800171a685409837e3a50a6754f80b89a7aeea6fc1bddd2931d1e750e853aa");
        assert_eq!(layer.bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    }

    #[test]
    fn entries_are_sorted_with_parents_first_and_fixed_owners() {
        let tar = sample().tar(epoch(1_000)).expect("tar");
        let mut archive = tar::Archive::new(tar.as_slice());
        let entries: Vec<_> = archive.entries().expect("entries").map(|entry| entry.expect("entry")).collect();
        let described: Vec<String> = entries
            .iter()
            .map(|entry| {
                let header = entry.header();
                let path = entry.path().expect("path").display().to_string();
                let owner = (header.uid().expect("uid"), header.gid().expect("gid"), header.username().expect("name"));
                assert_eq!(owner, (0, 0, Some("")));
                format!("{path} {:o} {}", header.mode().expect("mode"), header.mtime().expect("time"))
            })
            .collect();
        assert_eq!(described, ["app/ 755 1000", "app/data/ 755 1000", "app/data/readme.txt 644 1000", "app/module 755 1000"]);
    }

    #[test]
    fn refuses_paths_that_leave_the_image() {
        for path in ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a/", "a\0b"] {
            assert!(LayerBuilder::new().file(path, Bytes::new()).is_err(), "{path:?}");
        }
        let mut layer = LayerBuilder::new();
        layer.file("a", Bytes::new()).expect("file");
        assert!(layer.file("a", Bytes::new()).is_err());
        assert!(layer.file("a/b", Bytes::new()).is_err());
        let long = format!("{}/{}", "d".repeat(200), "f".repeat(120));
        let mut layer = LayerBuilder::new();
        layer.file(&long, Bytes::new()).expect("added");
        assert!(layer.finish(epoch(0)).expect_err("too long for ustar").to_string().contains(&"d".repeat(200)));
    }
}
