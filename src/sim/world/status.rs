//! What a running world tells of itself.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::file::{Hub, State, Supervisor};
use crate::sim::device::status::RuntimeStatus;

/// A world and all that runs in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldStatus {
    /// Name of the world.
    pub name: String,
    /// Where it is in its life.
    pub state: State,
    /// The processes that run it.
    pub supervisor: Supervisor,
    /// The hub emulator.
    pub hub: Hub,
    /// The devices.
    pub devices: Vec<DeviceStatus>,
}

/// A device and its modules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceStatus {
    /// Device id.
    pub id: String,
    /// Ring that its tag `ring` names; null without one.
    pub ring: Option<String>,
    /// Loopback address of its own.
    pub address: IpAddr,
    /// Port of its broker.
    pub mqtt_port: u16,
    /// Its modules, by name.
    pub modules: Vec<ModuleRow>,
}

/// A module as `sim status` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleRow {
    /// Name of the module.
    pub name: String,
    /// Where it is in its life.
    pub runtime_status: RuntimeStatus,
    /// What happened last.
    pub status_description: String,
    /// Exit code of its last end.
    pub exit_code: i32,
    /// How often it was started again in a row.
    pub restart_count: u32,
    /// Image as the deployment names it.
    pub image: String,
    /// Digest of the image; null before it was fetched.
    pub digest: Option<String>,
    /// Process id; null when it does not run.
    pub pid: Option<i32>,
    /// Whether it is connected to its broker.
    pub connected: bool,
}
