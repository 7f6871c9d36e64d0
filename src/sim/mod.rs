//! The simulated world: its supervisor, the edge devices in it, and what runs their modules.

pub mod device;
pub mod world;
