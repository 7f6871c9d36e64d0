//! The developer cases, the refused inputs with their faults, and properties of any text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Condition, Dialect, Fault, Truth, explain};

mod language;

#[test]
fn developer_cases_hold() {
    let rows = include_str!("../../tests/fixtures/cases/target_conditions.dev.jsonl");
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let dialect = if row["dialect"] == "extended" { Dialect::Extended } else { Dialect::Strict };
        compared += 1;
        let condition = row["condition"].as_str().expect("text");
        let actual = Condition::parse_in(condition, dialect).map_or(json!("error"), |parsed| json!(parsed.matches(&row["device"])));
        if actual != row["expect"] {
            wrong.push(format!("{} ({}): {condition:?} gave {actual}", row["id"], row["confidence"]));
        }
    }
    assert_eq!(compared, 126);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fault(text: &str) -> (Fault, usize) {
    let error = Condition::parse(text).expect_err(text);
    (error.fault, error.column)
}

#[test]
fn faults_name_their_place() {
    for (text, expected) in [
        ("deviceId = \"a\"", (Fault::DoubleQuote, 12)),
        ("tags.a = 'x", (Fault::Unclosed, 10)),
        ("tags.[[a = 'x'", (Fault::Unclosed, 6)),
        ("tags.a = 'x';", (Fault::Semicolon, 13)),
        ("tags.a == 'x'", (Fault::ForeignOperator, 8)),
        ("tags.a = 'x' && tags.b = 1", (Fault::ForeignOperator, 14)),
        ("tags.a BETWEEN 1 AND 2", (Fault::ForeignOperator, 8)),
        ("(tags.a = 1", (Fault::Unbalanced, 1)),
        ("tags.a = 1)", (Fault::Unbalanced, 11)),
        ("tags.a 'x'", (Fault::MissingOperator, 8)),
        ("tags.a = 1 = 2", (Fault::MissingOperator, 12)),
        ("tags.a = 1 AND", (Fault::MissingOperand, 15)),
        ("tags.a = ", (Fault::MissingOperand, 10)),
        ("tags.a IN ('x')", (Fault::InArray, 11)),
        ("tags.a IN []", (Fault::InArray, 12)),
        ("tags.a IN ['x',]", (Fault::InArray, 16)),
        ("tags.a IN [tags.b]", (Fault::InArray, 12)),
        ("status = 'x'", (Fault::RootNotAllowed, 1)),
        ("properties.desired.a = 1", (Fault::RootNotAllowed, 1)),
        ("tag.a = 1", (Fault::TagSingular, 1)),
        ("deviceid = 'x'", (Fault::CaseDeviceId, 1)),
        ("tags..a = 1", (Fault::BadPath, 6)),
        ("tags = 'x'", (Fault::BadPath, 6)),
        ("deviceId.x = 1", (Fault::BadPath, 12)),
        ("tags.group.a = 1", (Fault::ReservedWord, 6)),
        ("STARTSWITH(tags.a, 'x')", (Fault::Dialect, 1)),
        ("SELECT * FROM devices", (Fault::QueryForm, 1)),
        ("tags.a = 1x", (Fault::BadNumber, 10)),
        ("tags.größe = 1", (Fault::BadCharacter, 8)),
        ("tags.a = 'say \"hi\"'", (Fault::DoubleQuote, 15)),
        ("tags.[[a\"]] = 1", (Fault::DoubleQuote, 9)),
        ("tags.a\u{c}= 1", (Fault::BadCharacter, 7)),
        ("tags.a\u{a0}= 1", (Fault::BadCharacter, 7)),
        ("tags.a = 1\0", (Fault::BadCharacter, 11)),
        ("regex(tags.a, 'p')", (Fault::Dialect, 1)),
    ] {
        assert_eq!(fault(text), expected, "{text}");
    }
}

#[test]
fn an_error_shows_the_condition_with_a_caret() {
    let error = Condition::parse("tags.a = 1 AND\ntags.my-tag = 'x'").expect_err("refused");
    assert_eq!(error.to_string(), "target condition 2:9: conditions cannot read `tag`\n  | tags.my-tag = 'x'\n  |         ^^^");
    assert_eq!(crate::base::Diagnose::hints(&error), ["A name with a dash is written in brackets: [[my-tag]]."]);
}

#[test]
fn depth_is_bounded_and_length_is_not() {
    let nested = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Condition::parse(&nested(100)).is_ok());
    for text in [nested(10_000), "NOT ".repeat(10_000), "-".repeat(10_000), "(".repeat(10_000)] {
        assert_eq!(Condition::parse(&text).expect_err("too deep").fault, Fault::TooDeep);
    }
    let long = vec!["deviceId = 'd'"; 50_000].join(" OR ");
    assert!(Condition::parse(&long).expect("long").matches(&json!({ "deviceId": "d" })));
    assert_eq!(Condition::parse(&format!("1{} = 0", " + 1".repeat(50_000))).expect("long").truth(&json!({})), Truth::False);
}

#[test]
fn a_missing_attribute_is_neither_equal_nor_different() {
    let twin = json!({ "deviceId": "d", "tags": { "list": [1], "nothing": null } });
    for text in ["tags.ring = 'a'", "tags.ring != 'a'", "NOT tags.ring = 'a'", "tags.ring NIN ['a']", "tags.list = 1", "tags.nothing = 1"] {
        assert_eq!(Condition::parse(text).expect(text).truth(&twin), Truth::Undefined, "{text}");
    }
    for text in ["is_defined(tags.nothing)", "NOT is_defined(tags.ring)", "tags.ring = 'a' OR deviceId = 'd'", "tags.nothing = null"] {
        assert!(Condition::parse(text).expect(text).matches(&twin), "{text}");
    }
}

/// Texts that parse, built from the grammar.
fn conditions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("deviceId".to_owned()),
        "tags\\.[a-c_$]{1,3}",
        "tags\\.\\[\\[[^\\]\n]{1,4}\\]\\]",
        "properties\\.reported\\.fw(\\.v)?",
        "[0-9]{1,4}(\\.[0-9]{1,3})?",
        "'([a-z ]|''){0,4}'",
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("undefined".to_owned()),
        Just("is_defined(tags.a)".to_owned()),
        Just("tags.a IN ['x', -1, null]".to_owned()),
        Just("STARTSWITH(tags.a, 'x')".to_owned()),
        Just("array_contains(tags.a, -1)".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), "(=|!=|<|>=|\\+|-|\\*|%|AND|or)", inner.clone())
                .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
            (inner.clone(), "(AND|OR)", inner.clone()).prop_map(|(left, word, right)| format!("NOT {left} {word} {right}")),
            inner.clone().prop_map(|inner| format!("-({inner})")),
            ("(LENGTH|Is_Null|ABS)", inner).prop_map(|(name, inner)| format!("{name}({inner})")),
        ]
    })
}

/// Twins whose attributes are those that the conditions above name, of every type.
fn twins() -> impl Strategy<Value = Value> {
    let value = prop::sample::select(vec![
        json!("x"),
        json!("a"),
        json!(1),
        json!(-1),
        json!(0),
        json!(true),
        json!(false),
        json!(null),
        json!(["x", -1]),
        json!({ "v": 1 }),
    ]);
    (prop::collection::btree_map("[a-c]", value.clone(), 0..3), prop::option::of(value)).prop_map(|(tags, firmware)| {
        let reported = firmware.map_or(json!({}), |firmware| json!({ "fw": firmware }));
        json!({ "deviceId": "d", "tags": tags, "properties": { "reported": reported } })
    })
}

/// Returns the truth of each part that stands as a condition, as the parts below it demand.
fn agrees(step: &explain::Step) -> bool {
    let truths: Vec<Truth> = step.parts.iter().filter_map(|part| part.truth).collect();
    let demanded = match step.kind {
        "and" if truths.contains(&Truth::False) => Truth::False,
        "or" if truths.contains(&Truth::True) => Truth::True,
        "and" | "or" if truths.iter().all(|truth| *truth == truths[0]) => truths[0],
        "and" | "or" => Truth::Undefined,
        "not" => !truths[0],
        _ => return step.parts.iter().all(agrees),
    };
    step.truth.is_none_or(|truth| truth == demanded) && step.parts.iter().all(agrees)
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        drop(Condition::parse(&text));
    }

    #[test]
    fn no_soup_of_tokens_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "tags.", "a", "[[", "]]", "'", "''", "(", ")", "[", "]", ",", "NOT ", " IN ", "=", "-", "1", "0x", "1.", "é", "\"", "deviceId", "is_defined", "\n",
    ]), 0..20)) {
        drop(Condition::parse(&parts.concat()));
    }

    #[test]
    fn canonical_text_parses_to_the_same(text in conditions()) {
        for dialect in [Dialect::Strict, Dialect::Extended] {
            let Ok(parsed) = Condition::parse_in(&text, dialect) else { continue };
            let printed = parsed.to_string();
            let again = Condition::parse_in(&printed, dialect).expect("canonical text parses");
            prop_assert_eq!(&again, &parsed, "{}", printed);
        }
    }

    #[test]
    fn an_explanation_is_the_decision(text in conditions(), twin in twins()) {
        let Ok(parsed) = Condition::parse_in(&text, Dialect::Extended) else { return Ok(()) };
        let step = explain::explain(&parsed, &twin);
        prop_assert_eq!(step.truth, Some(parsed.truth(&twin)), "{}", text);
        prop_assert!(agrees(&step), "{}", text);
        prop_assert_eq!(step.truth == Some(Truth::Undefined), !step.because.is_empty(), "{}: {:?}", text, step);
    }

    #[test]
    fn laws_of_three_values_hold(left in conditions(), right in conditions(), twin in twins()) {
        let truth = |text: String| Condition::parse_in(&text, Dialect::Extended).ok().map(|parsed| parsed.truth(&twin));
        prop_assume!(truth(left.clone()).is_some() && truth(right.clone()).is_some());
        for (one, other) in [
            (format!("NOT NOT ({left})"), format!("({left}) AND true")),
            (format!("NOT (({left}) AND ({right}))"), format!("NOT ({left}) OR NOT ({right})")),
            (format!("NOT (({left}) OR ({right}))"), format!("NOT ({left}) AND NOT ({right})")),
            (format!("({left}) AND ({right})"), format!("({right}) AND ({left})")),
            (format!("({left}) OR ({left}) AND ({right})"), format!("({left}) AND true")),
        ] {
            prop_assert_eq!(truth(one.clone()), truth(other.clone()), "{} / {}", one, other);
        }
    }

    #[test]
    fn no_mutation_of_a_case_panics(row in 0_usize..126, at in any::<prop::sample::Index>(), length in 0_usize..4, put in "(\\PC|'|\\(|\\[|\\.|\"|\0){0,2}") {
        let rows = include_str!("../../tests/fixtures/cases/target_conditions.dev.jsonl");
        let row: Value = serde_json::from_str(rows.lines().nth(row).expect("a row")).expect("json");
        let mut text: Vec<char> = row["condition"].as_str().expect("text").chars().collect();
        let start = if text.is_empty() { 0 } else { at.index(text.len()) };
        let end = (start + length).min(text.len());
        text.splice(start..end, put.chars());
        let text: String = text.into_iter().collect();
        for dialect in [Dialect::Strict, Dialect::Extended] {
            match Condition::parse_in(&text, dialect) {
                Ok(parsed) => {
                    explain::explain(&parsed, &row["device"]);
                    prop_assert_eq!(&Condition::parse_in(&parsed.to_string(), dialect).expect("canonical"), &parsed, "{}", text);
                }
                Err(error) => prop_assert!(text.get(error.span.clone()).is_some(), "{} {:?}", text, error),
            }
        }
    }
}
