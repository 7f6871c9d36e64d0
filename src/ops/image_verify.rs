//! Verifies the signatures of an image.

use std::path::{Path, PathBuf};

use super::coordinate::{Located, Places};
use crate::base::{CommandError, Exit, Report, Result};
use crate::registry;
use crate::trust::{self, Outcome, PublicKey, Verification};

/// Checks the image that `text` names against public key files, or against the keys that the solution trusts when none is given. A
/// refusal is an `Ok` that says so.
pub async fn verify(places: &Places, text: &str, key_files: &[PathBuf], report: &mut dyn Report) -> Result<Verification> {
    let keys = keys(places, key_files)?;
    let Located { reference, store } = places.locate(text).await?;
    let step = format!("verify {reference}");
    report.started(&step);
    let verification = trust::verify(store.as_ref(), &reference, &keys).await?;
    if verification.outcome == Outcome::Verified {
        registry::require_intact(&reference, &places.stores).await?;
    }
    let digests = verification.images.len();
    report.finished(step, format!("{digests} {} checked", if digests == 1 { "digest" } else { "digests" }));
    Ok(verification)
}

fn keys(places: &Places, given: &[PathBuf]) -> Result<Vec<PublicKey>> {
    let mut files = given.to_vec();
    if files.is_empty()
        && let (Some(solution), Some(file)) = (places.solution()?, &places.solution_file)
    {
        let folder = file.parent().unwrap_or(Path::new("."));
        files.extend(solution.trust.keys.iter().map(|key| folder.join(key)));
    }
    if files.is_empty() {
        return Err(CommandError::new(Exit::Usage, "trust/no-keys", "no key to verify with")
            .hint("Give `--key FILE`, or list the public keys under `trust: keys:` in edgectl.yaml."));
    }
    Ok(files.iter().map(|file| PublicKey::load(file)).collect::<Result<_, _>>()?)
}
