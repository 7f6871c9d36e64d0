//! Who speaks: a device, or a module on a device.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Identity of a client of the hub or of the device's broker. Module ids are text here, since system modules (`$edgeAgent`,
/// `$edgeHub`) and modules of other tools need not follow [`super::ModuleId`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The device.
    pub device_id: String,
    /// The module on it; `None` for the device itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module_id: Option<String>,
}

impl Identity {
    /// Module id of the agent.
    pub const EDGE_AGENT: &'static str = "$edgeAgent";
    /// Module id of the broker.
    pub const EDGE_HUB: &'static str = "$edgeHub";

    /// Returns the identity of a device.
    pub fn device(device_id: impl Into<String>) -> Self {
        Self { device_id: device_id.into(), module_id: None }
    }

    /// Returns the identity of a module.
    pub fn module(device_id: impl Into<String>, module_id: impl Into<String>) -> Self {
        Self { device_id: device_id.into(), module_id: Some(module_id.into()) }
    }
}

/// Prints `device` or `device/module`, which is also the MQTT client id.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.module_id {
            Some(module_id) => write!(f, "{}/{module_id}", self.device_id),
            None => f.write_str(&self.device_id),
        }
    }
}
