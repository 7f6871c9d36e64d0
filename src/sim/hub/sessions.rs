//! Who is connected over the device protocol, and how the hub reaches them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::change::Effect;
use super::fault::Fault;
use crate::edgehub::{Feature, MethodCall, Outbound, Session};
use crate::iothub::{MethodRequest, MethodResponse};
use crate::model::Identity;

/// Largest payload of a method in bytes.
const MAX_PAYLOAD: usize = 128 * 1024;

/// The connected clients, one for each identity.
pub(super) struct Sessions {
    clients: Mutex<BTreeMap<Identity, Client>>,
    /// Told after each change of who is connected to what.
    changes: watch::Sender<()>,
}

struct Client {
    connection: u64,
    outbound: mpsc::Sender<Outbound>,
    features: BTreeSet<Feature>,
    /// Whether the session ends with the connection.
    clean: bool,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { clients: Mutex::new(BTreeMap::new()), changes: watch::Sender::new(()) }
    }

    fn clients(&self) -> MutexGuard<'_, BTreeMap<Identity, Client>> {
        // Each critical section leaves the map whole, so a panic in one of them spoils nothing.
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a new connection and returns the older one of the identity, to be closed.
    pub(super) fn insert(&self, session: Session, features: BTreeSet<Feature>, clean: bool) -> Option<mpsc::Sender<Outbound>> {
        let client = Client { connection: session.connection, outbound: session.outbound, features, clean };
        let older = self.clients().insert(session.identity, client);
        self.changes.send_replace(());
        older.map(|client| client.outbound)
    }

    /// Forgets a connection, unless a later one took its place.
    pub(super) fn remove(&self, identity: &Identity, connection: u64) {
        let mut clients = self.clients();
        if clients.get(identity).is_some_and(|client| client.connection == connection) {
            clients.remove(identity);
        }
        drop(clients);
        self.changes.send_replace(());
    }

    pub(super) fn set_features(&self, identity: &Identity, connection: u64, features: BTreeSet<Feature>) {
        if let Some(client) = self.clients().get_mut(identity).filter(|client| client.connection == connection) {
            client.features = features;
        }
        self.changes.send_replace(());
    }

    /// Tells whether the session of a connection outlives it.
    pub(super) fn is_lasting(&self, identity: &Identity, connection: u64) -> bool {
        self.clients().get(identity).is_some_and(|client| client.connection == connection && !client.clean)
    }

    /// Tells whether a connection stands and wants a feature.
    pub(super) fn wants(&self, identity: &Identity, connection: u64, feature: Feature) -> bool {
        self.clients().get(identity).is_some_and(|client| client.connection == connection && client.features.contains(&feature))
    }

    /// Returns the session of a connection if it stands.
    pub(super) fn session(&self, identity: &Identity, connection: u64) -> Option<Session> {
        let clients = self.clients();
        let client = clients.get(identity).filter(|client| client.connection == connection)?;
        Some(Session { identity: identity.clone(), connection, outbound: client.outbound.clone() })
    }

    /// Returns what is told after each change of who is connected to what.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Returns who is connected now.
    pub(super) fn connected(&self) -> BTreeSet<Identity> {
        self.clients().keys().cloned().collect()
    }

    /// Tells clients what a change means for them. A client whose channel is full is disconnected: it reads its twin when it is back.
    pub(super) fn tell(&self, effects: Vec<Effect>) {
        for effect in effects {
            let (identity, outbound) = match effect {
                Effect::Push { identity, patch } => (identity, Outbound::Desired(patch)),
                Effect::Close { identity, reason } => (identity, Outbound::Close(reason)),
            };
            let mut clients = self.clients();
            let Some(client) = clients.get(&identity) else { continue };
            if matches!(outbound, Outbound::Desired(_)) && !client.features.contains(&Feature::DesiredProperties) {
                continue;
            }
            if let Err(mpsc::error::TrySendError::Full(_)) = client.outbound.try_send(outbound) {
                let slow = clients.remove(&identity).map(|client| client.outbound);
                if let Some(outbound) = slow {
                    close_later(outbound, "it does not read what it is sent");
                }
            }
        }
    }

    /// Calls a method and waits for its answer within the caller's time limits.
    pub(super) async fn invoke(&self, identity: &Identity, request: &MethodRequest) -> Result<MethodResponse, Fault> {
        let payload = request.payload.to_string();
        if payload.len() > MAX_PAYLOAD {
            return Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "MessageTooLarge", "the payload is larger than 128 KiB"));
        }
        let connect_limit = Duration::from_secs(request.connect_timeout_in_seconds.unwrap_or_default());
        let outbound = self.ready_for_methods(identity, Instant::now() + connect_limit).await?;
        let (answer, answered) = oneshot::channel();
        let call = MethodCall { name: request.method_name.clone(), payload: Bytes::from(payload) };
        let limit = request.response_timeout_in_seconds.map_or(MethodRequest::DEFAULT_RESPONSE_TIMEOUT, Duration::from_secs);
        let closed = || {
            let message = format!("`{identity}` ended its connection before it answered");
            Fault::new(StatusCode::NOT_FOUND, "DeviceConnectionClosedRemotely", message)
        };
        let exchange = async {
            outbound.send(Outbound::Method { call, answer }).await.map_err(|_| closed())?;
            answered.await.map_err(|_| closed())
        };
        let late = |_| {
            let message = format!("`{identity}` did not answer within {} s", limit.as_secs());
            Fault::new(StatusCode::GATEWAY_TIMEOUT, "GatewayTimeout", message)
        };
        let answer = timeout_at(Instant::now() + limit, exchange).await.map_err(late)??;
        Ok(MethodResponse { status: answer.status, payload: answer.payload })
    }

    /// Returns the way to a client that takes methods, waiting for it until the deadline.
    async fn ready_for_methods(&self, identity: &Identity, deadline: Instant) -> Result<mpsc::Sender<Outbound>, Fault> {
        let mut changes = self.changes.subscribe();
        loop {
            let ready = self
                .clients()
                .get(identity)
                .filter(|client| client.features.contains(&Feature::Methods))
                .map(|client| client.outbound.clone());
            if let Some(outbound) = ready {
                return Ok(outbound);
            }
            if timeout_at(deadline, changes.changed()).await.is_err() {
                let message = format!("`{identity}` is not connected, or takes no methods");
                return Err(Fault::new(StatusCode::NOT_FOUND, "DeviceNotOnline", message));
            }
        }
    }
}

/// Ends a connection whose channel may be full.
pub(super) fn close_later(outbound: mpsc::Sender<Outbound>, reason: &'static str) {
    tokio::spawn(async move {
        // A connection that ended by itself takes no word any more.
        let _gone = outbound.send(Outbound::Close(reason.to_owned())).await;
    });
}
