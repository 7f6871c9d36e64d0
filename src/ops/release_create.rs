//! Makes a release of what the solution is now: images by digest, manifests by the same generator as ever, bound by one identity.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::release_desk::{Desk, Draft, PromoteError};
use crate::base::text::count;
use crate::base::{CommandError, Context as _, Digest, Exit, Report, Result, fs};
use crate::manifest::check::Source;
use crate::manifest::{self, Input};
use crate::model::{ModuleId, Platform, Reference, ReleaseName};
use crate::process::{self, Invocation};
use crate::registry::{self, StoreError, StoreOptions};
use crate::release::{Action, Decision, Deployment, Detail, ModuleImage, Release, ReleaseRef, plan};
use crate::solution::{Module, ModuleFile, file};
use crate::target::Condition;

/// What to make a release of.
#[derive(Clone, Debug)]
pub struct CreateOptions {
    /// Its name.
    pub name: ReleaseName,
    /// Tag whose images are taken.
    pub tag: String,
    /// How stores are opened.
    pub stores: StoreOptions,
    /// The commit of the solution's repository, when it is known and nothing was changed since.
    pub commit: Option<String>,
}

/// A release and whether it was made now.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// Name and identity.
    pub release: ReleaseRef,
    /// Whether it was made now.
    pub changed: bool,
    /// Its images.
    pub modules: Vec<CreatedModule>,
    /// Its deployments.
    pub deployments: Vec<CreatedDeployment>,
    /// Commit that it was made from; `null` when not known.
    pub commit: Option<String>,
}

/// The image of a module.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedModule {
    /// The module.
    pub module: ModuleId,
    /// Its image by digest.
    pub reference: Reference,
    /// Digest of the index.
    pub digest: Digest,
    /// Platforms and their digests.
    pub platforms: BTreeMap<Platform, Digest>,
}

/// A deployment of a release.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedDeployment {
    /// Its name.
    pub name: String,
    /// Whether it is a layer.
    pub layer: bool,
    /// Digest of its content.
    pub content_digest: Digest,
}

/// Makes a release, or finds the same one made before.
///
/// # Errors
/// A solution with faults, an image that is not there, a name that stands for other content.
pub async fn create(desk: &Desk<'_>, options: &CreateOptions, report: &mut dyn Report) -> Result<Created> {
    desk.ledger.refresh().await?;
    let step = format!("resolve {}", count(desk.solution.modules.len(), "image"));
    report.started(step.clone());
    let modules = images(desk, options).await?;
    report.finished(step, "");
    let deployments = deployments(desk, &modules)?;
    let now = desk.local_now();
    let release = Release {
        name: options.name.clone(),
        solution: desk.solution.name.clone(),
        modules,
        deployments,
        commit: options.commit.clone(),
        created: now.local,
    };
    let reference = release.reference();
    if let Some(found) = desk.ledger.release(&desk.solution.name, &options.name).await? {
        if found.state.release != reference {
            return Err(PromoteError::NameTaken { name: options.name.clone(), id: found.state.release.id }.into());
        }
        return Ok(created(&found.release, reference, false));
    }
    let draft = Draft {
        action: Action::Created,
        release: reference.clone(),
        subjects: release.subjects(),
        gates: Vec::new(),
        decision: Decision::Proceed,
        detail: Detail::default(),
    };
    let change = desk.release_change(None, &release, None, draft, now)?;
    let message = format!("{}: release {} is made", desk.solution.name, release.name);
    desk.ledger.commit(&[change], now.local, &message).await?;
    Ok(created(&release, reference, true))
}

fn created(release: &Release, reference: ReleaseRef, changed: bool) -> Created {
    let module = |(module, image): (&ModuleId, &ModuleImage)| CreatedModule {
        module: module.clone(),
        reference: image.repository.at(image.digest),
        digest: image.digest,
        platforms: image.platforms.clone(),
    };
    let deployment = |(name, deployment): (&String, &Deployment)| CreatedDeployment {
        name: name.clone(),
        layer: deployment.layer,
        content_digest: deployment.content_digest,
    };
    Created {
        release: reference,
        changed,
        modules: release.modules.iter().map(module).collect(),
        deployments: release.deployments.iter().map(deployment).collect(),
        commit: release.commit.clone(),
    }
}

/// Finds the image of every module that a deployment carries, with the digests of its platforms.
async fn images(desk: &Desk<'_>, options: &CreateOptions) -> Result<BTreeMap<ModuleId, ModuleImage>> {
    let mut images = BTreeMap::new();
    for name in manifest::generate::modules_needed(desk.solution, None) {
        let wanted = match desk.solution.modules.get(name) {
            Some(Module::Image { image, .. }) => image.clone(),
            // A module that is not listed is a fault of the solution, which the generator tells with its place.
            None => continue,
            Some(Module::Unpinned { image, .. }) => return Err(unpinned(name, image)),
            Some(Module::Folder(_)) => desk.solution.repository(name).tagged(&options.tag),
        };
        images.insert(name.clone(), image(&wanted, &options.stores).await.context(format!("cannot take the image of {name}"))?);
    }
    Ok(images)
}

/// A release is what its digests say, so a module by tag has no place in it.
fn unpinned(module: &ModuleId, image: &str) -> CommandError {
    let message = format!("the module `{module}` runs {image} with pin: false, and a release names digests");
    CommandError::new(Exit::BadInput, "release/unpinned", message).hint("Write image: REPOSITORY@sha256:DIGEST and take pin: false away.")
}

async fn image(wanted: &Reference, stores: &StoreOptions) -> Result<ModuleImage> {
    let store = registry::locate(wanted, stores).await?;
    let missing = || {
        CommandError::new(Exit::BadInput, "image/not-found", format!("there is no image {wanted}"))
            .hint("Build it with `edgectl image build`, or name another tag with --tag.")
    };
    let malformed = |reason: String| StoreError::Malformed { subject: wanted.to_string(), reason };
    let top = store.manifest(wanted).await?.ok_or_else(missing)?;
    let mut platforms = BTreeMap::new();
    if crate::oci::media_type::is_index(&top.media_type) {
        let index = crate::oci::Index::parse(&top.bytes).map_err(|error| malformed(error.to_string()))?;
        for entry in &index.manifests {
            if let Some(fields) = &entry.platform {
                platforms.insert(fields.platform(), entry.digest);
            }
        }
    }
    Ok(ModuleImage { repository: wanted.repository.clone(), digest: top.digest, platforms })
}

/// Writes the manifests with every image pinned, and checks that ring and deployment conditions go together.
fn deployments(desk: &Desk<'_>, images: &BTreeMap<ModuleId, ModuleImage>) -> Result<BTreeMap<String, Deployment>> {
    let solution = desk.solution;
    let path = desk.folder.join(file::FILE_NAME);
    let text = fs::read_text(&path)?;
    let modules = module_files(desk)?;
    let pinned = images.iter().map(|(name, image)| (name.clone(), image.repository.at(image.digest))).collect();
    let input = Input { source: Source { solution, text: &text, file: &path }, modules: &modules, images: &pinned };
    let mut deployments = BTreeMap::new();
    for made in manifest::generate(input, None)? {
        for ring in &solution.rings {
            let condition = plan::condition(made.target.as_deref(), &ring.target);
            Condition::parse(&condition)
                .context(format!("the devices of deployment {} in ring {} cannot be told", made.name, ring.name))?;
        }
        let carried = manifest::generate::modules_needed(solution, Some(&made.name)).into_iter().cloned().collect();
        deployments.insert(made.name.clone(), Deployment::new(made.layer, made.target, carried, made.content));
    }
    Ok(deployments)
}

fn module_files(desk: &Desk<'_>) -> Result<BTreeMap<ModuleId, ModuleFile>> {
    let mut files = BTreeMap::new();
    for (name, module) in &desk.solution.modules {
        if let Some(folder) = module.folder() {
            files.insert(name.clone(), ModuleFile::load(&desk.folder.join(folder))?);
        }
    }
    Ok(files)
}

/// Returns the commit that a folder's files are exactly at, or `None` without git, outside of a repository, or with changes.
pub async fn commit_of(folder: &Path, environment: &BTreeMap<String, String>, cancel: &crate::base::Cancel) -> Option<String> {
    let program = process::find("git", environment.get("PATH")?)?;
    let run = async |arguments: &[&str]| {
        let invocation = Invocation {
            program: program.clone(),
            arguments: arguments.iter().map(Into::into).collect(),
            directory: folder.to_path_buf(),
            environment: environment.clone(),
            stdin: None,
            timeout: std::time::Duration::from_secs(30),
            cancel: cancel.clone(),
        };
        // Whatever git cannot tell is a commit that is not known.
        let output = process::run(&invocation).await.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changes = run(&["status", "--porcelain", "--", "."]).await?;
    if !changes.is_empty() {
        return None;
    }
    run(&["rev-parse", "--verify", "HEAD"]).await
}
