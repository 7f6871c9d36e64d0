//! A small hub behind the real listener, for tests: it knows keys, keeps twins and sessions in memory, and records telemetry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use super::gateway::request::Invocation;
use super::topic::filter;
use super::{
    Backend, Client, ClientEvent, ClientOptions, Connect, Credential, Feature, InvokeError, MethodAnswer, Outbound, Refusal, Session,
    Warnings, listener,
};
use crate::base::{Cancel, Clock};
use crate::identity::{Authority, SigningKey, Token, tls};
use crate::model::twin::{Nulls, merge};
use crate::model::{Identity, Message};

/// Name of the hub in user names and tokens.
pub(crate) const HUB: &str = "hub.example";

/// Desired and reported properties.
type Twin = (Map<String, Value>, Map<String, Value>);

#[derive(Default)]
struct State {
    keys: BTreeMap<Identity, SigningKey>,
    sessions: BTreeMap<Identity, Session>,
    filters: BTreeMap<Identity, Vec<(String, u8)>>,
    twins: BTreeMap<Identity, Twin>,
    refuse_messages: bool,
}

pub(crate) struct FakeHub {
    warnings: Warnings,
    state: Mutex<State>,
    messages: watch::Sender<Vec<(Identity, Message)>>,
    changed: watch::Sender<u64>,
}

impl FakeHub {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            warnings: Warnings::new(Clock::System),
            state: Mutex::default(),
            messages: watch::Sender::new(Vec::new()),
            changed: watch::Sender::new(0),
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let result = work(&mut self.state.lock().expect("no panic"));
        self.changed.send_modify(|count| *count += 1);
        result
    }

    /// Makes an identity known, with a twin.
    pub(crate) fn add(&self, identity: &Identity, desired: Value) -> SigningKey {
        let key = SigningKey::generate().expect("key");
        let Value::Object(mut desired) = desired else { panic!("an object") };
        desired.insert("$version".into(), json!(1));
        let reported = Map::from_iter([("$version".to_owned(), json!(1))]);
        self.with(|state| {
            state.twins.insert(identity.clone(), (desired, reported));
            state.keys.insert(identity.clone(), key.clone());
        });
        key
    }

    pub(crate) fn refuse_messages(&self, refuse: bool) {
        self.with(|state| state.refuse_messages = refuse);
    }

    pub(crate) fn session(&self, identity: &Identity) -> Option<Session> {
        self.with(|state| state.sessions.get(identity).cloned())
    }

    /// Tells whether a client is connected and subscribed to a feature.
    pub(crate) fn wants(&self, identity: &Identity, feature: Feature) -> bool {
        self.with(|state| {
            let filters = state.filters.get(identity).map(filter::features).unwrap_or_default();
            state.sessions.contains_key(identity) && filters.contains(&feature)
        })
    }

    pub(crate) fn reported(&self, identity: &Identity) -> Value {
        self.with(|state| Value::Object(state.twins[identity].1.clone()))
    }

    /// Changes desired properties and pushes the patch to a client that is connected.
    pub(crate) async fn set_desired(&self, identity: &Identity, patch: Value) {
        let Value::Object(mut patch) = patch else { panic!("an object") };
        let session = self.with(|state| {
            let desired = &mut state.twins.get_mut(identity).expect("known").0;
            let version = desired["$version"].as_u64().expect("version") + 1;
            patch.insert("$version".into(), json!(version));
            merge(desired, &patch, Nulls::Delete);
            state.sessions.get(identity).cloned()
        });
        if let Some(session) = session {
            session.outbound.send(Outbound::Desired(Value::Object(patch))).await.expect("connected");
        }
    }

    pub(crate) async fn messages(&self, count: usize) -> Vec<(Identity, Message)> {
        let mut seen = self.messages.subscribe();
        soon("messages", seen.wait_for(|messages| messages.len() >= count)).await.expect("hub").clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.messages.borrow().len()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let poll = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        soon(what, poll).await;
    }
}

/// Waits with a deadline.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.unwrap_or_else(|_| panic!("{what} did not happen in time"))
}

impl Backend for FakeHub {
    fn authenticate<'a>(&'a self, connect: &'a Connect) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let refused = |reason: String| Refusal { reason, permanent: true };
            let key = self.with(|state| state.keys.get(&connect.identity).cloned()).ok_or_else(|| refused("unknown".into()))?;
            let Credential::SasToken(token) = &connect.credential else { return Err(refused("no token".into())) };
            let token = Token::parse(token).map_err(|error| refused(error.to_string()))?;
            token.verify(&[HUB], Some(&connect.identity), &[&key], Clock::System.now()).map_err(|error| refused(error.to_string()))
        })
    }

    fn refused(&self, _peer: std::net::SocketAddr, _identity: Option<&Identity>, _code: u8, _reason: &str) {}

    fn connected(&self, session: Session, clean_session: bool) -> BoxFuture<'_, Vec<(String, u8)>> {
        Box::pin(async move {
            let (old, filters) = self.with(|state| {
                if clean_session {
                    state.filters.remove(&session.identity);
                }
                let filters = state.filters.get(&session.identity).cloned().unwrap_or_default();
                (state.sessions.insert(session.identity.clone(), session), filters)
            });
            if let Some(old) = old {
                let _gone = old.outbound.try_send(Outbound::Close("taken over".into()));
            }
            filters
        })
    }

    fn disconnected<'a>(&'a self, identity: &'a Identity, connection: u64) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.with(|state| {
                if state.sessions.get(identity).is_some_and(|session| session.connection == connection) {
                    state.sessions.remove(identity);
                }
            });
        })
    }

    fn subscribed<'a>(
        &'a self,
        identity: &'a Identity,
        _connection: u64,
        filters: &'a [(String, u8)],
        features: &'a BTreeSet<Feature>,
    ) -> BoxFuture<'a, Result<(), String>> {
        assert_eq!(features, &filter::features(filters));
        Box::pin(async move {
            self.with(|state| state.filters.insert(identity.clone(), filters.to_vec()));
            Ok(())
        })
    }

    fn telemetry<'a>(&'a self, identity: &'a Identity, message: Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            if self.with(|state| state.refuse_messages) {
                return Err("the test says no".into());
            }
            // The answer comes later than the message, as with a disk.
            self.messages.send_modify(|messages| messages.push((identity.clone(), message)));
            tokio::task::yield_now().await;
            Ok(())
        })
    }

    fn invoke<'a>(
        &'a self,
        caller: &'a Identity,
        target: &'a Identity,
        invocation: Invocation,
    ) -> BoxFuture<'a, Result<MethodAnswer, InvokeError>> {
        Box::pin(async move {
            if caller.device_id != "edge-1" {
                return Err(InvokeError::Foreign);
            }
            let session = self.session(target).ok_or(InvokeError::NotConnected)?;
            if !self.wants(target, Feature::Methods) {
                return Err(InvokeError::NotSubscribed);
            }
            let (answer, told) = tokio::sync::oneshot::channel();
            let handed = session.outbound.send(Outbound::Method { call: invocation.call, answer }).await;
            handed.map_err(|_| InvokeError::NotConnected)?;
            told.await.map_err(|_| InvokeError::NoAnswer)
        })
    }

    fn warnings(&self) -> Option<&Warnings> {
        Some(&self.warnings)
    }

    fn twin<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async move {
            let (desired, reported) = self.with(|state| state.twins.get(identity).cloned()).ok_or("unknown")?;
            Ok(json!({"desired": desired, "reported": reported}))
        })
    }

    fn reported<'a>(&'a self, identity: &'a Identity, patch: Value) -> BoxFuture<'a, Result<Option<u64>, String>> {
        Box::pin(async move {
            self.with(|state| {
                let reported = &mut state.twins.get_mut(identity).ok_or("unknown")?.1;
                merge(reported, patch.as_object().expect("validated"), Nulls::Delete);
                let version = reported["$version"].as_u64().expect("version") + 1;
                reported.insert("$version".into(), json!(version));
                Ok(Some(version))
            })
        })
    }
}

/// A listener on a free port of loopback, with its own authority.
pub(crate) struct Served {
    pub(crate) port: u16,
    pub(crate) roots_pem: String,
    pub(crate) cancel: Cancel,
    pub(crate) folder: tempfile::TempDir,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    pub(crate) async fn start(backend: Arc<dyn Backend>) -> Self {
        Self::start_at(backend, 0, tempfile::tempdir().expect("folder")).await
    }

    /// Starts again where a listener was before.
    pub(crate) async fn start_at(backend: Arc<dyn Backend>, port: u16, folder: tempfile::TempDir) -> Self {
        let now = Clock::System.now();
        let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("authority");
        let certificate = authority.issue_server(&["localhost", "127.0.0.1"], now, chrono::Duration::days(1)).expect("certificate");
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("bind");
        let (port, cancel) = (listener.local_addr().expect("address").port(), Cancel::new());
        let task = tokio::spawn(listener::serve(listener, tls::server_config(&certificate).expect("tls"), backend, cancel.clone()));
        Self { port, roots_pem: authority.root_pem().to_owned(), cancel, folder, task }
    }

    /// Ends all connections and the listener.
    pub(crate) async fn stop(self) -> (u16, tempfile::TempDir) {
        self.cancel.cancel();
        soon("the end of the listener", self.task).await.expect("listener");
        (self.port, self.folder)
    }

    pub(crate) fn options(&self, identity: &Identity, key: &SigningKey) -> ClientOptions {
        let tls = tls::client_config(&self.roots_pem).expect("roots");
        let mut options = ClientOptions::new("127.0.0.1", HUB, identity.clone(), key.clone(), tls);
        options.port = self.port;
        options.pause = (Duration::from_millis(20), Duration::from_millis(100));
        options
    }

    /// Connects a client that wants everything, and waits until it is subscribed.
    pub(crate) async fn client(&self, identity: &Identity, key: &SigningKey) -> (Client, mpsc::Receiver<ClientEvent>) {
        let mut options = self.options(identity, key);
        options.features = BTreeSet::from([Feature::Methods, Feature::DesiredProperties, Feature::CloudToDevice, Feature::ModuleMessages]);
        let (client, events) = Client::start(options, self.cancel.clone());
        soon("a connection", client.connected()).await.expect("connected");
        (client, events)
    }
}

/// Waits for an event that a closure picks.
pub(crate) async fn event<T>(what: &str, events: &mut mpsc::Receiver<ClientEvent>, mut pick: impl FnMut(ClientEvent) -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = pick(events.recv().await.expect("the client runs")) {
                return found;
            }
        }
    };
    soon(what, wait).await
}
