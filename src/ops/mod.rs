//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod certs;
pub mod clients;
pub mod coordinate;
pub mod doctor;
pub mod fleet;
mod fleet_cache;
pub mod hub;
pub mod image_build;
pub mod image_inspect;
pub mod image_list;
pub mod image_load;
pub mod image_push;
pub mod image_sign;
pub mod image_verify;
pub mod input;
pub mod key_generate;
pub mod leaf;
pub mod manifest_check;
pub mod manifest_diff;
pub mod manifest_explain;
pub mod manifest_generate;
pub mod manifest_merge;
pub mod manifest_table;
pub mod manifest_template;
pub mod method;
pub mod module_add;
pub mod monitor;
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
pub mod route_check;
pub mod route_explain;
pub mod route_files;
mod route_holes;
pub mod route_test;
pub mod send;
pub mod solution_import;
pub mod solution_new;
pub mod target_count;
pub mod target_diff;
pub mod target_explain;
pub mod target_lint;
pub mod target_match;
pub mod target_test;
pub mod twin;
pub mod world;
pub mod world_control;
mod world_logs;

#[cfg(test)]
mod release_tests;
#[cfg(test)]
mod template_tests;
