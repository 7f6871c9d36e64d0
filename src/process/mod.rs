//! Outside programs, run to their end: explicit arguments, only the environment that was given, a time limit, cancellation,
//! captured output. No shell is ever involved.

pub mod find;
pub mod run;

pub use find::find;
pub use run::{Invocation, Output, ProcessError, Stream, run, run_with_lines};
