//! `manifest generate`: from the solution file and the stores to deployment manifests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::base::text::nearest;
use crate::base::{CommandError, Exit, Result, fs};
use crate::manifest::check::Source;
use crate::manifest::generate::{ONLY, modules_needed};
use crate::manifest::{Deployment, Input, ManifestError, generate};
use crate::model::{ModuleId, Reference};
use crate::registry::{self, StoreOptions};
use crate::solution::{Module, ModuleFile, Solution};

/// What is generated, and where images are looked up.
#[derive(Clone, Debug)]
pub struct GenerateOptions {
    /// The solution file.
    pub file: PathBuf,
    /// One deployment; `None` is all.
    pub deployment: Option<String>,
    /// Tag that each module's digest is looked up by.
    pub tag: String,
    /// How stores are opened.
    pub store: StoreOptions,
    /// Folder that takes one file per deployment.
    pub folder: Option<PathBuf>,
}

/// What was generated.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Deployments in the order of their names.
    pub deployments: Vec<Deployment>,
    /// Files that were written, one per deployment.
    pub files: Vec<PathBuf>,
}

/// Generates deployment manifests with every image pinned by the digest that its tag has now.
///
/// # Errors
/// A fault of the solution, a module without an image, or a store that does not answer.
pub async fn manifest_generate(options: &GenerateOptions) -> Result<Generated> {
    let text = fs::read_text(&options.file)?;
    let solution = Solution::parse(&text, &options.file)?;
    let source = Source { solution: &solution, text: &text, file: &options.file };
    // Faults of the solution are told before any store is asked.
    crate::manifest::check::check(source)?;
    require_deployment(&solution, options.deployment.as_deref())?;
    let (mut modules, mut images) = (BTreeMap::new(), BTreeMap::new());
    for module in modules_needed(&solution, options.deployment.as_deref()) {
        let Some((listed, folder)) = solution.modules.get(module).and_then(|listed| Some((listed, listed.folder()?))) else { continue };
        let folder = options.file.parent().map_or_else(|| folder.to_path_buf(), |parent| parent.join(folder));
        modules.insert(module.clone(), ModuleFile::load(&folder)?);
        if !matches!(listed, Module::Folder(_)) {
            continue;
        }
        images.insert(module.clone(), image(&solution, module, options).await?);
    }
    let input = Input { source, modules: &modules, images: &images };
    let deployments = generate(input, options.deployment.as_deref())?;
    let files = write(&deployments, options)?;
    Ok(Generated { deployments, files })
}

fn require_deployment(solution: &Solution, name: Option<&str>) -> Result<()> {
    let Some(name) = name else { return Ok(()) };
    let names: Vec<&str> =
        if solution.deployments.is_empty() { vec![ONLY] } else { solution.deployments.keys().map(String::as_str).collect() };
    if names.contains(&name) {
        return Ok(());
    }
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("This solution has: {}.", names.join(", ")),
    };
    Err(CommandError::new(Exit::BadInput, "manifest/unknown-deployment", format!("there is no deployment `{name}`")).hint(hint))
}

/// Returns a module's image by the digest that its tag has.
async fn image(solution: &Solution, module: &ModuleId, options: &GenerateOptions) -> Result<Reference> {
    let tagged = solution.repository(module).tagged(options.tag.clone());
    let store = registry::locate(&tagged, &options.store).await?;
    let found = store.manifest(&tagged).await?;
    let manifest = found.ok_or_else(|| ManifestError::NoImage { module: module.clone() })?;
    Ok(tagged.repository.at(manifest.digest))
}

fn write(deployments: &[Deployment], options: &GenerateOptions) -> Result<Vec<PathBuf>> {
    let Some(folder) = &options.folder else { return Ok(Vec::new()) };
    fs::create_folder(folder)?;
    let mut files = Vec::new();
    for deployment in deployments {
        let file = folder.join(format!("{}.json", deployment.name));
        fs::write_json(&file, &deployment.content)?;
        files.push(file);
    }
    Ok(files)
}
