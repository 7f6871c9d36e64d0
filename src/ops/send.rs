//! Sends a message to a device through the hub.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::Result;
use crate::iothub::Client;
use crate::iothub::cloud_to_device::{CloudToDevice, QueuedToDevice};

/// A message for a device.
#[derive(Clone, Debug, Default)]
pub struct SendOptions {
    /// The body.
    pub body: Vec<u8>,
    /// Application properties; of two with one name the later counts.
    pub properties: Vec<(String, String)>,
    /// Id of the message; the hub makes one when absent.
    pub message_id: Option<String>,
    /// Content type of the body.
    pub content_type: Option<String>,
    /// How long the hub keeps the message; an hour when absent.
    pub life: Option<Duration>,
}

/// Gives a message for a device to the hub, which keeps it until the device has completed it.
///
/// # Errors
/// When the hub has no such device, its queue is full, or the message is too large or too old.
pub async fn to_device(client: &Client, device_id: &str, options: SendOptions) -> Result<QueuedToDevice> {
    let message = CloudToDevice {
        body_base64: STANDARD.encode(&options.body),
        properties: options.properties.into_iter().collect(),
        message_id: options.message_id,
        content_encoding: options.content_type.is_some().then(|| "utf-8".to_owned()),
        content_type: options.content_type,
        correlation_id: None,
        time_to_live_secs: options.life.map(|life| life.as_secs()),
        expiry_time_utc: None,
    };
    Ok(client.send_to_device(device_id, &message).await?)
}
