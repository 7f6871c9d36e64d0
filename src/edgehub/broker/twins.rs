//! Twins as the device keeps them: the last full twin of each client, and one patch of reported properties that the hub does not have yet.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;

use super::state::{State, StateError, key};
use crate::model::Identity;
use crate::model::twin::{Nulls, diff, merge};

const KIND: &str = "twin";

/// A twin that was synced more recently is not fetched again when the hub comes back.
const SYNC_PERIOD: Duration = Duration::from_mins(2);

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
    synced: Option<Instant>,
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
    slots: Mutex<BTreeMap<String, Slot>>,
    /// Told when there is a patch for the hub.
    pub(super) pending: Notify,
}

impl Twins {
    pub(super) fn open(state: State) -> Result<Self, StateError> {
        let kept: Vec<(String, Kept)> = state.all(KIND)?;
        let slots = kept.into_iter().map(|(name, kept)| (name, Slot { kept, synced: None })).collect();
        Ok(Self { state, slots: Mutex::new(slots), pending: Notify::new() })
    }

    /// Returns the twin as kept; one that was never seen is empty.
    pub(super) async fn get(&self, identity: &Identity) -> Value {
        let slots = self.slots.lock().await;
        let kept = slots.get(&identity.to_string()).map(|slot| slot.kept.clone()).unwrap_or_default();
        json!({"desired": kept.desired.unwrap_or_default(), "reported": kept.reported})
    }

    /// Returns the desired properties, if the hub ever told them.
    pub(super) async fn desired(&self, identity: &Identity) -> Option<Map<String, Value>> {
        self.slots.lock().await.get(&identity.to_string())?.kept.desired.clone()
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
        slot.synced = Some(Instant::now());
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
        slot.synced = Some(Instant::now());
        Ok(Desired::Push(patch.clone()))
    }

    /// Merges a patch of reported properties and keeps it for the hub.
    pub(super) async fn reported(&self, identity: &Identity, patch: &Map<String, Value>) -> Result<(), StateError> {
        let mut slots = self.slots.lock().await;
        let slot = slots.entry(identity.to_string()).or_default();
        let mut kept = slot.kept.clone();
        merge(&mut kept.reported, patch, Nulls::Delete);
        merge(&mut kept.pending, patch, Nulls::Keep);
        self.state.put(key(KIND, identity), Some(&kept)).await?;
        slot.kept = kept;
        self.pending.notify_one();
        Ok(())
    }

    /// Returns what the hub does not have yet, by the text of the identity.
    pub(super) async fn waiting(&self) -> Vec<(String, Map<String, Value>)> {
        let slots = self.slots.lock().await;
        let waiting = slots.iter().filter(|(_, slot)| !slot.kept.pending.is_empty());
        waiting.map(|(name, slot)| (name.clone(), slot.kept.pending.clone())).collect()
    }

    /// Forgets a patch that the hub has taken, unless more was added to it meanwhile.
    pub(super) async fn delivered(&self, identity: &Identity, patch: &Map<String, Value>) -> Result<(), StateError> {
        let mut slots = self.slots.lock().await;
        let Some(slot) = slots.get_mut(&identity.to_string()).filter(|slot| slot.kept.pending == *patch) else { return Ok(()) };
        let kept = Kept { pending: Map::new(), ..slot.kept.clone() };
        self.state.put(key(KIND, identity), Some(&kept)).await?;
        slot.kept = kept;
        Ok(())
    }

    /// Tells whether a known twin was last synced so long ago that it is fetched when the hub comes back.
    pub(super) async fn is_stale(&self, identity: &Identity) -> bool {
        let slots = self.slots.lock().await;
        let known = slots.get(&identity.to_string()).filter(|slot| slot.kept.desired.is_some());
        known.is_some_and(|slot| slot.synced.is_none_or(|synced| synced.elapsed() >= SYNC_PERIOD))
    }
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

    #[tokio::test]
    async fn reported_properties_wait_for_the_hub_over_a_restart() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("state.redb");
        let module = Identity::module("d", "m");
        let twins = Twins::open(State::open(&file).expect("state")).expect("twins");
        twins.reported(&module, map(&json!({"a": 1, "b": 2}))).await.expect("stored");
        twins.reported(&module, map(&json!({"a": null}))).await.expect("stored");
        assert_eq!(twins.get(&module).await, json!({"desired": {}, "reported": {"b": 2}}));
        drop(twins);

        let twins = Twins::open(State::open(&file).expect("state")).expect("twins");
        let waiting = twins.waiting().await;
        assert_eq!(waiting.len(), 1);
        let (name, patch) = waiting.first().expect("one");
        assert_eq!((identity_of(name), Value::Object(patch.clone())), (module.clone(), json!({"a": null, "b": 2})));
        twins.reported(&module, map(&json!({"c": 3}))).await.expect("stored");
        twins.delivered(&module, patch).await.expect("stored");
        assert_eq!(twins.waiting().await.len(), 1, "more was added");
        let newer = twins.waiting().await.remove(0).1;
        twins.delivered(&module, &newer).await.expect("stored");
        assert!(twins.waiting().await.is_empty());
    }

    #[tokio::test]
    async fn a_gap_in_versions_asks_for_the_whole_twin() {
        let folder = tempfile::tempdir().expect("folder");
        let twins = Twins::open(State::open(&folder.path().join("state.redb")).expect("state")).expect("twins");
        let module = Identity::module("d", "m");
        assert_eq!(twins.desired_patch(&module, &json!({"a": 1, "$version": 1})).await.expect("kept"), Desired::Fetch);
        let twin = json!({"desired": {"a": 1, "$version": 1}, "reported": {"$version": 1}});
        assert_eq!(Value::Object(twins.fetched(&module, &twin).await.expect("kept")), json!({"a": 1, "$version": 1}));
        let patch = json!({"a": 2, "$version": 2});
        assert_eq!(twins.desired_patch(&module, &patch).await.expect("kept"), Desired::Push(patch));
        assert_eq!(twins.desired_patch(&module, &json!({"a": 4, "$version": 4})).await.expect("kept"), Desired::Fetch);
        let twin = json!({"desired": {"b": 4, "$version": 4}, "reported": {}});
        assert_eq!(Value::Object(twins.fetched(&module, &twin).await.expect("kept")), json!({"a": null, "b": 4, "$version": 4}));
        assert!(!twins.is_stale(&module).await);
    }
}
