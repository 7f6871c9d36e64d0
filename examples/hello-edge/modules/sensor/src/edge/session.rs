//! The connection to edgeHub: sessions one after another, and what outlives each of them.

use std::collections::VecDeque;
use std::num::NonZeroU16;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v3::{Packet, SubscribeReturnCode};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

use super::dial::{KEEP_ALIVE, TOKEN_RENEWAL, Wire, connect, lost};
use super::topic::Topic;
use super::twin::{merge, version};
use super::workload::Workload;
use super::{Call, Error, Event, Input, Reply, Request, Result};

/// How long a connect may take, from the token to the hub's consent.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// Pauses between attempts: the first, then twice as long each, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// Publishes that may be under way at once.
const WINDOW: usize = 16;

/// Why a session ended without a failure.
enum End {
    /// The token grows old.
    Renewal,
    /// The module dropped its handle.
    Stopped,
}

/// A publish that is under way. It stays until its answer is here, and goes out again in each new session.
struct Pending {
    packet: NonZeroU16,
    topic: String,
    payload: Bytes,
    /// Whether it went out before and the hub has not acknowledged it since.
    repeated: bool,
    awaits: Awaits,
}

/// What completes a publish.
enum Awaits {
    /// The acknowledgement of a message; the module waits.
    Stored(oneshot::Sender<Result<()>>),
    /// The acknowledgement of an answer to a method; nobody waits.
    Answered,
    /// The result of a reported patch; the module waits.
    Reported(oneshot::Sender<Result<()>>),
    /// The twin.
    Twin,
}

/// What outlives a session.
pub struct Link {
    workload: Workload,
    requests: mpsc::Receiver<Request>,
    replies: mpsc::UnboundedReceiver<Reply>,
    /// Given to each input and call, so that they can reply.
    reply_to: mpsc::UnboundedSender<Reply>,
    events: mpsc::UnboundedSender<Event>,
    pending: VecDeque<Pending>,
    last_packet: u16,
    session: u64,
    desired: Option<Value>,
}

impl Link {
    pub fn new(
        workload: Workload,
        requests: mpsc::Receiver<Request>,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        let (reply_to, replies) = mpsc::unbounded_channel();
        Self {
            workload,
            requests,
            replies,
            reply_to,
            events,
            pending: VecDeque::new(),
            last_packet: 0,
            session: 0,
            desired: None,
        }
    }

    /// Holds sessions until the module drops its handle.
    pub async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let before = self.session;
            match self.hold().await {
                Ok(End::Stopped) => return,
                Ok(End::Renewal) => pause = FIRST_PAUSE,
                Err(error) => {
                    if self.session > before {
                        pause = FIRST_PAUSE;
                    }
                    eprintln!("edge: {error}; next attempt in {} ms", pause.as_millis());
                    sleep(pause).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
        }
    }

    /// Connects, and serves the connection until it ends.
    async fn hold(&mut self) -> Result<End> {
        let connecting = timeout(CONNECT_LIMIT, connect(&self.workload));
        let mut wire = connecting.await.map_err(|_| lost("no consent in time"))??;
        self.session += 1;
        eprintln!(
            "edge: connected to {} as {}/{}",
            self.workload.gateway, self.workload.device, self.workload.module
        );
        self.resume(&mut wire).await?;
        let renewal = Instant::now() + TOKEN_RENEWAL;
        let mut ping = interval(KEEP_ALIVE / 2);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                packet = wire.next() => {
                    heard = Instant::now();
                    match packet {
                        Some(Ok((packet, _size))) => self.take(packet, &mut wire).await?,
                        Some(Err(error)) => return Err(lost(error)),
                        None => return Err(lost("edgeHub closed it")),
                    }
                }
                Some(reply) = self.replies.recv() => self.reply(reply, &mut wire).await?,
                request = self.requests.recv(), if self.pending.len() < WINDOW => match request {
                    Some(request) => self.request(request, &mut wire).await?,
                    None => {
                        wire.send(Packet::Disconnect).await.map_err(lost)?;
                        return Ok(End::Stopped);
                    }
                },
                _ = ping.tick() => {
                    if heard.elapsed() > KEEP_ALIVE {
                        return Err(lost("edgeHub is silent"));
                    }
                    wire.send(Packet::PingRequest).await.map_err(lost)?;
                }
                () = sleep_until(renewal) => {
                    wire.send(Packet::Disconnect).await.map_err(lost)?;
                    return Ok(End::Renewal);
                }
            }
        }
    }

    /// Subscribes, sends again what is under way, and asks for the twin.
    async fn resume(&mut self, wire: &mut Wire) -> Result<()> {
        let inputs = format!(
            "devices/{}/modules/{}/inputs/#",
            self.workload.device, self.workload.module
        );
        let filters = [
            &inputs,
            "$iothub/methods/POST/#",
            "$iothub/twin/res/#",
            "$iothub/twin/PATCH/properties/desired/#",
        ];
        let topic_filters = filters
            .iter()
            .map(|filter| ((*filter).into(), QoS::AtLeastOnce))
            .collect();
        let packet_id = self.next_packet();
        wire.send(Packet::Subscribe {
            packet_id,
            topic_filters,
        })
        .await
        .map_err(lost)?;
        // The twin is asked for anew: the changes since were missed.
        self.desired = None;
        self.pending
            .retain(|pending| !matches!(pending.awaits, Awaits::Twin));
        for pending in &mut self.pending {
            wire.feed(pending.publish()).await.map_err(lost)?;
            pending.repeated = true;
        }
        self.ask_for_twin(wire).await
    }

    /// Acts on a packet of the hub.
    async fn take(&mut self, packet: Packet, wire: &mut Wire) -> Result<()> {
        match packet {
            Packet::Publish(publish) => self.receive(*publish, wire).await,
            Packet::PublishAck { packet_id } => {
                self.acknowledged(packet_id);
                Ok(())
            }
            Packet::SubscribeAck { status, .. }
                if status.contains(&SubscribeReturnCode::Failure) =>
            {
                Err(lost("edgeHub refused a subscription"))
            }
            Packet::SubscribeAck { .. } | Packet::PingResponse => Ok(()),
            _ => Err(lost("edgeHub sent a packet that no client takes")),
        }
    }

    async fn receive(&mut self, publish: Publish, wire: &mut Wire) -> Result<()> {
        let topic = Topic::parse(&publish.topic);
        if let Some(Topic::Input { name, properties }) = topic {
            let session = self.session;
            let receipt = publish
                .packet_id
                .map(|packet| (self.reply_to.clone(), Reply::Receipt { session, packet }));
            self.raise(Event::Input(Input {
                name,
                properties,
                body: publish.payload,
                receipt,
            }));
            return Ok(());
        }
        if let Some(packet_id) = publish.packet_id {
            wire.send(Packet::PublishAck { packet_id })
                .await
                .map_err(lost)?;
        }
        match topic {
            Some(Topic::Method { name, request }) => {
                let payload = serde_json::from_slice(&publish.payload).unwrap_or_default();
                self.raise(Event::Method(Call {
                    name,
                    payload,
                    request,
                    replies: self.reply_to.clone(),
                }));
                Ok(())
            }
            Some(Topic::TwinResult { status, request }) => {
                self.twin_result(status, &request, &publish.payload)
            }
            Some(Topic::Desired) => self.desired_patch(&publish.payload, wire).await,
            Some(Topic::Input { .. }) | None => Ok(()),
        }
    }

    fn acknowledged(&mut self, packet: NonZeroU16) {
        let Some(place) = self
            .pending
            .iter()
            .position(|pending| pending.packet == packet)
        else {
            return;
        };
        match self.pending[place].awaits {
            Awaits::Stored(_) | Awaits::Answered => self.complete(place, Ok(())),
            Awaits::Reported(_) | Awaits::Twin => self.pending[place].repeated = false,
        }
    }

    /// Takes the answer to a twin request; requests carry the number of their packet.
    fn twin_result(&mut self, status: u16, request: &str, payload: &[u8]) -> Result<()> {
        let asked = |pending: &Pending| {
            matches!(pending.awaits, Awaits::Reported(_) | Awaits::Twin)
                && pending.packet.to_string() == request
        };
        let Some(place) = self.pending.iter().position(asked) else {
            return Ok(());
        };
        let taken = (200..300).contains(&status);
        if matches!(self.pending[place].awaits, Awaits::Twin) {
            if !taken {
                return Err(Error::new(
                    "cannot get the twin",
                    format!("status {status}"),
                ));
            }
            let twin: Value = serde_json::from_slice(payload)
                .map_err(|error| Error::new("cannot read the twin", error))?;
            let desired = twin.get("desired").cloned().unwrap_or_else(|| json!({}));
            self.raise(Event::Desired(desired.clone()));
            self.desired = Some(desired);
        }
        let refused = || {
            Error::new(
                "cannot report properties",
                format!("status {status}: {}", String::from_utf8_lossy(payload)),
            )
        };
        self.complete(place, if taken { Ok(()) } else { Err(refused()) });
        Ok(())
    }

    /// Merges a change of desired properties when it is the next one; after a gap the twin is asked for.
    async fn desired_patch(&mut self, payload: &[u8], wire: &mut Wire) -> Result<()> {
        let patch: Value = serde_json::from_slice(payload)
            .map_err(|error| Error::new("cannot read desired properties", error))?;
        match self.desired.as_mut() {
            Some(desired) if version(&patch) <= version(desired) => Ok(()),
            Some(desired) if version(&patch) == version(desired) + 1 => {
                merge(desired, &patch);
                let desired = desired.clone();
                self.raise(Event::Desired(desired));
                Ok(())
            }
            _ => self.ask_for_twin(wire).await,
        }
    }

    async fn ask_for_twin(&mut self, wire: &mut Wire) -> Result<()> {
        let packet = self.next_packet();
        let topic = format!("$iothub/twin/GET/?$rid={packet}");
        self.publish(packet, topic, Bytes::from_static(b" "), Awaits::Twin, wire)
            .await
    }

    async fn request(&mut self, request: Request, wire: &mut Wire) -> Result<()> {
        let packet = self.next_packet();
        match request {
            Request::Send { topic, body, done } => {
                self.publish(packet, topic, body, Awaits::Stored(done), wire)
                    .await
            }
            Request::Report { patch, done } => {
                let topic = format!("$iothub/twin/PATCH/properties/reported/?$rid={packet}");
                self.publish(packet, topic, patch, Awaits::Reported(done), wire)
                    .await
            }
        }
    }

    async fn reply(&mut self, reply: Reply, wire: &mut Wire) -> Result<()> {
        match reply {
            // A message of an earlier session comes again, under a new number.
            Reply::Receipt { session, .. } if session != self.session => Ok(()),
            Reply::Receipt { packet, .. } => wire
                .send(Packet::PublishAck { packet_id: packet })
                .await
                .map_err(lost),
            Reply::Answer {
                request,
                status,
                payload,
            } => {
                let (packet, topic) = (
                    self.next_packet(),
                    format!("$iothub/methods/res/{status}/?$rid={request}"),
                );
                self.publish(packet, topic, payload, Awaits::Answered, wire)
                    .await
            }
        }
    }

    /// Notes a publish as under way before it goes out, so that it survives a connection that breaks now.
    async fn publish(
        &mut self,
        packet: NonZeroU16,
        topic: String,
        payload: Bytes,
        awaits: Awaits,
        wire: &mut Wire,
    ) -> Result<()> {
        let pending = Pending {
            packet,
            topic,
            payload,
            repeated: true,
            awaits,
        };
        let first = Packet::from(Publish {
            dup: false,
            ..pending.message()
        });
        self.pending.push_back(pending);
        wire.send(first).await.map_err(lost)
    }

    fn complete(&mut self, place: usize, outcome: Result<()>) {
        let Some(pending) = self.pending.remove(place) else {
            return;
        };
        if let Awaits::Stored(done) | Awaits::Reported(done) = pending.awaits {
            // The sender may have given up waiting; what it sent has arrived all the same.
            let _gone = done.send(outcome);
        }
    }

    fn raise(&self, event: Event) {
        // A module that no longer listens is about to end.
        let _gone = self.events.send(event);
    }

    /// Returns a packet number that nothing under way bears.
    fn next_packet(&mut self) -> NonZeroU16 {
        loop {
            self.last_packet = self.last_packet.wrapping_add(1);
            if let Some(packet) = NonZeroU16::new(self.last_packet)
                .filter(|packet| self.pending.iter().all(|other| other.packet != *packet))
            {
                return packet;
            }
        }
    }
}

impl Pending {
    fn message(&self) -> Publish {
        Publish {
            dup: self.repeated,
            retain: false,
            qos: QoS::AtLeastOnce,
            topic: self.topic.as_str().into(),
            packet_id: Some(self.packet),
            payload: self.payload.clone(),
            properties: None,
        }
    }

    fn publish(&self) -> Packet {
        self.message().into()
    }
}
