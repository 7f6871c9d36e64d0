//! What `internal exec` does: tie this process to the life of its parent, then become another program.
//!
//! The signal follows the thread that started this process, not its process: that thread must live as long as the parent does.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::Signal;

/// What the kernel sends when the parent is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeathSignal {
    /// SIGKILL: the program cannot refuse.
    Kill,
    /// SIGTERM: the program cleans up first.
    Terminate,
}

impl DeathSignal {
    /// Returns the word of the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Terminate => "terminate",
        }
    }
}

/// Becomes `program` with `arguments`, in the present environment and folder, tied to the life of the process `parent`. Returns
/// only when that cannot be.
pub fn become_child(parent: u32, signal: DeathSignal, program: &Path, arguments: &[OsString]) -> io::Error {
    let signal = match signal {
        DeathSignal::Kill => Signal::SIGKILL,
        DeathSignal::Terminate => Signal::SIGTERM,
    };
    if let Err(error) = nix::sys::prctl::set_pdeathsig(signal) {
        return error.into();
    }
    // A parent that died before the line above sends nothing any more.
    if u32::try_from(nix::unistd::getppid().as_raw()) != Ok(parent) {
        return io::Error::other("the process that started it is gone");
    }
    Command::new(program).args(arguments).exec()
}

/// Returns the arguments of this tool that make it call [`become_child`].
pub fn arguments(parent: u32, signal: DeathSignal, program: &Path, arguments: &[OsString]) -> Vec<OsString> {
    let head = ["internal", "exec", "--parent", &parent.to_string(), "--signal", signal.word(), "--"].map(OsString::from);
    head.into_iter().chain([program.as_os_str().to_owned()]).chain(arguments.iter().cloned()).collect()
}

/// Returns this tool's own executable, also when its file was replaced since it started.
pub fn own_executable() -> io::Result<PathBuf> {
    let path = std::env::current_exe()?;
    Ok(if path.exists() { path } else { PathBuf::from("/proc/self/exe") })
}
