//! Runs the gates of a promotion: the signature of every image, the deny-list, the ring before and its bake, the way being free.

use std::time::Duration;

use super::release_desk::{Desk, bake_of};
use super::release_observe::Observed;
use crate::base::text::count;
use crate::base::{CommandError, Context as _, Diagnose as _, Exit, Result};
use crate::ledger::{ReleaseChain, RingChain};
use crate::registry::{self, StoreOptions};
use crate::release::gate::{self, Now, Predecessor};
use crate::release::{GateResult, Release, ReleaseRef, State};
use crate::solution::Ring;
use crate::trust::{self, PublicKey, TrustError};

/// Gates and how long the bake of the ring before still takes.
pub struct Gates {
    /// Results in order.
    pub results: Vec<GateResult>,
    /// What remains of the bake.
    pub remaining: Option<Duration>,
}

/// Runs all gates of a release for a ring.
///
/// # Errors
/// When a signature cannot be told, since a registry does not answer or wants other credentials.
pub async fn run(
    desk: &Desk<'_>,
    stores: &StoreOptions,
    release: &ReleaseChain,
    target: Option<&RingChain>,
    before: Option<(&Ring, Option<&Observed>)>,
    now: Now,
) -> Result<Gates> {
    let reference = release.release.reference();
    let predecessor = before.map(|(ring, observed)| Predecessor {
        ring: &ring.name,
        state: observed.map(|observed| &observed.chain.state),
        bake: bake_of(ring),
        verdict: observed.and_then(|observed| observed.health.as_ref()).map(|health| health.verdict),
    });
    let (bake, remaining) = gate::bake(&reference, predecessor, now);
    let results = vec![
        signature(desk, stores, &release.release).await?,
        gate::deny_list(release.state.denied.as_ref()),
        gate::previous_ring(&reference, predecessor),
        bake,
        way_is_free(&reference, target),
    ];
    Ok(Gates { results, remaining })
}

/// Judges whether another release is just entering the ring.
fn way_is_free(release: &ReleaseRef, target: Option<&RingChain>) -> GateResult {
    const NAME: &str = "in-flight";
    let Some(state) = target.map(|chain| &chain.state) else { return GateResult::pass(NAME, "the ring is empty") };
    if let Some(removal) = &state.removal {
        return GateResult::inconclusive(NAME, format!("the rollback of {} is not finished", removal.release.name));
    }
    let rolling = state.running().filter(|(_, entry)| entry.state == State::Rolling).map(|(name, _)| name);
    match state.pending.as_ref().or(rolling).filter(|name| **name != release.name) {
        Some(other) => GateResult::inconclusive(NAME, format!("{other} is on its way into the ring")),
        None => GateResult::pass(NAME, "no other release is on its way"),
    }
}

/// Verifies every image by every key of the solution. No key is no trust.
async fn signature(desk: &Desk<'_>, stores: &StoreOptions, release: &Release) -> Result<GateResult> {
    const NAME: &str = "signature";
    if desk.solution.trust.keys.is_empty() {
        return Ok(GateResult::fail(
            NAME,
            "the solution trusts no key; make one with `edgectl key generate` and name it under `trust: { keys: [...] }`",
        ));
    }
    let keys = desk.solution.trust.keys.iter().map(|path| PublicKey::load(&desk.folder.join(path)));
    let keys: Vec<PublicKey> = keys.collect::<Result<_, _>>()?;
    let mut evidence: Vec<String> = keys.iter().map(|key| format!("key {}", key.fingerprint())).collect();
    for (module, image) in &release.modules {
        let reference = image.repository.at(image.digest);
        let store = registry::locate(&reference, stores).await?;
        match trust::verify(&*store, &reference, &keys).await.and_then(trust::Verification::require) {
            Ok(verification) => evidence.extend(verification.images.iter().map(|image| image.digest.to_string())),
            Err(error) if is_refusal(&error) => {
                return Ok(GateResult::fail(NAME, format!("{module}: {}", chain_of(error))).with_evidence(evidence));
            }
            Err(error) => return Err(error).context(format!("cannot tell whether {module} is signed")),
        }
        if let Err(error) = registry::require_intact(&reference, stores).await {
            return Ok(GateResult::fail(NAME, format!("{module}: {error}")).with_evidence(evidence));
        }
    }
    let reason = format!("{} signed by {}", count(release.modules.len(), "image"), count(keys.len(), "key"));
    Ok(GateResult::pass(NAME, reason).with_evidence(evidence))
}

/// Tells a no from a doubt. An image that is gone was never verified, so it is a no.
fn is_refusal(error: &TrustError) -> bool {
    matches!(error.kind(), Exit::Refused | Exit::BadInput)
}

fn chain_of(error: TrustError) -> String {
    CommandError::from(error).chain().join(": ")
}
