//! `edgectl manifest`: generates, checks, merges, compares and explains deployment manifests.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Context;
use crate::base::{CommandError, Event, Exit, Finding, Report as _, Result};
use crate::ops::manifest_generate::GenerateOptions;

mod check;
mod diff;
mod draw;
mod explain;
mod generate;
mod merge;
mod schema;
pub(super) mod template;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check deployment manifests, templates and layers offline
    Check(check::Args),
    /// Generate deployment manifests from the solution, images pinned by digest
    Generate(generate::Args),
    Merge(merge::Args),
    Diff(diff::Args),
    Explain(explain::Args),
    Schema(schema::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Check(args) => check::run(&args, context),
        Command::Schema(args) => schema::run(&args, context),
        Command::Generate(args) => generate::run(args, context).await,
        Command::Merge(args) => merge::run(&args, context).await,
        Command::Diff(args) => diff::run(&args, context).await,
        Command::Explain(args) => explain::run(&args, context),
    }
}

/// Warns of findings of a command that is no check.
fn warn(findings: &[Finding], context: &Context) {
    let mut progress = context.printer.progress();
    for finding in findings {
        let place = match (&finding.file, finding.place) {
            (Some(file), Some(place)) => format!("{}:{}:{}: ", file.display(), place.line, place.column),
            _ => String::new(),
        };
        let hint = finding.hint.as_ref().map_or_else(String::new, |hint| format!(". {hint}"));
        let code = match finding.code {
            Cow::Borrowed(code) => code,
            Cow::Owned(_) => "manifest/doubtful",
        };
        progress.report(Event::Warning { code, text: format!("{place}{}{hint}", finding.message) });
    }
}

/// Returns where an input of the command line lies; `-` stays the standard input.
fn input(context: &Context, path: &Path) -> PathBuf {
    if path.as_os_str() == "-" { path.to_path_buf() } else { context.locate(path) }
}

/// Returns how the deployments of the solution in force are generated.
fn solution_deployments(context: &Context, tag: &str) -> Result<GenerateOptions> {
    let file = context.settings.solution_file.clone().ok_or_else(|| {
        let error = CommandError::new(Exit::BadInput, "solution/missing", "there is no edgectl.yaml in this folder or above it");
        error.hint("Name the solution's folder with -C DIR, or files with deployments.")
    })?;
    let store = context.store_options()?;
    Ok(GenerateOptions { file, deployment: None, ring: None, tag: tag.to_owned(), store, folder: None })
}
