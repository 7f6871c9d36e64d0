//! What is asked of a world that runs: credentials of a module, and parts started again.

use std::time::Duration;

use crate::base::{CommandError, Exit, Result};
use crate::sim::device::host::ModuleCredentials;
use crate::sim::world::control::{ControlClient, ModulePath, RestartRequest};
use crate::sim::world::{WorldFile, WorldPaths};

/// Time for a call that asks the hub.
const HUB_ANSWER: Duration = Duration::from_secs(30);
/// Time for a restart of all devices with their modules, which have ten seconds each to end.
const RESTART: Duration = Duration::from_mins(5);

/// A module as it is named on the command line; the device may be left out where a world has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleName {
    /// The device.
    pub device: Option<String>,
    /// The module.
    pub module: String,
}

/// Reads `[DEVICE/]MODULE`.
pub fn module_name(text: &str) -> Result<ModuleName, String> {
    let (device, module) = text.split_once('/').map_or((None, text), |(device, module)| (Some(device), module));
    if module.is_empty() || module.contains('/') || device.is_some_and(str::is_empty) {
        return Err("write MODULE or DEVICE/MODULE, such as edge-1/filter".to_owned());
    }
    Ok(ModuleName { device: device.map(ToOwned::to_owned), module: module.to_owned() })
}

/// Reads what is started again: `hub`, `agent`, `device`, a module or a device, each also as `DEVICE/PART`.
pub fn restart_request(text: &str) -> Result<RestartRequest, String> {
    let bad = |_| "write hub, agent, device, MODULE, DEVICE or DEVICE/PART, such as edge-1/hub".to_owned();
    module_name(text).map(|name| RestartRequest { device: name.device, part: name.module }).map_err(bad)
}

/// Returns what a module of a running world needs that is started by hand; identity and socket are made when missing.
pub async fn module_credentials(paths: &WorldPaths, name: &ModuleName) -> Result<ModuleCredentials> {
    let file = WorldFile::load_running(paths)?;
    let device = match &name.device {
        Some(device) => known(&file, device)?,
        None => only(&file, &name.module)?,
    };
    let path = ModulePath { device, module: name.module.clone() };
    Ok(ControlClient::new(file.control_socket, HUB_ANSWER).credentials(&path).await?)
}

/// Starts parts of a running world again; returns their names once they listen.
pub async fn restart(paths: &WorldPaths, request: &RestartRequest) -> Result<Vec<String>> {
    let file = WorldFile::load_running(paths)?;
    Ok(ControlClient::new(file.control_socket, RESTART).restart(request).await?)
}

/// Returns a device of the world.
fn known(file: &WorldFile, device: &str) -> Result<String> {
    if file.device(device).is_some() {
        return Ok(device.to_owned());
    }
    let message = format!("the world `{}` has no device `{device}`", file.name);
    Err(CommandError::new(Exit::BadInput, "sim/no-device", message).hint(format!("It has {}.", ids(file))))
}

/// Returns the device of a world that has one.
fn only(file: &WorldFile, module: &str) -> Result<String> {
    match file.devices.as_slice() {
        [device] => Ok(device.id.clone()),
        devices => {
            let message = format!("the world `{}` has {} devices", file.name, devices.len());
            let hint = format!("Write DEVICE/{module}; the devices are {}.", ids(file));
            Err(CommandError::new(Exit::BadInput, "sim/which-device", message).hint(hint))
        }
    }
}

fn ids(file: &WorldFile) -> String {
    file.devices.iter().map(|device| device.id.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_may_be_left_out() {
        let name = |device: Option<&str>, module: &str| ModuleName { device: device.map(ToOwned::to_owned), module: module.to_owned() };
        assert_eq!(module_name("filter"), Ok(name(None, "filter")));
        assert_eq!(module_name("edge-1/filter"), Ok(name(Some("edge-1"), "filter")));
        for text in ["", "/", "/m", "d/", "d/m/x"] {
            assert!(module_name(text).is_err() && restart_request(text).is_err(), "{text}");
        }
        assert_eq!(restart_request("edge-1/hub").expect("reads").part, "hub");
    }
}
