//! Where images lie: [`Store`], with two kinds, the embedded store (an OCI layout a repository) and a remote registry.

pub mod store;

pub use store::{Manifest, Store, StoreError};
