//! Simulated worlds: start, look at, ask, read the logs of, stop.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use super::world_logs::{LogLine, LogOptions, LogReader, LogSelection, logs};
use crate::base::fs::{self, Lock};
use crate::base::{Cancel, CommandError, Exit, Report, Result};
use crate::edgehub::{Durability, Timing};
use crate::sim::world::control::ControlClient;
use crate::sim::world::file::is_alive;
use crate::sim::world::start::{StartOptions, Started, start};
use crate::sim::world::{DevicePlan, DeviceStatus, RuntimeFolder, State, WorldError, WorldFile, WorldPaths, WorldPlan, WorldStatus, stop};
use crate::solution::Solution;

/// Time for the control socket to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Where the devices of a world come from.
#[derive(Clone, Debug)]
pub enum DeviceSource {
    /// One device for each ring of the solution in this file.
    Solution(PathBuf),
    /// A file of JSON lines.
    File(PathBuf),
    /// One device.
    Single,
}

/// What starting a world needs.
pub struct UpOptions {
    /// Folders of the world.
    pub paths: WorldPaths,
    /// Folder of its sockets.
    pub runtime: RuntimeFolder,
    /// Its devices.
    pub devices: DeviceSource,
    /// How fast time runs for the agents.
    pub timing: Timing,
    /// Arguments of this tool that make it the guard.
    pub guard: Vec<OsString>,
    /// The environment of the world's processes.
    pub environment: BTreeMap<String, String>,
}

/// Starts a world, or finds it running.
pub async fn up(options: &UpOptions, cancel: &Cancel, report: &mut dyn Report) -> Result<Started> {
    let devices = devices(&options.devices)?;
    let step = format!("start the world {}", options.paths.name());
    report.started(&step);
    let options = StartOptions {
        paths: options.paths.clone(),
        runtime: options.runtime.clone(),
        plan: WorldPlan { devices, timing: options.timing, durability: Durability::default() },
        guard: options.guard.clone(),
        environment: options.environment.clone(),
    };
    let started = start(&options, cancel).await?;
    report.finished(&step, if started.was_running { "it is running already" } else { "it answers" });
    Ok(started)
}

fn devices(source: &DeviceSource) -> Result<Vec<DevicePlan>> {
    match source {
        DeviceSource::Single => Ok(vec![DevicePlan::single()]),
        DeviceSource::File(file) => read_devices(&fs::read_text(file)?, file),
        DeviceSource::Solution(file) => {
            let solution = Solution::load(file)?;
            let devices: Vec<_> = solution.rings.iter().map(|ring| DevicePlan::of_ring(&ring.name)).collect();
            Ok(if devices.is_empty() { vec![DevicePlan::single()] } else { devices })
        }
    }
}

/// Reads devices, one JSON object a line; empty lines are passed over.
fn read_devices(text: &str, file: &Path) -> Result<Vec<DevicePlan>> {
    let refuse = |line: usize, column: usize, message: String| {
        let place = format!("{}:{line}:{column}: {message}", file.display());
        CommandError::new(Exit::BadInput, "sim/bad-devices", place)
            .hint(r#"Write one object a line, such as {"id": "edge-7", "tags": {"ring": "early"}}."#)
    };
    let mut devices: Vec<DevicePlan> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let device: DevicePlan = serde_json::from_str(line).map_err(|error| {
            // The reader adds a place of its own, which is always line 1.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            refuse(number + 1, error.column().max(1), message)
        })?;
        if devices.iter().any(|known| known.id == device.id) {
            return Err(refuse(number + 1, 1, format!("the device `{}` was named before", device.id)));
        }
        devices.push(device);
    }
    if devices.is_empty() {
        return Err(refuse(1, 1, "the file names no device".to_owned()));
    }
    Ok(devices)
}

/// Returns the state of a world: as it says itself when it runs, else as its file has it; `None` when it was never started.
pub async fn status(paths: &WorldPaths) -> Result<Option<WorldStatus>> {
    let Some(file) = WorldFile::load(paths)? else { return Ok(None) };
    if is_alive(paths)? {
        if file.state == State::Running {
            return Ok(Some(ControlClient::new(file.control_socket, ANSWER).status().await?));
        }
        return Ok(Some(without_modules(file)));
    }
    Ok(Some(without_modules(WorldFile { state: State::Stopped, ..file })))
}

fn without_modules(file: WorldFile) -> WorldStatus {
    let devices = file.devices.into_iter().map(|device| DeviceStatus {
        id: device.id,
        ring: device.ring,
        address: device.address,
        mqtt_port: device.mqtt_port,
        modules: Vec::new(),
    });
    WorldStatus { name: file.name, state: file.state, supervisor: file.supervisor, hub: file.hub, devices: devices.collect() }
}

/// Stops a world, and returns whether it ran.
pub async fn down(paths: &WorldPaths, runtime: &RuntimeFolder, report: &mut dyn Report) -> Result<bool> {
    if !paths.root().is_dir() {
        return Ok(false);
    }
    let _lock = Lock::try_acquire(&paths.command_lock())?.ok_or_else(|| WorldError::Busy(paths.name().to_string()))?;
    let step = format!("stop the world {}", paths.name());
    report.started(&step);
    let ran = stop::stop(paths, runtime).await?;
    report.finished(&step, if ran { "nothing of it runs" } else { "it was not running" });
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_line_by_line_and_errors_name_the_place() {
        let file = Path::new("fleet.jsonl");
        let devices = read_devices("{\"id\":\"a\",\"tags\":{\"ring\":\"x\"}}\n\n{\"id\":\"b\"}\n", file).expect("reads");
        assert_eq!((devices.len(), devices[0].ring().as_deref(), devices[1].ring()), (2, Some("x"), None));
        for (text, part) in [
            ("{\"id\":\"a\"}\n{\"id\":\"a\"}", "fleet.jsonl:2:1: the device `a` was named before"),
            ("\n{\"id\":\"a b\"}", "fleet.jsonl:2:12: `a b` is no device name"),
            ("{\"id\":\"a\",\"tag\":{}}", "unknown field `tag`"),
            ("{", "fleet.jsonl:1:1"),
            ("", "names no device"),
        ] {
            let error = read_devices(text, file).expect_err(part);
            assert!(error.chain().join(": ").contains(part), "{:?}", error.chain());
        }
    }
}
