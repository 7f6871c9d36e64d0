//! What every command gets: settings, printer, clock, cancellation.

use std::path::{Path, PathBuf};

use crate::base::{Cancel, Clock};
use crate::config::Settings;
use crate::output::Printer;

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
    /// Returns where a path of the command line lies: a relative one starts at the folder of `-C`. Without `-C` it stays as it was
    /// written, so that messages show it that way.
    pub fn locate(&self, path: &Path) -> PathBuf {
        let here = std::env::current_dir().and_then(|folder| folder.canonicalize());
        if here.is_ok_and(|here| here == self.settings.directory) { path.to_path_buf() } else { self.settings.directory.join(path) }
    }
}
