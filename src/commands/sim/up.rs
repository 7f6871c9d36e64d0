//! `edgectl sim up`: starts a simulated world in the background.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use super::status::Shown;
use crate::base::Result;
use crate::commands::Context;
use crate::config::env;
use crate::edgehub::Timing;
use crate::ops::world::{DeviceSource, UpOptions, up};
use crate::output::Render;

/// Start a simulated hub with edge devices, and return when they answer
///
/// One device is made for each ring of the solution, `edge-RING` with the tag `ring`; without rings it is one, `edge-1`. The world
/// runs in the background until `sim down`; images, twins and certificates are kept for the next start.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim up
  edgectl sim up --devices fleet.jsonl
  edgectl sim up --sim other --timing product
  edgectl sim up -o json")]
pub struct Args {
    /// File with the devices in place of the solution's rings: a JSON object with `id` and `tags` on each line
    #[arg(long, value_name = "FILE")]
    pub devices: Option<PathBuf>,
    /// How fast the product's timers run, such as back-offs, retries and the cleaner of queues: as in the product, or fifty times as fast
    #[arg(long, value_enum, default_value_t = TimingArg::Fast)]
    pub timing: TimingArg,
}

/// A word for a timing.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TimingArg {
    /// As in the product: a module restarts after 10 s to 5 minutes
    Product,
    /// Fifty times as fast
    Fast,
}

/// The started world: `wasRunning`, and `world` as `sim status` shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    was_running: bool,
    world: Shown,
}

impl Render for Started {
    fn human(&self) -> String {
        self.world.human()
    }

    fn names(&self) -> Vec<String> {
        self.world.names()
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (paths, runtime) = super::world(context)?;
    let timing = match args.timing {
        TimingArg::Product => Timing::Product,
        TimingArg::Fast => Timing::Fast,
    };
    let devices = match args.devices {
        Some(file) => DeviceSource::File(context.settings.directory.join(file)),
        None => context.settings.solution_file.clone().map_or(DeviceSource::Single, DeviceSource::Solution),
    };
    let options = UpOptions { guard: own_arguments("guard", context), environment: environment(context)?, paths, runtime, devices, timing };
    let mut progress = context.printer.progress();
    let started = up(&options, &context.cancel, &mut progress).await?;
    drop(progress);
    context.printer.result(&Started { was_running: started.was_running, world: Shown::of(started.status) })
}

/// Returns the arguments of this tool that run it as a part of this world.
pub(in crate::commands) fn own_arguments(part: &str, context: &Context) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-C".into(), context.settings.directory.clone().into()];
    arguments.extend(["--sim".into(), context.settings.sim.value.clone().into()]);
    if context.settings.offline.value {
        arguments.push("--offline".into());
    }
    arguments.extend(["internal".into(), part.into()]);
    arguments
}

/// Returns the environment of the world: what finds files, programs and registries, and no secret.
fn environment(context: &Context) -> Result<BTreeMap<String, String>> {
    const PASSED: [&str; 13] = [
        env::HOME,
        env::PATH,
        env::XDG_CONFIG_HOME,
        env::XDG_STATE_HOME,
        env::XDG_RUNTIME_DIR,
        env::DOCKER_CONFIG,
        "LANG",
        "TMPDIR",
        "SSL_CERT_FILE",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        env::RUST_LOG,
    ];
    let given = &context.settings.environment;
    let mut passed: BTreeMap<String, String> =
        PASSED.iter().filter_map(|name| Some(((*name).to_owned(), given.get(name)?.to_owned()))).collect();
    let state = &context.settings.state_dir.value;
    let state = std::path::absolute(state).map_err(crate::base::fs::FsError::at("find", state))?;
    passed.insert(env::STATE_DIR.to_owned(), state.to_string_lossy().into_owned());
    Ok(passed)
}
