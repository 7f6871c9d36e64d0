//! The one way YAML is read and written: into typed structs, unknown and duplicate keys refused with their line.
//!
//! Types that are read must deny unknown fields and keep versions and tags as `String`: an untyped `010` would become a number.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Diagnose, Exit};

pub use serde_saphyr::Spanned;

/// YAML that cannot be read as what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}:{column}: {message}{}", file.display(), shown(source_line.as_deref(), *line, *column))]
pub struct YamlError {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// The text of that line.
    pub source_line: Option<String>,
    hint: Option<String>,
}

/// Draws the line under a message, with a caret below the column.
fn shown(source_line: Option<&str>, line: u64, column: u64) -> String {
    let Some(text) = source_line else { return String::new() };
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let indent = " ".repeat(usize::try_from(column.saturating_sub(1)).unwrap_or(0));
    format!("\n {gutter} |\n {number} | {text}\n {gutter} | {indent}^")
}

impl YamlError {
    /// Returns an error at a place in `text` that only the caller could find, such as a name that is refused.
    pub fn at(file: &Path, text: &str, (line, column): (u64, u64), message: impl Into<String>) -> Self {
        let message = message.into();
        Self { file: file.to_path_buf(), line, column, source_line: line_of(text, line), hint: None, message }
    }

    /// Adds what to do about it, a full sentence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Diagnose for YamlError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "yaml/invalid"
    }

    fn hints(&self) -> Vec<String> {
        self.hint.iter().cloned().collect()
    }
}

fn line_of(text: &str, line: u64) -> Option<String> {
    let index = usize::try_from(line.checked_sub(1)?).ok()?;
    text.lines().nth(index).map(super::text::sanitized)
}

/// Reads one YAML document as `T`. `file` only names the text in errors.
///
/// # Errors
/// With line and column: malformed YAML, a duplicate or unknown key, a value of the wrong type.
pub fn from_str<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, YamlError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let plain = error.without_snippet();
        let (line, column) = plain.location().map_or((1, 1), |place| (place.line(), place.column()));
        let (message, hint) = worded(&plain.to_string());
        YamlError { hint, ..YamlError::at(file, text, (line, column), message) }
    })
}

/// Options of every read: words like `yes` stay text, and a document's size is bounded.
pub(super) fn options() -> serde_saphyr::Options {
    let budget = serde_saphyr::budget! { max_nodes: 200_000, max_depth: 64 };
    serde_saphyr::options! { strict_booleans: true, with_snippet: false, budget: budget }
}

/// Cuts the reader's place off its message and proposes the name that was probably meant.
fn worded(message: &str) -> (String, Option<String>) {
    let message = match message.rfind(" at line ") {
        Some(end) => message.get(..end).unwrap_or(message),
        None => message,
    };
    let hint = if message.contains("unknown field") || message.contains("unknown variant") { did_you_mean(message) } else { None };
    let message = message.trim_start_matches("error: ");
    let message = message.split_once(", set DuplicateKeyPolicy").map_or(message, |(said, _library_advice)| said);
    (message.to_owned(), hint)
}

/// Finds the name nearest to the first quoted word among those that the reader says it expected.
fn did_you_mean(message: &str) -> Option<String> {
    let (said, expected) = message.split_once("expected ")?;
    let word = said.split('`').nth(1)?;
    let candidates = expected.split(['`', ',', ' ']).filter(|name| !matches!(*name, "" | "one" | "of" | "or"));
    super::text::nearest(word, candidates).map(|name| format!("Did you mean `{name}`?"))
}

/// Writes a value as YAML that reads back as the same value.
///
/// # Errors
/// When the value has a map key that is no scalar.
pub fn to_string(value: &impl Serialize) -> Result<String, serde_saphyr::SerializeError> {
    serde_saphyr::to_string(value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, Serialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        #[serde(default)]
        flags: BTreeMap<String, String>,
    }

    fn error_of(text: &str) -> String {
        from_str::<Sample>(text, Path::new("a.yaml")).expect_err("refused").to_string()
    }

    #[test]
    fn words_that_look_like_other_types_stay_text() {
        let sample: Sample = from_str("name: yes\nflags: { a: NO, b: '010' }\n", Path::new("a.yaml")).expect("yaml");
        assert_eq!(sample.name, "yes");
        assert_eq!(from_str::<Sample>(&to_string(&sample).expect("text"), Path::new("b.yaml")).expect("again"), sample);
    }

    #[test]
    fn names_the_place_of_unknown_and_duplicate_keys() {
        let unknown = error_of("name: a\nflag: {}\n");
        assert!(unknown.starts_with("a.yaml:2:1: unknown field `flag`"), "{unknown}");
        assert!(unknown.ends_with(" 2 | flag: {}\n   | ^"), "{unknown}");
        let duplicate = error_of("name: a\nname: b\n");
        assert!(duplicate.starts_with("a.yaml:2:1: duplicate mapping key"), "{duplicate}");
    }

    #[test]
    fn proposes_the_name_that_was_meant() {
        let error = from_str::<Sample>("nmae: a\n", Path::new("a.yaml")).expect_err("refused");
        assert_eq!(error.hints(), ["Did you mean `name`?"]);
    }
}
