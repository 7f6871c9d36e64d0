//! What can go wrong between this tool and an engine.

use crate::base::{Diagnose, Exit};

/// An engine that cannot be reached or that refused.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No endpoint was given and no usual socket is there.
    #[error("no container engine was found (looked for {})", tried.join(", "))]
    NotFound {
        /// Sockets that were looked for.
        tried: Vec<String>,
    },
    /// An endpoint of a kind that is not spoken to.
    #[error("the engine endpoint `{endpoint}` is neither unix:// nor tcp://")]
    Unsupported {
        /// The endpoint as it was given.
        endpoint: String,
    },
    /// The endpoint does not answer.
    #[error("the container engine at {endpoint} does not answer")]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// Why.
        source: bollard::errors::Error,
    },
    /// The engine answered with a refusal.
    #[error("the container engine at {endpoint} cannot load {image}")]
    Load {
        /// The endpoint.
        endpoint: String,
        /// Name of the image.
        image: String,
        /// What it said.
        source: bollard::errors::Error,
    },
    /// The image in the engine is not the one that was sent.
    #[error("the engine holds {image} for {actual} after loading, not for {wanted}")]
    WrongPlatform {
        /// Name of the image.
        image: String,
        /// Platform that was sent.
        wanted: String,
        /// Platform that the engine names.
        actual: String,
    },
    /// A layer that cannot be turned into a tar.
    #[error("a layer of {image} cannot be unpacked")]
    Layer {
        /// Name of the image.
        image: String,
        /// What is wrong.
        source: std::io::Error,
    },
}

impl Diagnose for EngineError {
    fn kind(&self) -> Exit {
        match self {
            Self::Unsupported { .. } | Self::Layer { .. } => Exit::BadInput,
            _ => Exit::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "engine/not-found",
            Self::Unsupported { .. } => "engine/unsupported-endpoint",
            Self::Unreachable { .. } => "engine/unreachable",
            Self::Load { .. } => "engine/load-failed",
            Self::WrongPlatform { .. } => "engine/wrong-platform",
            Self::Layer { .. } => "engine/bad-layer",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotFound { .. } => {
                vec!["Start Docker or podman (`podman system service`), or name its endpoint in DOCKER_HOST.".to_owned()]
            }
            Self::Unreachable { .. } => {
                vec!["Check that the engine runs and that you may use its socket; `edgectl doctor` looks at both.".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}
