//! `edgectl target count`: how many devices conditions select, and how many each clause.

use std::io::BufReader;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde::ser::SerializeStruct as _;

use super::fleet_source::FleetArgs;
use super::subject::DialectName;
use crate::base::{CommandError, Exit, Result, fs};
use crate::commands::Context;
use crate::ops::target_count::{Counted, Written, count, read_conditions};
use crate::output::{Render, Table};
use crate::target::Condition;

/// Count the devices of a fleet that conditions select, and for how many each clause is true, false or undefined
///
/// A clause is what stands between AND, OR and NOT. It is undefined for a device that lacks what it reads, or has it in another type; that device is then selected only when
/// another clause decides. Files above 8 MiB are read once: what conditions need of them is kept in the tool's folder.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target count --condition \"tags.ring = 'canary' AND tags.env = 'prod'\" --fleet fleet.jsonl
  edgectl target count --condition \"tags.ring != 'canary'\" --fleet devices.txt -o json
  edgectl target count --conditions conditions.jsonl --fleet fleet.csv --edge-only")]
pub struct Args {
    /// Target condition; may be given several times
    #[arg(long = "condition", value_name = "CONDITION", allow_hyphen_values = true, required_unless_present = "file")]
    conditions: Vec<String>,
    /// File with a condition a line: JSON objects with `condition` and, for a name, `id`; - for stdin
    #[arg(long = "conditions", id = "file", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Which functions conditions may call
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// The counts. One condition: `condition` (as it was written), `matched`, `total`, `clauses[]` (`text`, `span`, `true`, `false`,
/// `undefined`), and `id` when a file names it. Several: `conditions[]`, each of that shape.
struct Counts(Vec<Counted>);

impl Serialize for Counts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [only] = self.0.as_slice() {
            return only.serialize(serializer);
        }
        let mut several = serializer.serialize_struct("Counts", 1)?;
        several.serialize_field("conditions", &self.0)?;
        several.end()
    }
}

impl Render for Counts {
    fn human(&self) -> String {
        if let [only] = self.0.as_slice() {
            let mut table = Table::new(["CLAUSE", "TRUE", "FALSE", "UNDEFINED"]);
            for clause in &only.clauses {
                table.row([clause.text.clone(), clause.yes.to_string(), clause.no.to_string(), clause.undefined.to_string()]);
            }
            return format!("{}\n{} of {} devices\n", table.draw(), only.matched, only.total);
        }
        let mut table = Table::new(["NAME", "DEVICES", "CONDITION"]);
        for (number, counted) in self.0.iter().enumerate() {
            table.row([name(number, counted), counted.matched.to_string(), counted.condition.clone()]);
        }
        format!("{}\nof {} devices\n", table.draw(), self.0.first().map_or(0, |counted| counted.total))
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().enumerate().filter(|(_, counted)| counted.matched > 0).map(|(number, counted)| name(number, counted)).collect()
    }
}

/// Returns a condition's name, or its number from 1.
fn name(number: usize, counted: &Counted) -> String {
    counted.id.clone().unwrap_or_else(|| (number + 1).to_string())
}

/// Runs the command.
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    let dialect = args.dialect.into();
    let mut conditions = args.conditions.iter().map(|text| Written::parse(text, dialect)).collect::<Result<Vec<_>>>()?;
    if let Some(file) = &args.file {
        conditions.extend(if file.as_os_str() == "-" {
            if args.fleet.fleet.as_deref().is_some_and(|fleet| fleet.as_os_str() == "-") {
                let error = CommandError::new(Exit::Usage, "usage/stdin-twice", "conditions and fleet cannot both come from stdin");
                return Err(error);
            }
            read_conditions(std::io::stdin().lock(), "<stdin>".as_ref(), dialect)?
        } else {
            read_conditions(BufReader::new(fs::open(&context.locate(file))?), file, dialect)?
        });
    }
    let parsed: Vec<Condition> = conditions.iter().map(|written| written.condition.clone()).collect();
    let fleet = args.fleet.load(&parsed, context).await?;
    context.printer.result(&Counts(count(&fleet, &conditions)))
}
