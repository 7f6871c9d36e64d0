//! Limits of the hub on desired properties (Microsoft Learn, "Understand and use module twins in IoT Hub", module twin size).

use serde_json::Value;

/// Most bytes of the desired properties of one module, as compact JSON.
pub const SECTION_BYTES: usize = 32 << 10;
/// Most bytes of one text.
pub const TEXT_BYTES: usize = 4 << 10;

/// Says which limit desired properties break, as a fragment behind their name; `None` when they keep all.
pub fn exceeded(desired: &Value) -> Option<String> {
    let bytes = desired.to_string().len();
    if bytes > SECTION_BYTES {
        return Some(format!("have {bytes} bytes, and the hub takes {SECTION_BYTES}"));
    }
    let (path, bytes) = long_text(desired, &mut Vec::new())?;
    Some(format!("have a text of {bytes} bytes at {path}, and the hub takes {TEXT_BYTES}"))
}

fn long_text<'a>(value: &'a Value, path: &mut Vec<&'a str>) -> Option<(String, usize)> {
    match value {
        Value::String(text) if text.len() > TEXT_BYTES => Some((path.join("."), text.len())),
        Value::Array(items) => items.iter().find_map(|item| long_text(item, path)),
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            path.push(name);
            let found = long_text(value, path);
            path.pop();
            found
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_limits_are_inclusive() {
        assert_eq!(exceeded(&json!({ "a": { "b": ["x".repeat(TEXT_BYTES)] } })), None);
        assert_eq!(
            exceeded(&json!({ "a": { "b": ["x".repeat(TEXT_BYTES + 1)] } })).as_deref(),
            Some("have a text of 4097 bytes at a.b, and the hub takes 4096")
        );
        // {"a":["x…",…]} has eight bytes around its items, each of which has three more than its text.
        let full = |last: usize| json!({ "a": std::iter::repeat_n("x".repeat(1021), 31).chain(["x".repeat(last)]).collect::<Vec<_>>() });
        let bytes = |last: usize| full(last).to_string().len();
        let fits = 1021 + SECTION_BYTES - bytes(1021);
        assert_eq!((bytes(fits), exceeded(&full(fits))), (SECTION_BYTES, None));
        assert_eq!(exceeded(&full(fits + 1)).as_deref(), Some("have 32769 bytes, and the hub takes 32768"));
    }
}
