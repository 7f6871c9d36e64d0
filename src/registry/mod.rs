//! Where images lie: [`Store`], with two kinds, the embedded store (an OCI layout a repository) and a remote registry.

mod bounded;
pub mod copy;
pub mod credentials;
pub mod embedded;
pub mod image;
pub mod open;
pub mod remote;
pub mod store;

#[cfg(test)]
mod contract;

pub use copy::{Copied, copy};
pub use credentials::Credentials;
pub use embedded::{EmbeddedStore, Entry};
pub use image::{Image, PlatformImage, load_image};
pub use open::{StoreOptions, locate, open, require_intact};
pub use remote::RemoteRegistry;
pub use store::{Manifest, Store, StoreError};
