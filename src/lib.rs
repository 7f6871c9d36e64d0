//! `edgectl`: the DevOps toolchain for edge modules.
//!
//! `ARCHITECTURE.md` is the map of the rooms below; `tests/it/layers.rs` holds who may import whom.

pub mod base;
pub mod model;

pub mod manifest;
pub mod oci;
pub mod release;
pub mod route;
pub mod scaffold;
pub mod solution;
pub mod target;

pub mod engine;
pub mod identity;
pub mod iothub;
pub mod process;
pub mod registry;

pub mod build;
pub mod edgehub;
pub mod ledger;
pub mod trust;

pub mod sim;

pub mod ops;

pub mod config;
pub mod output;

pub mod commands;

pub mod cli;

use std::process::ExitCode;

/// Runs the command line of this process and returns its exit code.
pub fn run() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    ExitCode::from(cli::run(&arguments, config::env::Environment::of_process()).code())
}
