//! `edgectl module`: adds modules to a solution.

pub mod add;

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Add(add::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Add(args) => add::run(args, context).await,
    }
}
