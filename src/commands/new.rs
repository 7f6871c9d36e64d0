//! `edgectl new`: writes a new solution.

use clap::Args as ClapArgs;

use super::Context;
use crate::base::Result;

/// Create a new solution
#[derive(Debug, ClapArgs)]
pub struct Args {}

/// Runs the command.
pub async fn run(_args: Args, _context: &mut Context) -> Result<()> {
    Ok(())
}
