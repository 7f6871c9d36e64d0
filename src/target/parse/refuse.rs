//! What is wrong where the grammar cannot go on, and what was probably meant.

use std::ops::Range;

use super::Parser;
use crate::base::text::nearest;
use crate::target::condition::Dialect;
use crate::target::error::{ConditionError, Fault, Replacement};
use crate::target::expression::Comparison;
use crate::target::function::Function;
use crate::target::token::{Spanned, Token, continues_name};

impl Parser<'_> {
    pub(super) fn missing_operand(&self) -> ConditionError {
        match self.peek() {
            None => self.error(Fault::MissingOperand, "the condition ends where a value must follow"),
            Some(Token::Symbol(")")) => self.error(Fault::Unbalanced, "a value must stand before this parenthesis"),
            Some(_) => self.error(Fault::MissingOperand, "a value must stand here").hint("Values are paths, constants and parentheses."),
        }
    }

    /// Says that a parenthesis, which opened at `open`, is not closed where it must be.
    pub(super) fn not_closed(&self, open: Range<usize>) -> ConditionError {
        match self.peek() {
            None => ConditionError::new(self.text, Fault::Unbalanced, open, "this parenthesis is not closed"),
            Some(_) => self.trailing(),
        }
    }

    /// Says what is wrong with a token after a complete condition.
    pub(super) fn trailing(&self) -> ConditionError {
        let is = |word: &str, words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other));
        match self.peek() {
            Some(Token::Symbol(")")) => self.error(Fault::Unbalanced, "this parenthesis closes nothing"),
            Some(Token::Symbol(symbol)) if Comparison::of(symbol).is_some() => {
                self.error(Fault::MissingOperator, "a comparison cannot be compared").hint("Join comparisons with AND or OR.")
            }
            Some(Token::Word(word)) if is(word, &["select", "group", "order", "where", "from", "as", "top"]) => {
                self.error(Fault::QueryForm, "clauses of a query are no part of a target condition")
            }
            Some(Token::Word(word)) if is(word, &["not", "between", "like"]) => {
                let hint = "Write NIN ['a', 'b'], or two comparisons joined with AND.";
                self.error(Fault::ForeignOperator, format!("`{word}` cannot stand between two values")).hint(hint)
            }
            _ => self.error(Fault::MissingOperator, "an operator is missing before this").hint("Join conditions with AND or OR."),
        }
    }

    /// Refuses a query; when it has a WHERE, what stands before its condition can go.
    pub(super) fn whole_query(&self) -> ConditionError {
        let message = "this is a query; a target condition is what follows its WHERE";
        let error = self.error(Fault::QueryForm, message).hint("Remove everything up to and with WHERE.");
        let is_where = |spanned: &&Spanned| matches!(&spanned.token, Token::Word(word) if word.eq_ignore_ascii_case("where"));
        let end = self.tokens.iter().position(|spanned| is_where(&spanned)).and_then(|index| self.tokens.get(index + 1));
        match end {
            Some(after) if self.next == 0 => {
                let span = self.span().start..after.span.start;
                error.edits([Replacement { span, text: String::new() }])
            }
            _ => error,
        }
    }

    /// Refuses a function that this dialect does not have.
    pub(super) fn no_function(&self, name: &str, known: Option<Function>) -> ConditionError {
        let message = match known {
            Some(_) => format!("{name} is documented for message routes only, not for twins"),
            None => format!("there is no function `{name}`"),
        };
        let error = self.error(Fault::Dialect, message);
        match (self.dialect, nearest(&name.to_ascii_uppercase(), Function::names().chain(["IS_DEFINED"]))) {
            (Dialect::Strict, _) => error.hint("The one function of target conditions is is_defined(PATH)."),
            (Dialect::Extended, Some(near)) => error.hint(format!("Did you mean {near}?")),
            (Dialect::Extended, None) => {
                let names: Vec<&str> = Function::names().collect();
                error.hint(format!("The functions are IS_DEFINED, {}.", names.join(", ")))
            }
        }
    }

    /// Refuses a call with `found` arguments, which was read to its end.
    pub(super) fn argument_count(&self, function: Function, start: usize, found: usize) -> ConditionError {
        let message = format!("{} takes {}, not {}", function.name(), function.takes(), crate::base::text::count(found, "argument"));
        ConditionError::new(self.text, Fault::ArgumentCount, self.since(start), message)
    }

    fn refused_array(&self, message: &str) -> ConditionError {
        self.error(Fault::InArray, message).hint("Write constants in square brackets, such as IN ['a', 'b'].")
    }

    /// Refuses what follows IN and is no array; constants in parentheses can be put into brackets.
    pub(super) fn no_array(&self) -> ConditionError {
        let error = self.refused_array("IN and NIN need an array of constants");
        if !self.is_symbol("(") {
            return error;
        }
        let is_listed = |token: &Token| match token {
            Token::Number(_) | Token::Text(_) | Token::Symbol("," | "-") => true,
            Token::Word(word) => matches!(word.as_str(), "true" | "false" | "null"),
            _ => false,
        };
        let after = self.tokens.get(self.next + 1..).unwrap_or_default();
        match after.iter().find(|spanned| !is_listed(&spanned.token)) {
            Some(Spanned { token: Token::Symbol(")"), span }) => error
                .edits([Replacement { span: self.span(), text: "[".to_owned() }, Replacement { span: span.clone(), text: "]".to_owned() }]),
            _ => error,
        }
    }

    /// Refuses what stands in an array and is no constant; a comma before the end can go.
    pub(super) fn no_constant(&self) -> ConditionError {
        let error = self.refused_array("a constant is missing in this array");
        match self.next.checked_sub(1).and_then(|index| self.tokens.get(index)) {
            Some(Spanned { token: Token::Symbol(","), span }) if self.is_symbol("]") => {
                let edit = Replacement { span: span.clone(), text: String::new() };
                error.edits([edit])
            }
            _ => error,
        }
    }

    pub(super) fn no_array_end(&self) -> ConditionError {
        self.refused_array("this array is not closed")
    }

    /// Says what a word that is no root was probably meant to be.
    pub(super) fn unknown_root(&self, word: &str) -> ConditionError {
        let dotted = self.is_dotted();
        let token = |index: Option<usize>| index.and_then(|index| self.tokens.get(index)).map(|spanned| &spanned.token);
        let refuse = || self.error(Fault::RootNotAllowed, format!("conditions cannot read `{word}`"));
        if word.eq_ignore_ascii_case("deviceid") {
            let error = self.error(Fault::CaseDeviceId, format!("there is no attribute `{word}`"));
            return error.hint("Did you mean `deviceId`?").rewrite("deviceId");
        }
        if dotted && word.eq_ignore_ascii_case("tag") {
            let error = self.error(Fault::TagSingular, format!("there is no attribute `{word}`"));
            return error.hint("Did you mean `tags.`?").rewrite("tags");
        }
        match (word, token(self.next.checked_sub(1))) {
            ("capabilities", _) => {
                refuse().hint("capabilities can be read in queries only; edge deployments reach edge devices alone anyway.")
            }
            ("properties", _) => refuse().hint("Of the properties only properties.reported.NAME can be read."),
            ("$", _) => refuse().hint("A path begins without `$.`, such as tags.ring."),
            (_, Some(Token::Symbol("-"))) if !dotted && self.dashed_name().is_some() => {
                let (span, name) = self.dashed_name().unwrap_or_default();
                let escaped = format!("[[{name}]]");
                let hint = format!("A name with a dash is written in brackets: {escaped}.");
                refuse().hint(hint).edits([Replacement { span, text: escaped }])
            }
            _ if !dotted && ["true", "false", "null", "undefined"].iter().any(|literal| word.eq_ignore_ascii_case(literal)) => {
                let lower = word.to_ascii_lowercase();
                refuse().hint(format!("Write `{lower}` in lower case.")).rewrite(&lower)
            }
            (_, Some(Token::Symbol(symbol))) if !dotted && Comparison::of(symbol).is_some() => {
                let error = refuse().hint(format!("Text is written in single quotes: '{word}'."));
                if self.ends_operand() { error.rewrite(&format!("'{word}'")) } else { error }
            }
            _ if dotted && word.eq_ignore_ascii_case("tags") => refuse().hint("Did you mean `tags.`?").rewrite("tags"),
            _ => refuse().hint("Conditions read deviceId, tags.NAME and properties.reported.NAME."),
        }
    }

    /// Tells whether an operand surely ends with the word that is next.
    fn ends_operand(&self) -> bool {
        match self.tokens.get(self.next + 1).map(|spanned| &spanned.token) {
            None | Some(Token::Symbol(")")) => true,
            Some(Token::Word(word)) => ["and", "or"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword)),
            _ => false,
        }
    }

    /// Returns the name with dashes that ends a path and was read as a subtraction of the next word, with its place.
    fn dashed_name(&self) -> Option<(Range<usize>, &str)> {
        let Spanned { token: Token::Word(_), span } = self.tokens.get(self.next.checked_sub(2)?)? else { return None };
        if !matches!(self.tokens.get(self.next.checked_sub(3)?)?.token, Token::Symbol(".")) {
            return None;
        }
        let rest = self.text.get(span.start..)?;
        let end = rest.find(|c| !continues_name(c) && c != '-').unwrap_or(rest.len());
        let name = rest.get(..end)?.trim_end_matches('-');
        // With blanks around the dash it is a subtraction that was meant, and the run of characters ends before it.
        let span = span.start..span.start + name.len();
        (span.end > self.span().start).then_some((span, name))
    }
}
