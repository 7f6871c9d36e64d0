//! Images of the modules of a solution: from the folder and the platform that a placeholder names to repository and tag.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::strict::Expander;
use super::{Input, Mode};
use crate::base::finding::{Finding, Severity};
use crate::base::fs;
use crate::base::jsonc::{Document, JsonError, Kind};
use crate::base::source::SourceText;
use crate::base::text::nearest;
use crate::solution::compat::expand::{self, Syntax};
use crate::solution::compat::module_json::{self, ModuleJson};
use crate::solution::compat::placeholder::Kind as Placeholder;
use crate::solution::compat::{Variables, dotenv};

use super::number;

/// Images by platform, in the order of `module.json`.
pub type Tags = Vec<(String, String)>;

/// Looks up images for the strict reading; a `module.json` is read when it is first asked for.
#[derive(Debug)]
pub(super) struct Images<'a> {
    input: &'a Input,
    modules: PathBuf,
    container_tag: String,
    /// Platform of placeholders without one.
    pub platform: String,
    loaded: BTreeMap<PathBuf, Option<Tags>>,
    /// Names of the module folders, once they were listed.
    listed: OnceCell<Vec<String>>,
    pub findings: Vec<Finding>,
    pub used: BTreeSet<String>,
}

impl<'a> Images<'a> {
    pub fn new(input: &'a Input, variables: &Variables) -> Self {
        Self {
            input,
            modules: input.folder().join(variables.setting("MODULES_PATH").unwrap_or("modules")),
            container_tag: variables.setting("CONTAINER_TAG").map(|tag| format!("-{tag}")).unwrap_or_default(),
            platform: platform(input, variables),
            loaded: BTreeMap::new(),
            listed: OnceCell::new(),
            findings: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// Returns the image that `${MODULES.rest}` names. A folder's name may hold dots: the longest one that exists counts.
    pub fn module(&mut self, rest: &str) -> Result<String, Box<Finding>> {
        let folders = self.folders();
        let below =
            |folder: &&String| rest.strip_prefix(folder.as_str()).is_some_and(|behind| behind.is_empty() || behind.starts_with('.'));
        let Some(folder) = folders.iter().filter(below).max_by_key(|folder| folder.len()) else {
            let name = rest.split('.').next().unwrap_or(rest);
            let message =
                format!("there is no module folder `{name}` with a module.json below {}", self.input.shown(&self.modules).display());
            let hint = match nearest(name, folders.iter().map(String::as_str)) {
                Some(near) => format!("Did you mean `{near}`?"),
                None if folders.is_empty() => "That folder has no modules.".to_owned(),
                None => format!("There are: {}.", folders.join(", ")),
            };
            return Err(Box::new(Finding::new("template/unknown-module", Severity::Error, message).hint(hint)));
        };
        let platform = rest.get(folder.len() + 1..).map(str::to_owned);
        self.tag(&self.modules.join(folder), platform.as_deref())
    }

    fn folders(&self) -> &[String] {
        self.listed.get_or_init(|| module_folders(&self.modules))
    }

    /// Returns the image that `${MODULEDIR<folder>}` names, with a platform or without.
    pub fn folder(&mut self, folder: &str, platform: Option<&str>) -> Result<String, Box<Finding>> {
        self.tag(&self.input.folder().join(folder), platform)
    }

    fn tag(&mut self, folder: &Path, platform: Option<&str>) -> Result<String, Box<Finding>> {
        let wanted = match platform {
            None => self.platform.clone(),
            Some("debug") => format!("{}.debug", self.platform),
            Some(platform) => platform.to_owned(),
        };
        if !self.loaded.contains_key(folder) {
            let tags = self.load(folder);
            self.loaded.insert(folder.to_path_buf(), tags);
        }
        let file = self.input.shown(&folder.join(module_json::FILE_NAME));
        let Some(Some(tags)) = self.loaded.get(folder) else {
            let message = format!("{} cannot be used", file.display());
            return Err(Box::new(
                Finding::new("template/unknown-module", Severity::Error, message).hint("It must be there, and name an image."),
            ));
        };
        if let Some((_, tag)) = tags.iter().find(|(name, _)| *name == wanted) {
            return Ok(tag.clone());
        }
        let names: Vec<&str> = tags.iter().map(|(name, _)| name.as_str()).collect();
        let hint = match nearest(&wanted, names.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`? There are: {}.", names.join(", ")),
            None if names.is_empty() => "It has no platforms.".to_owned(),
            None => format!("There are: {}.", names.join(", ")),
        };
        let message = format!("{} has no platform `{wanted}`", file.display());
        Err(Box::new(Finding::new("template/unknown-platform", Severity::Error, message).hint(hint)))
    }

    /// Reads a `module.json` by the strict rules; what is wrong with it is a finding at its place.
    fn load(&mut self, folder: &Path) -> Option<Tags> {
        let (module, document) = self.read(folder)?;
        self.tags(&module, &document)
    }

    /// Reads a `module.json` with its placeholders resolved.
    pub fn read(&mut self, folder: &Path) -> Option<(ModuleJson, Document)> {
        let file = folder.join(module_json::FILE_NAME);
        let name = self.input.shown(&file);
        let refuse = |message: String| Finding::new("template/module-json", Severity::Error, message);
        let bytes = match fs::read_if_any(&file) {
            Ok(bytes) => bytes?,
            Err(error) => {
                self.findings.push(refuse(format!("{error}: {}", error.source)));
                return None;
            }
        };
        let document = match Document::parse(&bytes, &name) {
            Ok(document) => document,
            Err(error) => {
                self.findings.push(refuse(first_line(&error)));
                return None;
            }
        };
        let own = own_variables(folder, self.input);
        let variables = self.input.sources.process_first(own.as_ref().map(|(name, file)| (name.as_path(), file)));
        let mut expander = Expander::new(&document, &variables, None);
        let root = expander.node(&document.root);
        self.findings.append(&mut expander.findings);
        self.used.append(&mut expander.used);
        match ModuleJson::read(&root) {
            Ok(module) => Some((module, document)),
            Err(fault) => {
                self.findings.push(refuse(fault.message).at(&document.source, fault.span));
                None
            }
        }
    }

    /// Returns the folder, relative to the template, that an image placeholder names.
    pub fn folder_of(&self, kind: Placeholder<'_>) -> Option<PathBuf> {
        match kind {
            Placeholder::Module(rest) => {
                let below = |folder: &&String| {
                    rest.strip_prefix(folder.as_str()).is_some_and(|behind| behind.is_empty() || behind.starts_with('.'))
                };
                let folder = self.folders().iter().filter(below).max_by_key(|folder| folder.len())?;
                let folder = self.modules.join(folder);
                Some(folder.strip_prefix(self.input.folder()).map_or_else(|_| folder.clone(), Path::to_path_buf))
            }
            Placeholder::ModuleDir { folder, .. } => Some(PathBuf::from(folder)),
            _ => None,
        }
    }

    fn tags(&mut self, module: &ModuleJson, document: &Document) -> Option<Tags> {
        let Some(repository) = module.repository.as_deref().filter(|repository| !repository.is_empty()) else {
            let finding = Finding::new("template/module-json", Severity::Error, "there is no `image.repository`");
            self.findings.push(finding.at(&document.source, document.root.span.start..document.root.span.start + 1));
            return None;
        };
        let lowered = repository.to_lowercase();
        if lowered != repository {
            let message = format!("the repository `{repository}` is written in lower case, as registries want it");
            let span = document.root.pointer(&["image", "repository"]).map_or(0..0, |node| node.span.clone());
            self.findings.push(Finding::new("template/lowered-repository", Severity::Note, message).at(&document.source, span));
        }
        let version = module.version.as_deref().unwrap_or("0.0.0");
        let tag = |platform: &str| format!("{lowered}:{version}{}-{platform}", self.container_tag);
        Some(module.platforms.iter().map(|(platform, _)| (platform.clone(), tag(platform))).collect())
    }
}

/// Returns the platform of placeholders without one.
pub(super) fn platform(input: &Input, variables: &Variables) -> String {
    input.platform.clone().unwrap_or_else(|| variables.setting("DEFAULT_PLATFORM").unwrap_or("amd64").to_owned())
}

/// Returns the folders below `modules` that have a `module.json`, sorted.
pub(super) fn module_folders(modules: &Path) -> Vec<String> {
    let names = fs::names_in(modules).unwrap_or_default();
    names.into_iter().filter(|name| modules.join(name).join(module_json::FILE_NAME).is_file()).collect()
}

/// Returns the variables of a module's own `.env`, when it has one that reads.
pub(super) fn own_variables(folder: &Path, input: &Input) -> Option<(PathBuf, dotenv::EnvFile)> {
    let file = folder.join(".env");
    let bytes = fs::read_if_any(&file).ok().flatten()?;
    Some((input.shown(&file), dotenv::parse(&String::from_utf8_lossy(&bytes))))
}

/// Returns what a JSON error says, without its excerpt.
pub(super) fn first_line(error: &JsonError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// Reads a `module.json` as a tool of others does: its text is expanded before it is read.
///
/// # Errors
/// What the tool would stop at, as a finding.
pub(super) fn read_as(mode: Mode, folder: &Path, input: &Input, variables: &Variables) -> Result<Option<ModuleJson>, Box<Finding>> {
    let file = folder.join(module_json::FILE_NAME);
    let name = input.shown(&file);
    let refuse = |message: String| Box::new(Finding::new("template/module-json", Severity::Error, message));
    let bytes = fs::read_if_any(&file).map_err(|error| refuse(format!("{error}: {}", error.source)))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| refuse(format!("{}: the text is no UTF-8", name.display())))?;
    let expanded = match mode {
        Mode::Vscode => {
            expand::expand(&text, Syntax::WordsOnly, |reference| variables.value(reference.name).filter(|value| !value.is_empty()))
        }
        _ => expand::expand(&text, Syntax::AnyInBraces, |reference| variables.value(reference.name)),
    };
    let document = Document::parse(expanded.text.as_bytes(), &name).map_err(|error| refuse(first_line(&error)))?;
    let source = SourceText::new(&name, text);
    let mut module =
        ModuleJson::read(&document.root).map_err(|fault| Box::new(refuse(fault.message).at(&source, expanded.origins(&fault.span))))?;
    if let Some(Kind::Number(digits)) = document.root.pointer(&["image", "tag", "version"]).map(|node| &node.kind) {
        module.version = Some(if mode == Mode::Vscode { number::javascript(digits) } else { number::python(digits) });
    }
    Ok(Some(module))
}
