//! Routes as other rooms use them: compiled by name, joined to a set, asked for the deliveries of a message.

use std::collections::BTreeMap;
use std::time::Duration;

use super::compile::{self, Program, Scope};
use super::endpoint::{self, Endpoint, message_source};
use super::error::{Fault, RouteError};
use super::evaluate::{self, Subject};
use super::parse;
use super::value::Truth;
use crate::model::Message;

/// Priority of a route that names none: after all others.
pub const DEFAULT_PRIORITY: u32 = 2_000_000_000;

/// A compiled route.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    name: String,
    text: Box<str>,
    source: String,
    /// The source, folded for comparison.
    folded: String,
    condition: Option<Program>,
    endpoint: Endpoint,
    priority: u32,
    time_to_live: Option<Duration>,
}

/// A condition that stands alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Program);

/// A message's way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub endpoint: Endpoint,
    /// The lowest number, which is the first served, among the routes that lead there.
    pub priority: u32,
    /// How long it is kept, when that route says so.
    pub time_to_live: Option<Duration>,
}

/// Routes in the order of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteSet(BTreeMap<String, Route>);

impl Route {
    /// Compiles a route, with the default priority and no time to live of its own.
    ///
    /// # Errors
    /// With the stage at which a broker refuses it, the place and what to write instead.
    pub fn compile(name: &str, text: &str) -> Result<Self, RouteError> {
        Self::of(name, text).map_err(|fault| fault.of(name, text))
    }

    fn of(name: &str, text: &str) -> Result<Self, Fault> {
        let syntax = parse::route(text)?;
        let endpoint = Endpoint::of(&syntax)?;
        let condition = syntax.condition.as_ref().map(|node| compile::compile(node, Scope::Route)).transpose()?;
        let (source, folded) = (endpoint::normal(&syntax.source), endpoint::folded(&syntax.source));
        let (name, text, priority) = (name.to_owned(), text.into(), DEFAULT_PRIORITY);
        Ok(Self { name, text, source, folded, condition, endpoint, priority, time_to_live: None })
    }

    /// Sets the priority, 0 (first) to 9.
    #[must_use]
    pub fn with_priority(self, priority: Option<u8>) -> Self {
        Self { priority: priority.map_or(DEFAULT_PRIORITY, u32::from), ..self }
    }

    /// Sets how long its stored messages live; zero leaves it to the broker's default.
    #[must_use]
    pub fn with_time_to_live(self, time_to_live: Option<Duration>) -> Self {
        Self { time_to_live: time_to_live.filter(|life| !life.is_zero()), ..self }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text that it was compiled from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the condition; without one every message of the source is taken.
    pub fn condition(&self) -> Option<&Program> {
        self.condition.as_ref()
    }

    /// Returns the priority, 0 to 9, or that of routes which name none.
    pub fn priority(&self) -> u32 {
        self.priority
    }

    /// Returns how long its stored messages live, when it says so.
    pub fn time_to_live(&self) -> Option<Duration> {
        self.time_to_live
    }

    /// Tells whether it takes from a source, whatever the condition says.
    pub fn takes_from(&self, source: &str) -> bool {
        endpoint::folded(source).starts_with(&self.folded)
    }

    /// Returns the source as the broker compares it, such as `/messages/modules/filter/`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns where the route leads.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the truth of the condition over a message, whatever its source.
    pub fn truth(&self, message: &Message) -> Truth {
        self.condition.as_ref().map_or(Truth::True, |program| evaluate::truth(program, &Subject::new(message)))
    }

    /// Tells whether the route takes a message of a source, such as `/messages/modules/filter/outputs/alert`.
    pub fn takes(&self, source: &str, message: &Message) -> bool {
        self.matches(&endpoint::folded(source), &Subject::new(message))
    }

    /// The source is one that was [`endpoint::folded`], once for all routes.
    fn matches(&self, folded: &str, subject: &Subject<'_>) -> bool {
        let holds = |program: &Program| evaluate::truth(program, subject) == Truth::True;
        folded.starts_with(&self.folded) && self.condition.as_ref().is_none_or(holds)
    }
}

impl Condition {
    /// Compiles a condition that stands alone.
    ///
    /// # Errors
    /// As [`Route::compile`] does.
    pub fn compile(text: &str, scope: Scope) -> Result<Self, RouteError> {
        let compiled = parse::condition(text).and_then(|node| compile::compile(&node, scope));
        compiled.map(Self).map_err(|fault| fault.of("", text))
    }

    /// Returns its truth over a message.
    pub fn truth(&self, message: &Message) -> Truth {
        evaluate::truth(&self.0, &Subject::new(message))
    }

    /// Returns what is computed.
    pub fn program(&self) -> &Program {
        &self.0
    }
}

impl RouteSet {
    /// Joins routes; of equal names the last stays.
    pub fn new(routes: impl IntoIterator<Item = Route>) -> Self {
        Self(routes.into_iter().map(|route| (route.name.clone(), route)).collect())
    }

    /// Returns the routes in the order of their names.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.0.values()
    }

    /// Returns where a message goes, each endpoint once; its source comes from its system properties.
    pub fn deliveries(&self, message: &Message) -> Vec<Delivery> {
        self.deliveries_from(&message_source(message), message)
    }

    /// Returns where a message of a given source goes, sorted by endpoint. Among routes of equal priority the first name decides.
    pub fn deliveries_from(&self, source: &str, message: &Message) -> Vec<Delivery> {
        let (subject, source) = (Subject::new(message), endpoint::folded(source));
        let mut found: BTreeMap<&Endpoint, &Route> = BTreeMap::new();
        for route in self.0.values().filter(|route| route.matches(&source, &subject)) {
            let best = found.entry(&route.endpoint).or_insert(route);
            if route.priority < best.priority {
                *best = route;
            }
        }
        let delivery = |(endpoint, route): (&Endpoint, &Route)| Delivery {
            endpoint: endpoint.clone(),
            priority: route.priority,
            time_to_live: route.time_to_live,
        };
        found.into_iter().map(delivery).collect()
    }
}
