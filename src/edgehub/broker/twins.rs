//! Twins as the device keeps them: the last full twin of each client, one patch of reported properties that the hub does not have yet,
//! and what happened to the twin lately.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, Notify};

use super::state::{State, StateError, key};
use crate::base::{Clock, Timestamp};
use crate::edgehub::inspect::TwinStep;
use crate::model::Identity;
use crate::model::twin::{Nulls, diff, merge};

const KIND: &str = "twin";

/// A twin that was synced more recently is not fetched again when the hub comes back; wall-clock time.
const SYNC_SECONDS: i64 = 120;

/// Steps that are kept of each twin.
const STEPS: usize = 100;

/// What is kept of one client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Desired and reported properties; `None` until the hub told them once.
    #[serde(default)]
    desired: Option<Map<String, Value>>,
    #[serde(default)]
    reported: Map<String, Value>,
    #[serde(default)]
    pending: Map<String, Value>,
}

#[derive(Default)]
struct Slot {
    kept: Kept,
    synced: Option<Timestamp>,
    /// Held while the hub is asked, so that answers and patches are taken in the order in which the hub gave them.
    turn: Arc<Mutex<()>>,
    steps: VecDeque<TwinStep>,
}

/// What follows from a patch of desired properties.
#[derive(Debug, PartialEq)]
pub(super) enum Desired {
    /// It fits what is kept; push it.
    Push(Value),
    /// A version is missing: fetch the twin.
    Fetch,
}

/// The twins of a broker.
pub(super) struct Twins {
    state: State,
    clock: Clock,
    slots: Mutex<BTreeMap<String, Slot>>,
    /// Told when there is a patch for the hub.
    pub(super) pending: Notify,
}

impl Twins {
    pub(super) fn open(state: State, clock: Clock) -> Result<Self, StateError> {
        let kept: Vec<(String, Kept)> = state.all(KIND)?;
        let slots = kept.into_iter().map(|(name, kept)| (name, Slot { kept, ..Slot::default() })).collect();
        Ok(Self { state, clock, slots: Mutex::new(slots), pending: Notify::new() })
    }

    /// Returns the twin as kept; one that was never seen is empty. Both parts carry a `$version`, for which SDKs look.
    pub(super) async fn get(&self, identity: &Identity) -> Value {
        let slots = self.slots.lock().await;
        let kept = slots.get(&identity.to_string()).map(|slot| slot.kept.clone()).unwrap_or_default();
        let versioned = |mut members: Map<String, Value>| {
            members.entry("$version").or_insert(0.into());
            members
        };
        json!({"desired": versioned(kept.desired.unwrap_or_default()), "reported": versioned(kept.reported)})
    }

    /// Returns the desired properties, if the hub ever told them.
    pub(super) async fn desired(&self, identity: &Identity) -> Option<Map<String, Value>> {
        self.slots.lock().await.get(&identity.to_string())?.kept.desired.clone()
    }

    /// Returns what is held while the hub is asked about a twin.
    pub(super) async fn turn(&self, identity: &Identity) -> Arc<Mutex<()>> {
        Arc::clone(&self.slots.lock().await.entry(identity.to_string()).or_default().turn)
    }

    /// Takes the full twin from the hub, and returns the patch of desired properties that the client has not seen.
    pub(super) async fn fetched(&self, identity: &Identity, twin: &Value) -> Result<Map<String, Value>, StateError> {
        let part = |name: &str| twin.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let (desired, mut reported) = (part("desired"), part("reported"));
        let mut slots = self.slots.lock().await;
        let slot = slots.entry(identity.to_string()).or_default();
        let patch = diff(&slot.kept.desired.clone().unwrap_or_default(), &desired);
        // What the hub does not have yet still counts here.
        merge(&mut reported, &slot.kept.pending, Nulls::Delete);
        let kept = Kept { desired: Some(desired), reported, pending: slot.kept.pending.clone() };
        if kept != slot.kept {
            self.state.put(key(KIND, identity), Some(&kept)).await?;
            slot.kept = kept;
        }
        slot.synced = Some(self.clock.now());
        Ok(patch)
    }

    /// Takes a patch of desired properties from the hub.
    pub(super) async fn desired_patch(&self, identity: &Identity, patch: &Value) -> Result<Desired, StateError> {
        let version = |members: &Map<String, Value>| members.get("$version").and_then(Value::as_u64);
        let Some(members) = patch.as_object() else { return Ok(Desired::Fetch) };
        let mut slots = self.slots.lock().await;
        let slot = slots.entry(identity.to_string()).or_default();
        let next = slot.kept.desired.as_ref().and_then(version).map(|version| version + 1);
        if next.is_none() || next != version(members) {
            return Ok(Desired::Fetch);
        }
        let mut kept = slot.kept.clone();
        merge(kept.desired.get_or_insert_default(), members, Nulls::Delete);
        self.state.put(key(KIND, identity), Some(&kept)).await?;
        slot.kept = kept;
        slot.synced = Some(self.clock.now());
        Ok(Desired::Push(patch.clone()))
    }

    /// Merges a patch of reported properties and keeps it for the hub. Returns the place of a null that is stored and not obeyed, since
    /// it lies in an object that is new.
    pub(super) async fn reported(&self, identity: &Identity, patch: &Map<String, Value>) -> Result<Option<String>, StateError> {
        let mut slots = self.slots.lock().await;
        let slot = slots.entry(identity.to_string()).or_default();
        let mut kept = slot.kept.clone();
        let stored_null = stored_null(&kept.reported, patch);
        merge(&mut kept.reported, patch, Nulls::Delete);
        merge(&mut kept.pending, patch, Nulls::Keep);
        self.state.put(key(KIND, identity), Some(&kept)).await?;
        slot.kept = kept;
        self.pending.notify_one();
        Ok(stored_null)
    }

    /// Returns whose reported properties the hub does not have yet.
    pub(super) async fn waiting(&self) -> Vec<Identity> {
        let slots = self.slots.lock().await;
        slots.iter().filter(|(_, slot)| !slot.kept.pending.is_empty()).map(|(name, _)| identity_of(name)).collect()
    }

    /// Returns what the hub does not have yet; `None` when it has everything.
    pub(super) async fn waiting_of(&self, identity: &Identity) -> Option<Map<String, Value>> {
        let slots = self.slots.lock().await;
        slots.get(&identity.to_string()).map(|slot| slot.kept.pending.clone()).filter(|pending| !pending.is_empty())
    }

    /// Forgets of what waits that which the hub has taken; what was added meanwhile stays.
    pub(super) async fn delivered(&self, identity: &Identity, patch: &Map<String, Value>) -> Result<(), StateError> {
        let mut slots = self.slots.lock().await;
        let Some(slot) = slots.get_mut(&identity.to_string()) else { return Ok(()) };
        let kept = Kept { pending: left_over(&slot.kept.pending, patch), ..slot.kept.clone() };
        self.state.put(key(KIND, identity), Some(&kept)).await?;
        slot.kept = kept;
        Ok(())
    }

    /// Returns how many seconds ago a known twin was synced: `None` for one that is not known, `Some(None)` for one that was not synced
    /// since the start.
    pub(super) async fn age_seconds(&self, identity: &Identity) -> Option<Option<i64>> {
        let slots = self.slots.lock().await;
        let known = slots.get(&identity.to_string()).filter(|slot| slot.kept.desired.is_some())?;
        Some(known.synced.map(|synced| (self.clock.now() - synced).num_seconds()))
    }

    /// Tells whether a known twin was last synced so long ago that it is fetched when the hub comes back.
    pub(super) async fn is_stale(&self, identity: &Identity) -> bool {
        self.age_seconds(identity).await.is_some_and(|age| age.is_none_or(|seconds| seconds > SYNC_SECONDS))
    }

    /// Notes what happened to a twin; the oldest steps are forgotten.
    pub(super) async fn note(&self, identity: &Identity, event: &str, version: Option<u64>, detail: impl Into<String>) {
        let step = TwinStep { at: self.clock.now(), event: event.to_owned(), version, detail: detail.into() };
        let mut slots = self.slots.lock().await;
        let steps = &mut slots.entry(identity.to_string()).or_default().steps;
        if steps.len() >= STEPS {
            steps.pop_front();
        }
        steps.push_back(step);
    }

    /// Returns what happened to a twin lately, oldest first.
    pub(super) async fn steps(&self, identity: &Identity) -> Vec<TwinStep> {
        self.slots.lock().await.get(&identity.to_string()).map(|slot| slot.steps.iter().cloned().collect()).unwrap_or_default()
    }
}

/// Returns the version of a section or a patch.
pub(super) fn version_of(value: &Value) -> Option<u64> {
    value.get("$version").and_then(Value::as_u64)
}

/// Returns what of a patch that waits was not sent: members that came or changed since.
fn left_over(pending: &Map<String, Value>, sent: &Map<String, Value>) -> Map<String, Value> {
    let mut left = Map::new();
    for (name, value) in pending {
        match (sent.get(name), value) {
            (Some(sent), value) if sent == value => {}
            (Some(Value::Object(sent)), Value::Object(value)) => {
                let inner = left_over(value, sent);
                if !inner.is_empty() {
                    left.insert(name.clone(), Value::Object(inner));
                }
            }
            _ => {
                left.insert(name.clone(), value.clone());
            }
        }
    }
    left
}

/// Returns the path of the first null that a merge stores, because the object around it is new.
fn stored_null(base: &Map<String, Value>, patch: &Map<String, Value>) -> Option<String> {
    fn null_in(members: &Map<String, Value>) -> Option<String> {
        members.iter().find_map(|(name, value)| match value {
            Value::Null => Some(name.clone()),
            Value::Object(inner) => null_in(inner).map(|path| format!("{name}.{path}")),
            _ => None,
        })
    }
    patch.iter().find_map(|(name, value)| {
        let Value::Object(value) = value else { return None };
        let inner = match base.get(name) {
            Some(Value::Object(base)) => stored_null(base, value),
            _ => null_in(value),
        };
        inner.map(|path| format!("{name}.{path}"))
    })
}

/// Reads the text of an identity, as it stands in a key.
pub(super) fn identity_of(name: &str) -> Identity {
    match name.split_once('/') {
        Some((device, module)) => Identity::module(device, module),
        None => Identity::device(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: &Value) -> &Map<String, Value> {
        value.as_object().expect("an object")
    }

    fn opened(folder: &tempfile::TempDir, clock: Clock) -> Twins {
        Twins::open(State::open(&folder.path().join("state.redb")).expect("state"), clock).expect("twins")
    }

    #[tokio::test]
    async fn reported_properties_wait_for_the_hub_over_a_restart() {
        let folder = tempfile::tempdir().expect("folder");
        let module = Identity::module("d", "m");
        let twins = opened(&folder, Clock::System);
        twins.reported(&module, map(&json!({"a": 1, "b": 2}))).await.expect("stored");
        twins.reported(&module, map(&json!({"a": null}))).await.expect("stored");
        assert_eq!(twins.get(&module).await, json!({"desired": {"$version": 0}, "reported": {"b": 2, "$version": 0}}));
        drop(twins);

        let twins = opened(&folder, Clock::System);
        assert_eq!(twins.waiting().await, std::slice::from_ref(&module));
        let sent = twins.waiting_of(&module).await.expect("a patch");
        assert_eq!(Value::Object(sent.clone()), json!({"a": null, "b": 2}));
        twins.reported(&module, map(&json!({"b": 3, "c": 3}))).await.expect("stored");
        twins.delivered(&module, &sent).await.expect("stored");
        let left = twins.waiting_of(&module).await.expect("more was added");
        assert_eq!(Value::Object(left.clone()), json!({"b": 3, "c": 3}));
        twins.delivered(&module, &left).await.expect("stored");
        assert_eq!((twins.waiting().await, twins.waiting_of(&module).await), (Vec::new(), None));
    }

    #[test]
    fn of_a_patch_only_what_was_sent_is_forgotten() {
        for (pending, sent, left) in [
            (json!({"a": 1}), json!({"a": 1}), json!({})),
            (json!({"a": 2, "b": null}), json!({"a": 1, "b": null}), json!({"a": 2})),
            (json!({"a": {"x": 1, "y": 2}}), json!({"a": {"x": 1}}), json!({"a": {"y": 2}})),
            (json!({"a": {"x": null}}), json!({"a": null}), json!({"a": {"x": null}})),
            (json!({"a": [1, 2]}), json!({"a": [1]}), json!({"a": [1, 2]})),
        ] {
            assert_eq!(Value::Object(left_over(map(&pending), map(&sent))), left, "{pending} without {sent}");
        }
    }

    #[test]
    fn a_null_in_a_new_object_is_found() {
        for (base, patch, path) in [
            (json!({}), json!({"b": {"c": null}}), Some("b.c")),
            (json!({"b": 1}), json!({"b": {"c": {"d": null}}}), Some("b.c.d")),
            (json!({"b": {}}), json!({"b": {"c": null}}), None),
            (json!({"b": {}}), json!({"b": {"c": {"d": null}}}), Some("b.c.d")),
            (json!({}), json!({"b": null, "c": {"d": 1}}), None),
        ] {
            assert_eq!(stored_null(map(&base), map(&patch)).as_deref(), path, "{patch} onto {base}");
        }
    }

    #[tokio::test]
    async fn a_gap_in_versions_asks_for_the_whole_twin() {
        let folder = tempfile::tempdir().expect("folder");
        let twins = opened(&folder, Clock::System);
        let module = Identity::module("d", "m");
        assert_eq!(twins.desired_patch(&module, &json!({"a": 1, "$version": 1})).await.expect("kept"), Desired::Fetch);
        let twin = json!({"desired": {"a": 1, "$version": 1}, "reported": {"$version": 1}});
        assert_eq!(Value::Object(twins.fetched(&module, &twin).await.expect("kept")), json!({"a": 1, "$version": 1}));
        let patch = json!({"a": 2, "$version": 2});
        assert_eq!(twins.desired_patch(&module, &patch).await.expect("kept"), Desired::Push(patch.clone()));
        for version in [2, 4] {
            let odd = json!({"a": 4, "$version": version});
            assert_eq!(twins.desired_patch(&module, &odd).await.expect("kept"), Desired::Fetch, "{version}");
        }
        let twin = json!({"desired": {"b": 4, "$version": 4}, "reported": {}});
        assert_eq!(Value::Object(twins.fetched(&module, &twin).await.expect("kept")), json!({"a": null, "b": 4, "$version": 4}));
    }

    #[tokio::test]
    async fn only_a_twin_whose_sync_is_old_by_the_wall_clock_is_stale() {
        let folder = tempfile::tempdir().expect("folder");
        let (clock, shift) = Clock::shifted(std::time::Duration::ZERO);
        let twins = opened(&folder, clock);
        let module = Identity::module("d", "m");
        assert!(!twins.is_stale(&module).await, "it is not known");
        let twin = json!({"desired": {"$version": 1}, "reported": {"$version": 1}});
        twins.fetched(&module, &twin).await.expect("kept");
        assert!(!twins.is_stale(&module).await);
        shift.advance(std::time::Duration::from_secs(122));
        assert!(twins.is_stale(&module).await);
        twins.fetched(&module, &twin).await.expect("kept");
        assert!(!twins.is_stale(&module).await);
        drop(twins);
        assert!(opened(&folder, clock).is_stale(&module).await, "it was not synced since the start");
    }

    #[tokio::test]
    async fn the_steps_of_a_twin_are_bounded() {
        let folder = tempfile::tempdir().expect("folder");
        let twins = opened(&folder, Clock::System);
        let module = Identity::module("d", "m");
        for number in 0..STEPS as u64 + 5 {
            twins.note(&module, "pushed", Some(number), "").await;
        }
        let steps = twins.steps(&module).await;
        assert_eq!((steps.len(), steps.first().and_then(|step| step.version)), (STEPS, Some(5)));
    }
}
