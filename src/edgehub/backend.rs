//! What stands behind the MQTT listener: the device's broker or the hub emulator. The listener speaks packets and topics; the
//! backend knows identities, twins and messages.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::Warnings;
use super::gateway::request::Invocation;
use crate::model::{Identity, Message};

/// What a client showed to be let in; a token is not printed.
#[derive(Clone)]
pub enum Credential {
    /// The password: a SAS token, exactly as received.
    SasToken(String),
    /// No password; the DER of the TLS client certificate chain, leaf first.
    Certificate(Vec<Vec<u8>>),
    /// Neither.
    Nothing,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SasToken(_) => f.write_str("SasToken(***)"),
            Self::Certificate(chain) => write!(f, "Certificate({} in the chain)", chain.len()),
            Self::Nothing => f.write_str("Nothing"),
        }
    }
}

/// A CONNECT whose user name parsed and whose client id agrees with it.
#[derive(Clone, Debug)]
pub struct Connect {
    /// Device or module that wants in.
    pub identity: Identity,
    /// What it showed.
    pub credential: Credential,
    /// Whether the client asked to forget its session (`CleanSession` = 1).
    pub clean_session: bool,
    /// `auth-chain` of the user name: the devices between, when it comes through another edge device.
    pub auth_chain: Option<String>,
    /// `DeviceClientType` of the user name, for people.
    pub client_type: String,
    /// Where it came from.
    pub peer: SocketAddr,
}

/// Why a client is not let in. A permanent refusal answers CONNACK 5 (SDKs give up), any other CONNACK 3 (SDKs try again).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The exact reason, for logs: not in scope, token expired, wrong audience, bad key …
    pub reason: String,
    /// Whether the credential is really wrong.
    pub permanent: bool,
}

/// What a client wants to receive; a SUBSCRIBE only switches features on as the product does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Feature {
    /// Direct methods.
    Methods,
    /// Desired property updates.
    DesiredProperties,
    /// Cloud-to-device messages.
    CloudToDevice,
    /// Twin answers.
    TwinResponses,
    /// Messages on module inputs.
    ModuleMessages,
}

/// A direct method on its way to a client.
#[derive(Clone, Debug)]
pub struct MethodCall {
    /// Name of the method.
    pub name: String,
    /// JSON payload as bytes; empty means null.
    pub payload: Bytes,
}

/// A client's answer to a direct method.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodAnswer {
    /// The client's own status.
    pub status: i32,
    /// JSON payload, null when empty.
    pub payload: Value,
}

/// What became of a message that was handed to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The client has it: it acknowledged it, or takes it without acknowledgement.
    Acknowledged,
    /// No filter of the client fits it; it is lost, as in the product.
    NoFilter,
}

/// What a backend sends to a connected client.
#[derive(Debug)]
pub enum Outbound {
    /// A message for an input; `done` is told what became of it, or dropped when the connection ended first.
    Input {
        /// Name of the input.
        input: String,
        /// The message.
        message: Message,
        /// Whether it was sent to the client before, and may have arrived.
        redelivered: bool,
        /// Told on PUBACK.
        done: oneshot::Sender<Delivery>,
    },
    /// A cloud-to-device message; `done` as above.
    CloudToDevice {
        /// The message.
        message: Message,
        /// Told on PUBACK.
        done: oneshot::Sender<Delivery>,
    },
    /// A desired property patch; must carry `$version`.
    Desired(Value),
    /// A direct method; `answer` is dropped when the connection ends first.
    Method {
        /// The call.
        call: MethodCall,
        /// Takes the client's answer.
        answer: oneshot::Sender<MethodAnswer>,
    },
    /// End the connection: another one took the identity over, or it was removed. The text is logged.
    Close(String),
}

/// A connected client as its backend sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who is connected.
    pub identity: Identity,
    /// Number of this connection, unique in this process; a later connection of the same identity has a higher one.
    pub connection: u64,
    /// Takes what goes to the client; a closed channel means that the connection ended.
    pub outbound: mpsc::Sender<Outbound>,
}

/// Why a method has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The caller is no module of this device.
    #[error("the caller belongs to another device")]
    Foreign,
    /// The client is not connected.
    #[error("the client is not connected")]
    NotConnected,
    /// The client is connected and has not subscribed to methods.
    #[error("the client is connected and has not subscribed to methods")]
    NotSubscribed,
    /// The client left before it answered.
    #[error("the client left before it answered")]
    Ended,
    /// The client was handed the method and did not answer in time.
    #[error("the client did not answer in time")]
    NoAnswer,
}

impl InvokeError {
    /// Returns what the caller is told, which is less than the log knows.
    pub fn told(self, target: &Identity) -> String {
        match self {
            Self::Foreign => "the caller is not a module of this device".to_owned(),
            Self::NotConnected | Self::NotSubscribed => format!("Client {target} not found"),
            Self::Ended | Self::NoAnswer => format!("Timed out waiting for a response from {target}"),
        }
    }
}

/// Warns of something, where the backend keeps warnings or else in the log alone.
pub(super) fn warn(backend: &dyn Backend, code: &'static str, cause: &str, message: impl FnOnce() -> String) {
    if let Some(warnings) = backend.warnings() {
        warnings.warn(code, cause, message);
    } else {
        tracing::warn!(code, cause, message = message());
    }
}

/// What stands behind the listener. A method that returns a future is awaited before the answer packet goes out, so a future that
/// ends has stored what it was given.
pub trait Backend: Send + Sync + 'static {
    /// Judges a CONNECT.
    fn authenticate<'a>(&'a self, connect: &'a Connect) -> BoxFuture<'a, Result<(), Refusal>>;

    /// Tells that a client was not let in; `identity` is known once its user name was read, `code` is that of the CONNACK.
    fn refused(&self, peer: SocketAddr, identity: Option<&Identity>, code: u8, reason: &str);

    /// Takes a new connection, after CONNACK was decided and before it is sent. Returns the features and filters of the stored
    /// session (empty for a clean one); the backend closes an older connection of the identity.
    fn connected(&self, session: Session, clean_session: bool) -> BoxFuture<'_, Vec<(String, u8)>>;

    /// Tells that a connection ended.
    fn disconnected<'a>(&'a self, identity: &'a Identity, connection: u64) -> BoxFuture<'a, ()>;

    /// Stores the filters (text, quality of service) of a session durably; SUBACK or UNSUBACK follows.
    fn subscribed<'a>(
        &'a self,
        identity: &'a Identity,
        connection: u64,
        filters: &'a [(String, u8)],
        features: &'a BTreeSet<Feature>,
    ) -> BoxFuture<'a, Result<(), String>>;

    /// Takes a telemetry message; PUBACK follows when it is stored. An error closes the connection without PUBACK.
    fn telemetry<'a>(&'a self, identity: &'a Identity, message: Message) -> BoxFuture<'a, Result<(), String>>;

    /// Returns the twin as `{"desired": {…, "$version": n}, "reported": {…, "$version": n}}`.
    fn twin<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Value, String>>;

    /// Merges a reported patch that is already known to be valid, and returns the new version when it is known at once (the hub
    /// itself tells it, the broker does not).
    fn reported<'a>(&'a self, identity: &'a Identity, patch: Value) -> BoxFuture<'a, Result<Option<u64>, String>>;

    /// Hands a method that one client invoked to another and waits for the answer; the caller was judged as by CONNECT before. A
    /// backend without such callers finds nobody.
    fn invoke<'a>(
        &'a self,
        _caller: &'a Identity,
        _target: &'a Identity,
        _invocation: Invocation,
    ) -> BoxFuture<'a, Result<MethodAnswer, InvokeError>> {
        Box::pin(std::future::ready(Err(InvokeError::NotConnected)))
    }

    /// Returns where warnings are kept, if anywhere.
    fn warnings(&self) -> Option<&Warnings> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_printed() {
        let credential = Credential::SasToken("SharedAccessSignature sr=h&sig=live&se=1".into());
        assert_eq!(format!("{credential:?}"), "SasToken(***)");
    }
}
