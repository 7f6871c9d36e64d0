//! `edgectl module add`: a new module from a template.

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::Result;
use crate::commands::Context;
use crate::model::ModuleId;
use crate::ops::module_add::{self, AddedModule, ModuleAddOptions};
use crate::ops::solution_new::no_solution;
use crate::output::Render;
use crate::scaffold::Template;

/// Add a module to the solution
///
/// Writes the folder modules/NAME from a template and adds the module to edgectl.yaml, whose comments and order stay.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Templates:
  rust         shows telemetry, an input, twin properties and a method
  rust-sensor  publishes a temperature on the output `telemetry`
  rust-filter  passes messages of the input `in` above a threshold to the output `alert`

Examples:
  edgectl module add sensor --template rust-sensor --twin '{\"intervalMs\": 200}'
  edgectl module add filter --template rust-filter \\
      --route 'toFilter=FROM /messages/modules/sensor/outputs/telemetry INTO BrokeredEndpoint(\"/modules/filter/inputs/in\")'
  edgectl module add worker --template rust -o json")]
pub struct Args {
    /// Name of the module
    pub name: String,
    /// Template to start from
    #[arg(long)]
    pub template: String,
    /// Also add this route to the solution; may be given more than once
    #[arg(long = "route", value_name = "NAME=ROUTE", value_parser = route)]
    pub routes: Vec<(String, String)>,
    /// Desired properties of the module, a JSON object
    #[arg(long, value_name = "JSON", value_parser = twin)]
    pub twin: Option<Map<String, Value>>,
}

/// A new module: `module`, `template` (with its version), `folder` (relative to edgectl.yaml), `files[]` (relative to the folder),
/// `routes[]` (names of the routes that came with it).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Added {
    module: ModuleId,
    template: String,
    folder: String,
    files: Vec<&'static str>,
    routes: Vec<String>,
}

impl Render for Added {
    fn human(&self) -> String {
        let mut text = format!("Added the module {} in {} from the template {}\n", self.module, self.folder, self.template);
        text.extend(self.routes.iter().map(|route| format!("Added the route {route}\n")));
        text
    }

    fn names(&self) -> Vec<String> {
        vec![self.module.to_string()]
    }
}

fn route(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, route)| !name.trim().is_empty() && !route.trim().is_empty());
    pair.map(|(name, route)| (name.trim().to_owned(), route.trim().to_owned())).ok_or_else(|| "write NAME=ROUTE".to_owned())
}

fn twin(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let settings = &context.settings;
    let solution_file = settings.solution_file.clone().ok_or_else(|| no_solution(&settings.directory))?;
    let name: ModuleId = args.name.parse()?;
    let template = Template::module(&args.template)?;
    let state_dir = settings.state_dir.value.clone();
    let routes: Vec<String> = args.routes.iter().map(|(name, _)| name.clone()).collect();
    let options = ModuleAddOptions { solution_file, state_dir, name, template, routes: args.routes, twin: args.twin };
    let AddedModule { name, template, folder, files } = module_add::add_module(&options)?;
    context.printer.result(&Added { module: name, template, folder, files, routes })
}
