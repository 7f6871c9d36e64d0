//! `route explain`: a route as the broker reads it, and what it passes over.

use serde::Serialize;
use serde_json::Value;

use super::route_files::RouteFile;
use super::route_test::compiled;
use crate::base::Result;
use crate::route::explain::typed;
use crate::route::lint::RouteText;
use crate::route::set::DEFAULT_PRIORITY;
use crate::route::token::{comments, tokens};
use crate::route::{Route, parse, print};

/// A route as it is read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadRoute {
    /// Its name; empty for a text.
    pub name: String,
    /// The route written out: one way to say the same.
    pub canonical: String,
    /// The source as the broker compares it: a prefix, whatever its case.
    pub source: String,
    /// The condition with its parentheses; absent when every message of the source is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Parts of the condition with their static types; absent without a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Value>,
    /// `$upstream`, or module and input.
    pub endpoint: String,
    /// Its priority.
    pub priority: u32,
    /// Whether the priority is the one of routes that name none.
    pub default_priority: bool,
    /// Life of its messages in seconds; 0 leaves it to the broker.
    pub time_to_live_secs: u32,
    /// Text that the broker passes over.
    pub ignored: Vec<Ignored>,
}

/// Text that the broker passes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    /// `comment`, or `afterSink`.
    pub kind: &'static str,
    /// The text.
    pub text: String,
    /// Line inside the route, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Explains every route of a file, or one.
///
/// # Errors
/// A route that does not compile, at its first fault.
pub fn explain(file: &RouteFile, only: Option<&str>) -> Result<Vec<ReadRoute>> {
    let chosen = file.routes.iter().filter(|route| only.is_none_or(|name| route.name == name));
    chosen.map(read).collect()
}

fn read(route: &RouteText) -> Result<ReadRoute> {
    let compiled: Route = compiled(route)?;
    let text = route.text.as_str();
    let syntax = parse::route(text).map_err(|fault| fault.of(&route.name, text))?;
    let mut ignored: Vec<(usize, &'static str, String)> = comments(text)
        .into_iter()
        .filter(|span| span.start < syntax.sink_span.end)
        .map(|span| (span.start, "comment", part(text, span)))
        .collect();
    let behind = tokens(text).into_iter().find(|token| token.span.start >= syntax.sink_span.end);
    ignored.extend(behind.map(|token| (token.span.start, "afterSink", part(text, token.span.start..text.len()))));
    Ok(ReadRoute {
        name: route.name.clone(),
        canonical: print::route(&syntax),
        source: compiled.source().to_owned(),
        condition: syntax.condition.as_ref().map(print::condition),
        types: compiled.condition().map(|program| typed(program, text)),
        endpoint: compiled.endpoint().to_string(),
        priority: compiled.priority(),
        default_priority: compiled.priority() == DEFAULT_PRIORITY,
        time_to_live_secs: route.time_to_live_secs,
        ignored: ignored.into_iter().map(|(at, kind, part)| placed(text, at, kind, part)).collect(),
    })
}

fn part(text: &str, span: std::ops::Range<usize>) -> String {
    text.get(span).unwrap_or_default().trim_end().to_owned()
}

fn placed(text: &str, at: usize, kind: &'static str, part: String) -> Ignored {
    let before = text.get(..at).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Ignored { kind, text: part, line: before.matches('\n').count() + 1, column }
}
