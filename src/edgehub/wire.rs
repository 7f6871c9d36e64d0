//! Packets on a stream: reading, writing with a time limit, and the ids of what waits for an acknowledgement.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZeroU16;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rmqtt_codec::error::DecodeError;
use rmqtt_codec::v3::{Codec, Packet};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::codec::Framed;

/// The largest packet that is read; a larger one ends the connection.
pub(super) const PACKET_BYTES: u32 = 256 * 1024;

/// Tells whether a PUBLISH with a packet id can be written, and is read by a peer with the same limit.
pub(super) fn fits(topic_bytes: usize, payload_bytes: usize) -> bool {
    // The topic's length and the packet id take two bytes each.
    let length = topic_bytes.saturating_add(payload_bytes).saturating_add(4);
    u16::try_from(topic_bytes).is_ok() && u32::try_from(length).is_ok_and(|length| length <= PACKET_BYTES)
}

/// How long a peer may refuse to read what is sent to it.
const WRITE_TIME: Duration = Duration::from_mins(1);

/// A stream of MQTT 3.1.1 packets.
pub(super) struct Wire<S> {
    frames: Framed<S, Codec>,
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { frames: Framed::new(stream, Codec::new(PACKET_BYTES)), unflushed: false }
    }

    /// Returns the next packet; `None` when the peer closed. Dropping the future loses nothing.
    pub(super) async fn read(&mut self) -> Option<Result<Packet, DecodeError>> {
        Some(self.frames.next().await?.map(|(packet, _)| packet))
    }

    /// Writes a packet, which may stay in the buffer until [`Self::flush`].
    pub(super) async fn write(&mut self, packet: Packet) -> Result<(), String> {
        self.unflushed = true;
        timed(self.frames.feed(packet)).await
    }

    /// Sends what was written.
    pub(super) async fn flush(&mut self) -> Result<(), String> {
        if std::mem::take(&mut self.unflushed) { timed(self.frames.flush()).await } else { Ok(()) }
    }

    /// Sends what was written and says goodbye to the peer; it may be gone already.
    pub(super) async fn close(mut self) {
        if let Err(error) = timed(self.frames.close()).await {
            tracing::trace!(error, "the peer was gone before the goodbye");
        }
    }
}

async fn timed<E: std::fmt::Display>(write: impl Future<Output = Result<(), E>>) -> Result<(), String> {
    match timeout(WRITE_TIME, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("cannot write: {error}")),
        Err(_) => Err("the peer does not read".to_owned()),
    }
}

/// Messages on their way to a client, by packet id, with whom to tell when they are acknowledged.
pub(super) struct InFlight<T> {
    last: u16,
    waiting: BTreeMap<NonZeroU16, Option<oneshot::Sender<T>>>,
}

impl<T> Default for InFlight<T> {
    fn default() -> Self {
        Self { last: 0, waiting: BTreeMap::new() }
    }
}

impl<T> InFlight<T> {
    /// Takes a free packet id; `None` when all are in use.
    pub(super) fn begin(&mut self, done: Option<oneshot::Sender<T>>) -> Option<NonZeroU16> {
        for _ in 0..=u16::MAX {
            self.last = self.last.wrapping_add(1);
            let Some(id) = NonZeroU16::new(self.last) else { continue };
            if let Entry::Vacant(free) = self.waiting.entry(id) {
                free.insert(done);
                return Some(id);
            }
        }
        None
    }

    /// Ends the wait for an id and tells who waits.
    pub(super) fn acknowledged(&mut self, id: NonZeroU16, outcome: T) {
        if let Some(Some(done)) = self.waiting.remove(&id) {
            // Who no longer waits has given the message up to another connection.
            let _gone = done.send(outcome);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packet_ids_skip_those_in_use() {
        let mut flight = InFlight::<()> { last: u16::MAX - 1, ..InFlight::default() };
        let ids: Vec<u16> = (0..3).map(|_| flight.begin(None).expect("id").get()).collect();
        assert_eq!(ids, [u16::MAX, 1, 2]);
        flight.last = 0;
        assert_eq!(flight.begin(None).expect("id").get(), 3);
        flight.acknowledged(NonZeroU16::MIN, ());
        assert_eq!(flight.len(), 3);
    }

    #[test]
    fn a_publish_that_fits_is_written_and_read_and_no_larger_one() {
        use rmqtt_codec::types::{Publish, QoS};
        use tokio_util::codec::{Decoder as _, Encoder as _};
        let passes = |topic: usize, payload: usize| {
            let publish = Publish {
                dup: false,
                retain: false,
                qos: QoS::AtLeastOnce,
                topic: "t".repeat(topic).into(),
                packet_id: Some(NonZeroU16::MIN),
                payload: vec![0; payload].into(),
                properties: None,
            };
            let (mut codec, mut bytes) = (Codec::new(PACKET_BYTES), bytes::BytesMut::new());
            let written = codec.encode(Packet::Publish(Box::new(publish)), &mut bytes).is_ok();
            written && codec.decode(&mut bytes).is_ok_and(|packet| packet.is_some())
        };
        let limit = PACKET_BYTES as usize;
        for (topic, payload, expected) in [(65_535, 9, true), (65_536, 9, false), (100, limit - 104, true), (100, limit - 103, false)] {
            assert_eq!((fits(topic, payload), passes(topic, payload)), (expected, expected), "{topic} {payload}");
        }
    }

    #[test]
    fn an_acknowledgement_reaches_who_waits() {
        let (done, mut told) = oneshot::channel();
        let mut flight = InFlight::default();
        let id = flight.begin(Some(done)).expect("id");
        assert!(told.try_recv().is_err());
        flight.acknowledged(id, ());
        assert_eq!(told.try_recv(), Ok(()));
    }
}
