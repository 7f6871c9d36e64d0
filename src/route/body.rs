//! The message body as conditions see it: when it can be read, paths and values; how their JSON is read is in `reader`.

mod reader;

use std::collections::BTreeMap;
use std::fmt;

use super::value::Value;
use crate::base::text::sanitized;

/// A JSON value of a body. Objects keep the last of equal names.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, which may be infinite.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
    /// `undefined`, or nothing between two commas.
    Undefined,
}

/// Why no body value exists in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The message names no content type.
    NoContentType,
    /// A content type other than `application/json`, as it was given.
    ContentType(String),
    /// The message names no content encoding.
    NoEncoding,
    /// An encoding that is not read, as it was given.
    Encoding(String),
    /// The body is empty.
    Empty,
    /// The text is no JSON, not even in the lenient form.
    Malformed,
    /// The JSON value is no object.
    NoObject,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| sanitized(text);
        match self {
            Self::NoContentType => f.write_str("the message has no content type; only application/json is read"),
            Self::ContentType(given) => {
                write!(f, "the content type is `{}`; only application/json, with nothing behind it, is read", quoted(given))
            }
            Self::NoEncoding => f.write_str("the message has no content encoding; only utf-8, utf-16 and utf-32 are read"),
            Self::Encoding(given) => write!(f, "the content encoding is `{}`; only utf-8, utf-16 and utf-32 are read", quoted(given)),
            Self::Empty => f.write_str("the body is empty"),
            Self::Malformed => f.write_str("the body is no JSON"),
            Self::NoObject => f.write_str("the body is no JSON object"),
        }
    }
}

/// A path below `$body.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    /// `None` for a path that compiles, and that the broker's reader then does not understand.
    steps: Option<Vec<Step>>,
}

/// What a path leads to in a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'a> {
    /// Nothing; the broker takes it for null.
    Nothing,
    /// One value.
    One(&'a Json),
    /// Several, or a path that is not understood: undefined.
    Unclear,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    Any,
}

impl Path {
    /// Parses `name[.name[0]...]`, or returns what is wrong with it. The compiler looks at the front of a path only: after an index
    /// anything passes, and what the reader does not understand later has no value.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Some(Vec::new());
        let mut rest = text;
        loop {
            let (name, after) = rest.split_at_checked(rest.find(['.', '[', ']']).unwrap_or(rest.len())).unwrap_or((rest, ""));
            if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err("each part of a body path is a name, with an index in brackets if needed");
            }
            // A leading `$.` names the root.
            if !(name == "$" && rest.len() == text.len() && after.starts_with('.'))
                && let Some(steps) = &mut steps
            {
                steps.push(if name == "*" { Step::Any } else { Step::Name(name.to_owned()) });
            }
            rest = after;
            if rest.starts_with('[') {
                rest = index(rest, &mut steps)?;
                // A second index is not looked at when the path is compiled, and is understood when it is read.
                while rest.starts_with('[') && steps.is_some() {
                    match index(rest, &mut steps) {
                        Ok(after) => rest = after,
                        Err(_) => steps = None,
                    }
                }
            }
            match rest.strip_prefix('.') {
                Some(after) if steps.is_some() => rest = after,
                _ if rest.is_empty() => break,
                _ => {
                    steps = None;
                    break;
                }
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// Returns the path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns what the path leads to.
    pub fn find<'a>(&self, body: &'a Json) -> Found<'a> {
        let Some(steps) = &self.steps else { return Found::Unclear };
        let mut values = vec![body];
        for step in steps {
            values = values.into_iter().flat_map(|value| step.of(value)).collect();
        }
        match values.as_slice() {
            [] => Found::Nothing,
            [value] => Found::One(value),
            _ => Found::Unclear,
        }
    }

    /// Returns the value of the path in a body; objects, lists and dates have none.
    pub fn value(&self, body: Option<&Json>) -> Value {
        let Some(body) = body else { return Value::Undefined };
        match self.find(body) {
            Found::Nothing => Value::Missing,
            Found::One(Json::Null) => Value::Null,
            Found::One(Json::Bool(value)) => Value::Bool(*value),
            Found::One(Json::Number(number)) => Value::Number(*number),
            Found::One(Json::Text(text)) if is_date(text) => Value::Undefined,
            Found::One(Json::Text(text)) => Value::text(text),
            Found::One(Json::List(_) | Json::Object(_) | Json::Undefined) | Found::Unclear => Value::Undefined,
        }
    }
}

/// Reads `[digits]` and returns what follows; an index beyond 32 bits is not understood.
fn index<'a>(text: &'a str, steps: &mut Option<Vec<Step>>) -> Result<&'a str, &'static str> {
    let refused = "an index is a whole number, such as [0]";
    let (digits, after) = text.get(1..).and_then(|text| text.split_once(']')).ok_or(refused)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused);
    }
    let index = digits.parse::<u32>().ok().filter(|index| i32::try_from(*index).is_ok()).and_then(|index| usize::try_from(index).ok());
    match (index, steps.as_mut()) {
        (Some(index), Some(known)) => known.push(Step::Index(index)),
        _ => *steps = None,
    }
    Ok(after)
}

impl Step {
    fn of<'a>(&self, value: &'a Json) -> Vec<&'a Json> {
        match (self, value) {
            (Self::Name(name), Json::Object(members)) => members.get(name).into_iter().collect(),
            (Self::Index(index), Json::List(items)) => items.get(*index).into_iter().collect(),
            (Self::Any, Json::Object(members)) => members.values().collect(),
            _ => Vec::new(),
        }
    }
}

/// Reads a body, if its content type and encoding are exactly what the broker reads and its root is an object.
///
/// # Errors
/// With the reason why no body value exists.
pub fn read(bytes: &[u8], content_type: Option<&str>, encoding: Option<&str>) -> Result<Json, Unreadable> {
    let content_type = content_type.ok_or(Unreadable::NoContentType)?;
    if !content_type.eq_ignore_ascii_case("application/json") {
        return Err(Unreadable::ContentType(content_type.to_owned()));
    }
    let encoding = encoding.ok_or(Unreadable::NoEncoding)?;
    let text = match encoding.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8_lossy(bytes).into_owned(),
        "utf-16" => {
            let units = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or_default()]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        "utf-32" => bytes
            .chunks(4)
            .map(|unit| <[u8; 4]>::try_from(unit).ok().and_then(|unit| char::from_u32(u32::from_le_bytes(unit))))
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => return Err(Unreadable::Encoding(encoding.to_owned())),
    };
    match reader::read(&text) {
        Some(value @ Json::Object(_)) => Ok(value),
        Some(_) => Err(Unreadable::NoObject),
        None if text.trim().is_empty() => Err(Unreadable::Empty),
        None => Err(Unreadable::Malformed),
    }
}

/// Tells the texts that the broker's JSON reader turns into dates: ISO 8601 with a time, and `/Date(...)/`.
pub fn is_date(text: &str) -> bool {
    if let Some(ticks) = text.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/")) {
        let (ticks, zone) =
            ticks.split_at_checked(ticks.rfind(['+', '-']).filter(|at| *at > 0).unwrap_or(ticks.len())).unwrap_or((ticks, ""));
        return ticks.parse::<i64>().is_ok() && (zone.is_empty() || zone.get(1..).is_some_and(|zone| zone.len() >= 4 && all_digits(zone)));
    }
    if text.len() > 40 {
        return false;
    }
    let Some((date, rest)) = text.split_at_checked(19).filter(|(date, _)| date.as_bytes().get(10) == Some(&b'T')) else { return false };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=7).contains(&digits) {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
        None => rest,
    };
    is_date_and_time(date) && is_zone(zone)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells `yyyy-MM-ddTHH:mm:ss` of a day that exists; midnight may be written 24:00:00.
fn is_date_and_time(text: &str) -> bool {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let (Some(day), Some(time)) = (text.get(..10), text.get(11..)) else { return false };
    let seconds_exist = time.get(6..).is_some_and(|seconds| seconds < "60");
    shape
        && day.get(..4) != Some("0000")
        && chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok()
        && (time == "24:00:00" || (seconds_exist && chrono::NaiveTime::parse_from_str(time, "%H:%M:%S").is_ok()))
}

/// Tells what may follow the time: nothing, `Z`, or an offset.
fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return matches!(zone, "" | "Z" | "z") };
    match offset.split_once(':') {
        Some((hours, minutes)) => hours.len() == 2 && minutes.len() == 2 && all_digits(hours) && all_digits(minutes),
        None => matches!(offset.len(), 2 | 4) && all_digits(offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Json> {
        read(text.as_bytes(), Some("application/json"), Some("utf-8")).ok()
    }

    #[test]
    fn reads_what_the_broker_reads() {
        for text in [r#"{"t":50}"#, "{t:50}", "{'t':50,}", "/* a */ {t: 0x32} // b", r#"{"t":1,"t":5e1}"#] {
            assert_eq!(Path::parse("t").expect("path").value(of(text).as_ref()), Value::Number(50.0), "{text}");
        }
        for text in ["", "50", "[1]", "null", r#"{"t":50"#, "{t:50} x", "{t}", "{t:}", &"[".repeat(100_000)] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn only_dates_with_a_time_are_dates() {
        for date in ["2017-03-09T00:00:00.000Z", "2017-03-09T00:00:00", "2017-03-09T00:00:00+01:00", "/Date(0)/"] {
            assert!(is_date(date), "{date}");
        }
        for date in ["2017-03-09T24:00:00", "2017-03-09T00:00:00.1234567z", "2017-03-09T00:00:00+0130", "/Date(-5+0100)/"] {
            assert!(is_date(date), "{date}");
        }
        for text in [
            "/Date(x)/",
            "2017-03-09T00:00:60",
            "2017-03-09T24:00:01",
            "2017-02-30T00:00:00",
            "0000-01-01T00:00:00",
            "2017-03-09T00:00:00.12345678",
            "2017-03-09T00:00:00.",
            "2017-03-09T00:00:00+01:0",
            "+017-03-09T00:00:00",
        ] {
            assert!(!is_date(text), "{text}");
        }
        for text in ["2017-03-09", "2017-03-09 00:00:00", "2017-13-09T00:00:00", "2017-03-09T00:00:00 x", "é".repeat(12).as_str()] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn paths_are_names_and_indices() {
        for text in ["a", "a.b[0].c", "a[1][2]", "Hi!.it's", "a[0]b", "a]", "a[0]]", "a[1][x]", "*", "$.a", "5b"] {
            assert!(Path::parse(text).is_ok(), "{text}");
        }
        for text in ["", ".", "a..b", "a[]", "a[*]", "a[-1]", "a['b']", "[0]", "5", "a.", "a.5", "a[0", "a.b[x]"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }

    fn at(path: &str, text: &str) -> Value {
        Path::parse(path).expect("path").value(of(text).as_ref())
    }

    #[test]
    fn numbers_are_read_in_every_form_of_the_library() {
        for (text, number) in [
            ("0x32", 50.0),
            ("0xFFFFFFFFFFFFFFFF", -1.0),
            ("062", 50.0),
            ("-062", -62.0),
            ("5e1", 50.0),
            (".5", 0.5),
            ("-.5", -0.5),
            ("5.", 5.0),
            ("0.5", 0.5),
            ("0e5", 0.0),
        ] {
            assert_eq!(at("t", &format!("{{t:{text}}}")), Value::Number(number), "{text}");
        }
        for text in ["+5", "-inf", "-nan", "09", "0x", "5a", "1,000", "-0x10", "infinity", "."] {
            assert_eq!(of(&format!("{{t:{text}}}")), None, "{text}");
        }
        assert_eq!(at("t", "{t:1e400}"), Value::Number(f64::INFINITY));
    }

    #[test]
    fn what_no_value_comes_from() {
        for (path, text, value) in [
            ("a", "{a:undefined}", Value::Undefined),
            ("a", "{a:,b:1}", Value::Undefined),
            ("a[1]", "{a:[1,,3]}", Value::Undefined),
            ("a[2]", "{a:[1,,3]}", Value::Number(3.0)),
            ("a[0]b", "{a:[1]}", Value::Undefined),
            ("a]", "{a:1}", Value::Undefined),
            ("a[99999999999]", "{a:[1]}", Value::Undefined),
            ("a[7]", "{a:[1]}", Value::Missing),
            ("a.b", "{a:[1]}", Value::Missing),
            ("a.*", "{a:{b:1}}", Value::Number(1.0)),
            ("a.*", "{a:{b:1,c:2}}", Value::Undefined),
            ("$.a", "{a:1}", Value::Number(1.0)),
            ("a[1][0]", "{a:[1,[2]]}", Value::Number(2.0)),
            ("A", "{a:1}", Value::Missing),
        ] {
            assert_eq!(at(path, text), value, "{path} in {text}");
        }
    }

    #[test]
    fn comments_stand_where_the_library_takes_them() {
        for text in ["/*a*/{/*b*/t:/*c*/50/*d*/,/*e*/}/*f*/", "// a\n{t:50}// b", "{\"t\" :50}"] {
            assert_eq!(at("t", text), Value::Number(50.0), "{text}");
        }
        for text in
            ["{t/*a*/:50}", "{t:50}/*", "{t:50", "{'t:50}", "{\"t\":\"\\x\"}", "{\"t\":\"\\u+123\"}", "{t:50}{}", "{,t:50}", "{t:50,,}"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn the_reason_is_told() {
        let json = Some("application/json");
        for (body, content_type, encoding, reason) in [
            ("{}", None, None, "no content type"),
            ("{}", Some("application/json; charset=utf-8"), Some("utf-8"), "`application/json; charset=utf-8`"),
            ("{}", json, None, "no content encoding"),
            ("{}", json, Some("utf8"), "`utf8`"),
            (" ", json, Some("utf-8"), "empty"),
            ("{", json, Some("utf-8"), "no JSON"),
            ("[1]", json, Some("UTF-8"), "no JSON object"),
        ] {
            let said = read(body.as_bytes(), content_type, encoding).expect_err(reason).to_string();
            assert!(said.contains(reason), "{said}");
        }
        assert!(read(b"{}", Some("APPLICATION/JSON"), Some("UTF-8")).is_ok());
    }
}
