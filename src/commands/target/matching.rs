//! `edgectl target match`: the devices that a condition selects.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::fleet_source::FleetArgs;
use super::subject::{DialectName, Subject};
use crate::base::Result;
use crate::commands::Context;
use crate::output::{Render, Table};

/// List the devices of a fleet that a condition or a ring selects
///
/// The fleet is the hub in force, or a file. A device without an attribute is neither equal to nor different from anything: `tags.ring != 'canary'` does not select a device
/// that has no such tag.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target match --ring canary
  edgectl target match --condition \"tags.ring = 'canary'\" --fleet fleet.jsonl
  edgectl target match --ring early --fleet fleet.jsonl -o name
  edgectl target match --condition 'is_defined(tags.site)' --fleet - -o json < fleet.jsonl")]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Which functions a condition may call
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// The selection: `condition` (as it was read), `matched`, `total`, `devices[]` (ids).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selected {
    condition: String,
    matched: usize,
    total: u64,
    devices: Vec<String>,
}

impl Render for Selected {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME"]);
        self.devices.iter().for_each(|device| table.row([device.clone()]));
        format!("{}\n{} of {} devices\n", table.draw(), self.matched, self.total)
    }

    fn names(&self) -> Vec<String> {
        self.devices.clone()
    }
}

/// Runs the command.
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    let condition = args.subject.parse(args.dialect.into(), context)?;
    let fleet = args.fleet.load(std::slice::from_ref(&condition), context).await?;
    let devices: Vec<String> = fleet.select(&condition).iter().map(|device| fleet.index.id(device).to_owned()).collect();
    context.printer.result(&Selected { condition: condition.to_string(), matched: devices.len(), total: fleet.total(), devices })
}
