//! Truth tables: one JSON object a line says what is asked and what is expected; each row has an outcome.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::fs::FsError;
use super::json::said;
use super::lines::{LineError, Lines};
use super::{CommandError, Diagnose, Exit};

/// Longest line.
const MAX_LINE_BYTES: usize = 64 << 20;

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its members.
    pub members: Map<String, Value>,
    /// Table that it stands in.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
}

/// What became of a row. Serialised: `id`, `actual`, `expect`, `ok`, `detail`, and `errorKind` where there is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The row's id; `null` when it has none.
    pub id: Value,
    /// What was found, in the form of `expect`.
    pub actual: Value,
    /// What the row expects; `null` when it does not say.
    pub expect: Value,
    /// Whether they agree; `null` when nothing is expected.
    pub ok: Option<bool>,
    /// Why, for people.
    pub detail: String,
    /// Kind of the error, where the answer is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_kind: Option<String>,
    /// Whether the row calls its own expectation doubtful: a difference only warns.
    #[serde(skip)]
    pub low: bool,
    /// Line of the row in its table.
    #[serde(skip)]
    pub line: usize,
}

/// What was found for a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// In the form of `expect`.
    pub actual: Value,
    /// Why, for people.
    pub detail: String,
    /// Kind of the error, where the answer is an error.
    pub error_kind: Option<String>,
}

/// A line that is no row.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", file.display())]
pub struct RowError {
    file: PathBuf,
    line: usize,
    column: usize,
    message: String,
}

impl Diagnose for RowError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "table/bad-row"
    }

    fn hints(&self) -> Vec<String> {
        vec!["A table holds one JSON object a line; `--help` names its members.".to_owned()]
    }
}

/// Reads the rows of a table one by one; blank lines are skipped, and an `expect` that is null counts as absent. `file` only names the
/// table in errors.
///
/// # Errors
/// A line that is no JSON object, with its place.
pub fn rows(table: impl BufRead, file: &Path) -> impl Iterator<Item = Result<Row, CommandError>> {
    Lines::new(table, MAX_LINE_BYTES).filter_map(move |line| {
        let refuse = |line, column, message| RowError { file: file.to_path_buf(), line, column, message };
        let (number, text) = match line {
            Ok(line) => line,
            Err(LineError::Read(error)) => return Some(Err(FsError::at("read", file)(error).into())),
            Err(LineError::TooLong(number)) => {
                return Some(Err(refuse(number, 1, format!("the line has more than {} MiB", MAX_LINE_BYTES >> 20)).into()));
            }
        };
        if text.trim_ascii().is_empty() {
            return None;
        }
        Some(match serde_json::from_slice(&text) {
            Ok(Value::Object(mut members)) => {
                // Whoever writes all members in each row has null where nothing is expected.
                if members.get("expect").is_some_and(Value::is_null) {
                    members.remove("expect");
                }
                Ok(Row { members, file: file.to_path_buf(), line: number })
            }
            Ok(_) => Err(refuse(number, 1, "a row is a JSON object".to_owned()).into()),
            Err(error) => Err(refuse(number, error.column(), said(&error)).into()),
        })
    })
}

impl Row {
    /// Returns a member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Returns an error about this row.
    pub fn refuse(&self, message: impl Into<String>) -> RowError {
        RowError { file: self.file.clone(), line: self.line, column: 1, message: message.into() }
    }

    /// Returns a member that must be a text.
    ///
    /// # Errors
    /// When it is absent or something else.
    pub fn text(&self, name: &str) -> Result<&str, RowError> {
        self.get(name).and_then(Value::as_str).ok_or_else(|| self.refuse(format!("the row needs a text `{name}`")))
    }

    /// Compares an answer with what the row expects, by `agrees(actual, expected)`; the kind of an error too, where the row names one.
    pub fn outcome(&self, answer: Answer, agrees: impl FnOnce(&Value, &Value) -> bool) -> Outcome {
        let expect = self.get("expect");
        let kind = self.get("errorKind").and_then(Value::as_str);
        let same_kind = kind.is_none_or(|kind| answer.error_kind.as_deref() == Some(kind));
        Outcome {
            id: self.get("id").cloned().unwrap_or_default(),
            ok: expect.map(|expect| same_kind && agrees(&answer.actual, expect)),
            expect: expect.cloned().unwrap_or_default(),
            low: self.get("confidence").and_then(Value::as_str) == Some("low"),
            line: self.line,
            actual: answer.actual,
            detail: answer.detail,
            error_kind: answer.error_kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &[u8]) -> Vec<Result<Row, CommandError>> {
        rows(text, Path::new("t.jsonl")).collect()
    }

    #[test]
    fn blank_lines_and_line_ends_do_not_count() {
        let found = read(b"\xef\xbb\xbf{\"id\":\"a\"}\r\n\r\n{\"id\":\"b\"}");
        let ids: Vec<_> = found.iter().map(|row| row.as_ref().map(|row| (row.line, row.get("id").cloned())).expect("a row")).collect();
        assert_eq!(ids, [(1, Some(json!("a"))), (3, Some(json!("b")))]);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, place) in [(&b"{\"id\":1}\n[1]"[..], "t.jsonl:2:1: a row is a JSON object"), (b"{\"id\":", "t.jsonl:1:6: EOF")] {
            let error = read(text).into_iter().find_map(Result::err).expect("refused");
            assert!(error.chain()[0].starts_with(place), "{:?}", error.chain());
        }
        assert!(read(b"{\"a\":\"\xff\"}")[0].is_err());
        assert!(read("[".repeat(10_000).as_bytes())[0].is_err());
    }

    #[test]
    fn outcomes_compare_what_the_row_says() {
        let row = |text: &str| rows(text.as_bytes(), Path::new("t")).next().expect("one").expect("a row");
        let answer = |actual, kind: Option<&str>| Answer { actual, detail: "d".to_owned(), error_kind: kind.map(str::to_owned) };
        let outcome = row(r#"{"id":"a","expect":true}"#).outcome(answer(json!(true), None), |a, e| a == e);
        assert_eq!(serde_json::to_string(&outcome).expect("json"), r#"{"id":"a","actual":true,"expect":true,"ok":true,"detail":"d"}"#);
        let wrong_kind =
            row(r#"{"id":"a","expect":"error","errorKind":"crash"}"#).outcome(answer(json!("error"), Some("compile")), |a, e| a == e);
        assert_eq!(wrong_kind.ok, Some(false));
        let any_kind = row(r#"{"id":"a","expect":"error"}"#).outcome(answer(json!("error"), Some("compile")), |a, e| a == e);
        assert_eq!(any_kind.ok, Some(true));
        let null = row(r#"{"id":"a","expect":null}"#);
        assert_eq!((null.get("expect"), null.outcome(answer(json!(true), None), |_, _| false).ok), (None, None));
        let open = row(r#"{"id":7,"confidence":"low"}"#).outcome(answer(json!(false), None), |_, _| false);
        assert_eq!((open.ok, open.low, open.expect), (None, true, Value::Null));
    }
}
