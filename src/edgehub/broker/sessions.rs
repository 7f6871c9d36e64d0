//! Who is connected now, and what every client wants to receive; the latter survives restarts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::state::{State, StateError, key};
use crate::edgehub::topic::filter;
use crate::edgehub::{Feature, Outbound, Session};
use crate::model::Identity;

const KIND: &str = "session";

/// A connected client.
struct Live {
    session: Session,
    features: BTreeSet<Feature>,
    clean: bool,
}

/// The sessions of a broker.
pub(super) struct Sessions {
    state: State,
    live: Mutex<BTreeMap<Identity, Live>>,
    stored: Mutex<BTreeMap<String, Vec<(String, u8)>>>,
    changes: watch::Sender<u64>,
}

impl Sessions {
    pub(super) fn open(state: State) -> Result<Self, StateError> {
        let stored = state.all(KIND)?.into_iter().collect();
        Ok(Self { state, live: Mutex::default(), stored: Mutex::new(stored), changes: watch::Sender::new(0) })
    }

    /// Takes a new connection and closes the older one of the identity. Returns the stored filters.
    pub(super) async fn connected(&self, session: Session, clean: bool) -> Result<Vec<(String, u8)>, StateError> {
        let identity = session.identity.clone();
        let name = identity.to_string();
        let filters = if clean { None } else { lock(&self.stored).get(&name).cloned() }.unwrap_or_default();
        if clean && lock(&self.stored).remove(&name).is_some() {
            self.state.put::<Vec<(String, u8)>>(key(KIND, &identity), None).await?;
        }
        let live = Live { session, features: filter::features(&filters), clean };
        let older = lock(&self.live).insert(identity, live);
        self.changed();
        if let Some(older) = older {
            let reason = "another connection of this identity took over (hub/takeover)".to_owned();
            tokio::spawn(async move {
                // It may have ended by itself meanwhile.
                let _gone = older.session.outbound.send(Outbound::Close(reason)).await;
            });
        }
        Ok(filters)
    }

    /// Forgets a connection, and tells whether it was the present one of its identity.
    pub(super) fn disconnected(&self, identity: &Identity, connection: u64) -> bool {
        let mut live = lock(&self.live);
        let present = live.get(identity).is_some_and(|live| live.session.connection == connection);
        if present {
            live.remove(identity);
        }
        drop(live);
        self.changed();
        present
    }

    /// Stores what a client subscribed to.
    pub(super) async fn subscribed(
        &self,
        identity: &Identity,
        connection: u64,
        filters: &[(String, u8)],
        features: &BTreeSet<Feature>,
    ) -> Result<(), StateError> {
        let clean = lock(&self.live).get(identity).is_some_and(|live| live.clean);
        if !clean {
            self.state.put(key(KIND, identity), Some(&filters)).await?;
            lock(&self.stored).insert(identity.to_string(), filters.to_vec());
        }
        if let Some(live) = lock(&self.live).get_mut(identity).filter(|live| live.session.connection == connection) {
            live.features.clone_from(features);
        }
        self.changed();
        Ok(())
    }

    /// Returns the connection of an identity that wants a feature.
    pub(super) fn wanting(&self, identity: &Identity, feature: Feature) -> Option<Session> {
        lock(&self.live).get(identity).filter(|live| live.features.contains(&feature)).map(|live| live.session.clone())
    }

    /// Waits until a client is connected and wants a feature.
    pub(super) async fn wait_for(&self, identity: &Identity, feature: Feature) -> Session {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(session) = self.wanting(identity, feature) {
                return session;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(super) fn is_connected(&self, identity: &Identity) -> bool {
        lock(&self.live).contains_key(identity)
    }

    /// Returns who is connected now.
    pub(super) fn connected_now(&self) -> Vec<Identity> {
        lock(&self.live).keys().cloned().collect()
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.live).len()
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
