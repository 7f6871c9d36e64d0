//! HTTPS for the REST API: one task a connection, ended gently when the hub stops.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::Service as _;
use tracing::{debug, warn};

use crate::base::Cancel;

/// How long a client may take to shake hands or to send its headers.
const SLOW: Duration = Duration::from_secs(30);
/// How long calls may go on once the hub stops.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// Serves until cancelled, and returns once all connections ended.
pub(super) async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, routes: Router, cancel: Cancel) {
    let acceptor = TlsAcceptor::from(tls);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, acceptor.clone(), routes.clone(), cancel.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: others will be free again.
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, routes: Router, cancel: Cancel) {
    let stream = match timeout(SLOW, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return debug!(%error, "the TLS handshake failed"),
        Err(_) => return debug!("the TLS handshake took too long"),
    };
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| routes.clone().call(request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SLOW);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
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
