//! `edgectl sim status`: what runs in a simulated world.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::base::text::sanitized;
use crate::commands::Context;
use crate::ops::world::status;
use crate::output::{Render, Table};
use crate::sim::world::{DeviceStatus, Hub, State, Supervisor, WorldStatus};

/// Show hub, devices and modules of the simulated world
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim status
  edgectl sim status --sim other
  edgectl sim status -o json")]
pub struct Args {}

/// A world: `name`, `state` (starting, running, stopping, stopped), `supervisor` and `hub` (both null when it was never started), `devices[]` with
/// `id`, `ring`, `address`, `mqttPort` and `modules[]` (`name`, `runtimeStatus`, `statusDescription`, `exitCode`, `restartCount`,
/// `image`, `digest`, `pid`, `connected`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    name: String,
    state: State,
    supervisor: Option<Supervisor>,
    hub: Option<Hub>,
    devices: Vec<DeviceStatus>,
}

impl Shown {
    /// Returns what is shown of a world that was started once.
    pub(super) fn of(world: WorldStatus) -> Self {
        Self { name: world.name, state: world.state, supervisor: Some(world.supervisor), hub: Some(world.hub), devices: world.devices }
    }
}

impl Shown {
    /// Returns a line for each module that does not run, with what happened to it last.
    fn troubles(&self) -> String {
        let modules = self.devices.iter().flat_map(|device| device.modules.iter().map(move |module| (device, module)));
        let troubled = modules.filter(|(_, module)| !matches!(module.runtime_status.word(), "running" | "stopped"));
        troubled.map(|(device, module)| format!("{}/{}: {}\n", device.id, module.name, sanitized(&module.status_description))).collect()
    }
}

impl Render for Shown {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME", "STATUS", "RESTARTS", "CONNECTED", "DIGEST", "ADDRESS"]);
        let state = match self.state {
            State::Starting => "starting",
            State::Running => "running",
            State::Stopping => "stopping",
            State::Stopped => "stopped",
        };
        let address = self.hub.as_ref().map(|hub| hub.address.to_string()).unwrap_or_default();
        table.row([format!("hub({})", self.name), state.to_owned(), String::new(), String::new(), String::new(), address]);
        for device in &self.devices {
            let address = device.address.to_string();
            table.row([device.id.clone(), state.to_owned(), String::new(), String::new(), String::new(), address]);
            for module in &device.modules {
                table.row([
                    format!("{}/{}", device.id, module.name),
                    module.runtime_status.word().to_owned(),
                    module.restart_count.to_string(),
                    module.connected.to_string(),
                    module.digest.as_deref().map(short).unwrap_or_default(),
                    String::new(),
                ]);
            }
        }
        table.draw() + &self.troubles()
    }

    fn names(&self) -> Vec<String> {
        let names = self.devices.iter().flat_map(|device| {
            let modules = device.modules.iter().map(|module| format!("{}/{}", device.id, module.name));
            [device.id.clone()].into_iter().chain(modules)
        });
        names.collect()
    }
}

/// Shortens a digest for people.
fn short(digest: &str) -> String {
    digest.chars().take("sha256:".len() + 12).collect()
}

/// Runs the command.
pub async fn run(_args: Args, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let shown = match status(&paths).await? {
        Some(world) => Shown::of(world),
        None => Shown { name: paths.name().to_string(), state: State::Stopped, supervisor: None, hub: None, devices: Vec::new() },
    };
    context.printer.result(&shown)
}
