//! Merge patches on tags and properties, and the limits that the service puts on them (IoT Hub, device twins, limits).

use serde_json::{Map, Value};

/// Deepest nesting of objects in a section.
const MAX_DEPTH: usize = 10;
/// Longest text value in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// A part of a twin with limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Tags: 8 KiB.
    Tags,
    /// Desired properties: 32 KiB.
    Desired,
    /// Reported properties: 32 KiB.
    Reported,
}

impl Section {
    /// Returns the name for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Desired => "properties.desired",
            Self::Reported => "properties.reported",
        }
    }

    const fn max_bytes(self) -> usize {
        match self {
            Self::Tags => 8 * 1024,
            Self::Desired | Self::Reported => 32 * 1024,
        }
    }
}

/// A twin section that the service refuses.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LimitError {
    /// The section is no object.
    #[error("{0} must be an object")]
    NoObject(&'static str),
    /// A name has a character that the service keeps for itself.
    #[error("the name `{name}` in {section} has a blank, a control character or one of . $ #")]
    BadName {
        /// Section.
        section: &'static str,
        /// The name.
        name: String,
    },
    /// Objects are nested too deep.
    #[error("{0} is nested deeper than {MAX_DEPTH} objects")]
    TooDeep(&'static str),
    /// A text is too long.
    #[error("the value of `{name}` in {section} is longer than {MAX_VALUE_BYTES} bytes")]
    LongValue {
        /// Section.
        section: &'static str,
        /// Name of the value.
        name: String,
    },
    /// The whole section is too large.
    #[error("{section} would take {bytes} bytes; {limit} is the limit")]
    TooLarge {
        /// Section.
        section: &'static str,
        /// Size as compact JSON.
        bytes: usize,
        /// Largest size.
        limit: usize,
    },
}

/// Merges `patch` into `target`: null deletes, objects merge, everything else replaces; a null never stays anywhere.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

/// Returns a section without the members that the service keeps in it (`$version`, `$metadata`).
pub fn without_system(section: &Value) -> Value {
    match section {
        Value::Object(members) => Value::Object(
            members.iter().filter(|(name, _)| !name.starts_with('$')).map(|(name, value)| (name.clone(), value.clone())).collect(),
        ),
        other => other.clone(),
    }
}

/// Checks names, depth and values of a patch or a whole section.
pub fn check(section: Section, value: &Value) -> Result<(), LimitError> {
    if !value.is_object() {
        return Err(LimitError::NoObject(section.name()));
    }
    check_level(section, "", value, 1)
}

/// Checks the size of a whole section as it would be stored.
pub fn check_size(section: Section, value: &Value) -> Result<(), LimitError> {
    let bytes = value.to_string().len();
    if bytes > section.max_bytes() {
        return Err(LimitError::TooLarge { section: section.name(), bytes, limit: section.max_bytes() });
    }
    Ok(())
}

fn check_level(section: Section, name: &str, value: &Value, depth: usize) -> Result<(), LimitError> {
    match value {
        Value::Object(_) if depth > MAX_DEPTH => Err(LimitError::TooDeep(section.name())),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            let bad = |c: char| c.is_control() || matches!(c, '.' | '$' | '#' | ' ');
            if name.is_empty() || name.contains(bad) {
                return Err(LimitError::BadName { section: section.name(), name: name.clone() });
            }
            check_level(section, name, value, depth + 1)
        }),
        Value::Array(items) => items.iter().try_for_each(|item| check_level(section, name, item, depth)),
        Value::String(text) if text.len() > MAX_VALUE_BYTES => {
            Err(LimitError::LongValue { section: section.name(), name: name.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn null_deletes_and_never_stays() {
        let mut target = json!({ "a": 1, "b": { "c": 2, "d": 3 } });
        merge(&mut target, &json!({ "a": null, "b": { "c": null, "e": { "f": null, "g": 1 } }, "none": null }));
        assert_eq!(target, json!({ "b": { "d": 3, "e": { "g": 1 } } }));
        merge(&mut target, &json!({ "b": [1, 2] }));
        assert_eq!(target, json!({ "b": [1, 2] }));
    }

    #[test]
    fn limits_are_told_by_name() {
        let refused = |value: Value| check(Section::Desired, &value).expect_err("refused").to_string();
        assert_eq!(refused(json!(1)), "properties.desired must be an object");
        assert_eq!(
            refused(json!({ "a": { "b.c": 1 } })),
            "the name `b.c` in properties.desired has a blank, a control character or one of . $ #"
        );
        assert_eq!(refused(json!({ "t": "x".repeat(4097) })), "the value of `t` in properties.desired is longer than 4096 bytes");
        let deep = (0..10).fold(json!({ "x": 1 }), |inner, _| json!({ "x": inner }));
        assert_eq!(refused(deep.clone()), "properties.desired is nested deeper than 10 objects");
        assert_eq!(check(Section::Desired, &deep["x"]), Ok(()));
        let large = json!({ "a": vec!["x".repeat(4000); 3] });
        assert!(matches!(check_size(Section::Tags, &large), Err(LimitError::TooLarge { limit: 8192, .. })));
        assert_eq!(check_size(Section::Reported, &large), Ok(()));
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), (0..9_u8).prop_map(Value::from), "[a-c]{0,2}".prop_map(Value::from)];
        let tree = leaf.prop_recursive(3, 16, 4, |inner| prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|all| json!(all)));
        prop::collection::btree_map("[a-d]", tree, 0..4).prop_map(|all| json!(all))
    }

    proptest! {
        #[test]
        fn a_diff_merged_gives_the_new_document(old in document(), new in document()) {
            let (Some(before), Some(after)) = (old.as_object(), new.as_object()) else { return Ok(()) };
            let patch = Value::Object(crate::model::twin::diff(before, after));
            let mut merged = old.clone();
            merge(&mut merged, &patch);
            prop_assert_eq!(merged, new);
        }
    }
}
