//! `edgectl sim modulecred`: what leads a module that is started by hand to its broker.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::ops::world_control::{ModuleName, module_credentials, module_name};
use crate::output::Render;
use crate::sim::device::host::ModuleCredentials;

/// Print the environment to start a module by hand, such as from a debugger
///
/// The module's identity and workload socket are made when they are missing. There are two forms, and a process gets one of them, since
/// SDKs differ in which they read first. `-o env` (as without `-o`) leads to the workload socket, behind which the key stays.
/// `-o conn-string` prints the two lines EdgeHubConnectionString and EdgeModuleCACertificateFile: the first one holds the module's key
/// and is a secret. `-o json` has both forms, so it is a secret as well.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim modulecred filter
  env $(edgectl sim modulecred edge-1/filter -o env) target/debug/filter
  edgectl sim modulecred filter -o conn-string
  edgectl sim modulecred edge-1/filter -o json")]
pub struct Args {
    /// The module; DEVICE may be left out where the world has one device
    #[arg(value_name = "[DEVICE/]MODULE", value_parser = module_name)]
    pub module: ModuleName,
}

/// What leads to the broker: `device`, `module`, `environment` (name to value), and the other form: `connectionString`, which holds the
/// key, and `caFile`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    device: String,
    module: String,
    environment: BTreeMap<String, String>,
    connection_string: String,
    ca_file: PathBuf,
}

impl Credentials {
    fn of(credentials: ModuleCredentials) -> Self {
        let ModuleCredentials { device, module, environment, connection_string, ca_file } = credentials;
        Self { device, module, environment, connection_string, ca_file }
    }
}

/// Returns the two lines of a connection string and its root certificate.
pub(super) fn connection_lines(connection_string: &str, ca_file: &std::path::Path) -> String {
    format!("EdgeHubConnectionString={connection_string}\nEdgeModuleCACertificateFile={}\n", ca_file.display())
}

impl Render for Credentials {
    fn human(&self) -> String {
        self.environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    fn names(&self) -> Vec<String> {
        self.environment.keys().cloned().collect()
    }

    fn environment(&self) -> Option<String> {
        Some(self.human())
    }

    fn connection_string(&self) -> Option<String> {
        Some(connection_lines(&self.connection_string, &self.ca_file))
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let credentials = module_credentials(&paths, &args.module).await?;
    context.printer.result(&Credentials::of(credentials))
}
