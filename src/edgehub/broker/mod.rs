//! The device's broker: what stands behind its listener. It knows the clients, keeps their sessions and twins, routes their messages
//! through the spool to inputs and to the hub, and speaks upstream as each of them. Its own twin, that of `$edgeHub`, is its configuration.

mod auth;
mod clients;
mod configuration;
mod core;
mod links;
mod methods;
mod pump;
mod queues;
mod scope;
mod sessions;
mod state;
mod trace;
mod twins;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::{sleep, timeout};
use tracing::{debug, error, warn};

use self::core::{Core, Count};
pub use self::scope::{HubScope, Scope, ScopeSource};
use self::sessions::Sessions;
use self::state::State;
pub use self::state::StateError;
use self::twins::Twins;
use super::inspect::ClientRow;
use super::spool::{Spool, SpoolError};
use super::{Backend, Connect, Durability, Feature, Identities, Refusal, Session, Timing, Warnings};
use crate::base::fs::{self, FsError};
use crate::base::{Cancel, Clock, Diagnose, Exit};
use crate::model::{Identity, Message};

/// Clients beside the broker itself, as the product has it.
pub const MAX_CLIENTS: usize = 100;

/// How long a client's request for its twin waits for a connection to the hub.
const CLOUD_TIME: Duration = Duration::from_secs(5);

/// How often reported properties are offered to the hub again.
const SYNC_PERIOD: Duration = Duration::from_secs(5);

/// The hub, or the parent device.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Name or address to connect to; the server's certificate carries it.
    pub host: String,
    /// Port of MQTT over TLS.
    pub port: u16,
    /// Whom to trust.
    pub tls: Arc<rustls::ClientConfig>,
}

/// What a broker is started with.
#[derive(Clone)]
pub struct BrokerOptions {
    /// The device.
    pub device_id: String,
    /// Host name of the hub, for which tokens are made out.
    pub hub: String,
    /// Names and addresses of the device itself, for which tokens may be made out too.
    pub gateway_names: Vec<String>,
    /// Who may connect, with keys; `$edgeHub` must be among them.
    pub identities: Arc<Identities>,
    /// Folder of sessions, twins and queues.
    pub folder: PathBuf,
    /// Where messages for the hub go.
    pub upstream: Upstream,
    /// Tells when tokens and messages expire.
    pub clock: Clock,
    /// How fast the product's timers run.
    pub timing: Timing,
    /// What stored messages survive.
    pub durability: Durability,
    /// Takes what is warned of.
    pub warnings: Arc<Warnings>,
    /// Clients that may be connected beside the broker itself; [`MAX_CLIENTS`] in the product.
    pub max_clients: usize,
    /// Tells who is in the scope of the device; without one the list of identities is all there is.
    pub scope: Option<Arc<dyn ScopeSource>>,
    /// Roots at which the certificates of clients end, as PEM.
    pub trust_bundle: String,
}

/// Why a broker does not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Its folder failed.
    #[error(transparent)]
    File(#[from] FsError),
    /// Its database failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its stored messages cannot be opened.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The device does not know the broker's own identity.
    #[error("device {device_id} has no identity for its broker, $edgeHub")]
    NoIdentity {
        /// The device.
        device_id: String,
    },
}

impl Diagnose for BrokerError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            Self::State(error) => error.kind(),
            Self::Spool(error) => error.kind(),
            Self::NoIdentity { .. } => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Spool(error) => error.code(),
            Self::NoIdentity { .. } => "broker/no-identity",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::File(error) => error.hints(),
            Self::State(error) => error.hints(),
            Self::Spool(error) => error.hints(),
            Self::NoIdentity { .. } => Vec::new(),
        }
    }
}

/// Numbers of a broker since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerCounts {
    /// Messages that clients sent.
    pub received: u64,
    /// Messages that no route wanted.
    pub unrouted: u64,
    /// Messages that are too large for an endpoint, once for each.
    pub too_large: u64,
    /// Messages that outlived their time in a queue.
    pub expired: u64,
    /// Messages that nobody can deliver any more: their sender is gone, or the route to their queue.
    pub orphaned: u64,
    /// Messages for modules that no filter of theirs fitted.
    pub rejected: u64,
    /// Messages that modules acknowledged.
    pub delivered: u64,
    /// Messages that the hub acknowledged.
    pub sent: u64,
    /// Clients connected now.
    pub clients: u64,
}

/// A running broker.
pub struct Broker {
    core: Arc<Core>,
}

impl Broker {
    /// Opens what an earlier run left and starts. Clients are let in once the broker knows its configuration, from the hub or from an
    /// earlier run. It stops when cancelled.
    pub async fn start(options: BrokerOptions, cancel: Cancel) -> Result<Arc<Self>, BrokerError> {
        fs::create_private_folder(&options.folder)?;
        let state = State::open(&options.folder.join("state.redb"))?;
        let (sessions, twins) = (Sessions::open(state.clone())?, Twins::open(state, options.clock)?);
        let spool = Spool::open(&options.folder.join("spool"), options.durability)?;
        let core = Arc::new(Core::new(options, sessions, twins, spool, cancel));
        core.configure().await;
        if links::open(&core, &core.own).is_none() {
            return Err(BrokerError::NoIdentity { device_id: core.options.device_id.clone() });
        }
        tokio::spawn(queues::clean(Arc::clone(&core)));
        tokio::spawn(sync(Arc::clone(&core)));
        tokio::spawn(scope::keep(Arc::clone(&core)));
        tokio::spawn(auth::watch(Arc::clone(&core)));
        Ok(Arc::new(Self { core }))
    }

    /// Waits until clients can be let in.
    pub async fn configured(&self) {
        let mut configuration = self.core.configuration.subscribe();
        if configuration.wait_for(Option::is_some).await.is_err() {
            debug!("the broker stopped before it was configured");
        }
    }

    /// Returns the numbers so far.
    pub fn counts(&self) -> BrokerCounts {
        let of = |count| self.core.counted(count);
        BrokerCounts {
            received: of(Count::Received),
            unrouted: of(Count::Unrouted),
            too_large: of(Count::TooLarge),
            expired: of(Count::Expired),
            orphaned: of(Count::Orphaned),
            rejected: of(Count::Rejected),
            delivered: of(Count::Delivered),
            sent: of(Count::Sent),
            clients: self.core.sessions.count() as u64,
        }
    }

    /// Returns what was warned of so far.
    pub fn warnings(&self) -> Vec<super::Warning> {
        self.core.options.warnings.all()
    }

    /// Returns a future that ends once nothing of this broker is left that holds its files, so that another one may open them. The
    /// broker must have been cancelled, and be given up by whoever holds it.
    pub fn gone(&self) -> impl Future<Output = ()> + Send + use<> {
        // The sender ends with the shared parts, after the sessions, twins and queues that stand before it.
        let mut configuration = self.core.configuration.subscribe();
        async move { while configuration.changed().await.is_ok() {} }
    }

    /// Tells whether a client is connected now.
    pub fn is_connected(&self, identity: &Identity) -> bool {
        self.core.sessions.is_connected(identity)
    }

    /// Returns what happened to a client's twin lately, oldest first.
    pub async fn twin_steps(&self, identity: &Identity) -> Vec<super::inspect::TwinStep> {
        self.core.twins.steps(identity).await
    }

    /// Returns who is connected, was connected, may connect, or was refused, by identity.
    pub fn clients(&self) -> Vec<ClientRow> {
        self.core.clients.rows(&self.core.options.identities, &self.core.sessions, &self.core.own)
    }

    /// Reads the scope of the device from the hub now and takes it over, and returns how many identities are in it.
    ///
    /// # Errors
    /// When the hub does not tell it, with the reason; what was known before counts on.
    pub async fn refresh_scope(&self) -> Result<usize, String> {
        self.core.refresh_scope().await
    }

    /// Returns how many messages wait, by endpoint and priority.
    pub fn waiting(&self) -> Vec<(super::spool::QueueName, u64)> {
        self.core.spool.queues().iter().map(|queue| (queue.name().clone(), queue.len())).collect()
    }

    /// Tells what waits in each queue, and why.
    pub fn queues(&self) -> Vec<super::QueueRow> {
        queues::rows(&self.core)
    }

    /// Tells the way of the messages with an id, the broker's own or the sender's: those of late, and those that wait. It may read the
    /// disk for long when much waits.
    pub fn trace(&self, id: &str) -> Vec<super::MessageTrace> {
        trace::find(&self.core, id)
    }
}

/// Offers reported properties to the hub until it has them, one client after another.
async fn sync(core: Arc<Core>) {
    loop {
        for identity in core.twins.waiting().await {
            if let Some(client) = links::open(&core, &identity).filter(super::Client::is_connected) {
                links::offer(&core, &identity, &client).await;
            }
        }
        tokio::select! {
            () = core.cancel.cancelled() => return,
            () = sleep(core.options.timing.of(SYNC_PERIOD)) => {}
        }
        if core.twins.waiting().await.is_empty() {
            tokio::select! {
                () = core.cancel.cancelled() => return,
                () = core.twins.pending.notified() => {}
            }
        }
    }
}

impl Backend for Broker {
    fn authenticate<'a>(&'a self, connect: &'a Connect) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(self.core.authenticate(connect))
    }

    fn refused(&self, peer: std::net::SocketAddr, identity: Option<&Identity>, code: u8, reason: &str) {
        // Without a name there is nobody to tell of; the listener has logged it.
        if let Some(identity) = identity {
            self.core.clients.refused(&self.core.options.identities, peer, identity, code, reason);
        }
    }

    fn connected(&self, session: Session, clean_session: bool) -> BoxFuture<'_, Vec<(String, u8)>> {
        Box::pin(async move {
            let identity = session.identity.clone();
            let filters = self.core.sessions.connected(session, clean_session, &self.core.options).await.unwrap_or_else(|failure| {
                error!(%identity, %failure, "the session was not stored");
                Vec::new()
            });
            self.core.clients.connected(&identity);
            links::open(&self.core, &identity);
            // The list may have changed since the client was judged.
            self.core.recheck(&identity);
            self.core.report_client(&identity).await;
            filters
        })
    }

    fn disconnected<'a>(&'a self, identity: &'a Identity, connection: u64) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if self.core.sessions.disconnected(identity, connection) {
                self.core.clients.disconnected(identity);
                self.core.links.close(identity);
                self.core.report_client(identity).await;
            }
        })
    }

    fn subscribed<'a>(
        &'a self,
        identity: &'a Identity,
        connection: u64,
        filters: &'a [(String, u8)],
        features: &'a BTreeSet<Feature>,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let stored = self.core.sessions.subscribed(identity, connection, filters, features).await;
            stored.map_err(|error| error.to_string())?;
            links::open(&self.core, identity);
            Ok(())
        })
    }

    fn telemetry<'a>(&'a self, identity: &'a Identity, mut message: Message) -> BoxFuture<'a, Result<(), String>> {
        let properties = &mut message.system_properties;
        properties.insert("edgeMessageId".to_owned(), self.core.next_id());
        properties.insert("edgeHubOriginInterface".to_owned(), "mqtt".to_owned());
        Box::pin(async move { self.core.accept(identity, message).await })
    }

    fn twin<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async move {
            // While the broker itself has no connection there is no use in waiting for the client's own.
            let online = self.core.links.standing(&self.core.own).is_some();
            let mut origin = "from the store: the hub is away";
            if let Some(client) = links::open(&self.core, identity).filter(|_| online) {
                let turn = self.core.twins.turn(identity).await;
                let fetched = async {
                    client.connected().await?;
                    let mine = turn.lock().await;
                    client.twin().await.map(|twin| (twin, mine))
                };
                match timeout(CLOUD_TIME, fetched).await {
                    Ok(Ok((twin, _mine))) => {
                        let stored = self.core.twins.fetched(identity, &twin).await;
                        stored.map_err(|error| error.to_string())?;
                        origin = "from the hub";
                    }
                    Ok(Err(error)) => debug!(%identity, %error, "answering with the stored twin"),
                    Err(_) => origin = "from the store: the hub is slow",
                }
            }
            let twin = self.core.twins.get(identity).await;
            self.core.twins.note(identity, "got", twin.get("desired").and_then(twins::version_of), origin).await;
            Ok(twin)
        })
    }

    fn reported<'a>(&'a self, identity: &'a Identity, patch: Value) -> BoxFuture<'a, Result<Option<u64>, String>> {
        Box::pin(async move {
            let members = patch.as_object().ok_or("the patch is no object")?;
            let stored_null = self.core.twins.reported(identity, members).await.map_err(|error| error.to_string())?;
            self.core.twins.note(identity, "reported", None, "").await;
            if let Some(path) = stored_null {
                self.core.options.warnings.warn("hub/twin-null", &format!("{identity} {path}"), || {
                    format!("{identity} reports null at {path} inside an object that is new: it is stored as null and removes nothing")
                });
            }
            // The change is an event that routes may want; it is no reason to refuse the patch.
            if let Err(failure) = self.core.accept(&self.core.own, self.twin_change(identity, &patch)).await {
                warn!(%identity, failure, "a twin change event was not stored");
            }
            Ok(None)
        })
    }

    fn invoke<'a>(
        &'a self,
        caller: &'a Identity,
        target: &'a Identity,
        invocation: super::gateway::request::Invocation,
    ) -> BoxFuture<'a, Result<super::MethodAnswer, super::InvokeError>> {
        Box::pin(methods::invoke_for(&self.core, caller, target, invocation))
    }

    fn warnings(&self) -> Option<&Warnings> {
        Some(&self.core.options.warnings)
    }
}

impl Broker {
    /// Makes the event of a reported patch, which names its true sender.
    fn twin_change(&self, identity: &Identity, patch: &Value) -> Message {
        let mut message = Message { body: Bytes::from(patch.to_string()), ..Message::default() };
        let own = &self.core.own;
        let module = identity.module_id.as_deref();
        let entries = [
            ("messageType", Some("twinChangeNotification")),
            ("messageSchema", Some("twinChangeNotification")),
            ("connectionDeviceId", Some(own.device_id.as_str())),
            ("connectionModuleId", own.module_id.as_deref()),
            ("rpSenderDeviceId", Some(identity.device_id.as_str())),
            ("rpSenderModuleId", module),
            ("edgeMessageId", Some(&*self.core.next_id())),
        ]
        .map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        message.system_properties.extend(entries.into_iter().flatten());
        message
    }
}
