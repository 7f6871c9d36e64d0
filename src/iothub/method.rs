//! Direct methods as the service takes and answers them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A direct method call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodRequest {
    /// Name of the method.
    pub method_name: String,
    /// JSON payload; null when there is none.
    #[serde(default)]
    pub payload: Value,
    /// How long the client may take to answer; the service takes 5 to 300 s and uses 30 s when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_timeout_in_seconds: Option<u64>,
    /// How long to wait for a client that is not connected; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_timeout_in_seconds: Option<u64>,
}

impl MethodRequest {
    /// Time that a client has when the caller names none.
    pub const DEFAULT_RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

    /// Returns a call without time limits of its own.
    pub fn new(method_name: impl Into<String>, payload: Value) -> Self {
        Self { method_name: method_name.into(), payload, response_timeout_in_seconds: None, connect_timeout_in_seconds: None }
    }

    /// Returns how long the call may take as a whole.
    pub fn time_limit(&self) -> Duration {
        let response = self.response_timeout_in_seconds.map_or(Self::DEFAULT_RESPONSE_TIMEOUT, Duration::from_secs);
        response + Duration::from_secs(self.connect_timeout_in_seconds.unwrap_or_default())
    }
}

/// What the client answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodResponse {
    /// The client's own status.
    pub status: i32,
    /// JSON payload, null when it gave none.
    #[serde(default)]
    pub payload: Value,
}
