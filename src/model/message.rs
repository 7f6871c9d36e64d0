//! A message between modules, leaf devices and the hub.

use std::collections::BTreeMap;

use bytes::Bytes;

/// A message as the broker routes it. System properties carry their long names (`contentType`, `connectionModuleId`, `outputName` …).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The payload.
    pub body: Bytes,
    /// Application properties; a value is `None` when the sender gave the name alone.
    pub properties: BTreeMap<String, Option<String>>,
    /// System properties.
    pub system_properties: BTreeMap<String, String>,
}
