//! Placeholders in the routes of a template: `${NAME}`, and the tokens of build pipelines, `#{NAME}#` and `__NAME__`. What they will say is
//! not known, so each is taken for a name, and what it could take away is neither said nor mended.

use std::ops::Range;

use crate::base::finding::Severity;
use crate::route::lint::Lint;

/// Longest placeholder, so that a text of opening signs is walked in time.
const LONGEST: usize = 256;

/// Most placeholders of one route; behind them the text is taken as it is written.
const MOST: usize = 52;

/// Returns where placeholders stand, in order.
pub(super) fn holes(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(['$', '#', '_'])).map(|found| at + found) {
        let length = text.get(start..).and_then(length);
        found.extend(length.map(|length| start..start + length));
        at = start + length.unwrap_or(1);
    }
    found
}

/// Reads a placeholder at the beginning of a text and returns its bytes.
fn length(rest: &str) -> Option<usize> {
    let braced = |sign: char| {
        let inner = rest.strip_prefix(sign)?.strip_prefix('{')?;
        let end = inner.bytes().take(LONGEST).position(|byte| byte == b'}' || u32::from(byte) == u32::from(sign))?;
        (inner.as_bytes().get(end) == Some(&b'}')).then_some(end + 3)
    };
    if rest.starts_with('$') {
        return braced('$').filter(|length| *length > 3);
    }
    if rest.starts_with('#') {
        return braced('#').map(|length| length + usize::from(rest.get(length..).is_some_and(|tail| tail.starts_with('#'))));
    }
    let inner = rest.strip_prefix("__")?;
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let word = inner.bytes().take(LONGEST).take_while(legal).count();
    let name = inner.get(..word)?.split("__").next().filter(|name| name.len() < word)?;
    name.contains(|c: char| c.is_ascii_uppercase()).then_some(name.len() + 4)
}

/// A text whose placeholders are names of the same length, each of a letter of its own, so that they are found again after changes.
#[derive(Debug)]
pub(super) struct Filled<'a> {
    /// The text; every place is that of the original.
    pub text: String,
    names: Vec<(String, &'a str)>,
}

impl<'a> Filled<'a> {
    /// Fills in the placeholders of a text.
    pub fn of(text: &'a str) -> Self {
        let letters = ('a'..='z').chain('A'..='Z');
        let (mut filled, mut done, mut names) = (String::with_capacity(text.len()), 0, Vec::new());
        for (hole, letter) in holes(text).into_iter().take(MOST).zip(letters) {
            let name = letter.to_string().repeat(hole.len());
            filled.push_str(text.get(done..hole.start).unwrap_or_default());
            filled.push_str(&name);
            done = hole.end;
            names.push((name, text.get(hole).unwrap_or_default()));
        }
        filled.push_str(text.get(done..).unwrap_or_default());
        Self { text: filled, names }
    }

    /// Returns a changed text with the placeholders put back; `None` when one of them cannot be told.
    pub fn restored(&self, changed: &str) -> Option<String> {
        let mut text = changed.to_owned();
        for (name, placeholder) in &self.names {
            if self.text.matches(name.as_str()).count() != 1 || changed.matches(name.as_str()).count() != 1 {
                return None;
            }
            text = text.replacen(name.as_str(), placeholder, 1);
        }
        Some(text)
    }

    /// Tells whether what a placeholder will say can take a finding of a text away.
    pub fn is_open(&self, text: &str, lint: &Lint) -> bool {
        let hides =
            |(name, _): &(String, &str)| text.find(name.as_str()).is_some_and(|at| at < lint.span.end && lint.span.start < at + name.len());
        !self.names.is_empty() && (lint.severity == Severity::Error || self.names.iter().any(hides))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_what_looks_like_them() {
        for (text, expected) in [
            ("FROM /messages/modules/${M}/* INTO $upstream", vec!["${M}"]),
            ("#{A}# __TAG__ ${MODULES.a.b}", vec!["#{A}#", "__TAG__", "${MODULES.a.b}"]),
            ("${} __init__ $x {$body.x} # _ ${a", vec![]),
        ] {
            assert_eq!(holes(text).into_iter().filter_map(|hole| text.get(hole)).collect::<Vec<_>>(), expected, "{text}");
            let filled = Filled::of(text);
            assert_eq!((filled.text.len(), filled.restored(&filled.text).as_deref()), (text.len(), Some(text)));
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_restored() {
        let filled = Filled::of("aaaa ${A} b");
        assert_eq!(filled.restored(&filled.text), None);
        assert_eq!(Filled::of("${A} b").restored("b"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_walked_to_its_end(text in "[${}#_A<>./aö ]{0,40}") {
            proptest::prop_assert!(holes(&text).into_iter().all(|hole| text.get(hole).is_some_and(|part| !part.is_empty())));
            proptest::prop_assert_eq!(Filled::of(&text).text.len(), text.len());
        }
    }
}
