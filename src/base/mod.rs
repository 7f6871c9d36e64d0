//! What every room may use: errors and exit codes, events of long work, digests, the clock, files that name their path in
//! errors, canonical JSON, the YAML wrapper, secrets, durations, cancellation.
//!
//! Nothing here knows a noun of the product; those live in [`crate::model`].

pub mod cancel;
pub mod clock;
pub mod digest;
pub mod duration;
pub mod error;
pub mod exit;
pub mod finding;
pub mod fs;
pub mod json;
pub mod jsonc;
pub mod lines;
pub mod percent;
pub mod report;
pub mod secret;
pub mod source;
pub mod table_test;
pub mod text;
pub mod yaml;
pub mod yaml_place;

pub use cancel::Cancel;
pub use clock::{Clock, Timestamp};
pub use digest::Digest;
pub use error::{CommandError, Context, Diagnose, Result};
pub use exit::Exit;
pub use finding::{Finding, Severity};
pub use report::{Event, Report};
pub use secret::Secret;
pub use source::SourceText;
