//! What is asked of port 443: its paths, the websocket's sub-protocol, and the body of a method invocation.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::base::percent;
use crate::edgehub::MethodCall;
use crate::model::Identity;

/// The longest name of a method.
const NAME_CHARACTERS: usize = 100;

/// The largest payload of a method.
const PAYLOAD_BYTES: usize = 128 * 1024;

/// A place that something answers at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The device protocol over a websocket.
    Socket,
    /// The methods of a device or module.
    Methods(Identity),
}

/// Finds the place of a path.
pub fn place(path: &str) -> Option<Place> {
    let segments: Vec<String> = path.strip_prefix('/')?.trim_end_matches('/').split('/').map(percent::decode).collect();
    match segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["$iothub", "websocket"] => Some(Place::Socket),
        ["twins", device, "methods"] if !device.is_empty() => Some(Place::Methods(Identity::device(*device))),
        ["twins", device, "modules", module, "methods"] if !device.is_empty() && !module.is_empty() => {
            Some(Place::Methods(Identity::module(*device, *module)))
        }
        _ => None,
    }
}

/// A protocol in a websocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubProtocol {
    /// The one that is spoken.
    Mqtt,
    /// The one that some SDKs take by default, and that is refused.
    Amqp,
}

/// Finds a known protocol among those that a client offers.
pub fn sub_protocol(offered: &str) -> Option<SubProtocol> {
    let offers = |name: &str| offered.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
    if offers("mqtt") { Some(SubProtocol::Mqtt) } else { offers("AMQPWSB10").then_some(SubProtocol::Amqp) }
}

/// Reads the caller's header, `DEVICE/MODULE`.
pub fn caller(header: &str) -> Option<Identity> {
    let (device, module) = header.trim().split_once('/')?;
    let fits = !device.is_empty() && !module.is_empty() && !module.contains('/');
    fits.then(|| Identity::module(percent::decode(device), percent::decode(module)))
}

/// A method to be invoked.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Name and payload.
    pub call: MethodCall,
    /// How long to wait for a client that is not there or not subscribed.
    pub connect_time: Duration,
    /// How long to wait for its answer.
    pub response_time: Duration,
}

/// Reads the body of an invocation; the text of the error is for the caller.
pub fn invocation(body: &[u8]) -> Result<Invocation, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| format!("the body is no JSON: {error}"))?;
    let name = body.get("methodName").and_then(Value::as_str).ok_or("the body has no `methodName`")?;
    if name.trim().is_empty() || name.chars().count() > NAME_CHARACTERS {
        return Err(format!("`methodName` must have 1 to {NAME_CHARACTERS} characters"));
    }
    if name.chars().any(|character| character.is_control() || "/+#?".contains(character)) {
        return Err("`methodName` has characters that no topic takes".to_owned());
    }
    let payload = body.get("payload").filter(|payload| !payload.is_null()).map(Value::to_string).unwrap_or_default();
    if payload.len() > PAYLOAD_BYTES {
        return Err(format!("`payload` has {} bytes, more than {PAYLOAD_BYTES}", payload.len()));
    }
    Ok(Invocation {
        call: MethodCall { name: name.to_owned(), payload: Bytes::from(payload) },
        connect_time: seconds(&body, "connectTimeoutInSeconds", 0, 0)?,
        response_time: seconds(&body, "responseTimeoutInSeconds", 30, 5)?,
    })
}

fn seconds(body: &Value, name: &str, otherwise: u64, least: u64) -> Result<Duration, String> {
    let Some(value) = body.get(name).filter(|value| !value.is_null()) else { return Ok(Duration::from_secs(otherwise)) };
    let seconds = value.as_u64().filter(|seconds| (least..=300).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| format!("`{name}` must be a number from {least} to 300"))
}
