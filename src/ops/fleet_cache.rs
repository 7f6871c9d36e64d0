//! Indexes of large fleet files, kept in a folder that can be deleted at any time. An index is found by the digest of its file and by what
//! it holds. The digest is remembered together with size, times and number of the file, so that a file that nobody touched is not read again.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::digest::Digester;
use crate::base::fs::{self, FsError, Stamp};
use crate::base::{Digest, Report, Result};
use crate::target::fleet::{FleetFormat, FleetIndex, Schema};

/// Smaller files are read faster than their index would be looked up.
const KEPT_FROM_BYTES: u64 = 8 << 20;
/// Indexes that are kept; older ones go.
const KEPT: usize = 8;

/// How the names of indexes end.
const INDEX: &str = ".fleet";
/// How the names of notes end.
const NOTE: &str = ".stamp.json";

/// Where the index of one file, for some attributes, is kept.
pub(super) struct FleetCache<'a> {
    folder: PathBuf,
    file: &'a Path,
    stamp: Stamp,
    /// Begins the names of the indexes that hold these attributes.
    prefix: String,
    remembered: PathBuf,
}

/// What is known of a file without reading it.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    stamp: Stamp,
    digest: Digest,
}

impl<'a> FleetCache<'a> {
    /// Returns the place of an index in a folder; `None` for a file that is too small to be worth it.
    pub fn of(folder: &Path, file: &'a Path, stamp: &Stamp, format: FleetFormat, schema: &Schema) -> Option<Self> {
        let paths: String = schema.paths().iter().map(|path| format!("{path}\n")).collect();
        let absolute = std::path::absolute(file).ok()?;
        let place = Digest::of(absolute.as_os_str().as_encoded_bytes());
        (stamp.size >= KEPT_FROM_BYTES).then(|| Self {
            folder: folder.to_path_buf(),
            file,
            stamp: *stamp,
            prefix: Digest::of(format!("{format:?}\n{paths}").as_bytes()).short(),
            remembered: folder.join(format!("{}{NOTE}", place.short())),
        })
    }

    /// Returns the kept index, when there is one of the file as it is now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(&self, schema: &Schema, report: &mut dyn Report) -> Result<Option<FleetIndex>> {
        let Some(digest) = self.digest()? else { return Ok(None) };
        let Ok(Some(bytes)) = fs::read_if_any(&self.index(&digest)) else { return Ok(None) };
        let index = FleetIndex::from_bytes(&bytes, schema.clone(), &digest);
        if let Err(damaged) = &index {
            report.warning("fleet/damaged-cache", format!("{damaged}; it is made again"));
        }
        Ok(index.ok())
    }

    /// Returns the digest of the file, when some index could be found by it.
    fn digest(&self) -> Result<Option<Digest>> {
        let kept = fs::names_in(&self.folder).unwrap_or_default();
        if !kept.iter().any(|name| name.starts_with(&self.prefix)) {
            return Ok(None);
        }
        if let Some(digest) = self.remembered_digest() {
            return Ok(Some(digest));
        }
        let mut file = fs::open(self.file)?;
        let (mut digester, mut buffer) = (Digester::default(), vec![0; 256 << 10]);
        loop {
            match file.read(&mut buffer).map_err(FsError::at("read", self.file))? {
                0 => break,
                length => digester.update(&buffer[..length]),
            }
        }
        let digest = digester.finish();
        let unchanged = fs::stamp(self.file)? == self.stamp;
        // Without the note the file is read again the next time, which is all that is lost.
        let noted = unchanged && self.remember(&digest).is_ok();
        tracing::debug!(noted, "digested {}", self.file.display());
        Ok(unchanged.then_some(digest))
    }

    /// Returns the digest that was noted for the file as it is. A note that is hardly younger than the last change of the file proves
    /// nothing: the file may have changed again within the same tick of the clock.
    fn remembered_digest(&self) -> Option<Digest> {
        let noted = fs::stamp(&self.remembered).ok()?;
        let remembered: Remembered = fs::read_json(&self.remembered).ok()?;
        (remembered.stamp == self.stamp && noted.modified.0 > self.stamp.changed.0 + 1).then_some(remembered.digest)
    }

    fn remember(&self, digest: &Digest) -> Result<()> {
        Ok(fs::write_json(&self.remembered, &Remembered { stamp: self.stamp, digest: *digest })?)
    }

    fn index(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{}-{}{INDEX}", self.prefix, digest.hex()))
    }

    /// Keeps an index; what goes wrong is only warned about.
    pub fn save(&self, index: &FleetIndex, digest: &Digest, report: &mut dyn Report) {
        let saved = fs::create_private_folder(&self.folder)
            .and_then(|()| fs::write(&self.index(digest), &index.to_bytes(digest)))
            .map_err(Into::into)
            .and_then(|()| self.remember(digest))
            .and_then(|()| self.trim());
        if let Err(error) = saved {
            report.warning("fleet/no-cache", format!("the fleet index is not kept: {}", error.chain().join(": ")));
        }
    }

    /// Removes all indexes but the newest, and all notes but the newest.
    fn trim(&self) -> Result<()> {
        let names = fs::names_in(&self.folder)?;
        [INDEX, NOTE].into_iter().try_for_each(|ending| trim(&self.folder, &names, ending))
    }
}

/// Removes all files of a folder with such names but the newest.
fn trim(folder: &Path, names: &[String], ending: &str) -> Result<()> {
    let paths = names.iter().filter(|name| name.ends_with(ending)).map(|name| folder.join(name));
    // What does not tell its age any more was removed by another process in the meantime.
    let mut kept: Vec<_> = paths.filter_map(|path| Some((fs::stamp(&path).ok()?.modified, path))).collect();
    kept.sort();
    let surplus = kept.len().saturating_sub(KEPT);
    kept.into_iter().take(surplus).try_for_each(|(_, path)| Ok(fs::remove(&path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_indexes_and_notes_go_and_those_that_are_gone_do_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut names = Vec::new();
        for number in 0..KEPT + 3 {
            names.extend([format!("{number}{INDEX}"), format!("{number}{NOTE}")]);
        }
        for name in &names {
            fs::write(&folder.path().join(name), b"").expect("written");
        }
        fs::remove(&folder.path().join(&names[5])).expect("removed");
        for ending in [INDEX, NOTE] {
            trim(folder.path(), &names, ending).expect("trimmed");
        }
        let left = fs::names_in(folder.path()).expect("a folder");
        for ending in [INDEX, NOTE] {
            assert_eq!(left.iter().filter(|name| name.ends_with(ending)).count(), KEPT);
        }
        assert!(left.contains(&format!("{}{INDEX}", KEPT + 2)));
    }
}
