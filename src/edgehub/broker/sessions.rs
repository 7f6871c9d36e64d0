//! Who is connected now, and what every client wants to receive; the latter survives restarts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::BrokerOptions;
use super::state::{State, StateError, key};
use crate::edgehub::topic::filter;
use crate::edgehub::{Feature, Outbound, Session};
use crate::model::Identity;

const KIND: &str = "session";

/// So many takeovers of one identity in [`LOOP_TIME`] are no reconnects of one client.
const LOOP: usize = 3;
/// Two clients that take over from each other do so every few seconds, as their pauses go.
const LOOP_TIME: Duration = Duration::from_mins(1);

/// A connected client.
struct Live {
    session: Session,
    features: BTreeSet<Feature>,
    filters: Vec<(String, u8)>,
    clean: bool,
}

/// The sessions of a broker.
pub(super) struct Sessions {
    state: State,
    live: Mutex<BTreeMap<Identity, Live>>,
    stored: Mutex<BTreeMap<String, Vec<(String, u8)>>>,
    takeovers: Mutex<BTreeMap<Identity, Vec<Instant>>>,
    changes: watch::Sender<u64>,
}

impl Sessions {
    pub(super) fn open(state: State) -> Result<Self, StateError> {
        let stored = state.all(KIND)?.into_iter().collect();
        Ok(Self { state, live: Mutex::default(), stored: Mutex::new(stored), takeovers: Mutex::default(), changes: watch::Sender::new(0) })
    }

    /// Takes a new connection and closes the older one of the identity. Returns the stored filters.
    pub(super) async fn connected(&self, session: Session, clean: bool, options: &BrokerOptions) -> Result<Vec<(String, u8)>, StateError> {
        let identity = session.identity.clone();
        let name = identity.to_string();
        let filters = if clean { None } else { lock(&self.stored).get(&name).cloned() }.unwrap_or_default();
        if clean && lock(&self.stored).remove(&name).is_some() {
            self.state.put::<Vec<(String, u8)>>(key(KIND, &identity), None).await?;
        }
        let live = Live { session, features: filter::features(&filters), filters: filters.clone(), clean };
        let (older, count) = {
            let mut all = lock(&self.live);
            (all.insert(identity.clone(), live), all.len())
        };
        self.changed();
        warn_of_limit(options, count);
        if let Some(older) = older {
            if self.is_loop(&identity) {
                options.warnings.warn("hub/takeover", &name, || {
                    format!("`{name}` connects again and again while it is connected: two clients use this identity and close each other's connection")
                });
            }
            send_away(older.session, "another connection of this identity took over (hub/takeover)");
        }
        Ok(filters)
    }

    /// Ends the connection of an identity.
    pub(super) fn close(&self, identity: &Identity, reason: &str) {
        let session = lock(&self.live).get(identity).map(|live| live.session.clone());
        if let Some(session) = session {
            send_away(session, reason);
        }
    }

    /// Counts a takeover, and tells whether it is one of a row that no client makes alone.
    fn is_loop(&self, identity: &Identity) -> bool {
        let mut takeovers = lock(&self.takeovers);
        takeovers.retain(|_, times| times.last().is_some_and(|last| last.elapsed() < LOOP_TIME));
        let times = takeovers.entry(identity.clone()).or_default();
        times.retain(|time| time.elapsed() < LOOP_TIME);
        times.push(Instant::now());
        let many = times.len() >= LOOP;
        if many {
            times.remove(0);
        }
        many
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
        // What a connection that was taken over still asks for is not that of the present one.
        let present = lock(&self.live).get(identity).filter(|live| live.session.connection == connection).map(|live| live.clean);
        let Some(clean) = present else { return Ok(()) };
        if !clean {
            self.state.put(key(KIND, identity), Some(&filters)).await?;
            lock(&self.stored).insert(identity.to_string(), filters.to_vec());
        }
        if let Some(live) = lock(&self.live).get_mut(identity).filter(|live| live.session.connection == connection) {
            live.features.clone_from(features);
            live.filters = filters.to_vec();
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

    /// Returns whether an identity is connected, and what it wants.
    pub(super) fn features(&self, identity: &Identity) -> (bool, Vec<Feature>) {
        match lock(&self.live).get(identity) {
            Some(live) => (true, live.features.iter().copied().collect()),
            None => {
                (false, self.stored_filters(identity).map(|filters| filter::features(&filters).into_iter().collect()).unwrap_or_default())
            }
        }
    }

    /// Returns the filters of an identity's session.
    pub(super) fn filters(&self, identity: &Identity) -> Vec<String> {
        let live = lock(&self.live).get(identity).map(|live| live.filters.clone());
        let filters = live.or_else(|| self.stored_filters(identity)).unwrap_or_default();
        filters.into_iter().map(|(filter, _)| filter).collect()
    }

    fn stored_filters(&self, identity: &Identity) -> Option<Vec<(String, u8)>> {
        lock(&self.stored).get(&identity.to_string()).cloned()
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

/// Tells a client to leave; it may have gone by itself meanwhile.
fn send_away(session: Session, reason: &str) {
    let reason = reason.to_owned();
    tokio::spawn(async move {
        let _gone = session.outbound.send(Outbound::Close(reason)).await;
    });
}

/// Warns when nine tenths of the clients that may be connected are.
fn warn_of_limit(options: &BrokerOptions, count: usize) {
    let limit = options.max_clients;
    if count.saturating_mul(10) >= limit.saturating_mul(9) {
        options.warnings.warn("hub/client-limit", &options.device_id, || {
            format!("{count} clients are connected to `{}`, and {limit} is the most that the product lets in", options.device_id)
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
