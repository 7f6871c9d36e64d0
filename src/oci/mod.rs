//! OCI documents and layers as values: descriptors, manifests, indexes, configs with exact bytes; the deterministic layer writer;
//! safe unpacking. No network and no store; those are `registry`.

pub mod config;
pub mod document;
pub mod layer;
pub mod media_type;
pub mod unpack;

pub use config::{ContainerConfig, History, ImageConfig, RootFs};
pub use document::{Descriptor, DocumentError, ImageManifest, Index, PlatformFields};
pub use layer::{Layer, LayerBuilder, LayerError};
pub use unpack::{LayerBytes, UnpackError, unpack};
