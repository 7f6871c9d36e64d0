//! Builds the images of a solution's modules into the embedded store, and pushes them when a registry was named.

use std::path::{Path, PathBuf};

use crate::base::{CommandError, Context as _, Exit, Report, Result, Timestamp};
use crate::build::{self, Assembled, BuildError, Content, Profile, Toolchain};
use crate::model::{ModuleId, Platform, Reference, Repository};
use crate::oci::media_type;
use crate::registry::{self, EmbeddedStore, Store, StoreOptions};
use crate::solution::{Language, Module, ModuleFile, Solution};

/// What to build, and with what.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The solution file.
    pub solution_file: PathBuf,
    /// Modules to build; empty means all that have a folder.
    pub modules: Vec<ModuleId>,
    /// Repository that takes the images, each below it under its module's name.
    pub push: Option<Repository>,
    /// Tag of the images.
    pub tag: String,
    /// How the compiler optimises.
    pub profile: Profile,
    /// How stores are reached.
    pub stores: StoreOptions,
    /// The compiler.
    pub toolchain: Toolchain,
    /// Time that the images carry; `None` takes it from the last commit.
    pub time: Option<Timestamp>,
}

/// One image that was built.
#[derive(Clone, Debug)]
pub struct BuiltImage {
    /// Its module.
    pub module: ModuleId,
    /// The image by digest, in the last place it was put.
    pub reference: Reference,
    /// Its platforms, in the order of the index.
    pub platforms: Vec<Platform>,
    /// Bytes of all its blobs and documents.
    pub size_bytes: u64,
}

/// Builds the chosen modules one after another (they share a target folder) and returns their images in the order of their names.
///
/// # Errors
/// Wrong files (3), a missing compiler (5), a registry that refuses (4) or does not answer (5).
pub async fn build(options: &BuildOptions, report: &mut dyn Report) -> Result<Vec<BuiltImage>> {
    let solution = Solution::load(&options.solution_file)?;
    let folders = chosen(&solution, options)?;
    // A wrong module file is told before anything is compiled.
    let mut planned = Vec::new();
    for (module, folder) in folders {
        let file = ModuleFile::load(&folder)?;
        require_buildable(&module, &file)?;
        planned.push((module, folder, file));
    }
    let mut images = Vec::new();
    for (module, folder, file) in planned {
        let image = build_one(&solution, &module, &folder, &file, options, report).await;
        images.push(image.context(format!("cannot build the module `{module}`"))?);
    }
    Ok(images)
}

/// Returns the modules to build with their folders, sorted by name.
fn chosen(solution: &Solution, options: &BuildOptions) -> Result<Vec<(ModuleId, PathBuf)>> {
    let root = options.solution_file.parent().unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for (module, source) in &solution.modules {
        if !options.modules.is_empty() && !options.modules.contains(module) {
            continue;
        }
        match source {
            Module::Folder(folder) => found.push((module.clone(), root.join(folder))),
            Module::Image { image, .. } if options.modules.contains(module) => {
                let message = format!("the module `{module}` is the image {image} of others and has no source here");
                return Err(CommandError::new(Exit::BadInput, "build/no-source", message));
            }
            Module::Unpinned { image, .. } if options.modules.contains(module) => {
                let message = format!("the module `{module}` is the image {image}, which is built elsewhere");
                return Err(CommandError::new(Exit::BadInput, "build/no-source", message));
            }
            Module::Image { .. } | Module::Unpinned { .. } => {}
        }
    }
    if let Some(unknown) = options.modules.iter().find(|module| !solution.modules.contains_key(module)) {
        let message = format!("{} has no module `{unknown}`", options.solution_file.display());
        let error = CommandError::new(Exit::BadInput, "build/unknown-module", message);
        let near = crate::base::text::nearest(unknown.as_str(), solution.modules.keys().map(ModuleId::as_str));
        return Err(match near {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error.hint("`edgectl module add NAME` adds a module."),
        });
    }
    Ok(found)
}

fn require_buildable(module: &ModuleId, file: &ModuleFile) -> Result<(), BuildError> {
    let language = match file.build.language {
        Language::Rust => None,
        Language::Python => Some("python"),
        Language::Node => Some("node"),
        Language::Go => Some("go"),
        Language::Csharp => Some("csharp"),
        Language::C => Some("c"),
        Language::Files => Some("files"),
        Language::Dockerfile => Some("dockerfile"),
    };
    match language {
        Some(language) => Err(BuildError::Language { module: module.clone(), language }),
        None if file.build.base != "scratch" => Err(BuildError::Base { module: module.clone(), base: file.build.base.clone() }),
        None => Ok(()),
    }
}

async fn build_one(
    solution: &Solution,
    module: &ModuleId,
    folder: &Path,
    file: &ModuleFile,
    options: &BuildOptions,
    report: &mut dyn Report,
) -> Result<BuiltImage> {
    let mut platforms = file.build.platforms.clone();
    if platforms.is_empty() {
        platforms.push(Platform::host());
    }
    platforms.sort();
    platforms.dedup();
    let mut contents = Vec::new();
    for platform in &platforms {
        let step = format!("compile {module} for {platform} ({})", options.profile.name());
        report.started(&step);
        let program = build::compile(module, folder, platform, options.profile, &options.toolchain).await?;
        report.finished(step, format!("{} KiB", program.len() / 1024));
        contents.push(Content { platform: platform.clone(), program });
    }
    let time = match options.time {
        Some(time) => time,
        None => build::time::of_source(folder, &options.toolchain).await?,
    };
    let step = format!("pack {module}");
    report.started(&step);
    let assembled = build::assemble(module, &contents, time)?;
    let repository = solution.repository(module);
    let mut reference = store(&assembled, &repository, &options.tag, &options.stores).await?;
    report.finished(step, reference.to_string());
    if let Some(target) = &options.push {
        reference = push(&reference, &target.join(module.as_str())?, options, report).await?;
    }
    Ok(BuiltImage { module: module.clone(), reference, platforms, size_bytes: assembled.size_bytes })
}

/// Puts the image into the embedded store under its repository's name, also when that names a registry: a build sends nothing.
async fn store(assembled: &Assembled, repository: &Repository, tag: &str, stores: &StoreOptions) -> Result<Reference> {
    let embedded = EmbeddedStore::open(&stores.folder);
    for blob in &assembled.blobs {
        embedded.push_blob(repository, blob.clone()).await?;
    }
    for manifest in &assembled.manifests {
        embedded.push_manifest(repository, media_type::MANIFEST, manifest.clone(), None).await?;
    }
    let digest = embedded.push_manifest(repository, media_type::INDEX, assembled.index.clone(), Some(tag)).await?;
    Ok(repository.at(digest))
}

async fn push(source: &Reference, target: &Repository, options: &BuildOptions, report: &mut dyn Report) -> Result<Reference> {
    let step = format!("push {target}");
    report.started(&step);
    let from = EmbeddedStore::open(&options.stores.folder);
    let to = registry::open(target, &options.stores)?;
    let copied = registry::copy(&from, &*to, source, target, Some(&options.tag)).await?;
    report.finished(step, format!("{} KiB sent", copied.sent_bytes / 1024));
    Ok(copied.reference)
}
