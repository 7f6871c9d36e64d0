//! Gates: pass, fail or inconclusive, each with its reason; and what follows from them together.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bundle::{Denial, ReleaseRef};
use super::health::Verdict;
use super::ring::{RingState, State};
use crate::base::{Exit, Timestamp};
use crate::model::RingName;

/// Outcome of one gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateOutcome {
    /// The way is free.
    Pass,
    /// Not enough is known yet.
    Inconclusive,
    /// The answer is no.
    Fail,
}

/// A gate, its outcome, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GateResult {
    /// `signature`, `deny-list`, `previous-ring` or `bake`.
    pub name: String,
    /// Outcome.
    pub result: GateOutcome,
    /// Why, a sentence fragment.
    pub reason: String,
    /// Digests and keys that it rests on.
    pub evidence: Vec<String>,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Done, or on its way.
    Proceed,
    /// There was nothing to do.
    AlreadyDone,
    /// Only planned (`--dry-run`).
    Planned,
    /// A gate says no.
    GateFailed,
    /// A gate cannot tell yet.
    Paused,
    /// Device health stopped it.
    Halted,
    /// The hub refused it.
    Rejected,
    /// Taken back.
    RolledBack,
}

impl Decision {
    /// Returns how a command that ends with this decision exits.
    pub fn exit(self) -> Exit {
        match self {
            Self::Proceed | Self::AlreadyDone | Self::Planned | Self::RolledBack => Exit::Success,
            Self::GateFailed | Self::Rejected => Exit::Refused,
            Self::Paused => Exit::Inconclusive,
            Self::Halted => Exit::Halted,
        }
    }
}

impl GateResult {
    fn new(name: &str, result: GateOutcome, reason: impl Into<String>) -> Self {
        Self { name: name.to_owned(), result, reason: reason.into(), evidence: Vec::new() }
    }

    /// Returns a gate that is open.
    pub fn pass(name: &str, reason: impl Into<String>) -> Self {
        Self::new(name, GateOutcome::Pass, reason)
    }

    /// Returns a gate that is closed.
    pub fn fail(name: &str, reason: impl Into<String>) -> Self {
        Self::new(name, GateOutcome::Fail, reason)
    }

    /// Returns a gate that cannot tell.
    pub fn inconclusive(name: &str, reason: impl Into<String>) -> Self {
        Self::new(name, GateOutcome::Inconclusive, reason)
    }

    /// Adds what the result rests on.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Vec<String>) -> Self {
        self.evidence = evidence;
        self
    }
}

impl fmt::Display for GateOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        })
    }
}

/// Folds gates: a no is stronger than a doubt, and a doubt than a yes. No gates at all are no yes.
pub fn decide(gates: &[GateResult]) -> Decision {
    match gates.iter().map(|gate| gate.result).max() {
        Some(GateOutcome::Pass) => Decision::Proceed,
        Some(GateOutcome::Inconclusive) => Decision::Paused,
        Some(GateOutcome::Fail) | None => Decision::GateFailed,
    }
}

/// What several clocks say about the present. Bakes count by the slowest of them and start by the fastest, so that one clock that
/// is wrong never shortens a bake while another is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// This machine's clock.
    pub local: Timestamp,
    /// The hub's clock, when it tells.
    pub hub: Option<Timestamp>,
}

impl Now {
    /// Returns the time for a new record: the latest of all clocks and of the record before.
    pub fn for_record(self, before: Option<Timestamp>) -> Timestamp {
        [Some(self.local), self.hub, before].into_iter().flatten().max().unwrap_or(self.local)
    }

    /// Returns how long ago `since` was by the clock that says least; never negative.
    pub fn elapsed_since(self, since: Timestamp) -> Duration {
        let now = self.hub.map_or(self.local, |hub| hub.min(self.local));
        (now - since).to_std().unwrap_or_default()
    }
}

/// The ring before the one that a release wants to enter.
#[derive(Clone, Copy, Debug)]
pub struct Predecessor<'a> {
    /// Its name.
    pub ring: &'a RingName,
    /// What the ledger knows of it; `None` when nothing ever entered.
    pub state: Option<&'a RingState>,
    /// How long a release must stay healthy there.
    pub bake: Duration,
    /// Its health as just seen, when it was looked at.
    pub verdict: Option<Verdict>,
}

/// Judges the deny-list: a release that was rolled back anywhere enters no ring.
pub fn deny_list(denied: Option<&Denial>) -> GateResult {
    match denied {
        None => GateResult::pass("deny-list", "it was never rolled back"),
        Some(denial) => GateResult::fail("deny-list", format!("it was rolled back from ring {}: {}", denial.ring, denial.reason)),
    }
}

/// Judges the ring before: it must run this very release and be healthy.
pub fn previous_ring(release: &ReleaseRef, predecessor: Option<Predecessor<'_>>) -> GateResult {
    const NAME: &str = "previous-ring";
    let Some(Predecessor { ring, state, verdict, .. }) = predecessor else { return GateResult::pass(NAME, "this is the first ring") };
    let entry = state.and_then(|state| state.entries.get(&release.name)).filter(|entry| entry.id == release.id);
    let Some(entry) = entry else { return GateResult::fail(NAME, format!("ring {ring} never ran this release")) };
    let evidence = state.map(|state| vec![state.head.to_string()]).unwrap_or_default();
    let gate = match (entry.state, verdict) {
        (State::Healthy, Some(Verdict::Healthy)) => GateResult::pass(NAME, format!("ring {ring} is healthy on it")),
        (State::Healthy, Some(Verdict::Failed)) => GateResult::fail(NAME, format!("ring {ring} was healthy and now fails")),
        (State::Healthy, _) => GateResult::inconclusive(NAME, format!("ring {ring} was healthy; whether it still is cannot be told")),
        (State::Requested | State::Rolling | State::Baking, _) => {
            GateResult::inconclusive(NAME, format!("ring {ring} is {} with it", entry.state))
        }
        (state, _) => GateResult::fail(NAME, format!("it is {state} in ring {ring}")),
    };
    gate.with_evidence(evidence)
}

/// Judges the bake of the ring before: healthy without a break for its bake time on this release. Also returns what remains.
pub fn bake(release: &ReleaseRef, predecessor: Option<Predecessor<'_>>, now: Now) -> (GateResult, Option<Duration>) {
    const NAME: &str = "bake";
    let Some(Predecessor { ring, state, bake, .. }) = predecessor else { return (GateResult::pass(NAME, "no ring lies before"), None) };
    let entry = state.and_then(|state| state.entries.get(&release.name)).filter(|entry| entry.id == release.id);
    let since = entry.filter(|entry| matches!(entry.state, State::Baking | State::Healthy)).and_then(|entry| entry.healthy_since);
    let Some(since) = since else {
        let gate = match entry.map(|entry| entry.state) {
            Some(State::Requested | State::Rolling) => GateResult::inconclusive(NAME, format!("ring {ring} does not bake yet")),
            _ => GateResult::fail(NAME, format!("ring {ring} does not bake this release")),
        };
        return (gate, None);
    };
    let elapsed = now.elapsed_since(since);
    if elapsed >= bake {
        return (GateResult::pass(NAME, format!("ring {ring} stayed healthy for {} s of {} s", elapsed.as_secs(), bake.as_secs())), None);
    }
    let remaining = bake.saturating_sub(elapsed);
    let reason = format!("ring {ring} bakes for another {} s", remaining.as_secs_f64().ceil());
    (GateResult::inconclusive(NAME, reason), Some(remaining))
}
