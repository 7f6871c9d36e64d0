//! Pumps: one for each endpoint takes messages from its queues, the most urgent first, and retries until the endpoint has them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Notify, oneshot};
use tokio::time::{sleep, timeout};
use tracing::{debug, error, warn};

use super::core::{Core, Count};
use super::links;
use crate::edgehub::spool::{Queue, QueueName, Reader, Stored};
use crate::edgehub::topic::outbound;
use crate::edgehub::wire;
use crate::edgehub::{ClientError, Delivery, Feature, Outbound};
use crate::model::{Identity, Message};
use crate::route::Endpoint;

/// Messages taken at once.
const UPSTREAM_BATCH: usize = 100;
const MODULE_BATCH: usize = 10;

/// How long a module may take to acknowledge a message.
const ACKNOWLEDGE_TIME: Duration = Duration::from_secs(30);

/// First and longest pause after a failure.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

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

/// Runs the pump of an endpoint until the broker stops; `wake` is told when a message was stored for it.
pub(super) async fn run(core: Arc<Core>, endpoint: Endpoint, wake: Arc<Notify>) {
    let mut readers: BTreeMap<u32, (Arc<Queue>, Reader)> = BTreeMap::new();
    loop {
        let worked = tokio::select! {
            () = core.cancel.cancelled() => return,
            worked = turn(&core, &endpoint, &mut readers) => worked,
        };
        let rest = match worked {
            Ok(true) => continue,
            Ok(false) => None,
            Err(failure) => {
                error!(%endpoint, failure, "a queue cannot be read");
                Some(PAUSE.1)
            }
        };
        tokio::select! {
            () = core.cancel.cancelled() => return,
            () = wake.notified() => {}
            () = sleep(rest.unwrap_or_default()), if rest.is_some() => {}
        }
    }
}

/// Delivers one batch of the most urgent queue that has one, and tells whether there was any.
async fn turn(core: &Arc<Core>, endpoint: &Endpoint, readers: &mut BTreeMap<u32, (Arc<Queue>, Reader)>) -> Result<bool, String> {
    let name = endpoint.to_string();
    for queue in core.spool.names().into_iter().filter(|queue| queue.endpoint == name) {
        if let Entry::Vacant(free) = readers.entry(queue.priority) {
            let opened = core.spool.queue(&queue).map_err(|error| error.to_string())?;
            let reader = opened.reader();
            free.insert((opened, reader));
        }
    }
    let limit = if *endpoint == Endpoint::Upstream { UPSTREAM_BATCH } else { MODULE_BATCH };
    for (queue, reader) in readers.values_mut() {
        let mut batch = Vec::new();
        while batch.len() < limit {
            let Some(stored) = reader.read().map_err(|error| error.to_string())? else { break };
            batch.push(stored);
        }
        if !batch.is_empty() {
            deliver(core, endpoint, queue, batch).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether a message can be sent on: on its way out its properties are encoded anew and more are added.
pub(super) fn fits(device_id: &str, endpoint: &Endpoint, sender: &Identity, message: &Message) -> bool {
    let topic = match endpoint {
        Endpoint::Upstream => outbound::events(&outbound::base(sender, true), message),
        Endpoint::Module { module, input } => outbound::input(&outbound::base(&Identity::module(device_id, module), true), input, message),
    };
    wire::fits(topic.len(), message.body.len())
}

async fn deliver(core: &Arc<Core>, endpoint: &Endpoint, queue: &Arc<Queue>, batch: Vec<Stored>) -> Result<(), String> {
    let progress = Progress::new(queue, &batch);
    match endpoint {
        Endpoint::Module { module, input } => {
            let target = Identity::module(&core.options.device_id, module);
            for stored in batch {
                to_module(core, &target, input, &stored).await;
                progress.done(stored.offset)?;
            }
            Ok(())
        }
        Endpoint::Upstream => {
            let mut senders: BTreeMap<Identity, Vec<Stored>> = BTreeMap::new();
            for stored in batch {
                senders.entry(stored.entry.sender.clone()).or_default().push(stored);
            }
            let each = senders.into_iter().map(|(sender, messages)| to_hub(core, sender, messages, &progress));
            join_all(each).await.into_iter().collect()
        }
    }
}

/// Tells whether a message outlived its time, and counts it then.
fn expired(core: &Core, stored: &Stored) -> bool {
    let over = stored.entry.expires_millis.is_some_and(|expires| expires <= core.options.clock.now().timestamp_millis());
    if over {
        core.count(Count::Expired);
    }
    over
}

/// Waits until the time of a message is over; for ever when it has none.
async fn end_of_life(core: &Core, stored: &Stored) {
    let Some(expires) = stored.entry.expires_millis else { return std::future::pending().await };
    // In steps, since the clock may be set meanwhile.
    while let Ok(left @ 1..) = u64::try_from(expires.saturating_sub(core.options.clock.now().timestamp_millis())) {
        sleep(Duration::from_millis(left).min(PAUSE.1)).await;
    }
}

/// Delivers a message to an input, one at a time, until the module acknowledged it or its time is over.
async fn to_module(core: &Core, target: &Identity, input: &str, stored: &Stored) {
    let mut pause = PAUSE.0;
    let mut tried = false;
    while !expired(core, stored) {
        let (done, told) = oneshot::channel();
        let redelivered = tried;
        let hand_over = async {
            let session = core.sessions.wait_for(target, Feature::ModuleMessages).await;
            let message = stored.entry.message.clone();
            let sent = session.outbound.send(Outbound::Input { input: input.to_owned(), message, redelivered, done }).await;
            (session.connection, sent.is_ok())
        };
        let (connection, sent) = tokio::select! {
            handed = hand_over => handed,
            () = end_of_life(core, stored) => continue,
        };
        if sent {
            tried = true;
            match timeout(ACKNOWLEDGE_TIME, told).await {
                Ok(Ok(Delivery::Acknowledged)) => return core.count(Count::Delivered),
                Ok(Ok(Delivery::NoFilter)) => return core.count(Count::Rejected),
                Ok(Err(_)) => debug!(%target, "the connection ended before the message was acknowledged"),
                Err(_) => warn!(%target, input, "a message was not acknowledged in time and is sent again"),
            }
        }
        if core.sessions.wanting(target, Feature::ModuleMessages).is_some_and(|now| now.connection != connection) {
            continue;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = end_of_life(core, stored) => {}
        }
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Sends the messages of one sender in their order, over its own connection, until the hub has them.
async fn to_hub(core: &Arc<Core>, sender: Identity, messages: Vec<Stored>, progress: &Progress<'_>) -> Result<(), String> {
    for stored in messages {
        let mut pause = PAUSE.0;
        while !expired(core, &stored) {
            let Some(client) = links::open(core, &sender) else {
                warn!(%sender, "a message of an identity that is gone is dropped; nobody can sign for it");
                core.count(Count::Orphaned);
                break;
            };
            match client.send(&stored.entry.message).await {
                Ok(()) => {
                    core.count(Count::Sent);
                    break;
                }
                // Its client left, and its connection with it; a new one is opened.
                Err(ClientError::Stopped) => sleep(Duration::from_millis(50)).await,
                Err(error) => {
                    debug!(%sender, %error, "a message waits for the hub");
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSE.1);
                    // A connection that stands again ends the wait early.
                    if timeout(pause, client.connected()).await.is_err() {
                        debug!(%sender, "the hub is still away");
                    }
                }
            }
        }
        progress.done(stored.offset)?;
    }
    Ok(())
}

/// Moves the checkpoint over the messages that are done without a gap.
struct Progress<'a> {
    queue: &'a Arc<Queue>,
    waiting: Mutex<BTreeSet<u64>>,
    end: u64,
}

impl<'a> Progress<'a> {
    fn new(queue: &'a Arc<Queue>, batch: &[Stored]) -> Self {
        let end = batch.last().map_or(0, |stored| stored.offset + 1);
        Self { queue, waiting: Mutex::new(batch.iter().map(|stored| stored.offset).collect()), end }
    }

    fn done(&self, offset: u64) -> Result<(), String> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&offset);
        let first = waiting.first().copied().unwrap_or(self.end);
        self.queue.consumed(first).map_err(|error| error.to_string())
    }
}
