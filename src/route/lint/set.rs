//! Traps between routes: loops, routes that never matter, priorities that do not decide.

use super::interface::source_module;
use super::{Lint, LintContext, Parts, RouteText};
use crate::base::text::sanitized;
use crate::model::Message;
use crate::route::endpoint::Endpoint;
use crate::route::set::{DEFAULT_PRIORITY, Route};
use crate::route::value::Truth;

/// Finds the traps between routes.
pub(super) fn lint(routes: &[RouteText], parts: &[Parts<'_>], context: &LintContext) -> Vec<Lint> {
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let Some(route) = &part.route else { continue };
        if let Some(lint) = feedback(part, route, context) {
            found.push(Lint { route: Some(index), ..lint });
        }
    }
    let compiled: Vec<(usize, &Route)> = parts.iter().enumerate().filter_map(|(index, part)| Some((index, part.route.as_ref()?))).collect();
    for (position, (second, later)) in compiled.iter().enumerate() {
        for (first, earlier) in compiled.iter().take(position) {
            found.extend(pair(routes, (*first, earlier), (*second, later)));
        }
    }
    found
}

/// Finds a route that brings a module its own messages.
fn feedback(part: &Parts<'_>, route: &Route, context: &LintContext) -> Option<Lint> {
    let Endpoint::Module { module, .. } = route.endpoint() else { return None };
    let interface = context.modules.as_ref().and_then(|modules| modules.get(module));
    if interface.and_then(|interface| interface.outputs.as_ref()).is_some_and(Vec::is_empty) {
        return None;
    }
    let output = route.source().trim_matches('/').split('/').nth(4).unwrap_or("output");
    let source = format!("/messages/modules/{module}/outputs/{output}");
    if !route.takes_from(&source) {
        return None;
    }
    let mut message = Message::default();
    message.system_properties.insert("connectionModuleId".to_owned(), module.clone());
    message.system_properties.insert("outputName".to_owned(), output.to_owned());
    // A condition that is false whatever else the message holds keeps the module's own messages away.
    if route.truth(&message) == Truth::False {
        return None;
    }
    let all = source_module(route).is_none();
    let span = part.syntax.as_ref().map_or(0..0, |syntax| syntax.sink_span.clone());
    let message = if all {
        format!("the source includes the messages of `{module}` itself, which come back to its input: a loop if it sends for what it gets")
    } else {
        format!("messages of `{module}` come back to its own input: a loop if it sends for what it gets")
    };
    let lint = Lint::warning("route/loop", span, message);
    Some(if all { lint.hint(format!("Name the modules that are meant, or write WHERE $connectionModuleId != '{module}'.")) } else { lint })
}

/// Finds what is wrong between two routes to one endpoint.
fn pair(routes: &[RouteText], (first, earlier): (usize, &Route), (second, later): (usize, &Route)) -> Option<Lint> {
    if earlier.endpoint() != later.endpoint() {
        return None;
    }
    let covers = |wide: &Route, narrow: &Route| wide.takes_from(narrow.source());
    if !covers(earlier, later) && !covers(later, earlier) {
        return None;
    }
    let (one, two) = (routes.get(first)?, routes.get(second)?);
    let rank = |route: &RouteText| route.priority.unwrap_or(DEFAULT_PRIORITY);
    let same_life = one.time_to_live_secs == two.time_to_live_secs;
    let swallows =
        |wide: &Route, narrow: &Route| covers(wide, narrow) && (wide.condition().is_none() || wide.condition() == narrow.condition());
    let text = |index: usize| routes.get(index).map_or(0..0, |route| whole(&route.text));
    let shadowed = |index: usize, by: &RouteText| {
        let message = format!("this route never matters: `{}` takes all of its messages to the same endpoint first", sanitized(&by.name));
        Lint { route: Some(index), ..Lint::warning("route/shadowed", text(index), message).hint("Remove it, or narrow the other one.") }
    };
    if rank(one) <= rank(two) && swallows(earlier, later) && (rank(one) < rank(two) || same_life) {
        return Some(shadowed(second, one));
    }
    if rank(two) <= rank(one) && swallows(later, earlier) && (rank(two) < rank(one) || same_life) {
        return Some(shadowed(first, two));
    }
    if rank(one) != rank(two) {
        return None;
    }
    let message =
        format!("`{}` has the same priority and endpoint: which of their times to live counts is not specified", sanitized(&one.name));
    let lint =
        Lint::warning("route/equal-priority", text(second), message).hint("Give them different priorities, or the same time to live.");
    Some(Lint { route: Some(second), ..if same_life && one.priority.is_none() { lint.note() } else { lint } })
}

/// Returns the bytes of a route's text without blanks around it; only there for a place to show.
fn whole(text: &str) -> std::ops::Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..text.trim_end().len().max(start)
}
