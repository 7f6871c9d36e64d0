//! Traps between routes: loops, routes that never matter, priorities that do not decide. Each route is compared with groups of others, not
//! with every other, and has one finding of a kind, which names the first of its rivals.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::interface::source_module;
use super::{Lint, LintContext, Parts, RouteText, circle};
use crate::base::text::sanitized;
use crate::model::Message;
use crate::route::compile::Program;
use crate::route::endpoint::Endpoint;
use crate::route::set::{DEFAULT_PRIORITY, Route};
use crate::route::value::Truth;

/// Finds the traps between routes.
pub(super) fn lint(routes: &[RouteText], parts: &[Parts<'_>], context: &LintContext) -> Vec<Lint> {
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let Some(route) = part.route() else { continue };
        if let Some(lint) = feedback(part, route, context) {
            found.push(Lint { route: Some(index), ..lint });
        }
    }
    found.extend(circle::lint(parts, context));
    found.extend(rivals(routes, parts));
    found
}

/// Finds a route that brings a module its own messages.
fn feedback(part: &Parts<'_>, route: &Route, context: &LintContext) -> Option<Lint> {
    let Endpoint::Module { module, .. } = route.endpoint() else { return None };
    if !may_take(route, module, context) {
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

/// Tells whether a route may take messages of a module.
pub(super) fn may_take(route: &Route, module: &str, context: &LintContext) -> bool {
    let interface = context.modules.as_ref().and_then(|modules| modules.get(module));
    if interface.and_then(|interface| interface.outputs.as_ref()).is_some_and(Vec::is_empty) {
        return false;
    }
    let output = route.source().trim_matches('/').split('/').nth(4).unwrap_or("output");
    let source = format!("/messages/modules/{module}/outputs/{output}");
    if !route.takes_from(&source) {
        return false;
    }
    let mut message = Message::default();
    message.system_properties.insert("connectionModuleId".to_owned(), module.to_owned());
    message.system_properties.insert("outputName".to_owned(), output.to_owned());
    // A condition that is false whatever else the message holds keeps the module's messages away.
    route.truth(&message) != Truth::False
}

/// A compiled route as it is compared.
struct Rival<'a> {
    index: usize,
    endpoint: &'a Endpoint,
    /// The source in one case.
    source: String,
    /// Its condition; equal ones have equal numbers.
    condition: Option<u64>,
    priority: u32,
    life: u32,
}

/// Most parts of a source that are told apart; no message has a source of more than five.
const MOST_PARTS: usize = 16;

impl Rival<'_> {
    /// Returns the sources that include this one's, its own too.
    fn wider(&self) -> impl Iterator<Item = &str> {
        let ends = self.source.match_indices('/').map(|(at, _)| at + 1).take(MOST_PARTS);
        ends.filter(|end| *end < self.source.len()).chain([self.source.len()]).filter_map(|end| self.source.get(..end))
    }
}

/// Finds what is wrong between routes to one endpoint.
fn rivals(routes: &[RouteText], parts: &[Parts<'_>]) -> Vec<Lint> {
    let all: Vec<Rival<'_>> = parts
        .iter()
        .zip(routes)
        .enumerate()
        .filter_map(|(index, (part, text))| {
            let route = part.route()?;
            Some(Rival {
                index,
                endpoint: route.endpoint(),
                source: route.source().to_uppercase(),
                condition: route.condition().map(number),
                priority: text.priority.unwrap_or(DEFAULT_PRIORITY),
                life: text.time_to_live_secs,
            })
        })
        .collect();
    let name = |index: usize| routes.get(index).map(|route| sanitized(&route.name)).unwrap_or_default();
    let place = |index: usize| routes.get(index).map_or(0..0, |route| whole(&route.text));
    let mut found = Vec::new();
    let covers = Covers::of(&all);
    let mut equals = Equals::default();
    for rival in &all {
        let lint = if let Some(by) = covers.before(rival) {
            let message = format!("this route never matters: `{}` takes all of its messages to the same endpoint first", name(by));
            Lint::warning("route/shadowed", place(rival.index), message).hint("Remove it, or narrow the other one.")
        } else {
            let earlier = equals.earlier(rival);
            equals.add(rival);
            let Some((other, same_life)) = earlier else { continue };
            let message =
                format!("`{}` has the same priority and endpoint: which of their times to live counts is not specified", name(other));
            let lint = Lint::warning("route/equal-priority", place(rival.index), message)
                .hint("Give them different priorities, or the same time to live.");
            if same_life && rival.priority == DEFAULT_PRIORITY { lint.note() } else { lint }
        };
        found.push(Lint { route: Some(rival.index), ..lint });
    }
    found
}

/// Returns a number that equal conditions share.
fn number(program: &Program) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{program:?}").hash(&mut hasher);
    hasher.finish()
}

/// The first route of each priority and time to live.
type Firsts = BTreeMap<(u32, u32), usize>;

/// First routes by endpoint, source and condition.
struct Covers<'a>(BTreeMap<(&'a Endpoint, &'a str, Option<u64>), Firsts>);

impl<'a> Covers<'a> {
    fn of(all: &'a [Rival<'a>]) -> Self {
        let mut groups: BTreeMap<_, Firsts> = BTreeMap::new();
        for rival in all {
            let group = groups.entry((rival.endpoint, rival.source.as_str(), rival.condition)).or_default();
            group.entry((rival.priority, rival.life)).or_insert(rival.index);
        }
        Self(groups)
    }

    /// Returns the first route that takes all messages of another before it: from as many sources or more, with the same condition or none,
    /// and with a lower priority, or an equal one and the same time to live.
    fn before(&self, rival: &Rival<'_>) -> Option<usize> {
        let mut first: Option<usize> = None;
        for source in rival.wider() {
            for condition in std::iter::once(None).chain(rival.condition.map(Some)) {
                let Some(group) = self.0.get(&(rival.endpoint, source, condition)) else { continue };
                // Of two that say the same, the first one counts.
                let same = source == rival.source && condition == rival.condition;
                let lower = group.first_key_value().filter(|((priority, _), _)| *priority < rival.priority).map(|(_, index)| *index);
                let equal = group.get(&(rival.priority, rival.life)).copied().filter(|index| !same || *index < rival.index);
                first = [first, lower, equal].into_iter().flatten().min();
            }
        }
        first
    }
}

/// Routes that came before, at most two of one group: the first, and the first with another time to live.
type Earlier = Vec<(usize, u32)>;

/// By endpoint, priority and source: the routes that have this source, and those that have a narrower one.
#[derive(Default)]
struct Equals<'a> {
    here: BTreeMap<(&'a Endpoint, u32, &'a str), Earlier>,
    below: BTreeMap<(&'a Endpoint, u32, &'a str), Earlier>,
}

impl<'a> Equals<'a> {
    fn add(&mut self, rival: &'a Rival<'a>) {
        fn join(earlier: &mut Earlier, (index, life): (usize, u32)) {
            if earlier.len() < 2 && earlier.iter().all(|(_, known)| *known != life) {
                earlier.push((index, life));
            }
        }
        let new = (rival.index, rival.life);
        join(self.here.entry((rival.endpoint, rival.priority, rival.source.as_str())).or_default(), new);
        for source in rival.wider() {
            join(self.below.entry((rival.endpoint, rival.priority, source)).or_default(), new);
        }
    }

    /// Returns an earlier route that takes some of the same messages with the same priority, and whether it has the same time to live; one
    /// that has another before one that has not.
    fn earlier(&self, rival: &Rival<'_>) -> Option<(usize, bool)> {
        let key = |source| (rival.endpoint, rival.priority, source);
        let wider = rival.wider().filter_map(|source| self.here.get(&key(source)));
        let narrower = self.below.get(&key(rival.source.as_str()));
        let known = wider.chain(narrower).flatten().map(|(index, life)| (*life == rival.life, *index)).min();
        known.map(|(same_life, index)| (index, same_life))
    }
}

/// Returns the bytes of a route's text without blanks around it; only there for a place to show.
fn whole(text: &str) -> std::ops::Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..text.trim_end().len().max(start)
}
