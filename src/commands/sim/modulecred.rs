//! `edgectl sim modulecred`: the environment to start a module by hand.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::model::Identity;
use crate::ops::world::{module_credentials, module_path};
use crate::output::Render;

/// Print the environment to start a module by hand, such as from a debugger
///
/// The module's identity and workload socket are made when they are missing. Nothing printed is a secret by itself: the key stays
/// behind the workload socket.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim modulecred edge-1/filter
  env $(edgectl sim modulecred edge-1/filter) target/debug/filter
  edgectl sim modulecred edge-1/filter -o json")]
pub struct Args {
    /// The module
    #[arg(value_name = "DEVICE/MODULE", value_parser = module_path)]
    pub module: Identity,
}

/// The environment: `device`, `module`, and `environment` (name to value).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    device: String,
    module: String,
    environment: BTreeMap<String, String>,
}

impl Render for Credentials {
    fn human(&self) -> String {
        self.environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    fn names(&self) -> Vec<String> {
        self.environment.keys().cloned().collect()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let environment = module_credentials(&paths, &args.module).await?;
    let module = args.module.module_id.unwrap_or_default();
    context.printer.result(&Credentials { device: args.module.device_id, module, environment })
}
