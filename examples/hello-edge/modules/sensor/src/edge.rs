//! A compact client for IoT Edge modules. It keeps one connection to edgeHub (MQTT over TLS) and comes back by itself when the
//! connection breaks or its token grows old. What was sent and not yet acknowledged is sent again, so nothing is lost on the way.
//!
//! `connect` returns a [`Module`] to send and report with, and [`Events`] to receive.

#![allow(dead_code, reason = "not every module uses all of its client")]

pub mod topic;
pub mod workload;

mod dial;
mod session;
mod twin;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use workload::Workload;

/// Largest message that edgeHub stores: body and properties together.
const MESSAGE_LIMIT: usize = 262_144;

/// Largest topic of MQTT.
const TOPIC_LIMIT: usize = 65_535;

/// What could not be done, and why.
#[derive(Debug)]
pub struct Error {
    doing: String,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(
        doing: impl Into<String>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            doing: doing.into(),
            cause: cause.into(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.doing, self.cause)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

/// The module's way out: messages and reported properties. Clones share the connection.
#[derive(Clone)]
pub struct Module {
    workload: Workload,
    requests: mpsc::Sender<Request>,
}

/// The module's way in.
pub type Events = mpsc::UnboundedReceiver<Event>;

/// Something that the module should act on.
pub enum Event {
    /// The desired properties, all of them: after each connect, and after each change. `$version` is among them.
    Desired(Value),
    /// A message that a route brought to an input.
    Input(Input),
    /// A call of a direct method. Answer it.
    Method(Call),
}

/// A message on an input. Dropping it acknowledges it; until then edgeHub keeps it and would deliver it again. So drop it when
/// its work is done: after what follows from it was sent.
pub struct Input {
    /// Name of the input.
    pub name: String,
    /// Body as it was sent.
    pub body: Bytes,
    /// Properties; those of the hub begin with `$`.
    pub properties: Vec<(String, String)>,
    receipt: Option<(mpsc::UnboundedSender<Reply>, Reply)>,
}

impl Input {
    /// Returns the body as JSON, or null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // A handler that panics has not done its work.
        if let Some((replies, receipt)) = self.receipt.take().filter(|_| !std::thread::panicking())
        {
            // Without a connection task nobody waits for the acknowledgement.
            let _ended = replies.send(receipt);
        }
    }
}

/// A call of a direct method.
#[must_use = "the caller waits for the answer"]
pub struct Call {
    /// Name of the method.
    pub name: String,
    /// Payload; null when the caller gave none.
    pub payload: Value,
    request: String,
    replies: mpsc::UnboundedSender<Reply>,
}

impl Call {
    /// Answers the caller with a status (200 is the usual "done") and a payload.
    pub fn answer(self, status: u16, payload: &Value) {
        let reply = Reply::Answer {
            request: self.request,
            status,
            payload: payload.to_string().into(),
        };
        // Without a connection task the caller has long been told that the module is gone.
        let _ended = self.replies.send(reply);
    }
}

/// Something to send that the sender waits for.
enum Request {
    Send {
        topic: String,
        body: Bytes,
        done: oneshot::Sender<Result<()>>,
    },
    Report {
        patch: Bytes,
        done: oneshot::Sender<Result<()>>,
    },
}

/// Something to send that nobody waits for.
enum Reply {
    /// Acknowledges a message of the session with this number.
    Receipt {
        session: u64,
        packet: std::num::NonZeroU16,
    },
    /// Answers a direct method.
    Answer {
        request: String,
        status: u16,
        payload: Bytes,
    },
}

/// Reads the environment that the agent gave and starts to connect in the background.
///
/// It fails only when the environment is not that of a module; a hub that is away is waited for.
pub fn connect() -> Result<(Module, Events)> {
    let workload = Workload::from_environment()?;
    let (requests, incoming) = mpsc::channel(16);
    let (events, receiver) = mpsc::unbounded_channel();
    tokio::spawn(session::Link::new(workload.clone(), incoming, events).run());
    Ok((Module { workload, requests }, receiver))
}

impl Module {
    /// Sends a JSON message to an output and returns once edgeHub has stored it.
    pub async fn send(&self, output: &str, body: &Value) -> Result<()> {
        self.send_with(output, body, &[]).await
    }

    /// Sends a JSON message with application properties.
    pub async fn send_with(
        &self,
        output: &str,
        body: &Value,
        properties: &[(&str, &str)],
    ) -> Result<()> {
        // Routes can look into a body only when these two say that it is JSON.
        let mut all = vec![("$.ct", "application/json"), ("$.ce", "utf-8")];
        all.extend_from_slice(properties);
        let topic = topic::output(&self.workload.device, &self.workload.module, output, &all);
        let body = Bytes::from(body.to_string());
        let size = body.len()
            + all
                .iter()
                .map(|(key, value)| key.len() + value.len())
                .sum::<usize>();
        if size > MESSAGE_LIMIT || topic.len() > TOPIC_LIMIT {
            return Err(Error::new(
                format!("cannot send to {output}"),
                format!("{size} bytes are more than edgeHub takes"),
            ));
        }
        self.request(|done| Request::Send { topic, body, done })
            .await
    }

    /// Reports properties: a patch, in which null removes one. Returns once the hub has taken it.
    pub async fn report(&self, patch: &Value) -> Result<()> {
        let patch = Bytes::from(patch.to_string());
        self.request(|done| Request::Report { patch, done }).await
    }

    async fn request(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<()>>) -> Request,
    ) -> Result<()> {
        let ended = || Error::new("cannot send", "the connection task has ended");
        let (done, outcome) = oneshot::channel();
        self.requests
            .send(request(done))
            .await
            .map_err(|_| ended())?;
        outcome.await.unwrap_or_else(|_| Err(ended()))
    }
}

/// Waits until the agent (SIGTERM) or a person (Ctrl-C) wants the module to stop.
pub async fn stopped() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())
        .map_err(|error| Error::new("cannot listen for signals", error))?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        pressed = tokio::signal::ctrl_c() => pressed.map_err(|error| Error::new("cannot listen for signals", error)),
    }
}
