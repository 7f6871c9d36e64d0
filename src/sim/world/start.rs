//! Starting a world, from another process: the guard is set off, and the caller waits until the world answers or says why not.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::control::ControlClient;
use super::file::is_alive;
use super::{Failure, RuntimeFolder, State, WorldError, WorldFile, WorldPaths, WorldPlan, WorldStatus, stop};
use crate::base::fs::{self, FsError, Lock};
use crate::base::{Cancel, CommandError, Exit, Result};
use crate::process::exec;

/// Time that a world has to come up.
const LIMIT: Duration = Duration::from_mins(1);
/// Time that a world which is just stopping has to end.
const STOPPING_LIMIT: Duration = Duration::from_secs(30);
/// Time that a guard has to end with all it started: more than it gives its supervisor.
const GUARD_LIMIT: Duration = Duration::from_secs(30);
/// Time until a guard that was killed is gone.
const KILL_LIMIT: Duration = Duration::from_secs(5);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// Time for the control socket to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// What starting a world needs.
pub struct StartOptions {
    /// Folders of the world.
    pub paths: WorldPaths,
    /// Folder of its sockets.
    pub runtime: RuntimeFolder,
    /// What it shall hold.
    pub plan: WorldPlan,
    /// Arguments of this tool that make it the guard.
    pub guard: Vec<OsString>,
    /// The whole environment of guard and supervisor.
    pub environment: BTreeMap<String, String>,
}

/// A world that runs.
pub struct Started {
    /// Its state.
    pub status: WorldStatus,
    /// Whether it ran before.
    pub was_running: bool,
}

/// Starts a world, or finds it running. When it cannot be started, or the wait is cancelled, nothing of it is left.
pub async fn start(options: &StartOptions, cancel: &Cancel) -> Result<Started> {
    let paths = &options.paths;
    fs::create_private_folder(paths.root())?;
    let _lock = Lock::try_acquire(&paths.command_lock())?.ok_or_else(|| WorldError::Busy(paths.name().to_string()))?;
    if let Some(status) = running(paths, cancel).await? {
        return Ok(Started { status, was_running: true });
    }
    fs::create_private_folder(&paths.logs())?;
    fs::remove(&paths.failure())?;
    fs::write_json(&paths.plan(), &options.plan)?;
    // What an earlier world left names processes that are gone; their ids may be a stranger's by now.
    stop::mark_stopped(paths)?;
    let mut guard = spawn_guard(options)?;
    match wait_until_ready(paths, &mut guard, cancel).await {
        Ok(status) => Ok(Started { status, was_running: false }),
        Err(error) => Err(match clean_up(options, &mut guard).await {
            Ok(()) => error,
            Err(left) => error.hint(format!("Not all of the world was cleaned up: {}.", left.chain().join(": "))),
        }),
    }
}

/// Ends the guard that was just started, by its own handle since it may hold no lock yet, then what it may have left.
async fn clean_up(options: &StartOptions, guard: &mut Child) -> Result<()> {
    let watch = |error| FsError::at("watch the guard of", options.paths.root())(error);
    if guard.try_wait().map_err(watch)?.is_none() {
        if let Ok(pid) = i32::try_from(guard.id()) {
            // It was not waited for, so its id is still its own; one that just ended is what is wanted.
            let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        if !ended(guard, GUARD_LIMIT).await.map_err(watch)? {
            guard.kill().map_err(FsError::at("end the guard of", options.paths.root()))?;
            if !ended(guard, KILL_LIMIT).await.map_err(watch)? {
                return Err(WorldError::Busy(options.paths.name().to_string()).into());
            }
        }
    }
    stop::stop(&options.paths, &options.runtime).await?;
    Ok(())
}

/// Waits for the end of a child; tells whether it came in time.
async fn ended(child: &mut Child, limit: Duration) -> std::io::Result<bool> {
    let deadline = Instant::now() + limit;
    while child.try_wait()?.is_none() {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
}

/// Returns the state of a world that runs; one that is coming up or going down is waited for.
async fn running(paths: &WorldPaths, cancel: &Cancel) -> Result<Option<WorldStatus>> {
    let deadline = Instant::now() + STOPPING_LIMIT;
    while is_alive(paths)? {
        if let Some(status) = answer(paths).await? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Err(WorldError::Busy(paths.name().to_string()).into());
        }
        pause(cancel).await?;
    }
    Ok(None)
}

async fn answer(paths: &WorldPaths) -> Result<Option<WorldStatus>> {
    let Some(file) = WorldFile::load(paths)?.filter(|file| file.state == State::Running) else { return Ok(None) };
    let status = ControlClient::new(file.control_socket, ANSWER).status().await;
    Ok(status.ok().filter(|status| status.state == State::Running))
}

fn spawn_guard(options: &StartOptions) -> Result<Child> {
    let path = options.paths.supervisor_log();
    let open = || OpenOptions::new().create(true).write(true).truncate(true).open(&path);
    let log = open().map_err(FsError::at("open", &path))?;
    let errors = log.try_clone().map_err(FsError::at("open", &path))?;
    let start = |error: std::io::Error| CommandError::new(Exit::Failure, "sim/not-started", format!("cannot start the guard: {error}"));
    let executable = exec::own_executable().map_err(start)?;
    let mut command = Command::new(executable);
    command.args(&options.guard).env_clear().envs(&options.environment).stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().map_err(start)
}

async fn wait_until_ready(paths: &WorldPaths, guard: &mut Child, cancel: &Cancel) -> Result<WorldStatus> {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(failure) = Failure::load(paths)? {
            return Err(failure);
        }
        if let Some(status) = answer(paths).await? {
            return Ok(status);
        }
        let ended = guard.try_wait().map_err(FsError::at("watch the guard of", paths.root()))?;
        let late = Instant::now() >= deadline;
        if ended.is_some() || late {
            // What it wrote last may have come between the looks above.
            let failure = Failure::load(paths)?;
            return Err(failure.unwrap_or_else(|| silent(paths, late)));
        }
        pause(cancel).await?;
    }
}

/// The error for a world that ended, or did not come up, without a reason.
fn silent(paths: &WorldPaths, late: bool) -> CommandError {
    let what = if late { "did not come up in time" } else { "ended at its start" };
    CommandError::new(Exit::Failure, "sim/not-started", format!("the world `{}` {what}", paths.name()))
        .hint(format!("Its log is {}.", paths.supervisor_log().display()))
}

async fn pause(cancel: &Cancel) -> Result<()> {
    tokio::select! {
        () = cancel.cancelled() => Err(CommandError::new(Exit::Interrupted, "command/interrupted", "the start was stopped")),
        () = tokio::time::sleep(PAUSE) => Ok(()),
    }
}
