//! `world.json`: what other commands need to find and reach a world. Written by the supervisor alone, and by its guard when the
//! supervisor was killed.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{WorldError, WorldPaths};
use crate::base::fs::{self, Lock};

/// Format of the file.
pub const SCHEMA_VERSION: u32 = 1;

/// A world as its file tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldFile {
    /// Format of the file, 1.
    pub schema_version: u32,
    /// Name of the world.
    pub name: String,
    /// Where the world is in its life.
    pub state: State,
    /// Why the last start failed, or why the world ended other than by `sim down`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The processes that run it.
    pub supervisor: Supervisor,
    /// The hub emulator.
    pub hub: Hub,
    /// The edge devices, by id.
    pub devices: Vec<Device>,
    /// Unix socket that takes commands.
    pub control_socket: PathBuf,
}

/// Where a world is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Its processes come up.
    Starting,
    /// It answers on its control socket.
    Running,
    /// Its modules are being stopped.
    Stopping,
    /// Nothing of it runs.
    Stopped,
}

/// The processes that run a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supervisor {
    /// Process id of the world itself.
    pub pid: u32,
    /// Process id of the guard that cleans up after it.
    pub guard_pid: u32,
}

/// How the hub emulator is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hub {
    /// Host name in connection strings and token audiences; the address itself.
    pub host_name: String,
    /// Loopback address of its own.
    pub address: IpAddr,
    /// Port of the REST interface.
    pub https_port: u16,
    /// Port of the device protocol.
    pub mqtt_port: u16,
    /// File (mode 0600) with the connection string of the service side.
    pub connection_string_file: PathBuf,
    /// PEM file of the world's certificate authority.
    pub ca_file: PathBuf,
}

/// How an edge device is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Device id.
    pub id: String,
    /// Ring that its tag `ring` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring: Option<String>,
    /// Loopback address of its own.
    pub address: IpAddr,
    /// Port of the device's broker.
    pub mqtt_port: u16,
}

impl WorldFile {
    /// Reads the file of a world, or `None` when the world was never started.
    ///
    /// # Errors
    /// A file that does not read, or of a later format.
    pub fn load(paths: &WorldPaths) -> Result<Option<Self>, WorldError> {
        let path = paths.world_file();
        let file: Self = match fs::read_json(&path) {
            Ok(file) => file,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if file.schema_version != SCHEMA_VERSION {
            return Err(WorldError::Format { path, version: file.schema_version });
        }
        Ok(Some(file))
    }

    /// Reads the file of a world that runs at this moment.
    ///
    /// # Errors
    /// Also when the world does not run, whatever its file says: the lock of the supervisor decides.
    pub fn load_running(paths: &WorldPaths) -> Result<Self, WorldError> {
        let not_running = || WorldError::NotRunning(paths.name().to_string());
        let file = Self::load(paths)?.filter(|file| file.state == State::Running).ok_or_else(not_running)?;
        if is_alive(paths)? { Ok(file) } else { Err(not_running()) }
    }

    /// Writes the file of a world, whole.
    pub fn save(&self, paths: &WorldPaths) -> Result<(), WorldError> {
        Ok(fs::write_json(&paths.world_file(), self)?)
    }

    /// Returns a device by its id.
    pub fn device(&self, id: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == id)
    }
}

/// Tells whether a supervisor or a guard of the world lives: they hold locks that end with them, however they end.
pub fn is_alive(paths: &WorldPaths) -> Result<bool, WorldError> {
    if !paths.root().is_dir() {
        return Ok(false);
    }
    for lock in [paths.world_lock(), paths.guard_lock()] {
        if lock.is_file() && Lock::try_acquire(&lock)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(paths: &WorldPaths) -> WorldFile {
        WorldFile {
            schema_version: SCHEMA_VERSION,
            name: paths.name().to_string(),
            state: State::Running,
            reason: None,
            supervisor: Supervisor { pid: 1, guard_pid: 2 },
            hub: Hub {
                host_name: "127.9.8.1".to_owned(),
                address: "127.9.8.1".parse().expect("address"),
                https_port: 443,
                mqtt_port: 8883,
                connection_string_file: paths.hub().join("connection-string"),
                ca_file: paths.authority().join("ca.pem"),
            },
            devices: vec![Device { id: "edge-1".to_owned(), ring: None, address: "127.9.8.2".parse().expect("address"), mqtt_port: 8883 }],
            control_socket: "/tmp/edgectl-1/control.sock".into(),
        }
    }

    #[test]
    fn the_lock_decides_whether_a_world_runs() {
        let state = tempfile::tempdir().expect("folder");
        let paths = WorldPaths::new(state.path(), "default".parse().expect("name"));
        assert!(matches!(WorldFile::load_running(&paths), Err(WorldError::NotRunning(_))));
        fs::create_private_folder(paths.root()).expect("folder");
        let file = example(&paths);
        file.save(&paths).expect("saved");
        assert_eq!(WorldFile::load(&paths).expect("loads"), Some(file.clone()));
        assert!(matches!(WorldFile::load_running(&paths), Err(WorldError::NotRunning(_))), "the file alone proves nothing");
        let lock = Lock::acquire(&paths.world_lock()).expect("lock");
        assert_eq!(WorldFile::load_running(&paths).expect("runs"), file);
        drop(lock);
        assert!(WorldFile::load_running(&paths).is_err());
    }

    #[test]
    fn members_are_camel_case_and_a_later_format_is_refused() {
        let state = tempfile::tempdir().expect("folder");
        let paths = WorldPaths::new(state.path(), "default".parse().expect("name"));
        fs::create_private_folder(paths.root()).expect("folder");
        let mut value = serde_json::to_value(example(&paths)).expect("json");
        assert_eq!(value["hub"]["connectionStringFile"], paths.hub().join("connection-string").to_str().expect("text"));
        assert_eq!(value["supervisor"]["guardPid"], 2);
        value["schemaVersion"] = 2.into();
        fs::write_json(&paths.world_file(), &value).expect("saved");
        assert!(matches!(WorldFile::load(&paths), Err(WorldError::Format { version: 2, .. })));
    }
}
