//! `edgectl new`: writes a new solution.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::Context;
use crate::base::Result;
use crate::base::duration::Span;
use crate::model::SolutionName;
use crate::ops::solution_new::{self, NewSolution};
use crate::output::Render;

/// Create a new solution
///
/// The folder must be missing or empty. It gets edgectl.yaml, which explains itself, and what goes with it; no module yet.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl new greenhouse
  edgectl new . --name greenhouse
  edgectl new greenhouse -o json")]
pub struct Args {
    /// Folder of the solution
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Name of the solution (default: the folder's)
    #[arg(long)]
    pub name: Option<String>,
    /// Bake time of every ring (default: 10m for the first, 1h for the others)
    #[arg(long, value_name = "DURATION")]
    pub bake: Option<Span>,
}

/// A new solution: `solution`, `folder` (absolute), `files[]` (relative to the folder).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    solution: SolutionName,
    folder: PathBuf,
    files: Vec<&'static str>,
    #[serde(skip)]
    typed: PathBuf,
}

impl Render for Made {
    fn human(&self) -> String {
        let typed = self.typed.display();
        let enter = if self.typed.as_os_str() == "." { String::new() } else { format!("  cd {typed}\n") };
        format!(
            "Created the solution {} in {}\n\nNext:\n{enter}  edgectl module add sensor --template rust-sensor\n  edgectl image build\n  edgectl sim up\n  edgectl key generate --out keys/release, then name keys/release.pub under `trust:` and `edgectl image sign` the images\n  edgectl release create v1\n  edgectl release promote v1 --to canary --wait\n",
            self.solution,
            self.folder.display()
        )
    }

    fn names(&self) -> Vec<String> {
        vec![self.solution.to_string()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    // `.` and `..` have no name of their own; the components behind them do.
    let folder = clean(&context.settings.directory.join(&args.folder));
    let name = match &args.name {
        Some(name) => name.parse()?,
        None => solution_new::name_after(&folder)?,
    };
    let NewSolution { name, folder, files } = solution_new::new_solution(&folder, name, args.bake)?;
    context.printer.result(&Made { solution: name, folder, files, typed: args.folder })
}

/// Resolves `.` and `..` without asking the file system, since the folder may not exist yet.
fn clean(path: &std::path::Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut clean, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
        clean
    })
}
