//! The reader: one pass over the text, no recursion deeper than the depth limit.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use super::{Document, Duplicate, Extensions, JsonError, Kind, MAX_BYTES, MAX_DEPTH, MAX_DUPLICATES, MAX_VALUES, Member, Node};
use crate::base::source::SourceText;

/// A fault before the text is known to it.
struct Fault {
    span: Range<usize>,
    message: String,
    hint: Option<&'static str>,
}

type Parsed<T> = Result<T, Fault>;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    values: usize,
    duplicates: Vec<Duplicate>,
    more_duplicates: usize,
    extensions: Extensions,
}

/// What a whole text holds.
struct Whole {
    root: Node,
    duplicates: Vec<Duplicate>,
    more_duplicates: usize,
    extensions: Extensions,
}

/// Reads a document.
pub(super) fn document(bytes: &[u8], name: &Path) -> Result<Document, JsonError> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than {} MiB", bytes.len(), MAX_BYTES >> 20);
        return Err(JsonError::new(&SourceText::new(name, ""), &(0..0), message, None));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let valid = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default()).into_owned();
            let end = valid.len();
            let hint = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let hint = hint.then_some("The file looks like UTF-16; save it as UTF-8.");
            return Err(JsonError::new(&SourceText::new(name, valid), &(end..end), "the text is no UTF-8".to_owned(), hint));
        }
    };
    let source = SourceText::new(name, text);
    let (duplicates, extensions) = (Vec::new(), Extensions::default());
    let parser = Parser { text: &source.text, at: 0, depth: 0, values: 0, duplicates, more_duplicates: 0, extensions };
    match parser.whole() {
        Ok(Whole { root, duplicates, more_duplicates, extensions }) => {
            Ok(Document { source, root, duplicates, more_duplicates, extensions })
        }
        Err(fault) => Err(JsonError::new(&source, &fault.span, fault.message, fault.hint)),
    }
}

/// Reads an escape at the beginning of `rest`: its character and the bytes that it takes. `None` when there is none, or none that stands
/// for a character.
pub(super) fn escape(rest: &str) -> Option<(char, usize)> {
    let mut bytes = rest.bytes();
    if bytes.next() != Some(b'\\') {
        return None;
    }
    let plain = match bytes.next()? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some((plain, 2))
}

fn unicode(rest: &str) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let digits = rest.get(from..from + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let first = unit(2)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 6));
    }
    let second = rest.get(6..8).filter(|mark| *mark == "\\u").and_then(|_| unit(8))?;
    let low = (0xDC00..0xE000).contains(&second) && first < 0xDC00;
    let joined = 0x1_0000 + ((first.wrapping_sub(0xD800) & 0x3FF) << 10) + (second & 0x3FF);
    low.then(|| char::from_u32(joined).map(|character| (character, 12)))?
}

impl Parser<'_> {
    fn whole(mut self) -> Parsed<Whole> {
        if self.text.starts_with('\u{feff}') {
            self.extensions.byte_order_mark = true;
            self.at = '\u{feff}'.len_utf8();
        }
        self.space()?;
        if self.at == self.text.len() {
            return Err(self.fault("the file is empty"));
        }
        let root = self.value()?;
        self.space()?;
        if self.at < self.text.len() {
            return Err(self.fault("text after the end of the document"));
        }
        let Self { duplicates, more_duplicates, extensions, .. } = self;
        Ok(Whole { root, duplicates, more_duplicates, extensions })
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        Fault { span: self.at..self.at + width, message: message.into(), hint: None }
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Parsed<()> {
        loop {
            let blanks = self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
            self.at += blanks;
            let length = if self.rest().starts_with("//") {
                self.rest().find('\n').unwrap_or(self.rest().len())
            } else if self.rest().starts_with("/*") {
                let end = self.rest().find("*/").map(|end| end + 2);
                end.ok_or_else(|| Fault { span: self.at..self.at + 2, message: "a comment that does not end".to_owned(), hint: None })?
            } else {
                return Ok(());
            };
            self.extensions.comment.get_or_insert(self.at..self.at + length);
            self.at += length;
        }
    }

    fn value(&mut self) -> Parsed<Node> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.fault(format!("more than {MAX_VALUES} values")));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(byte) if byte.is_ascii_alphabetic() => self.word()?,
            Some(b'\'') => {
                let mut fault = self.fault("a text in single quotes");
                fault.hint = Some("JSON texts stand in double quotes.");
                return Err(fault);
            }
            Some(_) => return Err(self.fault("a value is expected here")),
            None => return Err(self.fault("the file ends where a value is expected")),
        };
        Ok(Node { kind, span: start..self.at })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Parsed<Kind>) -> Parsed<Kind> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(format!("nested deeper than {MAX_DEPTH}")));
        }
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn object(&mut self) -> Parsed<Kind> {
        let (mut members, mut known) = (Vec::new(), BTreeSet::new());
        while !self.closed(b'}', members.is_empty())? {
            if self.peek() != Some(b'"') {
                return Err(self.fault("a key in double quotes is expected here"));
            }
            let start = self.at;
            let key = self.string()?;
            let key_span = start..self.at;
            self.space()?;
            if self.peek() != Some(b':') {
                return Err(self.fault("a colon is expected here"));
            }
            self.at += 1;
            self.space()?;
            let value = self.value()?;
            if !known.insert(key.clone()) {
                self.repeated(&key, &key_span);
            }
            members.push(Member { key, key_span, value });
        }
        Ok(Kind::Object(members))
    }

    fn repeated(&mut self, key: &str, span: &Range<usize>) {
        if self.duplicates.len() < MAX_DUPLICATES {
            self.duplicates.push(Duplicate { key: key.to_owned(), span: span.clone() });
        } else {
            self.more_duplicates += 1;
        }
    }

    fn array(&mut self) -> Parsed<Kind> {
        let mut items = Vec::new();
        while !self.closed(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Kind::Array(items))
    }

    /// Steps over the comma before the next entry, or over the closing bracket and says so.
    fn closed(&mut self, bracket: u8, first: bool) -> Parsed<bool> {
        self.space()?;
        let comma = self.at;
        if !first && self.peek() == Some(b',') {
            self.at += 1;
            self.space()?;
            if self.peek() == Some(bracket) {
                self.extensions.trailing_comma.get_or_insert(comma..comma + 1);
            }
        } else if !first && self.peek() != Some(bracket) {
            let message = format!("a comma or `{}` is expected here", char::from(bracket));
            return Err(self.fault(if self.peek().is_some() { message } else { "the file ends too early".to_owned() }));
        }
        if self.peek() == Some(bracket) {
            self.at += 1;
            return Ok(true);
        }
        if self.peek().is_some() { Ok(false) } else { Err(self.fault("the file ends too early")) }
    }

    fn string(&mut self) -> Parsed<String> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let plain = self.rest().bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
            text.push_str(self.text.get(self.at..self.at + plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    let (character, length) = escape(self.rest()).ok_or_else(|| self.bad_escape())?;
                    text.push(character);
                    self.at += length;
                }
                Some(b'\n' | b'\r') | None => {
                    return Err(Fault { span: start..start + 1, message: "a text without its closing quote".to_owned(), hint: None });
                }
                Some(byte) => return Err(self.fault(format!("the control character U+{byte:04X} inside a text"))),
            }
        }
    }

    fn bad_escape(&self) -> Fault {
        let lone = self.rest().starts_with("\\u") && self.rest().get(2..6).is_some_and(|hex| u16::from_str_radix(hex, 16).is_ok());
        let message = if lone { "half of a surrogate pair" } else { "an escape that JSON does not have" };
        let hint = (!lone).then_some("Escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits.");
        Fault { span: self.at..(self.at + 2).min(self.text.len()), message: message.to_owned(), hint }
    }

    fn number(&mut self) -> Parsed<String> {
        let length = self.rest().bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')).count();
        let digits = self.text.get(self.at..self.at + length).unwrap_or_default();
        if !is_number(digits) {
            return Err(Fault { span: self.at..self.at + length, message: "a malformed number".to_owned(), hint: None });
        }
        self.at += length;
        Ok(digits.to_owned())
    }

    fn word(&mut self) -> Parsed<Kind> {
        let length = self.rest().bytes().take_while(u8::is_ascii_alphanumeric).count();
        let kind = match self.text.get(self.at..self.at + length) {
            Some("null") => Kind::Null,
            Some("true") => Kind::Bool(true),
            Some("false") => Kind::Bool(false),
            word => {
                let shown: String = word.unwrap_or_default().chars().take(20).collect();
                return Err(Fault { span: self.at..self.at + length, message: format!("the word `{shown}` is no value"), hint: None });
            }
        };
        self.at += length;
        Ok(kind)
    }
}

/// Tells whether a text is a number of JSON: no leading zero, no bare point, no plus.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}
