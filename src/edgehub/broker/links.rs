//! Upstream connections: one for each client that is connected here or whose messages wait, signed with that client's own key; and the
//! broker's own. A connection asks the hub for what its client has subscribed to, and for nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::{debug, info, warn};

use super::core::Core;
use super::methods;
use super::twins::{Desired, version_of};
use crate::base::Cancel;
use crate::edgehub::{Client, ClientError, ClientEvent, ClientOptions, Delivery, Feature, MethodAnswer, Outbound};
use crate::model::{Identity, Message};

/// What a client can receive from the hub.
const FROM_HUB: [Feature; 3] = [Feature::Methods, Feature::DesiredProperties, Feature::CloudToDevice];

/// How long one client's connection may take to follow the broker's own when the hub comes back.
const RETURN_TIME: Duration = Duration::from_secs(20);

/// A connection to the hub.
#[derive(Clone)]
struct Link {
    client: Client,
    cancel: Cancel,
}

/// The connections.
#[derive(Default)]
pub(super) struct Links(Mutex<BTreeMap<Identity, Link>>);

impl Links {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Identity, Link>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the connection of an identity if it stands now.
    pub(super) fn standing(&self, identity: &Identity) -> Option<Client> {
        self.lock().get(identity).map(|link| link.client.clone()).filter(Client::is_connected)
    }

    /// Ends the connection of an identity.
    pub(super) fn close(&self, identity: &Identity) {
        if let Some(link) = self.lock().remove(identity) {
            link.cancel.cancel();
        }
    }
}

/// Returns the connection of an identity, opened when there is none; `None` when the device does not know the identity. It receives
/// what the identity's client wants at this moment.
pub(super) fn open(core: &Arc<Core>, identity: &Identity) -> Option<Client> {
    let known = core.options.identities.get(identity)?;
    let mut links = core.links.lock();
    let wanted = wanted(core, identity);
    if let Some(link) = links.get(identity) {
        link.client.want(wanted);
        return Some(link.client.clone());
    }
    let upstream = &core.options.upstream;
    // Who signs in with a certificate has shown it here; the broker vouches for it upstream.
    let own = known.primary().is_none().then(|| core.options.identities.get(&core.own)).flatten();
    let key = own.as_ref().unwrap_or(&known).primary()?.clone();
    let mut options = ClientOptions::new(&upstream.host, &core.options.hub, identity.clone(), key, Arc::clone(&upstream.tls));
    options.signer = own.map(|own| own.identity);
    options.port = upstream.port;
    "edgectl edgeHub".clone_into(&mut options.client_type);
    options.clock = core.options.clock;
    options.features = wanted;
    let cancel = core.cancel.child_token();
    let (client, events) = Client::start(options, cancel.clone());
    links.insert(identity.clone(), Link { client: client.clone(), cancel });
    drop(links);
    tokio::spawn(follow(Arc::clone(core), identity.clone(), client.clone(), events));
    Some(client)
}

/// Returns what an identity wants from the hub now.
fn wanted(core: &Core, identity: &Identity) -> BTreeSet<Feature> {
    if *identity == core.own {
        return BTreeSet::from([Feature::Methods, Feature::DesiredProperties]);
    }
    FROM_HUB.into_iter().filter(|feature| core.sessions.wanting(identity, *feature).is_some()).collect()
}

async fn follow(core: Arc<Core>, identity: Identity, client: Client, mut events: mpsc::Receiver<ClientEvent>) {
    while let Some(event) = events.recv().await {
        match event {
            ClientEvent::Connected if identity == core.own => {
                debug!(%identity, "connected upstream");
                core.scope.refresh();
                offer(&core, &identity, &client).await;
                fetch(&core, &identity, &client, "the hub is there").await;
                tokio::spawn(hub_is_back(Arc::clone(&core)));
            }
            ClientEvent::Connected => {
                debug!(%identity, "connected upstream");
                offer(&core, &identity, &client).await;
            }
            ClientEvent::Disconnected { reason, refused } => {
                if refused {
                    warn!(%identity, reason, "the hub refuses an identity of this device");
                    core.ask_again(&identity);
                } else {
                    info!(%identity, reason, "disconnected from the hub");
                }
            }
            ClientEvent::Desired(patch) => desired(&core, &identity, &client, patch).await,
            ClientEvent::Method { call, answer } => {
                let (core, identity) = (Arc::clone(&core), identity.clone());
                tokio::spawn(async move {
                    let failed = |failure: crate::edgehub::InvokeError| {
                        info!(%identity, %failure, "a method call from the hub failed");
                        MethodAnswer { status: 0, payload: Value::Null }
                    };
                    let answered = methods::invoke(&core, &identity, call, Duration::ZERO, methods::HUB_RESPONSE_TIME).await;
                    // The hub may have given up.
                    let _gone = answer.send(answered.unwrap_or_else(failed));
                });
            }
            ClientEvent::CloudToDevice { message, done } => cloud_to_device(&core, &identity, message, done).await,
            ClientEvent::Input { input, .. } => debug!(%identity, input, "the hub sends no messages for inputs; it is dropped"),
        }
    }
}

/// Brings each connected client up to date: what it reported goes to the hub first, then a twin whose last sync is old is fetched.
async fn hub_is_back(core: Arc<Core>) {
    let clients = core.sessions.connected_now();
    let one = |identity: Identity| {
        let core = &core;
        async move {
            let Some(client) = open(core, &identity) else { return };
            if !matches!(timeout(RETURN_TIME, client.connected()).await, Ok(Ok(()))) {
                return core.twins.note(&identity, "skipped", None, "the hub is back, and this client's own connection is not").await;
            }
            offer(core, &identity, &client).await;
            if core.twins.is_stale(&identity).await {
                return fetch(core, &identity, &client, "the hub is back").await;
            }
            let age = core.twins.age_seconds(&identity).await;
            let why = age.flatten().map_or("the twin was never read".to_owned(), |age| format!("the last sync was {age} s ago"));
            core.twins.note(&identity, "skipped", None, format!("the hub is back, and the twin is not fetched: {why}")).await;
        }
    };
    join_all(clients.into_iter().map(one)).await;
}

/// Offers what a client has reported to the hub, which forgets it here once the hub has it.
pub(super) async fn offer(core: &Core, identity: &Identity, client: &Client) {
    let turn = core.twins.turn(identity).await;
    let _mine = turn.lock().await;
    let Some(patch) = core.twins.waiting_of(identity).await else { return };
    match client.report(&Value::Object(patch.clone())).await {
        Ok(_) => {
            core.twins.note(identity, "synced", None, "the hub took the reported properties").await;
            if let Err(failure) = core.twins.delivered(identity, &patch).await {
                warn!(%identity, %failure, "the state of a twin was not stored");
            }
        }
        Err(error @ ClientError::Status(_)) => {
            warn!(%identity, %error, "the hub does not take reported properties; they are offered again");
        }
        Err(error) => debug!(%identity, %error, "reported properties wait for the hub"),
    }
}

/// Takes a patch of desired properties from the hub.
async fn desired(core: &Arc<Core>, identity: &Identity, client: &Client, patch: Value) {
    let version = version_of(&patch);
    let turn = core.twins.turn(identity).await;
    let mine = turn.lock().await;
    match core.twins.desired_patch(identity, &patch).await {
        Ok(Desired::Push(patch)) => push(core, identity, patch).await,
        Ok(Desired::Fetch) => {
            core.twins.note(identity, "patch", version, "it does not follow what is stored; the whole twin is fetched").await;
            drop(mine);
            fetch(core, identity, client, "a version was missing").await;
        }
        Err(error) => warn!(%identity, %error, "a desired property patch was not stored"),
    }
}

/// Fetches the twin and pushes what the client has not seen.
async fn fetch(core: &Arc<Core>, identity: &Identity, client: &Client, why: &str) {
    let turn = core.twins.turn(identity).await;
    let _mine = turn.lock().await;
    let patch = match client.twin().await {
        Ok(twin) => {
            core.twins.note(identity, "fetched", twin.get("desired").and_then(version_of), why).await;
            core.twins.fetched(identity, &twin).await
        }
        Err(error) => return debug!(%identity, %error, "the twin could not be fetched"),
    };
    match patch {
        Ok(patch) if patch.is_empty() && *identity != core.own => {
            core.twins.note(identity, "skipped", None, "nothing differs from what the client has").await;
        }
        Ok(patch) => push(core, identity, with_version(core, identity, patch).await).await,
        Err(error) => warn!(%identity, %error, "a twin was not stored"),
    }
}

/// A pushed patch always carries the version; SDKs look for it.
async fn with_version(core: &Core, identity: &Identity, mut patch: Map<String, Value>) -> Value {
    if !patch.contains_key("$version") {
        let desired = core.twins.desired(identity).await.unwrap_or_default();
        patch.insert("$version".to_owned(), desired.get("$version").cloned().unwrap_or_default());
    }
    Value::Object(patch)
}

async fn push(core: &Arc<Core>, identity: &Identity, patch: Value) {
    let version = version_of(&patch);
    if *identity == core.own {
        core.twins.note(identity, "pushed", version, "to the broker itself").await;
        return core.configure().await;
    }
    let Some(session) = core.sessions.wanting(identity, Feature::DesiredProperties) else {
        let connected = core.sessions.is_connected(identity);
        let why = if connected { "the client has not subscribed to desired properties" } else { "the client is not connected" };
        return core.twins.note(identity, "skipped", version, format!("{why}; it sees the change at its next request")).await;
    };
    let sent = session.outbound.send(Outbound::Desired(patch)).await.is_ok();
    let (event, why) = if sent { ("pushed", "") } else { ("skipped", "the client's connection ended") };
    core.twins.note(identity, event, version, why).await;
}

/// Hands a message to the client. The hub keeps it until the client has it, and sends it again when the connection ends before that.
async fn cloud_to_device(core: &Core, identity: &Identity, message: Message, done: oneshot::Sender<()>) {
    let Some(session) = core.sessions.wanting(identity, Feature::CloudToDevice) else {
        return info!(%identity, "a cloud-to-device message has no taker here and stays with the hub");
    };
    let (taken, told) = oneshot::channel();
    if session.outbound.send(Outbound::CloudToDevice { message, done: taken }).await.is_err() {
        return info!(%identity, "the client left before a cloud-to-device message, which stays with the hub");
    }
    let identity = identity.clone();
    tokio::spawn(async move {
        match told.await {
            Ok(Delivery::Acknowledged) => {
                // The connection to the hub may have ended; then the message comes again.
                let _gone = done.send(());
            }
            Ok(Delivery::NoFilter) | Err(_) => debug!(%identity, "a cloud-to-device message was not taken and stays with the hub"),
        }
    });
}
