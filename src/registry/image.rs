//! A whole image read from a store: its index and the manifest and config of every platform.

use super::store::{Manifest, Store, StoreError};
use crate::base::Digest;
use crate::model::{Platform, Reference, Repository};
use crate::oci::{Descriptor, ImageConfig, ImageManifest, Index, LayerBytes, media_type};

/// Most bytes of a config that are fetched.
const CONFIG_LIMIT: u64 = 16 << 20;

/// An image as a reference names it.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where it lies.
    pub repository: Repository,
    /// The index or the single manifest that the reference named.
    pub top: Manifest,
    /// The index; `None` for a single manifest.
    pub index: Option<Index>,
    /// One image a platform, in the order of the index.
    pub platforms: Vec<PlatformImage>,
}

/// The image of one platform.
#[derive(Clone, Debug)]
pub struct PlatformImage {
    /// The manifest's exact bytes.
    pub stored: Manifest,
    /// The manifest.
    pub manifest: ImageManifest,
    /// The config's exact bytes' digest is `manifest.config.digest`.
    pub config: ImageConfig,
}

impl Image {
    /// Returns the image that runs on `platform`.
    pub fn on(&self, platform: &Platform) -> Option<&PlatformImage> {
        match &self.index {
            Some(index) => {
                let entry = index.entry_for(platform)?;
                self.platforms.iter().find(|image| image.stored.digest == entry.digest)
            }
            None => {
                self.platforms.iter().find(|image| image.config.os == platform.os && image.config.architecture == platform.architecture)
            }
        }
    }

    /// Returns the bytes of all blobs and manifests, each counted once.
    pub fn size_bytes(&self) -> u64 {
        let mut parts: std::collections::BTreeMap<Digest, u64> = std::collections::BTreeMap::new();
        parts.insert(self.top.digest, self.top.bytes.len() as u64);
        for image in &self.platforms {
            parts.insert(image.stored.digest, image.stored.bytes.len() as u64);
            let blobs = image.manifest.layers.iter().chain([&image.manifest.config]);
            parts.extend(blobs.map(|part| (part.digest, part.size)));
        }
        parts.values().sum()
    }
}

impl PlatformImage {
    /// Fetches the layers, lowest first, ready for unpacking.
    pub async fn layers(&self, store: &dyn Store, repository: &Repository) -> Result<Vec<LayerBytes>, StoreError> {
        let diff_ids = &self.config.rootfs.diff_ids;
        let subject = repository.at(self.stored.digest).to_string();
        if diff_ids.len() != self.manifest.layers.len() {
            let reason = format!("it has {} layers and {} diff IDs", self.manifest.layers.len(), diff_ids.len());
            return Err(StoreError::Malformed { subject, reason });
        }
        let mut layers = Vec::new();
        for (layer, diff_id) in self.manifest.layers.iter().zip(diff_ids) {
            let bytes = part(store, repository, layer).await?;
            layers.push(LayerBytes { media_type: layer.media_type.clone(), bytes, diff_id: *diff_id });
        }
        Ok(layers)
    }
}

/// Reads the image that a reference names, or `None` when it is not there. Entries of an index that are no images (attestations
/// with the platform `unknown`) are passed over.
///
/// # Errors
/// When a part is missing, tampered with, or breaks the specification.
pub async fn load_image(store: &dyn Store, reference: &Reference) -> Result<Option<Image>, StoreError> {
    let Some(top) = store.manifest(reference).await? else { return Ok(None) };
    let repository = reference.repository.clone();
    let malformed = |error: &dyn std::error::Error| StoreError::Malformed {
        subject: repository.at(top.digest).to_string(),
        reason: super::embedded::described(error),
    };
    if !media_type::is_index(&top.media_type) {
        let platform = platform_image(store, &repository, top.clone()).await?;
        return Ok(Some(Image { repository, top, index: None, platforms: vec![platform] }));
    }
    let index = Index::parse(&top.bytes).map_err(|error| malformed(&error))?;
    let mut platforms = Vec::new();
    for entry in index.manifests.iter().filter(|entry| is_image(entry)) {
        let place = repository.at(entry.digest);
        let stored = store.manifest(&place).await?.ok_or_else(|| missing(&place))?;
        platforms.push(platform_image(store, &repository, stored).await?);
    }
    Ok(Some(Image { repository, top, index: Some(index), platforms }))
}

fn is_image(entry: &Descriptor) -> bool {
    let known = entry.platform.as_ref().is_none_or(|platform| platform.os != "unknown");
    known && media_type::is_manifest(&entry.media_type)
}

async fn platform_image(store: &dyn Store, repository: &Repository, stored: Manifest) -> Result<PlatformImage, StoreError> {
    let malformed = |error: &dyn std::error::Error| StoreError::Malformed {
        subject: repository.at(stored.digest).to_string(),
        reason: super::embedded::described(error),
    };
    let manifest = ImageManifest::parse(&stored.bytes).map_err(|error| malformed(&error))?;
    if manifest.config.size > CONFIG_LIMIT {
        let reason = format!("its config has {} bytes, more than {CONFIG_LIMIT}", manifest.config.size);
        return Err(StoreError::Malformed { subject: repository.at(stored.digest).to_string(), reason });
    }
    let config = part(store, repository, &manifest.config).await?;
    let config = ImageConfig::parse(&config).map_err(|error| malformed(&error))?;
    Ok(PlatformImage { stored, manifest, config })
}

/// Fetches a blob that a manifest names and requires its size.
async fn part(store: &dyn Store, repository: &Repository, descriptor: &Descriptor) -> Result<bytes::Bytes, StoreError> {
    let place = repository.at(descriptor.digest);
    let bytes = store.blob(repository, descriptor.digest).await?.ok_or_else(|| missing(&place))?;
    if bytes.len() as u64 != descriptor.size {
        let reason = format!("it has {} bytes, its descriptor says {}", bytes.len(), descriptor.size);
        return Err(StoreError::Malformed { subject: place.to_string(), reason });
    }
    Ok(bytes)
}

fn missing(place: &Reference) -> StoreError {
    StoreError::Malformed { subject: place.to_string(), reason: "it is named but not there".to_owned() }
}
