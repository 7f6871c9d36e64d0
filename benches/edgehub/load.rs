//! The load: publishers that keep a window of unacknowledged messages, and receivers that check order and count. It speaks to every
//! broker alike.

use std::collections::VecDeque;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::BytesMut;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v3::{Codec, Connect, ConnectAck, ConnectAckReason, Packet};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::codec::Framed;

/// Bytes of a message's body.
pub const BODY_BYTES: usize = 1024;

/// The largest packet that is read.
pub const PACKET_BYTES: u32 = 256 * 1024;

/// Bytes that are gathered before they are written.
const WRITE_BYTES: usize = 64 * 1024;

/// What one receiver saw of one sender, whose messages carry the numbers from 0.
#[derive(Debug, Default)]
pub struct Track {
    next: AtomicU64,
    duplicates: AtomicU64,
    wrong: AtomicU64,
}

impl Track {
    /// Takes a body. A number that was seen is a duplicate, which at-least-once allows; one that leaves a gap is not.
    pub fn take(&self, body: &[u8]) {
        let Some(number) = body.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes)) else {
            self.wrong.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let next = self.next.load(Ordering::Relaxed);
        match number.cmp(&next) {
            std::cmp::Ordering::Equal => self.next.store(next + 1, Ordering::Relaxed),
            std::cmp::Ordering::Less => drop(self.duplicates.fetch_add(1, Ordering::Relaxed)),
            std::cmp::Ordering::Greater => drop(self.wrong.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// Returns how many arrived in their order.
    pub fn delivered(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Returns how many came again.
    pub fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }

    /// Returns how many came out of order or damaged.
    pub fn wrong(&self) -> u64 {
        self.wrong.load(Ordering::Relaxed)
    }
}

/// Whom to be, and where.
#[derive(Clone)]
pub struct Login {
    pub port: u16,
    pub tls: Arc<rustls::ClientConfig>,
    pub client_id: String,
    /// User name and password.
    pub credential: Option<(String, String)>,
    pub clean: bool,
}

type Wire = Framed<TlsStream<TcpStream>, Codec>;

async fn connect(login: &Login) -> Result<Wire> {
    let stream = TcpStream::connect(("127.0.0.1", login.port)).await?;
    stream.set_nodelay(true)?;
    let stream = TlsConnector::from(Arc::clone(&login.tls)).connect(ServerName::try_from("127.0.0.1")?, stream).await?;
    let mut wire = Framed::new(stream, Codec::new(PACKET_BYTES));
    wire.set_backpressure_boundary(WRITE_BYTES);
    let (username, password) = login.credential.clone().unzip();
    let connect = Connect {
        clean_session: login.clean,
        keep_alive: 300,
        client_id: login.client_id.clone().into(),
        username: username.map(Into::into),
        password: password.map(Into::into),
        ..Connect::default()
    };
    wire.send(Packet::Connect(Box::new(connect))).await?;
    match wire.next().await.context("closed before CONNACK")??.0 {
        Packet::ConnectAck(ConnectAck { return_code: ConnectAckReason::ConnectionAccepted, .. }) => Ok(wire),
        other => bail!("{} was not let in: {other:?}", login.client_id),
    }
}

/// When publishers stop, and whether their times count now.
#[derive(Default)]
pub struct Phase {
    stop: AtomicBool,
    measuring: AtomicBool,
}

impl Phase {
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub fn measure(&self, on: bool) {
        self.measuring.store(on, Ordering::Relaxed);
    }
}

/// What a publisher does.
pub struct Publisher {
    pub topic: String,
    /// Messages that may wait for PUBACK.
    pub window: usize,
    /// Messages that may be on their way to the receiver, so that a broker that takes faster than it delivers does not fill the disk.
    pub under_way: u64,
    /// Messages to send at most.
    pub limit: u64,
    pub track: Arc<Track>,
    pub phase: Arc<Phase>,
}

/// What a publisher did.
#[derive(Debug, Default)]
pub struct Published {
    pub count: u64,
    /// Microseconds from PUBLISH to PUBACK, of the time that is measured.
    pub waits: Vec<u32>,
}

/// A publisher that is connected.
pub struct Connected(Wire);

impl Connected {
    pub async fn new(login: &Login) -> Result<Self> {
        Ok(Self(connect(login).await?))
    }

    /// Publishes until told to stop, and until everything is acknowledged.
    pub async fn publish(self, publisher: Publisher) -> Result<Published> {
        let mut wire = self.0;
        let mut pending: VecDeque<(NonZeroU16, Instant)> = VecDeque::new();
        let mut done = Published::default();
        loop {
            let open = !publisher.phase.stop.load(Ordering::Relaxed);
            while open
                && done.count < publisher.limit
                && pending.len() < publisher.window
                && done.count - publisher.track.delivered() < publisher.under_way
            {
                let id = packet_id(done.count);
                wire.feed(Packet::Publish(Box::new(publish(&publisher.topic, id, done.count)))).await?;
                pending.push_back((id, Instant::now()));
                done.count += 1;
            }
            if pending.is_empty() {
                if !open || done.count == publisher.limit {
                    return Ok(done);
                }
                sleep(Duration::from_millis(1)).await;
                continue;
            }
            wire.flush().await?;
            let mut packet = wire.next().await;
            while let Some(received) = packet {
                acknowledged(&received?.0, &mut pending, &publisher.phase, &mut done.waits)?;
                match wire.next().now_or_never() {
                    Some(next) => packet = next,
                    None => break,
                }
                if pending.is_empty() {
                    break;
                }
            }
        }
    }
}

fn packet_id(count: u64) -> NonZeroU16 {
    u16::try_from(count % 60_000 + 1).ok().and_then(NonZeroU16::new).expect("between 1 and 60,000")
}

fn publish(topic: &str, id: NonZeroU16, number: u64) -> Publish {
    let mut body = BytesMut::zeroed(BODY_BYTES);
    if let Some(start) = body.first_chunk_mut::<8>() {
        *start = number.to_le_bytes();
    }
    Publish {
        dup: false,
        retain: false,
        qos: QoS::AtLeastOnce,
        topic: topic.to_owned().into(),
        packet_id: Some(id),
        payload: body.freeze(),
        properties: None,
    }
}

fn acknowledged(packet: &Packet, pending: &mut VecDeque<(NonZeroU16, Instant)>, phase: &Phase, waits: &mut Vec<u32>) -> Result<()> {
    let Packet::PublishAck { packet_id } = packet else { bail!("an unexpected packet: {packet:?}") };
    let (expected, sent) = pending.pop_front().context("an acknowledgement of nothing")?;
    if expected != *packet_id {
        bail!("acknowledged {packet_id} instead of {expected}");
    }
    if phase.measuring.load(Ordering::Relaxed) {
        waits.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(())
}

/// A receiver that is connected and subscribed.
pub struct Subscribed(Wire);

impl Subscribed {
    pub async fn new(login: &Login, filter: &str) -> Result<Self> {
        let mut wire = connect(login).await?;
        let topic_filters = vec![(filter.to_owned().into(), QoS::AtLeastOnce)];
        wire.send(Packet::Subscribe { packet_id: NonZeroU16::MIN, topic_filters }).await?;
        match wire.next().await.context("closed before SUBACK")??.0 {
            Packet::SubscribeAck { .. } => Ok(Self(wire)),
            other => bail!("no SUBACK but {other:?}"),
        }
    }

    /// Receives and acknowledges for ever.
    pub async fn receive(self, track: Arc<Track>) -> Result<()> {
        let mut wire = self.0;
        loop {
            let mut packet = wire.next().await;
            loop {
                match packet.context("the broker closed the connection")??.0 {
                    Packet::Publish(publish) => {
                        track.take(&publish.payload);
                        if let Some(packet_id) = publish.packet_id {
                            wire.feed(Packet::PublishAck { packet_id }).await?;
                        }
                    }
                    other => bail!("an unexpected packet: {other:?}"),
                }
                match wire.next().now_or_never() {
                    Some(next) => packet = next,
                    None => break,
                }
            }
            wire.flush().await?;
        }
    }
}
