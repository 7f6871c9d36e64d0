//! Looks into an image: its index, and config and layers of every platform.

use crate::base::{CommandError, Exit, Result};
use crate::model::Reference;
use crate::ops::coordinate::Places;
use crate::registry::{Image, load_image};

/// Returns the image that `text` names, with the reference that it was found by.
///
/// # Errors
/// An image that is not there (3), a store that does not answer (5), or parts that are missing or changed.
pub async fn inspect(places: &Places, text: &str) -> Result<(Reference, Image)> {
    let located = places.locate(text).await?;
    let image = load_image(&*located.store, &located.reference).await?;
    let image = image.ok_or_else(|| not_there(&located.reference))?;
    Ok((located.reference, image))
}

/// Returns the error of an image that no store holds.
pub(super) fn not_there(reference: &Reference) -> CommandError {
    CommandError::new(Exit::BadInput, "image/not-found", format!("the image {reference} is not there"))
        .hint("`edgectl image list` shows what the embedded store holds, `edgectl image build` builds a module.")
}
