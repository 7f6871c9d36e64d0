//! `edgectl image`: builds, signs, verifies and carries images.

pub mod build;
pub mod inspect;
pub mod list;
pub mod load;
pub mod push;
pub mod sign;
pub mod verify;

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Build(build::Args),
    Load(load::Args),
    List(list::Args),
    Inspect(inspect::Args),
    Push(push::Args),
    Sign(sign::Args),
    Verify(verify::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Build(args) => build::run(args, context).await,
        Command::Load(args) => load::run(args, context).await,
        Command::List(args) => list::run(args, context).await,
        Command::Inspect(args) => inspect::run(args, context).await,
        Command::Push(args) => push::run(args, context).await,
        Command::Sign(args) => sign::run(args, context).await,
        Command::Verify(args) => verify::run(args, context).await,
    }
}

/// Writes a number of bytes for people, in units of 1024.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1024 => format!("{bytes}B"),
        1024..1_048_576 => format!("{}KiB", tenths(1024)),
        1_048_576..1_073_741_824 => format!("{}MiB", tenths(1 << 20)),
        _ => format!("{}GiB", tenths(1 << 30)),
    }
}
