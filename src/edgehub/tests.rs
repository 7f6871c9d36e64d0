//! The shared case file of the wire: answers of the product itself.

use serde_json::Value;

/// Returns the cases of one kind.
pub(crate) fn wire_cases(kind: &str) -> Vec<Value> {
    let text = include_str!("../../tests/fixtures/wire.jsonl");
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a case a line"));
    let cases: Vec<_> = cases.filter(|case| case["kind"] == kind).collect();
    assert!(!cases.is_empty(), "no cases of kind {kind}");
    cases
}
