//! Outside programs, run to their end: explicit arguments, only the environment that was given, a time limit, cancellation,
//! captured output. No shell is ever involved. And children that run for long and die with us.

pub mod child;
pub mod exec;
pub mod find;
pub mod log_file;
pub mod orphans;
pub mod run;

pub use child::{ChildError, Launch, Running, Spawner};
pub use find::find;
pub use run::{Invocation, Output, ProcessError, Stream, run, run_with_lines};
