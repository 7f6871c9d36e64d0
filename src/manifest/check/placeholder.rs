//! Placeholders that templates hold: `${NAME}`, `$NAME`, and the tokens of build pipelines, `#{NAME}#` and `__NAME__`.

use std::ops::Range;

use crate::solution::compat::placeholder::is_system_property;

/// What kind of placeholder stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `${NAME}`, `${MODULES.filter.amd64}`, `${MODULEDIR<../x>}`.
    Braced,
    /// `$NAME`.
    Bare,
    /// `#{NAME}#` or `__NAME__`, which mean nothing to the usual tools.
    Token,
}

/// Names behind a `$` that are no placeholders.
const RESERVED: [&str; 6] = ["edgeAgent", "edgeHub", "upstream", "schema", "version", "metadata"];

/// Longest placeholder, so that a text of opening signs is walked in time.
const LONGEST: usize = 256;

/// Finds the placeholders of a text, in order.
pub(super) fn find(text: &str) -> impl Iterator<Item = (Range<usize>, Kind)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.find(['$', '#', '_'])?;
            let Some((length, kind)) = placeholder(text.get(start..)?) else {
                at = start + 1;
                continue;
            };
            at = start + length;
            return Some((start..at, kind));
        }
    })
}

/// Tells whether a text has a placeholder, so that what it will be is not known.
pub(super) fn is_in(text: &str) -> bool {
    find(text).next().is_some()
}

/// Reads a placeholder at the beginning of a text: its length and kind.
fn placeholder(rest: &str) -> Option<(usize, Kind)> {
    if let Some(inner) = rest.strip_prefix("${") {
        let name = name_in(inner, '$').filter(|name| *name > 0)?;
        return Some((name + 3, Kind::Braced));
    }
    if let Some(inner) = rest.strip_prefix("#{") {
        let end = name_in(inner, '#')? + 3;
        let closing = usize::from(rest.get(end..).is_some_and(|tail| tail.starts_with('#')));
        return Some((end + closing, Kind::Token));
    }
    if let Some(inner) = rest.strip_prefix("__") {
        let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let word = inner.bytes().take(LONGEST).take_while(legal).count();
        let name = inner.get(..word)?.split("__").next().filter(|name| name.len() < word)?;
        return name.contains(|c: char| c.is_ascii_uppercase()).then_some((name.len() + 4, Kind::Token));
    }
    let name = rest.strip_prefix('$').filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))?;
    let length = name.bytes().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    (!RESERVED.contains(&name.get(..length)?)).then_some((length + 1, Kind::Bare))
}

/// Returns the length of a name up to its closing brace; one that the opening sign interrupts is none.
fn name_in(inner: &str, sign: char) -> Option<usize> {
    let end = inner.bytes().take(LONGEST).position(|byte| byte == b'}' || u32::from(byte) == u32::from(sign))?;
    (inner.as_bytes().get(end) == Some(&b'}')).then_some(end)
}

/// Finds what is filled in later in the text of a route: in a template a name without braces too, unless it is a part of a message.
pub(super) fn in_route(text: &str, template: bool) -> Vec<Range<usize>> {
    let of_message = |span: &Range<usize>| text.get(span.start + 1..span.end).is_some_and(is_system_property);
    let is_hole = |(span, kind): &(Range<usize>, Kind)| *kind != Kind::Bare || (template && !of_message(span));
    find(text).filter(is_hole).map(|(span, _)| span).collect()
}

/// Returns the text with these parts replaced by letters of the same number of bytes, so that places stay.
pub(super) fn filled(text: &str, holes: &[Range<usize>]) -> String {
    let (mut filled, mut done) = (String::with_capacity(text.len()), 0);
    for span in holes {
        filled.push_str(text.get(done..span.start).unwrap_or_default());
        filled.push_str(&"x".repeat(span.len()));
        done = span.end;
    }
    filled + text.get(done..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_placeholders_from_what_looks_like_them() {
        for (text, spans) in [
            ("${A}/x:${B.c}", vec![(0..4, Kind::Braced), (7..13, Kind::Braced)]),
            ("$REG/x", vec![(0..4, Kind::Bare)]),
            ("$upstream:8000/x $edgeHub $schema-template", vec![]),
            ("a#{Tag}#b#{c}", vec![(1..8, Kind::Token), (9..13, Kind::Token)]),
            ("__TAG__ __init__", vec![(0..7, Kind::Token)]),
            ("${MODULEDIR<../x>.amd64}", vec![(0..24, Kind::Braced)]),
            ("${ } $ $1 ${} __ ä$ö", vec![(0..4, Kind::Braced)]),
            ("#{a", vec![]),
        ] {
            assert_eq!(find(text).collect::<Vec<_>>(), spans, "{text}");
        }
    }

    #[test]
    fn filling_keeps_places() {
        let text = "FROM /messages/modules/${M}/* WHERE $body.a = '$V' INTO $upstream";
        let of = |template| filled(text, &in_route(text, template));
        assert_eq!(of(false), "FROM /messages/modules/xxxx/* WHERE $body.a = '$V' INTO $upstream");
        assert_eq!(of(true), "FROM /messages/modules/xxxx/* WHERE $body.a = 'xx' INTO $upstream");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_walked_to_its_end(text in "[${}#_A<>./aö ]{0,40}") {
            let mut found = find(&text);
            proptest::prop_assert!(found.all(|(span, _)| text.get(span.clone()).is_some_and(|part| !part.is_empty())));
            proptest::prop_assert_eq!(filled(&text, &in_route(&text, true)).len(), text.len());
        }
    }
}
