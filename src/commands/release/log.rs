//! `edgectl release log`: the audit records, every chain checked.

use clap::Args as ClapArgs;

use super::desk;
use crate::base::Result;
use crate::base::clock::rfc3339_seconds;
use crate::commands::Context;
use crate::model::RingName;
use crate::ops::release_log::{Log, log};
use crate::output::{Render, Table};

/// List what happened to releases and rings, with every audit chain checked
///
/// A chain that was changed, cut in the middle or reordered ends the command with code 10.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl release log
  edgectl release log --ring canary -o json")]
pub struct Args {
    /// Only this ring
    #[arg(long)]
    pub ring: Option<RingName>,
}

impl Render for Log {
    fn human(&self) -> String {
        let mut table = Table::new(["TIME", "CHAIN", "SEQ", "RELEASE", "ACTION", "ACTOR", "REASON"]);
        for entry in &self.records {
            let record = &entry.record;
            table.row([
                rfc3339_seconds(record.time),
                entry.chain.clone(),
                record.seq.to_string(),
                record.release.name.to_string(),
                record.action.to_string(),
                record.actor.clone(),
                record.detail.reason.clone().unwrap_or_default(),
            ]);
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        self.records.iter().map(|entry| entry.digest.to_string()).collect()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let solution = desk::solution(context)?;
    let desk = desk::desk(context, &solution).await?;
    let mut progress = context.printer.progress();
    let log = log(&desk, args.ring.as_ref(), &mut progress).await?;
    drop(progress);
    context.printer.result(&log)
}
