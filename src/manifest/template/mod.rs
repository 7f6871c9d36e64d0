//! Deployment templates of iotedgedev and Visual Studio Code to deployment manifests: strictly, or as one of those tools makes them, its
//! faults included and told.

mod faults;
mod images;
pub mod iotedgedev;
pub mod number;
pub mod print;
mod python;
mod sections;
pub mod strict;
#[cfg(test)]
mod tests;
pub mod vscode;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::base::finding::{Finding, Severity};
use crate::base::jsonc::{Document, JsonError, Member, Node};
use crate::base::{Diagnose, Exit, fs};
use crate::manifest::secrets;
use crate::solution::compat::ModuleJson;
use crate::solution::compat::placeholder::{self, Placeholder};
use crate::solution::compat::variables::Sources;

/// Whose rules a template follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Ours: nothing is left unresolved, nothing is replaced that is no placeholder.
    #[default]
    Strict,
    /// iotedgedev 3.3.9, `solution genconfig`.
    Iotedgedev,
    /// The Visual Studio Code extension 1.25.11, "Generate IoT Edge Deployment Manifest".
    Vscode,
}

/// A template and what its placeholders are resolved from.
#[derive(Clone, Debug)]
pub struct Input {
    /// The template file.
    pub template: PathBuf,
    /// How the template is named to people.
    pub name: PathBuf,
    /// Where variables come from.
    pub sources: Sources,
    /// Platform of the command line; without it the variable `DEFAULT_PLATFORM` or `amd64`.
    pub platform: Option<String>,
}

/// What became of a template.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The tree of the manifest, with places in the template where it came from there.
    pub root: Node,
    /// The manifest's text, as it is to be written.
    pub text: String,
    /// The text that the places mean.
    pub document: Document,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Folder that the tool writes into: relative to the current directory for iotedgedev, else beside the template.
    pub folder: PathBuf,
    /// Name of the file to write.
    pub file_name: String,
    /// Platform that image placeholders without one got.
    pub platform: String,
    /// Variables whose values went into the manifest.
    pub used: BTreeSet<String>,
}

/// A template that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is no JSON.
    #[error(transparent)]
    Json(#[from] Box<JsonError>),
    /// A file does not read.
    #[error(transparent)]
    File(#[from] fs::FsError),
    /// What was found leaves nothing to write.
    #[error("{}", .0.first().map_or("the template is refused", |finding| finding.message.as_str()))]
    Refused(Vec<Finding>),
}

impl Diagnose for TemplateError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            _ => Exit::BadInput,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Refused(_) => "template/refused",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Json(error) => error.hints(),
            Self::File(error) => error.hints(),
            Self::Refused(findings) => findings.first().and_then(|finding| finding.hint.clone()).into_iter().collect(),
        }
    }
}

type Result<T> = std::result::Result<T, TemplateError>;

/// Makes the manifest of a template.
///
/// # Errors
/// A template that is no JSON or that the chosen tool cannot work with. What is wrong but leaves a manifest is a finding.
pub fn generate(input: &Input, mode: Mode) -> Result<Generated> {
    match mode {
        Mode::Strict => strict::generate(input),
        Mode::Iotedgedev => iotedgedev::generate(input),
        Mode::Vscode => vscode::generate(input),
    }
}

impl Generated {
    /// Tells whether the manifest carries a password, so that its file is its owner's alone.
    pub fn has_password(&self) -> bool {
        !secrets::passwords(&self.root).is_empty()
    }

    /// Returns the passwords that the manifest carries.
    pub fn passwords(&self) -> Vec<String> {
        secrets::passwords(&self.root).into_iter().filter_map(|member| member.value.as_str().map(str::to_owned)).collect()
    }

    /// Returns where the passwords of the manifest stand in the template, and whether each is a placeholder there.
    pub fn password_places(&self) -> Vec<(Range<usize>, bool)> {
        let place = |member: &Member| (member.value.span.clone(), self.is_placeholder(&member.value.span));
        secrets::passwords(&self.root).into_iter().map(place).collect()
    }

    /// Tells whether the template has a placeholder in these bytes.
    pub fn is_placeholder(&self, span: &Range<usize>) -> bool {
        self.document.source.text.get(span.clone()).is_some_and(|written| !placeholder::scan(written).is_empty())
    }

    /// Returns the manifest with `***` for its passwords.
    pub fn redacted(mut self) -> serde_json::Value {
        secrets::mask(&mut self.root);
        self.root.to_value()
    }

    /// Shows the manifest as a document whose places are those of the template. Keys that stand twice there were told already.
    pub fn as_document<T>(&mut self, look: impl FnOnce(&Document) -> T) -> T {
        let duplicates = std::mem::take(&mut self.document.duplicates);
        std::mem::swap(&mut self.root, &mut self.document.root);
        let seen = look(&self.document);
        std::mem::swap(&mut self.root, &mut self.document.root);
        self.document.duplicates = duplicates;
        seen
    }

    /// Tells whether something was found that leaves no manifest to write.
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

impl Input {
    /// Returns the folder of the template.
    fn folder(&self) -> &Path {
        self.template.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Returns the name of the template's file.
    fn file_name(&self) -> String {
        self.template.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Names a file near the template to people, as the template was named.
    fn shown(&self, file: &Path) -> PathBuf {
        match (self.name.parent(), file.strip_prefix(self.folder())) {
            (Some(parent), Ok(rest)) => parent.join(rest),
            _ => file.to_path_buf(),
        }
    }
}

impl From<Finding> for TemplateError {
    fn from(finding: Finding) -> Self {
        Self::Refused(vec![finding])
    }
}

impl From<Box<Finding>> for TemplateError {
    fn from(finding: Box<Finding>) -> Self {
        Self::Refused(vec![*finding])
    }
}

impl From<JsonError> for TemplateError {
    fn from(error: JsonError) -> Self {
        Self::Json(Box::new(error))
    }
}

/// A module whose image is built from a folder of the solution.
#[derive(Clone, Debug)]
pub struct BuiltHere {
    /// The folder, relative to the template.
    pub folder: PathBuf,
    /// What its `module.json` says, placeholders resolved.
    pub module: ModuleJson,
}

/// Returns the modules of a strictly read template whose images are built from folders of the solution, by name.
pub fn built_here(generated: &Generated, input: &Input) -> BTreeMap<String, BuiltHere> {
    let variables = input.sources.process_first(None);
    let mut images = images::Images::new(input, &variables);
    let (mut found, mut root) = (BTreeMap::new(), generated.document.root.clone());
    sections::each_module(&mut root, |name, module| {
        let image = module.pointer(&["settings", "image"]).and_then(Node::as_str).unwrap_or_default();
        let [placeholder] =
            placeholder::scan(image).try_into().ok().unwrap_or([Placeholder { span: 0..0, kind: placeholder::Kind::Empty }]);
        let Some(folder) = images.folder_of(placeholder.kind) else { return };
        if let Some((module, _)) = images.read(&input.folder().join(&folder)) {
            found.insert(name.to_owned(), BuiltHere { folder, module });
        }
    });
    found
}

/// Returns the suffix of the platform: templates above version 0.0.1, compared as text, name it in the manifest's file.
fn platform_suffix(version: &str, platform: &str) -> String {
    if version > "0.0.1" { format!(".{platform}") } else { String::new() }
}
