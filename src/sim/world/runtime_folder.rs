//! The short, private folder for a world's sockets: a socket's path must fit into about 100 bytes, the world's own folder may lie
//! deep.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{WorldError, WorldPaths};
use crate::base::Digest;
use crate::base::fs::{self, FsError};

/// Greatest length of a socket path in bytes that every system takes.
pub const LONGEST_SOCKET: usize = 100;

/// The folder of a world's sockets, mode 0700.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeFolder {
    root: PathBuf,
}

impl RuntimeFolder {
    /// Returns the runtime folder of a world below `base`, or below `/tmp` when `base` is too long; nothing is created.
    ///
    /// # Errors
    /// When the path is too long even so, which the fixed names below make impossible for `/tmp`.
    pub fn new(base: &Path, paths: &WorldPaths) -> Result<Self, WorldError> {
        let candidates = [base, Path::new("/tmp")].map(|base| Self { root: base.join(format!("edgectl-{}", paths.fingerprint())) });
        let fits = |folder: &Self| folder.root.is_absolute() && folder.workload("", "").as_os_str().len() <= LONGEST_SOCKET;
        let too_long = || WorldError::LongRuntimeFolder(base.to_path_buf());
        candidates.into_iter().find(fits).ok_or_else(too_long)
    }

    /// Returns a runtime folder that was created before, by its path.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns the path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Creates the folder. One that is there already must be a real folder, ours, and closed to others: names below a shared
    /// folder can be taken by anybody.
    ///
    /// # Errors
    /// A folder of somebody else, a link, or one that is open to others.
    pub fn create(&self) -> Result<(), WorldError> {
        fs::create_private_folder(&self.root)?;
        let metadata = std::fs::symlink_metadata(&self.root).map_err(FsError::at("inspect", &self.root))?;
        let ours = metadata.uid() == nix::unistd::geteuid().as_raw();
        if !metadata.is_dir() || !ours {
            let reason = io::Error::new(io::ErrorKind::PermissionDenied, "it is a link or belongs to another user");
            return Err(FsError::at("trust", &self.root)(reason).into());
        }
        Ok(())
    }

    /// Removes the folder with all sockets in it.
    pub fn remove(&self) -> Result<(), WorldError> {
        Ok(fs::remove(&self.root)?)
    }

    /// Returns the control socket.
    pub fn control(&self) -> PathBuf {
        self.root.join("control.sock")
    }

    /// Returns the workload socket of a module, in a folder of its own.
    pub fn workload(&self, device_id: &str, module_id: &str) -> PathBuf {
        let name = Digest::of(format!("{device_id}\n{module_id}").as_bytes()).short();
        self.root.join(name).join("workload.sock")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn world() -> WorldPaths {
        WorldPaths::new(Path::new("/s"), "default".parse().expect("name"))
    }

    #[test]
    fn a_long_base_gives_way_to_a_short_one() {
        let long = PathBuf::from(format!("/{}", "x".repeat(90)));
        for base in [long.as_path(), Path::new("relative"), Path::new("/run/user/1000")] {
            let folder = RuntimeFolder::new(base, &world()).expect("fits");
            assert!(folder.workload(&"d".repeat(128), &"m".repeat(63)).as_os_str().len() <= LONGEST_SOCKET);
            assert_eq!(folder.root().starts_with(base), base == Path::new("/run/user/1000"));
        }
    }

    #[test]
    fn a_folder_that_others_can_enter_or_redirect_is_refused() {
        let base = tempfile::Builder::new().prefix("e").tempdir_in("/tmp").expect("folder");
        let folder = RuntimeFolder::new(base.path(), &world()).expect("fits");
        folder.create().expect("created");
        folder.create().expect("again");
        std::fs::set_permissions(folder.root(), std::fs::Permissions::from_mode(0o755)).expect("chmod");
        assert!(folder.create().is_err());
        folder.remove().expect("removed");
        let target = base.path().join("target");
        fs::create_private_folder(&target).expect("target");
        symlink(&target, folder.root()).expect("link");
        assert!(folder.create().is_err());
    }
}
