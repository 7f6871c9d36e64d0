//! What the parts of a running broker share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tracing::{error, info, warn};

use super::BrokerOptions;
use super::clients::Clients;
use super::configuration::{self, Change, Configuration};
use super::links::Links;
use super::pump;
use super::scope::ScopeCache;
use super::sessions::Sessions;
use super::twins::Twins;
use crate::base::clock::rfc3339_seconds;
use crate::base::{Cancel, percent};
use crate::edgehub::spool::{Entry, QueueName, Spool};
use crate::model::{Identity, Message};
use crate::route::Endpoint;

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    Received,
    Unrouted,
    TooLarge,
    Expired,
    Orphaned,
    Rejected,
    Delivered,
    Sent,
}

const COUNTS: usize = 8;

/// The shared parts.
pub(super) struct Core {
    pub(super) options: BrokerOptions,
    pub(super) own: Identity,
    pub(super) cancel: Cancel,
    pub(super) sessions: Sessions,
    pub(super) twins: Twins,
    pub(super) spool: Spool,
    pub(super) links: Links,
    pub(super) scope: ScopeCache,
    pub(super) clients: Clients,
    /// `None` until the hub told the configuration once.
    pub(super) configuration: watch::Sender<Option<Arc<Configuration>>>,
    pumps: Mutex<BTreeMap<String, Arc<Notify>>>,
    counts: [AtomicU64; COUNTS],
}

impl Core {
    pub(super) fn new(options: BrokerOptions, sessions: Sessions, twins: Twins, spool: Spool, cancel: Cancel) -> Self {
        let own = Identity::module(&options.device_id, Identity::EDGE_HUB);
        let scope = ScopeCache::new(options.scope.clone());
        let clients = Clients::new(options.clock);
        Self {
            options,
            own,
            cancel,
            sessions,
            twins,
            spool,
            links: Links::default(),
            scope,
            clients,
            configuration: watch::Sender::new(None),
            pumps: Mutex::default(),
            counts: Default::default(),
        }
    }

    pub(super) fn count(&self, what: Count) {
        if let Some(counter) = self.counts.get(what as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn counted(&self, what: Count) -> u64 {
        self.counts.get(what as usize).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Takes the broker's own desired properties as configuration, and reports how that went.
    pub(super) async fn configure(&self) {
        let Some(desired) = self.twins.desired(&self.own).await else { return };
        let change = configuration::read(&desired);
        let (code, description) = change.status();
        match change {
            Change::Taken(new) => {
                info!(routes = new.routes.routes().count(), "configured");
                self.configuration.send_replace(Some(Arc::new(new)));
            }
            Change::Refused(fault) => {
                warn!(%fault, "the configuration is refused; the old one runs on");
                self.keep_configuration();
            }
            Change::Unusable(fault) => {
                error!(%fault, "the configuration was reported as applied and does not compile; the old routes run on");
                self.keep_configuration();
            }
        }
        let version = desired.get("$version").cloned().unwrap_or_default();
        let status = json!({"code": code, "description": description});
        let patch = json!({"schemaVersion": "1.0", "version": {}, "lastDesiredVersion": version, "lastDesiredStatus": status});
        self.report(&patch).await;
    }

    /// Lets clients in although no configuration could be used, with the last one or none.
    fn keep_configuration(&self) {
        self.configuration.send_modify(|configuration| {
            configuration.get_or_insert_default();
        });
    }

    /// Reports who came or went.
    pub(super) async fn report_client(&self, identity: &Identity) {
        let name: String =
            identity.to_string().chars().map(|c| if ".$ ".contains(c) { percent::encode(&c.to_string()) } else { c.into() }).collect();
        let now = rfc3339_seconds(self.options.clock.now());
        let state = match (self.sessions.is_connected(identity), &identity.module_id) {
            (true, _) => json!({"status": "Connected", "lastConnectedTimeUtc": now}),
            (false, Some(_)) => json!({"status": "Disconnected", "lastDisconnectedTimeUtc": now}),
            (false, None) => Value::Null,
        };
        let clients = serde_json::Map::from_iter([(name, state)]);
        self.report(&json!({"clients": clients})).await;
    }

    async fn report(&self, patch: &Value) {
        let Some(members) = patch.as_object() else { return };
        if let Err(failure) = self.twins.reported(&self.own, members).await {
            error!(%failure, "the broker's own state was not stored");
        }
    }

    /// Routes a message and stores it for each endpoint. A message that no route wants is counted and gone.
    pub(super) async fn accept(self: &Arc<Self>, sender: &Identity, message: Message) -> Result<(), String> {
        self.count(Count::Received);
        let configuration = self.configuration.borrow().clone().ok_or("the broker has no configuration yet")?;
        let deliveries = configuration.routes.deliveries(&message);
        if deliveries.is_empty() {
            self.count(Count::Unrouted);
            return Ok(());
        }
        let now = self.options.clock.now().timestamp_millis();
        let mut entries = Vec::with_capacity(deliveries.len());
        let mut endpoints = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            // It would be refused for ever and hold up what follows.
            if !pump::fits(&self.options.device_id, &delivery.endpoint, sender, &message) {
                warn!(%sender, endpoint = %delivery.endpoint, "a message is too large to be sent on and is dropped");
                self.count(Count::TooLarge);
                continue;
            }
            let life = delivery.time_to_live.or(configuration.time_to_live);
            let expires_millis = life.map(|life| now.saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX)));
            let entry = Entry { sender: sender.clone(), message: message.clone(), expires_millis };
            entries.push((pump::queue_of(&delivery.endpoint, delivery.priority), entry));
            endpoints.push(delivery.endpoint);
        }
        if entries.is_empty() {
            return Ok(());
        }
        self.spool.store(entries).await?;
        for endpoint in endpoints {
            self.wake(&endpoint);
        }
        Ok(())
    }

    /// Starts a pump for each queue that an earlier run left.
    pub(super) fn wake_all(self: &Arc<Self>) {
        for QueueName { endpoint, .. } in self.spool.names() {
            if let Some(endpoint) = pump::endpoint_of(&endpoint) {
                self.wake(&endpoint);
            }
        }
    }

    fn wake(self: &Arc<Self>, endpoint: &Endpoint) {
        let mut pumps = self.pumps.lock().unwrap_or_else(PoisonError::into_inner);
        let wake = pumps.entry(endpoint.to_string()).or_insert_with(|| {
            let wake = Arc::new(Notify::new());
            tokio::spawn(pump::run(Arc::clone(self), endpoint.clone(), Arc::clone(&wake)));
            wake
        });
        wake.notify_one();
    }
}
