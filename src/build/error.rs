//! What can keep a module from becoming an image.

use std::path::PathBuf;

use crate::base::fs::FsError;
use crate::base::{Diagnose, Exit};
use crate::model::{ModuleId, Platform};
use crate::oci::LayerError;
use crate::process::ProcessError;

/// A module that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Its language has no builder.
    #[error("the module `{module}` is written in {language}, which this edgectl does not build")]
    Language {
        /// The module.
        module: ModuleId,
        /// The language as the module file names it.
        language: &'static str,
    },
    /// Its base image is of a kind that is not read.
    #[error("the module `{module}` has the base `{base}`, which this edgectl does not build on")]
    Base {
        /// The module.
        module: ModuleId,
        /// The base as the module file names it.
        base: String,
    },
    /// No Rust target for a platform.
    #[error("there is no Rust target for the platform {platform}")]
    Platform {
        /// The platform.
        platform: Platform,
    },
    /// The standard library of a target is not installed.
    #[error("the Rust target {target} is not installed")]
    TargetMissing {
        /// The target triple.
        target: &'static str,
    },
    /// `cargo metadata` failed.
    #[error("cargo cannot read the package of module `{module}`:\n{last_lines}")]
    Package {
        /// The module.
        module: ModuleId,
        /// What cargo said last.
        last_lines: String,
    },
    /// The answer of cargo is not understood.
    #[error("cannot understand what cargo says about module `{module}`")]
    Answer {
        /// The module.
        module: ModuleId,
        /// What is wrong with it.
        source: cargo_metadata::Error,
    },
    /// The package has no program, or several of which none is the module's.
    #[error("cannot tell which program is the module `{module}`: {} has {}", manifest.display(), listed(programs))]
    Program {
        /// The module.
        module: ModuleId,
        /// The package's `Cargo.toml`.
        manifest: PathBuf,
        /// Names of its programs.
        programs: Vec<String>,
    },
    /// The compiler or linker refused.
    #[error("the module `{module}` does not compile:\n{last_lines}")]
    Compile {
        /// The module.
        module: ModuleId,
        /// What the compiler said last.
        last_lines: String,
    },
    /// The program is not what the platform can run from an empty image.
    #[error("the program of module `{module}` cannot run on {platform}: {reason}")]
    WrongProgram {
        /// The module.
        module: ModuleId,
        /// The platform.
        platform: Platform,
        /// What is wrong.
        reason: String,
    },
    /// cargo or rustc could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] FsError),
    /// A layer could not be written.
    #[error(transparent)]
    Layer(#[from] LayerError),
}

fn listed(programs: &[String]) -> String {
    if programs.is_empty() { "no program".to_owned() } else { format!("the programs {}", programs.join(", ")) }
}

impl Diagnose for BuildError {
    fn kind(&self) -> Exit {
        match self {
            Self::Process(error) => error.kind(),
            Self::File(error) => error.kind(),
            Self::Layer(error) => error.kind(),
            Self::Answer { .. } => Exit::Failure,
            Self::TargetMissing { .. } => Exit::Unavailable,
            _ => Exit::BadInput,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Language { .. } => "build/unsupported-language",
            Self::Base { .. } => "build/unsupported-base",
            Self::Platform { .. } => "build/unsupported-platform",
            Self::TargetMissing { .. } => "build/target-missing",
            Self::Package { .. } => "build/bad-package",
            Self::Answer { .. } => "build/cargo-answer",
            Self::Program { .. } => "build/no-program",
            Self::Compile { .. } => "build/does-not-compile",
            Self::WrongProgram { .. } => "build/wrong-program",
            Self::Process(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Layer(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Language { .. } => {
                vec!["Modules with `language: rust` are built; others can be named by digest in edgectl.yaml.".to_owned()]
            }
            Self::Base { .. } => vec!["Write `base: scratch`; the program is linked statically and needs nothing else.".to_owned()],
            Self::Platform { .. } => vec!["Platforms are linux/amd64, linux/arm64 and linux/arm/v7.".to_owned()],
            Self::TargetMissing { target } => vec![format!("`rustup target add {target}` installs it; a linker for it is needed as well.")],
            Self::Program { module, .. } => vec![format!("Name one program `{module}`, or set `default-run` in Cargo.toml.")],
            Self::Package { last_lines, .. } | Self::Compile { last_lines, .. } if last_lines.contains("--locked") => {
                vec![
                    "`cargo generate-lockfile` in the module's folder writes the lock file, which belongs under version control."
                        .to_owned(),
                ]
            }
            Self::Process(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}
