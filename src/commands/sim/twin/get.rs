//! `edgectl sim twin get`: shows a twin.

use clap::Args as ClapArgs;

use crate::base::Result;
use crate::commands::sim::subject;
use crate::commands::{Context, hub};
use crate::model::Identity;
use crate::ops;

/// Show the twin of a device or module
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim twin get edge-canary
  edgectl sim twin get edge-canary/filter
  edgectl sim twin get 'edge-canary/$edgeAgent' -o json")]
pub struct Args {
    /// The device, or a module of it
    #[arg(value_name = "DEVICE[/MODULE]", value_parser = subject::identity)]
    pub identity: Identity,
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let client = ops::hub::connect(&hub::options(context)?)?;
    let state = ops::twin::get(&client, &args.identity).await?;
    context.printer.result(&state)
}
