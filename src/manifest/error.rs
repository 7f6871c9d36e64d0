//! What is wrong with a solution that a manifest is to be written from.

use super::create_options::CreateOptionsError;
use crate::base::{Diagnose, Exit, yaml::YamlError};
use crate::model::ModuleId;

/// A manifest that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A place in the solution file is wrong.
    #[error(transparent)]
    Solution(Box<Place>),
    /// No digest is known for a module.
    #[error("no image of the module `{module}` is known")]
    NoImage {
        /// The module.
        module: ModuleId,
    },
    /// Create options that no twin can carry.
    #[error("the module `{module}` cannot be written")]
    CreateOptions {
        /// The module.
        module: ModuleId,
        /// Why not.
        source: CreateOptionsError,
    },
}

/// A wrong place in the solution file, with its stable code.
#[derive(Debug, thiserror::Error)]
#[error("{place}")]
pub struct Place {
    /// File, line, column and message.
    pub place: YamlError,
    /// Stable code.
    pub code: &'static str,
}

impl Diagnose for ManifestError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Solution(place) => place.code,
            Self::NoImage { .. } => "manifest/no-image",
            Self::CreateOptions { source, .. } => source.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Solution(place) => place.place.hints(),
            Self::NoImage { module } => vec![format!("Run `edgectl image build {module}`.")],
            Self::CreateOptions { source, .. } => source.hints(),
        }
    }
}
