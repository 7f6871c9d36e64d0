//! Stopping a world, from another process.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tracing::debug;

use super::control::ControlClient;
use super::file::is_alive;
use super::{RuntimeFolder, State, WorldError, WorldFile, WorldPaths};

/// Time that a world has to stop by itself: more than its guard gives it.
const LIMIT: Duration = Duration::from_secs(30);
/// Time that it has once its processes were killed.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// Time for the control socket to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Stops a world and waits until nothing of it is left; returns whether it ran.
///
/// # Errors
/// When files of the world fail, or processes stay that even SIGKILL did not end.
pub async fn stop(paths: &WorldPaths, runtime: &RuntimeFolder) -> Result<bool, WorldError> {
    let ran = is_alive(paths)?;
    if ran && !asked_and_ended(paths).await? {
        if let Some(file) = named(paths)? {
            signal(paths, &file, Signal::SIGKILL)?;
        }
        if !ended(paths, KILL_LIMIT).await? {
            return Err(WorldError::Busy(paths.name().to_string()));
        }
    }
    // Nothing lives: what a power loss or a double kill left can go.
    runtime.remove()?;
    mark_stopped(paths)?;
    Ok(ran)
}

/// Writes into the file of a world, of which the caller knows that it does not run, that it is stopped.
pub(super) fn mark_stopped(paths: &WorldPaths) -> Result<(), WorldError> {
    if let Some(mut file) = named(paths)? {
        file.state = State::Stopped;
        file.save(paths)?;
    }
    Ok(())
}

/// Reads the file of a world if the processes that it names are those of a world in life: one that is stopped names old ones.
fn named(paths: &WorldPaths) -> Result<Option<WorldFile>, WorldError> {
    Ok(WorldFile::load(paths)?.filter(|file| file.state != State::Stopped))
}

/// Asks the world to end and waits for it. One that is just coming up writes its file late, so the file is looked for until then.
async fn asked_and_ended(paths: &WorldPaths) -> Result<bool, WorldError> {
    let deadline = Instant::now() + LIMIT;
    let mut asked = None;
    while is_alive(paths)? {
        if let Some(file) = named(paths)?.filter(|file| asked != Some(file.supervisor)) {
            asked = Some(file.supervisor);
            ask(paths, &file).await?;
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
}

/// Asks over the control socket, and where nobody answers by signal.
async fn ask(paths: &WorldPaths, file: &WorldFile) -> Result<(), WorldError> {
    if let Err(error) = ControlClient::new(file.control_socket.clone(), ANSWER).stop().await {
        debug!(%error, "the world is asked by signal");
        signal(paths, file, Signal::SIGTERM)?;
    }
    Ok(())
}

/// Signals guard and supervisor. Their ids are true while one of them lives, which the caller has seen.
fn signal(paths: &WorldPaths, file: &WorldFile, signal: Signal) -> Result<(), WorldError> {
    let locks = [(paths.guard_lock(), file.supervisor.guard_pid), (paths.world_lock(), file.supervisor.pid)];
    for (lock, pid) in locks {
        let lives = lock.is_file() && crate::base::fs::Lock::try_acquire(&lock)?.is_none();
        if let Some(pid) = i32::try_from(pid).ok().filter(|pid| lives && *pid > 1) {
            // One that ended in this moment is what was wanted.
            let _gone = kill(Pid::from_raw(pid), signal);
        }
    }
    Ok(())
}

/// Waits until neither guard nor supervisor lives.
async fn ended(paths: &WorldPaths, limit: Duration) -> Result<bool, WorldError> {
    let deadline = Instant::now() + limit;
    loop {
        if !is_alive(paths)? {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
