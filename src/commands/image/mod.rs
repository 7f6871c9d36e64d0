//! `edgectl image`: builds, signs, verifies and carries images.

pub mod push;
pub mod sign;
pub mod verify;

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Push(push::Args),
    Sign(sign::Args),
    Verify(verify::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Push(args) => push::run(args, context).await,
        Command::Sign(args) => sign::run(args, context).await,
        Command::Verify(args) => verify::run(args, context).await,
    }
}
