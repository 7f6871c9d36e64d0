//! One way to accept TLS connections: a task each, the unproven ones bounded, so that a flood of silent peers shuts nobody out.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, warn};

use crate::base::Cancel;

/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(30);

/// Connections that have not shown yet who they are; one more ends the oldest of them.
pub const UNPROVEN: usize = 128;

/// Connections of any kind; one more is closed at once.
pub const CONNECTIONS: usize = 1024;

/// The connections of one listener that have not shown who they are, oldest first.
#[derive(Debug, Default)]
struct Unproven {
    last: AtomicU64,
    waiting: Mutex<VecDeque<(u64, Cancel)>>,
}

impl Unproven {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, Cancel)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection among the unproven ones.
#[derive(Debug)]
pub struct Probation {
    number: u64,
    cancel: Cancel,
    all: Arc<Unproven>,
}

impl Probation {
    /// Takes a place; the oldest connection gives way when all are taken.
    fn begin(all: &Arc<Unproven>, parent: &Cancel) -> Self {
        let (number, cancel) = (all.last.fetch_add(1, Ordering::Relaxed), parent.child_token());
        let mut waiting = all.lock();
        if waiting.len() >= UNPROVEN
            && let Some((_, oldest)) = waiting.pop_front()
        {
            oldest.cancel();
        }
        waiting.push_back((number, cancel.clone()));
        drop(waiting);
        Self { number, cancel, all: Arc::clone(all) }
    }

    /// Returns what ends the connection: the listener's end, or a newer connection while this one is unproven.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Tells that the connection has shown who it is and gives way to nobody.
    pub fn passed(&self) {
        self.all.lock().retain(|(number, _)| *number != self.number);
    }
}

impl Drop for Probation {
    fn drop(&mut self) {
        self.passed();
    }
}

/// Accepts connections until cancelled, hands each to `serve` after its handshake, and returns when all have ended.
pub async fn tls<F, W>(listener: TcpListener, tls: Arc<rustls::ServerConfig>, cancel: Cancel, serve: F)
where
    F: Fn(TlsStream<TcpStream>, SocketAddr, Probation) -> W + Clone + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let acceptor = TlsAcceptor::from(tls);
    plain(listener, cancel, move |stream, peer, probation| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move {
            if let Some(stream) = handshake(stream, peer, &acceptor, &probation).await {
                serve(stream, peer, probation).await;
            }
        }
    })
    .await;
}

async fn handshake(stream: TcpStream, peer: SocketAddr, acceptor: &TlsAcceptor, probation: &Probation) -> Option<TlsStream<TcpStream>> {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%peer, %error, "the connection ended at once");
        return None;
    }
    tokio::select! {
        () = probation.cancel().cancelled() => debug!(%peer, "ended in the TLS handshake"),
        shaken = tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)) => match shaken {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => debug!(%peer, %error, "the TLS handshake failed"),
            Err(_) => debug!(%peer, "the TLS handshake took too long"),
        },
    }
    None
}

/// Accepts connections until cancelled, hands each to `serve`, and returns when all have ended.
pub async fn plain<F, W>(listener: TcpListener, cancel: Cancel, serve: F)
where
    F: Fn(TcpStream, SocketAddr, Probation) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let unproven = Arc::new(Unproven::default());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((_, peer)) if connections.len() >= CONNECTIONS => warn!(%peer, "too many connections; one is closed"),
            Ok((stream, peer)) => {
                connections.spawn(serve(stream, peer, Probation::begin(&unproven, &cancel)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_unproven_connection_gives_way_and_a_proven_one_does_not() {
        let (all, end) = (Arc::new(Unproven::default()), Cancel::new());
        let proven = Probation::begin(&all, &end);
        proven.passed();
        let mut waiting: Vec<_> = (0..UNPROVEN).map(|_| Probation::begin(&all, &end)).collect();
        assert!(!waiting[0].cancel().is_cancelled());
        waiting.push(Probation::begin(&all, &end));
        assert!(waiting[0].cancel().is_cancelled());
        assert!(!proven.cancel().is_cancelled() && waiting.iter().skip(1).all(|one| !one.cancel().is_cancelled()));
        drop(waiting);
        assert!(all.lock().is_empty());
    }
}
