//! Hidden commands that the tool runs of itself; not an interface.

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands that the tool runs of itself.
#[derive(Debug, Subcommand)]
pub enum Command {}

/// Runs one of them.
pub async fn run(command: Command, _context: &mut Context) -> Result<()> {
    match command {}
}
