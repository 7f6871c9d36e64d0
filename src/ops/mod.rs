//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod doctor;
pub mod hub;
pub mod method;
pub mod module_add;
pub mod monitor;
pub mod quickstart;
pub mod solution_new;
pub mod twin;
