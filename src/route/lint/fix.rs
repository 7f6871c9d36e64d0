//! Changes of routes: each is tried before it is offered, and all safe ones are made round by round until none is left.

use super::{LintContext, RouteText, lint};
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

/// Returns a change that leads to a text no worse than before: one that reads where the old one read, and compiles where the old one
/// compiled. A safe change that does not is only proposed when it reads at all.
pub(super) fn verified(text: &str, fix: Fix) -> Option<Fix> {
    let changed = fix.apply(text)?;
    let rank = |text: &str| match Route::compile("", text) {
        Ok(_) => 3,
        Err(error) if error.stage == Stage::Compile => 2,
        Err(error) if error.stage == Stage::Endpoint => 1,
        Err(_) => 0,
    };
    let (before, after) = (rank(text), rank(&changed));
    if after < before.min(2) {
        return None;
    }
    Some(Fix { safe: fix.safe && (after >= before || after >= 2), ..fix })
}

/// Makes all safe changes of a route.
pub fn fixed(route: &RouteText, context: &LintContext) -> Fixed {
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
    result.text = current.text;
    result
}
