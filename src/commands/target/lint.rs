//! `edgectl target lint`: checks target conditions.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde::ser::SerializeMap;

use super::fleet_source::{ReadingArgs, source};
use super::subject::DialectName;
use crate::base::finding::Finding;
use crate::base::{Result, fs};
use crate::commands::Context;
use crate::ops::target_lint::{self, CheckedFleet, Report, Touched};
use crate::output::Render;
use crate::output::findings::{Strictness, Summary, draw, require};

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
    /// Fleet to count with: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
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
    serializer.collect_seq(findings.iter().zip(touched).map(|(finding, touched)| Both { finding, touched }))
}

struct Both<'f> {
    finding: &'f Finding,
    touched: &'f Touched,
}

impl Serialize for Both<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { finding, touched } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &finding.code)?;
        map.serialize_entry("severity", &finding.severity)?;
        map.serialize_entry("message", &finding.message)?;
        entry(&mut map, "file", finding.file.as_ref())?;
        entry(&mut map, "place", finding.place.as_ref())?;
        entry(&mut map, "hint", finding.hint.as_ref())?;
        entry(&mut map, "fix", finding.fix.as_ref())?;
        map.serialize_entry("span", &touched.span)?;
        entry(&mut map, "devices", touched.devices.as_ref())?;
        map.end()
    }
}

/// Writes a member that is there.
fn entry<M: SerializeMap>(map: &mut M, name: &'static str, value: Option<&impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
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
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    let report = report(args, context).await?;
    let linted = Linted {
        summary: Summary::of(&report.findings),
        checked: report.checked,
        total: report.total,
        findings: (report.findings, report.touched),
    };
    context.printer.result(&linted)?;
    require(&linted.findings.0, Strictness::of(args.strict))
}

async fn report(args: &Args, context: &Context) -> Result<Report> {
    let (mut stdin, mut progress) = (std::io::stdin(), context.printer.progress());
    let options = args.reading.options(context);
    let source = args.fleet.as_ref().map(|file| source(file, &mut stdin, context));
    let fleet = source.map(|source| CheckedFleet { source, options: &options, report: &mut progress });
    if let Some(condition) = &args.condition {
        return target_lint::one(condition, args.dialect.into(), fleet).await;
    }
    let (path, name) = match (&args.file, &context.settings.solution_file) {
        (Some(file), _) => (context.locate(file), file.clone()),
        (None, Some(found)) => {
            let near = found.strip_prefix(&context.settings.directory).unwrap_or(found);
            (found.clone(), near.to_path_buf())
        }
        (None, None) => return Err(target_lint::nothing_to_check()),
    };
    target_lint::solution(&fs::read_text(&path)?, &name, args.ring.as_deref(), fleet).await
}
