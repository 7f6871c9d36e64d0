//! What every command gets: settings, printer, clock, cancellation.

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
