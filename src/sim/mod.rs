//! The simulated world: its supervisor, the hub emulator, the edge devices in it, and what runs their modules.

pub mod device;
pub mod hub;
pub mod world;
