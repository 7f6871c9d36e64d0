//! One simulated edge device: its identities and sockets, its broker, its agent, and the processes of its modules.

pub mod agent;
pub mod agent_line;
pub mod desired;
pub mod edge_device;
pub mod edge_hub;
pub mod elf;
pub mod host;
pub mod image;
pub mod link;
pub mod module;
pub mod plan;
pub mod restart;
pub mod status;

pub use edge_device::{EdgeDevice, HubEndpoint, Surroundings};
