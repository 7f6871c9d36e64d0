//! `edgectl release promote`: takes a release into a ring.

use clap::Args as ClapArgs;

use super::desk::{self, Unasked};
use crate::base::Result;
use crate::commands::Context;
use crate::model::{ReleaseName, RingName};
use crate::ops::release_promote::{PromoteOptions, Promotion, promote};
use crate::output::{Render, Table};

/// Promote a release into a ring
///
/// The images must be signed by every key that the solution trusts, and the ring before must be healthy on this very release for its
/// bake time. The result says what was decided; its code is 10 when a gate is closed, 11 when it is too early, 14 when devices fail.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl release promote v1.4.0 --to canary
  edgectl release promote v1.4.0 --to early --wait --timeout 30m
  edgectl release promote v1.4.0 --to broad --dry-run -o json")]
pub struct Args {
    /// Name of the release
    pub name: ReleaseName,
    /// Ring that takes it
    #[arg(long, value_name = "RING")]
    pub to: RingName,
    /// Wait until the ring is healthy, its bake included, or halted
    #[arg(long)]
    pub wait: bool,
    /// Run the gates and show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

impl Render for Promotion {
    fn human(&self) -> String {
        let mut text = vec![format!("{} in {}: {} (was {})\n", self.release.name, self.ring, self.to, self.from)];
        if let Some(devices) = self.devices {
            let (healthy, all, failed, unknown) = (devices.healthy, devices.targeted, devices.failed, devices.unknown);
            text.push(format!("devices: {healthy} of {all} healthy, {failed} failed, {unknown} unknown\n"));
        }
        if let Some(seconds) = self.next_check_secs {
            text.push(format!("look again in {seconds} s\n"));
        }
        if !self.gates.is_empty() {
            let mut table = Table::new(["GATE", "RESULT", "REASON"]);
            self.gates.iter().for_each(|gate| table.row([gate.name.clone(), gate.result.to_string(), gate.reason.clone()]));
            text.push(format!("\n{}", table.draw()));
        }
        let mut table = Table::new(["CONFIGURATION", "PRIORITY", "CONDITION"]);
        self.configurations
            .iter()
            .for_each(|planned| table.row([planned.id.clone(), planned.priority.to_string(), planned.condition.clone()]));
        if !self.configurations.is_empty() {
            text.push(format!("\n{}", table.draw()));
        }
        text.concat()
    }

    fn names(&self) -> Vec<String> {
        self.configurations.iter().map(|planned| planned.id.clone()).collect()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let solution = desk::solution(context)?;
    let desk = desk::desk(context, &solution).await?;
    let hub = desk::hub(context)?;
    let stores = context.store_options()?;
    if !args.dry_run {
        desk::confirm(context, args.yes, &format!("Promote {} to ring {}?", args.name, args.to), Unasked::Proceed)?;
    }
    let options = PromoteOptions { release: args.name, ring: args.to, wait: args.wait, dry_run: args.dry_run };
    let mut progress = context.printer.progress();
    let promotion = promote(&desk, &hub, &stores, &options, &mut progress).await?;
    drop(progress);
    context.printer.result(&promotion)?;
    let what = format!("{} in ring {}", promotion.release.name, promotion.ring);
    desk::end(promotion.decision, &what, &promotion.gates, promotion.reason.as_deref())
}
