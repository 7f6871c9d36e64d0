//! The property bag at the end of a topic, and the short names under which system properties travel in it.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::base::percent;
use crate::model::{Identity, Message};

/// Decoded properties of a topic; a value is `None` when the name stood alone or its value was empty.
pub type Bag = BTreeMap<String, Option<String>>;

/// A property bag that does not follow its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BagError {
    /// A `=` where a name should begin, or a second one in a property.
    #[error("unexpected `=` in the properties")]
    UnexpectedEquals,
    /// An empty property: a doubled or final `&`.
    #[error("an empty property")]
    EmptyProperty,
}

/// Short name on the wire, name in the message, and whether clients are sent it.
const SYSTEM: &[(&str, &str, bool)] = &[
    ("$.mid", "messageId", true),
    ("$.cid", "cid", true),
    ("$.uid", "userId", true),
    ("$.to", "to", true),
    ("$.exp", "absolute-expiry-time", true),
    ("$.on", "outputName", false),
    ("ack", "ack", true),
    ("$.ct", "contentType", true),
    ("$.ce", "contentEncoding", true),
    ("$.schema", "messageSchema", true),
    ("$.ctime", "creationTime", true),
    ("iothub-operation", "operation", true),
    ("$.ifid", "iothub-interface-id", false),
    ("$.sub", "dt-subject", true),
];

/// Names of the sender, which only travel towards a client; from a client they are ordinary properties.
const SENDER: &[(&str, &str)] = &[("$.cdid", "connectionDeviceId"), ("$.cmid", "connectionModuleId")];

/// Reads a property bag; of duplicates the last counts.
pub fn parse(text: &str) -> Result<Bag, BagError> {
    let mut bag = Bag::new();
    if text.is_empty() {
        return Ok(bag);
    }
    for property in text.split('&') {
        let (name, value) = property.split_once('=').unwrap_or((property, ""));
        if property.is_empty() {
            return Err(BagError::EmptyProperty);
        }
        if name.is_empty() || value.contains('=') {
            return Err(BagError::UnexpectedEquals);
        }
        bag.insert(percent::decode(name), Some(percent::decode(value)).filter(|value| !value.is_empty()));
    }
    Ok(bag)
}

/// Makes a message of what a client sent; the ids are those of the topic.
pub fn message_from_client(sender: &Identity, bag: Bag, body: Bytes) -> Message {
    let mut message = message_of(bag, body, &[]);
    message.system_properties.insert("connectionDeviceId".to_owned(), sender.device_id.clone());
    if let Some(module_id) = &sender.module_id {
        message.system_properties.insert("connectionModuleId".to_owned(), module_id.clone());
    }
    message
}

/// Makes a message of what a server sent.
pub fn message_from_server(bag: Bag, body: Bytes) -> Message {
    message_of(bag, body, SENDER)
}

fn message_of(bag: Bag, body: Bytes, extra: &[(&str, &str)]) -> Message {
    let mut message = Message { body, ..Message::default() };
    let known = || SYSTEM.iter().map(|(wire, name, _)| (*wire, *name)).chain(extra.iter().copied());
    for (wire, value) in bag {
        match known().find(|(short, _)| *short == wire) {
            Some((_, name)) => {
                if let Some(value) = value {
                    message.system_properties.insert(name.to_owned(), value);
                }
            }
            None => {
                message.properties.insert(wire, value);
            }
        }
    }
    message
}

/// Writes the bag of a message to a client.
pub fn to_client(message: &Message) -> String {
    let system = SYSTEM.iter().filter(|(_, _, outward)| *outward).map(|(wire, name, _)| (*wire, *name));
    write(message, system.chain(SENDER.iter().copied()))
}

/// Writes the bag of a message to a server.
pub fn to_server(message: &Message) -> String {
    write(message, SYSTEM.iter().map(|(wire, name, _)| (*wire, *name)))
}

fn write<'a>(message: &Message, system: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let application = message.properties.iter().map(|(name, value)| (name.as_str(), value.as_deref()));
    let system = system.filter_map(|(wire, name)| Some((wire, Some(message.system_properties.get(name)?.as_str()))));
    let properties: Vec<String> = application
        .chain(system)
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| match value {
            Some(value) => format!("{}={}", percent::encode(name), percent::encode(value)),
            None => percent::encode(name),
        })
        .collect();
    properties.join("&")
}

/// Returns what counts against the message limit: bytes of the body and characters of all names and values.
pub fn size_of(message: &Message) -> usize {
    let characters = |text: &str| text.chars().count();
    let application = message.properties.iter().map(|(name, value)| characters(name) + value.as_deref().map_or(0, characters));
    let system = message.system_properties.iter().map(|(name, value)| characters(name) + characters(value));
    message.body.len() + application.sum::<usize>() + system.sum::<usize>()
}
