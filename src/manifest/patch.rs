//! JSON merge patches (RFC 7396): what differs between two trees, and the way from one to the other. A member of `null` takes the member
//! out; so a tree that holds `null` as a member cannot be reached.

use serde_json::{Map, Value};

/// Changes a value as a patch says.
pub fn apply(value: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Some(members) = value.as_object_mut() else { return };
    for (key, change) in changes {
        if change.is_null() {
            members.shift_remove(key);
        } else {
            apply(members.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

/// Returns the patch that makes `to` of `from`; `None` when they are equal.
///
/// # Errors
/// The path of a `null` that no patch can make.
pub fn difference(from: &Value, to: &Value) -> Result<Option<Value>, Vec<String>> {
    let (Value::Object(old), Value::Object(new)) = (from, to) else {
        if from == to {
            return Ok(None);
        }
        return match null_in(to) {
            Some(path) => Err(path),
            None => Ok(Some(to.clone())),
        };
    };
    let mut changes = Map::new();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        changes.insert(key.clone(), Value::Null);
    }
    for (key, value) in new {
        let below = |path: Vec<String>| -> Vec<String> { std::iter::once(key.clone()).chain(path).collect() };
        let difference = match old.get(key) {
            Some(before) if before.is_object() == value.is_object() => difference(before, value).map_err(below)?,
            // Other kinds are replaced whole, as is what was not there.
            _ => match null_in(value) {
                Some(keys) => return Err(below(keys)),
                None => Some(value.clone()),
            },
        };
        changes.extend(difference.map(|difference| (key.clone(), difference)));
    }
    Ok(if changes.is_empty() { None } else { Some(Value::Object(changes)) })
}

/// Finds a member of `null`, in objects alone: lists are taken as they are.
fn null_in(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Object(members) => members.iter().find_map(|(key, value)| {
            let path = null_in(value)?;
            Some(std::iter::once(key.clone()).chain(path).collect())
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Trees without members of `null`.
    fn trees() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), (0..3).prop_map(Value::from), "[a-b]{0,2}".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn a_null_that_no_patch_makes_is_named() {
        let path = |keys: &[&str]| Err(keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        assert_eq!(difference(&json!({}), &json!({ "a": { "b": null } })), path(&["a", "b"]));
        assert_eq!(difference(&json!({ "a": { "b": 1 } }), &json!({ "a": { "b": null } })), path(&["a", "b"]));
        assert_eq!(difference(&json!({ "a": 1 }), &json!({ "a": [null] })), Ok(Some(json!({ "a": [null] }))));
    }

    #[test]
    fn what_is_equal_needs_no_patch() {
        assert_eq!(difference(&json!({ "a": 1, "b": [] }), &json!({ "b": [], "a": 1 })), Ok(None));
        assert_eq!(difference(&json!({ "a": 1, "b": {} }), &json!({ "a": 2 })), Ok(Some(json!({ "b": null, "a": 2 }))));
    }

    proptest! {
        #[test]
        fn a_patch_leads_from_one_tree_to_the_other(from in trees(), to in trees()) {
            let mut value = from.clone();
            if let Some(patch) = difference(&from, &to).expect("no null") {
                apply(&mut value, &patch);
            }
            prop_assert_eq!(value, to);
        }
    }
}
