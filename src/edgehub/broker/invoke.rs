//! Methods that a module of this device invokes on another client. The caller hears the product's words; the log keeps apart what they
//! lump together.

use tokio::sync::oneshot;
use tokio::time::{timeout, timeout_at};
use tracing::info;

use super::Broker;
use crate::edgehub::gateway::request::Invocation;
use crate::edgehub::{Feature, InvokeError, MethodAnswer, Outbound};
use crate::model::Identity;

impl Broker {
    /// Hands a method to its client and waits for the answer.
    pub(super) async fn invoke_method(
        &self,
        caller: &Identity,
        target: &Identity,
        invocation: Invocation,
    ) -> Result<MethodAnswer, InvokeError> {
        let method = invocation.call.name.clone();
        let result = self.hand_over(caller, target, invocation).await;
        if let Err(error) = &result {
            info!(%caller, %target, method, %error, "a method was not answered");
        }
        result
    }

    async fn hand_over(&self, caller: &Identity, target: &Identity, invocation: Invocation) -> Result<MethodAnswer, InvokeError> {
        if caller.device_id != self.core.options.device_id {
            return Err(InvokeError::Foreign);
        }
        let sessions = &self.core.sessions;
        let absent = || if sessions.is_connected(target) { InvokeError::NotSubscribed } else { InvokeError::NotConnected };
        let session = match sessions.wanting(target, Feature::Methods) {
            Some(session) => session,
            None => timeout(invocation.connect_time, sessions.wait_for(target, Feature::Methods)).await.map_err(|_| absent())?,
        };
        let (answer, told) = oneshot::channel();
        let deadline = tokio::time::Instant::now() + invocation.response_time;
        let handed = session.outbound.send(Outbound::Method { call: invocation.call, answer });
        // A client that reads nothing keeps its channel full.
        timeout_at(deadline, handed).await.map_err(|_| InvokeError::NoAnswer)?.map_err(|_| InvokeError::NotConnected)?;
        match timeout_at(deadline, told).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(InvokeError::NoAnswer),
        }
    }
}
