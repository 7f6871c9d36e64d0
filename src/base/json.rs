//! Canonical JSON: object members sorted by name, no white space, so that equal values have equal bytes and digests. And what the
//! JSON reader says of a text.

use serde::Serialize;
use serde_json::Value;

/// Returns the canonical bytes of a value (members sorted bytewise by name at every depth, UTF-8, no white space).
///
/// # Errors
/// When the value has a map key that is no string.
pub fn canonical(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&sorted(serde_json::to_value(value)?))
}

/// Returns what the JSON reader says is wrong, without the place that it adds.
pub fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_order_does_not_change_the_bytes() {
        let left: Value = serde_json::from_str(r#"{"b":[{"y":1,"x":null}],"a":"é"}"#).expect("json");
        let right: Value = serde_json::from_str(r#"{ "a": "é", "b": [ { "x": null, "y": 1 } ] }"#).expect("json");
        assert_eq!(canonical(&left).expect("bytes"), canonical(&right).expect("bytes"));
        assert_eq!(canonical(&left).expect("bytes"), r#"{"a":"é","b":[{"x":null,"y":1}]}"#.as_bytes());
    }
}
