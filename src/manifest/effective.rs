//! Which deployments apply to a device, in which order, and the content that comes out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::base::Timestamp;
use crate::target::{Condition, is_edge_device};

/// A deployment that may apply to a device.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Id of the configuration.
    pub id: String,
    /// Higher wins.
    pub priority: i64,
    /// When it was created; of equal priorities the newer wins.
    pub created: Timestamp,
    /// Which devices it is for.
    pub condition: Condition,
    /// Sections by module: `properties.desired` and keys below it.
    pub content: Map<String, Value>,
}

/// What applies to a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Composition {
    /// The base, if one is targeted; without one the device keeps what it has.
    pub base: Option<String>,
    /// What is applied, base first, in order.
    pub applied: Vec<String>,
    /// What targets the device, sorted.
    pub targeted: Vec<String>,
    /// Desired properties by module; empty without a base.
    pub effective: BTreeMap<String, Value>,
    /// What is doubtful, sorted by code.
    pub lint: BTreeSet<Lint>,
}

/// What is doubtful about a composition; ordered and printed by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// Two bases of equal priority and equal creation time.
    BaseTie,
    /// A layer ordered below the base, so not applied.
    LayerBelowBase,
    /// A layer of the base's priority.
    LayerNotAboveBase,
    /// Two layers of equal priority.
    LayerPriorityTie,
    /// A layer and no base.
    LayerWithoutBase,
    /// A base with keys below `properties.desired`.
    MixedForm,
    /// A module replaced by a higher deployment.
    ModuleOverridden,
    /// A scalar replaced to make room for a deeper path.
    PathTypeConflict,
    /// A route replaced by a higher deployment.
    RouteOverridden,
    /// A module's desired properties replaced as a whole.
    TwinOverwritten,
}

impl Lint {
    /// Returns the stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BaseTie => "base-tie",
            Self::LayerBelowBase => "layer-below-base",
            Self::LayerNotAboveBase => "layer-not-above-base",
            Self::LayerPriorityTie => "layer-priority-tie",
            Self::LayerWithoutBase => "layer-without-base",
            Self::MixedForm => "mixed-form",
            Self::ModuleOverridden => "module-overridden",
            Self::PathTypeConflict => "path-type-conflict",
            Self::RouteOverridden => "route-overridden",
            Self::TwinOverwritten => "twin-overwritten",
        }
    }
}

const DESIRED: &str = "properties.desired";

impl Candidate {
    /// Tells whether the deployment carries everything, and is no layer: its agent section has the whole `properties.desired`.
    pub fn is_base(&self) -> bool {
        self.content.get("$edgeAgent").and_then(|agent| agent.get(DESIRED)).is_some()
    }

    fn has_dotted_keys(&self) -> bool {
        let keys = self.content.values().filter_map(Value::as_object).flat_map(Map::keys);
        keys.into_iter().any(|key| key.starts_with("properties.desired."))
    }
}

/// Composes what applies to the device of a twin document. The order of the candidates does not matter.
pub fn effective(candidates: &[Candidate], twin: &Value) -> Composition {
    let mut composition = Composition::default();
    if !is_edge_device(twin) {
        return composition;
    }
    let mut targeted: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.condition.matches(twin)).collect();
    targeted.sort_by(|left, right| (left.priority, left.created, &left.id).cmp(&(right.priority, right.created, &right.id)));
    composition.targeted = targeted.iter().map(|candidate| candidate.id.clone()).collect();
    composition.targeted.sort();

    let winner = targeted.iter().rposition(|candidate| candidate.is_base());
    composition.lint = order_lint(&targeted, winner);
    let Some(applied) = winner.and_then(|winner| targeted.get(winner..)) else { return composition };
    composition.base = applied.first().map(|base| base.id.clone());
    composition.applied = applied.iter().map(|candidate| candidate.id.clone()).collect();
    if applied.first().is_some_and(|base| base.has_dotted_keys()) {
        composition.lint.insert(Lint::MixedForm);
    }
    for (index, candidate) in applied.iter().enumerate() {
        apply(candidate, index > 0, &mut composition);
    }
    composition
}

/// Finds what is doubtful about the order alone.
fn order_lint(targeted: &[&Candidate], winner: Option<usize>) -> BTreeSet<Lint> {
    let mut lint = BTreeSet::new();
    let layers: Vec<(usize, &&Candidate)> = targeted.iter().enumerate().filter(|(_, candidate)| !candidate.is_base()).collect();
    let bases: Vec<&&Candidate> = targeted.iter().filter(|candidate| candidate.is_base()).collect();
    if bases.windows(2).any(|pair| (pair[0].priority, pair[0].created) == (pair[1].priority, pair[1].created)) {
        lint.insert(Lint::BaseTie);
    }
    if layers.windows(2).any(|pair| pair[0].1.priority == pair[1].1.priority) {
        lint.insert(Lint::LayerPriorityTie);
    }
    match winner.and_then(|winner| targeted.get(winner).map(|base| (winner, base.priority))) {
        None if !layers.is_empty() => {
            lint.insert(Lint::LayerWithoutBase);
        }
        None => {}
        Some((winner, priority)) => {
            if layers.iter().any(|(place, _)| *place < winner) {
                lint.insert(Lint::LayerBelowBase);
            }
            if layers.iter().any(|(_, layer)| layer.priority == priority) {
                lint.insert(Lint::LayerNotAboveBase);
            }
        }
    }
    lint
}

/// Applies one deployment over what lies below it: whole sections first, then keys below them, shallow before deep.
fn apply(candidate: &Candidate, over: bool, composition: &mut Composition) {
    for (module, section) in &candidate.content {
        let Some(section) = section.as_object() else { continue };
        if let Some(whole) = section.get(DESIRED) {
            let before = composition.effective.insert(module.clone(), whole.clone());
            if over && before.is_some() {
                composition.lint.insert(Lint::TwinOverwritten);
            }
        }
        let mut dotted: Vec<(Vec<&str>, &Value)> = section
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("properties.desired.")?.split('.').collect(), value)))
            .collect();
        dotted.sort_by(|left, right| (left.0.len(), &left.0).cmp(&(right.0.len(), &right.0)));
        for (path, value) in dotted {
            if let Some(lint) = overridden(module, &path, composition.effective.get(module)) {
                composition.lint.insert(lint);
            }
            let target = composition.effective.entry(module.clone()).or_insert_with(|| Value::Object(Map::new()));
            if set(target, &path, value) {
                composition.lint.insert(Lint::PathTypeConflict);
            }
        }
    }
}

/// Tells whether a key replaces a module or a route that lies below.
fn overridden(module: &str, path: &[&str], below: Option<&Value>) -> Option<Lint> {
    let lint = match (module, path) {
        ("$edgeAgent", ["modules", _]) => Lint::ModuleOverridden,
        ("$edgeHub", ["routes", _]) => Lint::RouteOverridden,
        _ => return None,
    };
    path.iter().try_fold(below?, |value, name| value.get(name)).map(|_| lint)
}

/// Sets a path to a value, whole; null removes it. Returns whether a scalar had to make room.
fn set(target: &mut Value, path: &[&str], value: &Value) -> bool {
    let mut conflict = false;
    let Some((last, parents)) = path.split_last() else { return false };
    let present = path.iter().try_fold(&*target, |value, name| value.get(name)).is_some();
    if value.is_null() && !present {
        return false;
    }
    let mut place = target;
    for name in std::iter::once(None).chain(parents.iter().map(Some)) {
        if let Some(name) = name {
            let Some(members) = place.as_object_mut() else { return conflict };
            place = members.entry((*name).to_owned()).or_insert_with(|| Value::Object(Map::new()));
        }
        if !place.is_object() {
            conflict |= !place.is_null();
            *place = Value::Object(Map::new());
        }
    }
    let Some(members) = place.as_object_mut() else { return conflict };
    if value.is_null() {
        members.shift_remove(*last);
    } else {
        members.insert((*last).to_owned(), value.clone());
    }
    conflict
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn candidate(row: &Value) -> Candidate {
        Candidate {
            id: row["id"].as_str().expect("an id").to_owned(),
            priority: row["priority"].as_i64().expect("a priority"),
            created: row["createdTimeUtc"].as_str().and_then(|time| time.parse().ok()).expect("a time"),
            condition: row["targetCondition"].as_str().and_then(|text| Condition::parse(text).ok()).expect("a condition"),
            content: row["modulesContent"].as_object().expect("content").clone(),
        }
    }

    #[test]
    fn developer_cases_hold() {
        let text = include_str!("../../tests/fixtures/cases/layering.dev.jsonl");
        assert_eq!(text.lines().count(), 22);
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).expect("a row");
            let candidates: Vec<Candidate> = row["deployments"].as_array().expect("deployments").iter().map(candidate).collect();
            let found = effective(&candidates, &row["device"]);
            // Without a base the device keeps what it had.
            let content = if found.base.is_some() { json!(found.effective) } else { row.get("previous").cloned().unwrap_or(json!({})) };
            let actual = json!({
                "base": found.base,
                "applied": found.applied,
                "targeted": found.targeted,
                "effective": content,
                "lint": found.lint.iter().map(|lint| lint.code()).collect::<Vec<_>>(),
            });
            assert_eq!(actual, row["expect"], "{}", row["id"]);
        }
    }

    #[test]
    fn codes_are_in_order() {
        let all = [Lint::BaseTie, Lint::LayerBelowBase, Lint::LayerNotAboveBase, Lint::LayerPriorityTie, Lint::LayerWithoutBase];
        let more = [Lint::MixedForm, Lint::ModuleOverridden, Lint::PathTypeConflict, Lint::RouteOverridden, Lint::TwinOverwritten];
        let codes: Vec<&str> = all.into_iter().chain(more).map(Lint::code).collect();
        assert!(codes.is_sorted());
    }
}
