//! Signs an image, reads the signatures back and verifies them as anybody else would.

use super::coordinate::{Located, Places};
use crate::base::text::count;
use crate::base::{Context as _, Report, Result};
use crate::registry::Store;
use crate::trust::{self, PrivateKey, PublicKey, Retry, Signing};

/// Signs the image that `text` names with every key, platforms included.
pub async fn sign(places: &Places, text: &str, keys: &[PrivateKey], report: &mut dyn Report) -> Result<Signing> {
    let Located { reference, store } = places.locate(text).await?;
    let _turn = places.signing_turn().await?;
    sign_in(store.as_ref(), &reference, keys, report).await
}

/// Signs an image of a store that is open already.
pub(super) async fn sign_in(
    store: &dyn Store,
    reference: &crate::model::Reference,
    keys: &[PrivateKey],
    report: &mut dyn Report,
) -> Result<Signing> {
    let step = format!("sign {reference}");
    report.started(&step);
    let signing = trust::sign(store, reference, keys, Retry::default()).await.context(format!("cannot sign {reference}"))?;
    let public: Vec<PublicKey> = keys.iter().map(|key| key.public().clone()).collect();
    let verification = trust::verify(store, &signing.reference, &public).await.context("cannot read the signatures back")?;
    verification.require().context("the signatures that were written do not verify")?;
    let added: usize = signing.images.iter().map(|image| image.added.len()).sum();
    report.finished(step, if added == 0 { "was signed already".to_owned() } else { format!("{} added", count(added, "signature")) });
    Ok(signing)
}
