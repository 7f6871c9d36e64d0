//! Explanations over one device, and their agreement with the evaluator.

use serde_json::{Value, json};

use super::{Reason, Step, explain};
use crate::target::{Condition, Dialect, Truth};

fn device() -> Value {
    json!({
        "deviceId": "edge-02",
        "tags": { "ring": "early", "floor": 2, "flag": "true", "list": [1], "nothing": null, "zero": 0, "location": { "site": "SEA" } },
        "properties": { "reported": { "fw": { "version": "1.5.1" } } }
    })
}

fn explained(text: &str) -> Step {
    explain(&Condition::parse_in(text, Dialect::Extended).expect(text), &device())
}

fn only_cause(text: &str) -> super::Cause {
    let step = explained(text);
    assert_eq!(step.truth, Some(Truth::Undefined), "{text}");
    assert_eq!(step.because.len(), 1, "{text}: {:?}", step.because);
    step.because[0].clone()
}

#[test]
fn each_part_has_its_truth_and_each_attribute_its_value() {
    let step = explained("tags.site != 'x' AND deviceId = 'edge-02'");
    assert_eq!((step.kind, step.truth), ("and", Some(Truth::Undefined)));
    assert_eq!(step.parts.iter().map(|part| part.truth).collect::<Vec<_>>(), [Some(Truth::Undefined), Some(Truth::True)]);
    let attribute = &step.parts[1].parts[0];
    assert_eq!((attribute.text.as_str(), attribute.truth, attribute.value.clone()), ("deviceId", None, Some(json!("edge-02"))));
    assert_eq!(step.parts[1].span, 21..41);
}

#[test]
fn a_missing_attribute_names_its_parent() {
    for (text, path, parent, exists, message) in [
        ("tags.site = 1", "tags.site", Some("tags"), true, "tags.site is missing; its parent tags exists"),
        ("NOT tags.a.b.c = 1", "tags.a.b.c", Some("tags.a.b"), false, "tags.a.b.c is missing, and so is its parent tags.a.b"),
        (
            "tags.ring.x",
            "tags.ring.x",
            Some("tags.ring"),
            true,
            "tags.ring.x is missing; its parent tags.ring exists and is a text, not an object",
        ),
        (
            "properties.reported.os != 'x'",
            "properties.reported.os",
            Some("properties.reported"),
            true,
            "properties.reported.os is missing; its parent properties.reported exists",
        ),
    ] {
        let cause = only_cause(text);
        assert_eq!((cause.reason, cause.path.as_deref(), cause.parent.as_deref()), (Reason::Missing, Some(path), parent), "{text}");
        assert_eq!((cause.parent_exists, cause.message.as_str()), (Some(exists), message), "{text}");
    }
    let nameless = explain(&Condition::parse("deviceId = 'x'").expect("parses"), &json!({}));
    assert_eq!(nameless.because[0].parent, None);
}

#[test]
fn every_other_cause_is_told_apart() {
    for (text, reason) in [
        ("tags.floor = '2'", Reason::TypesDiffer),
        ("tags.nothing = 'x'", Reason::TypesDiffer),
        ("tags.list = 1", Reason::Composite),
        ("tags.location IN ['x']", Reason::Composite),
        ("tags.flag", Reason::NotBoolean),
        ("NOT tags.floor", Reason::NotBoolean),
        ("tags.ring + 1 = 2", Reason::NotNumber),
        ("-tags.ring = 2", Reason::NotNumber),
        ("1 / tags.zero = 1", Reason::DivisionByZero),
        ("1e308 * 10 - 1e308 * 10 = 0", Reason::Overflow),
        ("STARTSWITH(tags.floor, '2')", Reason::Argument),
        ("undefined", Reason::Written),
        ("1 = undefined", Reason::Written),
    ] {
        assert_eq!(only_cause(text).reason, reason, "{text}");
    }
    let message = only_cause("tags.floor = '2'").message;
    assert_eq!(message, "tags.floor is the number 2, '2' is the text '2': values of different types do not compare");
}

#[test]
fn causes_are_said_once_and_only_where_they_matter() {
    let step = explained("tags.a = 1 OR tags.a = 2 OR tags.b = 1");
    assert_eq!(step.because.iter().filter_map(|cause| cause.path.as_deref()).collect::<Vec<_>>(), ["tags.a", "tags.b"]);
    let decided = explained("tags.a = 1 AND deviceId = 'other'");
    assert_eq!((decided.truth, decided.because.len()), (Some(Truth::False), 0));
    assert_eq!(explained("is_defined(tags.a)").parts[0].value, None);
}

#[test]
fn everything_and_nothing_explain_themselves() {
    assert_eq!((explained("*").kind, explained("*").truth), ("everything", Some(Truth::True)));
    assert_eq!((explained("").kind, explained("").truth), ("nothing", Some(Truth::False)));
}

#[test]
fn its_json_has_only_what_is_known() {
    let step = explained("tags.floor + 0.5 = 2.5");
    assert_eq!(
        serde_json::to_value(&step).expect("json"),
        json!({
            "kind": "compare", "text": "tags.floor + 0.5 = 2.5", "span": { "start": 0, "end": 22 }, "truth": "true",
            "parts": [
                { "kind": "arithmetic", "text": "tags.floor + 0.5", "span": { "start": 0, "end": 16 }, "value": 2.5, "parts": [
                    { "kind": "path", "text": "tags.floor", "span": { "start": 0, "end": 10 }, "value": 2 },
                    { "kind": "constant", "text": "0.5", "span": { "start": 13, "end": 16 }, "value": 0.5 }
                ] },
                { "kind": "constant", "text": "2.5", "span": { "start": 19, "end": 22 }, "value": 2.5 }
            ]
        })
    );
}
