//! Upstream connections: one for each client that is connected here or whose messages wait, signed with that client's own key; and the
//! broker's own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use super::core::Core;
use super::twins::Desired;
use crate::base::Cancel;
use crate::edgehub::{Client, ClientEvent, ClientOptions, Feature, MethodAnswer, MethodCall, Outbound};
use crate::model::{Identity, Message};

/// How long the hub's call of a method waits for the client's answer.
const METHOD_TIME: Duration = Duration::from_secs(330);

/// How long a call waits for a client that has connected and not subscribed yet.
const SUBSCRIPTION_TIME: Duration = Duration::from_secs(3);

/// A connection to the hub.
#[derive(Clone)]
struct Link {
    client: Client,
    cancel: Cancel,
    /// Whether it takes what the hub sends, because the client is connected here.
    whole: bool,
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

/// Returns the connection of an identity, opened when there is none; `None` when the device does not know the identity. A `whole` one
/// takes the place of one that only sends.
pub(super) fn open(core: &Arc<Core>, identity: &Identity, whole: bool) -> Option<Client> {
    let known = core.options.identities.get(identity)?;
    let mut links = core.links.lock();
    if let Some(link) = links.get(identity) {
        if link.whole || !whole {
            return Some(link.client.clone());
        }
        link.cancel.cancel();
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
    if whole {
        options.features = BTreeSet::from([Feature::Methods, Feature::DesiredProperties, Feature::CloudToDevice]);
    }
    let cancel = core.cancel.child_token();
    let (client, events) = Client::start(options, cancel.clone());
    links.insert(identity.clone(), Link { client: client.clone(), cancel, whole });
    drop(links);
    tokio::spawn(follow(Arc::clone(core), identity.clone(), client.clone(), events));
    Some(client)
}

async fn follow(core: Arc<Core>, identity: Identity, client: Client, mut events: mpsc::Receiver<ClientEvent>) {
    while let Some(event) = events.recv().await {
        match event {
            ClientEvent::Connected => {
                debug!(%identity, "connected upstream");
                core.twins.pending.notify_one();
                let own = core.own == identity;
                if own {
                    core.scope.refresh();
                }
                if own || core.twins.is_stale(&identity).await {
                    fetch(&core, &identity, &client).await;
                }
            }
            ClientEvent::Disconnected { reason, refused } => {
                if refused {
                    warn!(%identity, reason, "the hub refuses an identity of this device");
                    core.ask_again(&identity);
                } else {
                    info!(%identity, reason, "disconnected from the hub");
                }
            }
            ClientEvent::Desired(patch) => match core.twins.desired_patch(&identity, &patch).await {
                Ok(Desired::Push(patch)) => push(&core, &identity, patch).await,
                Ok(Desired::Fetch) => fetch(&core, &identity, &client).await,
                Err(error) => warn!(%identity, %error, "a desired property patch was not stored"),
            },
            ClientEvent::Method { call, answer } => {
                let (core, identity) = (Arc::clone(&core), identity.clone());
                tokio::spawn(async move {
                    // The hub may have given up.
                    let _gone = answer.send(method(&core, &identity, call).await);
                });
            }
            ClientEvent::CloudToDevice(message) => cloud_to_device(&core, &identity, message).await,
            ClientEvent::Input { input, .. } => debug!(%identity, input, "the hub sends no messages for inputs; it is dropped"),
        }
    }
}

/// Fetches the twin and pushes what the client has not seen.
async fn fetch(core: &Core, identity: &Identity, client: &Client) {
    let patch = match client.twin().await {
        Ok(twin) => core.twins.fetched(identity, &twin).await,
        Err(error) => return debug!(%identity, %error, "the twin could not be fetched"),
    };
    match patch {
        Ok(patch) if patch.is_empty() && *identity != core.own => {}
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

async fn push(core: &Core, identity: &Identity, patch: Value) {
    if *identity == core.own {
        return core.configure().await;
    }
    let Some(session) = core.sessions.wanting(identity, Feature::DesiredProperties) else {
        return debug!(%identity, "a desired property patch waits for the client's next request");
    };
    // A client whose connection ended meanwhile fetches the twin when it returns.
    let _gone = session.outbound.send(Outbound::Desired(patch)).await;
}

/// Hands a call to the client; a failure is status 0, as the product answers.
async fn method(core: &Core, identity: &Identity, call: MethodCall) -> MethodAnswer {
    let failed = MethodAnswer { status: 0, payload: Value::Null };
    let Ok(session) = timeout(SUBSCRIPTION_TIME, core.sessions.wait_for(identity, Feature::Methods)).await else {
        info!(%identity, method = call.name, "nobody takes the method");
        return failed;
    };
    let (answer, told) = tokio::sync::oneshot::channel();
    if session.outbound.send(Outbound::Method { call, answer }).await.is_err() {
        return failed;
    }
    match timeout(METHOD_TIME, told).await {
        Ok(Ok(answer)) => answer,
        _ => failed,
    }
}

async fn cloud_to_device(core: &Core, identity: &Identity, message: Message) {
    let Some(session) = core.sessions.wanting(identity, Feature::CloudToDevice) else {
        warn!(%identity, "a cloud-to-device message has no taker and is dropped");
        return;
    };
    let (done, _told) = tokio::sync::oneshot::channel();
    let _gone = session.outbound.send(Outbound::CloudToDevice { message, done }).await;
}
