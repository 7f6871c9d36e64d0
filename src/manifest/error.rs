//! What is wrong with a solution that a manifest is to be written from.

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
    #[error("the createOptions of the module `{module}` {reason}")]
    CreateOptions {
        /// The module.
        module: ModuleId,
        /// Why not.
        reason: &'static str,
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
            Self::CreateOptions { .. } => "manifest/create-options",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Solution(place) => place.place.hints(),
            Self::NoImage { module } => vec![format!("Run `edgectl image build {module}`.")],
            Self::CreateOptions { .. } => vec!["Write an object under run.createOptions of its module.yaml.".to_owned()],
        }
    }
}
