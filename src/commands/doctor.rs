//! `edgectl doctor`: what this machine has and lacks.

use clap::Args as ClapArgs;

use super::Context;
use crate::base::Result;
use crate::config::env;
use crate::ops::doctor::{Diagnosis, DoctorOptions, State, doctor};
use crate::output::{Render, Table};

/// Check what this machine has, what installs the rest, and what cannot be done without it
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl doctor
  edgectl doctor --check
  edgectl doctor --offline -o json")]
pub struct Args {
    /// End with code 10 when something is missing
    #[arg(long)]
    pub check: bool,
}

impl Render for Diagnosis {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME", "STATE", "FOUND"]);
        for check in &self.checks {
            let state = match check.state {
                State::Ok => "ok",
                State::Missing => "missing",
                State::Unknown => "unknown",
            };
            table.row([check.name.to_owned(), state.to_owned(), check.found.clone().unwrap_or_default()]);
        }
        let advice = self.checks.iter().filter_map(|check| {
            let (installs, without) = (check.installs?, check.without?);
            Some(format!("\n{}: without it {without}\n  to have it: {installs}\n", check.name))
        });
        table.draw() + &advice.collect::<String>()
    }

    fn names(&self) -> Vec<String> {
        self.checks.iter().filter(|check| check.state != State::Ok).map(|check| check.name.to_owned()).collect()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let settings = &context.settings;
    let solution = settings.solution()?;
    let options = DoctorOptions {
        path: settings.environment.get(env::PATH).unwrap_or_default().to_owned(),
        environment: settings.environment.all().clone(),
        directory: settings.directory.clone(),
        engine: settings.engine.value.clone(),
        runtime_dir: settings.runtime_dir.clone(),
        registry: solution.and_then(|solution| solution.registry),
        store: context.store_options()?,
        cancel: context.cancel.clone(),
    };
    let diagnosis = doctor(&options).await?;
    context.printer.result(&diagnosis)?;
    if args.check { diagnosis.require_all() } else { Ok(()) }
}
