//! Reads a twin from the hub, and sets desired properties and tags.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::Result;
use crate::iothub::{Client, HubError, Twin};
use crate::model::Identity;

/// A value for a place in a twin.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Names from the top of the twin: `tags`, or `properties` and `desired`, then what lies below.
    pub path: Vec<String>,
    /// The value; null removes what is there.
    pub value: Value,
}

/// A twin as the hub has it now.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TwinState {
    /// The whole twin, in the service's own shape.
    pub twin: Twin,
}

/// Returns the twin of a device or module.
///
/// # Errors
/// When the hub has no such device or module.
pub async fn get(client: &Client, identity: &Identity) -> Result<TwinState> {
    let twin = client.identity_twin(identity).await?;
    let missing = || HubError::NotFound {
        host: client.host_name().to_owned(),
        subject: format!("twin of {identity}"),
        answer: crate::iothub::error::Answer { status: 404, ..Default::default() },
    };
    Ok(TwinState { twin: twin.ok_or_else(missing)? })
}

/// Sets values in one patch and returns the twin after it.
pub async fn set(client: &Client, identity: &Identity, assignments: &[Assignment]) -> Result<TwinState> {
    Ok(TwinState { twin: client.patch_identity_twin(identity, &patch(assignments), None).await? })
}

/// Returns the merge patch of all assignments; of two for one place the later wins.
fn patch(assignments: &[Assignment]) -> Value {
    let mut patch = Value::Object(Map::new());
    for assignment in assignments {
        place(&mut patch, &assignment.path, &assignment.value);
    }
    patch
}

fn place(target: &mut Value, path: &[String], value: &Value) {
    let [first, rest @ ..] = path else {
        *target = value.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    place(&mut target[first.as_str()], rest, value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn assignments_make_one_patch() {
        let assign = |path: &str, value: Value| Assignment { path: path.split('.').map(str::to_owned).collect(), value };
        let all = [
            assign("properties.desired.threshold", json!(25)),
            assign("tags.ring", json!("canary")),
            assign("properties.desired.limits.low", json!(null)),
            assign("properties.desired.threshold", json!(30)),
        ];
        let expected = json!({ "properties": { "desired": { "threshold": 30, "limits": { "low": null } } }, "tags": { "ring": "canary" } });
        assert_eq!(patch(&all), expected);
    }
}
