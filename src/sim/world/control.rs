//! The control socket of a world: HTTP and JSON over a unix socket that its owner alone may use. The folder keeps others out, the
//! socket is closed to them, and the user at the other end is looked up as well.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::IncomingStream;
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};

use super::WorldStatus;
use crate::base::fs::FsError;
use crate::base::{Cancel, CommandError, Diagnose, Exit, Result};
use crate::edgehub::Broker;
use crate::edgehub::inspect::ClientRow;
use crate::sim::device::EdgeDevice;
use crate::sim::device::host::ModuleCredentials;

/// Most bytes of an answer.
const ANSWER_LIMIT: usize = 16 << 20;

/// What the control socket reaches.
pub trait Controlled: Send + Sync + 'static {
    /// Returns the state of the world.
    fn status(&self) -> WorldStatus;

    /// Begins to stop the world.
    fn stop(&self);

    /// Returns the ids of the devices, in the order of the plan.
    fn devices(&self) -> Vec<String>;

    /// Returns a device that runs.
    ///
    /// # Errors
    /// When the world has none of that id.
    fn device(&self, id: &str) -> Result<Arc<EdgeDevice>>;

    /// Returns the broker of a device.
    ///
    /// # Errors
    /// When the world has no such device, or its hub is being started again.
    fn broker(&self, id: &str) -> Result<Arc<Broker>>;

    /// Returns what a module needs that is started by hand.
    fn credentials<'a>(&'a self, device: &'a str, module: &'a str) -> BoxFuture<'a, Result<ModuleCredentials>>;

    /// Starts parts of the world again; returns their names when they listen. It goes on when nobody waits for it.
    fn restart(self: Arc<Self>, request: RestartRequest) -> BoxFuture<'static, Result<Vec<String>>>;

    /// Returns who is connected to a device, or to each.
    fn clients(&self, device: Option<&str>) -> Result<Vec<DeviceClients>>;

    /// Returns the certificates of the world.
    fn certificates(&self) -> Result<WorldCertificates>;

    /// Has a device show a new server certificate.
    fn reissue(&self, device: &str, expired: bool) -> Result<()>;
}

/// What is started again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestartRequest {
    /// The device; null for all, or for the one that has the part.
    pub device: Option<String>,
    /// `hub`, `agent`, `device`, or the name of a module or, without a device, of a device.
    pub part: String,
}

/// The clients of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceClients {
    /// Id of the device.
    pub device: String,
    /// Its clients.
    pub clients: Vec<ClientRow>,
}

/// The certificates of a world, as PEM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldCertificates {
    /// The root that everything in the world trusts.
    pub authority: String,
    /// The server certificate of each device with its chain, by device id.
    pub devices: BTreeMap<String, String>,
}

/// Whose server certificate shall be made anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reissue {
    /// Id of the device.
    pub device: String,
    /// Whether the life of the new one shall be over.
    pub expired: bool,
}

/// A device of the world, or all of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeviceChoice {
    /// Id of the device; null for all.
    pub device: Option<String>,
}

/// A module of a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModulePath {
    /// Id of the device.
    pub device: String,
    /// Id of the module.
    pub module: String,
}

/// What the socket answers when a call fails.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    exit_code: u8,
    message: String,
    #[serde(default)]
    hints: Vec<String>,
}

/// Why the control socket gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens, or the connection broke.
    #[error("the world does not answer on {}", socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No answer in time.
    #[error("the world did not answer on {} within {after:?}", socket.display())]
    TimedOut {
        /// The socket.
        socket: PathBuf,
        /// The time it had.
        after: Duration,
    },
    /// The world refused.
    #[error("{message}")]
    Refused {
        /// Outcome.
        kind: Exit,
        /// What the world said.
        message: String,
        /// What it advises.
        hints: Vec<String>,
    },
}

impl Diagnose for ControlError {
    fn kind(&self) -> Exit {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } => Exit::Unavailable,
            Self::Refused { kind, .. } => *kind,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "sim/unreachable",
            Self::TimedOut { .. } => "sim/no-answer",
            Self::Refused { .. } => "sim/refused",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Refused { hints, .. } => hints.clone(),
            Self::Unreachable { .. } | Self::TimedOut { .. } => Vec::new(),
        }
    }
}

#[derive(Clone)]
struct Peer(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().ok().map(|credentials| credentials.uid()))
    }
}

/// Opens the control socket, closed to others.
pub fn bind(socket: &Path) -> Result<UnixListener, FsError> {
    crate::base::fs::remove(socket)?;
    let listener = UnixListener::bind(socket).map_err(FsError::at("listen on", socket))?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(FsError::at("close to others", socket))?;
    Ok(listener)
}

/// Serves the control socket until cancelled.
pub async fn serve(listener: UnixListener, world: Arc<dyn Controlled>, cancel: Cancel) -> std::io::Result<()> {
    let router = Router::new()
        .route("/status", get(status))
        .route("/down", post(down))
        .route("/modulecred", post(credentials))
        .route("/restart", post(restart))
        .route("/clients", post(clients))
        .route("/certificates", get(certificates))
        .route("/reissue", post(reissue))
        .layer(middleware::from_fn(only_owner))
        .with_state(world);
    let service = router.into_make_service_with_connect_info::<Peer>();
    axum::serve(listener, service).with_graceful_shutdown(cancel.cancelled_owned()).await
}

/// Lets only the world's own user in.
async fn only_owner(ConnectInfo(Peer(user)): ConnectInfo<Peer>, request: Request, next: Next) -> Response {
    if user == Some(nix::unistd::geteuid().as_raw()) {
        return next.run(request).await;
    }
    let problem =
        Problem { exit_code: Exit::Unauthorized.code(), message: "the world belongs to another user".to_owned(), hints: Vec::new() };
    (StatusCode::FORBIDDEN, Json(problem)).into_response()
}

async fn status(State(world): State<Arc<dyn Controlled>>) -> Json<WorldStatus> {
    Json(world.status())
}

async fn down(State(world): State<Arc<dyn Controlled>>) -> StatusCode {
    world.stop();
    StatusCode::ACCEPTED
}

async fn credentials(State(world): State<Arc<dyn Controlled>>, Json(path): Json<ModulePath>) -> Response {
    answer(world.credentials(&path.device, &path.module).await)
}

async fn restart(State(world): State<Arc<dyn Controlled>>, Json(request): Json<RestartRequest>) -> Response {
    // A caller that goes away must not leave a device half way.
    let done = tokio::spawn(world.restart(request)).await;
    answer(done.unwrap_or_else(|error| Err(CommandError::new(Exit::Failure, "sim/not-restarted", error.to_string()))))
}

/// Answers with a result, or says why there is none.
fn answer<T: Serialize>(outcome: Result<T>) -> Response {
    match outcome {
        Ok(result) => Json(result).into_response(),
        Err(error) => problem(&error),
    }
}

async fn clients(State(world): State<Arc<dyn Controlled>>, Json(choice): Json<DeviceChoice>) -> Response {
    answer(world.clients(choice.device.as_deref()))
}

async fn certificates(State(world): State<Arc<dyn Controlled>>) -> Response {
    answer(world.certificates())
}

async fn reissue(State(world): State<Arc<dyn Controlled>>, Json(wanted): Json<Reissue>) -> Response {
    answer(world.reissue(&wanted.device, wanted.expired).map(|()| true))
}

fn problem(error: &CommandError) -> Response {
    let problem = Problem { exit_code: error.kind.code(), message: error.chain().join(": "), hints: error.hints.clone() };
    (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response()
}

/// Asks a world over its control socket.
#[derive(Clone, Debug)]
pub struct ControlClient {
    socket: PathBuf,
    timeout: Duration,
}

impl ControlClient {
    /// Returns a client; nothing is sent yet.
    pub fn new(socket: PathBuf, timeout: Duration) -> Self {
        Self { socket, timeout }
    }

    /// Returns the state of the world.
    pub async fn status(&self) -> Result<WorldStatus, ControlError> {
        self.read(&self.call("GET", "/status", Bytes::new()).await?)
    }

    /// Begins to stop the world.
    pub async fn stop(&self) -> Result<(), ControlError> {
        self.call("POST", "/down", Bytes::new()).await.map(drop)
    }

    /// Returns what a module needs that is started by hand.
    pub async fn credentials(&self, path: &ModulePath) -> Result<ModuleCredentials, ControlError> {
        self.ask("/modulecred", path).await
    }

    /// Starts parts of the world again, and returns their names when they listen.
    pub async fn restart(&self, request: &RestartRequest) -> Result<Vec<String>, ControlError> {
        self.ask("/restart", request).await
    }

    /// Sends a value to a path and reads the answer.
    pub async fn ask<T: DeserializeOwned>(&self, path: &str, question: &impl Serialize) -> Result<T, ControlError> {
        let body = serde_json::to_vec(question).map_err(|error| self.unreachable(error))?;
        self.read(&self.call("POST", path, body.into()).await?)
    }

    /// Returns who is connected to a device, or to each.
    pub async fn clients(&self, device: Option<&str>) -> Result<Vec<DeviceClients>, ControlError> {
        self.ask("/clients", &DeviceChoice { device: device.map(str::to_owned) }).await
    }

    /// Returns the certificates of the world.
    pub async fn certificates(&self) -> Result<WorldCertificates, ControlError> {
        self.read(&self.call("GET", "/certificates", Bytes::new()).await?)
    }

    /// Has a device show a new server certificate; an expired one when told so.
    pub async fn reissue(&self, device: &str, expired: bool) -> Result<(), ControlError> {
        self.ask::<bool>("/reissue", &Reissue { device: device.to_owned(), expired }).await.map(drop)
    }

    fn unreachable(&self, source: impl std::error::Error + Send + Sync + 'static) -> ControlError {
        ControlError::Unreachable { socket: self.socket.clone(), source: Box::new(source) }
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, ControlError> {
        serde_json::from_slice(body).map_err(|error| self.unreachable(error))
    }

    async fn call(&self, method: &str, path: &str, body: Bytes) -> Result<Bytes, ControlError> {
        let timed_out = |_| ControlError::TimedOut { socket: self.socket.clone(), after: self.timeout };
        let (status, bytes) = tokio::time::timeout(self.timeout, self.exchange(method, path, body)).await.map_err(timed_out)??;
        if status.is_success() {
            return Ok(bytes);
        }
        let problem: Problem = self.read(&bytes)?;
        let kind = Exit::ALL.into_iter().find(|kind| kind.code() == problem.exit_code).unwrap_or(Exit::Failure);
        Err(ControlError::Refused { kind, message: problem.message, hints: problem.hints })
    }

    async fn exchange(&self, method: &str, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), ControlError> {
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.unreachable(error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| self.unreachable(error))?;
        let driver = tokio::spawn(connection);
        let request =
            hyper::Request::builder().method(method).uri(path).header("host", "localhost").header("content-type", "application/json");
        let request = request.body(axum::body::Body::from(body)).map_err(|error| self.unreachable(error))?;
        let answer: hyper::Response<Incoming> = sender.send_request(request).await.map_err(|error| self.unreachable(error))?;
        let status = answer.status();
        let bytes = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), ANSWER_LIMIT).await;
        driver.abort();
        Ok((status, bytes.map_err(|error| self.unreachable(error))?))
    }
}

#[cfg(test)]
mod tests;
