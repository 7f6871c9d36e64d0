//! Takes back what a ring runs: the release is marked bad for all rings, its configurations leave the hub, and what lay below applies.
//! No gate stands in the way; what is checked first is that something good lies below.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use super::release_desk::{Desk, Draft, PromoteError, head_text, unchanged};
use super::release_hub::{remove, standing};
use super::release_observe::{Looking, observe};
use super::release_promote::HeadMove;
use crate::base::text::count;
use crate::base::{Digest, Report, Result};
use crate::iothub::Client;
use crate::ledger::RingChain;
use crate::model::{ReleaseName, RingName};
use crate::release::{Action, Counts, Decision, Detail, ReleaseError, ReleaseRef, RollbackPlan, State, plan};
use crate::solution::Ring;

/// Pause between two looks at a ring while waiting.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What to take back, and how.
#[derive(Clone, Debug)]
pub struct RollbackOptions {
    /// The ring.
    pub ring: RingName,
    /// The release that the ring must run; `None` takes back whatever it runs.
    pub release: Option<ReleaseName>,
    /// Why, for the records.
    pub reason: Option<String>,
    /// Whether to wait until the devices run what was below.
    pub wait: bool,
    /// Whether only to tell what would be done.
    pub dry_run: bool,
}

/// A rollback and how it ended.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// The ring.
    pub ring: RingName,
    /// The release that was taken back.
    pub release: ReleaseRef,
    /// The release that applies now; `null` when a promotion was taken back before it reached a device.
    pub fallback: Option<ReleaseRef>,
    /// Configurations that were (or would be) removed from the hub.
    pub removed: Vec<String>,
    /// Whether this run changed anything.
    pub changed: bool,
    /// What was decided.
    pub decision: Decision,
    /// State of the release that applies now.
    pub state: State,
    /// Devices as last seen; `null` unless waited for.
    pub devices: Option<Counts>,
    /// Head of the ring's ledger before and now.
    pub head: HeadMove,
}

/// Takes back what a ring runs.
///
/// # Errors
/// An empty ring, nothing below, a lost race, a hub or remote that does not take part.
pub async fn rollback(desk: &Desk<'_>, hub: &Client, options: &RollbackOptions, report: &mut dyn Report) -> Result<Rollback> {
    desk.ledger.refresh().await?;
    let (_, ring) = desk.ring(&options.ring)?;
    let empty = || ReleaseError::EmptyRing { ring: ring.name.clone() };
    let chain = desk.chain(&ring.name).await?.ok_or_else(empty)?;
    let old = head_text(Some(&chain));
    if let Some(done) = already_done(&chain, options) {
        return Ok(done);
    }
    // With an intent in the ledger, whoever wrote it did not get to the end.
    let begun = chain.state.removal.clone();
    let plan = if let Some(removal) = &begun {
        RollbackPlan { release: removal.release.clone(), remove: removal.configurations.clone(), fallback: removal.fallback.clone() }
    } else {
        require_release(&chain, options)?;
        let denied = denied(desk, &chain).await?;
        plan::rollback(&chain.state, &standing(hub, &desk.solution.name, &ring.name).await?, &denied)?
    };
    if options.dry_run {
        return Ok(result(&chain, plan, Decision::Planned, old));
    }
    let chain = if begun.is_some() { chain } else { start(desk, hub, ring, chain, &plan, options).await? };
    let step = format!("remove {} from the hub", count(plan.remove.len(), "configuration"));
    report.started(step.clone());
    remove(hub, &plan.remove).await?;
    report.finished(step, "");
    let draft = Draft {
        action: Action::RolledBack,
        release: plan.release.clone(),
        subjects: Vec::new(),
        gates: Vec::new(),
        decision: Decision::RolledBack,
        detail: Detail { fallback: plan.fallback.clone(), ..Detail::default() },
    };
    let now = desk.now(hub).await?;
    let chain = desk.advance(Some(chain), &ring.name, draft, now, Vec::new()).await?;
    let mut done = Rollback { changed: true, ..result(&chain, plan, Decision::RolledBack, old) };
    if options.wait && done.fallback.is_some() {
        settle(desk, hub, ring, &mut done, report).await?;
    }
    Ok(done)
}

/// Tells that nothing is left to do: the release that was named is gone, or the ring was rolled back and is well since.
fn already_done(chain: &RingChain, options: &RollbackOptions) -> Option<Rollback> {
    let state = &chain.state;
    if state.removal.is_some() || state.pending.is_some() {
        return None;
    }
    let looks = [Action::Baking, Action::Interrupted, Action::Healthy, Action::Suspect, Action::Halted];
    let last = chain.records.iter().rev().find(|record| !looks.contains(&record.action))?;
    let well = state.running().is_none_or(|(_, entry)| !matches!(entry.state, State::Halted | State::Suspect));
    let done = match &options.release {
        Some(name) => state.state_of(name) == State::RolledBack,
        None => last.action == Action::RolledBack && well,
    };
    let record = chain
        .records
        .iter()
        .rev()
        .find(|record| record.action == Action::RolledBack && options.release.as_ref().is_none_or(|name| *name == record.release.name));
    let record = record.filter(|_| done)?;
    let plan = RollbackPlan { release: record.release.clone(), remove: Vec::new(), fallback: record.detail.fallback.clone() };
    Some(result(chain, plan, Decision::AlreadyDone, head_text(Some(chain))))
}

fn require_release(chain: &RingChain, options: &RollbackOptions) -> Result<()> {
    let Some(named) = &options.release else { return Ok(()) };
    let running = chain.state.pending.as_ref().or(chain.state.current.as_ref());
    if running == Some(named) {
        return Ok(());
    }
    let running = running.map_or("nothing".to_owned(), ToString::to_string);
    Err(PromoteError::OtherRelease { ring: options.ring.clone(), running, named: named.clone() }.into())
}

/// Returns the ids of the releases of a ring that are marked bad.
async fn denied(desk: &Desk<'_>, chain: &RingChain) -> Result<BTreeSet<Digest>> {
    let mut denied = BTreeSet::new();
    for name in chain.state.entries.keys() {
        let release = desk.release(name).await?;
        denied.extend(release.state.denied.is_some().then_some(release.state.release.id));
    }
    Ok(denied)
}

/// Writes the intent and marks the release bad, as one.
async fn start(
    desk: &Desk<'_>,
    hub: &Client,
    ring: &Ring,
    chain: RingChain,
    plan: &RollbackPlan,
    options: &RollbackOptions,
) -> Result<RingChain> {
    let release = desk.release(&plan.release.name).await?;
    let now = desk.now(hub).await?;
    let draft = |action| Draft {
        action,
        release: plan.release.clone(),
        subjects: release.release.subjects(),
        gates: Vec::new(),
        decision: Decision::RolledBack,
        detail: Detail {
            reason: options.reason.clone(),
            removed: plan.remove.clone(),
            fallback: plan.fallback.clone(),
            ..Detail::default()
        },
    };
    let denial = match release.state.denied {
        Some(_) => unchanged(&release),
        None => desk.release_change(Some(&release), &release.release, Some(&ring.name), draft(Action::Denied), now)?,
    };
    desk.advance(Some(chain), &ring.name, draft(Action::RollbackStarted), now, vec![denial]).await
}

fn result(chain: &RingChain, plan: RollbackPlan, decision: Decision, old: Option<String>) -> Rollback {
    let applies = plan.fallback.as_ref().map(|fallback| &fallback.name).or(chain.state.current.as_ref());
    Rollback {
        ring: chain.state.ring.clone(),
        state: applies.map_or(State::Absent, |name| chain.state.state_of(name)),
        release: plan.release,
        fallback: plan.fallback,
        removed: plan.remove,
        changed: false,
        decision,
        devices: None,
        head: HeadMove { old, new: head_text(Some(chain)) },
    }
}

/// Waits until the devices run what was below.
async fn settle(desk: &Desk<'_>, hub: &Client, ring: &Ring, done: &mut Rollback, report: &mut dyn Report) -> Result<()> {
    let step = format!("wait until {} is back on the release below", ring.name);
    report.started(step.clone());
    let mut failures = 0;
    while let Some(seen) = observe(desk, hub, ring, failures, Looking::Recording).await? {
        let state = seen.chain.state.running().map_or(State::Absent, |(_, entry)| entry.state);
        (done.state, done.head.new) = (state, head_text(Some(&seen.chain)));
        done.devices = seen.health.as_ref().map(|health| health.counts);
        let failing = seen.health.as_ref().is_some_and(|health| health.verdict == crate::release::Verdict::Failed);
        failures = if failing { failures + 1 } else { 0 };
        if state != State::Rolling {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = desk.cancel.cancelled() => return Err(PromoteError::WaitStopped { ring: ring.name.clone() }.into()),
        }
    }
    if done.state == State::Halted {
        done.decision = Decision::Halted;
    }
    report.finished(step, done.state.to_string());
    Ok(())
}
