//! The module file, `module.yaml`, format version 1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{fs, yaml};
use crate::model::Platform;

/// Name of the file.
pub const FILE_NAME: &str = "module.yaml";

/// One module: how it is built and run, and what it speaks.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModuleFile {
    /// Format of the file; 1.
    pub version: u32,
    /// How it is built.
    pub build: Build,
    /// How it is run.
    #[serde(default)]
    pub run: Run,
    /// What it speaks.
    #[serde(default)]
    pub interface: Interface,
    /// What it needs, by component, as version ranges.
    #[serde(default)]
    pub requires: BTreeMap<String, String>,
}

/// How a module is built.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Build {
    /// Language, which decides the builder.
    pub language: Language,
    /// Platforms of the image; the host's when absent.
    #[serde(default)]
    pub platforms: Vec<Platform>,
    /// `scratch`, a reference, `oci:PATH` or `archive:PATH`.
    #[serde(default = "scratch")]
    pub base: String,
    /// Dockerfiles by the names of platforms that `module.json` had, relative to the module's folder.
    #[serde(default)]
    pub dockerfiles: BTreeMap<String, PathBuf>,
    /// Build context of the Dockerfiles, relative to the module's folder; that folder when absent.
    #[serde(default)]
    pub context: Option<PathBuf>,
    /// Options of the Dockerfiles' build, as `docker build` takes them.
    #[serde(default)]
    pub options: Vec<String>,
}

fn scratch() -> String {
    "scratch".to_owned()
}

/// Languages that module files may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Cargo package.
    Rust,
    /// Python package.
    Python,
    /// Node.js package.
    Node,
    /// Go module.
    Go,
    /// .NET project.
    Csharp,
    /// C or C++.
    C,
    /// Plain files.
    Files,
    /// Dockerfile, built by an engine.
    Dockerfile,
}

/// How a module is run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Run {
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// When the agent starts it again.
    pub restart: RestartPolicy,
    /// Order of the start, lowest first.
    pub startup_order: Option<u32>,
    /// Docker create options; unknown keys pass through.
    pub create_options: Option<Value>,
}

/// When the agent starts a module again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// Never.
    Never,
    /// After a failure.
    OnFailure,
    /// After a failure, or when it is unhealthy.
    OnUnhealthy,
    /// After every end.
    #[default]
    Always,
}

/// What a module speaks; lets routes, tests and completions be checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Interface {
    /// Names of inputs.
    pub inputs: Vec<String>,
    /// Names of outputs.
    pub outputs: Vec<String>,
    /// Names of direct methods.
    pub methods: Vec<String>,
}

impl ModuleFile {
    /// Reads the module file in a module's folder.
    pub fn load(folder: &Path) -> Result<Self, crate::base::CommandError> {
        let file = folder.join(FILE_NAME);
        let text = fs::read_text(&file)?;
        Ok(Self::parse(&text, &file)?)
    }

    /// Reads the text of a module file; `file` names it in errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, yaml::YamlError> {
        let module: Self = yaml::from_str(text, file)?;
        if module.version != 1 {
            let message = format!("version {} of this file is not known", module.version);
            return Err(yaml::YamlError::at(file, text, (1, 1), message).hint("This edgectl reads `version: 1`."));
        }
        Ok(module)
    }
}
