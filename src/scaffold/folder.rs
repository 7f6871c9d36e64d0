//! A new folder, written whole or not at all: its files are staged beside the target and then moved into place.

use std::io;
use std::path::{Path, PathBuf};

use super::render::RenderedFile;
use crate::base::fs::FsError;
use crate::base::{CommandError, Diagnose, Exit, fs};

/// A folder that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something is there already.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file bears the name.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
}

impl Diagnose for FolderError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotEmpty(_) => "folder/not-empty",
            Self::NoFolder(_) => "folder/no-folder",
        }
    }

    fn hints(&self) -> Vec<String> {
        vec!["Name a folder that does not exist yet, or an empty one.".to_owned()]
    }
}

/// Files that are written and wait to be moved to their target. Dropped before that, they vanish.
pub struct Staged {
    staging: tempfile::TempDir,
    target: PathBuf,
    /// Whether the target is there, as an empty folder.
    exists: bool,
}

impl Staged {
    /// Writes files beside `target`, which must not exist or be an empty folder.
    pub fn write(target: &Path, files: &[RenderedFile]) -> Result<Self, CommandError> {
        let exists = target.symlink_metadata().is_ok();
        if exists && !target.is_dir() {
            return Err(FolderError::NoFolder(target.to_path_buf()).into());
        }
        if !fs::names_in(target)?.is_empty() {
            return Err(FolderError::NotEmpty(target.to_path_buf()).into());
        }
        // Into an existing folder files are moved from within, since its parent may belong to somebody else.
        let place = if exists { target } else { target.parent().unwrap_or(Path::new("/")) };
        fs::create_folder(place)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".edgectl-new-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        let staging = builder.tempdir_in(place).map_err(FsError::at("create a folder in", place))?;
        for file in files {
            let path = staging.path().join(file.path);
            fs::create_folder(path.parent().unwrap_or(staging.path()))?;
            fs::write(&path, file.text.as_bytes())?;
        }
        Ok(Self { staging, target: target.to_path_buf(), exists })
    }

    /// Moves the files to their target.
    pub fn commit(self) -> Result<(), CommandError> {
        if !self.exists {
            fs::rename(self.staging.path(), &self.target)?;
            // What it would remove has moved away.
            let _moved = self.staging.keep();
            return Ok(());
        }
        let mut moved = Vec::new();
        for name in fs::names_in(self.staging.path())? {
            let target = self.target.join(&name);
            let outcome = if target.symlink_metadata().is_ok() {
                Err(FsError::at("create", &target)(io::ErrorKind::AlreadyExists.into()))
            } else {
                fs::rename(&self.staging.path().join(&name), &target)
            };
            if let Err(error) = outcome {
                moved.iter().try_for_each(|path: &PathBuf| fs::remove(path))?;
                return Err(error.into());
            }
            moved.push(target);
        }
        self.staging.close().map_err(FsError::at("remove", &self.target))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<RenderedFile> {
        let file = |path, text: &str| RenderedFile { path, text: text.to_owned() };
        vec![file("a.txt", "a\n"), file("deep/er/b.txt", "b\n")]
    }

    fn refusal(target: &Path) -> &'static str {
        Staged::write(target, &files()).err().expect("refused").code
    }

    #[test]
    fn a_missing_and_an_empty_folder_are_filled() {
        let root = tempfile::tempdir().expect("folder");
        let empty = root.path().join("empty");
        fs::create_folder(&empty).expect("folder");
        for target in [root.path().join("new/below"), empty] {
            Staged::write(&target, &files()).expect("staged").commit().expect("moved");
            assert_eq!(fs::names_in(&target).expect("names"), ["a.txt", "deep"]);
            assert_eq!(fs::read_text(&target.join("deep/er/b.txt")).expect("text"), "b\n");
            assert_eq!(refusal(&target), "folder/not-empty");
            fs::require_private(&target).expect_err("others may look in, as the umask allows");
        }
        assert_eq!(refusal(&root.path().join("empty/a.txt")), "folder/no-folder");
        assert_eq!(fs::names_in(root.path()).expect("names"), ["empty", "new"]);
    }

    #[test]
    fn what_is_not_committed_vanishes() {
        let root = tempfile::tempdir().expect("folder");
        drop(Staged::write(&root.path().join("new"), &files()).expect("staged"));
        assert!(fs::names_in(root.path()).expect("names").is_empty());
    }

    #[test]
    fn a_name_taken_meanwhile_moves_nothing() {
        let root = tempfile::tempdir().expect("folder");
        let staged = Staged::write(root.path(), &files()).expect("staged");
        fs::write(&root.path().join("deep"), b"mine").expect("written");
        assert!(staged.commit().is_err());
        assert_eq!(fs::names_in(root.path()).expect("names"), ["deep"]);
    }
}
