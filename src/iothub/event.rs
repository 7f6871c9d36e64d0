//! The form in which `az iot hub monitor-events` prints a message, so that scripts written for it go on working.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::TelemetryRecord;

/// Which properties are shown beside the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventParts {
    /// System properties.
    pub system: bool,
    /// Application properties.
    pub application: bool,
    /// What the hub added: the sender and the time.
    pub annotations: bool,
}

/// Name in a message, name in an event.
const SYSTEM: [(&str, &str); 8] = [
    ("contentType", "content_type"),
    ("contentEncoding", "content_encoding"),
    ("messageId", "message_id"),
    ("cid", "correlation_id"),
    ("userId", "user_id"),
    ("to", "to"),
    ("absolute-expiry-time", "absolute_expiry_time"),
    ("creationTime", "creation_time"),
];

/// Returns the `event` of a message. The payload is read as JSON only when the content type says so, or `content_type` in its place; else
/// it is text.
pub fn of_record(record: &TelemetryRecord, parts: EventParts, content_type: Option<&str>) -> Value {
    let system = |name: &str| record.system_properties.get(name).map(String::as_str);
    let mut event = json!({
        "origin": record.device_id,
        "module": record.module_id.as_deref().unwrap_or_default(),
        "interface": system("iothub-interface-id").unwrap_or_default(),
        "component": system("dt-subject").unwrap_or_default(),
    });
    let mut properties = Map::new();
    if parts.system {
        let shown = SYSTEM.iter().filter_map(|(name, shown)| Some(((*shown).to_owned(), system(name)?.into())));
        properties.insert("system".to_owned(), Value::Object(shown.collect()));
    }
    if parts.application {
        properties.insert("application".to_owned(), json!(record.properties));
    }
    if !properties.is_empty() {
        event["properties"] = Value::Object(properties);
    }
    if parts.annotations {
        let module = record.module_id.iter().map(|id| ("iothub-connection-module-id".to_owned(), json!(id)));
        let always = [
            ("iothub-connection-device-id".to_owned(), json!(record.device_id)),
            ("iothub-enqueuedtime".to_owned(), json!(record.enqueued_time)),
        ];
        event["annotations"] = Value::Object(always.into_iter().chain(module).collect());
    }
    let is_json = content_type.or(system("contentType")).is_some_and(|text| text.to_lowercase().contains("application/json"));
    event["payload"] = match &record.body {
        Some(body) if is_json => body.clone(),
        Some(body) => body.to_string().into(),
        None => text_of(record).into(),
    };
    event
}

fn text_of(record: &TelemetryRecord) -> String {
    let bytes = record.body_base64.as_ref().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Tells whether a name fits a pattern, in which `*` stands for any run of characters and `?` for one.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut retry) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || name.get(n) == Some(c) => (p, n) = (p + 1, n + 1),
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    (p, n) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> TelemetryRecord {
        TelemetryRecord {
            sequence_number: 7,
            enqueued_time: "2026-01-02T03:04:05Z".into(),
            device_id: "edge-1".into(),
            module_id: Some("filter".into()),
            properties: [("alert".to_owned(), Some("high".to_owned()))].into(),
            system_properties: [("contentType".to_owned(), "application/json".to_owned())].into(),
            body: Some(json!({ "t": 21.5 })),
            body_base64: None,
        }
    }

    #[test]
    fn an_event_shows_the_parts_that_are_asked_for() {
        let plain = json!({ "origin": "edge-1", "module": "filter", "interface": "", "component": "", "payload": { "t": 21.5 } });
        assert_eq!(of_record(&record(), EventParts::default(), None), plain);
        let all = of_record(&record(), EventParts { system: true, application: true, annotations: true }, None);
        assert_eq!(all["properties"], json!({ "system": { "content_type": "application/json" }, "application": { "alert": "high" } }));
        assert_eq!(all["annotations"]["iothub-connection-module-id"], "filter");
        assert_eq!(all["annotations"]["iothub-enqueuedtime"], "2026-01-02T03:04:05Z");
    }

    #[test]
    fn a_payload_is_json_only_when_the_content_type_says_so() {
        let mut message = record();
        message.system_properties.clear();
        assert_eq!(of_record(&message, EventParts::default(), None)["payload"], r#"{"t":21.5}"#);
        assert_eq!(of_record(&message, EventParts::default(), Some("application/json"))["payload"], json!({ "t": 21.5 }));
        (message.body, message.body_base64) = (None, Some("aGVsbG8=".into()));
        assert_eq!(of_record(&message, EventParts::default(), None)["payload"], "hello");
    }

    #[test]
    fn patterns_follow_the_shell() {
        for (pattern, name, expected) in [
            ("edge-*", "edge-1", true),
            ("edge-*", "edge", false),
            ("*", "", true),
            ("*a*b", "xaxbxb", true),
            ("e?ge", "edge", true),
            ("e?ge", "ege", false),
            ("edge", "edge-1", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
