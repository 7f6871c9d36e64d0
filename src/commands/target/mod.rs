//! `edgectl target`: evaluates target conditions.

use clap::Subcommand;

use super::Context;
use crate::base::Result;

mod count;
mod diff;
mod explain;
mod fleet_source;
mod lint;
mod matching;
mod subject;
mod test;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the devices of a fleet that a condition or a ring selects
    Match(matching::Args),
    /// Count the devices of a fleet that conditions select, and for how many each clause is true, false or undefined
    Count(count::Args),
    /// List the devices that enter and leave a condition when it changes, or when the fleet does, and why
    Diff(diff::Args),
    /// Explain why a condition or a ring selects a device or not
    Explain(explain::Args),
    /// Check target conditions for what is refused and what is probably not meant
    Lint(lint::Args),
    /// Run a truth table of target conditions
    Test(test::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Match(args) => matching::run(&args, context).await,
        Command::Count(args) => count::run(&args, context).await,
        Command::Diff(args) => diff::run(&args, context).await,
        Command::Explain(args) => explain::run(&args, context).await,
        Command::Lint(args) => lint::run(&args, context).await,
        Command::Test(args) => test::run(&args, context),
    }
}
