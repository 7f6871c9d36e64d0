//! What a change does to the properties of a twin.

use serde_json::{Value, json};

/// Returns the version of desired properties; 0 when they carry none.
pub fn version(properties: &Value) -> u64 {
    properties["$version"].as_u64().unwrap_or_default()
}

/// Merges a patch into properties; null removes.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, change) in changes {
        match target.as_object_mut() {
            Some(members) if change.is_null() => drop(members.remove(key)),
            Some(members) => merge(members.entry(key.as_str()).or_insert(Value::Null), change),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_adds_and_removes() {
        let mut desired =
            json!({ "threshold": 25, "deep": { "a": 1, "b": 2 }, "old": true, "$version": 1 });
        merge(
            &mut desired,
            &json!({ "threshold": 30, "deep": { "a": null, "c": { "d": null, "e": 1 } }, "old": null, "$version": 2 }),
        );
        assert_eq!(
            desired,
            json!({ "threshold": 30, "deep": { "b": 2, "c": { "e": 1 } }, "$version": 2 })
        );
    }
}
