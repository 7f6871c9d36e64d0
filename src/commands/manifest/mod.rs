//! `edgectl manifest`: generates and checks deployment manifests.

use clap::Subcommand;

use super::Context;
use crate::base::Result;

mod check;
mod generate;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check deployment manifests, templates and layers offline
    Check(check::Args),
    /// Generate deployment manifests from the solution, images pinned by digest
    Generate(generate::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Check(args) => check::run(&args, context),
        Command::Generate(args) => generate::run(args, context).await,
    }
}
