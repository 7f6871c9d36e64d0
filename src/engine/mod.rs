//! The container engine of this machine, Docker or podman, over its Docker-compatible API.

pub mod archive;
pub mod connect;
pub mod error;
pub mod load;

pub use archive::docker_archive;
pub use connect::{Engine, candidates};
pub use error::EngineError;
