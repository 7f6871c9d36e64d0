//! The MQTT 3.1.1 listener of the device's broker and of the hub emulator: TLS, CONNECT, and one task a connection. It knows packets
//! and topics; what they mean is the [`Backend`]'s.

mod handshake;
mod session;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::Backend;
use super::wire::Wire;
use crate::base::Cancel;

/// The largest message: body, and characters of all names and values of properties. A larger one is acknowledged and dropped.
pub const MESSAGE_BYTES: usize = 262_144;

/// How long a client may take from TCP to the end of its CONNECT.
const CONNECT_TIME: Duration = Duration::from_mins(1);

/// Accepts and serves connections until cancelled, then ends them and returns when all are gone.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, backend: Arc<dyn Backend>, cancel: Cancel) {
    let acceptor = TlsAcceptor::from(tls);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (acceptor, backend, cancel) = (acceptor.clone(), Arc::clone(&backend), cancel.clone());
                connections.spawn(async move { secure(stream, peer, &acceptor, backend, cancel).await });
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

async fn secure(stream: TcpStream, peer: SocketAddr, acceptor: &TlsAcceptor, backend: Arc<dyn Backend>, cancel: Cancel) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%peer, %error, "the connection ended at once");
        return;
    }
    let handshake = tokio::select! {
        () = cancel.cancelled() => return,
        handshake = tokio::time::timeout(CONNECT_TIME, acceptor.accept(stream)) => handshake,
    };
    match handshake {
        Ok(Ok(stream)) => {
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let certificates = chain.iter().map(|certificate| certificate.as_ref().to_vec()).collect();
            serve_stream(stream, peer, certificates, backend, cancel).await;
        }
        Ok(Err(error)) => debug!(%peer, %error, "the TLS handshake failed"),
        Err(_) => debug!(%peer, "the TLS handshake took too long"),
    }
}

/// Serves one connection whose bytes are MQTT packets, whatever carries them; `certificates` is the client's chain, leaf first.
pub async fn serve_stream<S>(stream: S, peer: SocketAddr, certificates: Vec<Vec<u8>>, backend: Arc<dyn Backend>, cancel: Cancel)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut wire = Wire::new(stream);
    let admitted = tokio::select! {
        () = cancel.cancelled() => return,
        admitted = handshake::admit(&mut wire, peer, certificates, backend.as_ref()) => admitted,
    };
    match admitted {
        Ok(admitted) => session::run(wire, admitted, backend.as_ref(), cancel).await,
        Err(reason) => debug!(%peer, reason, "a client was not let in"),
    }
}
