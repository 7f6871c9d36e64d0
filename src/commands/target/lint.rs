//! `edgectl target lint`: checks target conditions.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde::ser::SerializeSeq as _;

use super::subject::{DialectName, open};
use crate::base::finding::Finding;
use crate::base::{Result, fs};
use crate::commands::Context;
use crate::ops::target_lint::{self, ReadFleet, Report, Touched};
use crate::output::Render;
use crate::output::findings::{Strictness, Summary, draw, require};
use crate::target::fleet::{self, FleetFormat};

/// Check target conditions for what is refused and what is probably not meant
///
/// Checked are a condition, a ring, or every ring and deployment of an edgectl.yaml (that of the solution when nothing is named). With a fleet each finding says how many devices it
/// touches, and types and overlaps are checked too. Exit code 3 when something is refused, with --strict also when something is doubtful.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target lint
  edgectl target lint --condition \"tags.ring != 'canary'\" --fleet fleet.jsonl
  edgectl target lint edgectl.yaml --strict -o sarif")]
pub struct Args {
    /// Solution file; the solution's own when not given
    #[arg(value_name = "FILE", conflicts_with_all = ["condition", "ring"])]
    file: Option<PathBuf>,
    /// Target condition
    #[arg(long, value_name = "CONDITION", conflicts_with = "ring", allow_hyphen_values = true)]
    condition: Option<String>,
    /// Ring of the solution, whose target is checked
    #[arg(long, value_name = "RING")]
    ring: Option<String>,
    /// File with the devices of a fleet, - for stdin
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    /// Which functions --condition may call
    #[arg(long, value_name = "DIALECT", value_enum, default_value_t)]
    dialect: DialectName,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
}

/// The result: `checked[]` (what was looked at), `total` (devices of the fleet, absent without one), `findings[]` (`code`, `severity`, `message`, `file`,
/// `place`, `hint`, `fix`, `span` in bytes, and `devices` with a fleet) and `summary` (`errors`, `warnings`, `notes`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Linted {
    checked: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(serialize_with = "together")]
    findings: (Vec<Finding>, Vec<Touched>),
    summary: Summary,
}

/// Writes each finding with what is known of its devices.
fn together<S: serde::Serializer>((findings, touched): &(Vec<Finding>, Vec<Touched>), serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Both<'f> {
        #[serde(flatten)]
        finding: &'f Finding,
        #[serde(flatten)]
        touched: &'f Touched,
    }
    let mut list = serializer.serialize_seq(Some(findings.len()))?;
    for (finding, touched) in findings.iter().zip(touched) {
        list.serialize_element(&Both { finding, touched })?;
    }
    list.end()
}

impl Render for Linted {
    fn human(&self) -> String {
        let fleet = self.total.map_or_else(String::new, |total| format!(", {total} devices"));
        let subject = match self.checked.as_slice() {
            [one] => crate::base::text::sanitized(one),
            several => crate::base::text::count(several.len(), "condition"),
        };
        format!("{}{subject}{fleet}: {}\n", draw(&self.findings.0), self.summary.words())
    }

    fn names(&self) -> Vec<String> {
        self.findings.0.iter().map(|finding| finding.code.to_string()).collect()
    }

    fn findings(&self) -> Option<&[Finding]> {
        Some(&self.findings.0)
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let report = report(args, context)?;
    let linted = Linted {
        summary: Summary::of(&report.findings),
        checked: report.checked,
        total: report.total,
        findings: (report.findings, report.touched),
    };
    context.printer.result(&linted)?;
    require(&linted.findings.0, Strictness::of(args.strict))
}

fn report(args: &Args, context: &Context) -> Result<Report> {
    let mut reader = args.fleet.as_ref().map(|file| {
        move |schema| {
            let (mut source, name) = open(file, context)?;
            Ok(fleet::read(&mut source, &name, FleetFormat::Auto, schema, &mut |_| {})?)
        }
    });
    let fleet = reader.as_mut().map(|reader| reader as &mut ReadFleet<'_>);
    if let Some(condition) = &args.condition {
        return target_lint::one(condition, args.dialect.into(), fleet);
    }
    let (path, name) = match (&args.file, &context.settings.solution_file) {
        (Some(file), _) => (context.locate(file), file.clone()),
        (None, Some(found)) => {
            let near = found.strip_prefix(&context.settings.directory).unwrap_or(found);
            (found.clone(), near.to_path_buf())
        }
        (None, None) => return Err(target_lint::nothing_to_check()),
    };
    target_lint::solution(&fs::read_text(&path)?, &name, args.ring.as_deref(), fleet)
}
