//! Which store holds a repository.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Credentials, EmbeddedStore, RemoteRegistry, Store, StoreError, load_image};
use crate::model::{Reference, Repository};

/// What opening a store needs from the settings.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Folder of the embedded store.
    pub folder: PathBuf,
    /// Credentials for registries.
    pub credentials: Credentials,
    /// Hosts (with port) that may be spoken to without TLS; loopback always may.
    pub insecure: Vec<String>,
    /// Whether only what lies on this machine may be asked.
    pub offline: bool,
    /// How long a connection may take, and how long a registry may say nothing.
    pub timeout: Duration,
}

impl StoreOptions {
    /// Returns options for the embedded store in `folder` and for registries without credentials.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            credentials: Credentials::default(),
            insecure: Vec::new(),
            offline: false,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Returns the store that a repository's name points at: the embedded one, or its registry.
///
/// # Errors
/// When the repository is remote and only this machine may be asked.
pub fn open(repository: &Repository, options: &StoreOptions) -> Result<Arc<dyn Store>, StoreError> {
    if repository.is_embedded() {
        return Ok(Arc::new(EmbeddedStore::open(&options.folder)));
    }
    Ok(Arc::new(RemoteRegistry::new(repository.registry(), options)?))
}

/// Reads every layer of an image that the embedded store holds and checks it against its digest. A signature covers the manifests alone;
/// what a registry holds is checked by whoever pulls it.
///
/// # Errors
/// A layer that is missing or is not what its digest says.
pub async fn require_intact(reference: &Reference, options: &StoreOptions) -> Result<(), StoreError> {
    let embedded = EmbeddedStore::open(&options.folder);
    let Some(image) = load_image(&embedded, reference).await? else { return Ok(()) };
    for platform in &image.platforms {
        platform.layers(&embedded, &image.repository).await?;
    }
    Ok(())
}

/// Returns the store to read an image from: the embedded one when it holds what the reference names, under whichever repository
/// (images that were built but not pushed lie there), else the one that [`open`] returns.
pub async fn locate(reference: &Reference, options: &StoreOptions) -> Result<Arc<dyn Store>, StoreError> {
    let embedded = EmbeddedStore::open(&options.folder);
    if reference.repository.is_embedded() || embedded.manifest(reference).await?.is_some() {
        return Ok(Arc::new(embedded));
    }
    open(&reference.repository, options)
}
