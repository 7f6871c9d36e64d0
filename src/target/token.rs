//! Tokens of a condition, each with its bytes in the text.

use std::ops::Range;

use super::error::{ConditionError, Fault};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A number; hexadecimal ones too.
    Number(f64),
    /// A text, its quotes taken off and doubled quotes made single.
    Text(String),
    /// A name or keyword.
    Word(String),
    /// A name in `[[ ]]` after a dot.
    Escaped(String),
    /// Punctuation or an operator.
    Symbol(&'static str),
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned {
    /// The token.
    pub token: Token,
    /// Its bytes.
    pub span: Range<usize>,
}

/// Symbols, longest first.
const SYMBOLS: [&str; 18] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%"];

/// Operators of other languages, with what is written here.
const FOREIGN: [(&str, &str); 6] = [("==", "="), ("&&", "AND"), ("||", "OR"), ("!", "NOT or !="), ("&", "AND"), ("|", "OR")];

/// Tells the characters that begin a plain name.
pub fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '$'
}

/// Tells the characters that continue a plain name.
pub fn continues_name(c: char) -> bool {
    begins_name(c) || c.is_ascii_digit()
}

/// Tells the white space that may stand between tokens.
pub const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Splits a condition into tokens.
///
/// # Errors
/// At the first character that begins no token, with its place.
pub fn tokens(text: &str) -> Result<Vec<Spanned>, ConditionError> {
    let mut lexer = Lexer { text, place: 0, found: Vec::new() };
    while let Some(c) = lexer.peek() {
        if is_blank(c) {
            lexer.place += c.len_utf8();
            continue;
        }
        let start = lexer.place;
        let token = lexer.next(c)?;
        lexer.found.push(Spanned { token, span: start..lexer.place });
    }
    Ok(lexer.found)
}

struct Lexer<'a> {
    text: &'a str,
    place: usize,
    found: Vec<Spanned>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, fault: Fault, length: usize, message: impl Into<String>) -> ConditionError {
        ConditionError::new(self.text, fault, self.place..self.place + length, message)
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.find(|c| !keep(c)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.place += taken.len();
        taken
    }

    fn next(&mut self, c: char) -> Result<Token, ConditionError> {
        match c {
            '\'' => self.quoted(),
            '"' => Err(self.double_quoted()),
            ';' => Err(self.error(Fault::Semicolon, 1, "a condition holds no semicolon").hint("Remove the semicolon.").remove_it()),
            '[' if self.after_dot() => self.escaped(),
            c if c.is_ascii_digit() => self.number(),
            c if begins_name(c) => Ok(Token::Word(self.take_while(continues_name).to_owned())),
            c => self.symbol(c),
        }
    }

    fn after_dot(&self) -> bool {
        matches!(self.found.last(), Some(Spanned { token: Token::Symbol("."), .. }))
    }

    fn symbol(&mut self, c: char) -> Result<Token, ConditionError> {
        let rest = self.rest();
        let foreign = FOREIGN.iter().find(|(symbol, _)| rest.starts_with(symbol));
        if let Some((symbol, ours)) = foreign.filter(|_| !rest.starts_with("!=")) {
            let message = format!("`{symbol}` is no operator of conditions");
            let error = self.error(Fault::ForeignOperator, symbol.len(), message).hint(format!("Write {ours}."));
            return Err(match *symbol {
                "==" => error.rewrite("="),
                "&&" => error.rewrite(" AND "),
                "||" => error.rewrite(" OR "),
                _ => error,
            });
        }
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.place += symbol.len();
            return Ok(Token::Symbol(symbol));
        }
        let error = self.error(Fault::BadCharacter, c.len_utf8(), format!("`{}` has no meaning here", c.escape_debug()));
        Err(if c.is_control() || c.is_whitespace() {
            error.hint("Between words stand blanks, tabs and line breaks only.")
        } else {
            error.hint("A name with other characters is written in brackets: tags.[[my-name]].")
        })
    }

    /// Refuses a double quote; a text in double quotes without other quotes has an exact rewrite.
    fn double_quoted(&self) -> ConditionError {
        let inner = self.rest().strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(inner, _)| inner);
        let inner = inner.filter(|inner| !inner.contains(['\'', '\n']));
        let error = self.error(Fault::DoubleQuote, inner.map_or(1, |inner| inner.len() + 2), "a double quote has no meaning here");
        let error = error.hint("Write text in single quotes, such as 'prod'.");
        match inner {
            Some(inner) => error.rewrite(&format!("'{inner}'")),
            None => error,
        }
    }

    /// Refuses a double quote inside a text or an escaped name, `at` bytes from here: the hub takes none anywhere.
    fn inner_double_quote(&self, at: usize) -> ConditionError {
        let place = self.place + at;
        let message = "a double quote cannot stand in a condition, not even inside a text";
        ConditionError::new(self.text, Fault::DoubleQuote, place..place + 1, message)
            .hint("Mark the devices by another tag, whose value has no double quote.")
    }

    /// Reads a quoted text; two quotes inside stand for one.
    fn quoted(&mut self) -> Result<Token, ConditionError> {
        let mut value = String::new();
        let mut characters = self.rest().char_indices().skip(1).peekable();
        while let Some((at, c)) = characters.next() {
            if c == '"' {
                return Err(self.inner_double_quote(at));
            } else if c != '\'' {
                value.push(c);
            } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
            } else {
                self.place += at + 1;
                return Ok(Token::Text(value));
            }
        }
        let message = "this text has no closing quote";
        Err(self.error(Fault::Unclosed, 1, message).hint("Close it with a single quote; a quote inside a text is written twice."))
    }

    fn escaped(&mut self) -> Result<Token, ConditionError> {
        let closed = self.rest().strip_prefix("[[").and_then(|inner| inner.split_once(']')).filter(|(_, after)| after.starts_with(']'));
        let Some((name, _)) = closed.filter(|(name, _)| !name.is_empty()) else {
            let message = "a name in brackets looks like [[my-name]]";
            return Err(self.error(Fault::Unclosed, 1, message).hint("Two brackets open the name, two close it, and ] is not part of it."));
        };
        if let Some(at) = name.find('"') {
            return Err(self.inner_double_quote(at + 2));
        }
        self.place += name.len() + 4;
        Ok(Token::Escaped(name.to_owned()))
    }

    fn number(&mut self) -> Result<Token, ConditionError> {
        let start = self.place;
        let value = match self.rest().strip_prefix("0x").or_else(|| self.rest().strip_prefix("0X")) {
            Some(_) => {
                self.place += 2;
                let digits = self.take_while(|c| c.is_ascii_hexdigit());
                u64::from_str_radix(digits, 16).ok().map(hexadecimal)
            }
            None => self.decimal(),
        };
        let glued = self.peek().is_some_and(continues_name);
        if let Some(value) = value.filter(|value| value.is_finite() && !glued) {
            return Ok(Token::Number(value));
        }
        self.take_while(continues_name);
        let length = self.place - start;
        self.place = start;
        let hint = "Write digits, with a fraction if needed (1.5), or hexadecimal (0x1F); a name that begins with a digit goes in [[ ]].";
        Err(self.error(Fault::BadNumber, length, "this is no number").hint(hint))
    }

    /// Reads digits, a fraction and an exponent; a dot without digits after it makes no number.
    fn decimal(&mut self) -> Option<f64> {
        let start = self.place;
        self.take_while(|c| c.is_ascii_digit());
        if self.peek() == Some('.') {
            self.place += 1;
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return None;
            }
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.place += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.place += 1;
            }
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return None;
            }
        }
        self.text.get(start..self.place)?.parse().ok()
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of the hub are doubles")]
fn hexadecimal(value: u64) -> f64 {
    value as f64
}
