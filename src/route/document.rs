//! The broker's configuration: the desired properties of `$edgeHub`. Broker, emulator and manifests read it here and nowhere else.
//!
//! The product looks at it in two stages. What fails the first (form, grammar, sinks) refuses the whole document and is reported; what
//! fails the second (types of conditions) is found after success was reported, and the old routes run on.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Number, Value};

use super::error::{RouteError, Stage as RouteStage};
use super::set::{DEFAULT_PRIORITY, Route, RouteSet};
use crate::base::text::sanitized;
use crate::base::{Diagnose, Exit};

/// A configuration that the broker takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HubDocument {
    /// Minor part of its schema version 1.0 to 1.3.
    pub minor: u8,
    /// Its routes.
    pub routes: RouteSet,
    /// How long a message is kept when its route does not say; `None` is for ever, or schema 1.0 without a word about it.
    pub time_to_live: Option<Duration>,
    /// Bytes that stored messages may take in memory, when it says.
    pub max_size_bytes: Option<i64>,
}

/// When the product finds a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// While the document is read: all of it is refused, status 400 is reported.
    Parse,
    /// While routes are put to work: status 200 was reported, the old routes run on.
    Compile,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parse => "parse",
            Self::Compile => "compile",
        })
    }
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// When the product finds it.
    pub stage: Stage,
    /// Keys from the desired properties down to the place, such as `routes`, `alerts`, `priority`.
    pub path: Vec<String>,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// The fault inside the text of a route, when it is one.
    pub route: Option<Box<RouteError>>,
}

impl DocumentError {
    fn new(path: &[&str], message: impl Into<String>) -> Self {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Self { stage: Stage::Parse, path, message: message.into(), route: None }
    }

    fn of_route(error: RouteError) -> Self {
        let stage = if error.stage == RouteStage::Compile { Stage::Compile } else { Stage::Parse };
        let path = vec!["routes".to_owned(), error.name.clone()];
        Self { stage, path, message: error.message.clone(), route: Some(Box::new(error)) }
    }

    /// Returns the name of the route that is at fault.
    pub fn route_name(&self) -> Option<&str> {
        match self.path.as_slice() {
            [routes, name, ..] if routes == "routes" => Some(name),
            _ => None,
        }
    }

    /// Returns the description that the broker reports to the hub.
    pub fn description(&self) -> String {
        match self.route_name() {
            Some(name) => format!("Error parsing route {name} - {}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.route, self.route_name()) {
            (Some(error), _) => error.fmt(f),
            (None, Some(name)) => write!(f, "route `{}`: {}", sanitized(name), self.message),
            (None, None) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for DocumentError {}

impl Diagnose for DocumentError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match (&self.route, self.path.first().map(String::as_str)) {
            (Some(error), _) => error.code(),
            (None, Some("schemaVersion")) => "manifest/schema-version",
            (None, Some("storeAndForwardConfiguration")) => "manifest/no-store-and-forward",
            (None, _) => "route/bad-form",
        }
    }

    fn hints(&self) -> Vec<String> {
        self.route.as_ref().map(|error| error.hints()).unwrap_or_default()
    }
}

/// What came out of reading a configuration: all of its faults, and what would run if there were none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What was read; routes with faults are left out.
    pub document: HubDocument,
    /// All faults: those of the form first, then routes in the order of the document.
    pub faults: Vec<DocumentError>,
}

impl HubDocument {
    /// Reads desired properties.
    ///
    /// # Errors
    /// With the first fault of the first stage that has one.
    pub fn read(desired: &Value) -> Result<Self, DocumentError> {
        let reading = Self::read_all(desired);
        match reading.faults.into_iter().min_by_key(|fault| fault.stage) {
            Some(fault) => Err(fault),
            None => Ok(reading.document),
        }
    }

    /// Reads desired properties to the end, whatever is wrong with them.
    pub fn read_all(desired: &Value) -> Reading {
        let mut reading = Reading::default();
        let Some(members) = desired.as_object() else {
            reading.faults.push(DocumentError::new(&[], "the desired properties are no object"));
            return reading;
        };
        match minor(members.get("schemaVersion")) {
            Ok(minor) => reading.document.minor = minor,
            Err(fault) => reading.faults.push(fault),
        }
        let read = Form { strict: reading.document.minor > 0 || !reading.faults.is_empty() };
        match read.kept(member(members, "storeAndForwardConfiguration")) {
            Ok((life, size)) => (reading.document.time_to_live, reading.document.max_size_bytes) = (life, size),
            Err(fault) => reading.faults.push(fault),
        }
        let mut routes = Vec::new();
        for route in read.routes(member(members, "routes")) {
            match route {
                Ok(route) => routes.push(route),
                Err(fault) => reading.faults.push(fault),
            }
        }
        reading.document.routes = RouteSet::new(routes);
        reading
    }
}

/// Looks a member up as the product's reader does: by its name, else whatever its case.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Reads the minor part of a schema version, which .NET's version type reads: two to four numbers between dots.
fn minor(version: Option<&Value>) -> Result<u8, DocumentError> {
    let path = ["schemaVersion"];
    let text = match version {
        None => return Err(DocumentError::new(&path, "schemaVersion is missing")),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => printed(number),
        Some(_) => return Err(DocumentError::new(&path, "schemaVersion is no text")),
    };
    let refused = || DocumentError::new(&path, format!("schemaVersion {} is not supported", sanitized(&text)));
    let parts = text.split('.').map(|part| part.trim().parse::<i32>().ok().filter(|part| *part >= 0)).collect::<Option<Vec<_>>>();
    match parts.ok_or_else(refused)?.as_slice() {
        [1, minor @ 0..=3] | [1, minor @ 0..=3, _] | [1, minor @ 0..=3, _, _] => Ok(u8::try_from(*minor).unwrap_or_default()),
        _ => Err(refused()),
    }
}

/// Prints a number as .NET does: no fraction when it is whole.
fn printed(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if value.fract() == 0.0 => format!("{value:.0}"),
        _ => number.to_string(),
    }
}

/// The rules of a schema version; from 1.1 on they are strict.
#[derive(Clone, Copy)]
struct Form {
    strict: bool,
}

impl Form {
    /// Reads how long and how much messages are kept.
    fn kept(self, value: Option<&Value>) -> Result<(Option<Duration>, Option<i64>), DocumentError> {
        let path = ["storeAndForwardConfiguration"];
        let members = match value {
            None | Some(Value::Null) if self.strict => {
                return Err(DocumentError::new(&path, "storeAndForwardConfiguration is missing"));
            }
            None | Some(Value::Null) => return Ok((None, None)),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(DocumentError::new(&path, "storeAndForwardConfiguration is no object")),
        };
        let refused = || {
            let message = "storeAndForwardConfiguration.timeToLiveSecs is no integer of 32 bits";
            DocumentError::new(&[path[0], "timeToLiveSecs"], message)
        };
        let seconds = match member(members, "timeToLiveSecs") {
            None => 0,
            Some(Value::Number(number)) => number.as_i64().and_then(|seconds| i32::try_from(seconds).ok()).ok_or_else(refused)?,
            Some(Value::String(digits)) => digits.trim().parse().map_err(|_| refused())?,
            Some(_) => return Err(refused()),
        };
        let size = member(members, "storeLimits").and_then(|limits| limits.get("maxSizeBytes")).and_then(Value::as_i64);
        Ok((u64::try_from(seconds).ok().map(Duration::from_secs), size))
    }

    fn routes(self, value: Option<&Value>) -> Vec<Result<Route, DocumentError>> {
        let refuse = |message: &str| vec![Err(DocumentError::new(&["routes"], message))];
        match value {
            None if self.strict => refuse("routes is missing"),
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(routes)) => routes.iter().filter_map(|(name, value)| self.route(name, value).transpose()).collect(),
            // From 1.1 on the product takes what has no members for an empty object; a list of something it refuses.
            Some(Value::Array(items)) if self.strict && items.is_empty() => Vec::new(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) if self.strict => Vec::new(),
            Some(_) => refuse("routes is no object"),
        }
    }

    /// Reads a route: a text, or from 1.1 on an object too; null is none.
    fn route(self, name: &str, value: &Value) -> Result<Option<Route>, DocumentError> {
        let refuse = |below: &[&str], message: &str| {
            let path = [&["routes", name], below].concat();
            DocumentError::new(&path, message)
        };
        let (text, priority, seconds) = match value {
            Value::Null => return Ok(None),
            Value::String(text) => (text.as_str(), None, 0),
            Value::Object(route) if self.strict => {
                let text = member(route, "route").and_then(Value::as_str).ok_or_else(|| refuse(&[], "it has no text"))?;
                let priority = member(route, "priority").filter(|value| !value.is_null()).map(unsigned);
                let priority = priority.map(|value| value.filter(|value| *value <= 9 || *value == DEFAULT_PRIORITY));
                let priority = priority.map(|value| value.ok_or_else(|| refuse(&["priority"], "its priority is not 0 to 9")));
                let seconds = member(route, "timeToLiveSecs").filter(|value| !value.is_null()).map_or(Some(0), unsigned);
                let seconds = seconds.ok_or_else(|| refuse(&["timeToLiveSecs"], "its timeToLiveSecs is no number of seconds"))?;
                (text, priority.transpose()?.and_then(|priority| u8::try_from(priority).ok()), seconds)
            }
            Value::Object(_) => return Err(refuse(&[], "schema 1.0 takes a text, not an object")),
            Value::Array(_) | Value::Bool(_) | Value::Number(_) => return Err(refuse(&[], "it is no text")),
        };
        if text.trim().is_empty() {
            return if self.strict { Err(refuse(&[], "it is empty")) } else { Ok(None) };
        }
        let route = Route::compile(name, text).map_err(DocumentError::of_route)?;
        Ok(Some(route.with_priority(priority).with_time_to_live(Some(Duration::from_secs(seconds.into())))))
    }
}

/// Converts to an unsigned number of 32 bits as the product's reader does: digits in a text count, a fraction is rounded to even.
fn unsigned(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) if number.is_f64() => {
            let rounded = number.as_f64()?.round_ties_even();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the range in the same line")]
            (0.0..=f64::from(u32::MAX)).contains(&rounded).then_some(rounded as u32)
        }
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Value::String(digits) => digits.trim().parse().ok(),
        Value::Bool(value) => Some(u32::from(*value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ALL: &str = "FROM /* INTO $upstream";

    fn with(version: &Value, routes: &Value) -> Value {
        json!({"schemaVersion": version, "routes": routes, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}})
    }

    fn fault(desired: &Value) -> (Stage, String) {
        let fault = HubDocument::read(desired).expect_err(&desired.to_string());
        (fault.stage, fault.description())
    }

    #[test]
    fn versions_are_read_by_their_first_two_numbers() {
        for version in [
            json!("1.0"),
            json!("1.0.0"),
            json!("1.1.0"),
            json!("1.2"),
            json!("1.3.9"),
            json!(" 1.1 "),
            json!("1.01"),
            json!(1.1),
            json!("1.1.0.0"),
        ] {
            assert!(HubDocument::read(&with(&version, &json!({"a": ALL}))).is_ok(), "{version}");
        }
        for version in [
            json!("1"),
            json!("1.4"),
            json!("2.0"),
            json!("1.x"),
            json!("1.1.x"),
            json!("1.-1"),
            json!(""),
            json!(1),
            json!(1.0),
            json!(true),
            json!(null),
            json!("1.1.0.0.0"),
            json!("v1.1"),
        ] {
            assert_eq!(fault(&with(&version, &json!({"a": ALL}))).0, Stage::Parse, "{version}");
        }
        assert_eq!(fault(&json!({"routes": {}})), (Stage::Parse, "schemaVersion is missing".to_owned()));
    }

    #[test]
    fn what_is_kept_must_be_said_from_schema_1_1_on() {
        let read = |version: &str, kept: Value| {
            HubDocument::read(&json!({"schemaVersion": version, "routes": {}, "storeAndForwardConfiguration": kept}))
        };
        assert_eq!(read("1.0", json!(null)).map(|read| read.time_to_live), Ok(None));
        assert!(HubDocument::read(&json!({"schemaVersion": "1.0"})).is_ok());
        assert_eq!(fault(&json!({"schemaVersion": "1.1", "routes": {}})).1, "storeAndForwardConfiguration is missing");
        for version in ["1.1", "1.2", "1.3"] {
            assert!(read(version, json!(null)).is_err(), "{version}");
            assert_eq!(read(version, json!({"timeToLiveSecs": -1})).map(|read| read.time_to_live), Ok(None));
            assert_eq!(read(version, json!({"timeToLiveSecs": "60"})).map(|read| read.time_to_live), Ok(Some(Duration::from_mins(1))));
            assert_eq!(read(version, json!({})).map(|read| read.time_to_live), Ok(Some(Duration::ZERO)));
            let limits = json!({"timeToLiveSecs": 1, "storeLimits": {"maxSizeBytes": 5}});
            assert_eq!(read(version, limits).map(|read| read.max_size_bytes), Ok(Some(5)));
            for kept in [
                json!(5),
                json!([]),
                json!({"timeToLiveSecs": 1.5}),
                json!({"timeToLiveSecs": 1_u64 << 31}),
                json!({"timeToLiveSecs": "x"}),
            ] {
                assert!(read(version, kept.clone()).is_err(), "{kept}");
            }
        }
    }

    #[test]
    fn each_schema_has_its_forms_of_routes() {
        for (version, route, taken) in [
            ("1.0", json!(ALL), Ok(1)),
            ("1.0", json!(" "), Ok(0)),
            ("1.0", json!(null), Ok(0)),
            ("1.0", json!({"route": ALL}), Err("Error parsing route a - schema 1.0 takes a text, not an object")),
            ("1.0", json!(5), Err("Error parsing route a - it is no text")),
            ("1.1", json!(ALL), Ok(1)),
            ("1.1", json!({"route": ALL}), Ok(1)),
            ("1.1", json!({"Route": ALL, "PRIORITY": 3, "unknown": [1]}), Ok(1)),
            ("1.1", json!(null), Ok(0)),
            ("1.1", json!(" \t"), Err("Error parsing route a - it is empty")),
            ("1.1", json!({"route": ""}), Err("Error parsing route a - it is empty")),
            ("1.1", json!({"priority": 1}), Err("Error parsing route a - it has no text")),
            ("1.1", json!({"route": 5}), Err("Error parsing route a - it has no text")),
            ("1.3", json!(5), Err("Error parsing route a - it is no text")),
            ("1.3", json!([ALL]), Err("Error parsing route a - it is no text")),
            ("1.3", json!(true), Err("Error parsing route a - it is no text")),
        ] {
            let read = HubDocument::read(&with(&json!(version), &json!({"a": route})));
            let read = read.map(|read| read.routes.routes().count()).map_err(|fault| fault.description());
            assert_eq!(read, taken.map_err(str::to_owned), "{version} {route}");
        }
    }

    #[test]
    fn priorities_and_lives_have_limits() {
        let read = |member: &str, value: Value| {
            let read = HubDocument::read(&with(&json!("1.1"), &json!({"a": {"route": ALL, member: value}})));
            read.map(|read| read.routes.deliveries(&crate::model::Message::default()).remove(0)).ok()
        };
        let priority = |value: Value| read("priority", value).map(|way| way.priority);
        for (value, expected) in [
            (json!(0), Some(0)),
            (json!(9), Some(9)),
            (json!(10), None),
            (json!(-1), None),
            (json!("1"), Some(1)),
            (json!("x"), None),
            (json!(1.0), Some(1)),
            (json!(1.5), Some(2)),
            (json!(2_000_000_000), Some(DEFAULT_PRIORITY)),
            (json!(null), Some(DEFAULT_PRIORITY)),
            (json!([1]), None),
        ] {
            assert_eq!(priority(value.clone()), expected, "{value}");
        }
        let life = |value: Value| read("timeToLiveSecs", value).map(|way| way.time_to_live.map_or(0, |life| life.as_secs()));
        for (value, expected) in [
            (json!(0), Some(0)),
            (json!(60), Some(60)),
            (json!(4_294_967_295_u32), Some(4_294_967_295)),
            (json!(4_294_967_296_u64), None),
            (json!(-1), None),
            (json!({}), None),
        ] {
            assert_eq!(life(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn routes_may_be_absent_in_schema_1_0_only() {
        for (version, routes, good) in [
            ("1.0", json!(null), true),
            ("1.0", json!([]), false),
            ("1.1", json!({}), true),
            ("1.1", json!(null), true),
            ("1.1", json!([]), true),
            ("1.1", json!([1]), false),
            ("1.1", json!(5), true),
        ] {
            assert_eq!(HubDocument::read(&with(&json!(version), &routes)).is_ok(), good, "{version} {routes}");
        }
        assert_eq!(fault(&json!({"schemaVersion": "1.1", "storeAndForwardConfiguration": {}})).1, "routes is missing");
    }

    #[test]
    fn the_parse_stage_comes_before_the_compile_stage() {
        let late = "FROM /* WHERE temp > 50 INTO $upstream";
        let (stage, said) = fault(&with(&json!("1.1"), &json!({"late": late, "sink": "FROM /* INTO $down"})));
        assert_eq!((stage, said.as_str()), (Stage::Parse, "Error parsing route sink - there is no endpoint `$down`"));
        assert_eq!(fault(&with(&json!("1.1"), &json!({"late": late, "good": ALL}))).0, Stage::Compile);
        let reading = HubDocument::read_all(&with(&json!("2.0"), &json!({"late": late, "sink": "FROM x", "good": ALL, "blank": ""})));
        let names: Vec<_> = reading.faults.iter().map(|fault| (fault.route_name(), fault.stage)).collect();
        assert_eq!(
            names,
            [(None, Stage::Parse), (Some("late"), Stage::Compile), (Some("sink"), Stage::Parse), (Some("blank"), Stage::Parse)]
        );
        assert_eq!(reading.document.routes.routes().count(), 1);
        assert_eq!(fault(&json!([])).1, "the desired properties are no object");
    }
}
