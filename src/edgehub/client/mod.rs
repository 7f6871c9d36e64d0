//! A client of the device protocol: the agent and the upstream link speak to a hub with it, exactly as an SDK would. It keeps one
//! connection, renews its token, connects again with a growing pause, and subscribes anew each time.

mod link;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;

use super::topic::outbound;
use super::{Feature, MethodAnswer, MethodCall};
use crate::base::{Cancel, Clock, Diagnose, Exit};
use crate::identity::SigningKey;
use crate::model::{Identity, Message};

/// How many events may wait to be taken; a client whose events are not taken is disconnected.
const EVENTS: usize = 256;
const COMMANDS: usize = 64;
/// A connection that lived this long was a good one: the next pause starts small again.
const GOOD_LIFE: Duration = Duration::from_secs(10);

/// Where to connect, and as whom.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Name or address to connect to; the server's certificate must carry it.
    pub host: String,
    /// Port of MQTT over TLS, 8883 as a rule.
    pub port: u16,
    /// Host name of the hub, which stands in the user name and in tokens.
    pub hub: String,
    /// The device or module.
    pub identity: Identity,
    /// Its key, or that of `signer`.
    pub key: SigningKey,
    /// Who signs in its place: the broker of the edge device that it is assigned to.
    pub signer: Option<Identity>,
    /// Whom to trust.
    pub tls: Arc<rustls::ClientConfig>,
    /// What to receive at first; twin answers always are. [`Client::want`] changes it.
    pub features: BTreeSet<Feature>,
    /// `DeviceClientType`: names the program.
    pub client_type: String,
    /// Tells when tokens expire.
    pub clock: Clock,
    /// How long a connection, a request or a send may take.
    pub timeout: Duration,
    /// Keep-alive interval.
    pub keep_alive: Duration,
    /// Life of a token; it is renewed, by a new connection, when 15 % are left.
    pub token_life: Duration,
    /// First and longest pause between attempts to connect.
    pub pause: (Duration, Duration),
}

impl ClientOptions {
    /// Returns options with the usual times: 20 s a call, keep-alive 60 s, tokens of an hour, pauses of 0.25 to 10 s.
    pub fn new(
        host: impl Into<String>,
        hub: impl Into<String>,
        identity: Identity,
        key: SigningKey,
        tls: Arc<rustls::ClientConfig>,
    ) -> Self {
        Self {
            host: host.into(),
            port: 8883,
            hub: hub.into(),
            identity,
            key,
            signer: None,
            tls,
            features: BTreeSet::new(),
            client_type: "edgectl".to_owned(),
            clock: Clock::System,
            timeout: Duration::from_secs(20),
            keep_alive: Duration::from_mins(1),
            token_life: Duration::from_hours(1),
            pause: (Duration::from_millis(250), Duration::from_secs(10)),
        }
    }
}

/// Why a request to the hub failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection ended first; a message may or may not have arrived.
    #[error("the connection to the hub ended before it answered")]
    ConnectionLost,
    /// No answer in time, or no connection in that time.
    #[error("the hub did not answer within {0:?}")]
    TimedOut(Duration),
    /// The client was stopped.
    #[error("the client of the hub has stopped")]
    Stopped,
    /// The hub refused a twin request.
    #[error("the hub answered a twin request with status {0}")]
    Status(u16),
    /// The hub's answer is no JSON.
    #[error("the hub answered a twin request with something that is no JSON")]
    Malformed(#[source] serde_json::Error),
}

impl Diagnose for ClientError {
    fn kind(&self) -> Exit {
        match self {
            Self::Status(400..=499) => Exit::BadInput,
            _ => Exit::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ConnectionLost => "hub/connection-lost",
            Self::TimedOut(_) => "hub/no-answer",
            Self::Stopped => "hub/stopped",
            Self::Status(_) => "hub/refused",
            Self::Malformed(_) => "hub/malformed",
        }
    }
}

/// What happens to a client.
#[derive(Debug)]
pub enum ClientEvent {
    /// Connected and subscribed.
    Connected,
    /// A connection ended, or could not be made; the client tries again by itself.
    Disconnected {
        /// Why, for logs.
        reason: String,
        /// Whether the hub refused the credential itself.
        refused: bool,
    },
    /// A desired property patch, with its `$version`.
    Desired(Value),
    /// A direct method; dropping `answer` leaves it unanswered.
    Method {
        /// The call.
        call: MethodCall,
        /// Takes the answer.
        answer: oneshot::Sender<MethodAnswer>,
    },
    /// A message on an input.
    Input {
        /// Name of the input.
        input: String,
        /// The message.
        message: Message,
    },
    /// A cloud-to-device message. The hub keeps it until `done` is told; dropping `done` leaves it with the hub, which sends it again.
    CloudToDevice {
        /// The message.
        message: Message,
        /// Told when the message has its taker.
        done: oneshot::Sender<()>,
    },
}

/// The answer to a twin request.
struct TwinAnswer {
    status: u16,
    version: Option<u64>,
    body: Bytes,
}

enum Command {
    /// One of a row of messages; dropped by any connection but the one that the row began on, so that none overtakes an earlier one.
    Next {
        connection: u64,
        topic: String,
        payload: Bytes,
        done: oneshot::Sender<()>,
    },
    Publish {
        topic: String,
        payload: Bytes,
        done: oneshot::Sender<()>,
    },
    Twin {
        patch: Option<Bytes>,
        answer: oneshot::Sender<TwinAnswer>,
    },
}

/// A handle on a running client; it stops when its token is cancelled or every handle is gone.
#[derive(Clone, Debug)]
pub struct Client {
    commands: mpsc::Sender<Command>,
    connected: watch::Receiver<bool>,
    connection: Arc<AtomicU64>,
    wanted: watch::Sender<BTreeSet<Feature>>,
    base: String,
    timeout: Duration,
}

impl Client {
    /// Starts a client. The events must be taken, or the receiver dropped.
    pub fn start(options: ClientOptions, cancel: Cancel) -> (Self, mpsc::Receiver<ClientEvent>) {
        let (events, taken) = mpsc::channel(EVENTS);
        let (commands, waiting) = mpsc::channel(COMMANDS);
        let (state, connected) = watch::channel(false);
        let (wanted, wishes) = watch::channel(options.features.clone());
        let connection = Arc::new(AtomicU64::new(0));
        let current = Arc::clone(&connection);
        let base = outbound::base(&options.identity, true);
        let client = Self { commands, connected, connection, wanted, base, timeout: options.timeout };
        let events = Events { taker: events, state, connection: current };
        tokio::spawn(run(options, Inward { commands: waiting, wishes }, events, cancel));
        (client, taken)
    }

    /// Tells whether the client is connected and subscribed now.
    pub fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// Waits until the client is connected and subscribed.
    ///
    /// # Errors
    /// When the client was stopped.
    pub async fn connected(&self) -> Result<(), ClientError> {
        self.connected.clone().wait_for(|connected| *connected).await.map(drop).map_err(|_| ClientError::Stopped)
    }

    /// Changes what the client receives, on the connection that stands and on later ones.
    pub fn want(&self, features: BTreeSet<Feature>) {
        self.wanted.send_if_modified(|wanted| {
            let changed = *wanted != features;
            *wanted = features;
            changed
        });
    }

    /// Sends a message (`outputName` among the system properties makes it one of an output) and returns when the hub has stored it.
    pub async fn send(&self, message: &Message) -> Result<(), ClientError> {
        let topic = outbound::events(&self.base, message);
        let payload = message.body.clone();
        self.ask(|done| Command::Publish { topic, payload, done }).await
    }

    /// Sends messages in their order without waiting for each, and returns how many the hub has stored, and why not all.
    pub async fn send_all<'a>(&self, messages: impl Iterator<Item = &'a Message>) -> (usize, Option<ClientError>) {
        match timeout(self.timeout, self.connected()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return (0, Some(error)),
            Err(_) => return (0, Some(ClientError::TimedOut(self.timeout))),
        }
        let connection = self.connection.load(Ordering::Acquire);
        let lost = || if self.commands.is_closed() { ClientError::Stopped } else { ClientError::ConnectionLost };
        let (mut row, mut failed) = (Vec::new(), None);
        for message in messages {
            let (done, told) = oneshot::channel();
            let command = Command::Next { connection, topic: outbound::events(&self.base, message), payload: message.body.clone(), done };
            match timeout(self.timeout, self.commands.send(command)).await {
                Ok(Ok(())) => row.push(told),
                // What waits before it ends or is given up below.
                Ok(Err(_)) => {
                    failed = Some(ClientError::Stopped);
                    break;
                }
                Err(_) => {
                    failed = Some(ClientError::TimedOut(self.timeout));
                    break;
                }
            }
        }
        let mut sent = 0;
        for told in row {
            match timeout(self.timeout, told).await {
                Ok(Ok(())) => sent += 1,
                Ok(Err(_)) => return (sent, Some(lost())),
                Err(_) => return (sent, Some(ClientError::TimedOut(self.timeout))),
            }
        }
        (sent, failed)
    }

    /// Returns the twin: `{"desired": …, "reported": …}`.
    pub async fn twin(&self) -> Result<Value, ClientError> {
        let answer = self.ask(|answer| Command::Twin { patch: None, answer }).await?;
        match answer.status {
            200 => serde_json::from_slice(&answer.body).map_err(ClientError::Malformed),
            status => Err(ClientError::Status(status)),
        }
    }

    /// Reports a patch of properties, and returns their new version when the hub tells it.
    pub async fn report(&self, patch: &Value) -> Result<Option<u64>, ClientError> {
        let patch = Some(Bytes::from(patch.to_string()));
        let answer = self.ask(|answer| Command::Twin { patch, answer }).await?;
        match answer.status {
            200..=299 => Ok(answer.version),
            status => Err(ClientError::Status(status)),
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, ClientError> {
        let (done, told) = oneshot::channel();
        let command = command(done);
        let asked = async {
            self.commands.send(command).await.map_err(|_| ClientError::Stopped)?;
            told.await.map_err(|_| if self.commands.is_closed() { ClientError::Stopped } else { ClientError::ConnectionLost })
        };
        timeout(self.timeout, asked).await.map_err(|_| ClientError::TimedOut(self.timeout))?
    }
}

/// What the handles on a client ask of it.
struct Inward {
    commands: mpsc::Receiver<Command>,
    wishes: watch::Receiver<BTreeSet<Feature>>,
}

/// Where events go. Nobody need take them; but who does must keep up.
struct Events {
    taker: mpsc::Sender<ClientEvent>,
    state: watch::Sender<bool>,
    /// Counts the connections.
    connection: Arc<AtomicU64>,
}

impl Events {
    fn send(&self, event: ClientEvent) -> Result<(), String> {
        match self.taker.try_send(event) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err("nobody takes the events of this client".to_owned()),
        }
    }
}

async fn run(options: ClientOptions, mut inward: Inward, events: Events, cancel: Cancel) {
    let mut pause = options.pause.0;
    loop {
        let began = Instant::now();
        let end = tokio::select! {
            () = cancel.cancelled() => break,
            connected = link::connect(&options) => match connected {
                Ok(wire) => link::run(wire, &options, &mut inward, &events, &cancel).await,
                Err(end) => end,
            },
        };
        events.state.send_replace(false);
        let (reason, refused) = match end {
            link::End::Stopped => break,
            link::End::Renewal => ("the token is renewed".to_owned(), false),
            link::End::Refused(reason) => (reason, true),
            link::End::Lost(reason) => (reason, false),
        };
        debug!(identity = %options.identity, reason, "disconnected from the hub");
        if events.send(ClientEvent::Disconnected { reason, refused }).is_err() {
            debug!(identity = %options.identity, "an event was not taken and is dropped");
        }
        if began.elapsed() >= GOOD_LIFE {
            pause = options.pause.0;
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = sleep(pause) => {}
        }
        if inward.commands.is_closed() && inward.commands.is_empty() {
            break;
        }
        pause = (pause * 2).min(options.pause.1);
    }
}
