//! `edgectl quickstart`: the whole way on this machine.

use clap::Args as ClapArgs;

use super::Context;
use crate::base::Result;

/// Show the whole way, from an empty folder to a ring promotion, on this machine
#[derive(Debug, ClapArgs)]
pub struct Args {}

/// Runs the command.
pub async fn run(_args: Args, _context: &mut Context) -> Result<()> {
    Ok(())
}
