//! Tokens of a route. The longest match wins, and of equal ones the rule that stands first; so text without blanks is often one name.

use std::ops::Range;

/// Kinds of tokens. The order of the rules is that of the lexer's longest match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SELECT, FROM, WHERE, INTO, AND, OR or NOT.
    Keyword(Keyword),
    /// `true`, `false`, `null` or `undefined`, in lower case.
    Literal,
    /// A quoted text, quotes included.
    Text,
    /// A quote that no other closes.
    Unterminated,
    /// Decimal digits.
    Integer,
    /// `0x` and digits.
    Hexadecimal,
    /// Digits with a fraction or an exponent.
    Real,
    /// Punctuation or an operator.
    Symbol(&'static str),
    /// `$` and a name.
    SystemProperty,
    /// A name.
    Name,
    /// A name with brackets in it, which no rule accepts.
    Bracketed,
    /// A character of no other token.
    Unknown,
}

/// Words in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// `SELECT`
    Select,
    /// `FROM`
    From,
    /// `WHERE`
    Where,
    /// `INTO`
    Into,
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `NOT`
    Not,
}

/// A token and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Range<usize>,
}

const KEYWORDS: [(&str, Keyword); 7] = [
    ("select", Keyword::Select),
    ("from", Keyword::From),
    ("where", Keyword::Where),
    ("into", Keyword::Into),
    ("and", Keyword::And),
    ("or", Keyword::Or),
    ("not", Keyword::Not),
];

const SYMBOLS: [&str; 19] = ["!=", "<>", "<=", ">=", "||", "??", "(", ")", ",", "+", "-", "*", "/", "%", "=", ">", "<", "{", "}"];

/// Tells the characters of names.
fn in_name(c: char) -> bool {
    !matches!(
        c,
        '(' | ')' | '<' | '>' | '@' | ',' | ';' | ':' | '\\' | '"' | '/' | '[' | ']' | '?' | '=' | '{' | '}' | ' ' | '\t' | '\r' | '\n'
    )
}

fn in_path(c: char) -> bool {
    in_name(c) || c == '[' || c == ']'
}

/// Splits a text into tokens; white space and comments are dropped. Never fails: what has no rule becomes an unknown token.
pub fn tokens(text: &str) -> Vec<Token> {
    scan(text).0
}

/// Returns the comments of a text, with their marks.
pub fn comments(text: &str) -> Vec<Range<usize>> {
    scan(text).1
}

fn scan(text: &str) -> (Vec<Token>, Vec<Range<usize>>) {
    let (mut found, mut comments) = (Vec::new(), Vec::new());
    let mut place = 0;
    // Behind the last end of a comment none begins; without this a text of openings alone would be searched to its end for each.
    let last_end = text.rfind("*/").unwrap_or_default();
    while let Some(rest) = text.get(place..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with([' ', '\t', '\r', '\n']) {
            place += 1;
            continue;
        }
        if let Some(length) = (place < last_end).then(|| comment(rest)).flatten() {
            comments.push(place..place + length);
            place += length;
            continue;
        }
        let (length, kind) = longest(rest);
        found.push(Token { kind, span: place..place + length });
        place += length;
    }
    (found, comments)
}

/// Returns the length of a comment, which ends at the first `*/` after its opening.
fn comment(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix("/*")?;
    inner.find("*/").map(|end| end + 4)
}

/// Returns the longest token at the start of `rest`.
fn longest(rest: &str) -> (usize, Kind) {
    let name = prefix(rest, in_name);
    let path = prefix(rest, in_path);
    let word = rest.get(..name).unwrap_or_default();
    let keyword = KEYWORDS.iter().find(|(text, _)| word.eq_ignore_ascii_case(text)).map(|(_, keyword)| *keyword);
    let literal = matches!(word, "true" | "false" | "null" | "undefined");
    let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
    let (text, closed) = quoted(rest);
    let candidates = [
        (if keyword.is_some() { name } else { 0 }, Kind::Keyword(keyword.unwrap_or(Keyword::Select))),
        (if closed { text } else { 0 }, Kind::Text),
        (if closed { 0 } else { text }, Kind::Unterminated),
        (integer(rest), Kind::Integer),
        (hexadecimal(rest), Kind::Hexadecimal),
        (real(rest), Kind::Real),
        (if literal { name } else { 0 }, Kind::Literal),
        (symbol.map_or(0, |symbol| symbol.len()), Kind::Symbol(symbol.copied().unwrap_or_default())),
        (if rest.starts_with('$') && path > 1 { path } else { 0 }, Kind::SystemProperty),
        (name, Kind::Name),
        (path, Kind::Bracketed),
        (rest.chars().next().map_or(0, char::len_utf8), Kind::Unknown),
    ];
    // Of equal lengths the first stays.
    candidates.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best }).unwrap_or((1, Kind::Unknown))
}

fn prefix(rest: &str, keep: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !keep(c)).unwrap_or(rest.len())
}

/// Returns how far a quoted text reaches, and whether it is closed. A backslash that escapes nothing ends an unclosed one.
fn quoted(rest: &str) -> (usize, bool) {
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return (0, false) };
    let mut place = 1;
    while let Some(c) = rest.get(place..).and_then(|rest| rest.chars().next()) {
        if c == quote {
            return (place + 1, true);
        }
        if c != '\\' {
            place += c.len_utf8();
            continue;
        }
        match escape(rest.get(place + 1..).unwrap_or_default()) {
            Some(length) => place += 1 + length,
            None => break,
        }
    }
    (place, false)
}

/// Returns the length of what follows a backslash, when that is an escape.
fn escape(after: &str) -> Option<usize> {
    if after.starts_with(['"', '\'', '\\']) {
        return Some(1);
    }
    let digits = after.strip_prefix('u')?.bytes().take(4).filter(u8::is_ascii_hexdigit).count();
    (digits == 4).then_some(5)
}

fn digits(rest: &str) -> usize {
    prefix(rest, |c| c.is_ascii_digit())
}

fn sign(rest: &str) -> usize {
    usize::from(rest.starts_with('-'))
}

fn integer(rest: &str) -> usize {
    let sign = sign(rest);
    match digits(rest.get(sign..).unwrap_or_default()) {
        0 => 0,
        count => sign + count,
    }
}

fn hexadecimal(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) else { return 0 };
    match prefix(after, |c| c.is_ascii_hexdigit()) {
        0 => 0,
        count => 2 + count,
    }
}

fn exponent(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix(['e', 'E']) else { return 0 };
    let sign = usize::from(after.starts_with(['+', '-']));
    match digits(after.get(sign..).unwrap_or_default()) {
        0 => 0,
        count => 1 + sign + count,
    }
}

/// Matches a fraction with or without an exponent, or an exponent alone; digits before either may be missing.
fn real(rest: &str) -> usize {
    let whole = sign(rest) + digits(rest.get(sign(rest)..).unwrap_or_default());
    let after = rest.get(whole..).unwrap_or_default();
    let fraction = match after.strip_prefix('.').map(digits) {
        None | Some(0) => 0,
        Some(count) => 1 + count,
    };
    let power = exponent(after.get(fraction..).unwrap_or_default());
    if fraction + power == 0 { 0 } else { whole + fraction + power }
}
