//! Messages as JSON, and rows of truth tables: a condition, a whole route or a set of routes against one message.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::compile::Scope;
use super::document::HubDocument;
use super::endpoint::{Endpoint, message_source};
use super::error::{RouteError, Stage};
use super::explain::explain;
use super::set::{Condition, Route};
use super::value::Truth;
use crate::base::table_test::{Answer, Outcome, Row, RowError};
use crate::model::Message;

/// A message and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The message.
    pub message: Message,
    /// Its source, such as `/messages/modules/filter/outputs/alert`.
    pub source: String,
}

impl Case {
    /// Reads `properties` and `systemProperties` (texts by name, null for none), `body` (a text as it is, anything else as compact JSON;
    /// encoded as the content encoding says), and the source: `messageSource` or `source` in full, or `from` (a module) with `output`.
    ///
    /// # Errors
    /// With what is wrong, a lowercase fragment.
    pub fn read(members: &Map<String, Value>) -> Result<Self, String> {
        let mut system = texts(members, "systemProperties")?;
        for (name, property) in [("from", "connectionModuleId"), ("output", "outputName")] {
            if let Some(value) = text(members, name)? {
                system.insert(property.to_owned(), Some(value.to_owned()));
            }
        }
        // A system property without a value is as good as none.
        let system_properties: BTreeMap<String, String> = system.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let encoding = system_properties.get("contentEncoding").map(String::as_str);
        let body = match members.get("body") {
            None | Some(Value::Null) => Bytes::new(),
            Some(Value::String(text)) => encoded(text, encoding),
            Some(other) => encoded(&other.to_string(), encoding),
        };
        let message = Message { body, properties: texts(members, "properties")?, system_properties };
        let source = text(members, "messageSource")?.or(text(members, "source")?.filter(|source| source.starts_with('/')));
        Ok(Self { source: source.map_or_else(|| message_source(&message), str::to_owned), message })
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` is no text")),
    }
}

fn texts(members: &Map<String, Value>, name: &str) -> Result<BTreeMap<String, Option<String>>, String> {
    let entries = match members.get(name) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(entries)) => entries,
        Some(_) => return Err(format!("`{name}` is no object")),
    };
    let entry = |(key, value): (&String, &Value)| match value {
        Value::Null => Ok((key.clone(), None)),
        Value::String(text) => Ok((key.clone(), Some(text.clone()))),
        _ => Err(format!("the value of `{key}` in `{name}` is no text; properties are texts")),
    };
    entries.iter().map(entry).collect()
}

/// Encodes a text as the content encoding says; without one, or with one that is not read, as UTF-8.
fn encoded(text: &str, encoding: Option<&str>) -> Bytes {
    match encoding.map(str::to_ascii_lowercase).as_deref() {
        Some("utf-16") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Some("utf-32") => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        _ => Bytes::copy_from_slice(text.as_bytes()),
    }
}

/// Returns the id of an endpoint as cases write it: `$upstream`, or device, module and input.
fn endpoint_id(endpoint: &Endpoint, device: Option<&str>) -> String {
    match (endpoint, device) {
        (Endpoint::Module { .. }, Some(device)) => format!("{device}/{endpoint}"),
        _ => endpoint.to_string(),
    }
}

/// Answers a row. Its keys tell its kind: `routes` a set, `route` a whole route, `condition` with `properties` a condition.
///
/// # Errors
/// A row of another kind, or one that lacks what its kind needs.
pub fn outcome(row: &Row) -> Result<Outcome, RowError> {
    let case = Case::read(&row.members).map_err(|reason| row.refuse(reason))?;
    let device = text(&row.members, "edgeDeviceId").map_err(|reason| row.refuse(reason))?;
    if row.get("routes").is_some() {
        let answer = set(&row.members, &case, device);
        return Ok(row.outcome(answer, |actual, expected| sorted(actual) == sorted(expected)));
    }
    if row.get("route").is_some() {
        let answer = route(row.text("route")?, &case, device);
        return Ok(row.outcome(answer, |actual, expected| actual == expected));
    }
    if row.get("condition").is_some() && row.get("properties").is_some() {
        let scope = match text(&row.members, "routeSource").map_err(|reason| row.refuse(reason))? {
            None | Some("telemetry") => Scope::Route,
            Some("twin") => Scope::TwinChanges,
            Some(other) => return Err(row.refuse(format!("`routeSource` is `telemetry` or `twin`, not `{other}`"))),
        };
        let answer = condition(row.text("condition")?, scope, &case);
        return Ok(row.outcome(answer, |actual, expected| actual == expected));
    }
    Err(row.refuse("a row has `routes`, or `route`, or `condition` and `properties`"))
}

/// Returns rows of a set in one order; of sets the order says nothing.
fn sorted(value: &Value) -> Vec<String> {
    let mut rows = value.as_array().map_or_else(|| vec![value.to_string()], |rows| rows.iter().map(Value::to_string).collect());
    rows.sort();
    rows
}

fn condition(text: &str, scope: Scope, case: &Case) -> Answer {
    match Condition::compile(text, scope) {
        Ok(condition) => {
            let explained = explain(condition.program(), text, &case.message);
            let actual = match explained.truth {
                Truth::Undefined => json!("undefined"),
                truth => json!(truth == Truth::True),
            };
            Answer { actual, detail: explained.root.reason.unwrap_or_default(), error_kind: None }
        }
        Err(error) => failed(&error, if error.crash { "crash" } else { "compile" }),
    }
}

fn route(text: &str, case: &Case, device: Option<&str>) -> Answer {
    let route = match Route::compile("", text) {
        Ok(route) => route,
        Err(error) => return failed(&error, if error.stage == Stage::Endpoint { "endpoint" } else { "compile" }),
    };
    let taken = route.takes(&case.source, &case.message);
    let actual = if taken { json!([endpoint_id(route.endpoint(), device)]) } else { json!([]) };
    let detail = match route.condition() {
        _ if taken => String::new(),
        Some(program) if route.takes_from(&case.source) => {
            let explained = explain(program, text, &case.message);
            let reason = explained.root.reason.map_or_else(String::new, |reason| format!(": {reason}"));
            format!("the condition is {}{reason}", explained.root.value)
        }
        _ => format!("the source {} does not take {}", route.source(), case.source),
    };
    Answer { actual, detail, error_kind: None }
}

fn set(members: &Map<String, Value>, case: &Case, device: Option<&str>) -> Answer {
    match HubDocument::read(&Value::Object(members.clone())) {
        Ok(document) => {
            let ways = document.routes.deliveries_from(&case.source, &case.message);
            let rows = ways.iter().map(|way| {
                let life = way.time_to_live.map_or(0, |life| life.as_secs());
                json!([endpoint_id(&way.endpoint, device), way.priority, life])
            });
            Answer { actual: rows.collect(), detail: String::new(), error_kind: None }
        }
        Err(fault) => Answer { actual: json!("error"), detail: fault.to_string(), error_kind: Some(fault.stage.to_string()) },
    }
}

fn failed(error: &RouteError, kind: &str) -> Answer {
    let detail = format!("{}:{}: {}", error.line, error.column, error.message);
    Answer { actual: json!("error"), detail, error_kind: Some(kind.to_owned()) }
}
