//! A simulated world as a whole: where it lies, which addresses it has, what its file says.

pub mod address;
pub mod error;
pub mod file;
pub mod paths;
pub mod runtime_folder;

pub use address::Addresses;
pub use error::WorldError;
pub use file::{Device, Hub, State, Supervisor, WorldFile};
pub use paths::{WorldName, WorldPaths};
pub use runtime_folder::RuntimeFolder;
