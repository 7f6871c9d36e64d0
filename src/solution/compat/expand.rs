//! Replacing variables in the text of a file before or after it is read, as the tools of others do, with the way back from a byte of
//! the result to the byte of the text that it came from.

use std::ops::Range;

/// Which references are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// `$NAME`, and `${anything up to a brace}` (Python's `os.path.expandvars`).
    AnyInBraces,
    /// `$NAME` and `${NAME}` with names of letters, digits and `_`.
    WordsOnly,
}

/// A text with its references replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// What was replaced, in order.
    pub replaced: Vec<Replaced>,
}

/// One reference that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Bytes of the text before.
    pub from: Range<usize>,
    /// Bytes of the text after.
    pub to: Range<usize>,
    /// The name.
    pub name: String,
}

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Its bytes, the dollar sign included.
    pub span: Range<usize>,
    /// Its name.
    pub name: &'a str,
    /// Whether it stands in braces.
    pub braced: bool,
}

impl Expanded {
    /// Returns the byte of the text before that a byte of the text after came from; a byte of a value is the reference's beginning.
    pub fn origin(&self, offset: usize) -> usize {
        let index = self.replaced.partition_point(|replaced| replaced.to.start <= offset);
        let Some(last) = index.checked_sub(1).and_then(|index| self.replaced.get(index)) else { return offset };
        if offset < last.to.end { last.from.start } else { last.from.end + (offset - last.to.end) }
    }

    /// Returns the bytes of the text before that a range of the text after came from.
    pub fn origins(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.origin(span.start);
        start..self.origin(span.end).max(start)
    }
}

/// Replaces the references for which `lookup` has a value; the others stay, and values are not looked into again.
pub fn expand<'a>(text: &str, syntax: Syntax, mut lookup: impl FnMut(&Reference<'_>) -> Option<&'a str>) -> Expanded {
    let mut expanded = Expanded { text: String::with_capacity(text.len()), replaced: Vec::new() };
    let mut done = 0;
    for reference in references(text, syntax) {
        let Some(value) = lookup(&reference) else { continue };
        expanded.text.push_str(text.get(done..reference.span.start).unwrap_or_default());
        let start = expanded.text.len();
        expanded.text.push_str(value);
        done = reference.span.end;
        let to = start..expanded.text.len();
        expanded.replaced.push(Replaced { from: reference.span.clone(), to, name: reference.name.to_owned() });
    }
    expanded.text.push_str(text.get(done..).unwrap_or_default());
    expanded
}

/// Finds the references of a text, from left to right; none begins inside another.
pub fn references(text: &str, syntax: Syntax) -> Vec<Reference<'_>> {
    let (mut found, mut at) = (Vec::new(), 0);
    // Once no brace closes behind a place, none does behind a later one: without this a row of `${` would be looked through again each time.
    let last_brace = text.rfind('}').unwrap_or(0);
    while let Some(dollar) = text.get(at..).and_then(|rest| rest.find('$')).map(|offset| at + offset) {
        let rest = text.get(dollar + 1..).unwrap_or_default();
        let end = match rest.strip_prefix('{') {
            Some(inside) if dollar < last_brace => brace(inside, syntax).map(|length| (length + 3, 2..length + 2, true)),
            Some(_) => None,
            None => Some(word(rest)).filter(|length| *length > 0).map(|length| (length + 1, 1..length + 1, false)),
        };
        let Some((length, name, braced)) = end else {
            at = dollar + 1;
            continue;
        };
        let name = text.get(dollar + name.start..dollar + name.end).unwrap_or_default();
        found.push(Reference { span: dollar..dollar + length, name, braced });
        at = dollar + length;
    }
    found
}

/// Returns the length of a name that a brace closes.
fn brace(inside: &str, syntax: Syntax) -> Option<usize> {
    match syntax {
        Syntax::AnyInBraces => inside.find('}'),
        Syntax::WordsOnly => Some(word(inside)).filter(|length| *length > 0 && inside.as_bytes().get(*length) == Some(&b'}')),
    }
}

/// Returns the length of the word that a text begins with.
pub fn word(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn done(text: &str, syntax: Syntax) -> String {
        expand(text, syntax, |reference| match reference.name {
            "A" => Some("<$B>"),
            "B.c" => Some("b"),
            "E" => Some(""),
            _ => None,
        })
        .text
    }

    #[test]
    fn references_are_replaced_once_and_unknown_ones_stay() {
        for (text, any, words) in [
            ("$A-${A}-${N}-$N", "<$B>-<$B>-${N}-$N", "<$B>-<$B>-${N}-$N"),
            ("${B.c}", "b", "${B.c}"),
            ("$A.x $A-x $A_x", "<$B>.x <$B>-x $A_x", "<$B>.x <$B>-x $A_x"),
            ("$$A ${ $A", "$<$B> ${ <$B>", "$<$B> ${ <$B>"),
            ("${x $A}", "${x $A}", "${x <$B>}"),
            ("[$E]", "[]", "[]"),
            ("$é$A", "$é<$B>", "$é<$B>"),
        ] {
            assert_eq!((done(text, Syntax::AnyInBraces), done(text, Syntax::WordsOnly)), (any.to_owned(), words.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_long_row_of_open_braces_is_answered_at_once() {
        let text = "${".repeat(1 << 20);
        assert!(references(&text, Syntax::AnyInBraces).is_empty());
    }

    #[test]
    fn bytes_are_followed_back() {
        let expanded = expand("ab$A-d${A}ef", Syntax::AnyInBraces, |_| Some("12345"));
        assert_eq!(expanded.text, "ab12345-d12345ef");
        let back: Vec<usize> = [0, 2, 4, 7, 8, 9, 13, 14, 15].iter().map(|offset| expanded.origin(*offset)).collect();
        assert_eq!(back, [0, 2, 2, 4, 5, 6, 6, 10, 11]);
    }

    proptest! {
        #[test]
        fn without_variables_nothing_changes(text in "[A$={}. \n]{0,60}") {
            prop_assert_eq!(expand(&text, Syntax::AnyInBraces, |_| None).text, text.clone());
            prop_assert_eq!(expand(&text, Syntax::WordsOnly, |_| None).text, text);
        }
    }
}
