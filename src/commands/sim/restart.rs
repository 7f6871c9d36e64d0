//! `edgectl sim restart`: starts parts of a running world again.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::ops::world_control::{restart, restart_request};
use crate::output::Render;
use crate::sim::world::control::RestartRequest;

/// Start a hub, an agent, a module or a whole device again, and return when it listens
///
/// Nothing that was stored is lost: sessions, twins, queued messages, keys and addresses stay. `hub` and `agent` leave the modules
/// running, and these connect again by themselves. A word without a device means that part of every device.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim restart hub
  edgectl sim restart edge-1/agent
  edgectl sim restart filter
  edgectl sim restart edge-1 -o json")]
pub struct Args {
    /// hub, agent, device, the name of a module or device, or DEVICE/PART
    #[arg(value_name = "PART", value_parser = restart_request)]
    pub part: RestartRequest,
}

/// What was started again: `restarted`, the identities in order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Restarted {
    restarted: Vec<String>,
}

impl Render for Restarted {
    fn human(&self) -> String {
        self.restarted.iter().map(|name| format!("{name} runs again\n")).collect()
    }

    fn names(&self) -> Vec<String> {
        self.restarted.clone()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let restarted = restart(&paths, &args.part).await?;
    context.printer.result(&Restarted { restarted })
}
