//! What is wrong with a condition: which fault, where, and what to write instead.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use crate::base::source::{Excerpt, SourceText};
use crate::base::{Diagnose, Exit};

/// Kinds of faults, each with a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A double quote.
    DoubleQuote,
    /// A text that has no closing quote, or an escape that has no closing brackets.
    Unclosed,
    /// A semicolon.
    Semicolon,
    /// Parentheses that do not pair.
    Unbalanced,
    /// An operator of another language, such as `==`.
    ForeignOperator,
    /// Two operands without an operator between them, or text after the end.
    MissingOperator,
    /// An operand that is not there.
    MissingOperand,
    /// The right side of IN or NIN is no array of constants.
    InArray,
    /// An attribute that conditions cannot read.
    RootNotAllowed,
    /// `tag.` in place of `tags.`.
    TagSingular,
    /// `deviceId` in another case.
    CaseDeviceId,
    /// A path without a name after its root, or with an empty or malformed name.
    BadPath,
    /// A reserved word as a name in a path.
    ReservedWord,
    /// A function that conditions of this dialect do not have.
    Dialect,
    /// A function with more or fewer arguments than it takes.
    ArgumentCount,
    /// A whole query in place of a condition.
    QueryForm,
    /// A number that cannot be read.
    BadNumber,
    /// A character that has no meaning here.
    BadCharacter,
    /// Deeper nesting than is read.
    TooDeep,
}

impl Fault {
    /// Returns the stable code of the fault.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DoubleQuote => "target/double-quote",
            Self::Unclosed => "target/unclosed",
            Self::Semicolon => "target/trailing-semicolon",
            Self::Unbalanced => "target/unbalanced",
            Self::ForeignOperator => "target/foreign-operator",
            Self::MissingOperator => "target/missing-operator",
            Self::MissingOperand => "target/missing-operand",
            Self::InArray => "target/in-array",
            Self::RootNotAllowed => "target/root-not-allowed",
            Self::TagSingular => "target/tag-singular",
            Self::CaseDeviceId => "target/case-deviceid",
            Self::BadPath => "target/bad-path",
            Self::ReservedWord => "target/reserved-word",
            Self::Dialect => "target/dialect",
            Self::ArgumentCount => "target/argument-count",
            Self::QueryForm => "target/query-form",
            Self::BadNumber => "target/bad-number",
            Self::BadCharacter => "target/bad-character",
            Self::TooDeep => "target/too-deep",
        }
    }
}

/// A condition that does not parse. Prints place and message, then the condition with a caret below the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionError {
    /// Which fault.
    pub fault: Fault,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// The bytes of the condition that are at fault; empty at its end.
    pub span: Range<usize>,
    /// Line inside the condition, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Edits of the condition that say what was probably meant, in order of their places; empty when nobody can know.
    pub edits: Box<[Replacement]>,
    hint: Option<Box<str>>,
    excerpt: Box<str>,
}

/// An edit of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes to take out.
    pub span: Range<usize>,
    /// What to write there.
    pub text: String,
}

impl ConditionError {
    /// Returns an error at `span` of `text`.
    pub(super) fn new(text: &str, fault: Fault, span: Range<usize>, message: impl Into<String>) -> Self {
        let source = SourceText::new(Path::new(""), text);
        let (line, column) = source.position(span.start);
        let Excerpt { line: shown, indent, width } = source.excerpt(&span);
        let excerpt = format!("\n  | {shown}\n  | {}{}", " ".repeat(indent), "^".repeat(width));
        let edits = Box::default();
        Self { fault, message: message.into(), span, line, column, edits, hint: None, excerpt: excerpt.into() }
    }

    /// Returns what to write instead, a full sentence.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Adds that what is at fault should read `text`.
    #[must_use]
    pub(super) fn rewrite(self, text: &str) -> Self {
        let edit = Replacement { span: self.span.clone(), text: text.to_owned() };
        self.edits([edit])
    }

    /// Adds that what is at fault should go.
    #[must_use]
    pub(super) fn remove_it(self) -> Self {
        self.rewrite("")
    }

    /// Adds edits that say what was probably meant.
    #[must_use]
    pub(super) fn edits(mut self, edits: impl Into<Box<[Replacement]>>) -> Self {
        self.edits = edits.into();
        self
    }

    /// Adds what to write instead, a full sentence.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into());
        self
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "target condition {}:{}: {}{}", self.line, self.column, self.message, self.excerpt)
    }
}

impl std::error::Error for ConditionError {}

impl Diagnose for ConditionError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        self.fault.code()
    }

    fn hints(&self) -> Vec<String> {
        self.hint.iter().map(ToString::to_string).collect()
    }
}
