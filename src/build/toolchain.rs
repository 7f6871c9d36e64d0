//! The user's own cargo, found on the search path and run with a cleaned environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::BuildError;
use crate::base::Cancel;
use crate::process::{self, Invocation, ProcessError};

/// Variables that outside tools of a build may see; nothing else of the environment reaches them.
pub const PASSED_ON: [&str; 4] = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"];
/// Longest run of one tool.
const TIME_LIMIT: Duration = Duration::from_hours(1);

/// How the compiler optimises: a profile of the module's `Cargo.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Compiles fast.
    Dev,
    /// Runs fast.
    #[default]
    Release,
}

impl Profile {
    /// Returns the name that cargo knows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }
}

/// Where the tools are, and what they may use.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The variables of [`PASSED_ON`] that are set.
    pub environment: BTreeMap<String, String>,
    /// Target folder for all modules, so that they share compiled dependencies.
    pub target_folder: PathBuf,
    /// Whether cargo may use the network.
    pub offline: bool,
    /// Ends a running tool.
    pub cancel: Cancel,
}

impl Toolchain {
    /// Returns the path of a tool, or `None` when it is not installed.
    pub fn find(&self, tool: &str) -> Option<PathBuf> {
        process::find(tool, self.environment.get("PATH").map(String::as_str).unwrap_or_default())
    }

    pub(super) fn require(&self, tool: &str) -> Result<PathBuf, BuildError> {
        self.find(tool).ok_or_else(|| BuildError::Process(ProcessError::NotFound { program: tool.to_owned() }))
    }

    /// Returns cargo's home folder, whose path must not reach a program.
    pub(super) fn cargo_home(&self) -> PathBuf {
        let home = || Path::new(self.environment.get("HOME").map_or("/", String::as_str)).join(".cargo");
        self.environment.get("CARGO_HOME").map_or_else(home, PathBuf::from)
    }

    pub(super) fn invocation(&self, program: PathBuf, arguments: Vec<OsString>, directory: &Path) -> Invocation {
        Invocation {
            program,
            arguments,
            directory: directory.to_path_buf(),
            environment: self.environment.clone(),
            stdin: None,
            timeout: TIME_LIMIT,
            cancel: self.cancel.clone(),
        }
    }
}
