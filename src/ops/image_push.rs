//! Copies an image to another store or repository. A signature goes along only to the repository that it names.

use serde::Serialize;

use super::coordinate::{Located, Places};
use super::image_sign;
use crate::base::{CommandError, Context as _, Digest, Exit, Report, Result};
use crate::model::Reference;
use crate::registry;
use crate::trust::{self, PrivateKey};

/// An image that was pushed: `source`, `reference` (by digest), `tag`, `digest`, `sentBytes`,
/// `signaturesCarried`, `signaturesAdded`, `signed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pushed {
    /// The image that was copied, by digest.
    pub source: Reference,
    /// The copy, by digest.
    pub reference: Reference,
    /// Tag of the copy; `null` when it has none.
    pub tag: Option<String>,
    /// Digest of both.
    pub digest: Digest,
    /// Bytes of blobs that had to be sent.
    pub sent_bytes: u64,
    /// Number of signatures that came along, over all platforms.
    pub signatures_carried: usize,
    /// Number of signatures that were made now, over all platforms.
    pub signatures_added: usize,
    /// Whether the image and every platform of it carry a signature for the new place.
    pub signed: bool,
}

/// Copies the image that `text` names, with index, platforms and blobs, to `target`, or without one to the registry of its own
/// repository; signs it there when keys are given.
pub async fn push(places: &Places, text: &str, target: Option<&Reference>, keys: &[PrivateKey], report: &mut dyn Report) -> Result<Pushed> {
    let found = if target.is_some() { places.locate(text).await? } else { places.locate_built(text).await? };
    let Located { reference, store } = found;
    let target = target.unwrap_or(&reference);
    check_target(target, &reference)?;
    let found = store.manifest(&reference).await?.ok_or_else(|| trust::TrustError::NotFound { reference: reference.clone() })?;
    let source = reference.repository.at(found.digest);
    let tag = target.tag.as_ref().or(reference.tag.as_ref()).cloned();
    let target_store = places.open(&target.repository)?;

    let step = format!("push {}", target.repository);
    report.started(&step);
    let copied = registry::copy(store.as_ref(), target_store.as_ref(), &source, &target.repository, tag.as_deref())
        .await
        .context(format!("cannot push {source}"))?;
    report.finished(step, format!("{} bytes sent, {} blobs were there", copied.sent_bytes, copied.present));

    let carried =
        trust::carry(store.as_ref(), &source, target_store.as_ref(), &target.repository).await.context("cannot carry the signatures")?;
    let mut pushed = Pushed {
        source,
        reference: copied.reference,
        tag,
        digest: found.digest,
        sent_bytes: copied.sent_bytes,
        signatures_carried: carried.signatures,
        signatures_added: 0,
        signed: carried.complete,
    };
    if !keys.is_empty() {
        let _turn = places.signing_turn().await?;
        let signing = image_sign::sign_in(target_store.as_ref(), &pushed.reference, keys, report).await?;
        pushed.signatures_added = signing.images.iter().map(|image| image.added.len()).sum();
        pushed.signed = true;
    }
    if !pushed.signed {
        let why = if carried.left_behind > 0 {
            format!("its signatures name {} and do not hold in {}", reference.repository, target.repository)
        } else {
            "the image was not signed".to_owned()
        };
        report.warning("image/unsigned-copy", format!("the copy is unsigned: {why}; sign it with `edgectl image sign --key FILE`"));
    }
    Ok(pushed)
}

/// Refuses a target that is no place to push to.
fn check_target(target: &Reference, source: &Reference) -> Result<()> {
    let refuse = |message: String, hint: &str| Err(CommandError::new(Exit::Usage, "usage/push-target", message).hint(hint));
    if target == source && source.repository.is_embedded() {
        return refuse(
            format!("{source} lies in the embedded store, which is no registry"),
            "Name the place with `--to REPOSITORY[:TAG]`.",
        );
    }
    if target != source && target.digest.is_some() {
        return refuse(format!("{target} names a digest, which a push cannot choose"), "Write REPOSITORY or REPOSITORY:TAG.");
    }
    Ok(())
}
