//! One connection of a client: TLS, CONNECT, SUBSCRIBE, then requests, answers and events until it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v3::{Connect, ConnectAck, ConnectAckReason, Packet, SubscribeReturnCode};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tracing::{debug, warn};

use super::{ClientEvent, ClientOptions, Command, Events, Inward, TwinAnswer};
use crate::base::{Cancel, percent};
use crate::edgehub::topic::{Outward, bag, outbound};
use crate::edgehub::wire::{InFlight, Wire};
use crate::edgehub::{Feature, MethodAnswer, MethodCall};
use crate::identity::sas;
use crate::model::Identity;

const API_VERSION: &str = "2021-04-12";

/// Messages that may wait for their PUBACK.
const IN_FLIGHT: usize = 100;

/// How long a client that stops waits for what it sent.
const SETTLE_TIME: Duration = Duration::from_secs(2);

/// Why a connection ended.
pub(super) enum End {
    /// The client was stopped, or nobody holds it any more.
    Stopped,
    /// Its token is about to expire.
    Renewal,
    /// The hub does not accept the credential.
    Refused(String),
    /// Anything else.
    Lost(String),
}

/// Connects and is let in.
pub(super) async fn connect(options: &ClientOptions) -> Result<Wire<TlsStream<TcpStream>>, End> {
    let lost = |what: &str, error: &dyn std::fmt::Display| End::Lost(format!("cannot {what} {}:{}: {error}", options.host, options.port));
    let attempt = async {
        let name = ServerName::try_from(options.host.clone()).map_err(|error| lost("connect to", &error))?;
        let stream = TcpStream::connect((options.host.as_str(), options.port)).await.map_err(|error| lost("connect to", &error))?;
        stream.set_nodelay(true).map_err(|error| lost("connect to", &error))?;
        let stream = TlsConnector::from(options.tls.clone()).connect(name, stream).await.map_err(|error| lost("speak TLS with", &error))?;
        let mut wire = Wire::new(stream);
        wire.write(Packet::Connect(Box::new(connect_packet(options)))).await.map_err(End::Lost)?;
        wire.flush().await.map_err(End::Lost)?;
        match wire.read().await {
            Some(Ok(Packet::ConnectAck(ConnectAck { return_code: ConnectAckReason::ConnectionAccepted, .. }))) => Ok(wire),
            Some(Ok(Packet::ConnectAck(ConnectAck { return_code, .. }))) => {
                let reason = format!("{} answered CONNECT with code {}: {}", options.host, return_code as u8, return_code.reason());
                let final_one = matches!(return_code, ConnectAckReason::BadUserNameOrPassword | ConnectAckReason::NotAuthorized);
                Err(if final_one { End::Refused(reason) } else { End::Lost(reason) })
            }
            Some(Ok(_)) => Err(lost("be let in by", &"its first packet is not CONNACK")),
            Some(Err(error)) => Err(lost("be let in by", &error)),
            None => Err(lost("be let in by", &"it closed the connection")),
        }
    };
    timeout(options.timeout, attempt).await.unwrap_or_else(|_| Err(lost("connect to", &"no answer in time")))
}

fn connect_packet(options: &ClientOptions) -> Connect {
    let identity = &options.identity;
    let expires = options.clock.now() + chrono::Duration::from_std(options.token_life).unwrap_or(chrono::Duration::hours(1));
    let token = sas::sign(&sas::resource_of(&options.hub, Some(options.signer.as_ref().unwrap_or(identity))), &options.key, expires, None);
    let user_name =
        format!("{}/{identity}/?api-version={API_VERSION}&DeviceClientType={}", options.hub, percent::encode(&options.client_type));
    Connect {
        // Each connection says anew what it wants; what an earlier one wanted is not to count.
        clean_session: true,
        keep_alive: u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX),
        client_id: identity.to_string().into(),
        username: Some(user_name.into()),
        password: Some(token.into()),
        ..Connect::default()
    }
}

/// Returns the filter that switches a feature on.
fn filter_of(feature: Feature, identity: &Identity, base: &str) -> Option<String> {
    match feature {
        Feature::Methods => Some("$iothub/methods/POST/#".to_owned()),
        Feature::DesiredProperties => Some("$iothub/twin/PATCH/properties/desired/#".to_owned()),
        Feature::TwinResponses => Some("$iothub/twin/res/#".to_owned()),
        Feature::CloudToDevice => identity.module_id.is_none().then(|| format!("{base}/messages/devicebound/#")),
        Feature::ModuleMessages => identity.module_id.is_some().then(|| format!("{base}/inputs/#")),
    }
}

/// Serves a connection to its end.
pub(super) async fn run(
    wire: Wire<TlsStream<TcpStream>>,
    options: &ClientOptions,
    inward: &mut Inward,
    events: &Events,
    cancel: &Cancel,
) -> End {
    let connection = events.connection.fetch_add(1, Ordering::AcqRel) + 1;
    let mut link = Link {
        wire,
        connection,
        events,
        base: outbound::base(&options.identity, true),
        identity: &options.identity,
        flight: InFlight::default(),
        requests: BTreeMap::new(),
        next_request: 1,
        methods: FuturesUnordered::new(),
        letters: FuturesUnordered::new(),
        filters: BTreeSet::new(),
        subscribed: false,
    };
    let wanted = inward.wishes.borrow_and_update().clone();
    let end = match link.subscribe(&wanted).await {
        Ok(()) => link.work(options, inward, cancel).await,
        Err(end) => end,
    };
    if matches!(end, End::Stopped | End::Renewal) {
        // What was sent is on its way; a message that is given up now would come twice.
        let settled = timeout(SETTLE_TIME, link.settle()).await;
        debug!(identity = %options.identity, settled = settled.is_ok_and(|settled| settled.is_ok()), "leaving the hub");
    }
    if matches!(end, End::Stopped | End::Renewal) && link.wire.write(Packet::Disconnect).await.is_err() {
        debug!(identity = %options.identity, "the hub was gone before the goodbye");
    }
    link.wire.close().await;
    end
}

struct Link<'a> {
    wire: Wire<TlsStream<TcpStream>>,
    connection: u64,
    events: &'a Events,
    base: String,
    identity: &'a Identity,
    flight: InFlight<()>,
    requests: BTreeMap<String, oneshot::Sender<TwinAnswer>>,
    next_request: u64,
    methods: FuturesUnordered<BoxFuture<'static, (String, Option<MethodAnswer>)>>,
    /// Cloud-to-device messages that have no taker yet; `None` leaves one with the hub.
    letters: FuturesUnordered<BoxFuture<'static, Option<NonZeroU16>>>,
    filters: BTreeSet<String>,
    subscribed: bool,
}

impl Link<'_> {
    /// Subscribes to what is wanted and is not subscribed to yet, and ends the subscriptions of what is wanted no more.
    async fn subscribe(&mut self, wanted: &BTreeSet<Feature>) -> Result<(), End> {
        let wanted = wanted.iter().chain([&Feature::TwinResponses]);
        let filters: BTreeSet<_> = wanted.filter_map(|feature| filter_of(*feature, self.identity, &self.base)).collect();
        let gone: Vec<_> = self.filters.difference(&filters).map(|filter| filter.as_str().into()).collect();
        let new: Vec<_> = filters.difference(&self.filters).map(|filter| (filter.as_str().into(), QoS::AtLeastOnce)).collect();
        if !gone.is_empty() {
            let packet_id = self.packet_id()?;
            self.write(Packet::Unsubscribe { packet_id, topic_filters: gone }).await?;
        }
        if !new.is_empty() {
            let packet_id = self.packet_id()?;
            self.write(Packet::Subscribe { packet_id, topic_filters: new }).await?;
        }
        self.filters = filters;
        self.wire.flush().await.map_err(End::Lost)
    }

    fn packet_id(&mut self) -> Result<NonZeroU16, End> {
        self.flight.begin(None).ok_or_else(|| End::Lost("no packet id is free".to_owned()))
    }

    async fn work(&mut self, options: &ClientOptions, inward: &mut Inward, cancel: &Cancel) -> End {
        let now = Instant::now();
        let renewal = now + options.token_life.mul_f64(0.85);
        let (mut ping, mut heard, silence) = (now + options.keep_alive, now, options.keep_alive.mul_f64(1.5).max(Duration::from_secs(1)));
        loop {
            let limit = if self.subscribed { heard + silence } else { now + options.timeout };
            let open = self.subscribed && self.flight.len() < IN_FLIGHT;
            let step = tokio::select! {
                () = cancel.cancelled() => Err(End::Stopped),
                packet = self.wire.read() => {
                    heard = Instant::now();
                    match packet {
                        None => Err(End::Lost("the hub closed the connection".to_owned())),
                        Some(Err(error)) => Err(End::Lost(format!("a packet is damaged: {error}"))),
                        Some(Ok(packet)) => self.take(packet).await,
                    }
                }
                command = inward.commands.recv(), if open => match command {
                    None => Err(End::Stopped),
                    Some(command) => self.commands(command, &mut inward.commands).await,
                },
                Some((rid, answer)) = self.methods.next(), if !self.methods.is_empty() => self.answer(&rid, answer).await,
                Some(taken) = self.letters.next(), if !self.letters.is_empty() => self.acknowledge(taken).await,
                Ok(()) = inward.wishes.changed(), if self.subscribed => {
                    let wanted = inward.wishes.borrow_and_update().clone();
                    self.subscribe(&wanted).await
                }
                () = sleep_until(ping) => {
                    ping = Instant::now() + options.keep_alive;
                    self.write(Packet::PingRequest).await
                }
                () = sleep_until(renewal) => Err(End::Renewal),
                () = sleep_until(limit) => Err(End::Lost("the hub was silent too long".to_owned())),
            };
            let step = match step {
                Ok(()) => self.wire.flush().await.map_err(End::Lost),
                ended => ended,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Reads on until everything that was sent is acknowledged.
    async fn settle(&mut self) -> Result<(), End> {
        while self.flight.len() > 0 {
            match self.wire.read().await {
                Some(Ok(packet)) => self.take(packet).await?,
                _ => break,
            }
        }
        Ok(())
    }

    async fn take(&mut self, packet: Packet) -> Result<(), End> {
        match packet {
            Packet::Publish(publish) => self.publish(*publish).await,
            Packet::PublishAck { packet_id } | Packet::UnsubscribeAck { packet_id } => {
                self.flight.acknowledged(packet_id, ());
                Ok(())
            }
            Packet::SubscribeAck { packet_id, status } => {
                self.flight.acknowledged(packet_id, ());
                if status.contains(&SubscribeReturnCode::Failure) {
                    return Err(End::Lost("the hub refused a subscription".to_owned()));
                }
                if !self.subscribed {
                    self.subscribed = true;
                    self.events.send(ClientEvent::Connected).map_err(End::Lost)?;
                    self.events.state.send_replace(true);
                }
                Ok(())
            }
            Packet::PingResponse => Ok(()),
            other => Err(End::Lost(format!("an unexpected packet of type {}", other.packet_type()))),
        }
    }

    async fn publish(&mut self, publish: Publish) -> Result<(), End> {
        let parsed = outbound::parse(&self.base, &publish.topic);
        let body = publish.payload;
        match parsed {
            Ok(Some(Outward::Input { input, bag })) => {
                let message = bag::message_from_server(bag, body);
                self.tell(ClientEvent::Input { input, message })?;
            }
            Ok(Some(Outward::CloudToDevice { bag })) => {
                let (done, told) = oneshot::channel();
                let packet_id = publish.packet_id;
                self.letters.push(Box::pin(async move { told.await.ok().and(packet_id) }));
                // It is acknowledged once it has a taker.
                return self.tell(ClientEvent::CloudToDevice { message: bag::message_from_server(bag, body), done });
            }
            Ok(Some(Outward::Desired)) => match serde_json::from_slice(&body) {
                Ok(patch) => self.tell(ClientEvent::Desired(patch))?,
                Err(error) => warn!(identity = %self.identity, %error, "a desired property patch is no JSON"),
            },
            Ok(Some(Outward::Method { name, rid })) => {
                let (answer, told) = oneshot::channel();
                self.methods.push(Box::pin(async move { (rid, told.await.ok()) }));
                self.tell(ClientEvent::Method { call: MethodCall { name, payload: body }, answer })?;
            }
            Ok(Some(Outward::TwinAnswer { status, rid, version })) => {
                if let Some(waiting) = self.requests.remove(&rid) {
                    // Who asked may have given up.
                    let _gone = waiting.send(TwinAnswer { status, version, body });
                }
            }
            Ok(None) | Err(_) => warn!(identity = %self.identity, topic = %publish.topic, "a message on an unknown topic"),
        }
        self.acknowledge(publish.packet_id).await
    }

    /// Acknowledges what the hub sent, unless it wants no acknowledgement.
    async fn acknowledge(&mut self, packet_id: Option<NonZeroU16>) -> Result<(), End> {
        match packet_id {
            Some(packet_id) => self.write(Packet::PublishAck { packet_id }).await,
            None => Ok(()),
        }
    }

    fn tell(&self, event: ClientEvent) -> Result<(), End> {
        self.events.send(event).map_err(End::Lost)
    }

    /// Takes a command and those that wait behind it, so that they share one write.
    async fn commands(&mut self, first: Command, more: &mut mpsc::Receiver<Command>) -> Result<(), End> {
        self.command(first).await?;
        while self.flight.len() < IN_FLIGHT
            && let Ok(command) = more.try_recv()
        {
            self.command(command).await?;
        }
        Ok(())
    }

    async fn command(&mut self, command: Command) -> Result<(), End> {
        match command {
            Command::Publish { done, .. } | Command::Next { done, .. } if done.is_closed() => Ok(()),
            Command::Next { connection, .. } if connection != self.connection => Ok(()),
            Command::Twin { answer, .. } if answer.is_closed() => Ok(()),
            Command::Publish { topic, payload, done } | Command::Next { topic, payload, done, .. } => {
                self.send(topic, payload, Some(done)).await
            }
            Command::Twin { patch, answer } => {
                let rid = self.next_request.to_string();
                self.next_request += 1;
                self.requests.retain(|_, waiting| !waiting.is_closed());
                self.requests.insert(rid.clone(), answer);
                let operation = if patch.is_some() { "PATCH/properties/reported" } else { "GET" };
                self.send(format!("$iothub/twin/{operation}/?$rid={rid}"), patch.unwrap_or_default(), None).await
            }
        }
    }

    async fn answer(&mut self, rid: &str, answer: Option<MethodAnswer>) -> Result<(), End> {
        let Some(MethodAnswer { status, payload }) = answer else {
            debug!(identity = %self.identity, rid, "a method is left unanswered");
            return Ok(());
        };
        self.send(format!("$iothub/methods/res/{status}/?$rid={rid}"), payload.to_string().into(), None).await
    }

    async fn send(&mut self, topic: String, payload: bytes::Bytes, done: Option<oneshot::Sender<()>>) -> Result<(), End> {
        let packet_id = Some(self.flight.begin(done).ok_or_else(|| End::Lost("no packet id is free".to_owned()))?);
        let publish =
            Publish { dup: false, retain: false, qos: QoS::AtLeastOnce, topic: topic.into(), packet_id, payload, properties: None };
        self.write(Packet::Publish(Box::new(publish))).await
    }

    async fn write(&mut self, packet: Packet) -> Result<(), End> {
        self.wire.write(packet).await.map_err(End::Lost)
    }
}
