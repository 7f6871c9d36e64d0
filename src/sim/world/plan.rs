//! What a world is to hold: written by the command that starts it, read by its supervisor.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::edgehub::{Durability, Timing};
use crate::model::DeviceId;

/// What the supervisor starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorldPlan {
    /// The devices, in the order they were named.
    pub devices: Vec<DevicePlan>,
    /// How fast the product's timers run.
    pub timing: Timing,
    /// What stored messages survive.
    #[serde(default)]
    pub durability: Durability,
}

/// A device of a world; also a line of the file that `sim up --devices` reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DevicePlan {
    /// Id in the hub's registry.
    pub id: DeviceId,
    /// Tags of its twin.
    #[serde(default)]
    pub tags: Map<String, Value>,
}

impl DevicePlan {
    /// Returns the ring that the tag `ring` names.
    pub fn ring(&self) -> Option<String> {
        self.tags.get("ring").and_then(Value::as_str).map(ToOwned::to_owned)
    }

    /// Returns the device of a ring: `edge-RING` with the tag `ring`.
    pub fn of_ring(ring: &crate::model::RingName) -> Self {
        let id = format!("edge-{ring}").parse().expect("a ring name is part of a device id");
        Self { id, tags: [("ring".to_owned(), ring.as_str().into())].into_iter().collect() }
    }

    /// Returns the device of a world without rings.
    pub fn single() -> Self {
        Self { id: "edge-1".parse().expect("a literal id"), tags: Map::new() }
    }
}
