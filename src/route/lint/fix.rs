//! Changes of routes: each is tried before it is offered, and all safe ones are made round by round until none is left.

use super::{Lint, LintContext, RouteText, lint, source};
use crate::base::finding::{Edit, Fix, Severity, apply};
use crate::route::error::Stage;
use crate::route::set::Route;

/// Rounds of changes; a route has far fewer traps that hide each other.
const ROUNDS: usize = 16;

/// A route after its safe changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, as code and description.
    pub done: Vec<(&'static str, String)>,
}

/// How far a route gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It does not read.
    Broken,
    /// It reads and leads nowhere.
    NoEndpoint,
    /// Its condition does not compile.
    NoCondition,
    /// It compiles, and no message has its source.
    Dead,
    /// It can take messages.
    Live,
}

impl Rank {
    fn of(text: &str) -> Self {
        match Route::compile("", text) {
            Ok(route) if source::lives(route.source()) => Self::Live,
            Ok(_) => Self::Dead,
            Err(error) if error.stage == Stage::Compile => Self::NoCondition,
            Err(error) if error.stage == Stage::Endpoint => Self::NoEndpoint,
            Err(_) => Self::Broken,
        }
    }
}

/// Returns a change that leads to a text which reads where the old one read. It is safe only when the route gets as far as before; else it is
/// proposed.
pub(super) fn verified(text: &str, fix: Fix) -> Option<Fix> {
    let changed = fix.apply(text)?;
    let (before, after) = (Rank::of(text), Rank::of(&changed));
    if after < before.min(Rank::NoCondition) {
        return None;
    }
    Some(Fix { safe: fix.safe && after >= before, ..fix })
}

/// Returns the one edit that leads from a text to another: what is equal at both ends stays.
pub fn difference(before: &str, after: &str) -> Edit {
    let head: usize = before.chars().zip(after.chars()).take_while(|(old, new)| old == new).map(|(c, _)| c.len_utf8()).sum();
    let (old, new) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(|(old, new)| old == new).map(|(c, _)| c.len_utf8()).sum();
    Edit::replace(head..before.len() - tail, new.get(..new.len() - tail).unwrap_or_default())
}

/// Makes all safe changes of a route.
pub fn fixed(route: &RouteText, context: &LintContext) -> Fixed {
    fixed_where(route, context, |_, _| true)
}

/// Makes the safe changes of a route that are allowed, each asked for with the text that it was found in. A route that got no further by all
/// of them together stays as it is.
pub fn fixed_where(route: &RouteText, context: &LintContext, allowed: impl Fn(&str, &Lint) -> bool) -> Fixed {
    let mut current = route.clone();
    let mut result = Fixed { text: route.text.clone(), done: Vec::new() };
    for _ in 0..ROUNDS {
        let mut edits: Vec<Edit> = Vec::new();
        let mut lints = lint(std::slice::from_ref(&current), context);
        // An error may be the effect of a trap: traps go first, and errors are looked at again afterwards.
        lints.sort_by_key(|found| found.severity == Severity::Error);
        for found in lints {
            if found.severity == Severity::Error && !edits.is_empty() {
                break;
            }
            if !allowed(&current.text, &found) {
                continue;
            }
            let Some(fix) = found.fix.filter(|fix| fix.safe) else { continue };
            let overlaps = |edit: &Edit| edits.iter().any(|known| known.span.start <= edit.span.end && edit.span.start <= known.span.end);
            if fix.edits.iter().any(overlaps) {
                continue;
            }
            edits.extend(fix.edits);
            result.done.push((found.code, fix.description));
        }
        let Some(changed) = apply(&current.text, &edits).filter(|changed| *changed != current.text) else { break };
        current.text = changed;
    }
    if Rank::of(&current.text) < Rank::of(&route.text) {
        return Fixed { text: route.text.clone(), done: Vec::new() };
    }
    result.text = current.text;
    result
}
