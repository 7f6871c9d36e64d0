//! The lenient reader of bodies: what the JSON library of the broker takes beyond plain JSON (Json.NET's text reader).

use std::collections::BTreeMap;

use super::Json;

/// Nesting that is read.
const DEPTH: usize = 64;

/// Reads JSON as leniently as the broker's library: single quotes, plain names, trailing commas and comments pass.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

/// Reads a whole text; `None` when it is no JSON of any kind that passes.
pub(super) fn read(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.value()?;
    reader.blank()?;
    reader.rest.is_empty().then_some(value)
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
            ',' => Some(Json::Undefined),
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
            // No comment may stand before the colon.
            self.rest = self.rest.trim_start().strip_prefix(':')?;
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
                    let code = self.rest.get(at + 1..at + 5).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
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
            "null" => Some(Json::Null),
            "undefined" => Some(Json::Undefined),
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            "NaN" => Some(Json::Number(f64::NAN)),
            "Infinity" => Some(Json::Number(f64::INFINITY)),
            "-Infinity" => Some(Json::Number(f64::NEG_INFINITY)),
            _ => number(word).map(Json::Number),
        }
    }
}

/// Reads a number: decimal, `0x` for hexadecimal, and octal after any other leading zero.
fn number(word: &str) -> Option<f64> {
    let decimal = |word: &str| {
        let plain = word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
        let begins = word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
        if plain && begins { word.parse().ok() } else { None }
    };
    let Some(rest) = word.strip_prefix('0').filter(|rest| !rest.is_empty() && !rest.starts_with(['.', 'e', 'E'])) else {
        return decimal(word);
    };
    let bits = match rest.strip_prefix(['x', 'X']) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => u64::from_str_radix(rest, 8),
    };
    #[expect(clippy::cast_precision_loss, reason = "numbers of bodies are doubles")]
    bits.ok().map(|bits| bits.cast_signed() as f64)
}
