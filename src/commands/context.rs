//! What every command gets: settings, printer, clock, cancellation.

use std::path::{Path, PathBuf};

use crate::base::{Cancel, Clock, Result};
use crate::config::{Settings, env};
use crate::ops::coordinate::Places;
use crate::output::Printer;
use crate::registry::{Credentials, StoreOptions};

/// The surroundings of one command.
pub struct Context {
    /// Settings folded from flags, environment, files and defaults.
    pub settings: Settings,
    /// Writes to stdout and stderr.
    pub printer: Printer,
    /// Tells the time.
    pub clock: Clock,
    /// Cancelled by the first Ctrl-C or SIGTERM.
    pub cancel: Cancel,
    /// `--no-input`: nothing may be asked on the terminal.
    pub no_input: bool,
}

impl Context {
    /// Returns how stores are opened: the embedded one below the state folder, registries with the credentials of the Docker
    /// configuration.
    ///
    /// # Errors
    /// A Docker configuration that does not read.
    pub fn store_options(&self) -> Result<StoreOptions> {
        let settings = &self.settings;
        let docker = settings.environment.non_empty(env::DOCKER_CONFIG).map(PathBuf::from);
        let docker = docker.or_else(|| settings.environment.non_empty(env::HOME).map(|home| PathBuf::from(home).join(".docker")));
        let credentials =
            docker.map(|folder| Credentials::from_docker_config(&folder.join("config.json"))).transpose()?.unwrap_or_default();
        let options = StoreOptions::new(settings.state_dir.value.join("store"));
        Ok(StoreOptions { credentials, offline: settings.offline.value, ..options })
    }

    /// Returns where images are looked for: the modules of the solution, and the stores.
    ///
    /// # Errors
    /// A Docker configuration that does not read.
    pub fn places(&self) -> Result<Places> {
        Ok(Places { solution_file: self.settings.solution_file.clone(), stores: self.store_options()? })
    }

    /// Returns where a path of the command line lies: a relative one starts at the folder of `-C`. Without `-C` it stays as it was
    /// written, so that messages show it that way.
    pub fn locate(&self, path: &Path) -> PathBuf {
        let here = std::env::current_dir().and_then(|folder| folder.canonicalize());
        if here.is_ok_and(|here| here == self.settings.directory) { path.to_path_buf() } else { self.settings.directory.join(path) }
    }
}
