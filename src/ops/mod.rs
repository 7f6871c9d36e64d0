//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod coordinate;
pub mod doctor;
pub mod image_build;
pub mod image_inspect;
pub mod image_list;
pub mod image_load;
pub mod manifest_generate;
pub mod module_add;
pub mod quickstart;
pub mod release_desk;
pub mod release_gates;
pub mod release_hub;
pub mod release_log;
pub mod release_observe;
pub mod release_promote;
pub mod release_rollback;
pub mod release_status;
pub mod solution_new;
pub mod target_match;
pub mod world;
mod world_logs;
