//! `edgectl solution import`: a solution of iotedgedev or Visual Studio Code becomes one of ours.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::{Finding, Result};
use crate::commands::{Context, manifest};
use crate::model::SolutionName;
use crate::ops::solution_import::{ImportOptions, Writing, solution_import};
use crate::output::Render;
use crate::output::findings::{self, Strictness, Summary};

/// Turn a solution of iotedgedev or Visual Studio Code into one of this tool
///
/// Reads deployment.template.json, module.json and .env, and writes edgectl.yaml, and module.yaml beside each module.json. The manifest that edgectl.yaml
/// gives is that of the template, which is verified before anything is written; images keep their tags. What edgectl.yaml has no word for stands in it as a patch. The files that were there stay as they
/// are.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl solution import
  edgectl solution import ../old --dry-run
  edgectl solution import --template deployment.debug.template.json --pin")]
pub struct Args {
    /// Folder of the solution
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Template in that folder
    #[arg(long, value_name = "FILE", default_value = "deployment.template.json")]
    template: PathBuf,
    /// Name of the solution (default: the folder's)
    #[arg(long)]
    name: Option<SolutionName>,
    /// Platform of image placeholders that name none [default: the variable `DEFAULT_PLATFORM`, then amd64]
    #[arg(short = 'P', long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// Read variables from this file, which wins over .env; may be given again, and the last wins
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Set a variable, over every other source; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = manifest::template::assignment)]
    set: Vec<(String, String)>,
    /// Name images by the digests that their tags have now
    #[arg(long)]
    pin: bool,
    /// Write passwords into edgectl.yaml in clear; it is refused without this, as edgectl.yaml is a file to commit
    #[arg(long)]
    with_secrets: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write over files that are there
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
}

/// The import: `solution`, `dryRun`, `files` (texts by path, passwords of registries masked), `patched[]` (modules, and `deployments`, that hold a patch), `findings[]` and `summary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    solution: Option<SolutionName>,
    dry_run: bool,
    files: BTreeMap<PathBuf, String>,
    patched: Vec<String>,
    findings: Vec<Finding>,
    summary: Summary,
}

impl Render for Outcome {
    fn human(&self) -> String {
        let mut text = findings::draw(&self.findings);
        for (path, content) in &self.files {
            // Writing to a string cannot fail.
            let _infallible =
                if self.dry_run { writeln!(text, "--- {}\n{content}", path.display()) } else { writeln!(text, "wrote {}", path.display()) };
        }
        if !self.patched.is_empty() {
            let _infallible = writeln!(text, "as patches, for want of words: {}", self.patched.join(", "));
        }
        match (&self.solution, self.dry_run) {
            (None, _) => text + &format!("not imported: {}\n", self.summary.words()),
            (Some(name), true) => text + &format!("{name}: nothing was written\n"),
            (Some(name), false) => text + &format!("{name}: imported, the same manifest\n"),
        }
    }

    fn names(&self) -> Vec<String> {
        self.files.keys().map(|path| path.display().to_string()).collect()
    }

    fn findings(&self) -> Option<&[Finding]> {
        Some(&self.findings)
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let writing = match (args.dry_run, args.yes) {
        (true, _) => Writing::Nothing,
        (false, true) => Writing::Over,
        (false, false) => Writing::New,
    };
    let folder = if args.folder.as_os_str() == "." { PathBuf::new() } else { args.folder };
    let options = ImportOptions {
        directory: context.settings.directory.clone(),
        template: folder.join(args.template),
        name: args.name,
        platform: args.platform,
        env_files: args.env_file,
        set: args.set,
        process: context.settings.environment.all().clone(),
        pin: if args.pin { Some(context.store_options()?) } else { None },
        with_secrets: args.with_secrets,
        writing,
    };
    let outcome = match solution_import(&options).await? {
        Ok(made) => Outcome {
            solution: Some(made.name),
            dry_run: args.dry_run,
            files: made.files,
            patched: made.patched,
            summary: Summary::of(&made.findings),
            findings: made.findings,
        },
        Err(found) => Outcome {
            solution: None,
            dry_run: args.dry_run,
            files: BTreeMap::new(),
            patched: Vec::new(),
            summary: Summary::of(&found),
            findings: found,
        },
    };
    let verdict = findings::require(&outcome.findings, Strictness::Edge);
    context.printer.result(&outcome)?;
    verdict
}
