//! `edgectl solution`: works on a solution as a whole.

use clap::Subcommand;

use super::Context;
use crate::base::Result;

mod import;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Turn a solution of iotedgedev or Visual Studio Code into one of this tool
    Import(import::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Import(args) => import::run(args, context).await,
    }
}
