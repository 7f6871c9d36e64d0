//! Where the texts of a YAML map stand, byte by byte: so that what is wrong inside of one can be shown, and mended, in its file.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

/// A text of a YAML file: its bytes in the file, quotes included, and for each byte of its value the byte that it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// One offset for each byte of the value and one for its end.
    offsets: Vec<usize>,
    style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Block,
}

/// Returns where the values of the map `routes` at the top level begin, by their keys; nothing when the text has no such map.
pub fn routes_of(text: &str) -> BTreeMap<String, usize> {
    let read: Result<Holder, _> = serde_saphyr::from_str_with_options(text, super::yaml::options());
    let routes = read.map(|holder| holder.routes).unwrap_or_default();
    routes.into_iter().map(|(key, value)| (key, offset(text, &value))).collect()
}

/// The one member that is looked at.
#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    routes: BTreeMap<String, Spanned<IgnoredAny>>,
}

fn offset<T>(text: &str, value: &Spanned<T>) -> usize {
    let line = usize::try_from(value.referenced.line().saturating_sub(1)).unwrap_or_default();
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let rest = text.get(start..).unwrap_or_default();
    let characters = usize::try_from(value.referenced.column().saturating_sub(1)).unwrap_or_default();
    start + rest.char_indices().nth(characters).map_or(rest.len(), |(at, _)| at)
}

/// Finds the value of a key inside of a map that begins at a byte.
pub fn value_in_map(text: &str, start: usize, key: &str) -> Option<usize> {
    let rest = text.get(start..)?;
    let named = |at: &usize| {
        let head = rest.get(..*at).unwrap_or_default().trim_end_matches(['"', '\'']);
        let tail = rest.get(at + key.len()..).unwrap_or_default().trim_start_matches(['"', '\'']);
        (head.is_empty() || head.ends_with(['{', ',', ' ', '\n'])) && tail.trim_start_matches(' ').starts_with(':')
    };
    let at = rest.match_indices(key).map(|(at, _)| at).find(named)?;
    let colon = at + rest.get(at..)?.find(':')? + 1;
    let value = rest.get(colon..)?;
    Some(start + colon + (value.len() - value.trim_start().len()))
}

/// Walks a text from where it begins in the file, and returns where each byte of its value stands; `None` when it cannot be followed, as
/// behind an alias.
pub fn scalar(text: &str, start: usize, value: &str) -> Option<Scalar> {
    let rest = text.get(start..)?;
    let (style, mut at) = match rest.chars().next()? {
        '\'' => (Style::Single, 1),
        '"' => (Style::Double, 1),
        '|' | '>' => (Style::Block, rest.find('\n')? + 1),
        '*' | '&' | '!' => return None,
        _ => (Style::Plain, 0),
    };
    let mut offsets = Vec::with_capacity(value.len() + 1);
    for c in value.chars() {
        let (from, to) = step(rest, at, c, style)?;
        offsets.extend(std::iter::repeat_n(start + from, c.len_utf8()));
        at = to;
    }
    offsets.push(start + at);
    let close = usize::from(matches!(style, Style::Single | Style::Double));
    Some(Scalar { span: start..start + at + close, offsets, style })
}

/// Returns the bytes at which a character of the value is written, at or behind `at`.
fn step(rest: &str, at: usize, c: char, style: Style) -> Option<(usize, usize)> {
    let here = rest.get(at..)?;
    if style == Style::Double && here.starts_with('\\') {
        return escaped(here, c).map(|length| (at, at + length)).or_else(|| {
            // A line that goes on: the backslash, the line break and the blanks of the next line say nothing.
            let after = here.get(1..).filter(|after| after.starts_with(['\n', '\r']))?;
            let skipped = 1 + after.len() - after.trim_start().len();
            step(rest, at + skipped, c, style)
        });
    }
    if style == Style::Single && c == '\'' {
        return here.starts_with("\'\'").then_some((at, at + 2));
    }
    let blank = here.len() - here.trim_start().len();
    let breaks = here.get(..blank).is_some_and(|blanks| blanks.contains('\n'));
    if breaks && matches!(c, ' ' | '\n') {
        // A line break with its indentation is one blank; in a block, a line break.
        return Some((at, at + blank));
    }
    if here.starts_with(c) {
        return Some((at, at + c.len_utf8()));
    }
    (style == Style::Block && blank > 0).then(|| step(rest, at + blank, c, style)).flatten()
}

/// Returns the length of the escape that writes a character.
fn escaped(here: &str, c: char) -> Option<usize> {
    let kind = here.chars().nth(1)?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            let written = match kind {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                other => other,
            };
            return (written == c && !matches!(kind, '\n' | '\r')).then_some(1 + kind.len_utf8());
        }
    };
    let code = u32::from_str_radix(here.get(2..2 + digits)?, 16).ok()?;
    (char::from_u32(code) == Some(c)).then_some(2 + digits)
}

impl Scalar {
    /// Returns the bytes of the file that hold a part of the value.
    pub fn part(&self, part: &Range<usize>) -> Range<usize> {
        let of = |at: usize| self.offsets.get(at).or(self.offsets.last()).copied().unwrap_or(self.span.start);
        of(part.start)..of(part.end).max(of(part.start))
    }

    /// Writes a part of a value as this text is written.
    pub fn encoded(&self, part: &str) -> String {
        match self.style {
            Style::Single => part.replace('\'', "''"),
            Style::Double => part.replace('\\', "\\\\").replace('"', "\\\""),
            Style::Plain | Style::Block => part.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "solution: s\nroutes:\n  plain: FROM /a INTO $b\n  single: 'it''s é x'\n  double: \"a\\\"b\\u00e9c\"\n  folded: >-\n    one\n    two\n  flow: { priority: 1, route: FROM /c INTO $d, x: 2 }\n  lines: one\n    two\n  block:\n    route: x y\n";

    #[test]
    fn every_style_is_followed() {
        let places = routes_of(TEXT);
        assert_eq!(places.len(), 7);
        for (name, value, part) in [
            ("plain", "FROM /a INTO $b", "INTO"),
            ("single", "it's é x", "é x"),
            ("double", "a\"béc", "c"),
            ("folded", "one two", "two"),
            ("lines", "one two", "two"),
        ] {
            let found = scalar(TEXT, places[name], value).expect(name);
            let at = value.find(part).expect("a part");
            assert_eq!(TEXT.get(found.part(&(at..at + part.len()))), Some(part), "{name}");
        }
        for (name, value) in [("flow", "FROM /c INTO $d"), ("block", "x y")] {
            let at = value_in_map(TEXT, places[name], "route").expect(name);
            let found = scalar(TEXT, at, value).expect(name);
            assert_eq!(TEXT.get(found.span), Some(value), "{name}");
        }
        let single = scalar(TEXT, places["single"], "it's é x").expect("single");
        assert_eq!((TEXT.get(single.span.clone()), single.encoded("a'b")), (Some("'it''s é x'"), "a''b".to_owned()));
    }

    #[test]
    fn what_cannot_be_followed_is_not() {
        assert_eq!(scalar("*alias", 0, "x"), None);
        assert_eq!(scalar("abc", 0, "abd"), None);
        assert_eq!(scalar("", 0, "a"), None);
        assert!(routes_of("routes: [1]").is_empty());
        assert!(routes_of("}").is_empty());
    }
}
