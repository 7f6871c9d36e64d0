//! `manifest generate`: from the solution file and the stores to deployment manifests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::base::text::nearest;
use crate::base::{CommandError, Exit, Finding, Result, fs};
use crate::manifest::check::Source;
use crate::manifest::generate::{ONLY, modules_needed};
use crate::manifest::{Deployment, Input, ManifestError, generate, interface};
use crate::model::{ModuleId, Reference};
use crate::registry::{self, StoreOptions};
use crate::release::plan;
use crate::solution::{Module, ModuleFile, Ring, Solution};

/// What is generated, and where images are looked up.
#[derive(Clone, Debug)]
pub struct GenerateOptions {
    /// The solution file.
    pub file: PathBuf,
    /// One deployment; `None` is all.
    pub deployment: Option<String>,
    /// A ring of the solution, whose devices alone are targeted.
    pub ring: Option<String>,
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
    /// What is odd about the solution.
    pub findings: Vec<Finding>,
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
    let ring = options.ring.as_deref().map(|name| ring(&solution, name)).transpose()?;
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
    let mut deployments = generate(input, options.deployment.as_deref())?;
    for deployment in &mut deployments {
        deployment.target = ring.map(|ring| plan::condition(deployment.target.as_deref(), &ring.target)).or(deployment.target.take());
    }
    let files = write(&deployments, options)?;
    Ok(Generated { deployments, files, findings: interface::findings(source, &modules) })
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

fn ring<'a>(solution: &'a Solution, name: &str) -> Result<&'a Ring> {
    let names = || solution.rings.iter().map(|ring| ring.name.as_str());
    solution.rings.iter().find(|ring| ring.name.as_str() == name).ok_or_else(|| {
        let hint = match nearest(name, names()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if solution.rings.is_empty() => "Write `rings` into edgectl.yaml first.".to_owned(),
            None => format!("This solution has: {}.", names().collect::<Vec<_>>().join(", ")),
        };
        CommandError::new(Exit::BadInput, "target/unknown-ring", format!("there is no ring `{name}`")).hint(hint)
    })
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
