//! What the parts of a running broker share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::BrokerOptions;
use super::clients::Clients;
use super::configuration::{self, Change, Configuration};
use super::links::Links;
use super::pump::{self, Gate, Pump};
use super::queues;
use super::scope::ScopeCache;
use super::sessions::Sessions;
use super::trace::{self, Event, Ledger};
use super::twins::Twins;
use crate::base::clock::rfc3339_seconds;
use crate::base::{Cancel, percent};
use crate::edgehub::spool::{Queue, QueueName, Spool};
use crate::model::{Identity, Message};

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
    pub(super) ledger: Ledger,
    pub(super) started: Instant,
    pumps: Mutex<BTreeMap<String, Arc<Gate>>>,
    /// Queues to which a route led since the start; others are not delivered.
    served: Mutex<BTreeMap<QueueName, Arc<Queue>>>,
    /// Where the ids of messages begin.
    ids: (u128, AtomicU64),
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
            ledger: Ledger::default(),
            started: Instant::now(),
            pumps: Mutex::default(),
            served: Mutex::default(),
            ids: (Uuid::new_v4().as_u128(), AtomicU64::new(0)),
            counts: Default::default(),
        }
    }

    pub(super) fn count(&self, what: Count) {
        if let Some(counter) = self.counts.get(what as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn count_many(&self, what: Count, number: u64) {
        if let Some(counter) = self.counts.get(what as usize) {
            counter.fetch_add(number, Ordering::Relaxed);
        }
    }

    pub(super) fn counted(&self, what: Count) -> u64 {
        self.counts.get(what as usize).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Takes the broker's own desired properties as configuration, and reports how that went.
    pub(super) async fn configure(self: &Arc<Self>) {
        let Some(desired) = self.twins.desired(&self.own).await else { return };
        let change = configuration::read(&desired);
        let (code, description) = change.status();
        match change {
            Change::Taken(new) => {
                info!(routes = new.routes.routes().count(), "configured");
                let led = queues::of(&new);
                let before = self.configuration.send_replace(Some(Arc::new(new)));
                if let Some(before) = before {
                    queues::left(self, &queues::of(&before), &led);
                }
                self.serve(&led);
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

    /// Returns the next id of a message: random bits that the process drew once, and a count.
    pub(super) fn next_id(&self) -> String {
        let count = self.ids.1.fetch_add(1, Ordering::Relaxed);
        let bits = self.ids.0.wrapping_add(u128::from(count));
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
    }

    /// Notes what happened to a message.
    pub(super) fn note(&self, id: u128, event: Event) {
        self.ledger.note(id, self.options.clock.now().timestamp_millis(), event);
    }

    /// Routes a message and stores it for each endpoint. A message that no route wants is counted and gone.
    pub(super) async fn accept(self: &Arc<Self>, sender: &Identity, message: Message) -> Result<(), String> {
        self.count(Count::Received);
        let configuration = self.configuration.borrow().clone().ok_or("the broker has no configuration yet")?;
        let id = trace::number_of(&message);
        let message_id = message.system_properties.get("messageId").map(|id| id.as_str().into());
        self.note(id, Event::Received { sender: sender.clone(), message_id });
        let deliveries = configuration.routes.deliveries(&message);
        if deliveries.is_empty() {
            self.count(Count::Unrouted);
            self.note(id, Event::Unrouted);
            return Ok(());
        }
        let now = self.options.clock.now().timestamp_millis();
        let mut wanted = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            // It would be refused for ever and hold up what follows.
            if !pump::fits(&self.options.device_id, &delivery.endpoint, sender, &message) {
                warn!(%sender, endpoint = %delivery.endpoint, "a message is too large to be sent on and is dropped");
                self.count(Count::TooLarge);
                self.note(id, Event::TooLarge { endpoint: delivery.endpoint.to_string().into() });
                continue;
            }
            let life = delivery.time_to_live.or(configuration.time_to_live);
            let expires = life.map(|life| now.saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX)));
            let name = pump::queue_of(&delivery.endpoint, delivery.priority);
            let queue = self.spool.queue(&name).map_err(|error| error.to_string())?;
            wanted.push((queue, expires));
        }
        let queues: Vec<Arc<Queue>> = wanted.iter().map(|(queue, _)| Arc::clone(queue)).collect();
        self.spool.store(sender, &message, now, wanted).await?;
        for queue in queues {
            self.note(id, Event::Stored { queue: Arc::new(queue.name().clone()) });
            self.wake(&queue);
        }
        Ok(())
    }

    /// Delivers from these queues from now on.
    fn serve(self: &Arc<Self>, names: &BTreeSet<QueueName>) {
        for name in names {
            match self.spool.queue(name) {
                Ok(queue) => {
                    lock(&self.served).insert(name.clone(), Arc::clone(&queue));
                    self.wake(&queue);
                }
                Err(error) => error!(%error, endpoint = name.endpoint, "a queue cannot be opened"),
            }
        }
    }

    /// Returns the queues of an endpoint that are delivered, the most urgent first.
    pub(super) fn served(&self, endpoint: &str) -> Vec<Arc<Queue>> {
        let from = QueueName { endpoint: endpoint.to_owned(), priority: 0 };
        let served = lock(&self.served);
        served.range(from..).take_while(|(name, _)| name.endpoint == endpoint).map(|(_, queue)| Arc::clone(queue)).collect()
    }

    /// Tells whether a queue is delivered.
    pub(super) fn serves(&self, name: &QueueName) -> bool {
        lock(&self.served).contains_key(name)
    }

    /// Returns how long messages live in a queue by the present configuration; `None` is for ever.
    pub(super) fn life_in(&self, name: &QueueName) -> Option<Duration> {
        let configuration = self.configuration.borrow().clone()?;
        let own = configuration.routes.routes().filter(|route| pump::queue_of(route.endpoint(), route.priority()) == *name);
        let lives: Vec<Option<Duration>> = own.map(|route| route.time_to_live().or(configuration.time_to_live)).collect();
        if lives.contains(&None) { None } else { lives.into_iter().flatten().max() }
    }

    /// Returns why the head of a queue does not move.
    pub(super) fn blocked(&self, name: &QueueName) -> Option<String> {
        if !self.serves(name) {
            return Some("no route leads here; it is kept until its time is over or a route leads here again".to_owned());
        }
        let (priority, reason) = lock(&self.pumps).get(&name.endpoint)?.blocked()?;
        match priority.cmp(&name.priority) {
            std::cmp::Ordering::Equal => Some(reason),
            std::cmp::Ordering::Less => Some(format!("messages of priority {priority} go first, and they are blocked: {reason}")),
            std::cmp::Ordering::Greater => Some(format!("a batch of lower priority is under way, and it is blocked: {reason}")),
        }
    }

    /// Does something with a queue unless it is being delivered.
    pub(super) fn unless_delivering<T>(&self, name: &QueueName, work: impl FnOnce() -> T) -> Option<T> {
        let gate = lock(&self.pumps).get(&name.endpoint).cloned();
        match gate {
            Some(gate) => gate.unless_delivering(name.priority, work),
            None => Some(work()),
        }
    }

    fn wake(self: &Arc<Self>, queue: &Queue) {
        let name = &queue.name().endpoint;
        let mut pumps = lock(&self.pumps);
        if let Some(gate) = pumps.get(name) {
            return gate.wake.notify_one();
        }
        let Some(endpoint) = pump::endpoint_of(name) else { return };
        let gate = Arc::new(Gate::default());
        tokio::spawn(Pump::new(Arc::clone(self), endpoint, Arc::clone(&gate)).run());
        pumps.insert(name.clone(), gate);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
