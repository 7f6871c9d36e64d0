//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod doctor;
pub mod module_add;
pub mod quickstart;
pub mod release_create;
pub mod release_desk;
pub mod release_gates;
pub mod release_hub;
pub mod release_log;
pub mod release_observe;
pub mod release_promote;
pub mod release_rollback;
pub mod release_status;
pub mod solution_new;

#[cfg(test)]
mod release_tests;
