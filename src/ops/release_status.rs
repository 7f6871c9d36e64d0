//! Tells how every ring stands. It looks at the hub first and records what follows, so that bakes end without anybody waiting.

use serde::Serialize;

use super::release_desk::{Desk, bake_of};
use super::release_observe::{Looking, Observed, observe};
use crate::base::clock::rfc3339_seconds;
use crate::base::{Exit, Report, Result};
use crate::iothub::Client;
use crate::ledger::RingChain;
use crate::model::{ReleaseName, RingName};
use crate::release::gate::{self, GateOutcome, Predecessor};
use crate::release::{Counts, ReleaseRef, State, observe as rules};
use crate::solution::Ring;

/// How the rings of a solution stand.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Rings in order of promotion.
    pub rings: Vec<RingStatus>,
    /// Where the ledger lies.
    pub ledger: String,
}

/// How one ring stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RingStatus {
    /// The ring.
    pub ring: RingName,
    /// The release: the one that was asked for, else what the ring runs; `null` when it runs nothing.
    pub release: Option<ReleaseRef>,
    /// Where it stands.
    pub state: State,
    /// Since when, RFC 3339; `null` when it was never here.
    pub since: Option<String>,
    /// Devices of the ring as just seen; `null` when the hub was not asked or the ring runs another release.
    pub devices: Option<Counts>,
    /// Devices that are not healthy, and why; at most ten.
    pub findings: Vec<DeviceFinding>,
    /// Why it stands so; `null` when nothing is wrong.
    pub reason: Option<String>,
    /// Whether the release may enter the next ring, as far as this ring decides; `null` in the last ring.
    pub next_ring: Option<NextRing>,
    /// When to look again; `null` when nothing is awaited.
    pub next_check_secs: Option<u64>,
    /// Head of the ring's ledger; `null` when nothing ever entered.
    pub head: Option<String>,
}

/// A device that is not healthy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceFinding {
    /// The device.
    pub device_id: String,
    /// Why.
    pub reason: String,
}

/// The way into the next ring.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextRing {
    /// Its name.
    pub ring: RingName,
    /// Whether the way is free.
    pub result: GateOutcome,
    /// Why.
    pub reason: String,
}

/// Findings that are listed of each ring.
const FINDINGS: usize = 10;

/// Tells how the rings stand, with one release in mind or with what each runs. Without a hub only the ledger speaks.
///
/// # Errors
/// An unknown release, a broken chain, a hub that refuses the sign-in.
pub async fn status(desk: &Desk<'_>, hub: Option<&Client>, release: Option<&ReleaseName>, report: &mut dyn Report) -> Result<Status> {
    if let Err(error) = desk.ledger.refresh().await {
        report.warning("ledger/stale", format!("{error}; this is what was known here before"));
    }
    if let Some(name) = release {
        desk.release(name).await?;
    }
    let mut reachable = hub;
    let mut rings = Vec::new();
    for (index, ring) in desk.solution.rings.iter().enumerate() {
        let seen = match reachable {
            Some(hub) => match observe(desk, hub, ring, 0, Looking::Recording).await {
                Err(error) if error.kind == Exit::Unavailable => {
                    report.warning("hub/unavailable", format!("{}; devices were not looked at", error.chain().join(": ")));
                    reachable = None;
                    None
                }
                outcome => outcome?,
            },
            None => None,
        };
        let chain = match &seen {
            Some(seen) => Some(seen.chain.clone()),
            None => desk.chain(&ring.name).await?,
        };
        let next = desk.solution.rings.get(index + 1);
        rings.push(ring_status(desk, ring, next, chain.as_ref(), seen.as_ref(), release));
    }
    Ok(Status { rings, ledger: desk.ledger.place() })
}

fn ring_status(
    desk: &Desk<'_>,
    ring: &Ring,
    next: Option<&Ring>,
    chain: Option<&RingChain>,
    seen: Option<&Observed>,
    release: Option<&ReleaseName>,
) -> RingStatus {
    let state = chain.map(|chain| &chain.state);
    let name = release.or_else(|| state.and_then(|state| state.pending.as_ref().or(state.current.as_ref())));
    let entry = name.and_then(|name| Some((name, state?.entries.get(name)?)));
    let runs = state.is_some_and(|state| state.current.as_ref() == name);
    let health = seen.and_then(|seen| seen.health.as_ref()).filter(|_| runs && entry.is_some());
    let now = seen.map_or_else(|| desk.local_now(), |seen| seen.now);
    let reference = entry.map(|(name, entry)| ReleaseRef { name: name.clone(), id: entry.id });
    let next_ring = next.zip(reference.as_ref()).map(|(next, release)| {
        let verdict = health.map(|health| health.verdict);
        let predecessor = Some(Predecessor { ring: &ring.name, state, bake: bake_of(ring), verdict });
        let gates = [gate::previous_ring(release, predecessor), gate::bake(release, predecessor, now).0];
        let gate = gates.into_iter().max_by_key(|gate| gate.result).expect("there are two");
        NextRing { ring: next.name.clone(), result: gate.result, reason: gate.reason }
    });
    let findings = health.into_iter().flat_map(|health| &health.findings).take(FINDINGS);
    RingStatus {
        ring: ring.name.clone(),
        state: entry.map_or(State::Absent, |(_, entry)| entry.state),
        since: entry.map(|(_, entry)| rfc3339_seconds(entry.since)),
        devices: health.map(|health| health.counts),
        findings: findings
            .map(|(device, finding)| DeviceFinding { device_id: device.clone(), reason: finding.reason().to_owned() })
            .collect(),
        reason: entry.and_then(|(_, entry)| entry.reason.clone()),
        next_check_secs: state
            .filter(|_| runs)
            .and_then(|state| rules::remaining(state, now, bake_of(ring)))
            .map(|left| left.as_secs() + 1),
        head: chain.map(|chain| chain.head.to_string()),
        release: reference,
        next_ring,
    }
}
