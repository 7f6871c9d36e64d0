//! Which deployments reach a device, and what they make of each module's desired properties together.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::Timestamp;
use crate::model::Identity;
use crate::target::Condition;
use crate::target::condition::is_edge_device;

/// A deployment that may reach the device.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) priority: i64,
    pub(super) created: Timestamp,
    pub(super) condition: Condition,
    /// Module id to its entry.
    pub(super) content: Value,
}

/// What the deployments make together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Composition {
    /// The deployment that carries the others.
    pub(super) base: Option<String>,
    /// Ids in the order in which they apply, base first.
    pub(super) applied: Vec<String>,
    /// Ids whose condition is true, sorted.
    pub(super) targeted: Vec<String>,
    /// Module id to desired properties.
    pub(super) effective: BTreeMap<String, Value>,
}

/// Composes what reaches the device of a twin: the highest base, and the layers above it in order.
pub(super) fn effective(candidates: &[Candidate], twin: &Value) -> Composition {
    let mut targeted: Vec<&Candidate> =
        candidates.iter().filter(|candidate| is_edge_device(twin) && candidate.condition.matches(twin)).collect();
    targeted.sort_by(|left, right| (left.priority, left.created, &left.id).cmp(&(right.priority, right.created, &right.id)));
    let base = targeted.iter().rposition(|candidate| candidate.is_base());
    let applied = base.and_then(|place| targeted.get(place..)).unwrap_or_default();
    let mut effective = BTreeMap::new();
    for (module, entry) in applied.iter().filter_map(|candidate| candidate.content.as_object()).flatten() {
        apply(effective.entry(module.clone()).or_insert_with(|| json!({})), entry);
    }
    let ids = |list: &[&Candidate]| list.iter().map(|candidate| candidate.id.clone()).collect::<Vec<_>>();
    let mut all = ids(&targeted);
    all.sort();
    Composition { base: ids(applied).first().cloned(), applied: ids(applied), targeted: all, effective }
}

impl Candidate {
    fn is_base(&self) -> bool {
        self.content.get(Identity::EDGE_AGENT).and_then(|agent| agent.get("properties.desired")).is_some()
    }
}

/// Applies one entry: the whole section first, then the dotted paths from shallow to deep.
fn apply(desired: &mut Value, entry: &Value) {
    let members = entry.as_object().into_iter().flatten();
    let (mut whole, mut paths) = (None, Vec::new());
    for (key, value) in members {
        match key.strip_prefix("properties.desired") {
            Some("") => whole = Some(value),
            Some(path) => paths.push((path.trim_start_matches('.').split('.').collect::<Vec<_>>(), value)),
            None => {}
        }
    }
    if let Some(whole) = whole {
        *desired = whole.clone();
    }
    paths.sort_by_key(|(path, _)| path.len());
    for (path, value) in paths {
        set(desired, &path, value);
    }
}

fn set(target: &mut Value, path: &[&str], value: &Value) {
    let [first, rest @ ..] = path else { return };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    match (rest, value) {
        ([], Value::Null) => drop(members.shift_remove(*first)),
        ([], value) => drop(members.insert((*first).to_owned(), value.clone())),
        (_, Value::Null) if !members.contains_key(*first) => {}
        (rest, value) => set(members.entry((*first).to_owned()).or_insert_with(|| json!({})), rest, value),
    }
}
