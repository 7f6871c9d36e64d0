//! Copying an image between stores by digest: the same bytes, so the same digests. Signatures are not copied, since they claim the
//! repository that they were made for.

use super::image::load_image;
use super::store::{Store, StoreError};
use crate::base::Digest;
use crate::model::{Reference, Repository};

/// What a copy did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The image in its new place, by digest.
    pub reference: Reference,
    /// Bytes of blobs that had to be sent.
    pub sent_bytes: u64,
    /// Number of blobs that were there already.
    pub present: usize,
}

/// Copies index, platform manifests and blobs of `source` into `repository` of `to`, and puts `tag` on it when given.
///
/// # Errors
/// When the image or one of its parts is missing (`Malformed`), or a store fails.
pub async fn copy(
    from: &dyn Store,
    to: &dyn Store,
    source: &Reference,
    repository: &Repository,
    tag: Option<&str>,
) -> Result<Copied, StoreError> {
    let missing = |subject: String| StoreError::Malformed { subject, reason: "it is not there".to_owned() };
    let image = load_image(from, source).await?.ok_or_else(|| missing(source.to_string()))?;
    let mut copied = Copied { reference: repository.at(image.top.digest), sent_bytes: 0, present: 0 };
    for platform in &image.platforms {
        let parts = platform.manifest.layers.iter().chain([&platform.manifest.config]);
        for part in parts {
            if to.has_blob(repository, part.digest).await? {
                copied.present += 1;
                continue;
            }
            let blob = from.blob(&source.repository, part.digest).await?;
            let blob = blob.ok_or_else(|| missing(source.repository.at(part.digest).to_string()))?;
            copied.sent_bytes += blob.len() as u64;
            require_same(part.digest, to.push_blob(repository, blob).await?, repository)?;
        }
        if image.index.is_some() {
            let stored = &platform.stored;
            to.push_manifest(repository, &stored.media_type, stored.bytes.clone(), None).await?;
        }
    }
    to.push_manifest(repository, &image.top.media_type, image.top.bytes.clone(), tag).await?;
    Ok(copied)
}

fn require_same(expected: Digest, actual: Digest, repository: &Repository) -> Result<(), StoreError> {
    if expected == actual { Ok(()) } else { Err(StoreError::Tampered { subject: repository.at(expected).to_string(), actual }) }
}
