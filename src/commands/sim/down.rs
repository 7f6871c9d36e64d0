//! `edgectl sim down`: ends a simulated world.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::ops::world::down;
use crate::output::Render;

/// Stop the simulated world with all its modules, and wait until nothing of it runs
///
/// Images, twins, certificates and logs stay for the next start.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim down
  edgectl sim down --sim other
  edgectl sim down -o json")]
pub struct Args {}

/// The stopped world: `name`, and `wasRunning`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stopped {
    name: String,
    was_running: bool,
}

impl Render for Stopped {
    fn human(&self) -> String {
        let what = if self.was_running { "is stopped" } else { "was not running" };
        format!("the world {} {what}\n", self.name)
    }

    fn names(&self) -> Vec<String> {
        vec![self.name.clone()]
    }
}

/// Runs the command.
pub async fn run(_args: Args, context: &mut Context) -> Result<()> {
    let (paths, runtime) = super::world(context)?;
    let mut progress = context.printer.progress();
    let was_running = down(&paths, &runtime, &mut progress).await?;
    drop(progress);
    context.printer.result(&Stopped { name: paths.name().to_string(), was_running })
}
