//! One file a command, one folder a noun: clap `Args`, help, and `run`, which turns strings into types, calls one use case of
//! [`crate::ops`], and prints what it returned.

pub mod completions;
pub mod config;
pub mod context;
pub mod doctor;
pub mod hub;
pub mod image;
pub mod internal;
pub mod key;
pub mod manifest;
pub mod module;
pub mod new;
pub mod passphrase;
pub mod quickstart;
pub mod release;
pub mod route;
pub mod sim;
pub mod solution;
pub mod table_test;
pub mod target;

pub use context::Context;
