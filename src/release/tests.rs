//! The machine against random events, the chain against every kind of damage, health and bake against their rules.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::gate::{self, Now, Predecessor};
use super::health::{AgentReport, Criteria, DeviceReport, ExpectedModule, Finding, ReportedModule};
use super::observe::{self, Observation};
use super::*;
use crate::base::{Clock, Digest, Timestamp};
use crate::model::{ReleaseName, RingName};

const CRITERIA: Criteria = Criteria { success: 95, errors: 2, minimum: 1 };
const BAKE: Duration = Duration::from_secs(100);

fn start() -> Timestamp {
    Clock::fixed_at(1_800_000_000).expect("a time").now()
}

fn reference(name: &str) -> ReleaseRef {
    ReleaseRef { name: name.parse().expect("a name"), id: Digest::of(name.as_bytes()) }
}

fn ring(name: &str) -> RingName {
    name.parse().expect("a ring")
}

fn release(name: &str, layers: usize) -> Release {
    let content = serde_json::json!({ "modulesContent": { "name": name } });
    let base = [("base".to_owned(), Deployment::new(false, None, Vec::new(), content.clone()))];
    let layer = |index| {
        let target = Some("tags.camera = true".to_owned());
        (format!("layer{index}"), Deployment::new(true, target, Vec::new(), content.clone()))
    };
    Release {
        name: name.parse().expect("a name"),
        solution: "greenhouse".parse().expect("a name"),
        modules: BTreeMap::new(),
        deployments: base.into_iter().chain((0..layers).map(layer)).collect(),
        commit: None,
        created: start(),
    }
}

/// Appends what would be written and returns the new record.
fn record(chain: &[AuditRecord], action: Action, release: ReleaseRef, ring_name: &str, time: Timestamp, detail: Detail) -> AuditRecord {
    AuditRecord {
        seq: chain.len() as u64 + 1,
        prev: chain.last().map(AuditRecord::digest),
        time,
        actor: "tester".to_owned(),
        action,
        solution: "greenhouse".parse().expect("a name"),
        release,
        ring: Some(ring(ring_name)),
        subjects: vec![Digest::of(b"image")],
        gates: Vec::new(),
        decision: Decision::Proceed,
        detail,
        tool_version: "0".to_owned(),
    }
}

fn healthy_chain() -> Vec<AuditRecord> {
    let mut chain = Vec::new();
    for (second, action) in (0..).zip([Action::Requested, Action::Rolling, Action::Baking, Action::Healthy]) {
        let next = record(&chain, action, reference("v1"), "canary", start() + TimeDelta::seconds(second * 60), Detail::default());
        chain.push(next);
    }
    chain
}

fn stored(chain: &[AuditRecord]) -> Vec<Vec<u8>> {
    chain.iter().map(AuditRecord::bytes).collect()
}

#[test]
fn the_identity_covers_content_and_not_time() {
    let one = release("v1", 1);
    let later = Release { created: start() + TimeDelta::days(1), commit: Some("abc".to_owned()), ..one.clone() };
    assert_eq!(one.id(), later.id());
    let mut other = one.clone();
    other.deployments.insert("base".to_owned(), Deployment::new(false, None, Vec::new(), serde_json::json!({ "modulesContent": {} })));
    assert_ne!(one.id(), other.id());
    assert!(other.is_whole());
    other.deployments.get_mut("base").expect("there").content = serde_json::json!({});
    assert!(!other.is_whole());
}

#[test]
fn only_legal_steps_are_taken() {
    let legal: usize = State::ALL
        .iter()
        .map(|state| {
            [
                Action::Created,
                Action::Denied,
                Action::Requested,
                Action::Rejected,
                Action::Rolling,
                Action::Baking,
                Action::Interrupted,
                Action::Healthy,
                Action::Suspect,
                Action::Halted,
                Action::RollbackStarted,
                Action::RolledBack,
            ]
            .iter()
            .filter(|action| state.after(**action).is_some())
            .count()
        })
        .sum();
    assert_eq!(legal, 3 + 2 + 1 + 2 + 1 + 1 + 3 + 6);
    assert_eq!(State::RolledBack.after(Action::Requested), None, "a release that was taken back never returns");
    assert_eq!(State::Halted.after(Action::Healthy), None);
    assert_eq!(State::Rolling.after(Action::Healthy), None, "nothing is healthy without a bake");
}

#[test]
fn one_promotion_at_a_time_enters_a_ring() {
    let mut chain = vec![record(&[], Action::Requested, reference("v1"), "canary", start(), Detail::default())];
    for action in [Action::Requested, Action::Rolling] {
        if action == Action::Rolling {
            let next = record(&chain, action, reference("v1"), "canary", start(), Detail::default());
            chain.push(next);
        }
        let state = RingState::replay(&chain).expect("legal");
        let rival = record(&chain, Action::Requested, reference("v2"), "canary", start(), Detail::default());
        assert!(matches!(RingState::apply(state, &rival), Err(ReleaseError::InFlight { .. })));
    }
}

#[test]
fn every_damage_to_the_chain_is_found() {
    let chain = healthy_chain();
    let good = stored(&chain);
    let head = chain.last().map(AuditRecord::digest);
    assert_eq!(record::verify(&good, head).expect("whole"), chain);
    for index in 0..good.len() {
        let mut dropped = good.clone();
        dropped.remove(index);
        assert!(record::verify(&dropped, head).is_err(), "dropped {index}");
        let mut doubled = good.clone();
        doubled.insert(index, good[index].clone());
        assert!(record::verify(&doubled, head).is_err(), "doubled {index}");
        for other in 0..index {
            let mut swapped = good.clone();
            swapped.swap(index, other);
            assert!(record::verify(&swapped, head).is_err(), "swapped {index} {other}");
        }
        for byte in 0..good[index].len() {
            let mut changed = good.clone();
            changed[index][byte] ^= 1;
            assert!(record::verify(&changed, head).is_err(), "changed byte {byte} of {index}");
        }
    }
    let mut early = chain.clone();
    early[3].time = start() - TimeDelta::days(1);
    assert!(record::verify(&stored(&early), None).is_err(), "time runs backwards");
}

fn device(id: &str, version: u64, status: &str, restarts: u64) -> DeviceReport {
    let digest = Digest::of(b"image");
    let module = ReportedModule { status: status.to_owned(), restarts, digest: Some(digest) };
    DeviceReport {
        device_id: id.to_owned(),
        expected: vec![ExpectedModule { name: "sensor".to_owned(), digests: BTreeSet::from([digest]) }],
        agent: Some(AgentReport {
            applied: true,
            desired_version: 2,
            last_desired_version: Some(version),
            status_code: Some(200),
            status_text: String::new(),
            modules: BTreeMap::from([("sensor".to_owned(), module)]),
        }),
    }
}

#[test]
fn a_device_is_healthy_only_when_everything_is_told() {
    let judged = |device: DeviceReport, baseline: Option<&Baseline>| {
        let health = health::evaluate(&[device], CRITERIA, baseline);
        (health.verdict, health.findings.into_values().next())
    };
    let well = device("a", 2, "running", 1);
    assert_eq!(judged(well.clone(), None), (Verdict::Healthy, None));
    let unknown = |device| matches!(judged(device, None), (Verdict::Inconclusive, Some(Finding::Unknown(_))));
    let failed = |device| matches!(judged(device, None), (Verdict::Failed, Some(Finding::Failed(_))));
    assert!(unknown(DeviceReport { agent: None, ..well.clone() }));
    assert!(unknown(device("a", 1, "backoff", 9)), "an old report says nothing about this version");
    assert!(failed(device("a", 2, "backoff", 9)));
    assert!(failed(device("a", 2, "stopped", 0)));
    let with = |change: fn(&mut AgentReport)| {
        let mut device = well.clone();
        change(device.agent.as_mut().expect("there"));
        device
    };
    assert!(unknown(with(|agent| agent.applied = false)));
    assert!(unknown(with(|agent| agent.status_code = None)));
    assert!(unknown(with(|agent| agent.status_code = Some(406))));
    assert!(failed(with(|agent| agent.status_code = Some(500))));
    assert!(unknown(with(|agent| agent.modules.clear())));
    assert!(unknown(with(|agent| agent.modules.values_mut().for_each(|module| module.digest = Some(Digest::of(b"old"))))));
    let baseline = |count| Baseline::from([("a".to_owned(), BTreeMap::from([("sensor".to_owned(), count)]))]);
    assert_eq!(judged(well.clone(), Some(&baseline(1))).0, Verdict::Healthy);
    assert_eq!(judged(well.clone(), Some(&baseline(0))).0, Verdict::Failed);
    assert_eq!(judged(well, Some(&Baseline::new())).0, Verdict::Inconclusive, "it joined during the bake");
}

proptest! {
    #[test]
    fn silence_is_never_success(healthy in 0u64..50, failed in 0u64..50, unknown in 0u64..50, success in 0u8..=100, errors in 0u8..=100, minimum in 0u32..5) {
        let criteria = Criteria { success, errors, minimum };
        let counts = |unknown| Counts { targeted: healthy + failed + unknown, healthy, failed, unknown };
        let more_silence = health::verdict(counts(unknown + 1), criteria);
        if health::verdict(counts(unknown), criteria) == Verdict::Inconclusive {
            prop_assert_ne!(more_silence, Verdict::Healthy);
        }
        if healthy + failed == 0 {
            prop_assert_ne!(health::verdict(counts(unknown), criteria), Verdict::Healthy);
        }
    }

    #[test]
    fn layers_lie_above_bases_and_nothing_ties(layers in 0usize..5, below in proptest::collection::vec(0u32..1000, 0..5)) {
        let standing: Vec<_> = below.iter().enumerate().map(|(index, priority)| Standing { id: index.to_string(), priority: *priority, release: Digest::of(&index.to_be_bytes()) }).collect();
        let release = release("v2", layers);
        let planned = plan::promotion(&release, &ring("canary"), "tags.ring = 'canary'", &standing).expect("room");
        let highest = below.iter().max().copied().unwrap_or(0);
        let mut priorities: Vec<_> = planned.iter().map(|planned| planned.priority).collect();
        prop_assert!(priorities.iter().all(|priority| *priority > highest));
        prop_assert!(!release.deployments[&planned[0].deployment].layer);
        prop_assert!(planned[1..].iter().all(|planned| release.deployments[&planned.deployment].layer));
        priorities.dedup();
        prop_assert_eq!(priorities.len(), layers + 1);
    }

    #[test]
    fn configuration_ids_fit_the_hub(deployment in "\\PC{0,90}", solution in "[a-z0-9][a-z0-9-]{0,62}", name in "[a-z0-9][a-z0-9-]{0,62}") {
        let (solution, name) = (solution.parse().expect("a name"), name.parse().expect("a ring"));
        let id = plan::configuration_id(&solution, &deployment, &name, Digest::of(b"x"));
        prop_assert!(id.len() <= 128 && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", id);
        prop_assert_ne!(id, plan::configuration_id(&solution, &format!("{deployment}x"), &name, Digest::of(b"x")));
    }
}

#[test]
fn conditions_are_joined_and_every_device_is_left_out() {
    assert_eq!(plan::condition(None, "tags.ring = 'a'"), "tags.ring = 'a'");
    assert_eq!(plan::condition(Some("*"), "tags.ring = 'a'"), "tags.ring = 'a'");
    assert_eq!(plan::condition(Some("tags.x = 1 OR tags.y = 2"), "tags.ring = 'a'"), "(tags.x = 1 OR tags.y = 2) AND (tags.ring = 'a')");
    assert_eq!(plan::condition(Some("tags.x = 1"), " * "), "tags.x = 1");
    assert_eq!(plan::condition(None, "*"), "*");
}

/// What a ring would look like in the hub: the configurations of each release, newest highest.
fn standing(names: &[&str]) -> Vec<Standing> {
    let of = |(priority, name): (u32, &&str)| Standing { id: format!("c-{name}"), priority, release: reference(name).id };
    (100..).zip(names).map(of).collect()
}

fn ring_with(names: &[&str], halted: &[&str]) -> RingState {
    let mut chain: Vec<AuditRecord> = Vec::new();
    for name in names {
        let planned = PlannedConfiguration {
            id: format!("c-{name}"),
            deployment: "base".to_owned(),
            priority: 1,
            condition: "*".to_owned(),
            content_digest: Digest::of(b""),
        };
        let last = if halted.contains(name) { Action::Halted } else { Action::Healthy };
        for action in [Action::Requested, Action::Rolling, Action::Baking, last] {
            let configurations = if action == Action::Requested { vec![planned.clone()] } else { Vec::new() };
            let next = record(&chain, action, reference(name), "canary", start(), Detail { configurations, ..Detail::default() });
            chain.push(next);
        }
    }
    RingState::replay(&chain).expect("legal").expect("not empty")
}

#[test]
fn a_rollback_falls_back_to_the_next_good_release_and_removes_what_lies_between() {
    let state = ring_with(&["v1", "v2", "v3", "v4"], &["v3"]);
    let plan = plan::rollback(&state, &standing(&["v1", "v2", "v3", "v4"]), &BTreeSet::from([reference("v2").id])).expect("v1 is good");
    assert_eq!((plan.release, plan.fallback), (reference("v4"), Some(reference("v1"))));
    assert_eq!(plan.remove, ["c-v4", "c-v3", "c-v2"]);
}

#[test]
fn a_rollback_without_anything_below_is_refused() {
    let state = ring_with(&["v1", "v2"], &[]);
    for (found, denied) in [(standing(&["v2"]), BTreeSet::new()), (standing(&["v1", "v2"]), BTreeSet::from([reference("v1").id]))] {
        assert!(matches!(plan::rollback(&state, &found, &denied), Err(ReleaseError::NothingBelow { .. })));
    }
}

#[test]
fn old_configurations_retire_but_never_the_last_good_one() {
    let names = ["v1", "v2", "v3", "v4", "v5"];
    assert_eq!(plan::retired(&ring_with(&names, &[]), &standing(&names)), ["c-v1", "c-v2"]);
    assert_eq!(plan::retired(&ring_with(&names, &["v3", "v4"]), &standing(&names)), ["c-v1"]);
}

#[test]
fn gates_have_three_values_and_the_strongest_wins() {
    let pass = GateResult::pass("a", "");
    let doubt = GateResult::inconclusive("b", "");
    let no = GateResult::fail("c", "");
    assert_eq!(gate::decide(std::slice::from_ref(&pass)), Decision::Proceed);
    assert_eq!(gate::decide(&[pass.clone(), doubt.clone()]), Decision::Paused);
    assert_eq!(gate::decide(&[no, pass, doubt]), Decision::GateFailed);
    assert_eq!(gate::decide(&[]), Decision::GateFailed);
}

/// A model of three rings: what the tool would do with random requests, random health and clocks that jump.
struct Model {
    chains: Vec<Vec<AuditRecord>>,
    denied: BTreeSet<ReleaseName>,
    /// Real seconds since the unbroken health of what each ring runs began, by the model's own bookkeeping.
    well_since: Vec<Option<i64>>,
    now: i64,
    skew: i64,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Promote { release: u8, ring: u8 },
    Look { ring: u8, verdict: u8 },
    Rollback { ring: u8 },
    Wait { seconds: i64 },
    Skew { seconds: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let year = 365 * 86_400_i64;
    let step = prop_oneof![
        4 => (0u8..3, 0u8..3).prop_map(|(release, ring)| Step::Promote { release, ring }),
        8 => (0u8..3, 0u8..8).prop_map(|(ring, verdict)| Step::Look { ring, verdict }),
        1 => (0u8..3).prop_map(|ring| Step::Rollback { ring }),
        4 => (0i64..80).prop_map(|seconds| Step::Wait { seconds }),
        2 => (-year..year).prop_map(|seconds| Step::Skew { seconds }),
    ];
    proptest::collection::vec(step, 1..120)
}

impl Model {
    fn new() -> Self {
        Self { chains: vec![Vec::new(); 3], denied: BTreeSet::new(), well_since: vec![None; 3], now: 0, skew: 0 }
    }

    fn clock(&self) -> Now {
        let real = start() + TimeDelta::seconds(self.now);
        Now { local: real + TimeDelta::seconds(self.skew), hub: Some(real) }
    }

    fn state(&self, ring: usize) -> Option<RingState> {
        RingState::replay(&self.chains[ring]).expect("only legal records are written")
    }

    fn write(&mut self, ring_index: usize, action: Action, release: ReleaseRef, detail: Detail) -> bool {
        let chain = &self.chains[ring_index];
        let time = self.clock().for_record(chain.last().map(|last| last.time));
        let next = record(chain, action, release, ["canary", "early", "broad"][ring_index], time, detail);
        let legal = RingState::apply(self.state(ring_index), &next).is_ok();
        if legal {
            self.chains[ring_index].push(next);
        }
        legal
    }

    fn promote(&mut self, name: &str, ring_index: usize) -> Result<(), TestCaseError> {
        let reference = reference(name);
        let names: Vec<RingName> = ["canary", "early", "broad"].iter().map(|name| ring(name)).collect();
        let before = ring_index.checked_sub(1).and_then(|before| self.state(before));
        let predecessor = ring_index.checked_sub(1).map(|index| Predecessor {
            ring: &names[index],
            state: before.as_ref(),
            bake: BAKE,
            verdict: Some(Verdict::Healthy),
        });
        let denial = bundle::Denial { ring: ring("canary"), reason: String::new() };
        let denied = self.denied.contains(&reference.name).then_some(&denial);
        let gates =
            [gate::deny_list(denied), gate::previous_ring(&reference, predecessor), gate::bake(&reference, predecessor, self.clock()).0];
        if gate::decide(&gates) != Decision::Proceed || !self.write(ring_index, Action::Requested, reference.clone(), Detail::default()) {
            return Ok(());
        }
        // What was let through: the ring before ran this release well for the bake time, by real time.
        if let Some(index) = ring_index.checked_sub(1) {
            let since = self.well_since[index].expect("healthy when it let the release through");
            prop_assert!(self.now - since >= i64::try_from(BAKE.as_secs()).expect("small"), "bake was shortened");
            prop_assert_eq!(before.and_then(|state| state.current), Some(reference.name.clone()));
        }
        prop_assert!(!self.denied.contains(&reference.name));
        prop_assert!(self.write(ring_index, Action::Rolling, reference, Detail::default()));
        self.well_since[ring_index] = None;
        Ok(())
    }

    fn look(&mut self, ring_index: usize, verdict: u8) {
        let Some(state) = self.state(ring_index) else { return };
        let Some((name, entry)) = state.running() else { return };
        let verdict = match verdict {
            0 => Verdict::Failed,
            1 => Verdict::Inconclusive,
            _ => Verdict::Healthy,
        };
        let health = Health { verdict, counts: Counts::default(), restarts: Baseline::new(), findings: BTreeMap::new() };
        let observation = Observation { health: &health, fresh: &health, now: self.clock(), failures: observe::FAILURES_TO_HALT };
        let Some((action, detail)) = observe::next(&state, observation, BAKE) else { return };
        assert!(self.write(ring_index, action, ReleaseRef { name: name.clone(), id: entry.id }, detail), "an observation is legal");
        match action {
            Action::Baking => self.well_since[ring_index] = Some(self.now),
            Action::Healthy => {}
            _ => self.well_since[ring_index] = None,
        }
    }

    fn rollback(&mut self, ring_index: usize) {
        let Some(state) = self.state(ring_index) else { return };
        let (Some((name, entry)), None) = (state.running(), &state.removal) else { return };
        if entry.state == State::RolledBack {
            return;
        }
        let reference = ReleaseRef { name: name.clone(), id: entry.id };
        let lower = state.entries.iter().find(|(name, entry)| entry.state == State::Superseded && !self.denied.contains(*name));
        let fallback = lower.map(|(name, entry)| ReleaseRef { name: name.clone(), id: entry.id });
        let detail = Detail { fallback, ..Detail::default() };
        assert!(self.write(ring_index, Action::RollbackStarted, reference.clone(), detail), "a rollback needs no gate");
        self.denied.insert(reference.name.clone());
        assert!(self.write(ring_index, Action::RolledBack, reference, Detail::default()));
        self.well_since[ring_index] = None;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn whatever_happens_the_invariants_hold(steps in steps()) {
        let mut model = Model::new();
        for step in steps {
            match step {
                Step::Promote { release, ring } => model.promote(["v1", "v2", "v3"][usize::from(release)], usize::from(ring))?,
                Step::Look { ring, verdict } => model.look(usize::from(ring), verdict),
                Step::Rollback { ring } => model.rollback(usize::from(ring)),
                Step::Wait { seconds } => model.now += seconds,
                Step::Skew { seconds } => model.skew = seconds,
            }
        }
        for chain in &model.chains {
            for end in [chain.len() / 2, chain.len()] {
                let chain = chain.get(..end).unwrap_or_default();
                let read = record::verify(&stored(chain), chain.last().map(AuditRecord::digest)).expect("a whole chain");
                let state = RingState::replay(&read).expect("legal");
                let flying = state.iter().flat_map(|state| state.entries.values()).filter(|entry| entry.state.in_flight()).count();
                prop_assert!(flying <= 1, "one promotion in flight");
                if let Some(state) = state {
                    let again: RingState = serde_json::from_slice(&state.bytes()).expect("reads back");
                    prop_assert_eq!(again.bytes(), state.bytes());
                    prop_assert!(state.running().is_none_or(|(_, entry)| entry.state != State::Healthy || entry.healthy_since.is_some()));
                }
            }
        }
    }
}
