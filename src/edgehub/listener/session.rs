//! One connection after CONNACK: publishes to the backend, answers and acknowledgements back, messages of the backend out.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::num::NonZeroU16;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, FuturesUnordered};
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v3::{Packet, SubscribeReturnCode};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{debug, info, warn};

use super::MESSAGE_BYTES;
use super::handshake::Admitted;
use crate::base::Cancel;
use crate::edgehub::topic::{Inbound, bag, filter, inbound, outbound};
use crate::edgehub::wire::{InFlight, Wire};
use crate::edgehub::{Backend, Delivery, MethodAnswer, MethodCall, Outbound, reported};
use crate::model::{Identity, Message};

/// Publishes that may wait for the backend before the socket is left unread.
const WINDOW: usize = 16;

/// Messages to a client that may wait for its acknowledgement.
const IN_FLIGHT: usize = 100;

/// How long publishes that were received may take to be stored once the connection is over.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Status of a method answer whose own status is no number.
const NO_STATUS: i32 = 400_000;

/// What follows from a publish once the backend is done with it.
enum Outcome {
    Acknowledge(Option<NonZeroU16>),
    Answer { acknowledge: Option<NonZeroU16>, rid: Option<String>, status: u16, version: Option<u64>, body: Bytes },
    Close(String),
}

/// Why a connection ended.
enum End {
    /// The client said goodbye, so its will is not sent.
    Goodbye,
    /// Anything else.
    Cause(String),
}

/// Serves a client that was let in, to the end of its connection.
pub(super) async fn run<S>(wire: Wire<S>, admitted: Admitted, backend: &dyn Backend, cancel: Cancel)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (identity, connection, will) = (admitted.identity.clone(), admitted.connection, admitted.will.clone());
    let mut session = Live {
        wire,
        backend,
        identity: &identity,
        connection,
        filters: admitted.filters,
        flight: InFlight::default(),
        methods: BTreeMap::new(),
        ordered: FuturesOrdered::new(),
        requests: FuturesUnordered::new(),
    };
    let end = session.work(admitted.outbound, admitted.silence, &cancel).await;
    // What was received is stored even if nobody waits for the acknowledgement; a QoS 0 publisher leaves at once.
    let drained = timeout(DRAIN_TIME, async { while session.ordered.next().await.is_some() {} }).await;
    if drained.is_err() {
        warn!(%identity, connection, "messages were not stored in time and may be lost");
    }
    session.wire.close().await;
    match end {
        End::Goodbye => info!(%identity, connection, "disconnected"),
        End::Cause(cause) => {
            info!(%identity, connection, cause, "the connection ended");
            if let Some(will) = will {
                send_will(backend, &identity, &will.topic, will.message).await;
            }
        }
    }
    backend.disconnected(&identity, connection).await;
}

async fn send_will(backend: &dyn Backend, identity: &Identity, topic: &str, body: Bytes) {
    let Ok(Some(Inbound::Telemetry { sender, bag })) = inbound::parse(topic) else {
        debug!(%identity, topic, "a will for a topic without events is dropped");
        return;
    };
    let mut message = bag::message_from_client(&sender, bag, body);
    message.properties.insert("MessageType".to_owned(), Some("Will".to_owned()));
    if let Err(error) = backend.telemetry(identity, message).await {
        warn!(%identity, error, "a will was not stored");
    }
}

struct Live<'a, S> {
    wire: Wire<S>,
    backend: &'a dyn Backend,
    identity: &'a Identity,
    connection: u64,
    filters: Vec<(String, u8)>,
    flight: InFlight<Delivery>,
    methods: BTreeMap<String, oneshot::Sender<MethodAnswer>>,
    /// Publishes whose acknowledgements go out in the order of arrival.
    ordered: FuturesOrdered<BoxFuture<'a, Outcome>>,
    /// Requests that may take long and hold nothing up.
    requests: FuturesUnordered<BoxFuture<'a, Outcome>>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Live<'a, S> {
    async fn work(&mut self, mut outbound: tokio::sync::mpsc::Receiver<Outbound>, silence: Duration, cancel: &Cancel) -> End {
        let mut deadline = Instant::now() + silence;
        loop {
            let open = self.ordered.len() + self.requests.len() < WINDOW;
            let step = tokio::select! {
                () = cancel.cancelled() => Err(End::Cause("the listener stops".to_owned())),
                packet = self.wire.read(), if open => {
                    deadline = Instant::now() + silence;
                    match packet {
                        None => Err(End::Cause("the peer closed the connection".to_owned())),
                        Some(Err(error)) => Err(End::Cause(format!("a packet is damaged: {error}"))),
                        Some(Ok(packet)) => self.take(packet).await,
                    }
                }
                Some(outcome) = self.ordered.next(), if !self.ordered.is_empty() => self.conclude(outcome).await,
                Some(outcome) = self.requests.next(), if !self.requests.is_empty() => self.conclude(outcome).await,
                Some(message) = outbound.recv(), if self.flight.len() < IN_FLIGHT => self.send(message).await,
                () = sleep_until(deadline), if open => Err(End::Cause("the client was silent too long".to_owned())),
            };
            let step = match step {
                Ok(()) => self.settle().await,
                ended => ended,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Writes all outcomes that are there already, then flushes once.
    async fn settle(&mut self) -> Result<(), End> {
        while !self.ordered.is_empty() {
            let Poll::Ready(Some(outcome)) = poll_fn(|context| Poll::Ready(self.ordered.poll_next_unpin(context))).await else { break };
            self.conclude(outcome).await?;
        }
        self.wire.flush().await.map_err(End::Cause)
    }

    async fn take(&mut self, packet: Packet) -> Result<(), End> {
        match packet {
            Packet::Publish(publish) => self.publish(*publish).await,
            Packet::PublishAck { packet_id } => {
                self.flight.acknowledged(packet_id, Delivery::Acknowledged);
                Ok(())
            }
            Packet::Subscribe { packet_id, topic_filters } => {
                let filters: Vec<_> = topic_filters.iter().map(|(filter, quality)| (filter.to_string(), quality.value().min(1))).collect();
                self.filters.retain(|(known, _)| !filters.iter().any(|(new, _)| new == known));
                self.filters.extend(filters.iter().cloned());
                for (filter, _) in filters.iter().filter(|(text, _)| filter::feature(text).is_none()) {
                    let message = || format!("{} subscribed to `{filter}`, which is granted and brings nothing", self.identity);
                    crate::edgehub::warn(self.backend, "hub/filter-without-feature", &shortened(filter), message);
                }
                self.store_filters().await?;
                let status = filters.iter().map(|(_, quality)| SubscribeReturnCode::Success(quality_of(*quality))).collect();
                self.write(Packet::SubscribeAck { packet_id, status }).await
            }
            Packet::Unsubscribe { packet_id, topic_filters } => {
                self.filters.retain(|(known, _)| !topic_filters.iter().any(|gone| *gone == known.as_str()));
                self.store_filters().await?;
                self.write(Packet::UnsubscribeAck { packet_id }).await
            }
            Packet::PingRequest => self.write(Packet::PingResponse).await,
            Packet::Disconnect => Err(End::Goodbye),
            Packet::Connect(_) => Err(End::Cause("a second CONNECT".to_owned())),
            _ => Err(End::Cause("a packet that clients do not send".to_owned())),
        }
    }

    async fn store_filters(&mut self) -> Result<(), End> {
        let features = filter::features(&self.filters);
        let stored = self.backend.subscribed(self.identity, self.connection, &self.filters, &features).await;
        stored.map_err(|error| End::Cause(format!("the subscriptions were not stored: {error}")))
    }

    async fn publish(&mut self, publish: Publish) -> Result<(), End> {
        let acknowledge = publish.packet_id.filter(|_| publish.qos == QoS::AtLeastOnce);
        let twice = publish.qos == QoS::ExactlyOnce;
        let future: BoxFuture<'a, Outcome> = match inbound::parse(&publish.topic) {
            Err(error) => self.dropped(&publish, acknowledge, &error.to_string()),
            Ok(None) => self.dropped(&publish, acknowledge, "an unknown topic"),
            Ok(Some(Inbound::BadTwinOperation)) => return Err(End::Cause(format!("a bad twin operation: {}", publish.topic))),
            Ok(Some(Inbound::Telemetry { sender, bag })) => {
                if sender != *self.identity {
                    let message = || format!("{} publishes as {sender}, and {sender} counts as the sender", self.identity);
                    crate::edgehub::warn(self.backend, "hub/topic-identity", &self.identity.to_string(), message);
                }
                self.telemetry(&sender, bag, &publish, acknowledge)
            }
            Ok(Some(Inbound::MethodAnswer { status, rid })) => {
                self.method_answer(&status, &rid, &publish.payload);
                ready(Outcome::Acknowledge(acknowledge))
            }
            Ok(Some(Inbound::TwinGet { rid })) => {
                self.requests.push(twin(self.backend, self.identity, rid));
                ready(Outcome::Acknowledge(acknowledge))
            }
            Ok(Some(Inbound::TwinReport { rid })) => report(self.backend, self.identity, rid, publish.payload, acknowledge),
        };
        self.enqueue(if twice { Box::pin(then_close(future)) } else { future }).await;
        Ok(())
    }

    /// Starts the work at once, so that the backend sees publishes in the order of arrival, and queues the rest of it.
    async fn enqueue(&mut self, mut future: BoxFuture<'a, Outcome>) {
        let started = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        self.ordered.push_back(match started {
            Poll::Ready(outcome) => ready(outcome),
            Poll::Pending => future,
        });
    }

    fn dropped(&self, publish: &Publish, acknowledge: Option<NonZeroU16>, reason: &str) -> BoxFuture<'a, Outcome> {
        warn!(identity = %self.identity, topic = %publish.topic, reason, "a message is acknowledged and dropped");
        ready(Outcome::Acknowledge(acknowledge))
    }

    fn telemetry(&self, sender: &Identity, bag: bag::Bag, publish: &Publish, acknowledge: Option<NonZeroU16>) -> BoxFuture<'a, Outcome> {
        let mut message = bag::message_from_client(sender, bag, publish.payload.clone());
        for (flag, property) in [(publish.retain, "mqtt-retain"), (publish.dup, "mqtt-dup")] {
            if flag {
                message.properties.insert(property.to_owned(), Some("true".to_owned()));
            }
        }
        if bag::size_of(&message) > MESSAGE_BYTES {
            return self.dropped(publish, acknowledge, "the message is too large");
        }
        let (backend, identity) = (self.backend, self.identity);
        Box::pin(async move {
            match backend.telemetry(identity, message).await {
                Ok(()) => Outcome::Acknowledge(acknowledge),
                Err(error) => Outcome::Close(format!("a message was not stored: {error}")),
            }
        })
    }

    fn method_answer(&mut self, status: &str, rid: &str, payload: &Bytes) {
        let Some(waiting) = self.methods.remove(&rid.to_lowercase()) else {
            warn!(identity = %self.identity, rid, "an answer to no method call");
            return;
        };
        let payload = if payload.iter().all(u8::is_ascii_whitespace) {
            Value::Null
        } else {
            serde_json::from_slice(payload).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(payload).into_owned()))
        };
        // Who called may have given up.
        let _gone = waiting.send(MethodAnswer { status: status.parse().unwrap_or(NO_STATUS), payload });
    }

    async fn conclude(&mut self, outcome: Outcome) -> Result<(), End> {
        match outcome {
            Outcome::Close(reason) => Err(End::Cause(reason)),
            Outcome::Acknowledge(acknowledge) => self.acknowledge(acknowledge).await,
            Outcome::Answer { acknowledge, rid, status, version, body } => {
                self.acknowledge(acknowledge).await?;
                let Some(rid) = rid else { return Ok(()) };
                let topic = outbound::twin_answer(status, &rid, version);
                self.deliver_if_wanted(topic, body).await.map(drop)
            }
        }
    }

    async fn acknowledge(&mut self, id: Option<NonZeroU16>) -> Result<(), End> {
        match id {
            Some(packet_id) => self.write(Packet::PublishAck { packet_id }).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, message: Outbound) -> Result<(), End> {
        match message {
            Outbound::Close(reason) => Err(End::Cause(reason)),
            Outbound::Input { input, message, redelivered, done } => {
                self.send_message(|base, message| outbound::input(base, &input, message), message, redelivered, done).await
            }
            Outbound::CloudToDevice { message, done } => self.send_message(outbound::cloud_to_device, message, false, done).await,
            Outbound::Desired(patch) => {
                let version = patch.get("$version").and_then(Value::as_u64).unwrap_or_default();
                let topic = outbound::desired(version);
                self.deliver_if_wanted(topic, Bytes::from(patch.to_string())).await.map(drop)
            }
            Outbound::Method { call, answer } => self.call(call, answer).await,
        }
    }

    /// Sends a message under the spelling of the ids that the client subscribed to. Without a filter for it the message is lost, as in
    /// the product.
    async fn send_message(
        &mut self,
        topic: impl Fn(&str, &Message) -> String,
        message: Message,
        redelivered: bool,
        done: oneshot::Sender<Delivery>,
    ) -> Result<(), End> {
        let spellings = [false, true].map(|encoded| topic(&outbound::base(self.identity, encoded), &message));
        let fitting = spellings.into_iter().find_map(|topic| Some((filter::granted(&self.filters, &topic)?, topic)));
        let Some((granted, topic)) = fitting else {
            warn!(identity = %self.identity, "a message fits no filter of the client and is lost");
            let _gone = done.send(Delivery::NoFilter);
            return Ok(());
        };
        let wanted = match message.properties.get("mqtt-qos").and_then(Option::as_deref) {
            Some("0") => 0,
            _ => 1,
        };
        self.deliver(topic, message.body, granted.min(wanted), redelivered, Some(done)).await
    }

    async fn call(&mut self, call: MethodCall, answer: oneshot::Sender<MethodAnswer>) -> Result<(), End> {
        let rid = uuid::Uuid::new_v4().to_string();
        let topic = outbound::method(&call.name, &rid);
        if self.deliver_if_wanted(topic, call.payload).await? {
            self.methods.retain(|_, waiting| !waiting.is_closed());
            self.methods.insert(rid, answer);
        }
        Ok(())
    }

    /// Sends under the quality of service that the client asked for, and tells whether it did ask.
    async fn deliver_if_wanted(&mut self, topic: String, payload: Bytes) -> Result<bool, End> {
        let Some(quality) = filter::granted(&self.filters, &topic) else {
            warn!(identity = %self.identity, topic, "no subscription for what the client is sent; it is dropped");
            return Ok(false);
        };
        self.deliver(topic, payload, quality, false, None).await?;
        Ok(true)
    }

    async fn deliver(
        &mut self,
        topic: String,
        payload: Bytes,
        quality: u8,
        redelivered: bool,
        done: Option<oneshot::Sender<Delivery>>,
    ) -> Result<(), End> {
        let (packet_id, done) = match quality {
            0 => (None, done),
            _ => (Some(self.flight.begin(done).ok_or_else(|| End::Cause("no packet id is free".to_owned()))?), None),
        };
        // Only what is acknowledged can be sent again.
        let dup = redelivered && packet_id.is_some();
        let publish = Publish { dup, retain: false, qos: quality_of(quality), topic: topic.into(), packet_id, payload, properties: None };
        self.write(Packet::Publish(Box::new(publish))).await?;
        if let Some(done) = done {
            let _gone = done.send(Delivery::Acknowledged);
        }
        Ok(())
    }

    async fn write(&mut self, packet: Packet) -> Result<(), End> {
        self.wire.write(packet).await.map_err(End::Cause)
    }
}

/// Bounds what a client can make the list of warnings hold.
fn shortened(filter: &str) -> String {
    filter.chars().take(200).collect()
}

fn quality_of(level: u8) -> QoS {
    if level == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce }
}

fn ready<'a>(outcome: Outcome) -> BoxFuture<'a, Outcome> {
    Box::pin(std::future::ready(outcome))
}

async fn then_close(future: BoxFuture<'_, Outcome>) -> Outcome {
    future.await;
    Outcome::Close("quality of service 2 is not spoken here".to_owned())
}

fn twin<'a>(backend: &'a dyn Backend, identity: &'a Identity, rid: String) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let (status, body) = match backend.twin(identity).await {
            Ok(twin) => (200, Bytes::from(twin.to_string())),
            Err(error) => {
                warn!(%identity, error, "cannot answer a twin request");
                (500, Bytes::new())
            }
        };
        Outcome::Answer { acknowledge: None, rid: Some(rid), status, version: None, body }
    })
}

fn report<'a>(
    backend: &'a dyn Backend,
    identity: &'a Identity,
    rid: Option<String>,
    patch: Bytes,
    acknowledge: Option<NonZeroU16>,
) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let (status, version) = match reported::parse(&patch) {
            Err(error) => {
                warn!(%identity, %error, "refused reported properties");
                (400, None)
            }
            Ok(patch) => match backend.reported(identity, patch).await {
                Ok(version) => (204, version),
                Err(error) => {
                    warn!(%identity, error, "reported properties were not stored");
                    (500, None)
                }
            },
        };
        Outcome::Answer { acknowledge, rid, status, version, body: Bytes::new() }
    })
}
