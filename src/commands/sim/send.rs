//! `edgectl sim send`: sends a message to a device.

use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::subject;
use crate::base::clock::rfc3339_seconds;
use crate::base::duration::Span;
use crate::base::{CommandError, Exit, Result};
use crate::commands::{Context, hub};
use crate::iothub::cloud_to_device::QueuedToDevice;
use crate::model::Identity;
use crate::ops;
use crate::ops::hub::HubChoice;
use crate::ops::send::SendOptions;
use crate::output::Render;

/// Send a cloud-to-device message to a device or leaf device
///
/// The hub keeps the message until the device has acknowledged it, at most until it expires; a device that is away receives it when it is
/// back. At most 50 messages wait for a device.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim send --to leaf-1 --body 'open the valve'
  edgectl sim send --to leaf-1 --body '{\"valve\": 3}' --content-type application/json --property line=7
  edgectl sim send --to leaf-1 --body later --message-id m-1 --expires 10m -o json")]
pub struct Args {
    /// The device
    #[arg(long, value_name = "DEVICE", value_parser = device)]
    pub to: Identity,
    /// The body
    #[arg(long, value_name = "TEXT")]
    pub body: String,
    /// An application property; may be given again
    #[arg(long = "property", value_name = "NAME=VALUE", value_parser = property)]
    pub properties: Vec<(String, String)>,
    /// Id of the message
    #[arg(long, value_name = "ID")]
    pub message_id: Option<String>,
    /// Content type of the body
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// How long the hub keeps the message, up to 48h; an hour by default
    #[arg(long, value_name = "DURATION")]
    pub expires: Option<Span>,
}

/// `deviceId`, and the message as the hub keeps it: `sequenceNumber`, `messageId`, `enqueuedTimeUtc`, `expiryTimeUtc`, `deliveryCount`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    device_id: String,
    message: QueuedToDevice,
}

impl Render for Sent {
    fn human(&self) -> String {
        let expiry = rfc3339_seconds(self.message.expiry_time_utc);
        format!("message {} waits for {} until {expiry}\n", crate::base::text::sanitized(&self.message.message_id), self.device_id)
    }

    fn names(&self) -> Vec<String> {
        vec![self.message.message_id.clone()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let options = hub::options(context)?;
    if !matches!(options.choice, HubChoice::Emulator) {
        let message = "sim send speaks to the emulator, and the hub in force is a cloud hub";
        return Err(CommandError::new(Exit::BadInput, "hub/no-send", message).hint("Send with `az iot device c2d-message send`."));
    }
    let client = ops::hub::connect(&options)?;
    let wanted = SendOptions {
        body: args.body.into_bytes(),
        properties: args.properties,
        message_id: args.message_id,
        content_type: args.content_type,
        life: args.expires.map(|span| Duration::from_secs(span.as_secs())),
    };
    let message = ops::send::to_device(&client, &args.to.device_id, wanted).await?;
    context.printer.result(&Sent { device_id: args.to.device_id, message })
}

fn device(text: &str) -> Result<Identity, String> {
    let identity = subject::identity(text)?;
    match identity.module_id {
        None => Ok(identity),
        Some(_) => Err("a hub sends to devices; a module receives through routes".to_owned()),
    }
}

fn property(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as line=7")?;
    if name.is_empty() { Err("a property has a name".to_owned()) } else { Ok((name.to_owned(), value.to_owned())) }
}
