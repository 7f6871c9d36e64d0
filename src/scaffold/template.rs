//! The templates themselves, as they are embedded.

use crate::base::{Diagnose, Exit, text};

/// A file of a template.
#[derive(Clone, Copy, Debug)]
pub struct TemplateFile {
    /// Path in the folder that the template makes, with `/`.
    pub path: &'static str,
    /// Text of the file.
    pub source: &'static str,
    /// Whether the text has placeholders; source code has none and is copied as it stands.
    pub rendered: bool,
}

/// A set of files that make a solution or a module.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Name that users type.
    pub name: &'static str,
    /// Version; rises when what the template writes changes.
    pub version: u32,
    /// What it makes, a sentence fragment.
    pub about: &'static str,
    /// Its own files.
    pub files: &'static [TemplateFile],
    /// Files that it shares with other templates.
    pub shared: &'static [TemplateFile],
}

impl Template {
    /// Returns the module template of this name.
    ///
    /// # Errors
    /// When there is none; the hints name those that exist.
    pub fn module(name: &str) -> Result<&'static Self, TemplateError> {
        let found = MODULE_TEMPLATES.iter().find(|template| template.name == name);
        found.ok_or_else(|| TemplateError { name: name.to_owned() })
    }

    /// Returns `NAME@VERSION`, as the lock file of a solution notes it.
    pub fn stamp(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Returns all files, the template's own first.
    pub fn all_files(&self) -> impl Iterator<Item = &'static TemplateFile> {
        self.files.iter().chain(self.shared)
    }
}

/// A template that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("there is no module template `{name}`")]
pub struct TemplateError {
    /// The name as it came.
    pub name: String,
}

impl Diagnose for TemplateError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "template/unknown"
    }

    fn hints(&self) -> Vec<String> {
        let names = || MODULE_TEMPLATES.iter().map(|template| template.name);
        let meant = text::nearest(&self.name, names()).map(|name| format!("Did you mean `{name}`?"));
        meant.into_iter().chain([format!("The templates are {}.", names().collect::<Vec<_>>().join(", "))]).collect()
    }
}

/// A file whose placeholders are filled in.
macro_rules! rendered {
    ($path:literal, $source:literal) => {
        TemplateFile { path: $path, source: include_str!(concat!("../../templates/", $source)), rendered: true }
    };
}

/// A file that is copied.
macro_rules! copied {
    ($path:literal, $source:literal) => {
        TemplateFile { path: $path, source: include_str!(concat!("../../templates/", $source)), rendered: false }
    };
}

/// The template of a new solution.
pub const SOLUTION_TEMPLATE: Template = Template {
    name: "solution",
    version: 1,
    about: "a solution without modules",
    files: &[
        rendered!("edgectl.yaml", "solution/edgectl.yaml.j2"),
        rendered!("edgectl.lock", "solution/edgectl.lock.j2"),
        rendered!("README.md", "solution/README.md.j2"),
        rendered!(".gitignore", "solution/gitignore.j2"),
    ],
    shared: &[],
};

/// What every Rust module has: manifest, lock file, and the client of edgeHub.
const RUST: &[TemplateFile] = &[
    rendered!("Cargo.toml", "rust/Cargo.toml.j2"),
    rendered!("Cargo.lock", "rust/Cargo.lock.j2"),
    copied!("src/edge.rs", "rust/src/edge.rs"),
    copied!("src/edge/dial.rs", "rust/src/edge/dial.rs"),
    copied!("src/edge/session.rs", "rust/src/edge/session.rs"),
    copied!("src/edge/topic.rs", "rust/src/edge/topic.rs"),
    copied!("src/edge/twin.rs", "rust/src/edge/twin.rs"),
    copied!("src/edge/workload.rs", "rust/src/edge/workload.rs"),
];

/// The templates of modules, in the order in which they are listed.
pub const MODULE_TEMPLATES: &[Template] = &[
    Template {
        name: "rust",
        version: 1,
        about: "a module that shows telemetry, an input, twin properties and a method",
        files: &[
            rendered!("module.yaml", "rust-general/module.yaml.j2"),
            rendered!("README.md", "rust-general/README.md.j2"),
            copied!("src/main.rs", "rust-general/src/main.rs"),
        ],
        shared: RUST,
    },
    Template {
        name: "rust-sensor",
        version: 1,
        about: "publishes a temperature on the output `telemetry`",
        files: &[
            rendered!("module.yaml", "rust-sensor/module.yaml.j2"),
            rendered!("README.md", "rust-sensor/README.md.j2"),
            copied!("src/main.rs", "rust-sensor/src/main.rs"),
        ],
        shared: RUST,
    },
    Template {
        name: "rust-filter",
        version: 1,
        about: "passes messages of the input `in` above a threshold to the output `alert`",
        files: &[
            rendered!("module.yaml", "rust-filter/module.yaml.j2"),
            rendered!("README.md", "rust-filter/README.md.j2"),
            copied!("src/main.rs", "rust-filter/src/main.rs"),
        ],
        shared: RUST,
    },
];
