//! The agent of a device with its line to the hub. The line can be cut and drawn anew, as when the agent is started again: modules run on.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tracing::{error, info};

use super::agent::{Agent, AgentOptions};
use super::link::{FromHub, Link};
use super::module::ProcessRuntime;
use super::status::{ModuleStatus, RuntimeStatus};
use crate::base::{Cancel, Clock, CommandError, Exit, Result};
use crate::edgehub::{Client, ClientOptions, MethodAnswer, MethodCall, Timing};

/// Messages that may wait between the line and the agent.
const MESSAGES: usize = 16;
/// Time for the hub to take the agent back; without its hub it runs on by itself.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Time that a module has to run again.
const MODULE_LIMIT: Duration = Duration::from_mins(2);

/// What the agent of a device needs.
pub struct AgentLineOptions {
    /// How it connects to the hub.
    pub client: ClientOptions,
    /// Runs its modules.
    pub runtime: ProcessRuntime,
    /// How fast the product's timers run.
    pub timing: Timing,
    /// Tells the time of reports.
    pub clock: Clock,
    /// File that keeps the last accepted desired properties.
    pub backup: std::path::PathBuf,
}

/// A running agent.
pub struct AgentLine {
    client: ClientOptions,
    to_agent: mpsc::Sender<FromHub>,
    wanted: watch::Receiver<Value>,
    state: watch::Receiver<BTreeMap<String, ModuleStatus>>,
    cancel: Cancel,
    agent: Mutex<Option<JoinHandle<()>>>,
    line: tokio::sync::Mutex<Option<Line>>,
}

struct Line {
    client: Client,
    cancel: Cancel,
    task: JoinHandle<()>,
}

impl AgentLine {
    /// Starts the agent.
    pub fn start(options: AgentLineOptions) -> Self {
        let (to_agent, from_hub) = mpsc::channel(MESSAGES);
        let (reported, wanted) = watch::channel(Value::Object(Map::new()));
        let (state_sender, state) = watch::channel(BTreeMap::new());
        let agent = AgentOptions {
            runtime: options.runtime,
            timing: options.timing,
            clock: options.clock,
            backup: options.backup,
            reported,
            state: state_sender,
        };
        let cancel = Cancel::new();
        let agent = tokio::spawn(Agent::run(agent, from_hub, cancel.clone()));
        let line = draw(&options.client, &to_agent, &wanted);
        Self {
            client: options.client,
            to_agent,
            wanted,
            state,
            cancel,
            agent: Mutex::new(Some(agent)),
            line: tokio::sync::Mutex::new(Some(line)),
        }
    }

    /// Returns what the agent knows of its modules.
    pub fn modules(&self) -> BTreeMap<String, ModuleStatus> {
        self.state.borrow().clone()
    }

    /// Starts the agent again: it connects anew, reads what it shall run, and finds its modules running. Returns when the hub has it, or
    /// does not answer.
    pub async fn restart(&self) -> Result<()> {
        let mut line = self.line.lock().await;
        end(line.take()).await;
        self.to_agent.send(FromHub::Restart).await.map_err(|_| agent_gone())?;
        let new = draw(&self.client, &self.to_agent, &self.wanted);
        let client = new.client.clone();
        *line = Some(new);
        if tokio::time::timeout(CONNECT_LIMIT, client.connected()).await.is_err() {
            info!("the agent runs without its hub");
        }
        Ok(())
    }

    /// Ends a module and starts it again; returns when it runs.
    ///
    /// # Errors
    /// When there is no such module, or it did not start.
    pub async fn restart_module(&self, module: &str) -> Result<()> {
        let mut state = self.state.clone();
        let before = self.modules().get(module).cloned().unwrap_or_default();
        let (answer, answered) = oneshot::channel();
        let call = MethodCall { name: "RestartModule".to_owned(), payload: json!({"id": module}).to_string().into() };
        self.to_agent.send(FromHub::Method { call, answer }).await.map_err(|_| agent_gone())?;
        let answer: MethodAnswer = answered.await.map_err(|_| agent_gone())?;
        if answer.status != 200 {
            let message = answer.payload["message"].as_str().unwrap_or("the agent refused").to_owned();
            return Err(CommandError::new(Exit::BadInput, "sim/not-restarted", message));
        }
        let failed = |status: &ModuleStatus| matches!(status.runtime_status, RuntimeStatus::Backoff | RuntimeStatus::Failed);
        let settled = state.wait_for(|modules| {
            modules.get(module).is_none_or(|now| failed(now) || (now.last_start != before.last_start && now.last_start.is_some()))
        });
        let settled = match tokio::time::timeout(MODULE_LIMIT, settled).await {
            Ok(Ok(modules)) => modules.get(module).cloned(),
            Ok(Err(_)) => return Err(agent_gone()),
            Err(_) => {
                return Err(CommandError::new(Exit::Unavailable, "sim/not-restarted", format!("the module `{module}` does not come back")));
            }
        };
        match settled {
            Some(now) if failed(&now) => {
                let message = format!("the module `{module}` did not start: {}", now.description);
                Err(CommandError::new(Exit::Unavailable, "sim/not-restarted", message))
            }
            _ => Ok(()),
        }
    }

    /// Ends the agent with its modules, and waits for it; its line stays, for their last reports.
    pub async fn stop_agent(&self) {
        self.cancel.cancel();
        let agent = self.agent.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = match agent {
            Some(agent) => Some(agent.await),
            None => None,
        } {
            error!(%error, "the agent failed");
        }
    }

    /// Cuts the line to the hub.
    pub async fn stop_line(&self) {
        end(self.line.lock().await.take()).await;
    }
}

fn agent_gone() -> CommandError {
    CommandError::new(Exit::Failure, "sim/no-agent", "the agent of the device has ended")
}

fn draw(options: &ClientOptions, to_agent: &mpsc::Sender<FromHub>, wanted: &watch::Receiver<Value>) -> Line {
    let cancel = Cancel::new();
    let (client, events) = Client::start(options.clone(), cancel.clone());
    let link = Link::new(client.clone(), events, to_agent.clone(), wanted.clone());
    Line { client, task: tokio::spawn(link.run(cancel.clone())), cancel }
}

async fn end(line: Option<Line>) {
    let Some(line) = line else { return };
    line.cancel.cancel();
    if let Err(error) = line.task.await {
        error!(%error, "the line of the agent failed");
    }
}
