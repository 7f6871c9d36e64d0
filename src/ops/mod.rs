//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod doctor;
pub mod quickstart;
pub mod world;
mod world_logs;
