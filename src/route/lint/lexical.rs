//! Traps of the lexer: what looks like two or three parts and is one name.

use std::ops::Range;

use super::Lint;
use crate::base::finding::Edit;
use crate::route::syntax::{Node, NodeKind};
use crate::route::token::{Kind, Token, tokens};

/// Finds the traps of the names in a part of a text.
pub(super) fn condition(text: &str, part: Range<usize>) -> Vec<Lint> {
    let tokens: Vec<Token> =
        tokens(text).into_iter().filter(|token| token.span.start >= part.start && token.span.end <= part.end).collect();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let word = text.get(token.span.clone()).unwrap_or_default();
        let before = index.checked_sub(1).and_then(|index| tokens.get(index));
        let next = tokens.get(index + 1);
        match token.kind {
            Kind::Name | Kind::SystemProperty => {
                found.extend(not_equal(text, token, word, next).or_else(|| name(token, word, next)));
            }
            Kind::Integer | Kind::Real if word.starts_with('-') && before.is_some_and(|before| is_operand(before, text)) => {
                let message = format!("`{word}` is a negative number, not a subtraction");
                let lint = Lint::warning("route/glued-operator", token.span.clone(), message).hint("Put blanks around the operator.");
                let glued = before.is_some_and(|before| before.span.end == token.span.start);
                let edits = [glued.then(|| Edit::insert(token.span.start, " ")), Some(Edit::insert(token.span.start + 1, " "))];
                found.push(lint.safe("put blanks around the `-`", edits.into_iter().flatten().collect()));
            }
            Kind::Real if !word.contains('.') && !word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) => {
                let message = format!("`{word}` is read as a number that does not exist, not as a property");
                let lint = Lint::warning("route/unwritable-property", token.span.clone(), message);
                found.push(lint.hint("A property of that name cannot be written in a condition: the sender must name it otherwise."));
            }
            _ => {}
        }
    }
    found
}

/// Finds text behind a condition that stands alone, which the broker passes over.
pub(super) fn after_condition(text: &str, node: Option<&Node>) -> Option<Lint> {
    let node = node.filter(|node| node.kind != NodeKind::Undefined || !node.span.is_empty())?;
    // Parentheses around the whole belong to it.
    let rest = tokens(text).into_iter().filter(|token| token.span.start >= node.span.end);
    let rest: Vec<Token> = rest.skip_while(|token| token.kind == Kind::Symbol(")")).collect();
    let (first, last) = (rest.first()?, rest.last()?);
    let span = first.span.start..last.span.end;
    let lint = Lint::warning("route/text-after-condition", span, "the broker passes over everything behind the condition");
    Some(match text.get(first.span.clone()) {
        Some("&&") => lint.hint("Write AND.").safe("write AND", vec![Edit::replace(first.span.clone(), "AND")]),
        _ => lint.hint("Remove it, or join it by an operator."),
    })
}

/// Tells what can stand on the left of an operator.
fn is_operand(token: &Token, text: &str) -> bool {
    let closes = matches!(text.get(token.span.clone()), Some(")" | "}"));
    closes || matches!(token.kind, Kind::Text | Kind::Integer | Kind::Hexadecimal | Kind::Real | Kind::Name | Kind::SystemProperty)
}

/// Finds `name!=`, where the `!` belongs to the name.
fn not_equal(text: &str, token: &Token, word: &str, next: Option<&Token>) -> Option<Lint> {
    let next = next.filter(|next| next.kind == Kind::Symbol("=") && next.span.start == token.span.end)?;
    let name = word.strip_suffix('!').filter(|name| !name.is_empty())?;
    let at = token.span.end - 1;
    let behind = text.get(next.span.end..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let edits = [Some(Edit::insert(at, " ")), (!behind).then(|| Edit::insert(next.span.end, " "))];
    let message = format!("the `!` belongs to the name: this compares the property `{word}`, not `{name}`");
    let lint =
        Lint::warning("route/glued-not-equal", token.span.start..next.span.end, message).hint(format!("Write `{name} != …`, with blanks."));
    Some(lint.safe("put blanks around `!=`", edits.into_iter().flatten().collect()))
}

/// Names longer than this are not taken apart.
const LONGEST_NAME: usize = 1024;

/// Finds names that hold a quoted text or an operator.
fn name(token: &Token, word: &str, next: Option<&Token>) -> Option<Lint> {
    if let Some(path) = word.strip_prefix('-').filter(|path| path.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("$body."))) {
        let message = format!("`{word}` is the name of a property, and a body value cannot be negated");
        let lint = Lint::warning("route/body-negation", token.span.clone(), message).hint(format!("Write (0 - {path})."));
        return Some(lint.safe("subtract from 0", vec![Edit::replace(token.span.clone(), format!("(0 - {path})"))]));
    }
    if word.len() > LONGEST_NAME {
        return None;
    }
    let pieces = pieces(word);
    let quoted = pieces.iter().any(|piece| piece.starts_with('\''));
    let operator = pieces.iter().any(|piece| is_operator(piece));
    if pieces.len() < 2 || !(quoted || operator) {
        return None;
    }
    let spaced: Vec<&str> = pieces.iter().map(|piece| if *piece == "&&" { "AND" } else { piece }).collect();
    // A plus before a number says nothing, and the product has no such sign.
    let mut replacement = match pieces.as_slice() {
        ["+", number] => (*number).to_owned(),
        _ => spaced.join(" "),
    };
    // What stood directly before a quoted text or an operator keeps its distance.
    if next.is_some_and(|next| next.span.start == token.span.end && matches!(next.kind, Kind::Text)) {
        replacement.push(' ');
    }
    let edits = vec![Edit::replace(token.span.clone(), replacement)];
    let (code, message) = if quoted {
        ("route/glued-quote", format!("`{word}` is one name: text in single quotes that touches other characters becomes part of them"))
    } else {
        ("route/glued-operator", format!("`{word}` is one name, not an operation"))
    };
    let lint = Lint::warning(code, token.span.clone(), message).hint("Put blanks around every part.");
    Some(lint.safe("put blanks between the parts", edits))
}

fn is_operator(piece: &str) -> bool {
    matches!(piece, "+" | "-" | "*" | "%" | "||" | "&&")
}

/// Splits a name into what was probably meant: quoted texts, operators, and what stands between. A `-` or `+` between letters belongs to a name;
/// between numbers, or before `$` or a quote, it is an operator.
fn pieces(word: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut at = 0;
    while let Some(rest) = word.get(at..).filter(|rest| !rest.is_empty()) {
        let length = piece(word, at, rest);
        if length > 0 {
            cuts.extend([at, at + length]);
        }
        at += if length > 0 { length } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    cuts.push(word.len());
    cuts.windows(2).filter_map(|pair| word.get(pair[0]..pair[1])).filter(|piece| !piece.is_empty()).collect()
}

/// Returns the length of a quoted text or an operator that begins at a place; 0 when none does.
fn piece(word: &str, at: usize, rest: &str) -> usize {
    if rest.starts_with('\'') {
        return rest.get(1..).and_then(|rest| rest.find('\'')).map_or(0, |end| end + 2);
    }
    if rest.starts_with("||") || rest.starts_with("&&") {
        return 2;
    }
    let before = word.get(..at).unwrap_or_default();
    let after = rest.get(1..).unwrap_or_default();
    let number = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let numbers = before.is_empty() || before.split(['+', '-', '*', '%']).all(|part| part.is_empty() || part.parse::<f64>().is_ok());
    let reaches = after.starts_with(['$', '\'']) || number(after);
    match rest.as_bytes().first() {
        Some(b'*' | b'%') if !before.is_empty() && !after.is_empty() => 1,
        Some(b'+') if before.is_empty() && number(after) => 1,
        Some(b'+') if !before.is_empty() && (reaches || before.starts_with('$') && !after.is_empty()) => 1,
        Some(b'-') if !before.is_empty() && numbers && reaches => 1,
        Some(b'-') if after.starts_with('$') => 1,
        _ => 0,
    }
}
