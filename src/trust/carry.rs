//! Signatures that go along with a copied image: those that name the repository of the copy, and no others.

use super::signatures::Signatures;
use super::subjects;
use super::{TrustError, payload};
use crate::model::{Reference, Repository};
use crate::registry::Store;

/// What happened to the signatures of a copied image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Signatures that hold in the new place, over the image and its platforms.
    pub signatures: usize,
    /// Signatures that name another repository and stayed behind.
    pub left_behind: usize,
    /// Whether the image and each of its platforms has at least one signature that holds.
    pub complete: bool,
}

/// Copies the signatures of an image, which must lie in the target already, as far as they name the target's repository. Signatures
/// that are there stay, and one that is there already is not added again.
///
/// This carries; it does not verify, since it knows no keys.
pub async fn carry(from: &dyn Store, image: &Reference, to: &dyn Store, target: &Repository) -> Result<Carried, TrustError> {
    let source = &image.repository;
    let mut carried = Carried { signatures: 0, left_behind: 0, complete: true };
    for subject in subjects::of(from, image).await? {
        let Some(found) = Signatures::fetch(from, source, &subject).await? else {
            carried.complete = false;
            continue;
        };
        let mut stored = Signatures::fetch(to, target, &subject).await?.unwrap_or_else(Signatures::none);
        let (mut held, mut changed) = (0, false);
        for (layer, descriptor) in found.layers_with_descriptors() {
            let Some(bytes) = from.blob(source, layer.payload).await? else { continue };
            if payload::check(&bytes, target, subject.digest).is_err() {
                carried.left_behind += 1;
                continue;
            }
            held += 1;
            if !stored.layers().contains(&layer) {
                to.push_blob(target, bytes).await?;
                stored.append_descriptor(descriptor.clone());
                changed = true;
            }
        }
        if changed {
            stored.push(to, target, &subject).await?;
        }
        carried.signatures += held;
        carried.complete &= held > 0;
    }
    Ok(carried)
}
