//! Messages that reached the hub, as the emulator's log keeps them and `sim monitor` prints them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message that the hub acknowledged; one line of the telemetry log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TelemetryRecord {
    /// Place in the log, rising by one from 1.
    pub sequence_number: u64,
    /// When the hub took it, RFC 3339.
    pub enqueued_time: String,
    /// Device that sent it.
    pub device_id: String,
    /// Module that sent it; absent for the device itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module_id: Option<String>,
    /// Application properties; null for a name without a value.
    pub properties: BTreeMap<String, Option<String>>,
    /// System properties by their long names.
    pub system_properties: BTreeMap<String, String>,
    /// The body, when it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The body in base64, when it is not JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
}
