//! `edgectl release`: creates releases and promotes them ring by ring.

use clap::Subcommand;

use super::Context;
use crate::base::Result;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {}

/// Runs one command of this noun.
pub async fn run(command: Command, _context: &mut Context) -> Result<()> {
    match command {}
}
