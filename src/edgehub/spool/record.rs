//! One message as bytes: length, CRC-32, then offset, expiry, a JSON head and the body. Numbers are little-endian.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::model::{Identity, Message};

/// Length and checksum.
pub(super) const FRAME_BYTES: usize = 8;

/// The most that one record can be: a message of the protocol, with room for its names.
const RECORD_BYTES: usize = 4 * 1024 * 1024;

/// A message that waits for its endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who connected and sent it.
    pub sender: Identity,
    /// The message.
    pub message: Message,
    /// When it is dropped undelivered, in milliseconds since the Unix epoch; `None` is never.
    pub expires_millis: Option<i64>,
}

/// An entry with its number in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number; the next one's is one more.
    pub offset: u64,
    /// The entry.
    pub entry: Entry,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    sender: Identity,
    properties: BTreeMap<String, Option<String>>,
    system_properties: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_millis: Option<i64>,
}

/// Writes a record.
pub(super) fn encode(offset: u64, entry: &Entry) -> serde_json::Result<Vec<u8>> {
    let head = serde_json::to_vec(&Head {
        sender: entry.sender.clone(),
        properties: entry.message.properties.clone(),
        system_properties: entry.message.system_properties.clone(),
        expires_millis: entry.expires_millis,
    })?;
    let mut payload = Vec::with_capacity(12 + head.len() + entry.message.body.len());
    payload.extend(offset.to_le_bytes());
    payload.extend(u32::try_from(head.len()).expect("a head is smaller than a packet").to_le_bytes());
    payload.extend(head);
    payload.extend(&entry.message.body);
    let mut record = Vec::with_capacity(FRAME_BYTES + payload.len());
    record.extend(u32::try_from(payload.len()).expect("a message is smaller than 4 GiB").to_le_bytes());
    record.extend(crc32fast::hash(&payload).to_le_bytes());
    record.extend(payload);
    Ok(record)
}

/// Returns the length of the payload that a frame announces, when it can be one, and its checksum.
pub(super) fn frame(bytes: [u8; FRAME_BYTES]) -> Option<(usize, u32)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let checksum = u32::from_le_bytes(*rest.first_chunk::<4>()?);
    (12..=RECORD_BYTES).contains(&length).then_some((length, checksum))
}

/// Reads a payload; `None` when it is damaged.
pub(super) fn decode(payload: &[u8], checksum: u32) -> Option<Stored> {
    if crc32fast::hash(payload) != checksum {
        return None;
    }
    let (offset, rest) = payload.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (head, body) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let head: Head = serde_json::from_slice(head).ok()?;
    let message = Message { body: Bytes::copy_from_slice(body), properties: head.properties, system_properties: head.system_properties };
    let entry = Entry { sender: head.sender, message, expires_millis: head.expires_millis };
    Some(Stored { offset: u64::from_le_bytes(*offset), entry })
}
