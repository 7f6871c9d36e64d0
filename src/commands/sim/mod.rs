//! `edgectl sim`: runs a simulated hub with edge devices.

pub mod call;
pub mod certs;
pub mod clients;
pub mod down;
pub mod leaf;
pub mod logs;
pub mod modulecred;
pub mod monitor;
pub mod restart;
pub mod send;
pub mod status;
pub mod subject;
pub mod twin;
pub mod up;

use clap::Subcommand;

use super::Context;
use crate::base::Result;
use crate::base::fs::FsError;
use crate::sim::world::{RuntimeFolder, WorldPaths};

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Up(up::Args),
    Status(status::Args),
    Logs(logs::Args),
    Call(call::Args),
    Monitor(monitor::Args),
    Send(send::Args),
    Clients(clients::Args),
    /// Register devices that connect through an edge device
    #[command(
        subcommand,
        after_long_help = "Examples:\n  edgectl sim leaf add pump-1 --parent edge-canary\n  edgectl sim leaf list\n  edgectl sim leaf remove pump-1"
    )]
    Leaf(leaf::Command),
    /// Look at and change the certificates of the simulated world
    #[command(
        subcommand,
        after_long_help = "Examples:\n  edgectl sim certs show\n  edgectl sim certs export ca.pem\n  edgectl sim certs expire edge-canary"
    )]
    Certs(certs::Command),
    /// Read and set the twins of devices and modules
    #[command(
        subcommand,
        after_long_help = "Examples:\n  edgectl sim twin get edge-canary/filter\n  edgectl sim twin set edge-canary/filter desired.threshold=28"
    )]
    Twin(twin::Command),
    Modulecred(modulecred::Args),
    Restart(restart::Args),
    Down(down::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Up(args) => up::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::Logs(args) => logs::run(args, context).await,
        Command::Call(args) => call::run(args, context).await,
        Command::Monitor(args) => monitor::run(args, context).await,
        Command::Send(args) => send::run(args, context).await,
        Command::Clients(args) => clients::run(args, context).await,
        Command::Leaf(command) => leaf::run(command, context).await,
        Command::Certs(command) => certs::run(command, context).await,
        Command::Twin(command) => twin::run(command, context).await,
        Command::Modulecred(args) => modulecred::run(args, context).await,
        Command::Restart(args) => restart::run(args, context).await,
        Command::Down(args) => down::run(args, context).await,
    }
}

/// Returns the folders of the world that `--sim` names.
pub(super) fn world(context: &Context) -> Result<(WorldPaths, RuntimeFolder)> {
    let state = &context.settings.state_dir.value;
    let state = std::path::absolute(state).map_err(FsError::at("find", state))?;
    let paths = WorldPaths::new(&state, context.settings.sim.value.parse()?);
    let runtime = RuntimeFolder::new(&context.settings.runtime_dir, &paths)?;
    Ok((paths, runtime))
}
