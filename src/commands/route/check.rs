//! `edgectl route check`: the traps of routes.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{defaults, routes};
use crate::base::Result;
use crate::base::finding::Finding;
use crate::base::text::sanitized;
use crate::commands::Context;
use crate::ops::route_check::{self, FixedRoute, Mending, Outcome, condition_findings};
use crate::ops::route_files::RouteFile;
use crate::output::Render;
use crate::output::findings::{Checked, Strictness, Summary, require};

/// Find the traps of routes, and mend them with --fix
///
/// A trap is what the broker takes without a word, or refuses too late, and what was hardly meant: `/*` that opens a comment, text behind
/// the sink, `kind!='pump'`, sources that never match. Files are edgectl.yaml, a deployment manifest, a template, a layer, or the desired
/// properties of $edgeHub. Errors are what the broker refuses; warnings fail the command with --strict only.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl route check
  edgectl route check deployment.json --strict
  edgectl route check --fix --dry-run
  edgectl route check --route \"FROM /messages/* WHERE kind!='pump' INTO \\$upstream\" --fix
  edgectl route check manifest.json -o sarif --out routes.sarif")]
pub struct Args {
    /// Files to check, - for stdin; the solution, or deployment.template.json in this folder, when not given
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Check this route
    #[arg(long, value_name = "ROUTE", conflicts_with = "files")]
    route: Option<String>,
    /// Check this condition, as it stands behind WHERE
    #[arg(long, value_name = "CONDITION", conflicts_with_all = ["files", "route", "fix"])]
    condition: Option<String>,
    /// Make the changes whose intent is plain; nothing else in a file changes
    #[arg(long)]
    fix: bool,
    /// With --fix: show the changes and write nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
}

/// The check: `checked[]` (names of what was looked at), `findings[]` (what is left after --fix), `summary`, and `fixed[]` (`file`, `route`,
/// `before`, `after`, `changes[]` of `code` and `description`) with `written`, which is false for --dry-run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckedRoutes {
    checked: Vec<String>,
    findings: Vec<Finding>,
    summary: Summary,
    fixed: Vec<FixedRoute>,
    written: bool,
}

impl Render for CheckedRoutes {
    fn human(&self) -> String {
        let mut text = String::new();
        for route in &self.fixed {
            let name = if route.route.is_empty() { "the route".to_owned() } else { format!("route `{}`", sanitized(&route.route)) };
            let verb = if self.written || route.file.is_none() { "fixed" } else { "would fix" };
            let lines = |part: &str, sign: &str| part.lines().map(|line| format!("  {sign} {}\n", sanitized(line))).collect::<String>();
            text.extend([format!("{verb} {name}\n{}{}", lines(&route.before, "-"), lines(&route.after, "+"))]);
            for change in &route.changes {
                text.extend([format!("  {} [{}]\n", change.description, change.code)]);
            }
            text.push('\n');
        }
        let checked = Checked { checked: self.checked.clone(), findings: self.findings.clone(), summary: self.summary };
        text + &checked.human()
    }

    fn names(&self) -> Vec<String> {
        self.findings.iter().map(|finding| finding.code.to_string()).collect()
    }

    fn findings(&self) -> Option<&[Finding]> {
        Some(&self.findings)
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let texts = match (&args.route, &args.condition) {
        (Some(text), _) => vec![RouteFile::of_text(Path::new("<route>"), text)],
        (None, Some(text)) => vec![RouteFile::of_text(Path::new("<condition>"), text)],
        (None, None) if args.files.is_empty() => defaults(context)?,
        (None, None) => args.files.iter().map(|file| routes(Some(file), context)).collect::<Result<Vec<_>>>()?,
    };
    let mending = match (args.fix, args.dry_run) {
        (false, _) => Mending::None,
        (true, true) => Mending::Planned,
        (true, false) => Mending::Written,
    };
    let outcome = match args.condition {
        Some(_) => Outcome { findings: texts.iter().flat_map(condition_findings).collect(), ..Outcome::default() },
        None => route_check::check(&texts, mending)?,
    };
    let checked = Checked::new(texts.iter().map(|file| file.source.name.display().to_string()).collect(), outcome.findings);
    let Checked { checked, findings, summary } = checked;
    let result = CheckedRoutes { checked, findings, summary, fixed: outcome.fixed, written: outcome.written };
    context.printer.result(&result)?;
    require(&result.findings, Strictness::of(args.strict))
}
