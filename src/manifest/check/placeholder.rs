//! Placeholders that templates hold: `${NAME}`, `$NAME`, and the tokens of build pipelines, `#{NAME}#` and `__NAME__`.

use std::ops::Range;

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

/// Finds the placeholders of a text, in order.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['$', '#', '_'])) {
        let start = at + next;
        let rest = text.get(start..).unwrap_or_default();
        match placeholder(rest).filter(|(length, _)| *length > 0) {
            Some((length, kind)) => {
                found.push((start..start + length, kind));
                at = start + length;
            }
            None => at = start + 1,
        }
    }
    found
}

/// Tells whether a text has a placeholder of the usual tools, so that what it will be is not known.
pub(super) fn is_in(text: &str) -> bool {
    text.contains(['$', '#', '_']) && !find(text).is_empty()
}

/// Reads a placeholder at the beginning of a text: its length and kind.
fn placeholder(rest: &str) -> Option<(usize, Kind)> {
    let word = |from: usize| {
        let tail = rest.get(from..).unwrap_or_default();
        tail.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').map(char::len_utf8).sum::<usize>()
    };
    if rest.starts_with("${") {
        let end = rest.find('}')?;
        return (end > 2).then_some((end + 1, Kind::Braced));
    }
    if rest.starts_with("#{") {
        let end = rest.find('}')? + 1;
        let closing = usize::from(rest.get(end..).is_some_and(|tail| tail.starts_with('#')));
        return Some((end + closing, Kind::Token));
    }
    if rest.starts_with("__") {
        let inner = rest.get(2..)?;
        let end = inner.find("__")?;
        let name = inner.get(..end)?;
        let legal = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        return (legal && name.chars().any(|c| c.is_ascii_uppercase())).then_some((end + 4, Kind::Token));
    }
    if rest.starts_with('$') && rest.get(1..)?.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let length = word(1);
        let name = rest.get(1..=length)?;
        return (!RESERVED.contains(&name)).then_some((length + 1, Kind::Bare));
    }
    None
}

/// Returns the text with each placeholder replaced by letters of the same number of bytes, so that places stay.
pub(super) fn filled(text: &str) -> String {
    let mut filled = text.to_owned();
    for (span, _) in find(text).into_iter().filter(|(_, kind)| *kind != Kind::Bare) {
        filled.replace_range(span.clone(), &"x".repeat(span.len()));
    }
    filled
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
        ] {
            assert_eq!(find(text), spans, "{text}");
        }
    }

    #[test]
    fn filling_keeps_places() {
        assert_eq!(filled("FROM /messages/modules/${M}/* INTO $upstream"), "FROM /messages/modules/xxxx/* INTO $upstream");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_walked_to_its_end(text in "[${}#_A<>./aö ]{0,40}") {
            let found = find(&text);
            proptest::prop_assert!(found.iter().all(|(span, _)| text.get(span.clone()).is_some_and(|part| !part.is_empty())));
            proptest::prop_assert_eq!(filled(&text).len(), text.len());
        }
    }
}
