//! `edgectl release rollback`: takes back what a ring runs.

use clap::Args as ClapArgs;

use super::desk::{self, Unasked};
use crate::base::Result;
use crate::commands::Context;
use crate::model::{ReleaseName, RingName};
use crate::ops::release_rollback::{Rollback, RollbackOptions, rollback};
use crate::output::Render;

/// Take back what a ring runs
///
/// No gate stands before a rollback. Devices go back to what lies below in the hub; without anything below it is refused. The release
/// is bad from then on and enters no ring any more.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl release rollback --ring early --reason 'telemetry stopped' --yes
  edgectl release rollback --ring early --release v1.4.0 --wait --yes")]
pub struct Args {
    /// Ring to roll back
    #[arg(long)]
    pub ring: RingName,
    /// Only if the ring runs this release
    #[arg(long, value_name = "NAME")]
    pub release: Option<ReleaseName>,
    /// Why, for the audit records
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Wait until the devices run what was below
    #[arg(long)]
    pub wait: bool,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

impl Render for Rollback {
    fn human(&self) -> String {
        let fallback = self.fallback.as_ref().map_or("what it ran before".to_owned(), |fallback| fallback.name.to_string());
        let verb = if self.changed { "is taken back" } else { "was taken back before; nothing was changed" };
        let verb = if self.decision == crate::release::Decision::Planned { "would be taken back" } else { verb };
        let first = format!("{}: {} {verb}; it goes on with {fallback} ({})\n", self.ring, self.release.name, self.state);
        std::iter::once(first).chain(self.removed.iter().map(|id| format!("removes {id}\n"))).collect()
    }

    fn names(&self) -> Vec<String> {
        self.removed.clone()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let solution = desk::solution(context)?;
    let desk = desk::desk(context, &solution).await?;
    if !args.dry_run {
        desk::confirm(context, args.yes, &format!("Take back what ring {} runs?", args.ring), Unasked::Refuse)?;
    }
    let hub = desk::hub(context)?;
    let options = RollbackOptions { ring: args.ring, release: args.release, reason: args.reason, wait: args.wait, dry_run: args.dry_run };
    let mut progress = context.printer.progress();
    let done = rollback(&desk, &hub, &options, &mut progress).await?;
    drop(progress);
    context.printer.result(&done)?;
    desk::end(done.decision, &format!("the release below in ring {}", done.ring), &[], None)
}
