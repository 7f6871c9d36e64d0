//! The broker's configuration: its own desired properties. One bad route refuses all of it, and what was there before runs on.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::route::{Route, RouteSet};

/// Routes, and how long messages are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The routes.
    pub routes: RouteSet,
    /// How long a message is kept when its route does not say; `None` is for ever.
    pub time_to_live: Option<Duration>,
}

/// Reads the desired properties of the broker. Nothing but a version is a configuration without routes.
///
/// # Errors
/// With the description that is reported with status 400.
pub fn read(desired: &Map<String, Value>) -> Result<Configuration, String> {
    if desired.keys().all(|name| name.starts_with('$')) {
        return Ok(Configuration::default());
    }
    let version = desired.get("schemaVersion").and_then(Value::as_str).ok_or("schemaVersion is missing")?;
    let minor = match version.split('.').collect::<Vec<_>>().as_slice() {
        ["1", minor @ ("0" | "1" | "2" | "3")] | ["1", minor @ ("0" | "1" | "2" | "3"), _] => *minor,
        _ => return Err(format!("schemaVersion {version} is not supported")),
    };
    let strict = minor != "0";
    let none = Map::new();
    let routes = match desired.get("routes") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(routes)) => routes,
        Some(_) => return Err("routes is no object".to_owned()),
    };
    let mut compiled = Vec::new();
    for (name, value) in routes {
        let Some(route) = read_route(name, value, strict)? else { continue };
        compiled.push(route);
    }
    let kept = desired.get("storeAndForwardConfiguration").filter(|value| !value.is_null());
    let time_to_live = match kept {
        None if strict => return Err("storeAndForwardConfiguration is missing".to_owned()),
        None => None,
        Some(kept) => {
            let seconds = kept.get("timeToLiveSecs").and_then(Value::as_i64);
            let seconds = seconds.ok_or("storeAndForwardConfiguration.timeToLiveSecs is no integer")?;
            u64::try_from(seconds).ok().map(Duration::from_secs)
        }
    };
    Ok(Configuration { routes: RouteSet::new(compiled), time_to_live })
}

/// Reads a route: text, or from schema 1.1 on an object; null is none.
fn read_route(name: &str, value: &Value, strict: bool) -> Result<Option<Route>, String> {
    let wrong = |reason: &str| format!("Error parsing route {name} - {reason}");
    let (text, priority, time_to_live) = match value {
        Value::Null => return Ok(None),
        Value::String(text) => (text.as_str(), None, None),
        Value::Object(route) if strict => {
            let text = route.get("route").and_then(Value::as_str).ok_or_else(|| wrong("it has no text"))?;
            let priority = match route.get("priority") {
                None | Some(Value::Null) => None,
                Some(value) => Some(value.as_u64().and_then(|value| u8::try_from(value).ok()).filter(|value| *value <= 9)),
            };
            let seconds = match route.get("timeToLiveSecs") {
                None | Some(Value::Null) => None,
                Some(value) => Some(value.as_u64().and_then(|value| u32::try_from(value).ok())),
            };
            let priority = priority.map(|value| value.ok_or_else(|| wrong("its priority is not 0 to 9"))).transpose()?;
            let seconds = seconds.map(|value| value.ok_or_else(|| wrong("its timeToLiveSecs is no number of seconds"))).transpose()?;
            (text, priority, seconds.map(|seconds| Duration::from_secs(u64::from(seconds))))
        }
        _ => return Err(wrong("it is no text")),
    };
    if text.trim().is_empty() {
        return if strict { Err(wrong("it is empty")) } else { Ok(None) };
    }
    let route = Route::compile(name, text).map_err(|error| wrong(&error.message))?;
    Ok(Some(route.with_priority(priority).with_time_to_live(time_to_live)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(desired: &Value) -> Result<Configuration, String> {
        read(desired.as_object().expect("an object"))
    }

    #[test]
    fn routes_come_as_text_or_as_objects() {
        let kept = json!({"timeToLiveSecs": 7200});
        let routes = json!({"a": "FROM /* INTO $upstream", "b": {"route": "FROM /messages INTO $upstream", "priority": 3}, "gone": null});
        let read = of(&json!({"schemaVersion": "1.2", "routes": routes, "storeAndForwardConfiguration": kept})).expect("good");
        assert_eq!(read.routes.routes().count(), 2);
        assert_eq!(read.time_to_live, Some(Duration::from_hours(2)));
        let never = json!({"schemaVersion": "1.0", "routes": {"blank": " "}, "storeAndForwardConfiguration": {"timeToLiveSecs": -1}});
        assert_eq!(of(&never), Ok(Configuration::default()));
        assert_eq!(of(&json!({"$version": 1})), Ok(Configuration::default()));
    }

    #[test]
    fn one_bad_part_refuses_everything() {
        let kept = json!({"timeToLiveSecs": 1});
        for (desired, reason) in [
            (json!({"routes": {}}), "schemaVersion is missing"),
            (json!({"schemaVersion": "2.0"}), "schemaVersion 2.0 is not supported"),
            (json!({"schemaVersion": "1"}), "schemaVersion 1 is not supported"),
            (json!({"schemaVersion": "1.1"}), "storeAndForwardConfiguration is missing"),
            (
                json!({"schemaVersion": "1.1", "routes": {"r": ""}, "storeAndForwardConfiguration": kept}),
                "Error parsing route r - it is empty",
            ),
            (
                json!({"schemaVersion": "1.1", "routes": {"r": 5}, "storeAndForwardConfiguration": kept}),
                "Error parsing route r - it is no text",
            ),
            (
                json!({"schemaVersion": "1.0", "routes": {"r": {"route": "FROM /* INTO $upstream"}}}),
                "Error parsing route r - it is no text",
            ),
        ] {
            assert_eq!(of(&desired), Err(reason.to_owned()), "{desired}");
        }
        assert!(
            of(&json!({"schemaVersion": "1.0", "routes": {"bad": "FROM nowhere"}}))
                .expect_err("bad")
                .starts_with("Error parsing route bad")
        );
    }
}
