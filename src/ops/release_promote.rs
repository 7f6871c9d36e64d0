//! Promotes a release into a ring: gates, the intent in the ledger, the configurations in the hub, the outcome in the ledger; then, if
//! asked for, waits until the ring is healthy. Each effect can be done twice, so that the same command carries on after a crash.

use std::time::Duration;

use serde::Serialize;

use super::release_desk::{Desk, Draft, PromoteError, bake_of, head_text, unchanged};
use super::release_gates;
use super::release_hub::{ensure, remove, standing};
use super::release_observe::{Looking, Observed, observe};
use crate::base::text::count;
use crate::base::{CommandError, Context as _, Exit, Report, Result};
use crate::iothub::Client;
use crate::ledger::{ReleaseChain, RingChain};
use crate::model::{ReleaseName, RingName};
use crate::registry::StoreOptions;
use crate::release::gate::{self, GateOutcome, Now};
use crate::release::{
    Action, Counts, Decision, Detail, GateResult, PlannedConfiguration, ReleaseRef, State, Verdict, observe as rules, plan,
};
use crate::solution::Ring;

/// Pause between two looks at a ring while waiting.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// When to look again at a ring that takes a release, for callers that do not wait.
const NEXT_LOOK_SECS: u64 = 10;

/// What to promote, and how.
#[derive(Clone, Debug)]
pub struct PromoteOptions {
    /// The release.
    pub release: ReleaseName,
    /// The ring.
    pub ring: RingName,
    /// Whether to wait until the ring is healthy or halted.
    pub wait: bool,
    /// Whether only to tell what would be done.
    pub dry_run: bool,
}

impl PromoteOptions {
    fn looking(&self) -> Looking {
        if self.dry_run { Looking::Only } else { Looking::Recording }
    }
}

/// A promotion and how it ended.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Promotion {
    /// The release.
    pub release: ReleaseRef,
    /// The ring.
    pub ring: RingName,
    /// State of the release in the ring before.
    pub from: State,
    /// State now.
    pub to: State,
    /// Whether this run promoted the release.
    pub changed: bool,
    /// What was decided.
    pub decision: Decision,
    /// Gates in order; empty when the release was in the ring already.
    pub gates: Vec<GateResult>,
    /// Configurations that the promotion stands for.
    pub configurations: Vec<PlannedConfiguration>,
    /// Devices as last seen; `null` before the hub was asked.
    pub devices: Option<Counts>,
    /// Head of the ring's ledger before and now; `null` when it has none.
    pub head: HeadMove,
    /// When to look again, `null` when nothing is awaited.
    pub next_check_secs: Option<u64>,
    /// What went wrong, for people; `null` when nothing did.
    pub reason: Option<String>,
}

/// A head before and after.
#[derive(Clone, Debug, Serialize)]
pub struct HeadMove {
    /// Before.
    pub old: Option<String>,
    /// Now.
    pub new: Option<String>,
}

/// A promotion under way.
struct Run<'a> {
    desk: &'a Desk<'a>,
    hub: &'a Client,
    release: ReleaseChain,
    ring: &'a Ring,
    result: Promotion,
}

/// Promotes a release into a ring.
///
/// # Errors
/// Unknown names, a lost race, a hub, registry or remote that does not take part. A closed gate is no error but a decision.
pub async fn promote(
    desk: &Desk<'_>,
    hub: &Client,
    stores: &StoreOptions,
    options: &PromoteOptions,
    report: &mut dyn Report,
) -> Result<Promotion> {
    desk.ledger.refresh().await?;
    let (place, ring) = desk.ring(&options.ring)?;
    Desk::require_supported(ring)?;
    let release = desk.release(&options.release).await?;
    let target = observe(desk, hub, ring, 0, options.looking()).await?;
    let from = target.as_ref().map_or(State::Absent, |seen| seen.chain.state.state_of(&options.release));
    let result = Promotion {
        release: release.release.reference(),
        ring: ring.name.clone(),
        from,
        to: from,
        changed: false,
        decision: Decision::AlreadyDone,
        gates: Vec::new(),
        configurations: Vec::new(),
        devices: None,
        head: HeadMove { old: head_text(target.as_ref().map(|seen| &seen.chain)), new: head_text(target.as_ref().map(|seen| &seen.chain)) },
        next_check_secs: None,
        reason: None,
    };
    let mut run = Run { desk, hub, release, ring, result };
    if let Some(seen) = target.as_ref().filter(|seen| is_current(seen, &options.release)) {
        run.result.configurations = seen.chain.state.entries[&options.release].configurations.clone();
        return run.follow(options, report).await;
    }
    let chain = target.map(|seen| seen.chain);
    let pending = chain.as_ref().filter(|chain| chain.state.pending.as_ref() == Some(&options.release) && chain.state.removal.is_none());
    if let Some(chain) = pending {
        return run.carry_on(chain.clone(), options, report).await;
    }
    let before = place.checked_sub(1).and_then(|index| desk.solution.rings.get(index));
    let seen = match before {
        Some(ring) => observe(desk, hub, ring, 0, options.looking()).await?,
        None => None,
    };
    let now = desk.now(hub).await?;
    let gates = release_gates::run(desk, stores, &run.release, chain.as_ref(), before.map(|ring| (ring, seen.as_ref())), now).await?;
    run.result.decision = gate::decide(&gates.results);
    run.result.gates = gates.results;
    if run.result.decision != Decision::Proceed {
        run.result.next_check_secs = (run.result.decision == Decision::Paused).then(|| gates.remaining.map_or(NEXT_LOOK_SECS, ceil_secs));
        return Ok(run.result);
    }
    let standing = standing(hub, &desk.solution.name, &ring.name).await?;
    run.result.configurations = plan::promotion(&run.release.release, &ring.name, &ring.target, &standing)?;
    if options.dry_run {
        run.result.decision = Decision::Planned;
        return Ok(run.result);
    }
    let chain = run.request(chain, now).await?;
    run.carry_out(chain, options, report).await
}

/// Tells whether the ring runs the release, or ended with it.
fn is_current(seen: &Observed, release: &ReleaseName) -> bool {
    let state = seen.chain.state.state_of(release);
    let runs = seen.chain.state.current.as_ref() == Some(release) && seen.chain.state.pending.is_none();
    runs && !matches!(state, State::RolledBack | State::Absent)
}

/// Returns the configurations that the intent of a promotion names.
fn intended(chain: &RingChain, release: &ReleaseName) -> Vec<PlannedConfiguration> {
    chain.state.entries.get(release).map(|entry| entry.configurations.clone()).unwrap_or_default()
}

fn ceil_secs(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl Run<'_> {
    fn draft(&self, action: Action, detail: Detail) -> Draft {
        Draft {
            action,
            release: self.result.release.clone(),
            subjects: self.release.release.subjects(),
            gates: if action == Action::Requested { self.result.gates.clone() } else { Vec::new() },
            decision: if action == Action::Rejected { Decision::Rejected } else { Decision::Proceed },
            detail,
        }
    }

    /// Writes the intent. From here on the way is decided; the release must still be what was judged.
    async fn request(&self, chain: Option<RingChain>, now: Now) -> Result<RingChain> {
        let detail = Detail { configurations: self.result.configurations.clone(), ..Detail::default() };
        let draft = self.draft(Action::Requested, detail);
        self.desk.advance(chain, &self.ring.name, draft, now, vec![unchanged(&self.release)]).await
    }

    /// Carries on from an intent in the ledger whose writer did not get to the end, unless the release was marked bad since.
    async fn carry_on(mut self, chain: RingChain, options: &PromoteOptions, report: &mut dyn Report) -> Result<Promotion> {
        self.result.configurations = intended(&chain, &options.release);
        let gate = gate::deny_list(self.release.state.denied.as_ref());
        if gate.result == GateOutcome::Pass {
            if options.dry_run {
                self.result.decision = Decision::Planned;
                return Ok(self.result);
            }
            report.note(format!("carrying on with the promotion of {} to {}", options.release, self.ring.name));
            return self.carry_out(chain, options, report).await;
        }
        let reason = gate.reason.clone();
        (self.result.decision, self.result.gates) = (Decision::GateFailed, vec![gate]);
        if options.dry_run {
            return Ok(self.result);
        }
        // What the unfinished promotion wrote carries the release in its label; a configuration of others stays where it is.
        let standing = standing(self.hub, &self.desk.solution.name, &self.ring.name).await?;
        let ours = |id: &String| standing.iter().any(|found| found.id == *id && found.release == self.release.release.id());
        let ids: Vec<_> = self.result.configurations.iter().map(|planned| planned.id.clone()).filter(ours).collect();
        remove(self.hub, &ids).await?;
        let draft = self.draft(Action::Rejected, Detail { reason: Some(reason.clone()), ..Detail::default() });
        let now = self.desk.now(self.hub).await?;
        let chain = self.desk.advance(Some(chain), &self.ring.name, draft, now, Vec::new()).await?;
        self.result.to = chain.state.state_of(&options.release);
        self.result.head.new = head_text(Some(&chain));
        self.result.reason = Some(reason);
        Ok(self.result)
    }

    /// Brings the hub to what the intent says, and records that it is so.
    async fn carry_out(mut self, chain: RingChain, options: &PromoteOptions, report: &mut dyn Report) -> Result<Promotion> {
        self.result.configurations = intended(&chain, &options.release);
        let step = format!("write {} to the hub", count(self.result.configurations.len(), "configuration"));
        report.started(step.clone());
        for planned in &self.result.configurations {
            if let Err(error) = ensure(self.hub, &self.release.release, &self.ring.name, planned).await {
                return Err(self.give_up(chain, error).await);
            }
        }
        report.finished(step, "");
        let now = self.desk.now(self.hub).await?;
        let draft = self.draft(Action::Rolling, Detail::default());
        // A denial in between is noticed here, and the next run takes back what was written.
        let chain = self.desk.advance(Some(chain), &self.ring.name, draft, now, vec![unchanged(&self.release)]).await?;
        let retired = plan::retired(&chain.state, &standing(self.hub, &self.desk.solution.name, &self.ring.name).await?);
        let removed = remove(self.hub, &retired).await?;
        if removed > 0 {
            report.note(format!("removed {} of older releases from the hub", count(removed, "configuration")));
        }
        (self.result.changed, self.result.decision) = (true, Decision::Proceed);
        self.follow(options, report).await
    }

    /// Ends a promotion whose configurations the hub will never take; one that it may take later stays to be carried on.
    async fn give_up(&self, chain: RingChain, error: CommandError) -> CommandError {
        if !matches!(error.kind, Exit::BadInput | Exit::Refused) {
            return error.hint("Run the same command again to carry on.");
        }
        let ids: Vec<_> = self.result.configurations.iter().map(|planned| planned.id.clone()).collect();
        // A configuration of the same name that is not ours stays where it is.
        if error.code != "release/foreign-configuration"
            && let Err(also) = remove(self.hub, &ids).await
        {
            return also.hint(format!("The hub refused the promotion before: {}.", error.chain().join(": ")));
        }
        let detail = Detail { reason: Some(error.chain().join(": ")), ..Detail::default() };
        match self.desk.advance(Some(chain), &self.ring.name, self.draft(Action::Rejected, detail), self.desk.local_now(), Vec::new()).await
        {
            Ok(_) => error,
            Err(also) => also,
        }
    }

    /// Looks at the ring: once, or until it is healthy or halted.
    async fn follow(mut self, options: &PromoteOptions, report: &mut dyn Report) -> Result<Promotion> {
        let step = format!("wait until {} is healthy on {}", self.ring.name, options.release);
        let (mut failures, mut last) = (0, None);
        if options.wait && !options.dry_run {
            report.started(step.clone());
        }
        loop {
            let seen = observe(self.desk, self.hub, self.ring, failures, options.looking()).await.context("cannot look at the ring")?;
            let Some(seen) = seen else { return Ok(self.result) };
            let failing = seen.health.as_ref().is_some_and(|health| health.verdict == Verdict::Failed);
            failures = if failing { failures + 1 } else { 0 };
            self.take(&seen, options);
            if last != Some((self.result.to, self.result.devices)) {
                last = Some((self.result.to, self.result.devices));
                report.note(self.told(&seen));
            }
            let waiting = matches!(self.result.to, State::Rolling | State::Baking);
            if !options.wait || options.dry_run || !waiting {
                break;
            }
            let pause = rules::remaining(&seen.chain.state, seen.now, bake_of(self.ring))
                .map_or(LOOK_EVERY, |left| left.clamp(MIN_PAUSE, LOOK_EVERY));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.desk.cancel.cancelled() => return Err(PromoteError::WaitStopped { ring: self.ring.name.clone() }.into()),
            }
        }
        if options.wait && !options.dry_run {
            report.finished(step, self.result.to.to_string());
        }
        Ok(self.result)
    }

    fn take(&mut self, seen: &Observed, options: &PromoteOptions) {
        let result = &mut self.result;
        result.to = seen.chain.state.state_of(&options.release);
        result.head.new = Some(seen.chain.head.to_string());
        result.devices = seen.health.as_ref().map(|health| health.counts);
        let entry = seen.chain.state.entries.get(&options.release);
        result.reason = entry.and_then(|entry| entry.reason.clone());
        let remaining = rules::remaining(&seen.chain.state, seen.now, bake_of(self.ring));
        result.next_check_secs = match result.to {
            State::Baking => remaining.map(ceil_secs),
            State::Requested | State::Rolling => Some(NEXT_LOOK_SECS),
            _ => None,
        };
        if matches!(result.to, State::Halted | State::Suspect | State::RolledBack | State::Superseded) {
            result.decision = Decision::Halted;
        }
    }

    fn told(&self, seen: &Observed) -> String {
        let Promotion { to, ring, release, .. } = &self.result;
        let counts = self.result.devices.unwrap_or_default();
        let first = seen.health.as_ref().and_then(|health| health.findings.iter().next());
        let finding = first.map(|(device, finding)| format!("; {device}: {}", finding.reason())).unwrap_or_default();
        format!(
            "{ring} is {to} on {}: {} of {} devices healthy, {} failed{finding}",
            release.name, counts.healthy, counts.targeted, counts.failed
        )
    }
}

/// Shortest pause between two looks.
const MIN_PAUSE: Duration = Duration::from_millis(200);
