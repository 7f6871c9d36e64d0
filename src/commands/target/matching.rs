//! `edgectl target match`: the devices that a condition selects.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::{CommandError, Exit, Result, fs};
use crate::commands::{Context, hub};
use crate::ops;
use crate::ops::target_match::{Selection, match_fleet, match_hub, ring_condition};
use crate::output::{Render, Table};
use crate::solution::Solution;
use crate::target::Condition;

/// List the devices of a fleet that a condition or a ring selects
///
/// The fleet is the hub in force, or a file of twins. A device without an attribute is neither equal to nor different from anything: `tags.ring != 'canary'` does not select a device
/// that has no such tag.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target match --ring canary
  edgectl target match --condition \"tags.ring = 'canary'\" --fleet fleet.jsonl
  edgectl target match --ring early --fleet fleet.jsonl -o name
  edgectl target match --condition 'is_defined(tags.site)' --fleet - -o json < fleet.jsonl")]
pub struct Args {
    /// Target condition
    #[arg(long, value_name = "CONDITION", required_unless_present = "ring", conflicts_with = "ring")]
    condition: Option<String>,
    /// Ring of the solution, whose target is the condition
    #[arg(long, value_name = "RING")]
    ring: Option<String>,
    /// File with one twin (JSON) a line, - for stdin; the hub when not given
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    /// Leave out devices that are not edge devices
    #[arg(long)]
    edge_only: bool,
}

/// The selection: `condition` (as it was read), `matched`, `total`, `devices[]` (ids).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selected {
    condition: String,
    matched: usize,
    total: usize,
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
    let condition = condition(args, context)?;
    let selection = match &args.fleet {
        Some(file) => from_file(&condition, file, args.edge_only, context)?,
        None => match_hub(&condition, &ops::hub::connect(&hub::options(context)?)?, args.edge_only).await?,
    };
    context.printer.result(&Selected {
        condition: condition.to_string(),
        matched: selection.devices.len(),
        total: selection.total,
        devices: selection.devices,
    })
}

fn from_file(condition: &Condition, file: &Path, edge_only: bool, context: &Context) -> Result<Selection> {
    let (fleet, name): (Box<dyn BufRead>, &Path) = if file.as_os_str() == "-" {
        (Box::new(std::io::stdin().lock()), Path::new("<stdin>"))
    } else {
        (Box::new(BufReader::new(fs::open(&context.settings.directory.join(file))?)), file)
    };
    match_fleet(condition, fleet, name, edge_only)
}

fn condition(args: &Args, context: &Context) -> Result<Condition> {
    match (&args.condition, &args.ring, &context.settings.solution_file) {
        (Some(text), ..) => Ok(Condition::parse(text)?),
        (None, Some(ring), Some(file)) => ring_condition(&Solution::load(file)?, ring),
        (None, ..) => {
            let message = "a ring is looked up in edgectl.yaml, and there is none in this folder or above it";
            Err(CommandError::new(Exit::BadInput, "solution/missing", message).hint("Name the solution's folder with -C DIR."))
        }
    }
}
