//! The message body as conditions see it: when it can be read, the lenient reader, paths, and values.

use std::collections::BTreeMap;

use super::value::Value;

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
}

/// A path below `$body.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    /// Parses `name[.name[0]...]`, or returns what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, indices) = part.split_at_checked(part.find('[').unwrap_or(part.len())).unwrap_or((part, ""));
            if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) || name.contains(']') {
                return Err("each part of a body path is a name, with an index in brackets if needed");
            }
            steps.push(Step::Name(name.to_owned()));
            for index in indices.split_terminator(']') {
                let digits = index.strip_prefix('[').filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
                steps.push(Step::Index(digits.and_then(|digits| digits.parse().ok()).ok_or("an index is a whole number, such as [0]")?));
            }
            if !indices.is_empty() && !indices.ends_with(']') {
                return Err("nothing follows an index but a dot");
            }
        }
        Ok(Self(steps))
    }

    /// Returns what the path leads to, if anything.
    pub fn find<'a>(&self, body: &'a Json) -> Option<&'a Json> {
        self.0.iter().try_fold(body, |value, step| match (step, value) {
            (Step::Name(name), Json::Object(members)) => members.get(name),
            (Step::Index(index), Json::List(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Returns the value of the path in a body; objects, lists and dates have none.
    pub fn value(&self, body: Option<&Json>) -> Value {
        let Some(body) = body else { return Value::Undefined };
        match self.find(body) {
            None => Value::Missing,
            Some(Json::Null) => Value::Null,
            Some(Json::Bool(value)) => Value::Bool(*value),
            Some(Json::Number(number)) => Value::number(*number),
            Some(Json::Text(text)) if is_date(text) => Value::Undefined,
            Some(Json::Text(text)) => Value::text(text),
            Some(Json::List(_) | Json::Object(_)) => Value::Undefined,
        }
    }
}

/// Reads a body, if its content type and encoding are exactly what the broker reads and its root is an object.
pub fn read(bytes: &[u8], content_type: Option<&str>, encoding: Option<&str>) -> Option<Json> {
    if !content_type?.eq_ignore_ascii_case("application/json") {
        return None;
    }
    let text = match encoding?.to_ascii_lowercase().as_str() {
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
        _ => return None,
    };
    let mut reader = Reader { rest: &text, depth: 0 };
    let value = reader.value()?;
    reader.blank()?;
    (reader.rest.is_empty() && matches!(value, Json::Object(_))).then_some(value)
}

/// Nesting that is read.
const DEPTH: usize = 64;

/// Reads JSON as leniently as the broker's library: single quotes, plain names, trailing commas and comments pass.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Skips white space and comments; `None` when a comment does not end.
    fn blank(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/")?.1;
            } else if let Some(comment) = self.rest.strip_prefix("//") {
                self.rest = comment.split_once(['\n', '\r']).map_or("", |(_, after)| after);
            } else {
                return Some(());
            }
        }
    }

    fn take(&mut self, c: char) -> Option<bool> {
        self.blank()?;
        let after = self.rest.strip_prefix(c);
        self.rest = after.unwrap_or(self.rest);
        Some(after.is_some())
    }

    fn value(&mut self) -> Option<Json> {
        self.blank()?;
        match self.rest.chars().next()? {
            '{' => self.nested(Self::object),
            '[' => self.nested(Self::list),
            quote @ ('"' | '\'') => self.text(quote).map(Json::Text),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Json>) -> Option<Json> {
        if self.depth == DEPTH {
            return None;
        }
        self.depth += 1;
        self.rest = self.rest.get(1..)?;
        let value = read(self)?;
        self.depth -= 1;
        Some(value)
    }

    fn object(&mut self) -> Option<Json> {
        let mut members = BTreeMap::new();
        while !self.take('}')? {
            let name = match self.rest.chars().next()? {
                quote @ ('"' | '\'') => self.text(quote)?,
                _ => self.taken(|c| c.is_alphanumeric() || c == '_' || c == '$').filter(|name| !name.is_empty())?.to_owned(),
            };
            if !self.take(':')? {
                return None;
            }
            members.insert(name, self.value()?);
            if !self.take(',')? {
                return self.take('}')?.then_some(Json::Object(members));
            }
        }
        Some(Json::Object(members))
    }

    fn list(&mut self) -> Option<Json> {
        let mut items = Vec::new();
        while !self.take(']')? {
            items.push(self.value()?);
            if !self.take(',')? {
                return self.take(']')?.then_some(Json::List(items));
            }
        }
        Some(Json::List(items))
    }

    fn taken(&mut self, keep: impl Fn(char) -> bool) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len()))?;
        self.rest = rest;
        Some(taken)
    }

    fn text(&mut self, quote: char) -> Option<String> {
        let mut units: Vec<u16> = Vec::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.rest = self.rest.get(at + c.len_utf8()..)?;
                return Some(String::from_utf16_lossy(&units));
            }
            if c != '\\' {
                units.extend(c.encode_utf16(&mut [0; 2]).iter());
                continue;
            }
            let (at, escape) = characters.next()?;
            units.push(match escape {
                'b' => 8,
                't' => 9,
                'n' => 10,
                'f' => 12,
                'r' => 13,
                '\\' | '"' | '\'' | '/' => u16::try_from(u32::from(escape)).ok()?,
                'u' => {
                    let code = self.rest.get(at + 1..at + 5)?;
                    characters.nth(3)?;
                    u16::from_str_radix(code, 16).ok()?
                }
                _ => return None,
            });
        }
        None
    }

    fn word(&mut self) -> Option<Json> {
        let word = self.taken(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))?;
        match word {
            "null" | "undefined" => Some(Json::Null),
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            "NaN" => Some(Json::Number(f64::NAN)),
            "Infinity" => Some(Json::Number(f64::INFINITY)),
            "-Infinity" => Some(Json::Number(f64::NEG_INFINITY)),
            _ => match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
                Some(digits) => u32::from_str_radix(digits, 16).ok().map(|number| Json::Number(number.into())),
                None if word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => word.parse().ok().map(Json::Number),
                None => None,
            },
        }
    }
}

/// Tells the texts that the broker's JSON reader turns into dates: ISO 8601 with a time, and `/Date(...)/`.
fn is_date(text: &str) -> bool {
    if text.starts_with("/Date(") && text.ends_with(")/") {
        return true;
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
    let zone_digits: Option<Vec<u8>> = zone.strip_prefix(['+', '-']).map(|zone| zone.bytes().filter(|byte| *byte != b':').collect());
    let zone_is_known = matches!(zone, "" | "Z")
        || zone_digits.is_some_and(|digits| matches!(digits.len(), 2 | 4) && digits.iter().all(u8::is_ascii_digit));
    zone_is_known && chrono::NaiveDateTime::parse_from_str(date, "%Y-%m-%dT%H:%M:%S").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Json> {
        read(text.as_bytes(), Some("application/json"), Some("utf-8"))
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
        for text in ["2017-03-09", "2017-03-09 00:00:00", "2017-13-09T00:00:00", "2017-03-09T00:00:00 x", "é".repeat(12).as_str()] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn paths_are_names_and_indices() {
        for text in ["a", "a.b[0].c", "a[1][2]", "Hi!.it's"] {
            assert!(Path::parse(text).is_ok(), "{text}");
        }
        for text in ["", ".", "a..b", "a[]", "a[*]", "a[-1]", "a['b']", "a[0]b", "[0]", "5"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
