//! Pumps: one for each endpoint takes messages from its queues, the most urgent first, and retries until the endpoint has them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, error, warn};

use super::core::{Core, Count};
use super::links;
use super::trace::{Event, number_of};
use crate::edgehub::spool::{Queue, QueueName, Stored};
use crate::edgehub::topic::outbound;
use crate::edgehub::wire;
use crate::edgehub::{ClientError, Delivery, Feature, Outbound};
use crate::model::{Identity, Message};
use crate::route::Endpoint;

/// Messages taken at once.
const UPSTREAM_BATCH: usize = 100;
const MODULE_BATCH: usize = 10;

/// Senders whose messages go upstream at a time, and what of one of them is handed over at once.
const SENDERS: usize = 10;
const SENDER_MESSAGES: usize = 10;
const SENDER_BYTES: usize = 256 * 1024;

/// How long a module may take to acknowledge a message.
const ACKNOWLEDGE_TIME: Duration = Duration::from_secs(30);

/// First and longest pause after a failure.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// How long a pump rests after a batch that had expired throughout.
const REST: Duration = Duration::from_secs(10);

/// How often the clock is looked at, since it may be put forward.
const CLOCK_STEP: Duration = Duration::from_secs(1);

/// A message for a module may wait this long for its subscription before it counts as blocked.
const PATIENCE: Duration = Duration::from_millis(100);

/// Returns the name under which an endpoint's queues are kept.
pub(super) fn queue_of(endpoint: &Endpoint, priority: u32) -> QueueName {
    QueueName { endpoint: endpoint.to_string(), priority }
}

/// Reads the name of an endpoint, as its queues are kept.
pub(super) fn endpoint_of(name: &str) -> Option<Endpoint> {
    if name == "$upstream" {
        return Some(Endpoint::Upstream);
    }
    let (module, input) = name.split_once('/')?;
    Some(Endpoint::Module { module: module.to_owned(), input: input.to_owned() })
}

/// What others see of a pump.
#[derive(Default)]
pub(super) struct Gate {
    /// Told when a message was stored.
    pub(super) wake: Notify,
    /// Priority of the queue that is being delivered.
    delivering: Mutex<Option<u32>>,
    /// Why it does not move.
    blocked: Mutex<Option<String>>,
}

impl Gate {
    /// Returns why the endpoint does not take messages, and of which priority they are.
    pub(super) fn blocked(&self) -> Option<(u32, String)> {
        let priority = (*lock(&self.delivering))?;
        lock(&self.blocked).clone().map(|reason| (priority, reason))
    }

    /// Does something with a queue unless it is being delivered.
    pub(super) fn unless_delivering<T>(&self, priority: u32, work: impl FnOnce() -> T) -> Option<T> {
        let delivering = lock(&self.delivering);
        (*delivering != Some(priority)).then(work)
    }

    fn block(&self, reason: impl Into<String>) {
        *lock(&self.blocked) = Some(reason.into());
    }

    fn moves(&self) {
        lock(&self.blocked).take();
    }
}

/// A pump.
pub(super) struct Pump {
    core: Arc<Core>,
    endpoint: Endpoint,
    name: String,
    gate: Arc<Gate>,
    /// Number of the next message by priority: what is delivered is not delivered again although the disk refuses to remember it.
    next: BTreeMap<u32, u64>,
}

/// How a turn ended.
enum Turn {
    Delivered,
    Expired,
    Nothing,
}

impl Pump {
    pub(super) fn new(core: Arc<Core>, endpoint: Endpoint, gate: Arc<Gate>) -> Self {
        let name = endpoint.to_string();
        Self { core, endpoint, name, gate, next: BTreeMap::new() }
    }

    /// Runs until the broker stops.
    pub(super) async fn run(mut self) {
        let cancel = self.core.cancel.clone();
        loop {
            let turn = tokio::select! {
                () = cancel.cancelled() => return,
                turn = self.turn() => turn,
            };
            *lock(&self.gate.delivering) = None;
            let timing = self.core.options.timing;
            let rest = match turn {
                Ok(Turn::Delivered) => continue,
                Ok(Turn::Nothing) => None,
                Ok(Turn::Expired) => Some(timing.of(REST)),
                Err(failure) => {
                    error!(endpoint = self.name, failure, "a queue cannot be read");
                    Some(timing.of(PAUSE.1))
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.gate.wake.notified() => {}
                () = sleep(rest.unwrap_or_default()), if rest.is_some() => {}
            }
        }
    }

    /// Delivers one batch of the most urgent queue that has one.
    async fn turn(&mut self) -> Result<Turn, String> {
        let limit = if self.endpoint == Endpoint::Upstream { UPSTREAM_BATCH } else { MODULE_BATCH };
        for queue in self.core.served(&self.name) {
            let priority = queue.name().priority;
            let next = self.next.entry(priority).or_default();
            if !queue.has(*next) {
                continue;
            }
            *lock(&self.gate.delivering) = Some(priority);
            let batch = queue.read(*next, limit).map_err(|error| error.to_string())?;
            let Some(last) = batch.last() else {
                // What is left is damaged.
                *next = queue.end();
                remember(&queue, *next);
                continue;
            };
            *next = last.offset + 1;
            let delivery = Batch::new(&self.core, &self.gate, queue, &batch);
            let (expired, live): (Vec<_>, Vec<_>) = batch.into_iter().partition(|stored| delivery.is_over(stored));
            let all = live.is_empty();
            for stored in expired {
                delivery.expired(&stored);
            }
            delivery.deliver(&self.endpoint, live).await;
            return Ok(if all { Turn::Expired } else { Turn::Delivered });
        }
        Ok(Turn::Nothing)
    }
}

/// Tells whether a message can be sent on: on its way out its properties are encoded anew and more are added.
pub(super) fn fits(device_id: &str, endpoint: &Endpoint, sender: &Identity, message: &Message) -> bool {
    let own = message.properties.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, String::len));
    let system = message.system_properties.iter().map(|(name, value)| name.len() + value.len());
    // Encoded, a byte takes three at most; with this much room there is no need to look closer.
    let about = own.chain(system).map(|bytes| 3 * bytes + 8).sum::<usize>() + 2048;
    if about < usize::from(u16::MAX) && wire::fits(about, message.body.len()) {
        return true;
    }
    let topic = match endpoint {
        Endpoint::Upstream => outbound::events(&outbound::base(sender, true), message),
        Endpoint::Module { module, input } => outbound::input(&outbound::base(&Identity::module(device_id, module), true), input, message),
    };
    wire::fits(topic.len(), message.body.len())
}

/// One batch of one queue on its way. The checkpoint moves over what is done without a gap.
struct Batch<'a> {
    core: &'a Arc<Core>,
    gate: &'a Gate,
    queue: Arc<Queue>,
    name: Arc<QueueName>,
    waiting: Mutex<BTreeSet<u64>>,
    end: u64,
}

impl<'a> Batch<'a> {
    fn new(core: &'a Arc<Core>, gate: &'a Gate, queue: Arc<Queue>, batch: &[Stored]) -> Self {
        let name = Arc::new(queue.name().clone());
        let waiting = Mutex::new(batch.iter().map(|stored| stored.offset).collect());
        let end = batch.last().map_or(0, |stored| stored.offset + 1);
        Self { core, gate, queue, name, waiting, end }
    }

    async fn deliver(&self, endpoint: &Endpoint, batch: Vec<Stored>) {
        match endpoint {
            Endpoint::Module { module, input } => {
                let target = Identity::module(&self.core.options.device_id, module);
                for stored in batch {
                    self.to_module(&target, input, &stored).await;
                    self.done([stored.offset]);
                }
            }
            Endpoint::Upstream => {
                let mut senders: BTreeMap<Identity, Vec<Stored>> = BTreeMap::new();
                for stored in batch {
                    senders.entry(stored.sender.clone()).or_default().push(stored);
                }
                let each = senders.into_iter().map(|(sender, messages)| self.to_hub(sender, messages));
                stream::iter(each).for_each_concurrent(SENDERS, |sending| sending).await;
            }
        }
    }

    fn done(&self, offsets: impl IntoIterator<Item = u64>) {
        let mut waiting = lock(&self.waiting);
        for offset in offsets {
            waiting.remove(&offset);
        }
        remember(&self.queue, waiting.first().copied().unwrap_or(self.end));
    }

    fn note(&self, stored: &Stored, event: impl FnOnce(Arc<QueueName>) -> Event) {
        self.core.note(number_of(&stored.message), event(Arc::clone(&self.name)));
    }

    /// Tells whether a message outlived its time.
    fn is_over(&self, stored: &Stored) -> bool {
        stored.expires_millis.is_some_and(|expires| expires <= self.core.options.clock.now().timestamp_millis())
    }

    fn expired(&self, stored: &Stored) {
        self.core.count(Count::Expired);
        self.note(stored, |queue| Event::Expired { queue });
        self.done([stored.offset]);
    }

    /// Waits until the time of a message is over; for ever when it has none.
    async fn end_of_life(&self, stored: &Stored) {
        let Some(expires) = stored.expires_millis else { return std::future::pending().await };
        while let Ok(left @ 1..) = u64::try_from(expires.saturating_sub(self.core.options.clock.now().timestamp_millis())) {
            sleep(Duration::from_millis(left).min(CLOCK_STEP)).await;
        }
    }

    /// Delivers a message to an input until the module acknowledged it or its time is over.
    async fn to_module(&self, target: &Identity, input: &str, stored: &Stored) {
        let timing = self.core.options.timing;
        let mut pause = timing.of(PAUSE.0);
        let mut redelivered = false;
        loop {
            if self.is_over(stored) {
                self.gate.moves();
                return self.expired(stored);
            }
            let connection = match self.hand_over(target, input, stored, redelivered).await {
                Handed::Over => continue,
                Handed::Gone(connection) => connection,
                Handed::Told { connection, told } => {
                    redelivered = true;
                    match timeout(timing.of(ACKNOWLEDGE_TIME), told).await {
                        Ok(Ok(Delivery::Acknowledged)) => {
                            self.gate.moves();
                            self.core.count(Count::Delivered);
                            return self.note(stored, |queue| Event::Acknowledged { queue });
                        }
                        Ok(Ok(Delivery::NoFilter)) => {
                            self.gate.moves();
                            warn!(%target, input, "a message is lost: the module has no subscription for this input");
                            self.core.count(Count::Rejected);
                            let detail = "no filter of the module fits the input; it is lost, as in the product";
                            return self.note(stored, |queue| Event::Rejected { queue, detail });
                        }
                        Ok(Err(_)) => self.gate.block(format!("{target} disconnected before it acknowledged a message")),
                        Err(_) => {
                            warn!(%target, input, "a message was not acknowledged in time and is sent again");
                            self.gate.block(format!("{target} does not acknowledge a message on its input {input}"));
                        }
                    }
                    connection
                }
            };
            if self.core.sessions.wanting(target, Feature::ModuleMessages).is_some_and(|now| now.connection != connection) {
                continue;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = self.end_of_life(stored) => {}
            }
            pause = (pause * 2).min(timing.of(PAUSE.1));
        }
    }

    async fn hand_over(&self, target: &Identity, input: &str, stored: &Stored, redelivered: bool) -> Handed {
        let wanted = self.core.sessions.wait_for(target, Feature::ModuleMessages);
        tokio::pin!(wanted);
        let session = if let Ok(session) = timeout(PATIENCE, &mut wanted).await {
            session
        } else {
            let connected = self.core.sessions.is_connected(target);
            let reason = if connected { "is connected and has not subscribed to its inputs" } else { "is not connected" };
            self.gate.block(format!("{target} {reason}"));
            tokio::select! {
                session = &mut wanted => session,
                () = self.end_of_life(stored) => return Handed::Over,
            }
        };
        let (done, told) = oneshot::channel();
        let message = Outbound::Input { input: input.to_owned(), message: stored.message.clone(), redelivered, done };
        let sent = tokio::select! {
            sent = session.outbound.send(message) => sent.is_ok(),
            () = self.end_of_life(stored) => return Handed::Over,
        };
        if !sent {
            return Handed::Gone(session.connection);
        }
        self.note(stored, |queue| Event::Sent { queue });
        Handed::Told { connection: session.connection, told }
    }

    /// Sends the messages of one sender in their order, over its own connection, until the hub has them.
    async fn to_hub(&self, sender: Identity, messages: Vec<Stored>) {
        let timing = self.core.options.timing;
        let mut pause = timing.of(PAUSE.0);
        let mut rest = messages.as_slice();
        while let Some(first) = rest.first() {
            if self.is_over(first) {
                self.expired(first);
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let Some(client) = links::open(self.core, &sender) else {
                return self.nobody_signs(&sender, rest);
            };
            let batch = batch_of(rest);
            for stored in batch {
                self.note(stored, |queue| Event::Sent { queue });
            }
            let (sent, error) = client.send_all(batch.iter().map(|stored| &stored.message)).await;
            let (acknowledged, left) = rest.split_at(sent);
            for stored in acknowledged {
                self.core.count(Count::Sent);
                self.note(stored, |queue| Event::Acknowledged { queue });
            }
            self.done(acknowledged.iter().map(|stored| stored.offset));
            rest = left;
            if sent > 0 {
                self.gate.moves();
                pause = timing.of(PAUSE.0);
            }
            match error {
                None => {}
                // Its connection makes room for one that takes messages too.
                Some(ClientError::Stopped) => sleep(Duration::from_millis(50)).await,
                Some(error) => {
                    debug!(%sender, %error, "a message waits for the hub");
                    self.gate.block(format!("{error} ({sender})"));
                    let until = Instant::now() + pause;
                    // A connection that stands again ends the wait early, and a hub that takes nothing does not.
                    if !client.is_connected() && timeout(pause, client.connected()).await.is_ok() {
                        continue;
                    }
                    tokio::time::sleep_until(until).await;
                    pause = (pause * 2).min(timing.of(PAUSE.1));
                }
            }
        }
    }

    /// Gives the messages of a sender up whose key is gone.
    fn nobody_signs(&self, sender: &Identity, messages: &[Stored]) {
        warn!(%sender, count = messages.len(), "messages of an identity that is gone are dropped; nobody can sign for it");
        self.core.count_many(Count::Orphaned, messages.len() as u64);
        for stored in messages {
            self.note(stored, |queue| Event::Rejected { queue, detail: "its sender is not known any more, so nobody can sign for it" });
        }
        self.done(messages.iter().map(|stored| stored.offset));
    }
}

/// What became of an attempt to give a message to a module.
enum Handed {
    /// Its time was over.
    Over,
    /// The connection was gone.
    Gone(u64),
    /// It is with the connection, which tells what becomes of it.
    Told { connection: u64, told: oneshot::Receiver<Delivery> },
}

/// Returns the first of some messages that are handed over at once.
fn batch_of(messages: &[Stored]) -> &[Stored] {
    let mut bytes = 0;
    let within = messages.iter().take(SENDER_MESSAGES).take_while(|stored| {
        let first = bytes == 0;
        bytes += stored.message.body.len().max(1);
        first || bytes <= SENDER_BYTES
    });
    let count = within.count();
    messages.get(..count).unwrap_or(messages)
}

/// Moves the checkpoint of a queue. When the disk refuses, messages may come twice after a restart, and delivery goes on.
fn remember(queue: &Queue, before: u64) {
    if let Err(error) = queue.consumed(before) {
        error!(%error, endpoint = queue.name().endpoint, "what is delivered is not remembered; it may be delivered again after a restart");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
