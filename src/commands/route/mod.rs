//! `edgectl route`: checks, tests and explains routes.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Context;
use crate::base::fs::FsError;
use crate::base::{CommandError, Exit, Result, fs};
use crate::ops::route_files::RouteFile;

mod check;
mod explain;
mod test;

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the traps of routes, and mend them with --fix
    Check(check::Args),
    /// Say which routes take a message and why, or run a table of cases
    Test(test::Args),
    /// Show routes as the broker reads them, and what it passes over
    Explain(explain::Args),
}

/// Runs one command of this noun.
pub fn run(command: &Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Check(args) => check::run(args, context),
        Command::Test(args) => test::run(args, context),
        Command::Explain(args) => explain::run(args, context),
    }
}

/// Largest file of routes.
const MAX_BYTES: u64 = 64 << 20;

/// Returns the bytes of a file, or of stdin for `-`, with the name to show.
fn bytes(file: &Path, context: &Context) -> Result<(Vec<u8>, PathBuf)> {
    if file.as_os_str() != "-" {
        let place = context.locate(file);
        return Ok((fs::read(&place)?, place));
    }
    let name = PathBuf::from("<stdin>");
    let mut read = Vec::new();
    std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut read).map_err(FsError::at("read", &name))?;
    Ok((read, name))
}

/// Files of a solution in the layout of the older tools.
const TEMPLATES: [&str; 2] = ["deployment.template.json", "deployment.debug.template.json"];

/// Reads the routes of the solution that this folder belongs to, or of the templates in it.
fn defaults(context: &Context) -> Result<Vec<RouteFile>> {
    let templates = TEMPLATES.iter().map(Path::new).filter(|name| context.settings.directory.join(name).is_file());
    let found: Vec<&Path> = if context.settings.solution_file.is_some() { Vec::new() } else { templates.collect() };
    if found.is_empty() {
        return Ok(vec![routes(None, context)?]);
    }
    found.into_iter().map(|name| routes(Some(name), context)).collect()
}

/// Reads the routes of a file, of stdin for `-`, or of the solution.
fn routes(file: Option<&Path>, context: &Context) -> Result<RouteFile> {
    let solution = context.settings.solution_file.as_deref();
    let Some(file) = file.or(solution) else {
        let message = "there is no edgectl.yaml in this folder or above it";
        return Err(CommandError::new(Exit::BadInput, "solution/missing", message).hint("Name a file, or write --route TEXT."));
    };
    let (bytes, name) = bytes(file, context)?;
    let folder = name.parent().unwrap_or(Path::new(".")).to_path_buf();
    RouteFile::read(&bytes, &name, &folder)
}
