//! Twin documents: how a patch is merged into one, and which patch leads from one to another.

use serde_json::{Map, Value};

/// What a null in a patch does to a member that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Removes it: the patch is applied to a document.
    Delete,
    /// Stays as a value: the patch is added to a patch that waits.
    Keep,
}

/// Merges a patch into a document. Objects merge member by member; arrays and scalars are replaced. A sub-object that is new, or takes
/// the place of another kind of value, is taken as it is, its nulls included.
pub fn merge(base: &mut Map<String, Value>, patch: &Map<String, Value>, nulls: Nulls) {
    for (name, value) in patch {
        match (base.get_mut(name), value) {
            (Some(Value::Object(base)), Value::Object(patch)) => merge(base, patch, nulls),
            (_, Value::Null) if nulls == Nulls::Delete => {
                base.shift_remove(name);
            }
            _ => {
                base.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Returns the patch that leads from one document to another: removed members as null, changed arrays whole.
pub fn diff(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for (name, old) in from {
        match (old, to.get(name)) {
            (_, None) => {
                patch.insert(name.clone(), Value::Null);
            }
            (Value::Object(old), Some(Value::Object(new))) => {
                let inner = diff(old, new);
                if !inner.is_empty() {
                    patch.insert(name.clone(), Value::Object(inner));
                }
            }
            (old, Some(new)) if old != new => {
                patch.insert(name.clone(), new.clone());
            }
            _ => {}
        }
    }
    patch.extend(to.iter().filter(|(name, _)| !from.contains_key(*name)).map(|(name, value)| (name.clone(), value.clone())));
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(kind: &str) -> Vec<Value> {
        let cases = include_str!("../../tests/fixtures/wire.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).expect("case"));
        cases.filter(|case| case["kind"] == kind).collect()
    }

    #[test]
    fn merges_follow_the_product() {
        for case in cases("merge") {
            let mut base = case["base"].as_object().expect("base").clone();
            let nulls = if case["nullDeletes"] == true { Nulls::Delete } else { Nulls::Keep };
            merge(&mut base, case["patch"].as_object().expect("patch"), nulls);
            assert_eq!(Value::Object(base), case["expect"], "{}", case["id"]);
        }
    }

    #[test]
    fn differences_follow_the_product() {
        for case in cases("diff") {
            let (from, to) = (case["from"].as_object().expect("from"), case["to"].as_object().expect("to"));
            assert_eq!(Value::Object(diff(from, to)), case["expect"], "{}", case["id"]);
        }
    }

    #[test]
    fn a_difference_applied_gives_the_other_document() {
        let documents = [
            serde_json::json!({}),
            serde_json::json!({"a": {"b": 1, "c": [1, {"d": 2}]}, "e": true}),
            serde_json::json!({"a": {"c": [1]}, "f": {"g": {"h": 1}}}),
            serde_json::json!({"a": 5, "f": {"g": 2}}),
        ];
        for from in &documents {
            for to in &documents {
                let (from, to) = (from.as_object().expect("object"), to.as_object().expect("object"));
                let mut patched = from.clone();
                merge(&mut patched, &diff(from, to), Nulls::Delete);
                assert_eq!(&patched, to);
            }
        }
    }
}
