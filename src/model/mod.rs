//! The nouns that all rooms share, parsed once at the edge and trusted from there on.

pub mod id;
pub mod identity;
pub mod message;
pub mod platform;
pub mod reference;
pub mod twin;

pub use id::{DeviceId, IdError, ModuleId, ReleaseName, RingName, SolutionName};
pub use identity::Identity;
pub use message::Message;
pub use platform::Platform;
pub use reference::{Reference, ReferenceError, Repository};
