//! Findings of conditions, with and without a fleet.

use std::path::Path;

use proptest::prelude::*;

use super::{Lint, Reading};
use crate::base::finding::Severity;
use crate::target::fleet::{self, FleetFormat, FleetIndex, Schema};
use crate::target::{Condition, Dialect};

const FLEET: &str = r#"{"deviceId":"a","tags":{"ring":"canary","line":1,"features":["vision"],"fw":"1.5.1","pilot":true}}
{"deviceId":"b","tags":{"ring":"early","line":2,"features":["audio"]}}
{"deviceId":"c","tags":{"line":"3"}}
{"deviceId":"d"}
"#;

fn index(reading: &Reading) -> FleetIndex {
    let schema = Schema::of(reading.condition());
    fleet::read(&mut FLEET.as_bytes(), Path::new("fleet.jsonl"), FleetFormat::Auto, schema, &mut |_| {}).expect("a fleet")
}

fn lint_in(text: &str, dialect: Dialect) -> Vec<Lint> {
    Reading::of(text, dialect).lint(None)
}

fn lint(text: &str) -> Vec<Lint> {
    lint_in(text, Dialect::Strict)
}

fn lint_with_fleet(text: &str) -> Vec<Lint> {
    let reading = Reading::of(text, Dialect::Strict);
    reading.lint(Some(&index(&reading)))
}

/// Returns code and text of each finding.
fn shown<'t>(text: &'t str, lints: &[Lint]) -> Vec<(String, &'t str)> {
    let name = |lint: &Lint| lint.code.strip_prefix("target/").expect("its room").to_owned();
    lints.iter().map(|lint| (name(lint), text.get(lint.span.clone()).expect("inside"))).collect()
}

#[track_caller]
fn finds(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, &str)> = expected.iter().map(|(code, part)| ((*code).to_owned(), *part)).collect();
    assert_eq!(shown(text, &lint(text)), expected, "{text}");
}

#[track_caller]
fn mended(text: &str) -> String {
    let lints = lint(text);
    let fix = lints.iter().find_map(|lint| lint.fix.as_ref()).expect("a fix");
    fix.apply(text).expect("edits fit")
}

#[test]
fn plain_conditions_have_no_findings() {
    for text in [
        "tags.ring = 'canary'",
        "tags.ring = 'canary' AND NOT (deviceId = 'x')",
        "is_defined(tags.ring)",
        "NOT is_defined(tags.ring)",
        "NOT is_defined(tags.ring) OR tags.ring != 'canary'",
        "is_defined(tags.ring) AND tags.ring NIN ['canary']",
        "NOT (is_defined(tags.ring) AND tags.ring = 'canary')",
        "deviceId != 'x'",
        "tags.when > '2026-11-01'",
        "tags.floor > 1.5",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn faults_are_errors_at_their_place() {
    finds("tags.a = \"x\"", &[("double-quote", "\"x\"")]);
    finds("tags.a = 'x';", &[("trailing-semicolon", ";")]);
    finds("(tags.a = 1", &[("unbalanced", "(")]);
    finds("tags.a 'x'", &[("missing-operator", "'x'")]);
    finds("tags.a IN ('x')", &[("in-array", "(")]);
    finds("tags.group.region = 'US'", &[("reserved-word", "group")]);
    finds("capabilities.iotEdge = true", &[("root-not-allowed", "capabilities")]);
    finds("properties.desired.fw = 1", &[("root-not-allowed", "properties")]);
    finds("tag.ring = 'x'", &[("tag-singular", "tag")]);
    finds("deviceid = 'x'", &[("case-deviceid", "deviceid")]);
    finds("regex(tags.a, 'x')", &[("dialect", "regex")]);
    assert!(lint("status = 'x'").iter().all(|lint| lint.severity == Severity::Error));
}

#[test]
fn reading_goes_on_behind_what_is_plain() {
    let text = "tag.ring == \"canary\" AND NOT deviceid = 'x';";
    finds(
        text,
        &[
            ("tag-singular", "tag"),
            ("foreign-operator", "=="),
            ("double-quote", "\"canary\""),
            ("not-precedence", "NOT deviceid = 'x'"),
            ("case-deviceid", "deviceid"),
            ("trailing-semicolon", ";"),
        ],
    );
    assert!(lint(text).iter().all(|lint| lint.fix.is_some()));
    let edits: Vec<_> = lint(text).into_iter().filter_map(|lint| lint.fix).flat_map(|fix| fix.edits).collect();
    let fixed = crate::base::finding::apply(text, &edits).expect("edits fit");
    assert_eq!(fixed, "tags.ring = 'canary' AND NOT (deviceId = 'x')");
}

#[test]
fn a_negation_skips_devices_without_the_attribute() {
    for text in ["tags.ring != 'x'", "tags.ring <> 'x'", "tags.ring NIN ['x']", "NOT (tags.ring = 'x')", "NOT tags.ring"] {
        finds(text, &[("skips-undefined", text)]);
        assert_eq!(mended(text), format!("NOT is_defined(tags.ring) OR {text}"));
        assert!(lint(&mended(text)).is_empty());
    }
    let text = "tags.a = 1 AND tags.ring != 'x'";
    finds(text, &[("skips-undefined", "tags.ring != 'x'")]);
    assert_eq!(mended(text), "tags.a = 1 AND (NOT is_defined(tags.ring) OR tags.ring != 'x')");
    assert!(lint(&mended(text)).is_empty());
    finds("tags.a != tags.b", &[("skips-undefined", "tags.a != tags.b"), ("skips-undefined", "tags.a != tags.b")]);
}

#[test]
fn not_wants_parentheses() {
    let text = "tags.x AND NOT deviceId = 'x'";
    finds(text, &[("not-precedence", "NOT deviceId = 'x'")]);
    assert_eq!(mended(text), "tags.x AND NOT (deviceId = 'x')");
    finds("NOT deviceId IN ['x']", &[("not-precedence", "NOT deviceId IN ['x']")]);
    finds("NOT (deviceId) = 'x'", &[("not-precedence", "NOT (deviceId) = 'x'")]);
    finds("NOT ( deviceId = 'x' )", &[]);
}

#[test]
fn texts_are_looked_at() {
    finds("tags.fw < '1.10.0'", &[("text-version", "tags.fw < '1.10.0'")]);
    finds("'v2.1' <= tags.fw", &[("text-version", "'v2.1' <= tags.fw")]);
    finds("tags.fw = '1.10.0'", &[]);
    finds("tags.site = 'Köln / Süd'", &[("value-chars", "'Köln / Süd'")]);
    finds("tags.site IN ['a', 'O''Brien']", &[("value-chars", "'O''Brien'")]);
    finds("deviceId = 'Dev:1.2+a%b_c#d*e?f!(g),h=i@j;k$l-'", &[]);
    let message = &lint("tags.a = 'a b\u{1}'")[0].message;
    assert_eq!(message, "values are not documented to have the control character \\u{1}, a blank; a hub may refuse this");
}

#[test]
fn constant_conditions_are_told() {
    for text in
        ["", "false", "1", "'x'", "null", "'a' = 'b'", "false AND tags.a", "tags.a = undefined", "NOT true", "deviceId", "tags.a + 1"]
    {
        assert_eq!(shown(text, &lint(text)), [("matches-nobody".to_owned(), text)], "{text}");
    }
    for text in ["*", "true", "1 = 1", "true OR tags.a = 1", "is_defined(deviceId)", "NOT false"] {
        assert_eq!(shown(text, &lint(text)), [("matches-all".to_owned(), text)], "{text}");
        assert_eq!(lint(text)[0].severity, Severity::Note);
    }
    let both = lint("tags.ring = 'a' AND tags.ring = 'b'");
    assert_eq!(both[0].message, "tags.ring cannot be 'a' and 'b' at once, so this selects no device");
    finds("tags.ring = 'a' AND tags.ring = 'a'", &[]);
    finds("tags.ring = 'a' OR tags.ring = 'b'", &[]);
}

#[test]
fn functions_are_errors_or_warnings_by_dialect() {
    let text = "STARTSWITH(tags.a, 'x') AND LENGTH(tags.b) = 1";
    finds(text, &[("dialect", "STARTSWITH(tags.a, 'x')"), ("dialect", "LENGTH(tags.b)")]);
    assert!(lint(text).iter().all(|lint| lint.severity == Severity::Error));
    let extended = lint_in(text, Dialect::Extended);
    assert_eq!(extended.len(), 2);
    assert!(extended.iter().all(|lint| lint.severity == Severity::Warning));
    assert!(lint_in("NOT IS_STRING(tags.a)", Dialect::Extended).iter().all(|lint| lint.code == "target/dialect"));
}

#[test]
fn a_fleet_counts_the_devices() {
    let found = |text: &str| -> Vec<(String, Option<u64>)> {
        lint_with_fleet(text).iter().map(|lint| (lint.code.trim_start_matches("target/").to_owned(), lint.devices)).collect()
    };
    assert_eq!(found("tags.ring != 'canary'"), [("skips-undefined".to_owned(), Some(2))]);
    assert_eq!(found("tags.line = '1'"), [("matches-nobody".to_owned(), Some(0)), ("type-mismatch".to_owned(), Some(2))]);
    assert_eq!(found("tags.line IN ['3', 'x']"), [("type-mismatch".to_owned(), Some(2))]);
    assert_eq!(found("tags.line IN ['3', 1]"), []);
    assert_eq!(found("tags.features = 'vision'"), [("array-compare".to_owned(), Some(2)), ("matches-nobody".to_owned(), Some(0))]);
    assert_eq!(found("tags.ring = 'broad'"), [("matches-nobody".to_owned(), Some(0))]);
    assert_eq!(found("*"), [("matches-all".to_owned(), Some(4))]);
    assert_eq!(found("tags.ring = 'canary'"), []);
    assert_eq!(lint_with_fleet("tags.ring != 'canary'")[0].message, "this skips 2 devices without tags.ring");
    let mismatch = lint_with_fleet("tags.line = '1'").remove(1);
    assert_eq!(mismatch.message, "tags.line is a number on most devices and '1' is a text: never true for 2 devices");
    assert_eq!(mismatch.fix.and_then(|fix| fix.apply("tags.line = '1'")).as_deref(), Some("tags.line = 1"));
}

#[test]
fn endless_faults_end() {
    let lints = lint(&"tags.a == 1 AND ".repeat(1000));
    assert_eq!(lints.len(), super::REPAIRS + 1);
    for text in ["(".repeat(10_000), "NOT ".repeat(10_000), "-".repeat(10_000), "\0".to_owned(), "\"".repeat(10_000)] {
        assert!(lint(&text).iter().any(|lint| lint.severity == Severity::Error));
    }
    let long = format!("tags.a = '{}'", "x".repeat(16 << 20));
    assert!(lint(&long).is_empty());
}

proptest! {
    #[test]
    fn findings_stand_in_the_text_and_their_fixes_fit(parts in prop::collection::vec(prop::sample::select(vec![
        "tags.", "tag.", "a", "group", "[[", "]]", "'x'", "\"x\"", "(", ")", "[", "]", ",", "NOT ", " IN ", " NIN ", " != ", " == ", "-", "1", "é", "'",
        "deviceId", "deviceid", "is_defined", "LENGTH", " AND ", " || ", ";", "TRUE", "\n", "tags.a", "1.2.3", "'1.2'", " < ",
    ]), 0..16)) {
        let text = parts.concat();
        for dialect in [Dialect::Strict, Dialect::Extended] {
            let reading = Reading::of(&text, dialect);
            let index = index(&reading);
            let lints = reading.lint(Some(&index));
            for lint in &lints {
                prop_assert!(text.get(lint.span.clone()).is_some(), "{:?} {:?}", text, lint);
                prop_assert!(lint.fix.as_ref().is_none_or(|fix| fix.apply(&text).is_some()), "{:?} {:?}", text, lint);
            }
            let refused = lints.iter().any(|lint| lint.severity == Severity::Error);
            prop_assert_eq!(refused, Condition::parse_in(&text, dialect).is_err(), "{:?} {:?}", text, lints);
        }
    }
}
