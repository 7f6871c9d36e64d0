//! Topics that a server publishes to, written by the listener and read by the client; and the topics that the client writes.

use super::bag::{self, Bag, BagError};
use crate::base::percent;
use crate::model::{Identity, Message};

/// What a server publishes, as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outward {
    /// A message for an input.
    Input {
        /// Name of the input.
        input: String,
        /// The properties.
        bag: Bag,
    },
    /// A cloud-to-device message.
    CloudToDevice {
        /// The properties.
        bag: Bag,
    },
    /// A direct method.
    Method {
        /// Name of the method.
        name: String,
        /// The request's id.
        rid: String,
    },
    /// The answer to a twin request.
    TwinAnswer {
        /// Status, as of HTTP.
        status: u16,
        /// The request's id.
        rid: String,
        /// Version of the reported properties, where the server tells it.
        version: Option<u64>,
    },
    /// A desired property patch.
    Desired,
}

/// Returns the base of an identity's topics: `devices/D[/modules/M]`. Some SDKs write the ids as they are, some encode them.
pub fn base(identity: &Identity, encoded: bool) -> String {
    let written = |id: &str| if encoded { percent::encode(id) } else { id.to_owned() };
    match &identity.module_id {
        Some(module_id) => format!("devices/{}/modules/{}", written(&identity.device_id), written(module_id)),
        None => format!("devices/{}", written(&identity.device_id)),
    }
}

/// Returns the topic of a message for an input, with the slash after its name that SDKs need even without properties.
pub fn input(base: &str, input: &str, message: &Message) -> String {
    format!("{base}/inputs/{input}/{}", bag::to_client(message))
}

/// Returns the topic of a cloud-to-device message.
pub fn cloud_to_device(base: &str, message: &Message) -> String {
    format!("{base}/messages/devicebound/{}", bag::to_client(message))
}

/// Returns the topic of a direct method.
pub fn method(name: &str, rid: &str) -> String {
    format!("$iothub/methods/POST/{name}/?$rid={rid}")
}

/// Returns the topic of a twin answer; the hub tells a version, the device's broker does not.
pub fn twin_answer(status: u16, rid: &str, version: Option<u64>) -> String {
    let version = version.map(|version| format!("&$version={version}")).unwrap_or_default();
    format!("$iothub/twin/res/{status}/?$rid={rid}{version}")
}

/// Returns the topic of a desired property patch.
pub fn desired(version: u64) -> String {
    format!("$iothub/twin/PATCH/properties/desired/?$version={version}")
}

/// Returns the topic of a client's telemetry.
pub fn events(base: &str, message: &Message) -> String {
    format!("{base}/messages/events/{}", bag::to_server(message))
}

/// Reads a topic that a server published to for the identity of `base`. `None` is an unknown topic.
///
/// # Errors
/// When the property bag is malformed.
pub fn parse(base: &str, topic: &str) -> Result<Option<Outward>, BagError> {
    if let Some(rest) = topic.strip_prefix("$iothub/") {
        return Ok(system(rest));
    }
    let Some(rest) = topic.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')) else { return Ok(None) };
    let properties = |text: &str| bag::parse(text.strip_suffix('/').unwrap_or(text));
    if let Some(rest) = rest.strip_prefix("inputs/") {
        let (input, text) = rest.split_once('/').unwrap_or((rest, ""));
        return Ok(Some(Outward::Input { input: percent::decode(input), bag: properties(text)? }));
    }
    match rest.strip_prefix("messages/devicebound/") {
        Some(text) => Ok(Some(Outward::CloudToDevice { bag: properties(text)? })),
        None => Ok(None),
    }
}

fn system(rest: &str) -> Option<Outward> {
    if rest.starts_with("twin/PATCH/properties/desired/") {
        return Some(Outward::Desired);
    }
    if let Some(rest) = rest.strip_prefix("methods/POST/") {
        let (name, rid) = rest.split_once("/?$rid=")?;
        return Some(Outward::Method { name: percent::decode(name), rid: rid.to_owned() });
    }
    let (status, query) = rest.strip_prefix("twin/res/")?.split_once("/?")?;
    let field = |name: &str| query.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    Some(Outward::TwinAnswer {
        status: status.parse().ok()?,
        rid: field("$rid")?.to_owned(),
        version: field("$version").and_then(|version| version.parse().ok()),
    })
}
