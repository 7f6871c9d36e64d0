//! Orphans: processes whose parent died. A process that called [`adopt`] inherits them from everything below it and can end them.

use std::io;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::base::fs;

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Makes this process the parent of every orphan below it (prctl(2), `PR_SET_CHILD_SUBREAPER`).
pub fn adopt() -> io::Result<()> {
    Ok(nix::sys::prctl::set_child_subreaper(true)?)
}

/// Kills all children of this process, and what becomes its child by that, until there is none or `limit` is over. Returns how many
/// were left. No child may be watched by other code at that time.
pub async fn end_all(limit: Duration) -> usize {
    let deadline = Instant::now() + limit;
    loop {
        reap();
        let children = children();
        if children.is_empty() || Instant::now() >= deadline {
            return children.len();
        }
        for child in children {
            // One that ended by itself in the meantime is what was wanted.
            let _gone = kill(child, Signal::SIGKILL);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Takes the exit codes of children that ended, so that they leave the process table.
fn reap() {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return,
            _ => {}
        }
    }
}

/// Returns the children of this process, from the process table (proc(5), /proc/PID/stat).
fn children() -> Vec<Pid> {
    let own = std::process::id().to_string();
    let ids = fs::names_in(std::path::Path::new("/proc")).unwrap_or_default().into_iter().filter_map(|name| name.parse::<i32>().ok());
    let is_child = |id: &i32| {
        let stat = fs::read_text(std::path::Path::new(&format!("/proc/{id}/stat"))).unwrap_or_default();
        // The name in parentheses may hold anything; after it come the state and the parent.
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.split_whitespace().nth(1) == Some(own.as_str()))
    };
    ids.filter(is_child).map(Pid::from_raw).collect()
}
