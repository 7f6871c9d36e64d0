//! Edits the text of a YAML file in place: one entry is added to a map at the top level, and all other bytes stay as they are:
//! comments, order, indentation, line ends.
//!
//! The place is found by reading lines, not by a full parser; so the result is read back, and it is refused unless it says what the
//! old text said plus the new entry.

use std::path::Path;

use serde_json::{Map, Value};

use super::scan::{self, Line};
use crate::base::{CommandError, Diagnose, Exit, yaml};

/// An entry that is not added.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The map has this key.
    #[error("`{section}` has an entry `{key}` already")]
    Exists {
        /// Name of the map.
        section: String,
        /// The key.
        key: String,
    },
    /// The text is written in a way that cannot be edited safely.
    #[error("cannot add `{key}` to `{section}` without changing what else the file says")]
    Unsafe {
        /// Name of the map.
        section: String,
        /// The key.
        key: String,
        /// What to add by hand.
        lines: String,
    },
}

impl Diagnose for EditError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "solution/entry-exists",
            Self::Unsafe { .. } => "solution/cannot-edit",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Exists { .. } => vec!["Choose another name, or change the entry by hand.".to_owned()],
            Self::Unsafe { lines, .. } => vec![format!("Add it by hand:\n{}", lines.trim_end())],
        }
    }
}

/// Returns `text` with the entry `key: value` added at the end of the map `section`, which is made when it is missing.
///
/// # Errors
/// When the text is no YAML, has the key already, or is written in a way that would not read back as expected.
pub fn insert(text: &str, file: &Path, section: &str, key: &str, value: &Value) -> Result<String, CommandError> {
    let old: Value = yaml::from_str(text, file)?;
    let expected = expected(old, section, key, value)?;
    let entry = Entry { section, key: scalar(key), value: flow(value), inner: flow_inner(value) };
    let places = entry.candidates(text);
    let faithful = |candidate: &String| yaml::from_str::<Value>(candidate, file).is_ok_and(|read| read == expected);
    let found = places.into_iter().find(faithful);
    let refusal = || {
        let lines = format!("{section}:\n  {}: {}\n", entry.key, entry.value);
        EditError::Unsafe { section: section.to_owned(), key: key.to_owned(), lines }
    };
    Ok(found.ok_or_else(refusal)?)
}

/// Returns what the file must say afterwards.
fn expected(mut document: Value, section: &str, key: &str, value: &Value) -> Result<Value, EditError> {
    let refusal = || EditError::Unsafe { section: section.to_owned(), key: key.to_owned(), lines: format!("{section}:\n  {key}: …\n") };
    if document.is_null() {
        document = Value::Object(Map::new());
    }
    let members = document.as_object_mut().ok_or_else(refusal)?;
    let entries = members.entry(section).or_insert(Value::Null);
    if entries.is_null() {
        *entries = Value::Object(Map::new());
    }
    let entries = entries.as_object_mut().ok_or_else(refusal)?;
    match entries.insert(key.to_owned(), value.clone()) {
        Some(_) => Err(EditError::Exists { section: section.to_owned(), key: key.to_owned() }),
        None => Ok(document),
    }
}

/// An entry, written as YAML.
struct Entry<'a> {
    section: &'a str,
    key: String,
    value: String,
    /// The value as it may stand inside braces.
    inner: String,
}

impl Entry<'_> {
    /// Returns the texts that may be the edited one, the nicest first.
    fn candidates(&self, text: &str) -> Vec<String> {
        let lines = scan::lines(text);
        let Some(head) = scan::find_key(&lines, self.section) else { return vec![self.appended(text, &lines)] };
        let after_colon = lines[head].start + scan::key_length(lines[head].content, self.section);
        let mut candidates = Vec::new();
        match scan::flow_map(text, after_colon) {
            Some(map) if map.is_blank(text) && map.open < lines[head].end => {
                // `section: {}` becomes a block map, with what follows the braces kept.
                let emptied = splice(text, scan::before_blanks(text, map.open), map.close + 1, "");
                let lines = scan::lines(&emptied);
                candidates.push(self.under(&emptied, &lines, head, head));
                candidates.push(self.within_braces(text, &map));
            }
            Some(map) => candidates.push(self.within_braces(text, &map)),
            None => {
                let block = scan::block(&lines, head);
                candidates.push(self.under(text, &lines, head, block.attached));
                candidates.push(self.under(text, &lines, head, block.end));
            }
        }
        candidates
    }

    /// Adds the entry as a line of its own after line `after`, indented like the others of its block.
    fn under(&self, text: &str, lines: &[Line<'_>], head: usize, after: usize) -> String {
        let indent = " ".repeat(scan::child_indent(lines, head));
        let line = format!("{indent}{}: {}", self.key, self.value);
        let end = lines[after].end;
        splice(text, end, end, &with_breaks(text, end, &line))
    }

    fn within_braces(&self, text: &str, map: &scan::FlowMap) -> String {
        let entry = format!("{}: {}", self.key, self.inner);
        let (place, added) = match map.last {
            None => (map.open + 1, format!(" {entry} ")),
            Some(last) if text.as_bytes().get(last) == Some(&b',') => (last + 1, format!(" {entry}")),
            Some(last) => (scan::after_char(text, last), format!(", {entry}")),
        };
        splice(text, place, place, &added)
    }

    /// Adds the whole section at the end of the file.
    fn appended(&self, text: &str, lines: &[Line<'_>]) -> String {
        let outer = " ".repeat(scan::root_indent(lines));
        let inner = " ".repeat(scan::usual_indent(lines));
        let added = format!("{outer}{}:{}{outer}{inner}{}: {}", self.section, scan::line_break(text), self.key, self.value);
        splice(text, text.len(), text.len(), &with_breaks(text, text.len(), &added))
    }
}

/// Adds the line breaks that a new line needs at `place`, which is behind a line break or at the end of the text.
fn with_breaks(text: &str, place: usize, line: &str) -> String {
    let line_break = scan::line_break(text);
    let open = text.get(..place).is_some_and(|before| !before.is_empty() && !before.ends_with('\n'));
    if open { format!("{line_break}{line}") } else { format!("{line}{line_break}") }
}

fn splice(text: &str, from: usize, to: usize, added: &str) -> String {
    let (before, after) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    format!("{before}{added}{after}")
}

/// Writes a value on one line: objects and lists in flow style, texts plain where they can be.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow_inner).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{}: {}", quoted_unless_word(key), flow_inner(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Writes a value inside a list or an object, where a comma or bracket in a plain text would end it.
fn flow_inner(value: &Value) -> String {
    match value {
        Value::String(text) => quoted_unless_word(text),
        other => flow(other),
    }
}

fn quoted_unless_word(text: &str) -> String {
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/'))
        && reads_as_itself(text);
    if word { text.to_owned() } else { json(text) }
}

/// Writes a text plain when it reads back as itself, else in single quotes, else as JSON does.
fn scalar(text: &str) -> String {
    if reads_as_itself(text) {
        return text.to_owned();
    }
    let quoted = format!("'{}'", text.replace('\'', "''"));
    if reads_as(&quoted, text) { quoted } else { json(text) }
}

fn reads_as_itself(text: &str) -> bool {
    !text.starts_with([' ', '\t', '{', '[', '"', '\'', '&', '*', '!', '|', '>', '%', '@', '`', '#', '-', '?', ':']) && reads_as(text, text)
}

/// Tells whether `written` is the text `meant`, as a key and as a value.
fn reads_as(written: &str, meant: &str) -> bool {
    let document = format!("{written}: {written} # comment\n");
    let single = !meant.contains(['\n', '\r', '\t']);
    single && yaml::from_str::<Value>(&document, Path::new("")).is_ok_and(|read| read == serde_json::json!({ meant: meant }))
}

fn json(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests;
