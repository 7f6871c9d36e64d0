//! The one integration binary: a module a command, each run as a user would run it.

#![expect(clippy::disallowed_methods, reason = "a test is the outside world of the program")]

mod cli;
mod compat;
mod crash;
mod doctor;
mod examples;
mod fleet;
mod fresh;
mod fuzz;
mod hello;
mod hub;
mod image_build;
mod images;
mod json;
mod key;
mod lab;
mod layers;
mod leaf;
mod long_line;
mod manifest;
mod manifest_check;
mod manifest_diff;
mod manifest_explain;
mod manifest_merge;
mod quickstart;
mod readme;
mod real_engine;
mod real_peer;
mod real_registry;
mod real_sdk;
mod release;
mod route;
mod sandbox;
mod signing;
mod sim;
mod sim_hub;
mod sim_world;
mod solution;
mod target;
mod target_language;
mod waiting;
mod wrong_use;
