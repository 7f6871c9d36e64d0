//! Cloud-to-device messages, as the emulator takes them over its REST API. The service itself takes them over AMQP alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// A message for a device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloudToDevice {
    /// The body, in base64.
    pub body_base64: String,
    /// Application properties.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Id of the message; the hub makes one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Id of what the message answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Content type of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Encoding of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// How long the message is of use from now on, where no time is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_live_secs: Option<u64>,
    /// When the message is of no use any more; an hour from now when neither is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_time_utc: Option<Timestamp>,
}

/// What the hub keeps of a message that waits for its device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedToDevice {
    /// Place in the device's queue, rising by one from 1.
    pub sequence_number: u64,
    /// Id of the message.
    pub message_id: String,
    /// When the hub took it.
    pub enqueued_time_utc: Timestamp,
    /// When the hub drops it.
    pub expiry_time_utc: Timestamp,
    /// How often it was handed to the device without being completed.
    pub delivery_count: u32,
}
