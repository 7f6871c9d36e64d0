//! The agent's line to the hub: the whole desired document whenever it may have changed, and reported properties as patches against
//! what the hub has. It hides that connections come and go.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{debug, warn};

use crate::base::Cancel;
use crate::edgehub::{Client, ClientEvent, MethodAnswer, MethodCall};
use crate::iothub::patch::{merge, without_system};
use crate::model::twin::diff;

/// Pause before the twin is asked for again on a connection that lives.
const RETRY: Duration = Duration::from_secs(2);

/// What the line brings to the agent.
#[derive(Debug)]
pub enum FromHub {
    /// The whole desired document, `$version` included.
    Desired(Value),
    /// The agent shall begin anew, with its modules as they are.
    Restart,
    /// A direct method.
    Method {
        /// The call.
        call: MethodCall,
        /// Takes the answer.
        answer: oneshot::Sender<MethodAnswer>,
    },
}

/// The line itself.
pub struct Link {
    client: Client,
    events: mpsc::Receiver<ClientEvent>,
    agent: mpsc::Sender<FromHub>,
    reported: watch::Receiver<Value>,
    /// Twin as the hub has it; `None` while that is not known.
    twin: Option<Twin>,
}

struct Twin {
    desired: Value,
    reported: Value,
}

impl Link {
    /// Returns a line between a client and an agent. `reported` holds what the hub shall have.
    pub fn new(
        client: Client,
        events: mpsc::Receiver<ClientEvent>,
        agent: mpsc::Sender<FromHub>,
        reported: watch::Receiver<Value>,
    ) -> Self {
        Self { client, events, agent, reported, twin: None }
    }

    /// Runs until cancelled or until client or agent are gone.
    pub async fn run(mut self, cancel: Cancel) {
        loop {
            let carried_on = tokio::select! {
                () = cancel.cancelled() => return,
                event = self.events.recv() => match event {
                    Some(event) => self.take(event).await,
                    None => return,
                },
                changed = self.reported.changed() => changed.is_ok(),
                () = tokio::time::sleep(RETRY), if self.twin.is_none() && self.client.is_connected() => self.refresh().await,
            };
            if !carried_on {
                return;
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.report() => {}
            }
        }
    }

    /// Takes an event; false when the agent is gone.
    async fn take(&mut self, event: ClientEvent) -> bool {
        match event {
            ClientEvent::Connected => self.refresh().await,
            ClientEvent::Disconnected { reason, .. } => {
                debug!(reason, "the agent is without its hub");
                self.twin = None;
                true
            }
            ClientEvent::Desired(patch) => self.patched(&patch).await,
            ClientEvent::Method { call, answer } => self.agent.send(FromHub::Method { call, answer }).await.is_ok(),
            ClientEvent::Input { .. } | ClientEvent::CloudToDevice { .. } => true,
        }
    }

    /// Fetches the whole twin.
    async fn refresh(&mut self) -> bool {
        match self.client.twin().await {
            Ok(mut twin) => {
                let desired = twin["desired"].take();
                let reported = without_system(&twin["reported"]);
                let reported = if reported.is_object() { reported } else { Value::Object(Map::new()) };
                self.twin = Some(Twin { desired: desired.clone(), reported });
                self.agent.send(FromHub::Desired(desired)).await.is_ok()
            }
            Err(error) => {
                warn!(%error, "the agent cannot read its twin");
                self.twin = None;
                true
            }
        }
    }

    /// Applies a patch; when one was missed, the whole twin is fetched instead.
    async fn patched(&mut self, patch: &Value) -> bool {
        let version = |document: &Value| document["$version"].as_u64();
        match &mut self.twin {
            Some(twin) if version(patch) <= version(&twin.desired) => true,
            Some(twin) if version(patch) == version(&twin.desired).map(|known| known + 1) => {
                merge(&mut twin.desired, patch);
                let desired = twin.desired.clone();
                self.agent.send(FromHub::Desired(desired)).await.is_ok()
            }
            _ => self.refresh().await,
        }
    }

    /// Sends what the hub does not have yet.
    async fn report(&mut self) {
        let Some(twin) = &mut self.twin else { return };
        let wanted = self.reported.borrow_and_update().clone();
        let (Value::Object(has), Value::Object(wants)) = (&twin.reported, &wanted) else { return };
        let patch = diff(has, wants);
        if patch.is_empty() {
            return;
        }
        match self.client.report(&Value::Object(patch)).await {
            Ok(_) => twin.reported = wanted,
            Err(error) => {
                warn!(%error, "the hub did not take a report");
                self.twin = None;
            }
        }
    }
}
