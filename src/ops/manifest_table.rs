//! `manifest merge --table`: rows of deployments, a device and what comes out.

use std::io::BufRead;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::base::Result;
use crate::base::table_test::{Answer, Outcome, Row, rows};
use crate::manifest::deployments::{Deployments, candidate};
use crate::manifest::effective;

/// Composes each row of a table and compares it with what the row expects.
///
/// # Errors
/// A line that is no row of this kind.
pub fn merge_table(table: impl BufRead, file: &Path) -> Result<Vec<Outcome>> {
    rows(table, file).map(|row| outcome(&row?)).collect()
}

fn outcome(row: &Row) -> Result<Outcome> {
    let Some(Value::Array(deployments)) = row.get("deployments") else {
        return Err(row.refuse("the row needs a list `deployments`").into());
    };
    let Some(device @ Value::Object(_)) = row.get("device") else { return Err(row.refuse("the row needs an object `device`").into()) };
    let none = Map::new();
    let previous = match row.get("previous") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(previous)) => previous,
        Some(_) => return Err(row.refuse("`previous` is an object of modules").into()),
    };
    let mut read = Deployments::default();
    for deployment in deployments {
        let added = candidate(deployment).and_then(|candidate| read.add(candidate));
        match added {
            Ok(()) => {}
            Err(unread) if unread.is_condition => {
                let answer = Answer { actual: json!("error"), detail: unread.message, error_kind: Some("condition".to_owned()) };
                return Ok(row.outcome(answer, |actual, expect| actual == expect));
            }
            Err(unread) => return Err(row.refuse(unread.message).into()),
        }
    }
    let found = effective(&read.candidates, device).keeping(previous);
    let details: Vec<&str> = found.lint.values().flatten().map(String::as_str).collect();
    let actual = json!({
        "base": found.base,
        "applied": found.applied,
        "targeted": found.targeted,
        "effective": found.effective,
        "lint": found.lint.keys().map(|lint| lint.code()).collect::<Vec<_>>(),
    });
    let answer = Answer { actual, detail: details.join("\n"), error_kind: None };
    Ok(row.outcome(answer, agrees))
}

/// Compares the members that are expected; lint codes in any order.
fn agrees(actual: &Value, expect: &Value) -> bool {
    let Some(expected) = expect.as_object() else { return actual == expect };
    expected.iter().all(|(name, expected)| {
        let found = actual.get(name);
        if name == "lint" { found.map(sorted) == Some(sorted(expected)) } else { found == Some(expected) }
    })
}

fn sorted(codes: &Value) -> Vec<String> {
    let mut codes: Vec<String> = codes.as_array().into_iter().flatten().map(Value::to_string).collect();
    codes.sort();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"{"id":"b","priority":0,"createdTimeUtc":"2026-11-01T00:00:00Z","targetCondition":"*","modulesContent":{"$edgeAgent":{"properties.desired":{}}}}"#;
    const DEVICE: &str = r#"{"deviceId":"d","capabilities":{"iotEdge":true}}"#;

    fn run(text: &str) -> Result<Vec<Outcome>> {
        merge_table(text.as_bytes(), Path::new("t.jsonl"))
    }

    fn row(expect: &str) -> Outcome {
        let text = format!(r#"{{"id":"a","deployments":[{BASE}],"device":{DEVICE},"expect":{expect},"novel":1}}"#);
        run(&text).expect("a table").remove(0)
    }

    #[test]
    fn developer_cases_hold() {
        let table = include_str!("../../tests/fixtures/cases/layering.dev.jsonl");
        let outcomes = run(table).expect("a table");
        let differ: Vec<_> = outcomes.iter().filter(|outcome| outcome.ok != Some(true)).collect();
        assert_eq!((outcomes.len(), differ), (22, vec![]));
    }

    #[test]
    fn only_the_members_that_are_expected_count() {
        assert_eq!(row(r#"{"base":"b"}"#).ok, Some(true));
        assert_eq!(row(r#"{"base":"b","lint":["base-tie"]}"#).ok, Some(false));
        assert_eq!(row(r#"{"novel":1}"#).ok, Some(false));
        assert!(agrees(&json!({ "lint": ["a", "b"] }), &json!({ "lint": ["b", "a"] })));
        assert!(!agrees(&json!({ "lint": ["a"] }), &json!({ "lint": ["a", "a"] })));
    }

    #[test]
    fn a_row_without_expectation_has_no_verdict_and_keeps_what_was_before() {
        let text = format!(r#"{{"deployments":[],"device":{DEVICE},"previous":{{"x":{{"a":1}}}}}}"#);
        let outcome = run(&text).expect("a table").remove(0);
        assert_eq!((outcome.ok, &outcome.actual["effective"]), (None, &json!({ "x": { "a": 1 } })));
        let text = format!(r#"{{"deployments":[],"device":{DEVICE},"previous":null,"expect":{{"effective":{{}},"base":null}}}}"#);
        assert_eq!(run(&text).expect("a table")[0].ok, Some(true));
    }

    #[test]
    fn an_expectation_of_null_is_none_and_one_of_a_null_base_is_one() {
        assert_eq!(row("null").ok, None);
        assert_eq!(row(r#"{"base":null}"#).ok, Some(false));
    }

    #[test]
    fn a_condition_that_does_not_parse_is_an_answer() {
        let text = format!(r#"{{"deployments":[{}],"device":{DEVICE},"expect":"error"}}"#, BASE.replace("\"*\"", "\"a ==\""));
        let outcome = run(&text).expect("a table").remove(0);
        assert_eq!((outcome.ok, outcome.error_kind.as_deref()), (Some(true), Some("condition")));
    }

    #[test]
    fn malformed_rows_are_refused_with_their_line() {
        let rows = [
            format!(r#"{{"device":{DEVICE}}}"#),
            format!(r#"{{"deployments":{{}},"device":{DEVICE}}}"#),
            r#"{"deployments":[]}"#.to_owned(),
            format!(r#"{{"deployments":[1],"device":{DEVICE}}}"#),
            format!(r#"{{"deployments":[{{"id":"a"}}],"device":{DEVICE}}}"#),
            format!(r#"{{"deployments":[{BASE},{BASE}],"device":{DEVICE}}}"#),
            format!(r#"{{"deployments":[],"device":{DEVICE},"previous":[]}}"#),
            "{".to_owned(),
        ];
        for text in rows {
            let error = run(&format!("\n{text}\n")).expect_err(&text);
            assert_eq!(error.kind, crate::base::Exit::BadInput);
            assert!(error.chain()[0].starts_with("t.jsonl:2:"), "{:?}", error.chain());
        }
    }
}
