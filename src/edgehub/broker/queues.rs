//! What waits, and where it leads: the queues for people, the warnings of a changed configuration, and the cleaner.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::statvfs::statvfs;
use tokio::time::sleep;
use tracing::error;

use super::configuration::Configuration;
use super::core::{Core, Count};
use super::trace;
use crate::base::duration::Span;
use crate::edgehub::QueueRow;
use crate::edgehub::spool::{Queue, QueueName};
use crate::route::DEFAULT_PRIORITY;

/// How often expired messages are removed from the heads of queues.
const CLEANING: Duration = Duration::from_mins(30);

const DAY_SECONDS: f64 = 86_400.0;

/// Returns all queues in which something waits or to which a route leads.
pub(super) fn rows(core: &Core) -> Vec<QueueRow> {
    let free = statvfs(core.spool.folder()).ok().map(|disk| disk.blocks_available().saturating_mul(disk.fragment_size()));
    core.spool.queues().iter().filter(|queue| !queue.is_empty() || core.serves(queue.name())).map(|queue| row(core, queue, free)).collect()
}

fn row(core: &Core, queue: &Queue, free: Option<u64>) -> QueueRow {
    let (waiting, name) = (queue.waiting(), queue.name());
    let oldest = queue.read(0, 1).unwrap_or_else(|error| {
        error!(%error, endpoint = name.endpoint, "the head of a queue cannot be read");
        Vec::new()
    });
    let running = core.started.elapsed().as_secs_f64().max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let bytes_per_day = waiting.received as f64 / running * DAY_SECONDS;
    let seconds = |seconds: u32| trace::at(i64::from(seconds) * 1000);
    let life = core.life_in(name);
    QueueRow {
        endpoint: name.endpoint.clone(),
        priority: name.priority,
        messages: waiting.messages,
        bytes: waiting.bytes,
        oldest: oldest.first().map(|stored| trace::at(stored.stored_millis)),
        next_expiry: waiting.next_expiry.map(seconds),
        bytes_per_day,
        forecast: (waiting.messages > 0 && waiting.received > 0).then(|| forecast(bytes_per_day, life, free)),
        blocked: (waiting.messages > 0).then(|| core.blocked(name)).flatten(),
    }
}

/// Says what ends the growth of a queue that nobody takes from.
fn forecast(bytes_per_day: f64, life: Option<Duration>, free: Option<u64>) -> String {
    let full = free.map(|free| {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let days = free as f64 / bytes_per_day;
        (days, free)
    });
    let bounded = life.map(|life| (life.as_secs_f64() / DAY_SECONDS, life));
    match (bounded, full) {
        (Some((days, life)), full) if full.is_none_or(|(until_full, _)| days < until_full) => {
            format!("the time to live of {} bounds it at {}", Span::from_secs(life.as_secs()), bytes_text(bytes_per_day * days))
        }
        (_, Some((days, free))) => {
            #[expect(clippy::cast_precision_loss, reason = "a number for people")]
            let free = bytes_text(free as f64);
            if days > 3650.0 {
                format!("{free} of the disk are free, which lasts for more than ten years")
            } else {
                format!("{free} of the disk are free, which lasts for {days:.1} days at this rate")
            }
        }
        (_, None) => "it is not known how much of the disk is free".to_owned(),
    }
}

fn bytes_text(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        (value, unit) = (value / 1000.0, unit + 1);
    }
    if unit == 0 { format!("{value:.0} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Returns the queues to which the routes of a configuration lead.
pub(super) fn of(configuration: &Configuration) -> BTreeSet<QueueName> {
    configuration.routes.routes().map(|route| super::pump::queue_of(route.endpoint(), route.priority())).collect()
}

/// Deletes and warns of what the routes no longer lead to: the queue without a priority of an endpoint that is gone is deleted, any other
/// is delivered until the restart.
pub(super) fn left(core: &Core, before: &BTreeSet<QueueName>, now: &BTreeSet<QueueName>) {
    let endpoints: BTreeSet<&str> = now.iter().map(|queue| queue.endpoint.as_str()).collect();
    let gone: BTreeSet<&str> =
        before.iter().map(|queue| queue.endpoint.as_str()).filter(|endpoint| !endpoints.contains(endpoint)).collect();
    for queue in core.spool.queues() {
        let name = queue.name();
        if now.contains(name) || !(before.contains(name) || gone.contains(name.endpoint.as_str())) {
            continue;
        }
        let (waiting, cause) = (queue.len(), trace_name(name));
        if gone.contains(name.endpoint.as_str()) && name.priority == DEFAULT_PRIORITY {
            match queue.clear() {
                Ok(0) => {}
                Ok(deleted) => {
                    core.count_many(Count::Orphaned, deleted);
                    core.options.warnings.warn("hub/queue-orphaned", &cause, || {
                        format!("no route leads to {} any more, so the {deleted} messages that waited for it are deleted", name.endpoint)
                    });
                }
                Err(error) => error!(%error, endpoint = name.endpoint, "the queue of a removed route was not deleted"),
            }
        } else if waiting > 0 {
            core.options.warnings.warn("hub/queue-orphaned", &cause, || {
                format!(
                    "no route leads to {} with priority {} any more; {waiting} messages wait there and are delivered until the next restart, not after it",
                    name.endpoint,
                    priority_text(name.priority)
                )
            });
        }
    }
}

fn priority_text(priority: u32) -> String {
    if priority == DEFAULT_PRIORITY { "none".to_owned() } else { priority.to_string() }
}

fn trace_name(name: &QueueName) -> String {
    format!("{} priority {}", name.endpoint, priority_text(name.priority))
}

/// Removes expired messages from the heads of queues now and then, until the broker stops. A queue that is being delivered does so
/// itself.
pub(super) async fn clean(core: Arc<Core>) {
    loop {
        tokio::select! {
            () = core.cancel.cancelled() => return,
            () = sleep(core.options.timing.of(CLEANING)) => {}
        }
        let now = core.options.clock.now().timestamp();
        for queue in core.spool.queues() {
            match core.unless_delivering(queue.name(), || queue.remove_expired(now)).transpose() {
                Ok(removed) => core.count_many(Count::Expired, removed.unwrap_or_default()),
                Err(error) => error!(%error, endpoint = queue.name().endpoint, "expired messages were not removed"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forecast_names_what_ends_the_growth() {
        let day = Some(Duration::from_hours(48));
        assert_eq!(forecast(1e9, day, Some(10_000_000_000)), "the time to live of 2d bounds it at 2.0 GB");
        assert_eq!(forecast(1e9, day, Some(1_000_000_000)), "1.0 GB of the disk are free, which lasts for 1.0 days at this rate");
        assert_eq!(forecast(1.0, None, Some(1_000_000)), "1.0 MB of the disk are free, which lasts for more than ten years");
    }
}
