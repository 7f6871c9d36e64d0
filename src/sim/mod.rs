//! The simulated world: the hub emulator, edge devices and what runs on them.

pub mod hub;
