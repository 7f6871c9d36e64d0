//! The device's port 443: the device protocol over websockets, and methods that modules invoke on one another. And port 5671, where
//! nothing is served but the reason why.

pub mod request;
pub mod stream;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL};
use axum::http::header::{SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::{debug, info};

use self::request::{Place, SubProtocol};
use self::stream::ByteStream;
use super::accept::{self, Probation};
use super::{Backend, Connect, Credential, InvokeError, listener};
use crate::base::Cancel;

/// Port of HTTPS, which SDKs do not let a program choose.
pub const PORT: u16 = 443;

/// Port of AMQP over TLS.
pub const AMQP_PORT: u16 = 5671;

/// How long a client may take to send its headers, and to send its body.
const SLOW: Duration = Duration::from_secs(30);

/// How long calls may go on once the gateway stops.
const LAST_CALLS: Duration = Duration::from_secs(2);

/// The largest head of a request.
const HEAD_BYTES: usize = 64 * 1024;

/// The largest body of a request; its payload may be half as large.
const BODY_BYTES: usize = 256 * 1024;

/// What clients over AMQP are told.
const AMQP: &str = "a client speaks AMQP, which is not served here; let it use MQTT, in C# by MqttTransportSettings with Mqtt_Tcp_Only";

/// Serves port 443 until cancelled, then ends its connections and returns.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, backend: Arc<dyn Backend>, cancel: Cancel) {
    let ended = cancel.clone();
    accept::tls(listener, tls, cancel, move |stream, peer, probation| {
        connection(stream, peer, probation, Arc::clone(&backend), ended.clone())
    })
    .await;
}

/// Closes every connection to port 5671 and says what to use instead, until cancelled.
pub async fn serve_amqp(listener: TcpListener, backend: Arc<dyn Backend>, cancel: Cancel) {
    accept::plain(listener, cancel, |_stream, peer, _probation| {
        warn_of_amqp(backend.as_ref(), peer);
        std::future::ready(())
    })
    .await;
}

/// Warns that port 443 could not be opened, and of what therefore does not work.
pub fn warn_of_closed_port(backend: &dyn Backend, address: IpAddr, error: &std::io::Error) {
    super::warn(backend, "hub/port-443", &address.to_string(), || {
        format!(
            "{address} port {PORT} cannot be opened ({error}): modules cannot invoke methods nor connect by WebSocket; \
             run as root, or lower net.ipv4.ip_unprivileged_port_start to {PORT}"
        )
    });
}

fn warn_of_amqp(backend: &dyn Backend, peer: SocketAddr) {
    super::warn(backend, "hub/amqp", &peer.ip().to_string(), || AMQP.to_owned());
}

/// What the requests of one connection are answered with.
#[derive(Clone)]
struct Gate {
    backend: Arc<dyn Backend>,
    peer: SocketAddr,
    certificates: Vec<Vec<u8>>,
    probation: Arc<Probation>,
    /// The connection when it is no longer one of HTTP.
    upgrade: Arc<Mutex<Option<OnUpgrade>>>,
}

async fn connection(stream: TlsStream<TcpStream>, peer: SocketAddr, probation: Probation, backend: Arc<dyn Backend>, cancel: Cancel) {
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certificates = chain.iter().map(|certificate| certificate.as_ref().to_vec()).collect();
    let probation = Arc::new(probation);
    let gate = Gate { backend, peer, certificates, probation, upgrade: Arc::default() };
    let answering = gate.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let gate = answering.clone();
        async move { Ok::<_, std::convert::Infallible>(gate.answer(request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SLOW).max_buf_size(HEAD_BYTES);
    let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = gate.probation.cancel().cancelled() => {
            connection.as_mut().graceful_shutdown();
            match timeout(LAST_CALLS, connection).await {
                Ok(ended) => ended,
                Err(_) => return debug!(%peer, "a call was cut off, since the gateway stops"),
            }
        }
    };
    if let Err(error) = ended {
        debug!(%peer, %error, "a connection ended early");
    }
    let upgrade = gate.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(upgrade) = upgrade else { return };
    match upgrade.await {
        Ok(upgraded) => {
            let stream = ByteStream::new(TokioIo::new(upgraded)).await;
            listener::serve_unproven(stream, peer, gate.certificates, gate.backend, cancel, &gate.probation).await;
        }
        Err(error) => debug!(%peer, %error, "an upgrade failed"),
    }
}

fn message(status: StatusCode, text: impl Into<String>) -> Response {
    (status, Json(json!({"message": text.into()}))).into_response()
}

impl Gate {
    async fn answer(&self, request: Request<Incoming>) -> Response {
        match (request::place(request.uri().path()), request.method()) {
            (Some(Place::Socket), &Method::GET) => self.socket(request),
            (Some(Place::Methods(target)), &Method::POST) => match self.invoke(&target, request).await {
                Ok(answer) | Err(answer) => answer,
            },
            (Some(_), method) => message(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not done here")),
            (None, _) => message(StatusCode::NOT_FOUND, "nothing is served at this path"),
        }
    }

    fn socket(&self, mut request: Request<Incoming>) -> Response {
        let accept = match self.accept_socket(request.headers()) {
            Ok(accept) => accept,
            Err(reason) => return message(StatusCode::BAD_REQUEST, reason),
        };
        *self.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(hyper::upgrade::on(&mut request));
        let head = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS).header(CONNECTION, "Upgrade").header(UPGRADE, "websocket");
        let answer = head.header(SEC_WEBSOCKET_ACCEPT, accept).header(SEC_WEBSOCKET_PROTOCOL, "mqtt").body(Body::empty());
        answer.unwrap_or_else(|error| message(StatusCode::BAD_REQUEST, error.to_string()))
    }

    /// Judges the headers of an upgrade, and returns the key to answer with.
    fn accept_socket(&self, headers: &HeaderMap) -> Result<String, String> {
        let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !field(UPGRADE).eq_ignore_ascii_case("websocket") || field(SEC_WEBSOCKET_VERSION) != "13" {
            return Err("only a websocket of version 13 is opened here".to_owned());
        }
        match request::sub_protocol(field(SEC_WEBSOCKET_PROTOCOL)) {
            Some(SubProtocol::Mqtt) => {}
            Some(SubProtocol::Amqp) => {
                warn_of_amqp(self.backend.as_ref(), self.peer);
                return Err(AMQP.to_owned());
            }
            None => return Err("the sub-protocol must be `mqtt`".to_owned()),
        }
        match field(SEC_WEBSOCKET_KEY) {
            "" => Err("the websocket has no key".to_owned()),
            key => Ok(derive_accept_key(key.as_bytes())),
        }
    }

    async fn invoke(&self, target: &crate::model::Identity, request: Request<Incoming>) -> Result<Response, Response> {
        let bad = |reason: String| message(StatusCode::BAD_REQUEST, reason);
        let field = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let caller = field("x-ms-edge-moduleId").and_then(request::caller);
        let identity = caller.ok_or_else(|| bad("the header x-ms-edge-moduleId must name the caller as DEVICE/MODULE".to_owned()))?;
        let token = field(AUTHORIZATION.as_str()).map(str::to_owned);
        let caller = Connect {
            identity,
            credential: token.map_or(Credential::Nothing, Credential::SasToken),
            clean_session: true,
            auth_chain: None,
            client_type: String::new(),
            peer: self.peer,
        };
        self.backend.authenticate(&caller).await.map_err(|refusal| {
            info!(caller = %caller.identity, peer = %self.peer, reason = refusal.reason, "refused the caller of a method");
            let status = if refusal.permanent { StatusCode::UNAUTHORIZED } else { StatusCode::SERVICE_UNAVAILABLE };
            message(status, refusal.reason)
        })?;
        self.probation.passed();
        let body = timeout(SLOW, to_bytes(Body::new(request.into_body()), BODY_BYTES)).await;
        let body = body.map_err(|_| message(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))?;
        let body = body.map_err(|_| bad(format!("the body did not arrive, or has more than {BODY_BYTES} bytes")))?;
        let invocation = request::invocation(&body).map_err(bad)?;
        match self.backend.invoke(&caller.identity, target, invocation).await {
            Ok(answer) => Ok(Json(json!({"status": answer.status, "payload": answer.payload})).into_response()),
            Err(error) => Err(message(status_of(error), error.told(target))),
        }
    }
}

fn status_of(error: InvokeError) -> StatusCode {
    match error {
        InvokeError::Foreign => StatusCode::UNAUTHORIZED,
        InvokeError::NotConnected | InvokeError::NotSubscribed => StatusCode::NOT_FOUND,
        InvokeError::Ended | InvokeError::NoAnswer => StatusCode::GATEWAY_TIMEOUT,
    }
}
