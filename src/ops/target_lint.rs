//! `target lint`: findings of one condition, or of all conditions of a solution, with the devices of a fleet that they touch.

use std::ops::Range;
use std::path::Path;

use serde::Serialize;

use super::fleet::{FleetOptions, FleetSource, load};
use crate::base::finding::{Edit, Finding, Fix, Severity, apply};
use crate::base::source::SourceText;
use crate::base::text::count;
use crate::base::{CommandError, Exit, Report as ProgressReport, Result};
use crate::solution::Solution;
use crate::solution::targets::{Target, TargetOwner, targets};
use crate::target::fleet::FleetIndex;
use crate::target::fleet::plan::{Contender, ties};
use crate::target::lint::{Lint, Reading};
use crate::target::{Condition, Dialect};

/// What was found in some conditions.
#[derive(Debug, Default)]
pub struct Report {
    /// What was looked at.
    pub checked: Vec<String>,
    /// Everything that was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// What is known of each finding beside it, in the same order.
    pub touched: Vec<Touched>,
    /// Number of devices of the fleet.
    pub total: Option<u64>,
}

/// What a finding says of devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Touched {
    /// Bytes of the text that it stands in.
    pub span: Range<usize>,
    /// Number of devices that it touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<u64>,
}

/// The fleet that conditions are checked with.
pub struct CheckedFleet<'a> {
    /// Where it comes from.
    pub source: FleetSource<'a>,
    /// How it is read.
    pub options: &'a FleetOptions,
    /// Told of long reading.
    pub report: &'a mut dyn ProgressReport,
}

/// Longest text of a solution file for which rewrites are worked out.
const MENDED_BYTES: usize = 1 << 20;

/// Checks one condition; places count in its text.
///
/// # Errors
/// A fleet that does not read.
pub async fn one(text: &str, dialect: Dialect, fleet: Option<CheckedFleet<'_>>) -> Result<Report> {
    let reading = Reading::of(text, dialect);
    let index = read(std::slice::from_ref(&reading), fleet).await?;
    let source = SourceText::new(Path::new("<condition>"), text);
    let mut report = Report { checked: vec!["<condition>".to_owned()], total: total(index.as_ref()), ..Report::default() };
    for lint in reading.lint(index.as_ref()) {
        let (span, fix) = (lint.span.clone(), lint.fix.clone());
        report.add(&source, lint, span, fix);
    }
    Ok(report.sorted())
}

/// Checks the conditions of the deployments and rings of a solution file, or those of one ring, in the strict dialect; `file` is how its
/// text is named.
///
/// # Errors
/// A file that is no solution, a ring that is not there, a fleet that does not read.
pub async fn solution(text: &str, file: &Path, ring: Option<&str>, fleet: Option<CheckedFleet<'_>>) -> Result<Report> {
    let solution = Solution::parse(text, file)?;
    let mut all = targets(text, file)?;
    if let Some(ring) = ring {
        // The ring's own lookup says which rings there are.
        if !all.iter().any(|target| target.owner == TargetOwner::Ring(ring.to_owned())) {
            crate::ops::target_match::ring_condition(&solution, ring)?;
        }
        all.retain(|target| target.owner == TargetOwner::Ring(ring.to_owned()));
    }
    let readings: Vec<Reading> =
        all.iter().map(|target| Reading::of(target.condition.as_deref().unwrap_or("*"), Dialect::Strict)).collect();
    let index = read(&readings, fleet).await?;
    let source = SourceText::new(file, text);
    let checked =
        if all.is_empty() { vec![file.display().to_string()] } else { all.iter().map(|target| target.owner.to_string()).collect() };
    let mut report = Report { checked, total: total(index.as_ref()), ..Report::default() };
    for (target, reading) in all.iter().zip(&readings).filter(|(target, _)| target.condition.is_some()) {
        for mut lint in reading.lint(index.as_ref()) {
            lint.message = format!("{}: {}", target.owner, lint.message);
            let span = target.locate(text, &lint.span);
            let fix = lint.fix.as_ref().and_then(|fix| in_file(fix, target, text, file));
            report.add(&source, lint, span, fix);
        }
    }
    if let Some(index) = &index {
        overlaps(&mut report, &source, (&solution, &all, &readings), index);
    }
    Ok(report.sorted())
}

fn total(index: Option<&FleetIndex>) -> Option<u64> {
    index.map(|index| index.len() as u64)
}

/// Reads the fleet with what all conditions read.
async fn read(readings: &[Reading], fleet: Option<CheckedFleet<'_>>) -> Result<Option<FleetIndex>> {
    let Some(CheckedFleet { source, options, report }) = fleet else { return Ok(None) };
    let conditions: Vec<Condition> = readings.iter().filter_map(Reading::condition).cloned().collect();
    Ok(Some(load(source, &conditions, options, report).await?.counting()))
}

impl Report {
    fn add(&mut self, source: &SourceText, lint: Lint, span: Range<usize>, fix: Option<Fix>) {
        self.touched.push(Touched { span: span.clone(), devices: lint.devices });
        let finding = Finding::new(lint.code, lint.severity, lint.message).at(source, span);
        self.findings.push(Finding { hint: lint.hint, fix, ..finding });
    }

    /// Puts findings in the order of the text.
    fn sorted(self) -> Self {
        let mut both: Vec<(Finding, Touched)> = self.findings.into_iter().zip(self.touched).collect();
        both.sort_by(|(left, at), (right, other)| {
            (at.span.start, at.span.end, &left.code).cmp(&(other.span.start, other.span.end, &right.code))
        });
        let (findings, touched) = both.into_iter().unzip();
        Self { findings, touched, ..self }
    }
}

/// Returns a fix of a condition as a fix of its file; `None` when the file would not say what is meant, as with brackets inside a flow map.
fn in_file(fix: &Fix, target: &Target, text: &str, file: &Path) -> Option<Fix> {
    if text.len() > MENDED_BYTES {
        return None;
    }
    let meant = fix.apply(target.condition.as_deref()?)?;
    let edits: Option<Vec<Edit>> = fix
        .edits
        .iter()
        .map(|edit| Some(Edit::replace(target.exactly(text, &edit.span)?, target.quoted(text, &edit.replacement))))
        .collect();
    let fix = Fix { edits: edits?, ..fix.clone() };
    let mended = targets(&apply(text, &fix.edits)?, file).ok()?;
    mended.iter().any(|other| other.owner == target.owner && other.condition.as_ref() == Some(&meant)).then_some(fix)
}

/// Finds deployments that nothing in the file puts in an order: two bases, or two layers, that reach the same devices. Promotions give
/// each a priority of its own, in the order of their names, and that order then decides.
fn overlaps(report: &mut Report, source: &SourceText, (solution, all, readings): (&Solution, &[Target], &[Reading]), index: &FleetIndex) {
    let deployments: Vec<(&str, bool, &Target, &Condition)> = all
        .iter()
        .zip(readings)
        .filter_map(|(target, reading)| match &target.owner {
            TargetOwner::Deployment(name) => Some((name.as_str(), solution.deployments.get(name)?.layer, target, reading.condition()?)),
            TargetOwner::Ring(_) => None,
        })
        .collect();
    let contenders: Vec<Contender<'_>> = deployments
        .iter()
        .map(|(id, layer, _, condition)| Contender { id, priority: i64::from(*layer), created: "", devices: index.sets(condition).yes })
        .collect();
    for tie in ties(&contenders) {
        let ((one, layer, ..), (other, _, target, _)) = (deployments[tie.first], deployments[tie.second]);
        let shared = shared_module(solution, one, other);
        let devices = count(usize::try_from(tie.devices).unwrap_or(usize::MAX), "device");
        let message = match (layer, &shared) {
            (false, _) => format!("the base deployments {one} and {other} both want {devices}, and a device takes one base"),
            (true, Some(module)) => format!("the layers {one} and {other} both set the module {module} on {devices}"),
            (true, None) => format!("the layers {one} and {other} both reach {devices}"),
        };
        let severity = if layer && shared.is_none() { Severity::Note } else { Severity::Warning };
        let span = target.locate(&source.text, &(0..target.condition.as_ref().map_or(0, String::len)));
        let hint =
            format!("Nothing in the file orders them, so {other} goes above {one} by its name; let their conditions exclude each other.");
        report.touched.push(Touched { span: span.clone(), devices: Some(tie.devices) });
        report.findings.push(Finding::new("target/overlap-tie", severity, message).at(source, span).hint(hint));
    }
}

fn shared_module(solution: &Solution, one: &str, other: &str) -> Option<String> {
    let modules = |name: &str| solution.deployments.get(name).map(|deployment| deployment.modules.as_slice()).unwrap_or_default();
    modules(one).iter().find(|module| modules(other).contains(module)).map(ToString::to_string)
}

/// Returns the error of a check without anything to check.
pub fn nothing_to_check() -> CommandError {
    CommandError::new(Exit::BadInput, "solution/missing", "there is no edgectl.yaml in this folder or above it")
        .hint("Give --condition CONDITION, or the file.")
}

#[cfg(test)]
mod tests;
