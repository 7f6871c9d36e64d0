//! `edgectl manifest check`: what the device, the hub and the usual tools will say of a manifest.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::base::fs::FsError;
use crate::base::jsonc::MAX_BYTES;
use crate::base::{CommandError, Exit, Result};
use crate::commands::Context;
use crate::ops::manifest_check::{Subject, manifest_check};
use crate::output::findings::require;
use crate::output::{Checked, Strictness};

/// Check deployment manifests, templates and layers offline
///
/// An error is what the device refuses; a warning is what the device accepts and az, the hub or we would not. Each component is held
/// against the schema that it declares, every route is compiled, create options are read in every form, and ports, images, names,
/// limits and credentials are looked at. Comments, trailing commas and a byte order mark are fine. Without FILE the solution is
/// checked: edgectl.yaml with its modules, or deployment.template.json in this folder.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl manifest check
  edgectl manifest check deployment.json layers/*.json
  edgectl manifest check --strict -o sarif deployment.template.json > findings.sarif
  edgectl manifest generate -o json | jq '.deployments[0].content' | edgectl manifest check -")]
pub struct Args {
    /// Manifests, templates, layers, edgectl.yaml or module.yaml; - for a manifest on stdin
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
}

/// Files of a solution in the layout of the older tools, in the order they are checked.
const TEMPLATES: [&str; 2] = ["deployment.template.json", "deployment.debug.template.json"];

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let files = if args.files.is_empty() { of_solution(context)? } else { args.files.clone() };
    let (mut names, mut findings) = (Vec::new(), Vec::new());
    for file in &files {
        let subject = if file.as_os_str() == "-" { stdin()? } else { Subject::load(&context.locate(file))? };
        names.push(subject.name.display().to_string());
        findings.extend(manifest_check(&subject));
    }
    let checked = Checked::new(names, findings);
    context.printer.result(&checked)?;
    require(&checked.findings, Strictness::of(args.strict))
}

/// Returns the files of the solution that this folder belongs to.
fn of_solution(context: &Context) -> Result<Vec<PathBuf>> {
    if let Some(file) = &context.settings.solution_file {
        let directory = &context.settings.directory;
        return Ok(vec![file.strip_prefix(directory).map_or_else(|_| file.clone(), Path::to_path_buf)]);
    }
    let found: Vec<PathBuf> = TEMPLATES.iter().filter(|name| context.settings.directory.join(name).is_file()).map(PathBuf::from).collect();
    if found.is_empty() {
        let message = "there is no edgectl.yaml in this folder or above it, and no deployment.template.json";
        return Err(CommandError::new(Exit::BadInput, "solution/missing", message)
            .hint("Name the files to check, or the solution's folder with -C DIR."));
    }
    Ok(found)
}

/// Reads a manifest from stdin, no more than a document may have.
fn stdin() -> Result<Subject> {
    let name = PathBuf::from("<stdin>");
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(FsError::at("read", &name))?;
    Ok(Subject { name, bytes })
}
