//! Direct methods: calls from the hub and from other clients of the device, and the broker's own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::Broker;
use super::core::Core;
use crate::edgehub::{Feature, MethodAnswer, MethodCall, Outbound};
use crate::model::Identity;

/// How long a call from the hub waits for the client's answer.
pub(super) const HUB_RESPONSE_TIME: Duration = Duration::from_secs(330);

/// How long after its subscription a client is given the calls that waited for it.
const SETTLE_TIME: Duration = Duration::from_secs(3);

/// Why a method was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodFailure {
    /// The client is not connected.
    NotConnected,
    /// It is connected, and takes no methods.
    NotSubscribed,
    /// It left before it answered.
    Ended,
    /// It did not answer in time.
    NoAnswer,
}

impl fmt::Display for MethodFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConnected => "the client is not connected",
            Self::NotSubscribed => "the client is connected and has not subscribed to methods",
            Self::Ended => "the client left before it answered",
            Self::NoAnswer => "the client did not answer in time",
        })
    }
}

impl Broker {
    /// Calls a method of a client of this device: waits up to `connect` until it takes methods, and up to `response` for its answer.
    ///
    /// # Errors
    /// When it is not reached or does not answer.
    pub async fn invoke(
        &self,
        target: &Identity,
        call: MethodCall,
        connect: Duration,
        response: Duration,
    ) -> Result<MethodAnswer, MethodFailure> {
        invoke(&self.core, target, call, connect, response).await
    }
}

/// Calls a method of a client, or of the broker itself.
pub(super) async fn invoke(
    core: &Arc<Core>,
    target: &Identity,
    call: MethodCall,
    connect: Duration,
    response: Duration,
) -> Result<MethodAnswer, MethodFailure> {
    if *target == core.own {
        return Ok(own(core, &call).await);
    }
    let unreached = || if core.sessions.is_connected(target) { MethodFailure::NotSubscribed } else { MethodFailure::NotConnected };
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
        session.outbound.send(Outbound::Method { call, answer }).await.map_err(|_| MethodFailure::Ended)?;
        told.await.map_err(|_| MethodFailure::Ended)
    };
    timeout(response, exchange).await.map_err(|_| MethodFailure::NoAnswer)?
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
