//! `route test`: where a message goes, and why each route takes it or not; and truth tables of conditions, routes and sets.

use std::io::BufRead;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::route_files::RouteFile;
use crate::base::table_test::{Outcome, rows};
use crate::base::{CommandError, Exit, Result};
use crate::route::case::{Case, outcome};
use crate::route::explain::{Explanation, explain};
use crate::route::lint::RouteText;
use crate::route::{Route, RouteSet, Truth};

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    /// Source of the message.
    pub source: String,
    /// Where it is delivered, each endpoint once.
    pub deliveries: Vec<Way>,
    /// Every route, in the order of their names.
    pub routes: Vec<TestedRoute>,
}

/// A message's way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// `$upstream`, or module and input.
    pub endpoint: String,
    /// The lowest number of the routes that lead there.
    pub priority: u32,
    /// Life of the stored message in seconds; 0 leaves it to the broker.
    pub time_to_live_secs: u64,
}

/// What a route does with the message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedRoute {
    /// Its name.
    pub name: String,
    /// Whether it takes the message.
    pub taken: bool,
    /// Its source as the broker compares it.
    pub source: String,
    /// Whether the message comes from there.
    pub source_matches: bool,
    /// `true`, `false` or `undefined`; true without a condition.
    pub truth: &'static str,
    /// Where it leads.
    pub endpoint: String,
    /// Its priority.
    pub priority: u32,
    /// Life of its messages in seconds; 0 leaves it to the broker.
    pub time_to_live_secs: u64,
    /// The condition, part by part; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Explanation>,
}

/// Reads a message: one JSON object.
///
/// # Errors
/// When it is none, or one of its members is of another type than it must be.
pub fn read_message(bytes: &[u8], name: &Path) -> Result<Case> {
    let refuse = |reason: String| {
        let message = format!("{}: {reason}", name.display());
        CommandError::new(Exit::BadInput, "route/bad-message", message).hint("`edgectl route test --help` shows the form of a message.")
    };
    let members: Map<String, Value> = serde_json::from_slice(bytes).map_err(|error| refuse(format!("this is no message: {error}")))?;
    Case::read(&members).map_err(refuse)
}

/// Returns what the routes of a file do with a message.
///
/// # Errors
/// A route that does not compile, at its first fault.
pub fn test(file: &RouteFile, case: &Case) -> Result<Tested> {
    let routes = file.routes.iter().map(compiled).collect::<Result<Vec<_>>>()?;
    let set = RouteSet::new(routes);
    let ways = set.deliveries_from(&case.source, &case.message);
    let deliveries = ways.iter().map(|way| Way {
        endpoint: way.endpoint.to_string(),
        priority: way.priority,
        time_to_live_secs: seconds(way.time_to_live),
    });
    Ok(Tested {
        source: case.source.clone(),
        deliveries: deliveries.collect(),
        routes: set.routes().map(|route| tested(route, case)).collect(),
    })
}

/// Compiles a route with its priority and life.
pub(super) fn compiled(route: &RouteText) -> Result<Route> {
    let compiled = Route::compile(&route.name, &route.text)?;
    let priority = route.priority.and_then(|priority| u8::try_from(priority).ok());
    Ok(compiled.with_priority(priority).with_time_to_live(Some(Duration::from_secs(route.time_to_live_secs.into()))))
}

fn seconds(life: Option<Duration>) -> u64 {
    life.map_or(0, |life| life.as_secs())
}

fn tested(route: &Route, case: &Case) -> TestedRoute {
    let explained = route.condition().map(|program| explain(program, route.text(), &case.message));
    let truth = explained.as_ref().map_or(Truth::True, |explained| explained.truth);
    TestedRoute {
        name: route.name().to_owned(),
        taken: route.takes(&case.source, &case.message),
        source: route.source().to_owned(),
        source_matches: route.takes_from(&case.source),
        truth: match truth {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Undefined => "undefined",
        },
        endpoint: route.endpoint().to_string(),
        priority: route.priority(),
        time_to_live_secs: seconds(route.time_to_live()),
        condition: explained.map(|explained| explained.root),
    }
}

/// Returns the outcomes of a table.
///
/// # Errors
/// At the first line that is no row of a known kind.
pub fn table(table: impl BufRead, file: &Path) -> Result<Vec<Outcome>> {
    rows(table, file).map(|row| Ok(outcome(&row?)?)).collect()
}
