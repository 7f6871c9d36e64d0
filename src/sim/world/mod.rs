//! A simulated world as a whole: where it lies, which addresses it has, what its file says; its supervisor, the guard that cleans up
//! after it, and how other commands start, reach and stop it.

pub mod address;
pub mod control;
pub mod error;
pub mod failure;
pub mod file;
pub mod guard;
pub mod paths;
pub mod plan;
mod running;
pub mod runtime_folder;
pub mod start;
pub mod status;
pub mod stop;
pub mod supervisor;

pub use address::Addresses;
pub use error::WorldError;
pub use failure::Failure;
pub use file::{Device, Hub, State, Supervisor, WorldFile};
pub use paths::{WorldName, WorldPaths};
pub use plan::{DevicePlan, WorldPlan};
pub use runtime_folder::RuntimeFolder;
pub use status::{DeviceStatus, ModuleRow, WorldStatus};
