//! Deployment manifests: written from a solution, and composed as the hub composes them for a device (Microsoft Learn, IoT Edge
//! deployment manifest, layered deployments).

pub mod check;
pub mod create_options;
pub mod deployments;
pub mod diff;
pub mod document;
pub mod effective;
pub mod error;
pub mod explain;
pub mod generate;
pub mod import;
pub mod interface;
pub mod limits;
pub mod parts;
pub mod patch;
pub mod schema;
pub mod secrets;
pub mod template;

pub use document::Manifest;
pub use effective::{Candidate, Composition, Lint, effective};
pub use error::ManifestError;
pub use generate::{Deployment, Input, generate};
