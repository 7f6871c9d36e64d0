//! What an observation of a ring means: the next transition, if any.

use std::time::Duration;

use super::gate::Now;
use super::health::{Health, Verdict};
use super::record::{Action, Detail};
use super::ring::{RingState, State};

/// Failing observations in a row that halt a ring whose devices still take a release.
pub const FAILURES_TO_HALT: u32 = 3;
/// Time after which one failing observation suffices.
const SETTLED: Duration = Duration::from_mins(1);

/// An observation: health, when, and how many failing ones came right before it in this watch.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// Health by the baseline of the running release.
    pub health: &'a Health,
    /// Health without a baseline, for the start of a new bake.
    pub fresh: &'a Health,
    /// When.
    pub now: Now,
    /// Failing observations in a row, this one included.
    pub failures: u32,
}

/// Returns the transition of what the ring runs, or `None` when it stays.
pub fn next(state: &RingState, observation: Observation<'_>, bake: Duration) -> Option<(Action, Detail)> {
    let (_, entry) = state.running()?;
    if state.removal.is_some() {
        return None;
    }
    let Observation { health, fresh, now, failures } = observation;
    let detail = Detail { devices: Some(health.counts), ..Detail::default() };
    let why = || health.findings.iter().next().map(|(device, finding)| format!("{device}: {}", finding.reason()));
    let settled = failures >= FAILURES_TO_HALT || now.elapsed_since(entry.since) >= SETTLED;
    match (entry.state, health.verdict) {
        (State::Rolling, Verdict::Healthy) => Some((Action::Baking, begin(fresh))),
        (State::Suspect, _) if fresh.verdict == Verdict::Healthy => Some((Action::Baking, begin(fresh))),
        (State::Rolling, Verdict::Failed) if settled => Some((Action::Halted, Detail { reason: why(), ..detail })),
        (State::Baking, Verdict::Failed) => Some((Action::Halted, Detail { reason: why(), ..detail })),
        (State::Baking, Verdict::Inconclusive) => Some((Action::Interrupted, Detail { reason: why(), ..detail })),
        (State::Baking, Verdict::Healthy) => {
            let over = entry.healthy_since.is_some_and(|since| now.elapsed_since(since) >= bake);
            over.then_some((Action::Healthy, detail))
        }
        (State::Healthy, Verdict::Failed) => Some((Action::Suspect, Detail { reason: why(), ..detail })),
        _ => None,
    }
}

/// Returns how long the running release still bakes, when it does.
pub fn remaining(state: &RingState, now: Now, bake: Duration) -> Option<Duration> {
    let (_, entry) = state.running()?;
    let since = entry.healthy_since.filter(|_| entry.state == State::Baking)?;
    Some(bake.saturating_sub(now.elapsed_since(since)))
}

fn begin(fresh: &Health) -> Detail {
    Detail { baseline: Some(fresh.restarts.clone()), devices: Some(fresh.counts), ..Detail::default() }
}
