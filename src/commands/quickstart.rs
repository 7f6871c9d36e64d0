//! `edgectl quickstart`: the whole way on this machine.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Context;
use crate::base::{CommandError, Exit, Result, fs};
use crate::config::env;
use crate::ops::quickstart::{Quickstart, QuickstartOptions, SOLUTION, quickstart};
use crate::output::{Render, Table};
use crate::process;

/// Show the whole way on this machine, from an empty folder to a ring promotion and back
///
/// Makes a solution with two modules, builds and signs their images, starts a simulated hub with three devices, promotes two releases
/// ring by ring and rolls one back. Every step is printed as the command that runs. Needs neither Docker, nor a registry, nor a cloud
/// account, nor a network.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl quickstart
  edgectl quickstart hello-edge --keep
  edgectl quickstart -o json --progress none")]
pub struct Args {
    /// Folder to make the solution in; without it, a scratch folder that goes away
    pub dir: Option<PathBuf>,
    /// Leave the world running and the folder in place
    #[arg(long)]
    pub keep: bool,
}

impl Render for Quickstart {
    fn human(&self) -> String {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let mut table = Table::new(["RING", "RELEASE", "STATE"]);
        for ring in self.rings.as_array().into_iter().flatten() {
            table.row([text(&ring["ring"]), text(&ring["release"]["name"]), text(&ring["state"])]);
        }
        let after = match (&self.folder, self.world_running) {
            (Some(folder), true) => {
                format!("The world runs on: `edgectl -C {0} sim status` shows it, `edgectl -C {0} sim down` stops it.\n", folder.display())
            }
            (Some(folder), false) => format!("The solution is in {}.\n", folder.display()),
            (None, _) => "Nothing was left behind.\n".to_owned(),
        };
        format!(
            "{}\n{} steps in {:.0} s; {} alerts reached the hub. {after}",
            table.draw(),
            self.steps.len(),
            self.total_seconds,
            self.alerts
        )
    }

    fn names(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.command.clone()).collect()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (folder, scratch) = match args.dir {
        Some(dir) => (context.settings.directory.join(dir), None),
        None => scratch_folder().map(|parent| (parent.join(SOLUTION), Some(parent)))?,
    };
    let environment = &context.settings.environment;
    let executable = std::env::current_exe()
        .map_err(|error| CommandError::new(Exit::Failure, "quickstart/no-executable", format!("cannot find myself: {error}")))?;
    let options = QuickstartOptions {
        executable,
        folder,
        scratch,
        keep: args.keep,
        environment: environment.all().clone(),
        git: process::find("git", environment.get(env::PATH).unwrap_or_default()),
        cancel: context.cancel.clone(),
    };
    let done = quickstart(&options, &mut context.printer.progress()).await?;
    context.printer.result(&done)
}

/// Makes a private folder below the system's temporary one.
fn scratch_folder() -> Result<PathBuf> {
    let parent = tempfile::Builder::new().prefix("edgectl-quickstart-").tempdir();
    let parent = parent.map_err(fs::FsError::at("create", &std::env::temp_dir()))?;
    Ok(parent.keep())
}
