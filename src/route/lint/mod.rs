//! Traps of routes: what the broker accepts without a word, or too late, and what was hardly meant. Each has a stable code, the bytes of
//! the text, and where the author's intent is plain a change that mends it.

mod circle;
mod condition;
mod fault;
mod fix;
mod interface;
mod lexical;
mod set;
mod source;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use super::compile::{Program, Scope};
use super::error::RouteError;
use super::parse;
use super::set::{Condition, Route};
use super::syntax::RouteSyntax;
use crate::base::Diagnose;
use crate::base::finding::{Edit, Fix, Severity};

pub use fix::{difference, fixed, fixed_where};

/// A route as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteText {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// 0 to 9; `None` is after all of them.
    pub priority: Option<u32>,
    /// Life of its messages in seconds; 0 leaves it to the broker.
    pub time_to_live_secs: u32,
}

/// What a module speaks; a list that is not known is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleInterface {
    /// Names of inputs.
    pub inputs: Option<Vec<String>>,
    /// Names of outputs.
    pub outputs: Option<Vec<String>>,
}

/// What is known around the routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintContext {
    /// All modules by name; `None` when they are not known, as in a layer.
    pub modules: Option<BTreeMap<String, ModuleInterface>>,
}

/// A trap that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Index of the route; `None` when no route is at fault but the lack of one.
    pub route: Option<usize>,
    /// Stable code.
    pub code: &'static str,
    /// How grave it is: errors are refused by the broker.
    pub severity: Severity,
    /// What was found, a lowercase fragment.
    pub message: String,
    /// Bytes of the route's text.
    pub span: Range<usize>,
    /// What to write instead, a full sentence.
    pub hint: Option<String>,
    /// A change of the route's text.
    pub fix: Option<Fix>,
}

/// Every code of a trap, in the order of the alphabet; [`RouteError`] adds those of plain faults.
pub const CODES: [&str; 31] = [
    "route/bare-property",
    "route/body-content-type",
    "route/body-date",
    "route/body-is-defined",
    "route/body-is-null",
    "route/body-literal-type",
    "route/body-modulo",
    "route/body-negation",
    "route/body-on-right",
    "route/correlation-id",
    "route/dead-source",
    "route/empty-module-name",
    "route/equal-priority",
    "route/glued-not-equal",
    "route/glued-operator",
    "route/glued-quote",
    "route/inner-wildcard",
    "route/loop",
    "route/not-linted",
    "route/shadowed",
    "route/sink-words",
    "route/source-opens-comment",
    "route/text-after-condition",
    "route/text-after-sink",
    "route/twin-change-includes",
    "route/type-mismatch",
    "route/unknown-input",
    "route/unknown-module",
    "route/unknown-system-property",
    "route/unrouted-output",
    "route/unwritable-property",
];

impl Lint {
    fn warning(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { route: None, code, severity: Severity::Warning, message: message.into(), span, hint: None, fix: None }
    }

    fn of_error(error: &RouteError) -> Self {
        let hint = Some(error.hints().join(" ")).filter(|hint| !hint.is_empty());
        Self { severity: Severity::Error, hint, ..Self::warning(error.code(), error.span.clone(), error.message.clone()) }
    }

    fn note(self) -> Self {
        Self { severity: Severity::Note, ..self }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn safe(self, description: &str, edits: Vec<Edit>) -> Self {
        Self { fix: Some(Fix::safe(description, edits)), ..self }
    }

    fn proposed(self, description: &str, edits: Vec<Edit>) -> Self {
        Self { fix: Some(Fix::proposed(description, edits)), ..self }
    }
}

/// Texts longer than this are compiled and not searched for traps.
const LONGEST: usize = 256 << 10;

/// A route's text taken apart.
struct Parts<'a> {
    text: &'a str,
    syntax: Option<RouteSyntax>,
    compiled: Result<Route, RouteError>,
}

/// Finds the traps of routes, in the order of the routes and their bytes.
pub fn lint(routes: &[RouteText], context: &LintContext) -> Vec<Lint> {
    let parts: Vec<Parts<'_>> = routes.iter().map(Parts::of).collect();
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let mut own = part.lint();
        own.extend(interface::lint(part, context));
        for lint in &mut own {
            lint.fix = lint.fix.take().and_then(|fix| fix::verified(part.text, fix));
        }
        found.extend(own.into_iter().map(|lint| Lint { route: Some(index), ..lint }));
    }
    found.extend(set::lint(routes, &parts, context));
    found.extend(interface::unrouted(&parts, context));
    found.sort_by_key(|lint| (lint.route.is_none(), lint.route, lint.span.start, lint.code));
    found
}

/// Finds the traps of a condition that stands alone.
pub fn lint_condition(text: &str) -> Vec<Lint> {
    let node = parse::condition(text).ok();
    let compiled = Condition::compile(text, Scope::Route);
    let mut found = Vec::new();
    if text.len() <= LONGEST {
        found.extend(lexical::condition(text, 0..text.len()));
        found.extend(lexical::after_condition(text, node.as_ref()));
        found.extend(node.iter().flat_map(|node| condition::lint(text, node, compiled.as_ref().ok().map(Condition::program))));
    } else {
        found.push(not_linted(text));
    }
    if let Err(error) = &compiled {
        found.push(fault::lint(text, node.as_ref(), error));
    }
    found.sort_by_key(|lint| (lint.span.start, lint.code));
    found
}

/// Says that a text was too long to be searched.
fn not_linted(text: &str) -> Lint {
    let message = format!("a text of {} KiB is compiled and not searched for traps", text.len() >> 10);
    Lint::warning("route/not-linted", 0..0, message).note().hint(format!("Traps are looked for in texts of up to {} KiB.", LONGEST >> 10))
}

impl<'a> Parts<'a> {
    fn of(route: &'a RouteText) -> Self {
        Self { text: &route.text, syntax: parse::route(&route.text).ok(), compiled: Route::compile(&route.name, &route.text) }
    }

    fn route(&self) -> Option<&Route> {
        self.compiled.as_ref().ok()
    }

    fn program(&self) -> Option<&Program> {
        self.route().and_then(Route::condition)
    }

    fn lint(&self) -> Vec<Lint> {
        let mut found = Vec::new();
        if self.text.len() <= LONGEST {
            found.extend(source::lint(self.text, self.syntax.as_ref()));
            found.extend(lexical::condition(self.text, source::condition_span(self.text)));
            if let Some(node) = self.syntax.as_ref().and_then(|syntax| syntax.condition.as_ref()) {
                found.extend(condition::lint(self.text, node, self.program()));
            }
        } else {
            found.push(not_linted(self.text));
        }
        if let Err(error) = &self.compiled {
            let node = self.syntax.as_ref().and_then(|syntax| syntax.condition.as_ref());
            found.push(fault::lint(self.text, node, error));
        }
        found
    }
}
