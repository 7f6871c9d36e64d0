//! Configurations: automatic deployments with a target condition, a priority and content that never changes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::document::document;
use crate::base::Timestamp;

document! {
    /// A configuration as the service stores it (`id`, `content`, `targetCondition`, `priority`, `labels`, `metrics` …).
    Configuration
}

impl Configuration {
    /// Returns a configuration that targets nobody yet. `content` is the whole content object, such as `{"modulesContent": {…}}`.
    pub fn new(id: &str, content: Value) -> Self {
        let mut made = Self::default();
        made.set("id", id);
        made.set("schemaVersion", "2.0");
        made.set("labels", Map::new());
        made.set("content", content);
        made.set("targetCondition", "");
        made.set("priority", 0);
        made
    }

    /// Sets the target condition.
    #[must_use]
    pub fn with_condition(mut self, condition: &str) -> Self {
        self.set("targetCondition", condition);
        self
    }

    /// Sets the priority; the higher number wins.
    #[must_use]
    pub fn with_priority(mut self, priority: i64) -> Self {
        self.set("priority", priority);
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn with_label(mut self, name: &str, value: &str) -> Self {
        let labels = self.members_mut().entry("labels").or_insert_with(|| json!({}));
        if !labels.is_object() {
            *labels = json!({});
        }
        labels[name] = json!(value);
        self
    }

    /// Adds a custom metric: a name and the query whose rows it counts.
    #[must_use]
    pub fn with_metric(mut self, name: &str, query: &str) -> Self {
        let metrics = self.members_mut().entry("metrics").or_insert_with(|| json!({}));
        if !metrics["queries"].is_object() {
            *metrics = json!({ "queries": {} });
        }
        metrics["queries"][name] = json!(query);
        self
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Returns the priority, 0 when none is given.
    pub fn priority(&self) -> i64 {
        self.members().get("priority").and_then(Value::as_i64).unwrap_or_default()
    }

    /// Returns the target condition; empty means that no device is targeted.
    pub fn target_condition(&self) -> &str {
        self.text("targetCondition")
    }

    /// Returns a label's value.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.members().get("labels")?.get(name)?.as_str()
    }

    /// Returns the labels that are text, by name.
    pub fn labels(&self) -> BTreeMap<&str, &str> {
        let labels = self.members().get("labels").and_then(Value::as_object);
        labels.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
    }

    /// Returns the content object, null when it is absent.
    pub fn content(&self) -> &Value {
        self.members().get("content").unwrap_or(&Value::Null)
    }

    /// Returns the content of an edge deployment: module id to its entry.
    pub fn modules_content(&self) -> Option<&Map<String, Value>> {
        self.content().get("modulesContent")?.as_object()
    }

    /// Returns the time of creation, when the service told a valid one.
    pub fn created(&self) -> Option<Timestamp> {
        self.text("createdTimeUtc").parse().ok()
    }

    /// Returns a result of the system metrics: `targetedCount`, `appliedCount`, `reportedSuccessfulCount`, `reportedFailedCount`.
    pub fn system_metric(&self, name: &str) -> Option<u64> {
        self.members().get("systemMetrics")?.get("results")?.get(name)?.as_u64()
    }

    /// Returns the result of a custom metric.
    pub fn metric(&self, name: &str) -> Option<u64> {
        self.members().get("metrics")?.get("results")?.get(name)?.as_u64()
    }

    /// Returns the queries of the custom metrics, by name.
    pub fn metric_queries(&self) -> BTreeMap<&str, &str> {
        let queries = self.members().get("metrics").and_then(|metrics| metrics.get("queries")).and_then(Value::as_object);
        queries.into_iter().flatten().filter_map(|(name, query)| Some((name.as_str(), query.as_str()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_members_survive_and_known_ones_read() {
        let text = r#"{"id":"a","schemaVersion":null,"novel":{"x":[1]},"labels":{"edgectl.ring":"canary","odd":1},
            "content":{"modulesContent":{"$edgeAgent":{}}},"priority":7,"targetCondition":"*","etag":"MQ==",
            "createdTimeUtc":"2022-09-28T22:52:11.0383712Z",
            "systemMetrics":{"results":{"targetedCount":3}},"metrics":{"results":{"up":2},"queries":{"up":"q"}}}"#;
        let read: Configuration = serde_json::from_str(text).expect("a configuration");
        assert_eq!((read.id(), read.priority(), read.target_condition(), read.etag()), ("a", 7, "*", Some("MQ==")));
        assert_eq!(read.label("edgectl.ring"), Some("canary"));
        assert_eq!(read.labels().len(), 1);
        assert_eq!(read.system_metric("targetedCount"), Some(3));
        assert_eq!((read.metric("up"), read.metric_queries()["up"]), (Some(2), "q"));
        assert!(read.modules_content().expect("content").contains_key("$edgeAgent"));
        assert_eq!(read.created().expect("time").timestamp_subsec_nanos(), 38_371_200);
        let written = serde_json::to_value(&read).expect("json");
        assert_eq!(written["novel"], json!({ "x": [1] }));
        assert!(serde_json::from_str::<Configuration>("[]").is_err());
    }

    #[test]
    fn is_built_step_by_step() {
        let made = Configuration::new("a", json!({ "modulesContent": {} }))
            .with_condition("tags.ring = 'canary'")
            .with_priority(10)
            .with_label("edgectl.ring", "canary")
            .with_metric("up", "select deviceId from devices");
        assert_eq!(made.label("edgectl.ring"), Some("canary"));
        assert_eq!(made.metric_queries()["up"], "select deviceId from devices");
        assert_eq!(made.priority(), 10);
    }
}
