//! HTTPS for the REST API: one task a connection, ended gently when the hub stops.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tower::Service as _;
use tracing::debug;

use crate::base::Cancel;
use crate::edgehub::accept::{self, Probation};

/// How long a client may take to send its headers.
const SLOW: Duration = Duration::from_secs(30);
/// How long calls may go on once the hub stops.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// Serves until cancelled, and returns once all connections ended.
pub(super) async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, routes: Router, cancel: Cancel) {
    accept::tls(listener, tls, cancel, move |stream, _, probation| connection(stream, probation, routes.clone())).await;
}

async fn connection(stream: TlsStream<TcpStream>, probation: Probation, routes: Router) {
    // The hub emulator stands on loopback, and headers have a time limit.
    probation.passed();
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| routes.clone().call(request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SLOW);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = probation.cancel().cancelled() => {
            connection.as_mut().graceful_shutdown();
            match timeout(LAST_CALLS, connection).await {
                Ok(ended) => ended,
                Err(_) => return debug!("a call was cut off, since the hub stops"),
            }
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended early");
    }
}
