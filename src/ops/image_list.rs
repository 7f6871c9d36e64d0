//! Lists what the embedded store holds.

use crate::base::Digest;
use crate::base::Result;
use crate::model::{Platform, Repository};
use crate::registry::{EmbeddedStore, StoreOptions, load_image};

/// An image of the embedded store.
#[derive(Clone, Debug)]
pub struct StoredImage {
    /// Where it lies.
    pub repository: Repository,
    /// Its tag; `None` when the tag has moved on.
    pub tag: Option<String>,
    /// Digest of its index or manifest.
    pub digest: Digest,
    /// Its platforms.
    pub platforms: Vec<Platform>,
    /// Bytes of its blobs and documents.
    pub size_bytes: u64,
    /// When it was made, as its config says.
    pub created: Option<String>,
    /// Whether a signature lies beside it; whose it is, and whether it is good, only verifying tells.
    pub signature: bool,
}

/// Returns the images of the embedded store, sorted by repository and tag. Signatures and attestations are not images.
///
/// # Errors
/// A store that does not read, or an image with missing or changed parts.
pub async fn list(stores: &StoreOptions) -> Result<Vec<StoredImage>> {
    let store = EmbeddedStore::open(&stores.folder);
    let entries = store.entries()?;
    let mut images = Vec::new();
    for entry in entries.iter().filter(|entry| !is_accessory(entry.tag.as_deref())) {
        let digest = entry.descriptor.digest;
        let Some(image) = load_image(&store, &entry.repository.at(digest)).await? else { continue };
        let signature_tag = format!("sha256-{}.sig", digest.hex());
        images.push(StoredImage {
            repository: entry.repository.clone(),
            tag: entry.tag.clone(),
            digest,
            platforms: image.platforms.iter().map(|platform| platform.config.platform()).collect(),
            size_bytes: image.size_bytes(),
            created: image.platforms.first().and_then(|platform| platform.config.created.clone()),
            signature: entries
                .iter()
                .any(|other| other.repository == entry.repository && other.tag.as_deref() == Some(signature_tag.as_str())),
        });
    }
    Ok(images)
}

/// Tells the tags under which signatures and attestations lie.
fn is_accessory(tag: Option<&str>) -> bool {
    let digits = tag.and_then(|tag| tag.strip_prefix("sha256-")).and_then(|rest| rest.split_once('.'));
    digits.is_some_and(|(hex, _kind)| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_no_images() {
        let hex = "0".repeat(64);
        assert!(is_accessory(Some(&format!("sha256-{hex}.sig"))) && is_accessory(Some(&format!("sha256-{hex}.att"))));
        assert!(!is_accessory(None) && !is_accessory(Some("latest")) && !is_accessory(Some("sha256-x.sig")));
    }
}
