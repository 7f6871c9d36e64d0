//! `edgectl config`: the settings in force.

pub mod show;

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Show(show::Args),
}

/// Runs one command of this noun.
pub fn run(command: &Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Show(args) => show::run(args, context),
    }
}
