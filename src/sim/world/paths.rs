//! Where a world's files lie, below `sim/NAME/` of the tool's own folder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::WorldError;
use crate::base::Digest;

/// Name of a world; also its folder's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorldName(String);

impl WorldName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WorldName {
    type Err = WorldError;

    fn from_str(text: &str) -> Result<Self, WorldError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let good = text.len() <= 32 && text.bytes().next().is_some_and(plain) && text.bytes().all(|byte| plain(byte) || byte == b'-');
        if good { Ok(Self(text.to_owned())) } else { Err(WorldError::Name(text.to_owned())) }
    }
}

impl fmt::Display for WorldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The folder of one world and what lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldPaths {
    name: WorldName,
    root: PathBuf,
}

impl WorldPaths {
    /// Returns the paths of the world `name` below the tool's own folder; nothing is created.
    pub fn new(state_dir: &Path, name: WorldName) -> Self {
        let root = state_dir.join("sim").join(name.as_str());
        Self { name, root }
    }

    /// Returns the name of the world.
    pub fn name(&self) -> &WorldName {
        &self.name
    }

    /// Returns the folder of the world.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns `world.json`.
    pub fn world_file(&self) -> PathBuf {
        self.root.join("world.json")
    }

    /// Returns the folder of the hub emulator.
    pub fn hub(&self) -> PathBuf {
        self.root.join("hub")
    }

    /// Returns the folder of the world's own certificate authority.
    pub fn authority(&self) -> PathBuf {
        self.root.join("ca")
    }

    /// Returns the PEM file with the root that everything in the world trusts.
    pub fn ca_file(&self) -> PathBuf {
        self.root.join("ca.pem")
    }

    /// Returns the folder of a device; characters of its id that are no plain file name characters are written `%XX`.
    pub fn device(&self, device_id: &str) -> PathBuf {
        self.root.join("devices").join(file_name(device_id))
    }

    /// Returns the folder of the logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Returns the log of a module, or of the device itself.
    pub fn log(&self, device_id: &str, module_id: Option<&str>) -> PathBuf {
        let folder = self.logs().join(file_name(device_id));
        folder.join(format!("{}.log", file_name(module_id.unwrap_or("$device"))))
    }

    /// Returns the log of the supervisor itself.
    pub fn supervisor_log(&self) -> PathBuf {
        self.logs().join("world.log")
    }

    /// Returns the folder of unpacked images.
    pub fn images(&self) -> PathBuf {
        self.root.join("images")
    }

    /// Returns the file that keeps addresses for ever.
    pub fn addresses(&self) -> PathBuf {
        self.root.join("addresses.json")
    }

    /// Returns the lock that a process holds while it starts or stops the world.
    pub fn command_lock(&self) -> PathBuf {
        self.root.join("command.lock")
    }

    /// Returns the lock that the running supervisor holds.
    pub fn world_lock(&self) -> PathBuf {
        self.root.join("world.lock")
    }

    /// Returns the lock that the running guard holds.
    pub fn guard_lock(&self) -> PathBuf {
        self.root.join("guard.lock")
    }

    /// Returns the file with what the supervisor is to start.
    pub fn plan(&self) -> PathBuf {
        self.root.join("plan.json")
    }

    /// Returns the file with the reason why the last start failed.
    pub fn failure(&self) -> PathBuf {
        self.root.join("failure.json")
    }

    /// Returns 12 hex digits that belong to this folder alone, for names outside it.
    pub fn fingerprint(&self) -> String {
        Digest::of(self.root.as_os_str().as_encoded_bytes()).short()
    }
}

/// Writes an id as a file name: letters, digits, `-`, `_`, `$` and inner dots as they are, all else as `%XX`.
pub fn file_name(id: &str) -> String {
    let written = |(place, byte): (usize, u8)| {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$') || (byte == b'.' && place > 0);
        if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    id.bytes().enumerate().map(written).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_worlds_are_plain_folder_names() {
        for good in ["default", "a", "9-b"] {
            assert!(good.parse::<WorldName>().is_ok(), "{good}");
        }
        for bad in ["", "..", "a/b", "A", "-a", "a.b", &"x".repeat(33)] {
            assert!(bad.parse::<WorldName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn everything_lies_below_the_worlds_folder() {
        let paths = WorldPaths::new(Path::new("/s"), "default".parse().expect("name"));
        assert_eq!(paths.device(".."), Path::new("/s/sim/default/devices/%2E."));
        assert_eq!(paths.log("edge-1", Some("filter")), Path::new("/s/sim/default/logs/edge-1/filter.log"));
        assert_eq!(paths.log("a#b", None), Path::new("/s/sim/default/logs/a%23b/$device.log"));
    }

    proptest! {
        #[test]
        fn different_ids_have_different_files(left in "[ -~]{1,6}", right in "[ -~]{1,6}") {
            prop_assert_eq!(left == right, file_name(&left) == file_name(&right));
            prop_assert!(!file_name(&left).contains('/'));
        }
    }
}
