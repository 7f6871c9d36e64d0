//! The way of each message, remembered for a while: a ring of events that costs little to write and is searched only when asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::DateTime;
use uuid::Uuid;

use super::core::Core;
use crate::base::Timestamp;
use crate::edgehub::spool::{Queue, QueueName};
use crate::edgehub::{Hop, MessageTrace};
use crate::model::{Identity, Message};

/// Events that are remembered: those of some twenty thousand messages.
const EVENTS: usize = 80_000;

/// Messages of one queue that are looked through for one that came before the start.
const LOOK_THROUGH: usize = 200_000;
const PIECE: usize = 256;

/// Something that happened to a message.
pub(super) enum Event {
    Received { sender: Identity, message_id: Option<Box<str>> },
    Unrouted,
    TooLarge { endpoint: Box<str> },
    Stored { queue: Arc<QueueName> },
    Sent { queue: Arc<QueueName> },
    Acknowledged { queue: Arc<QueueName> },
    Expired { queue: Arc<QueueName> },
    Rejected { queue: Arc<QueueName>, detail: &'static str },
}

struct Entry {
    id: u128,
    at_millis: i64,
    event: Event,
}

/// The events of late.
#[derive(Default)]
pub(super) struct Ledger(Mutex<VecDeque<Entry>>);

impl Ledger {
    /// Notes what happened to a message, by its `edgeMessageId` as [`number_of`] reads it.
    pub(super) fn note(&self, id: u128, at_millis: i64, event: Event) {
        let mut events = self.lock();
        if events.len() >= EVENTS {
            events.pop_front();
        }
        events.push_back(Entry { id, at_millis, event });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the number of a message that the broker gave an id; 0 for one that has none.
pub(super) fn number_of(message: &Message) -> u128 {
    let id = message.system_properties.get("edgeMessageId");
    id.and_then(|id| Uuid::try_parse(id).ok()).map_or(0, |id| id.as_u128())
}

/// Returns the messages of an id, the broker's own or the sender's, oldest first.
pub(super) fn find(core: &Core, id: &str) -> Vec<MessageTrace> {
    let mut found = remembered(core, id);
    for queue in core.spool.queues() {
        in_queue(core, &queue, id, &mut found);
    }
    found
}

/// Reads the ledger.
fn remembered(core: &Core, id: &str) -> Vec<MessageTrace> {
    let own = Uuid::try_parse(id).ok().map(|id| id.as_u128());
    let events = core.ledger.lock();
    let mut found: Vec<(u128, Vec<QueueName>, MessageTrace)> = Vec::new();
    for Entry { id: number, at_millis, event } in events.iter() {
        if let Event::Received { sender, message_id } = event {
            if own != Some(*number) && message_id.as_deref() != Some(id) {
                continue;
            }
            let trace = MessageTrace {
                edge_message_id: Uuid::from_u128(*number).to_string(),
                message_id: message_id.as_deref().map(str::to_owned),
                sender: sender.clone(),
                hops: Vec::new(),
            };
            found.push((*number, Vec::new(), trace));
        }
        let Some((_, waiting, trace)) = found.iter_mut().find(|(known, ..)| known == number) else { continue };
        trace.hops.push(hop(at(*at_millis), event));
        match event {
            Event::Stored { queue } => waiting.push(QueueName::clone(queue)),
            Event::Acknowledged { queue } | Event::Expired { queue } | Event::Rejected { queue, .. } => {
                waiting.retain(|one| one != &**queue);
            }
            _ => {}
        }
    }
    drop(events);
    let with_waiting = found.into_iter().map(|(_, waiting, mut trace)| {
        trace.hops.extend(waiting.iter().map(|queue| waits(core, queue)));
        trace
    });
    with_waiting.collect()
}

/// Looks for messages that an earlier run stored.
fn in_queue(core: &Core, queue: &Queue, id: &str, found: &mut Vec<MessageTrace>) {
    let (mut from, mut seen) = (0, 0);
    while seen < LOOK_THROUGH && !queue.is_empty() {
        let piece = match queue.read(from, PIECE) {
            Ok(piece) => piece,
            Err(error) => return tracing::warn!(%error, "the messages of a queue cannot be looked through"),
        };
        let Some(last) = piece.last() else { return };
        (from, seen) = (last.offset + 1, seen + piece.len());
        for stored in piece {
            let property = |name: &str| stored.message.system_properties.get(name);
            if ![property("edgeMessageId"), property("messageId")].contains(&Some(&id.to_owned())) {
                continue;
            }
            let edge_message_id = property("edgeMessageId").cloned().unwrap_or_default();
            let came =
                Hop { at: at(stored.stored_millis), place: name_of(queue.name()), event: "stored".to_owned(), detail: String::new() };
            let hops = [came, waits(core, queue.name())];
            match found.iter_mut().find(|known| known.edge_message_id == edge_message_id) {
                // The ledger knows it, this queue included.
                Some(known) if known.hops.iter().any(|hop| hop.event == "waiting" && hop.place == hops[1].place) => {}
                Some(known) => known.hops.extend(hops),
                None => found.push(MessageTrace {
                    edge_message_id,
                    message_id: property("messageId").cloned(),
                    sender: stored.sender.clone(),
                    hops: hops.into(),
                }),
            }
        }
    }
}

fn waits(core: &Core, queue: &QueueName) -> Hop {
    let detail = core.blocked(queue).unwrap_or_else(|| "it is delivered when those before it are".to_owned());
    Hop { at: core.options.clock.now(), place: name_of(queue), event: "waiting".to_owned(), detail }
}

fn hop(at: Timestamp, event: &Event) -> Hop {
    let (place, word, detail) = match event {
        Event::Received { sender, .. } => (sender.to_string(), "received", ""),
        Event::Unrouted => (Identity::EDGE_HUB.to_owned(), "unrouted", "no route wants it"),
        Event::TooLarge { endpoint } => (endpoint.to_string(), "too-large", "it would not fit a packet on its way out"),
        Event::Stored { queue } => (name_of(queue), "stored", ""),
        Event::Sent { queue } => (name_of(queue), "sent", ""),
        Event::Acknowledged { queue } => (name_of(queue), "acknowledged", ""),
        Event::Expired { queue } => (name_of(queue), "expired", "its time to live was over"),
        Event::Rejected { queue, detail } => (name_of(queue), "rejected", *detail),
    };
    Hop { at, place, event: word.to_owned(), detail: detail.to_owned() }
}

/// Returns the name of a queue for people.
fn name_of(queue: &QueueName) -> String {
    match queue.priority {
        crate::route::DEFAULT_PRIORITY => queue.endpoint.clone(),
        priority => format!("{} priority {priority}", queue.endpoint),
    }
}

/// Returns a time that was counted in milliseconds since the Unix epoch.
pub(super) fn at(millis: i64) -> Timestamp {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
