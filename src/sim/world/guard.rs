//! The guard: the parent of a world's supervisor. It starts it, passes the wish to stop on, and when the supervisor ends, however it
//! ends, leaves no process and no socket behind. It does nothing else, so that there is little to go wrong.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tracing::{info, warn};

use super::{RuntimeFolder, State, WorldError, WorldFile, WorldPaths};
use crate::base::Cancel;
use crate::base::fs::{FsError, Lock};
use crate::process::exec::{self, DeathSignal};
use crate::process::orphans;

/// Time that the supervisor has to stop its modules: their own grace and some more.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Time until orphans that were killed are gone.
const ORPHAN_LIMIT: Duration = Duration::from_secs(5);

/// What a guard guards.
pub struct GuardOptions {
    /// Folders of the world.
    pub paths: WorldPaths,
    /// Folder of its sockets.
    pub runtime: RuntimeFolder,
    /// Arguments of this tool that make it the supervisor.
    pub supervisor: Vec<OsString>,
}

/// Runs a guard to the end of its supervisor. It must be called on the thread that lives as long as the process, since the kernel ties
/// the supervisor to it.
///
/// # Errors
/// When another guard lives, or the supervisor cannot be started. How a supervisor that was started ends is no error of the guard.
pub async fn run(options: GuardOptions, cancel: &Cancel) -> Result<(), WorldError> {
    // A session of its own: Ctrl-C in the terminal of `sim up` and the end of that terminal do not reach it.
    if let Err(error) = nix::unistd::setsid() {
        info!(%error, "the guard stays in its session");
    }
    let failed = |action| FsError::at(action, options.paths.root());
    let _lock = Lock::try_acquire(&options.paths.guard_lock())?.ok_or_else(|| WorldError::Busy(options.paths.name().to_string()))?;
    orphans::adopt().map_err(failed("adopt orphans of"))?;
    let executable = exec::own_executable().map_err(failed("find the program of"))?;
    let arguments = exec::arguments(std::process::id(), DeathSignal::Terminate, &executable, &options.supervisor);
    let mut command = Command::new(&executable);
    command.args(arguments).stdin(Stdio::null());
    let mut supervisor = command.spawn().map_err(failed("start the supervisor of"))?;
    let pid = supervisor.id();
    tokio::select! {
        ended = supervisor.wait() => info!(?ended, "the supervisor ended"),
        () = cancel.cancelled() => end(&mut supervisor).await,
    }
    drop(supervisor);
    let left = orphans::end_all(ORPHAN_LIMIT).await;
    if left > 0 {
        warn!(left, "processes of the world did not end");
    }
    settle(&options, pid)
}

/// Asks the supervisor to end, and makes it.
async fn end(supervisor: &mut Child) {
    let pid = supervisor.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself in this moment; the wait tells.
        let _gone = kill(pid, Signal::SIGTERM);
    }
    if tokio::time::timeout(STOP_LIMIT, supervisor.wait()).await.is_err() {
        warn!("the supervisor did not stop in time");
        if let Err(error) = supervisor.kill().await {
            warn!(%error, "the supervisor cannot be killed");
        }
    }
}

/// Does what the supervisor did not come to: removes the sockets and marks the world as stopped.
fn settle(options: &GuardOptions, supervisor: Option<u32>) -> Result<(), WorldError> {
    options.runtime.remove()?;
    let Some(mut file) = WorldFile::load(&options.paths)? else { return Ok(()) };
    if file.state != State::Stopped && supervisor.is_none_or(|pid| file.supervisor.pid == pid) {
        file.state = State::Stopped;
        file.reason = Some("the supervisor ended without stopping the world".to_owned());
        file.save(&options.paths)?;
    }
    Ok(())
}
