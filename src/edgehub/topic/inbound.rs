//! Topics that clients publish to.

use super::bag::{self, Bag, BagError};
use crate::base::percent;
use crate::model::Identity;

/// What a client publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    /// Telemetry of the device or module that the topic names.
    Telemetry {
        /// The ids of the topic, which need not be those of the connection.
        sender: Identity,
        /// The properties.
        bag: Bag,
    },
    /// The answer to a direct method.
    MethodAnswer {
        /// The status as written; it should be a number.
        status: String,
        /// The request's id: everything after `$rid=`.
        rid: String,
    },
    /// Asks for the twin.
    TwinGet {
        /// The request's id, echoed verbatim.
        rid: String,
    },
    /// A patch of reported properties; without id there is no answer.
    TwinReport {
        /// The request's id, echoed verbatim.
        rid: Option<String>,
    },
    /// A twin operation that does not exist; the connection ends.
    BadTwinOperation,
}

/// Finds the template that a topic follows. `None` is an unknown topic.
///
/// # Errors
/// When the template fits and the property bag is malformed.
pub fn parse(topic: &str) -> Result<Option<Inbound>, BagError> {
    for (place, marker) in topic.match_indices("devices/") {
        let rest = topic.get(place + marker.len()..).unwrap_or_default();
        if let Some((sender, properties)) = telemetry(rest) {
            return Ok(Some(Inbound::Telemetry { sender, bag: bag::parse(properties)? }));
        }
    }
    Ok(method_answer(topic).or_else(|| twin(topic)))
}

/// Reads `D/messages/events…` or `D/modules/M/messages/events…`, and returns the sender with the text of the bag.
fn telemetry(rest: &str) -> Option<(Identity, &str)> {
    let (device, rest) = rest.split_once('/').filter(|(device, _)| !device.is_empty())?;
    let device = percent::decode(device);
    if let Some(tail) = rest.strip_prefix("messages/events") {
        return Some((Identity::device(device), properties(tail)?));
    }
    let (module, rest) = rest.strip_prefix("modules/")?.split_once('/').filter(|(module, _)| !module.is_empty())?;
    let tail = rest.strip_prefix("messages/events")?;
    Some((Identity::module(device, percent::decode(module)), properties(tail)?))
}

/// Strips the slash before the bag and at most one after it; a further slash means that the template does not fit.
fn properties(tail: &str) -> Option<&str> {
    if tail.is_empty() {
        return Some("");
    }
    let bag = tail.strip_prefix('/')?;
    let bag = bag.strip_suffix('/').unwrap_or(bag);
    if bag.contains('/') || (bag.is_empty() && tail.len() > 1) { None } else { Some(bag) }
}

fn method_answer(topic: &str) -> Option<Inbound> {
    let (_, rest) = topic.split_once("$iothub/methods/res/")?;
    let (status, rid) = rest.split_once("/?$rid=")?;
    let fits = !status.is_empty() && !status.contains('/') && !rid.is_empty() && !rid.contains('/');
    fits.then(|| Inbound::MethodAnswer { status: status.to_owned(), rid: rid.to_owned() })
}

fn twin(topic: &str) -> Option<Inbound> {
    let (_, operation) = topic.split_once("$iothub/twin/")?;
    let (path, query) = operation.split_once('?').unwrap_or((operation, ""));
    let rid = query.split('&').find_map(|field| field.strip_prefix("$rid=")).filter(|rid| !rid.is_empty()).map(str::to_owned);
    Some(match (path.trim_end_matches('/'), rid) {
        ("GET", Some(rid)) => Inbound::TwinGet { rid },
        ("PATCH/properties/reported", rid) => Inbound::TwinReport { rid },
        _ => Inbound::BadTwinOperation,
    })
}
