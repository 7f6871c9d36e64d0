//! `target test`: runs a truth table of conditions, one condition and one device a row.

use std::io::BufRead;
use std::path::Path;

use serde_json::{Value, json};

use crate::base::Result;
use crate::base::table_test::{Answer, Outcome, Row, RowError, rows};
use crate::target::explain::explain;
use crate::target::{Condition, Dialect, Truth};

/// Returns the outcome of each row. A row's own `dialect` goes before `dialect`; `file` only names the table in errors.
///
/// # Errors
/// At the first line that is no row: one needs `condition` (text) and `device` (object), `expect` is true, false or `"error"`.
pub fn run(table: impl BufRead, file: &Path, dialect: Dialect) -> Result<Vec<Outcome>> {
    rows(table, file).map(|row| Ok(outcome(&row?, dialect)?)).collect()
}

fn outcome(row: &Row, dialect: Dialect) -> Result<Outcome, RowError> {
    let condition = row.text("condition")?;
    let device = row.get("device").filter(|device| device.is_object());
    let device = device.ok_or_else(|| row.refuse("the row needs an object `device`"))?;
    if row.get("expect").is_some_and(|expect| !expect.is_boolean() && expect != "error") {
        return Err(row.refuse("`expect` is true, false or \"error\""));
    }
    let dialect = match row.get("dialect") {
        None => dialect,
        Some(Value::String(name)) => name.parse().map_err(|()| row.refuse(format!("there is no dialect `{name}`: strict or extended")))?,
        Some(_) => return Err(row.refuse("`dialect` is \"strict\" or \"extended\"")),
    };
    Ok(row.outcome(answer(condition, dialect, device), |actual, expected| actual == expected))
}

fn answer(condition: &str, dialect: Dialect, device: &Value) -> Answer {
    let parsed = match Condition::parse_in(condition, dialect) {
        Ok(parsed) => parsed,
        Err(error) => {
            let detail = format!("{error} [{}]", error.fault.code());
            return Answer { actual: json!("error"), detail, error_kind: Some("parse".to_owned()) };
        }
    };
    let step = explain(&parsed, device);
    let truth = step.truth.unwrap_or(Truth::Undefined);
    let because: Vec<&str> = step.because.iter().map(|cause| cause.message.as_str()).collect();
    let detail = match because.as_slice() {
        [] => format!("the condition is {}", truth.name()),
        because => format!("the condition is {}: {}", truth.name(), because.join("; ")),
    };
    Answer { actual: json!(truth == Truth::True), detail, error_kind: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_text(text: &str) -> Result<Vec<Outcome>> {
        run(text.as_bytes(), Path::new("t.jsonl"), Dialect::Strict)
    }

    #[test]
    fn every_developer_case_passes() {
        let outcomes = run_text(include_str!("../../tests/fixtures/cases/target_conditions.dev.jsonl")).expect("rows");
        assert_eq!(outcomes.len(), 126);
        assert_eq!(outcomes.iter().filter(|outcome| outcome.ok == Some(true)).count(), 126);
    }

    #[test]
    fn a_row_says_why() {
        let rows = "{\"id\":\"a\",\"condition\":\"tags.x != 1\",\"device\":{}}\n{\"id\":\"b\",\"condition\":\"ABS(1) = 1\",\"dialect\":\"extended\",\"device\":{},\"expect\":false}";
        let outcomes = run_text(rows).expect("rows");
        assert_eq!((outcomes[0].actual.clone(), outcomes[0].ok), (json!(false), None));
        assert_eq!(outcomes[0].detail, "the condition is undefined: tags.x is missing, and so is its parent tags");
        assert_eq!((outcomes[1].actual.clone(), outcomes[1].ok), (json!(true), Some(false)));
    }

    #[test]
    fn a_malformed_row_is_named() {
        for (row, said) in [
            ("{\"device\":{}}", "the row needs a text `condition`"),
            ("{\"condition\":\"*\",\"device\":[]}", "the row needs an object `device`"),
            ("{\"condition\":\"*\"}", "the row needs an object `device`"),
            ("{\"condition\":\"*\",\"device\":{},\"expect\":\"yes\"}", "`expect` is true, false or \"error\""),
            ("{\"condition\":\"*\",\"device\":{},\"dialect\":\"sql\"}", "there is no dialect `sql`: strict or extended"),
            ("{\"condition\":\"*\",\"device\":{},\"dialect\":1}", "`dialect` is \"strict\" or \"extended\""),
        ] {
            let error = run_text(&format!("\n{row}")).expect_err(row);
            assert_eq!(error.chain()[0], format!("t.jsonl:2:1: {said}"));
        }
    }
}
