//! `edgectl doctor`: what this machine has and lacks.

use clap::Args as ClapArgs;

use super::Context;
use crate::base::Result;

/// Check what this machine has and what cannot be done without the rest
#[derive(Debug, ClapArgs)]
pub struct Args {}

/// Runs the command.
pub async fn run(_args: Args, _context: &mut Context) -> Result<()> {
    Ok(())
}
