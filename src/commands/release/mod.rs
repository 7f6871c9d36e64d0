//! `edgectl release`: creates releases and promotes them ring by ring.

pub mod create;
mod desk;
pub mod log;
pub mod promote;
pub mod rollback;
pub mod status;

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Create(create::Args),
    Promote(promote::Args),
    Status(status::Args),
    Log(log::Args),
    Rollback(rollback::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Create(args) => create::run(args, context).await,
        Command::Promote(args) => promote::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::Log(args) => log::run(args, context).await,
        Command::Rollback(args) => rollback::run(args, context).await,
    }
}
