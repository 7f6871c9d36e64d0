//! `edgectl release status`: how the rings stand.

use clap::Args as ClapArgs;

use super::desk;
use crate::base::{Event, Exit, Report as _, Result};
use crate::commands::Context;
use crate::model::ReleaseName;
use crate::ops::release_status::{Status, status};
use crate::output::{Render, Table};

/// Show how the rings stand
///
/// It looks at the devices through the hub and records what follows, such as the end of a bake.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl release status
  edgectl release status v1.4.0 -o json")]
pub struct Args {
    /// Show where this release stands in each ring
    pub name: Option<ReleaseName>,
}

impl Render for Status {
    fn human(&self) -> String {
        let mut table = Table::new(["RING", "RELEASE", "STATE", "SINCE", "HEALTHY", "FAILED", "UNKNOWN", "NEXT"]);
        for ring in &self.rings {
            let count =
                |pick: fn(&crate::release::Counts) -> u64| ring.devices.as_ref().map(|counts| pick(counts).to_string()).unwrap_or_default();
            let healthy = ring.devices.map(|counts| format!("{}/{}", counts.healthy, counts.targeted)).unwrap_or_default();
            table.row([
                ring.ring.to_string(),
                ring.release.as_ref().map(|release| release.name.to_string()).unwrap_or_default(),
                ring.state.to_string(),
                ring.since.clone().unwrap_or_default(),
                healthy,
                count(|counts| counts.failed),
                count(|counts| counts.unknown),
                ring.next_ring.as_ref().map(|next| format!("{}:{}", next.ring, next.result)).unwrap_or_default(),
            ]);
        }
        let findings = self.rings.iter().flat_map(|ring| ring.findings.iter().map(move |found| (&ring.ring, found)));
        table.draw() + &findings.map(|(ring, found)| format!("{ring}: {}: {}\n", found.device_id, found.reason)).collect::<String>()
    }

    fn names(&self) -> Vec<String> {
        self.rings.iter().map(|ring| ring.ring.to_string()).collect()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let solution = desk::solution(context)?;
    let desk = desk::desk(context, &solution).await?;
    let mut progress = context.printer.progress();
    let hub = match desk::hub(context) {
        Ok(hub) => Some(hub),
        Err(error) if error.kind != Exit::Unavailable => return Err(error),
        Err(error) => {
            let text = format!("{}; devices were not looked at", error.chain().join(": "));
            progress.report(Event::Warning { code: "hub/unavailable", text });
            None
        }
    };
    let status = status(&desk, hub.as_ref(), args.name.as_ref(), &mut progress).await?;
    drop(progress);
    context.printer.result(&status)
}
