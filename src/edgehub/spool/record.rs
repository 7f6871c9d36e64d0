//! One message as bytes: a frame (mark, length, CRC-32), the queues that want it, then its sender, its properties and its body. All
//! numbers are little-endian.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::QueueName;
use crate::model::{Identity, Message};

/// Begins every record, so that the next one is found after damage.
const MARK: [u8; 4] = *b"\xedMSG";

/// Mark, length and checksum.
pub(super) const FRAME_BYTES: usize = 12;

/// The most that one record can be: a message of the protocol, with room for its names.
const RECORD_BYTES: usize = 4 * 1024 * 1024;

/// Where the numbers of the queues begin, and how far apart they are.
const REFERENCES: usize = FRAME_BYTES + 4;
const REFERENCE_BYTES: usize = 16;

/// A message as its queue holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number in the queue; later ones are higher.
    pub offset: u64,
    /// Who connected and sent it.
    pub sender: Identity,
    /// The message.
    pub message: Message,
    /// When it was stored, in milliseconds since the Unix epoch.
    pub stored_millis: i64,
    /// When it is dropped undelivered, in the same unit; `None` is never.
    pub expires_millis: Option<i64>,
}

/// A queue that holds a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) queue: QueueName,
    pub(super) number: u64,
    pub(super) expires_millis: Option<i64>,
}

/// A record whose checksum was right.
pub(super) struct Record<'a> {
    pub(super) references: Vec<Reference>,
    /// What follows the references.
    rest: &'a [u8],
}

/// Writes a record for some queues, not yet numbered and not yet [`seal`]ed.
pub(super) fn encode<'a>(
    queues: impl ExactSizeIterator<Item = (&'a QueueName, Option<i64>)> + Clone,
    sender: &Identity,
    message: &Message,
    stored_millis: i64,
) -> Vec<u8> {
    let mut record = Vec::with_capacity(512 + message.body.len());
    references(&mut record, queues.map(|(name, expires)| (name, 0, expires)));
    record.extend(stored_millis.to_le_bytes());
    text(&mut record, &sender.device_id);
    optional(&mut record, sender.module_id.as_deref());
    size(&mut record, message.properties.len());
    for (name, value) in &message.properties {
        text(&mut record, name);
        optional(&mut record, value.as_deref());
    }
    size(&mut record, message.system_properties.len());
    for (name, value) in &message.system_properties {
        text(&mut record, name);
        text(&mut record, value);
    }
    record.extend(&message.body);
    record
}

/// Writes a record anew for the queues that still want it, sealed.
pub(super) fn again(record: &Record<'_>, wanted: &[&Reference]) -> Vec<u8> {
    let mut copy = Vec::with_capacity(256 + record.rest.len());
    references(&mut copy, wanted.iter().map(|one| (&one.queue, one.number, one.expires_millis)));
    copy.extend(record.rest);
    seal(&mut copy);
    copy
}

fn references<'a>(record: &mut Vec<u8>, queues: impl ExactSizeIterator<Item = (&'a QueueName, u64, Option<i64>)> + Clone) {
    record.extend([0; FRAME_BYTES]);
    size(record, queues.len());
    for (_, number, expires) in queues.clone() {
        record.extend(number.to_le_bytes());
        record.extend(expires.unwrap_or(i64::MAX).to_le_bytes());
    }
    for (name, ..) in queues {
        record.extend(name.priority.to_le_bytes());
        text(record, &name.endpoint);
    }
}

/// Sets the number of a record in one of its queues.
pub(super) fn set_number(record: &mut [u8], index: usize, number: u64) {
    let place = REFERENCES + index * REFERENCE_BYTES;
    record[place..place + 8].copy_from_slice(&number.to_le_bytes());
}

/// Completes the frame of a record.
pub(super) fn seal(record: &mut [u8]) {
    let (frame, payload) = record.split_at_mut(FRAME_BYTES);
    frame[..4].copy_from_slice(&MARK);
    frame[4..8].copy_from_slice(&u32::try_from(payload.len()).expect("a message is smaller than 4 GiB").to_le_bytes());
    frame[8..].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
}

/// Reads the record at the start of some bytes, and returns it with its length; `None` when it is damaged or not whole.
pub(super) fn decode(bytes: &[u8]) -> Option<(Record<'_>, usize)> {
    let (frame, payload) = bytes.split_first_chunk::<FRAME_BYTES>()?;
    let (mark, lengths) = frame.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*lengths.first_chunk()?)).ok()?;
    if *mark != MARK || length > RECORD_BYTES {
        return None;
    }
    let payload = payload.get(..length)?;
    if crc32fast::hash(payload) != u32::from_le_bytes(*lengths.last_chunk()?) {
        return None;
    }
    let mut input = Input(payload);
    let count = input.size()?;
    let mut numbers = Input(input.take(count.checked_mul(REFERENCE_BYTES)?)?);
    let mut references = Vec::with_capacity(count);
    for _ in 0..count {
        let (number, expires) = (u64::from_le_bytes(numbers.chunk()?), i64::from_le_bytes(numbers.chunk()?));
        let priority = u32::from_le_bytes(input.chunk()?);
        let queue = QueueName { endpoint: input.text()?, priority };
        references.push(Reference { queue, number, expires_millis: (expires != i64::MAX).then_some(expires) });
    }
    Some((Record { references, rest: input.0 }, FRAME_BYTES + length))
}

/// Returns how far ahead the next mark is.
pub(super) fn next_mark(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}

impl Record<'_> {
    /// Reads the message as one of its queues holds it; `None` when the record is not for that queue.
    pub(super) fn stored(&self, queue: &QueueName, number: u64) -> Option<Stored> {
        let reference = self.references.iter().find(|one| one.number == number && one.queue == *queue)?;
        let mut input = Input(self.rest);
        let stored_millis = i64::from_le_bytes(input.chunk()?);
        let sender = Identity { device_id: input.text()?, module_id: input.optional()?.0 };
        let mut properties = BTreeMap::new();
        for _ in 0..input.size()? {
            properties.insert(input.text()?, input.optional()?.0);
        }
        let mut system_properties = BTreeMap::new();
        for _ in 0..input.size()? {
            system_properties.insert(input.text()?, input.text()?);
        }
        let message = Message { body: Bytes::copy_from_slice(input.0), properties, system_properties };
        Some(Stored { offset: number, sender, message, stored_millis, expires_millis: reference.expires_millis })
    }
}

fn size(record: &mut Vec<u8>, size: usize) {
    record.extend(u32::try_from(size).expect("a message is smaller than 4 GiB").to_le_bytes());
}

fn text(record: &mut Vec<u8>, text: &str) {
    size(record, text.len());
    record.extend(text.as_bytes());
}

fn optional(record: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => text(record, value),
        None => record.extend(u32::MAX.to_le_bytes()),
    }
}

/// A text, or that there is none.
struct MaybeText(Option<String>);

/// What is left to read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.chunk()?)).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = self.size()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn optional(&mut self) -> Option<MaybeText> {
        if self.0.first_chunk() == Some(&u32::MAX.to_le_bytes()) {
            self.take(4)?;
            return Some(MaybeText(None));
        }
        self.text().map(|text| MaybeText(Some(text)))
    }
}
