//! Which image a word of the command line names, and the store that holds it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::{CommandError, Exit, Result, fs};
use crate::model::{ModuleId, Reference, Repository};
use crate::registry::{self, Store, StoreOptions};
use crate::solution::{Module, Solution};

/// Tag that builds carry when nothing else was asked for.
const LATEST: &str = "latest";

/// Where images are looked for: the solution, whose modules have short names, and how stores are reached.
#[derive(Clone, Debug)]
pub struct Places {
    /// The solution file, if there is one.
    pub solution_file: Option<PathBuf>,
    /// How stores are reached.
    pub stores: StoreOptions,
}

/// An image and its store.
pub struct Located {
    /// The image; tag or digest is set.
    pub reference: Reference,
    /// Where it lies.
    pub store: Arc<dyn Store>,
}

impl Places {
    /// Finds an image by a full reference, or by `MODULE`, `MODULE:TAG` or `MODULE@DIGEST` of the solution.
    ///
    /// A module's image is looked for in the embedded store first, where builds lie until they are pushed. A full reference means that
    /// place; the embedded store is asked when it holds nothing there.
    ///
    /// # Errors
    /// Text that is neither, a solution file that does not read, or a store that does not answer.
    pub async fn locate(&self, text: &str) -> Result<Located> {
        let reference = self.reference(text)?;
        if is_full(text) {
            let store = self.open(&reference.repository)?;
            if reference.repository.is_embedded() || store.manifest(&reference).await?.is_some() {
                return Ok(Located { reference, store });
            }
        }
        Ok(Located { store: registry::locate(&reference, &self.stores).await?, reference })
    }

    /// Finds an image as [`Places::locate`] does, but in the embedded store first for a full reference too: what was built here is newer
    /// than what a registry has under the same tag.
    pub async fn locate_built(&self, text: &str) -> Result<Located> {
        let reference = self.reference(text)?;
        Ok(Located { store: registry::locate(&reference, &self.stores).await?, reference })
    }

    /// Opens the store that a repository's name points at.
    pub fn open(&self, repository: &Repository) -> Result<Arc<dyn Store>> {
        Ok(registry::open(repository, &self.stores)?)
    }

    /// Waits until no other process signs with this folder of images, so that signers on one machine cannot undo each other.
    pub async fn signing_turn(&self) -> Result<Option<fs::Lock>> {
        if !self.stores.folder.is_dir() {
            return Ok(None);
        }
        let lock = self.stores.folder.with_file_name("signing.lock");
        let held = tokio::task::spawn_blocking(move || fs::Lock::acquire(&lock)).await;
        let held =
            held.map_err(|error| CommandError::new(Exit::Failure, "image/lock", format!("cannot wait for other signers: {error}")))?;
        Ok(Some(held?))
    }

    /// Reads the solution, if there is one.
    pub fn solution(&self) -> Result<Option<Solution>> {
        self.solution_file.as_deref().map(Solution::load).transpose()
    }

    /// Returns the reference that a text means, with the tag `latest` when it has neither tag nor digest.
    pub fn reference(&self, text: &str) -> Result<Reference> {
        let mut reference = if is_full(text) { text.parse()? } else { self.module_reference(text)? };
        if reference.tag.is_none() && reference.digest.is_none() {
            reference.tag = Some(LATEST.to_owned());
        }
        Ok(reference)
    }

    /// Returns the image of a module. A bare word never means Docker Hub, so that a slip of the pen asks no registry.
    fn module_reference(&self, text: &str) -> Result<Reference> {
        let name = text.split([':', '@']).next().unwrap_or_default();
        let suffix = text.strip_prefix(name).unwrap_or_default();
        let solution = self.solution()?;
        let module = name.parse::<ModuleId>().ok().zip(solution.as_ref());
        let found = module.and_then(|(id, solution)| Some((solution.modules.get(&id)?, solution.repository(&id))));
        match found {
            Some((Module::Folder(_), repository)) => Ok(format!("{repository}{suffix}").parse()?),
            Some((Module::Image { image, .. }, _)) if suffix.is_empty() => Ok(image.clone()),
            Some((Module::Image { image, .. }, _)) => Ok(format!("{}{suffix}", image.repository).parse()?),
            Some((Module::Unpinned { image, .. }, _)) if suffix.is_empty() => Ok(image.parse()?),
            Some((Module::Unpinned { image, .. }, _)) => Ok(format!("{}{suffix}", image.parse::<Reference>()?.repository).parse()?),
            None => Err(unknown(text, name, solution.as_ref())),
        }
    }
}

/// Tells a full reference from the name of a module: it has a slash.
fn is_full(text: &str) -> bool {
    text.contains('/')
}

fn unknown(text: &str, name: &str, solution: Option<&Solution>) -> CommandError {
    let message = format!("`{text}` is neither a full image reference nor a module of the solution");
    let error = CommandError::new(Exit::BadInput, "image/unknown", message);
    let Some(solution) = solution else {
        return error.hint("There is no edgectl.yaml here; write REGISTRY/REPOSITORY:TAG, or use -C to enter the solution.");
    };
    match crate::base::text::nearest(name, solution.modules.keys().map(ModuleId::as_str)) {
        Some(near) => error.hint(format!("Did you mean `{near}`?")),
        None => error.hint("Write REGISTRY/REPOSITORY:TAG (docker.io/library/NAME for Docker Hub), or the name of a module."),
    }
}
