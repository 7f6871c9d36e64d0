//! Device and module twins as the service shows them: tags, desired and reported properties, versions.

use serde_json::Value;

use super::document::document;
use crate::model::Identity;

document! {
    /// A twin; a row of a query is one too, with the members that were selected.
    Twin
}

impl Twin {
    /// Returns the device id.
    pub fn device_id(&self) -> &str {
        self.text("deviceId")
    }

    /// Returns the module id of a module twin.
    pub fn module_id(&self) -> Option<&str> {
        self.members().get("moduleId").and_then(Value::as_str).filter(|id| !id.is_empty())
    }

    /// Returns whose twin it is.
    pub fn identity(&self) -> Identity {
        Identity { device_id: self.device_id().to_owned(), module_id: self.module_id().map(str::to_owned) }
    }

    /// Returns the tags, null when there are none.
    pub fn tags(&self) -> &Value {
        self.members().get("tags").unwrap_or(&Value::Null)
    }

    /// Returns the desired properties with `$version`, null when there are none.
    pub fn desired(&self) -> &Value {
        self.at("/properties/desired")
    }

    /// Returns the reported properties with `$version`, null when there are none.
    pub fn reported(&self) -> &Value {
        self.at("/properties/reported")
    }

    /// Returns the version of the desired properties.
    pub fn desired_version(&self) -> Option<u64> {
        self.desired().get("$version")?.as_u64()
    }

    /// Returns the version of the reported properties.
    pub fn reported_version(&self) -> Option<u64> {
        self.reported().get("$version")?.as_u64()
    }

    /// Tells whether the twin is that of an edge device.
    pub fn is_edge(&self) -> bool {
        self.at("/capabilities/iotEdge") == &Value::Bool(true)
    }

    /// Tells whether the client is connected, as far as the service knows.
    pub fn is_connected(&self) -> bool {
        self.text("connectionState") == "Connected"
    }

    /// Returns the status that the service gives this twin for a configuration (`Targeted`, `Applied`).
    pub fn configuration_status(&self, configuration: &str) -> Option<&str> {
        self.members().get("configurations")?.get(configuration)?.get("status")?.as_str()
    }

    fn at(&self, pointer: &str) -> &Value {
        let mut parts = pointer.split('/').skip(1);
        let first = parts.next().and_then(|name| self.members().get(name));
        parts.try_fold(first, |found, name| found.map(|value| value.get(name))).flatten().unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_reads_and_a_query_row_too() {
        let text = r#"{"deviceId":"d","moduleId":"m","tags":{"ring":"canary"},"capabilities":{"iotEdge":true},
            "configurations":{"c":{"status":"Applied"}},
            "properties":{"desired":{"a":1,"$version":4},"reported":{"$version":9}}}"#;
        let twin: Twin = serde_json::from_str(text).expect("a twin");
        assert_eq!(twin.identity(), Identity::module("d", "m"));
        assert_eq!((twin.desired_version(), twin.reported_version()), (Some(4), Some(9)));
        assert_eq!((&twin.tags()["ring"], twin.is_edge()), (&Value::from("canary"), true));
        assert_eq!(twin.configuration_status("c"), Some("Applied"));
        let row: Twin = serde_json::from_str(r#"{"n":3}"#).expect("a row");
        assert_eq!((row.device_id(), row.module_id(), row.desired()), ("", None, &Value::Null));
    }
}
