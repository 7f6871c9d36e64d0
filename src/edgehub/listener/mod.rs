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
use tokio::net::TcpListener;
use tracing::debug;

use super::Backend;
use super::accept::{self, Probation};
use super::wire::Wire;
use crate::base::Cancel;

/// The largest message: body, and characters of all names and values of properties. A larger one is acknowledged and dropped.
pub const MESSAGE_BYTES: usize = 262_144;

/// How long a client may take from TCP to the end of its CONNECT.
const CONNECT_TIME: Duration = Duration::from_mins(1);

/// Accepts and serves connections until cancelled, then ends them and returns when all are gone.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, backend: Arc<dyn Backend>, cancel: Cancel) {
    let ended = cancel.clone();
    accept::tls(listener, tls, cancel, move |stream, peer, probation| {
        let (backend, cancel) = (Arc::clone(&backend), ended.clone());
        async move {
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let certificates = chain.iter().map(|certificate| certificate.as_ref().to_vec()).collect();
            serve_unproven(stream, peer, certificates, backend, cancel, &probation).await;
        }
    })
    .await;
}

/// Serves one connection whose bytes are MQTT packets, whatever carries them; `certificates` is the client's chain, leaf first. Until
/// its CONNECT was accepted it gives way to newer ones.
pub async fn serve_unproven<S>(
    stream: S,
    peer: SocketAddr,
    certificates: Vec<Vec<u8>>,
    backend: Arc<dyn Backend>,
    cancel: Cancel,
    probation: &Probation,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut wire = Wire::new(stream);
    let admitted = tokio::select! {
        () = probation.cancel().cancelled() => return debug!(%peer, "ended before CONNECT"),
        admitted = handshake::admit(&mut wire, peer, certificates, backend.as_ref()) => admitted,
    };
    match admitted {
        Ok(admitted) => {
            probation.passed();
            session::run(wire, admitted, backend.as_ref(), cancel).await;
        }
        Err(reason) => debug!(%peer, reason, "a client was not let in"),
    }
}
