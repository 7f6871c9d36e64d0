//! JSON as people write it, with every value's place: comments, trailing commas and a byte order mark are accepted and noted, keys
//! may repeat and are kept in order, numbers keep their digits (RFC 8259 plus what editors call JSON with comments).
//!
//! Sizes, depth and the number of values are bounded, so that any file is answered in time.

mod parse;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::finding::{Finding, Severity};
use super::source::{Excerpt, Place, SourceText};
use super::{Diagnose, Exit};

/// Most bytes of a document.
pub const MAX_BYTES: usize = 64 << 20;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 128;
/// Most values.
pub const MAX_VALUES: usize = 1_000_000;
/// Most repeated keys that are told one by one.
pub const MAX_DUPLICATES: usize = 1_000;

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text and name. A byte order mark is part of the text.
    pub source: SourceText,
    /// Its value.
    pub root: Node,
    /// Keys that stand in one object more than once, each at its later place; the first [`MAX_DUPLICATES`].
    pub duplicates: Vec<Duplicate>,
    /// How many more there are.
    pub more_duplicates: usize,
    /// What plain JSON does not have.
    pub extensions: Extensions,
}

/// What a document uses that plain JSON does not have; each with the bytes of its first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// Whether it begins with a byte order mark.
    pub byte_order_mark: bool,
    /// A comment.
    pub comment: Option<Range<usize>>,
    /// A comma before a closing bracket.
    pub trailing_comma: Option<Range<usize>>,
}

/// A key that was there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// Bytes of its later place.
    pub span: Range<usize>,
}

/// A value and its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, quotes and brackets included.
    pub span: Range<usize>,
}

/// Kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A text, escapes resolved.
    String(String),
    /// Values in order.
    Array(Vec<Node>),
    /// Members in order, repeated keys too.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key, escapes resolved.
    pub key: String,
    /// Bytes of the key, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

/// A document that cannot be read. Prints file, line, column and message, then the line with a caret.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}:{column}: {message}\n{}", file.display(), excerpt.draw(*line))]
pub struct JsonError {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    place: Place,
    excerpt: Box<Excerpt>,
    hint: Option<&'static str>,
}

impl JsonError {
    fn new(source: &SourceText, span: &Range<usize>, message: String, hint: Option<&'static str>) -> Self {
        let place = source.place(span);
        let (line, column) = (place.line, place.column);
        Self { file: source.name.clone(), line, column, message, place, excerpt: Box::new(source.excerpt(span)), hint }
    }

    /// Returns the error as what a check found.
    pub fn finding(&self) -> Finding {
        let mut finding = Finding::new(self.code(), Severity::Error, self.message.clone());
        finding.file = Some(self.file.clone());
        finding.place = Some(self.place);
        finding.excerpt = Some((*self.excerpt).clone());
        finding.hint = self.hint.map(ToOwned::to_owned);
        finding
    }
}

impl Diagnose for JsonError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "json/invalid"
    }

    fn hints(&self) -> Vec<String> {
        self.hint.iter().map(|hint| (*hint).to_owned()).collect()
    }
}

impl Document {
    /// Reads a document; `name` only names it in errors.
    ///
    /// # Errors
    /// At the first fault, with line and column: no UTF-8, no JSON, too deep, too large.
    pub fn parse(bytes: &[u8], name: &Path) -> Result<Self, JsonError> {
        parse::document(bytes, name)
    }

    /// Returns the value as plain JSON; of repeated keys the last stays.
    pub fn to_value(&self) -> Value {
        self.root.to_value()
    }

    /// Returns the byte of the document at which the byte `offset` of a text's value stands; escapes are walked. For other values it is
    /// where they begin.
    pub fn offset_in_string(&self, node: &Node, offset: usize) -> usize {
        if !matches!(node.kind, Kind::String(_)) {
            return node.span.start;
        }
        let raw = self.source.text.get(node.span.clone()).unwrap_or_default();
        node.span.start + raw_offset(raw, offset)
    }

    /// Returns the bytes of the document that hold a part of a text's value.
    pub fn span_in_string(&self, node: &Node, part: &Range<usize>) -> Range<usize> {
        self.offset_in_string(node, part.start)..self.offset_in_string(node, part.end)
    }
}

/// Walks a quoted text to the byte that holds the byte `wanted` of its value.
fn raw_offset(raw: &str, wanted: usize) -> usize {
    let (mut at, mut value) = (1, 0);
    while value < wanted && at + 1 < raw.len() {
        let rest = raw.get(at..).unwrap_or_default();
        let (raw_length, value_length) = match parse::escape(rest) {
            Some((character, length)) => (length, character.len_utf8()),
            None => rest.chars().next().map_or((1, 1), |c| (c.len_utf8(), c.len_utf8())),
        };
        at += raw_length;
        value += value_length;
    }
    at.min(raw.len().saturating_sub(1))
}

impl Node {
    /// Returns the member of a key; of repeated keys the last.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|member| member.key == key)
    }

    /// Returns the value of a key; of repeated keys the last.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.value)
    }

    /// Returns what stands below a path of keys.
    pub fn pointer(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Returns the members of an object in the order of the text; none for other values.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// Returns the items of an array; none for other values.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// Returns a text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Returns a whole number that was written without fraction and exponent.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.kind {
            Kind::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// Tells whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }

    /// Tells whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// Returns what it is, for messages: `an object`, `a text`.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a truth value",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a text",
            Kind::Array(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }

    /// Returns the value as plain JSON. Of repeated keys the last stays, at the place of the first; a number beyond a double becomes a text of
    /// its digits.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(digits) => serde_json::from_str(digits).unwrap_or_else(|_| Value::String(digits.clone())),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Object(members) => {
                Value::Object(members.iter().map(|member| (member.key.clone(), member.value.to_value())).collect::<Map<_, _>>())
            }
        }
    }
}
