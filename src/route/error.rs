//! What is wrong with a route: at which stage the broker refuses it, where, and why.

use std::fmt;
use std::ops::Range;

use crate::base::text::sanitized;
use crate::base::{Diagnose, Exit};

/// Where a broker finds the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The text is no route: the whole configuration is refused at once, and reported so.
    Parse,
    /// The sink names no endpoint; found together with the parse.
    Endpoint,
    /// Types or names of the condition are wrong: the broker reports success and then keeps its old routes.
    Compile,
}

/// A route that cannot be used. Prints name, place and message, then the route with a caret below the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteError {
    /// Name of the route; empty for a condition alone.
    pub name: String,
    /// Where a broker finds it.
    pub stage: Stage,
    /// Whether the product's compiler fails here with an unplanned exception.
    pub crash: bool,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// The bytes of the text that are at fault; empty at its end.
    pub span: Range<usize>,
    /// Line inside the text, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    details: Box<Details>,
}

/// What is shown besides; kept apart so that the error stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    hint: Option<String>,
    trap: Option<&'static str>,
    excerpt: String,
}

/// Characters shown on either side of the place; a route may be very long.
const SHOWN: usize = 60;

/// A fault before the text and the name of the route are known to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where a broker finds it.
    pub stage: Stage,
    /// The bytes at fault.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, a full sentence.
    pub hint: Option<String>,
    /// Whether the product fails with an unplanned exception.
    pub crash: bool,
    /// Stable code, where it is a known trap; otherwise the stage's.
    pub code: Option<&'static str>,
}

impl Fault {
    /// Returns a fault of the grammar.
    pub fn parse(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { stage: Stage::Parse, span, message: message.into(), hint: None, crash: false, code: None }
    }

    /// Sets the stable code of a known trap.
    #[must_use]
    pub fn coded(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Returns a fault of types or names.
    pub fn compile(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { stage: Stage::Compile, ..Self::parse(span, message) }
    }

    /// Adds what to write instead, a full sentence.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Marks what makes the product's compiler fail unplanned.
    #[must_use]
    pub fn crashing(self) -> Self {
        Self { crash: true, ..self }
    }

    /// Returns the error of a named text.
    pub fn of(self, name: &str, text: &str) -> RouteError {
        let before = text.get(..self.span.start).unwrap_or(text);
        let head_line = before.rsplit('\n').next().unwrap_or_default();
        let column = head_line.chars().count() + 1;
        let rest = text.get(self.span.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let head: String = head_line.chars().skip(column.saturating_sub(SHOWN + 1)).collect();
        let tail: String = rest.chars().take(SHOWN).collect();
        let width = text.get(self.span.clone()).map_or(0, |part| part.chars().take_while(|c| *c != '\n').count()).clamp(1, SHOWN);
        let indent = " ".repeat(head.chars().count());
        RouteError {
            name: name.to_owned(),
            stage: self.stage,
            crash: self.crash,
            message: self.message,
            line: before.matches('\n').count() + 1,
            column,
            span: self.span,
            details: Box::new(Details {
                hint: self.hint,
                trap: self.code,
                excerpt: format!("\n  | {}\n  | {indent}{}", sanitized(&format!("{head}{tail}")), "^".repeat(width)),
            }),
        }
    }
}

impl RouteError {
    /// Returns the code of the trap that it is, when it is a known one.
    pub fn trap(&self) -> Option<&'static str> {
        self.details.trap
    }

    /// Tells whether it is a trap of this code.
    pub fn code_is(&self, code: &str) -> bool {
        self.details.trap == Some(code)
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            f.write_str("route")?;
        } else {
            write!(f, "route `{}`", sanitized(&self.name))?;
        }
        write!(f, " {}:{}: {}{}", self.line, self.column, self.message, self.details.excerpt)
    }
}

impl std::error::Error for RouteError {}

impl Diagnose for RouteError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        self.details.trap.unwrap_or(match self.stage {
            Stage::Parse => "route/syntax",
            Stage::Endpoint => "route/bad-sink",
            Stage::Compile => "route/does-not-compile",
        })
    }

    fn hints(&self) -> Vec<String> {
        self.details.hint.iter().cloned().collect()
    }
}
