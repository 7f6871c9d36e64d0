//! How results, progress, warnings and errors reach the user: results once on stdout, all else on stderr.

pub mod document;
pub mod error;
pub mod findings;
pub mod printer;
pub mod progress;
pub mod table;

pub use document::{Format, Render};
pub use findings::{Checked, Strictness, Summary};
pub use printer::{Ci, Color, LogFormat, Printer, PrinterOptions, ProgressMode, Verbosity};
pub use table::Table;
