//! `edgectl config show`: each setting, its value and the layer that decided it.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::config::{Origin, Setting, Settings};
use crate::output::{Render, Table};

/// Show the settings in force
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl config show
  edgectl config show --origin
  edgectl config show -o json")]
pub struct Args {
    /// Also show which layer decided each value: flag, environment, file or default
    #[arg(long)]
    pub origin: bool,
}

/// The settings: `settings[]` with `name`, `value` (null when unset) and `origin` (`layer`, `from`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    settings: Vec<Row>,
    #[serde(skip)]
    with_origin: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: &'static str,
    value: Option<String>,
    origin: Origin,
}

impl Render for Shown {
    fn human(&self) -> String {
        let value = |row: &Row| row.value.clone().unwrap_or_default();
        if self.with_origin {
            let mut table = Table::new(["NAME", "VALUE", "ORIGIN"]);
            self.settings.iter().for_each(|row| table.row([row.name.to_owned(), value(row), row.origin.to_string()]));
            return table.draw();
        }
        let mut table = Table::new(["NAME", "VALUE"]);
        self.settings.iter().for_each(|row| table.row([row.name.to_owned(), value(row)]));
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        self.settings.iter().map(|row| row.name.to_owned()).collect()
    }
}

fn rows(settings: &Settings, hub: &Setting<String>) -> Vec<Row> {
    let solution = settings.solution_file.as_ref();
    let solution_origin = solution.map_or(Origin::Default, |path| Origin::Solution(path.clone()));
    let row = |name, setting: &Setting<String>| Row { name, value: Some(setting.value.clone()), origin: setting.origin.clone() };
    vec![
        Row { name: "solution", value: solution.map(|path| path.display().to_string()), origin: solution_origin },
        Row { name: "stateDir", value: Some(settings.state_dir.value.display().to_string()), origin: settings.state_dir.origin.clone() },
        row("sim", &settings.sim),
        row("hub", hub),
        Row { name: "engine", value: settings.engine.value.clone(), origin: settings.engine.origin.clone() },
        Row { name: "offline", value: Some(settings.offline.value.to_string()), origin: settings.offline.origin.clone() },
    ]
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let solution = context.settings.solution()?;
    let hub = context.settings.hub_of(solution.as_ref());
    let shown = Shown { settings: rows(&context.settings, &hub), with_origin: args.origin };
    context.printer.result(&shown)
}
