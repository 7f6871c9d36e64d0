//! `solution import`: a solution of iotedgedev or Visual Studio Code becomes one of ours, with the same manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::manifest_template::{Target, TemplateOptions, input, manifest_template};
use crate::base::finding::{Finding, Severity};
use crate::base::{CommandError, Exit, Result, fs};
use crate::manifest::import::{Import, Imported, import, is_pinned};
use crate::manifest::template::{self, BuiltHere, Generated, Mode};
use crate::model::{Reference, SolutionName};
use crate::registry::{self, StoreOptions};
use crate::solution::{file, module_file};

/// What is imported, and how.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The current directory.
    pub directory: PathBuf,
    /// The template, relative to the current directory; its folder becomes the solution's.
    pub template: PathBuf,
    /// Name of the solution; the folder's when absent.
    pub name: Option<SolutionName>,
    /// Platform of image placeholders without one.
    pub platform: Option<String>,
    /// Files of variables besides `.env`.
    pub env_files: Vec<PathBuf>,
    /// `NAME=VALUE`, which win over all.
    pub set: Vec<(String, String)>,
    /// The process environment.
    pub process: BTreeMap<String, String>,
    /// How stores are opened when images are to be pinned; `None` keeps tags.
    pub pin: Option<StoreOptions>,
    /// Whether passwords may be written into the solution file, in clear.
    pub with_secrets: bool,
    /// What happens to files.
    pub writing: Writing,
}

/// What happens to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// None is written.
    Nothing,
    /// New ones are written; one that is there stops the import.
    New,
    /// Those that are there are written over.
    Over,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct ImportedSolution {
    /// Name of the solution.
    pub name: SolutionName,
    /// Files by path, relative to the current directory, with their texts; passwords of registries are masked in these.
    pub files: BTreeMap<PathBuf, String>,
    /// What has no word in the format and stands there as a patch.
    pub patched: Vec<String>,
    /// What was found in the template.
    pub findings: Vec<Finding>,
}

/// Imports a solution. Without a manifest there is no solution: then the findings say why, and nothing is written.
///
/// # Errors
/// A file that does not read or write, a manifest that no solution gives, a file that would be written over.
pub async fn solution_import(options: &ImportOptions) -> Result<Result<ImportedSolution, Vec<Finding>>> {
    let Old { generated, folders, findings } = match read(options)? {
        Ok(old) => old,
        Err(findings) => return Ok(Err(findings)),
    };
    let mut manifest = unwrapped(generated.root.to_value())?;
    if let Some(stores) = &options.pin {
        pin(&mut manifest, stores).await?;
    }
    let root = options.template.parent().map(Path::to_path_buf).unwrap_or_default();
    let name = match &options.name {
        Some(name) => name.clone(),
        None => name_of(&options.directory.join(&root))?,
    };
    let Imported { solution, modules, patched, .. } = import(&Import { name: &name, manifest: &manifest, folders: &folders })?;
    let texts = texts(&root, solution, modules);
    write(&texts, &generated, options)?;
    let files = texts.into_iter().map(|(path, text)| (path, masked(text, &generated))).collect();
    Ok(Ok(ImportedSolution { name, files, patched, findings }))
}

/// A solution of others, as it was read.
struct Old {
    generated: Generated,
    folders: BTreeMap<String, BuiltHere>,
    findings: Vec<Finding>,
}

/// Reads the solution of others; what keeps it from being imported comes as findings.
fn read(options: &ImportOptions) -> Result<Result<Old, Vec<Finding>>> {
    let template = TemplateOptions {
        directory: options.directory.clone(),
        template: options.template.clone(),
        mode: Mode::Strict,
        platform: options.platform.clone(),
        env_files: options.env_files.clone(),
        set: options.set.clone(),
        process: options.process.clone(),
        target: Target::Nowhere,
        strict: false,
        fail_on_validation_error: false,
    };
    let made = manifest_template(&template)?;
    let mut findings = made.findings;
    let refused = |findings: &[Finding]| findings.iter().any(|finding| finding.severity == Severity::Error);
    let Some(generated) = made.generated.filter(|_| !refused(&findings)) else { return Ok(Err(findings)) };
    let folders = template::built_here(&generated, &input(&template, &mut Vec::new())?);
    findings.extend(not_carried(&folders));
    if !options.with_secrets {
        findings.extend(secrets(&generated));
    }
    Ok(if refused(&findings) { Err(findings) } else { Ok(Old { generated, folders, findings }) })
}

/// Finds the passwords that a solution file would carry in clear: it has no placeholders that `manifest generate` could fill in.
fn secrets(generated: &Generated) -> Vec<Finding> {
    let finding = |(span, placeholder)| {
        let message = if placeholder {
            "the solution file would carry the value of this password in clear, since it has no placeholders"
        } else {
            "the solution file would carry this password in clear"
        };
        let hint = "Take the credentials out of the template and give them to the device in another way, or keep generating with --template; \
                    --with-secrets writes the value into edgectl.yaml, which then must not be committed.";
        // Its line is not shown: a password may stand in it.
        let mut finding = Finding::new("import/secret", Severity::Error, message).at(&generated.document.source, span).hint(hint);
        finding.excerpt = finding.excerpt.filter(|_| placeholder);
        finding
    };
    generated.password_places().into_iter().map(finding).collect()
}

/// Finds what a `module.json` holds and no `module.yaml` has a word for.
fn not_carried(folders: &BTreeMap<String, BuiltHere>) -> Vec<Finding> {
    let fields = folders.values().flat_map(|built| built.module.unknown.iter().map(|field| (&built.folder, field)));
    let finding = |(folder, field): (&PathBuf, &String)| {
        let file = folder.join(crate::solution::compat::module_json::FILE_NAME);
        let message = format!("{}: `{field}` has no place in a module.yaml", file.display());
        Finding::new("import/unknown-field", Severity::Error, message).hint("Take it out, or move it to where it is used.")
    };
    fields.map(finding).collect()
}

/// Takes the wrapper off that layers have in files; what stands beside it would be lost.
fn unwrapped(mut manifest: Value) -> Result<Value> {
    if manifest.get("modulesContent").is_some() {
        return Ok(manifest);
    }
    match manifest.as_object_mut() {
        Some(members) if members.len() == 1 => Ok(members.remove("content").unwrap_or_default()),
        _ => {
            let message = "there are members beside `content`, which a solution file cannot carry";
            Err(CommandError::new(Exit::BadInput, "import/beside-content", message).hint("Take them out of the template."))
        }
    }
}

/// Puts the digest that each tag has now into the images of user modules.
async fn pin(manifest: &mut Value, stores: &StoreOptions) -> Result<()> {
    let Some(agent) = manifest.pointer_mut("/modulesContent/$edgeAgent").and_then(Value::as_object_mut) else { return Ok(()) };
    let mut images = Vec::new();
    for (key, section) in agent {
        if key.starts_with("properties.desired.modules.") {
            images.extend(section.pointer_mut("/settings/image"));
        } else if key == "properties.desired" {
            let modules = section.get_mut("modules").and_then(Value::as_object_mut).into_iter().flatten();
            images.extend(modules.filter_map(|(_, module)| module.pointer_mut("/settings/image")));
        }
    }
    for image in images {
        let Some(text) = image.as_str().filter(|text| !is_pinned(text)) else { continue };
        let reference: Reference = text.parse()?;
        let store = registry::locate(&reference, stores).await?;
        let found = store.manifest(&reference).await?.ok_or_else(|| {
            CommandError::new(Exit::BadInput, "image/not-found", format!("there is no image {reference}"))
                .hint("Without --pin tags are kept.")
        })?;
        *image = Value::String(reference.repository.at(found.digest).to_string());
    }
    Ok(())
}

/// Makes a name of a folder's.
fn name_of(folder: &Path) -> Result<SolutionName> {
    let name = folder.components().next_back().map(|part| part.as_os_str().to_string_lossy().to_lowercase()).unwrap_or_default();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-');
    let refused = || CommandError::new(Exit::BadInput, "import/no-name", format!("the folder's name gives no solution name: `{name}`"));
    name.parse().map_err(|_| refused().hint("Give one with --name."))
}

fn texts(root: &Path, solution: String, modules: BTreeMap<PathBuf, String>) -> BTreeMap<PathBuf, String> {
    let modules = modules.into_iter().map(|(folder, text)| (root.join(folder).join(module_file::FILE_NAME), text));
    modules.chain([(root.join(file::FILE_NAME), solution)]).collect()
}

fn write(texts: &BTreeMap<PathBuf, String>, generated: &Generated, options: &ImportOptions) -> Result<()> {
    if options.writing == Writing::Nothing {
        return Ok(());
    }
    let there = texts.keys().find(|path| options.writing == Writing::New && options.directory.join(path).exists());
    if let Some(path) = there {
        let message = format!("{} is there already", path.display());
        return Err(
            CommandError::new(Exit::BadInput, "import/exists", message).hint("Look at the outcome with --dry-run; --yes writes over it.")
        );
    }
    let staged: Vec<Staged> = texts.keys().map(|path| Staged::of(options.directory.join(path))).collect();
    let written = stage(&staged, texts.values(), generated.has_password()).and_then(|()| put(&staged));
    if written.is_err() {
        // What went wrong first is told; a file that stays behind is named by its ending.
        let _leftover = staged.iter().try_for_each(Staged::undo);
    }
    written
}

/// A file that is written beside its place first, so that an import is there as a whole or not at all.
struct Staged {
    beside: PathBuf,
    file: PathBuf,
    there: bool,
}

impl Staged {
    fn of(file: PathBuf) -> Self {
        let mut beside = file.clone().into_os_string();
        beside.push(".import");
        Self { beside: beside.into(), there: file.exists(), file }
    }

    /// Takes away what was written; a file that was there before stays as it is.
    fn undo(&self) -> Result<()> {
        fs::remove(&self.beside)?;
        if !self.there {
            fs::remove(&self.file)?;
        }
        Ok(())
    }
}

fn stage<'a>(staged: &[Staged], texts: impl Iterator<Item = &'a String>, private: bool) -> Result<()> {
    for (Staged { beside, file, .. }, text) in staged.iter().zip(texts) {
        if private && file.file_name().is_some_and(|name| name == file::FILE_NAME) {
            fs::write_private(beside, text.as_bytes())?;
        } else {
            fs::write(beside, text.as_bytes())?;
        }
    }
    Ok(())
}

fn put(staged: &[Staged]) -> Result<()> {
    Ok(staged.iter().try_for_each(|Staged { beside, file, .. }| fs::rename(beside, file))?)
}

/// Masks the passwords of registries.
fn masked(text: String, generated: &Generated) -> String {
    generated.passwords().iter().fold(text, |text, password| text.replace(password.as_str(), "***"))
}
