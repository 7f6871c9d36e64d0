//! `edgectl target`: evaluates target conditions.

use clap::Subcommand;

use super::Context;
use crate::base::Result;

mod matching;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the devices of a fleet that a condition or a ring selects
    Match(matching::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Match(args) => matching::run(&args, context).await,
    }
}
