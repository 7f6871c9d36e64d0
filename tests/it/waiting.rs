//! Waiting for a condition, and the deployment that several tests give a world.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Long enough for a loaded machine; every wait ends as soon as what it waits for is there.
pub const LIMIT: Duration = Duration::from_mins(1);

/// Looks until something is there.
///
/// # Panics
/// When it is not there in time; `what` names it.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Returns the content of a configuration without modules whose one route leads everything to the hub.
pub fn everything_upstream() -> Value {
    json!({"modulesContent": {
        "$edgeAgent": {"properties.desired": {"schemaVersion": "1.1", "runtime": {"type": "docker", "settings": {}},
            "systemModules": {
                "edgeAgent": {"type": "docker", "settings": {"image": "agent:1.5"}},
                "edgeHub": {"type": "docker", "status": "running", "restartPolicy": "always", "settings": {"image": "hub:1.5"}}},
            "modules": {}}},
        "$edgeHub": {"properties.desired": {"schemaVersion": "1.1", "routes": {"up": "FROM /messages/* INTO $upstream"},
            "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}}}}})
}
