//! Cloud-to-device messages: kept for each device until it completes them, and handed to it one after another in their order.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};
use tracing::{debug, error, info};

use super::change::Change;
use super::core::Core;
use super::fault::Fault;
use super::records::Kind;
use crate::edgehub::{Delivery, Feature, Outbound, Session};
use crate::iothub::cloud_to_device::{CloudToDevice, QueuedToDevice};
use crate::iothub::time::time_text;
use crate::model::{Identity, Message};

/// Messages that a device may have waiting.
const DEPTH: usize = 50;
/// Bytes of a body with its properties.
const LARGEST: usize = 64 * 1024;
/// Attempts to hand a message over before it is given up.
const ATTEMPTS: u32 = 10;
/// Life of a message that names none, and the longest that one may name.
const LIFE: (Duration, Duration) = (Duration::hours(1), Duration::days(2));

/// The messages of one device.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mailbox {
    last_number: u64,
    letters: Vec<Letter>,
}

/// A message that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Letter {
    queued: QueuedToDevice,
    given: CloudToDevice,
}

impl Letter {
    fn message(&self, device_id: &str) -> Result<Message, Fault> {
        let given = &self.given;
        let mut message = Message { body: Bytes::from(decoded(&given.body_base64)?), ..Message::default() };
        message.properties = given.properties.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
        let expiry = given.expiry_time_utc.map(time_text);
        let entries = [
            ("messageId", Some(self.queued.message_id.clone())),
            ("cid", given.correlation_id.clone()),
            ("to", Some(format!("/devices/{device_id}/messages/devicebound"))),
            ("contentType", given.content_type.clone()),
            ("contentEncoding", given.content_encoding.clone()),
            ("absolute-expiry-time", expiry),
        ];
        let present = entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        message.system_properties.extend(present);
        Ok(message)
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Fault> {
    STANDARD.decode(text).map_err(|error| Fault::argument(format!("bodyBase64 is no base64: {error}")))
}

impl Change<'_, '_> {
    fn mailbox(&self, device_id: &str) -> Result<Mailbox, Fault> {
        let mut mailbox: Mailbox = self.records.get(Kind::Mailbox, device_id)?.unwrap_or_default();
        mailbox.letters.retain(|letter| letter.queued.expiry_time_utc > self.now && letter.queued.delivery_count < ATTEMPTS);
        Ok(mailbox)
    }

    /// Returns the messages that wait for a device, in their order.
    pub(super) fn waiting_to_device(&self, device_id: &str) -> Result<Vec<QueuedToDevice>, Fault> {
        self.stored_twin(&Identity::device(device_id))?;
        Ok(self.mailbox(device_id)?.letters.into_iter().map(|letter| letter.queued).collect())
    }

    /// Keeps a message for a device.
    pub(super) fn send_to_device(&mut self, device_id: &str, mut given: CloudToDevice) -> Result<QueuedToDevice, Fault> {
        self.stored_twin(&Identity::device(device_id))?;
        let properties: usize = given.properties.iter().map(|(name, value)| name.len() + value.len()).sum();
        if decoded(&given.body_base64)?.len() + properties > LARGEST {
            return Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "MessageTooLarge", "a message is at most 64 KiB with its properties"));
        }
        if given.properties.keys().any(String::is_empty) {
            return Err(Fault::argument("a property has no name"));
        }
        let life = given
            .time_to_live_secs
            .map(|seconds| Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX).min(LIFE.1.num_seconds() + 1)));
        given.expiry_time_utc = given.expiry_time_utc.or(life.map(|life| self.now + life));
        let expiry_time_utc = given.expiry_time_utc.unwrap_or(self.now + LIFE.0);
        if expiry_time_utc <= self.now || expiry_time_utc > self.now + LIFE.1 {
            return Err(Fault::argument("a message expires later than now, and within two days"));
        }
        let mut mailbox = self.mailbox(device_id)?;
        if mailbox.letters.len() >= DEPTH {
            let message = format!("{DEPTH} messages wait for device `{device_id}` already");
            return Err(Fault::new(StatusCode::FORBIDDEN, "DeviceMaximumQueueDepthExceeded", message));
        }
        mailbox.last_number += 1;
        let queued = QueuedToDevice {
            sequence_number: mailbox.last_number,
            message_id: given.message_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            enqueued_time_utc: self.now,
            expiry_time_utc,
            delivery_count: 0,
        };
        mailbox.letters.push(Letter { queued: queued.clone(), given });
        self.records.put(Kind::Mailbox, device_id, &mailbox)?;
        Ok(queued)
    }

    /// Returns the oldest message of a device and counts the attempt to hand it over.
    fn next_to_device(&mut self, device_id: &str) -> Result<Option<(u64, Message)>, Fault> {
        let mut mailbox = self.mailbox(device_id)?;
        let Some(first) = mailbox.letters.first_mut() else { return Ok(None) };
        first.queued.delivery_count += 1;
        let next = (first.queued.sequence_number, first.message(device_id)?);
        self.records.put(Kind::Mailbox, device_id, &mailbox)?;
        Ok(Some(next))
    }

    fn complete_to_device(&mut self, device_id: &str, number: u64) -> Result<(), Fault> {
        let mut mailbox = self.mailbox(device_id)?;
        mailbox.letters.retain(|letter| letter.queued.sequence_number != number);
        self.records.put(Kind::Mailbox, device_id, &mailbox)
    }
}

/// Hands the messages of a device to one connection until it ends or wants no more. What it does not complete stays.
pub(super) async fn deliver(core: Arc<Core>, session: Session) {
    let device_id = session.identity.device_id.clone();
    let (mut mail, mut changes) = (core.mail.subscribe(), core.sessions.changes());
    while core.sessions.wants(&session.identity, session.connection, Feature::CloudToDevice) {
        mail.mark_unchanged();
        changes.mark_unchanged();
        let next = {
            let device_id = device_id.clone();
            core.change(move |change| change.next_to_device(&device_id)).await
        };
        match next {
            Ok(Some((number, message))) => {
                if !hand_over(&core, &session, &mut changes, message).await {
                    return info!(device_id, number, "a cloud-to-device message was not completed and stays");
                }
                let device_id = device_id.clone();
                if let Err(fault) = core.change(move |change| change.complete_to_device(&device_id, number)).await {
                    return error!(%fault, "a completed message was not removed and comes again");
                }
            }
            Ok(None) => {
                tokio::select! {
                    told = mail.changed() => if told.is_err() { return },
                    told = changes.changed() => if told.is_err() { return },
                    () = session.outbound.closed() => return,
                }
            }
            Err(fault) => return error!(%fault, "the messages of a device cannot be read"),
        }
    }
    debug!(device_id, "no more cloud-to-device messages are wanted");
}

/// Sends a message and tells whether the device completed it.
async fn hand_over(core: &Core, session: &Session, changes: &mut watch::Receiver<()>, message: Message) -> bool {
    let (done, mut told) = oneshot::channel();
    if session.outbound.send(Outbound::CloudToDevice { message, done }).await.is_err() {
        return false;
    }
    loop {
        tokio::select! {
            outcome = &mut told => return outcome == Ok(Delivery::Acknowledged),
            next = changes.changed() => {
                if next.is_err() || !core.sessions.wants(&session.identity, session.connection, Feature::CloudToDevice) {
                    return false;
                }
            }
        }
    }
}
