//! One instance of a module: prepared, started, watched, stopped. It tells the agent what happens and decides nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::info;

use super::desired::ModuleSpec;
use super::host::ModuleHost;
use super::image;
use crate::base::Cancel;
use crate::process::{Launch, Running, Spawner};
use crate::registry::StoreOptions;

/// Time between the polite signal and the one that cannot be refused, as in the product.
const GRACE: Duration = Duration::from_secs(10);

/// What instances of all modules of a device share.
#[derive(Clone)]
pub struct ProcessRuntime {
    /// Where images come from.
    pub store: StoreOptions,
    /// Where they are unpacked.
    pub images: PathBuf,
    /// Starts the processes.
    pub spawner: Spawner,
    /// Identities and sockets of the modules.
    pub host: Arc<ModuleHost>,
}

/// What happens to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its image lies unpacked; the digest is the one of the index or manifest that was asked for.
    Prepared(String),
    /// It runs, with this process id.
    Started(i32),
    /// It could not be started.
    NotStarted(String),
    /// It ended by itself; the code is 128 and the signal's number when a signal ended it.
    Exited(i32),
}

/// A change of one instance.
#[derive(Clone, Debug)]
pub struct ModuleEvent {
    /// Id of the module.
    pub module: String,
    /// Number of the instance, unique for the device.
    pub instance: u64,
    /// What happened.
    pub change: Change,
}

/// An instance to be run.
pub struct Instance {
    /// Id of the module.
    pub module: String,
    /// Number of the instance.
    pub number: u64,
    /// What the module is told to be.
    pub spec: ModuleSpec,
    /// Ends it.
    pub stop: Cancel,
    /// Takes what happens to it.
    pub events: mpsc::Sender<ModuleEvent>,
}

impl Instance {
    /// Runs the instance to its end; returns once nothing of it runs any more.
    pub async fn run(self, runtime: ProcessRuntime) {
        let started = tokio::select! {
            () = self.stop.cancelled() => return,
            started = self.start(&runtime) => started,
        };
        let mut running = match started {
            Ok(running) => running,
            Err(reason) => return self.tell(Change::NotStarted(reason)).await,
        };
        info!(module = self.module, pid = running.id(), "started");
        self.tell(Change::Started(running.id())).await;
        tokio::select! {
            () = self.stop.cancelled() => {
                let status = running.stop(GRACE).await;
                info!(module = self.module, ?status, "stopped");
            }
            status = running.wait() => {
                let code = status.map_or(-1, exit_code);
                self.tell(Change::Exited(code)).await;
            }
        }
    }

    async fn start(&self, runtime: &ProcessRuntime) -> Result<Running, String> {
        let given = runtime.host.environment(&self.module).await.map_err(|error| chain(&error))?;
        let unpacked = image::prepare(&self.spec.image, &runtime.store, &runtime.images).await.map_err(|error| chain(&error))?;
        self.tell(Change::Prepared(unpacked.digest.to_string())).await;
        let line = unpacked.command_line(&self.spec.create_options).map_err(|error| chain(&error))?;
        let mut environment = base_environment();
        environment.extend(line.environment);
        environment.extend(self.spec.environment.clone());
        environment.extend(given);
        let launch = Launch {
            program: line.program,
            arguments: line.arguments.into_iter().map(Into::into).collect(),
            directory: line.directory,
            environment,
            log: runtime.host.log(&self.module),
        };
        runtime.spawner.spawn(launch).await.map_err(|error| chain(&error))
    }

    async fn tell(&self, change: Change) {
        let event = ModuleEvent { module: self.module.clone(), instance: self.number, change };
        // An agent that stops this instance waits for its end and takes no events meanwhile.
        tokio::select! {
            () = self.stop.cancelled() => {}
            _ = self.events.send(event) => {}
        }
    }
}

/// What every process needs and no image gives.
fn base_environment() -> BTreeMap<String, String> {
    [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("LANG", "C.UTF-8"), ("TZ", "UTC")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// Returns the exit code, 128 and the number for a signal, as shells and engines tell it.
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

/// Returns an error with its causes in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    [error.to_string()].into_iter().chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}
