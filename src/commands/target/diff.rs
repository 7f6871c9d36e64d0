//! `edgectl target diff`: the devices that enter and leave.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::fleet_source::FleetArgs;
use super::subject::DialectName;
use crate::base::Result;
use crate::commands::Context;
use crate::ops::target_count::Written;
use crate::ops::target_diff::{ClauseChange, Difference, Side, diff};
use crate::output::{Render, Table};

/// List the devices that enter and leave a condition when it changes, or when the fleet does, and why
///
/// Either two conditions are compared over one fleet (--before, --after), or two states of a fleet by one condition (--condition, --fleet-after), or both. With -o json: `before` and
/// `after` (the conditions), `added` and `removed` (ids of devices), `unchanged` (the number of devices that both sides select, without their ids), and `changes` (why each device
/// enters or leaves).
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target diff --fleet fleet.jsonl --before \"tags.ring = 'canary'\" --after \"tags.ring IN ['canary', 'early']\"
  edgectl target diff --fleet tags.csv --fleet-after new-tags.csv --condition \"tags.site.hall = 'h1'\"
  edgectl target diff --fleet fleet.jsonl --before \"tags.ring = 'broad'\" --after \"tags.ring != 'canary'\" --check")]
pub struct Args {
    /// Condition on both sides
    #[arg(long, value_name = "CONDITION", allow_hyphen_values = true, required_unless_present_all = ["before", "after"], conflicts_with_all = ["before", "after"], requires = "fleet_after")]
    condition: Option<String>,
    /// Condition before
    #[arg(long, value_name = "CONDITION", allow_hyphen_values = true, requires = "after")]
    before: Option<String>,
    /// Condition afterwards
    #[arg(long, value_name = "CONDITION", allow_hyphen_values = true, requires = "before")]
    after: Option<String>,
    /// Fleet afterwards; the same as before when not given
    #[arg(long, value_name = "FILE")]
    fleet_after: Option<PathBuf>,
    /// Which functions conditions may call
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
    /// Exit with 10 when a device enters or leaves
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    fleet: FleetArgs,
}

impl Render for Difference {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME", "CHANGE", "WHY"]);
        for change in &self.changes {
            let why: Vec<String> = change.clauses.iter().map(described).collect();
            let why = if why.is_empty() { "<none>".to_owned() } else { why.join("; ") };
            table.row([change.device_id.clone(), if change.selected { "added" } else { "removed" }.to_owned(), why]);
        }
        format!("{}\n{} added, {} removed, {} unchanged\n", table.draw(), self.added.len(), self.removed.len(), self.unchanged)
    }

    fn names(&self) -> Vec<String> {
        self.changes.iter().map(|change| change.device_id.clone()).collect()
    }
}

fn described(clause: &ClauseChange) -> String {
    match (clause.before, clause.after) {
        (Some(before), Some(after)) if before == after => format!("{} is {after}", clause.text),
        (Some(before), Some(after)) => format!("{} was {before}, is {after}", clause.text),
        (Some(before), None) => format!("{} was {before}", clause.text),
        (None, Some(after)) => format!("{} is {after}", clause.text),
        (None, None) => clause.text.clone(),
    }
}

/// Runs the command.
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    let dialect = args.dialect.into();
    let text = |side: &Option<String>| side.as_ref().or(args.condition.as_ref()).cloned().unwrap_or_default();
    let (before, after) = (Written::parse(&text(&args.before), dialect)?, Written::parse(&text(&args.after), dialect)?);
    let conditions = [before.condition.clone(), after.condition.clone()];
    let fleet = args.fleet.load(&conditions, context).await?;
    let fleet_after = match &args.fleet_after {
        Some(file) => Some(args.fleet.reading.load_file(file, &conditions, context).await?),
        None => None,
    };
    let was = Side { fleet: &fleet, written: &before };
    let is = Side { fleet: fleet_after.as_ref().unwrap_or(&fleet), written: &after };
    let difference = diff(was, is);
    context.printer.result(&difference)?;
    if args.check { difference.require_none() } else { Ok(()) }
}
