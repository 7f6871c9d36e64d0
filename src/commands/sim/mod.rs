//! `edgectl sim`: runs a simulated hub with edge devices.

pub mod call;
pub mod monitor;
pub mod subject;
pub mod twin;

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Call(call::Args),
    Monitor(monitor::Args),
    /// Read and set the twins of devices and modules
    #[command(subcommand)]
    Twin(twin::Command),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Call(args) => call::run(args, context).await,
        Command::Monitor(args) => monitor::run(args, context).await,
        Command::Twin(command) => twin::run(command, context).await,
    }
}
