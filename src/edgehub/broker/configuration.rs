//! What the broker does with its own desired properties: it takes them, refuses them, or finds too late that it cannot use them.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::route::document::Stage;
use crate::route::{DocumentError, HubDocument, RouteSet};

/// Routes, and how long messages are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The routes.
    pub routes: RouteSet,
    /// How long a message is kept when its route does not say; `None` is for ever.
    pub time_to_live: Option<Duration>,
}

/// What becomes of new desired properties.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// They replace what ran before.
    Taken(Configuration),
    /// All of them are refused, and the hub hears of it.
    Refused(DocumentError),
    /// Success is reported, and yet what ran before runs on: a condition does not compile.
    Unusable(DocumentError),
}

/// Reads the desired properties of the broker. Nothing but a version is a configuration without routes.
pub fn read(desired: &Map<String, Value>) -> Change {
    if desired.keys().all(|name| name.starts_with('$')) {
        return Change::Taken(Configuration::default());
    }
    match HubDocument::read(&Value::Object(desired.clone())) {
        Ok(HubDocument { routes, time_to_live, .. }) => Change::Taken(Configuration { routes, time_to_live }),
        Err(fault) if fault.stage == Stage::Compile => Change::Unusable(fault),
        Err(fault) => Change::Refused(fault),
    }
}

impl Change {
    /// Returns code and description of the status that is reported.
    pub fn status(&self) -> (u16, String) {
        match self {
            Self::Taken(_) | Self::Unusable(_) => (200, String::new()),
            Self::Refused(fault) => (400, format!("Error while parsing desired properties - {}", fault.description())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(route: &str) -> Change {
        let desired = json!({"schemaVersion": "1.1", "routes": {"r": route}, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}});
        read(desired.as_object().expect("an object"))
    }

    #[test]
    fn good_ones_are_taken() {
        let Change::Taken(taken) = of("FROM /* INTO $upstream") else { panic!("taken") };
        assert_eq!((taken.routes.routes().count(), taken.time_to_live), (1, Some(Duration::from_hours(2))));
        assert_eq!(read(json!({"$version": 1}).as_object().expect("an object")), Change::Taken(Configuration::default()));
    }

    #[test]
    fn the_stage_decides_what_is_reported() {
        let refused = of("FROM /* INTO upstream");
        let (code, description) = refused.status();
        assert_eq!(code, 400);
        assert!(description.starts_with("Error while parsing desired properties - Error parsing route r - a sink is"), "{description}");
        let late = of("FROM /* WHERE temp > 50 INTO $upstream");
        assert!(matches!(late, Change::Unusable(_)));
        assert_eq!(late.status(), (200, String::new()));
    }
}
