//! Direct methods: calls from the hub and from other clients of the device, and the broker's own.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tracing::info;

use super::core::Core;
use crate::edgehub::gateway::request::Invocation;
use crate::edgehub::{Feature, InvokeError, MethodAnswer, MethodCall, Outbound};
use crate::model::Identity;

/// How long a call from the hub waits for the client's answer.
pub(super) const HUB_RESPONSE_TIME: Duration = Duration::from_secs(330);

/// How long after its subscription a client is given the calls that waited for it.
const SETTLE_TIME: Duration = Duration::from_secs(3);

/// Calls a method for a module of this device. The caller is told less than the log: the product has one word for a client that is away
/// and one that takes no methods.
pub(super) async fn invoke_for(
    core: &Arc<Core>,
    caller: &Identity,
    target: &Identity,
    invocation: Invocation,
) -> Result<MethodAnswer, InvokeError> {
    let method = invocation.call.name.clone();
    let outcome = if caller.device_id == core.options.device_id {
        invoke(core, target, invocation.call, invocation.connect_time, invocation.response_time).await
    } else {
        Err(InvokeError::Foreign)
    };
    if let Err(error) = &outcome {
        info!(%caller, %target, method, %error, "a method was not answered");
    }
    outcome
}

/// Calls a method of a client, or of the broker itself: waits up to `connect` until the client takes methods, and up to `response` for
/// its answer.
pub(super) async fn invoke(
    core: &Arc<Core>,
    target: &Identity,
    call: MethodCall,
    connect: Duration,
    response: Duration,
) -> Result<MethodAnswer, InvokeError> {
    if *target == core.own {
        return Ok(own(core, &call).await);
    }
    let unreached = || if core.sessions.is_connected(target) { InvokeError::NotSubscribed } else { InvokeError::NotConnected };
    let session = match core.sessions.wanting(target, Feature::Methods) {
        Some(session) => session,
        None if connect.is_zero() => return Err(unreached()),
        None => {
            let subscribed = async {
                core.sessions.wait_for(target, Feature::Methods).await;
                sleep(core.options.timing.of(SETTLE_TIME)).await;
            };
            timeout(connect, subscribed).await.map_err(|_| unreached())?;
            core.sessions.wanting(target, Feature::Methods).ok_or_else(unreached)?
        }
    };
    let (answer, told) = oneshot::channel();
    let exchange = async {
        session.outbound.send(Outbound::Method { call, answer }).await.map_err(|_| InvokeError::Ended)?;
        told.await.map_err(|_| InvokeError::Ended)
    };
    timeout(response, exchange).await.map_err(|_| InvokeError::NoAnswer)?
}

/// What `RefreshDeviceScopeIdentityCache` is given. The whole list is read, which holds the named devices too.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefreshRequest {
    device_ids: Vec<String>,
}

/// Answers a method of the broker itself.
async fn own(core: &Core, call: &MethodCall) -> MethodAnswer {
    let refused = |message: String| MethodAnswer { status: 400, payload: json!({ "message": message }) };
    if call.name != "RefreshDeviceScopeIdentityCache" {
        return refused(format!("the broker has no method {}", call.name));
    }
    let request: RefreshRequest = match serde_json::from_slice(&call.payload) {
        Ok(request) => request,
        Err(error) => return refused(format!("the payload is {{\"deviceIds\": [...]}}: {error}")),
    };
    match core.refresh_scope().await {
        Ok(_) => MethodAnswer { status: 200, payload: Value::Null },
        Err(reason) => {
            let message = format!("cannot refresh {}: {reason}", request.device_ids.join(", "));
            MethodAnswer { status: 500, payload: json!({ "message": message }) }
        }
    }
}
