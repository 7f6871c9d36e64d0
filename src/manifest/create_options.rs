//! Create options of a module: what the container engine gets, carried in a twin as JSON text in pieces of 512 (Microsoft Learn,
//! "Learn how to deploy modules": the value of one property is limited, so `createOptions` goes on in `createOptions01` and so on).
//!
//! Files hold them as an object, as text, as text in pieces, as empty text, or not at all. Reading joins; writing splits. What is
//! written is ASCII, so that a piece has as many bytes as characters, unless only the raw form fits the cloud's limit.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use crate::base::jsonc::Document;
use crate::base::{Diagnose, Exit};

/// Bytes of one piece at most.
pub const PIECE: usize = 512;
/// Bytes of all pieces that the usual tools take: eight pieces.
pub const USUAL_LIMIT: usize = 4096;
/// From this many bytes on the usual limit is near.
pub const NEAR_LIMIT: usize = 3500;
/// Pieces that the edge agent reads at most, `createOptions` to `createOptions99`.
pub const MOST_PIECES: usize = 100;

/// Create options that cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateOptionsError {
    /// A piece is neither text nor, when it stands alone, an object.
    #[error("`{key}` is {found}, not an object or text")]
    WrongType {
        /// Key of the piece.
        key: String,
        /// What it is, with its article.
        found: &'static str,
    },
    /// An object that goes on in a further piece, which only text can do.
    #[error("`createOptions` is an object, and `{key}` goes on with it")]
    ObjectInPieces {
        /// Key of the further piece.
        key: String,
    },
    /// The joined text is no JSON.
    #[error("the createOptions are no JSON: {reason} (character {offset})")]
    NotJson {
        /// What the reader says.
        reason: String,
        /// Where in the joined text, in characters from 0.
        offset: usize,
    },
    /// The joined text is JSON, but no object.
    #[error("the createOptions are {found}, not an object")]
    NotAnObject {
        /// What they are, with their article.
        found: &'static str,
    },
    /// More pieces than are read.
    #[error("the createOptions take {pieces} pieces of {PIECE} bytes, and at most {MOST_PIECES} are read")]
    TooLong {
        /// How many it would take.
        pieces: usize,
    },
}

impl Diagnose for CreateOptionsError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::WrongType { .. } | Self::ObjectInPieces { .. } => "manifest/create-options-type",
            Self::NotJson { .. } | Self::NotAnObject { .. } => "manifest/create-options-json",
            Self::TooLong { .. } => "manifest/create-options-too-long",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::TooLong { .. } => vec!["Move long values into a file that is mounted, or into the image.".to_owned()],
            Self::ObjectInPieces { .. } => vec!["Remove the numbered keys: an object is cut into pieces when it is written.".to_owned()],
            _ => vec!["Write an object, such as { \"HostConfig\": {} }.".to_owned()],
        }
    }
}

/// Create options as they were found, joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The text: JSON of an object, printed compact when the file has an object; empty when there is none.
    pub text: String,
    /// Keys whose values make the text, in order; empty when there is none.
    pub keys: Vec<String>,
    /// Numbered keys behind a gap, which nobody reads.
    pub stale: Vec<String>,
}

/// Create options cut into pieces for a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Keys and values of the pieces, in order; one empty piece for empty text.
    pub pieces: Vec<(String, String)>,
    /// Bytes of all pieces.
    pub length: usize,
    /// How that stands to the limits.
    pub size: Size,
}

/// How the length of create options stands to the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Well below.
    Fits,
    /// [`NEAR_LIMIT`] or more.
    Near,
    /// Above [`USUAL_LIMIT`]: the edge agent reads it, the usual tools refuse it.
    AboveUsual,
}

/// Returns the key of a piece: `createOptions`, `createOptions01`, and so on.
pub fn key(index: usize) -> String {
    if index == 0 { "createOptions".to_owned() } else { format!("createOptions{index:02}") }
}

/// Returns the index of the piece that a key names, or `None` for any other key.
pub fn index_of(key: &str) -> Option<usize> {
    let number = key.strip_prefix("createOptions")?;
    match number.len() {
        0 => Some(0),
        2 if number.bytes().all(|byte| byte.is_ascii_digit()) && number != "00" => number.parse().ok(),
        _ => None,
    }
}

/// Joins the create options of a module's `settings`, in whatever form they are there. Absent or `null` is empty text.
///
/// # Errors
/// A piece of the wrong type. The text is not looked into: that is what [`parse`] does.
pub fn join(settings: &Map<String, Value>) -> Result<Joined, CreateOptionsError> {
    let mut joined = Joined::default();
    for index in 0..MOST_PIECES {
        let key = key(index);
        let Some(value) = settings.get(&key).filter(|value| !value.is_null()) else { break };
        match value {
            Value::String(piece) => joined.text.push_str(piece),
            Value::Object(_) if index == 0 => joined.text = value.to_string(),
            other => return Err(CreateOptionsError::WrongType { key, found: kind(other) }),
        }
        if index > 0 && settings.get("createOptions").is_some_and(Value::is_object) {
            return Err(CreateOptionsError::ObjectInPieces { key });
        }
        joined.keys.push(key);
    }
    joined.stale = settings.keys().filter(|key| index_of(key).is_some_and(|index| index >= joined.keys.len())).cloned().collect();
    joined.stale.retain(|key| settings.get(key).is_some_and(|value| !value.is_null()));
    Ok(joined)
}

/// Reads joined text as an object, as the edge agent does: empty text and `null` are an empty one, comments and trailing commas are passed
/// over.
///
/// # Errors
/// Text that is no JSON, or JSON that is no object.
pub fn parse(text: &str) -> Result<Map<String, Value>, CreateOptionsError> {
    if is_none(text) {
        return Ok(Map::new());
    }
    let read = match serde_json::from_str(text) {
        Ok(read) => read,
        Err(error) => {
            let refused = || CreateOptionsError::NotJson { reason: reason(&error), offset: character(text, &error) };
            lenient(text).ok_or_else(refused)?.root.to_value()
        }
    };
    match read {
        Value::Object(members) => Ok(members),
        other => Err(CreateOptionsError::NotAnObject { found: kind(&other) }),
    }
}

/// Tells whether joined text says that there are no create options: it is empty or `null`.
pub fn is_none(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("null")
}

/// Tells whether every reader takes joined text for JSON, not lenient ones alone.
pub fn is_strict(text: &str) -> bool {
    text.trim().is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Reads text that only lenient readers take for JSON.
pub fn lenient(text: &str) -> Option<Document> {
    Document::parse(text.as_bytes(), Path::new("createOptions")).ok()
}

/// Cuts the text of create options into pieces, escaped to ASCII. When only the raw form fits [`USUAL_LIMIT`], that one is cut, at the
/// borders of characters.
///
/// # Errors
/// More than [`MOST_PIECES`] pieces.
pub fn split(text: &str) -> Result<Split, CreateOptionsError> {
    let escaped = ascii(text);
    let raw = escaped.len() > USUAL_LIMIT && text.len() <= USUAL_LIMIT;
    let chosen = if raw { text } else { escaped.as_str() };
    let pieces = pieces(chosen);
    if pieces.len() > MOST_PIECES {
        return Err(CreateOptionsError::TooLong { pieces: pieces.len() });
    }
    // Characters of several bytes may leave a few bytes of a piece unused.
    let above = chosen.len() > USUAL_LIMIT || pieces.len() > USUAL_LIMIT / PIECE;
    let size = match chosen.len() {
        _ if above => Size::AboveUsual,
        NEAR_LIMIT.. => Size::Near,
        _ => Size::Fits,
    };
    let numbered = pieces.into_iter().enumerate().map(|(index, piece)| (key(index), piece.to_owned()));
    Ok(Split { pieces: numbered.collect(), length: chosen.len(), size })
}

/// Writes every character outside ASCII as `\uXXXX`, in pairs of surrogates where it needs two. In JSON text such characters stand
/// inside strings only, so the value stays the same.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a String takes all text");
            }
        }
    }
    out
}

/// Cuts text at the borders of characters into pieces of at most [`PIECE`] bytes; one empty piece for empty text.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while rest.len() > PIECE {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Names the type of a JSON value, with its article.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Returns what the JSON reader says, without its own place.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

/// Turns the line and byte column of the JSON reader into a character of the whole text.
fn character(text: &str, error: &serde_json::Error) -> usize {
    let start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let byte = text.floor_char_boundary((start + error.column().saturating_sub(1)).min(text.len()));
    text.get(..byte).map_or(0, |before| before.chars().count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn settings(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { panic!("an object") };
        members
    }

    fn text_of(value: Value) -> Result<String, CreateOptionsError> {
        join(&settings(value)).map(|joined| joined.text)
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(text_of(json!({})), Ok(String::new()));
        assert_eq!(text_of(json!({ "createOptions": null })), Ok(String::new()));
        assert_eq!(text_of(json!({ "createOptions": "" })), Ok(String::new()));
        assert_eq!(text_of(json!({ "createOptions": { "b": 1, "a": [] } })), Ok("{\"b\":1,\"a\":[]}".to_owned()));
        assert_eq!(text_of(json!({ "createOptions": "{ \"a\" : 1}" })), Ok("{ \"a\" : 1}".to_owned()), "text is taken as it is");
        assert_eq!(text_of(json!({ "createOptions": "{\"a", "createOptions01": "\":1}" })), Ok("{\"a\":1}".to_owned()));
    }

    #[test]
    fn pieces_behind_a_gap_are_stale() {
        let joined = join(&settings(json!({ "createOptions": "{}", "createOptions02": "x", "createOptions1": "no piece" })));
        let joined = joined.expect("joined");
        assert_eq!((joined.text.as_str(), joined.stale), ("{}", vec!["createOptions02".to_owned()]));
    }

    #[test]
    fn wrong_types_are_refused() {
        for (value, message) in [
            (json!({ "createOptions": 1 }), "`createOptions` is a number, not an object or text"),
            (json!({ "createOptions": [] }), "`createOptions` is a list, not an object or text"),
            (json!({ "createOptions": "{", "createOptions01": {} }), "`createOptions01` is an object, not an object or text"),
            (json!({ "createOptions": {}, "createOptions01": "x" }), "`createOptions` is an object, and `createOptions01` goes on with it"),
        ] {
            assert_eq!(text_of(value).expect_err(message).to_string(), message);
        }
    }

    #[test]
    fn text_must_be_empty_or_an_object() {
        assert_eq!(parse(" ").expect("empty"), Map::new());
        assert_eq!(parse("{\"a\":1}").expect("an object")["a"], 1);
        assert_eq!(parse(" null "), Ok(Map::new()));
        assert_eq!(parse("{\"Env\":[\"a\"],} // end").expect("an object")["Env"], json!(["a"]));
        assert!(is_strict("{}") && is_strict("null") && !is_strict("{\"Env\":[\"a\"],}"));
        for (text, code, message) in [
            ("[]", "manifest/create-options-json", "the createOptions are a list, not an object"),
            ("{\"ä\" 1}", "manifest/create-options-json", "the createOptions are no JSON: expected `:` (character 5)"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.code(), error.to_string().as_str()), (code, message));
        }
        assert!(parse(&"[".repeat(100_000)).is_err(), "depth has a limit");
    }

    #[test]
    fn limits_are_told() {
        let of = |length: usize| split(&"x".repeat(length)).expect("split");
        assert_eq!((of(0).pieces, of(0).size), (vec![("createOptions".to_owned(), String::new())], Size::Fits));
        assert_eq!((of(512).pieces.len(), of(513).pieces.len()), (1, 2));
        assert_eq!((of(3499).size, of(3500).size, of(4096).size, of(4097).size), (Size::Fits, Size::Near, Size::Near, Size::AboveUsual));
        assert_eq!(of(4096).pieces.last().map(|(key, _)| key.clone()), Some("createOptions07".to_owned()));
        assert_eq!(of(51_200).pieces.last().map(|(key, _)| key.clone()), Some("createOptions99".to_owned()));
        assert_eq!(split(&"x".repeat(51_201)), Err(CreateOptionsError::TooLong { pieces: 101 }));
    }

    #[test]
    fn pieces_are_ascii_while_that_fits() {
        let short = split("{\"a\":\"ä😀\"}").expect("split");
        assert_eq!(short.pieces[0].1, "{\"a\":\"\\u00e4\\ud83d\\ude00\"}");
        // 2,000 characters: 12,000 bytes escaped, 4,000 raw.
        let long = split(&"ä".repeat(2000)).expect("split");
        assert_eq!((long.length, long.size), (4000, Size::Near));
        assert!(long.pieces.iter().all(|(_, piece)| piece.chars().all(|c| c == 'ä')));
        // 1,365 characters of three bytes fill 4,095 bytes but not eight pieces, as 512 is no multiple of three.
        assert_eq!(split(&"€".repeat(1365)).expect("split").size, Size::AboveUsual);
    }

    proptest! {
        #[test]
        fn what_was_split_joins_again(text in "\\PC{0,1500}") {
            let options = json!({ "value": text });
            let split = split(&options.to_string()).expect("short");
            prop_assert!(split.pieces.iter().all(|(_, piece)| piece.len() <= PIECE));
            let settings: Map<String, Value> = split.pieces.into_iter().map(|(key, piece)| (key, json!(piece))).collect();
            let joined = join(&settings).expect("pieces");
            prop_assert_eq!(parse(&joined.text).map(Value::Object), Ok(options));
        }

        #[test]
        fn keys_are_found_by_their_index(index in 0..MOST_PIECES) {
            prop_assert_eq!(index_of(&key(index)), Some(index));
        }
    }
}
