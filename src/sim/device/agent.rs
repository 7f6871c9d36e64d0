//! The agent of a device: it converges its modules to what the hub desires and reports what became of that. It owns all state; the
//! instances of modules and the line to the hub are tasks that speak to it over channels.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{info, warn};

use super::desired::{Desired, ModuleSpec, Status};
use super::image::options_not_given;
use super::link::FromHub;
use super::module::{Change, Instance, ModuleEvent, ProcessRuntime};
use super::plan::{Actual, Step, plan};
use super::restart::{Next, after_exit, healthy_after};
use super::status::{ModuleStatus, RuntimeStatus, Verdict, reported};
use crate::base::{Cancel, Clock, Timestamp, fs};
use crate::edgehub::Timing;
use crate::edgehub::{MethodAnswer, MethodCall};

/// How many changes of modules may wait.
const EVENTS: usize = 64;

/// What an agent needs.
pub struct AgentOptions {
    /// Runs its modules.
    pub runtime: ProcessRuntime,
    /// How fast time runs for back-offs.
    pub timing: Timing,
    /// Tells the time of reports.
    pub clock: Clock,
    /// File that keeps the last accepted desired properties, for a start without the hub.
    pub backup: PathBuf,
    /// Takes the reported properties for the hub.
    pub reported: watch::Sender<Value>,
    /// Takes the state of the modules, for `sim status`.
    pub state: watch::Sender<BTreeMap<String, ModuleStatus>>,
}

/// The agent of one device.
pub struct Agent {
    options: AgentOptions,
    desired: Desired,
    verdict: Option<Verdict>,
    modules: BTreeMap<String, Module>,
    events: mpsc::Sender<ModuleEvent>,
    instances: u64,
    started: Timestamp,
}

/// A module as the agent keeps it.
struct Module {
    spec: ModuleSpec,
    status: ModuleStatus,
    instance: Option<(u64, Cancel, JoinHandle<()>)>,
    /// When it is started again.
    due: Option<Instant>,
    /// When the present instance started.
    running_since: Option<Instant>,
}

impl Module {
    fn is_active(&self) -> bool {
        self.instance.is_some() || self.due.is_some()
    }
}

impl Agent {
    /// Runs the agent until cancelled; all modules have ended when it returns.
    pub async fn run(options: AgentOptions, mut hub: mpsc::Receiver<FromHub>, cancel: Cancel) {
        let (events, mut changes) = mpsc::channel(EVENTS);
        let started = options.clock.now();
        let mut agent =
            Self { options, desired: Desired::default(), verdict: None, modules: BTreeMap::new(), events, instances: 0, started };
        agent.restore().await;
        loop {
            agent.publish();
            let due = agent.modules.values().filter_map(|module| module.due).min();
            tokio::select! {
                () = cancel.cancelled() => break,
                Some(event) = changes.recv() => agent.changed(event),
                () = at(due) => agent.start_due(),
                message = hub.recv() => match message {
                    Some(FromHub::Desired(document)) => agent.converge(&document).await,
                    Some(FromHub::Restart) => agent.begin_anew().await,
                    Some(FromHub::Method { call, answer }) => agent.answer(&call, answer).await,
                    None => break,
                },
            }
        }
        agent.stop_all().await;
    }

    /// Starts with what was desired last: a device must run without its hub.
    async fn restore(&mut self) {
        match fs::read_json::<Value>(&self.options.backup) {
            Ok(document) => self.converge(&document).await,
            Err(error) if error.is_not_found() => {}
            Err(error) => warn!(%error, "the last deployment is not known any more"),
        }
    }

    /// Forgets what a new process would not know; the modules run on, as containers do, and keep their restart counts.
    async fn begin_anew(&mut self) {
        self.verdict = None;
        self.started = self.options.clock.now();
        self.restore().await;
    }

    async fn converge(&mut self, document: &Value) {
        let version = document["$version"].as_u64().unwrap_or_default();
        let desired = match Desired::parse(document) {
            Ok(desired) => desired,
            Err(invalid) => {
                warn!(version, code = invalid.code, "desired properties refused: {}", invalid.description);
                self.verdict = Some(Verdict::of(version, Some(&invalid)));
                return;
            }
        };
        if let Err(error) = fs::write_json(&self.options.backup, document) {
            warn!(%error, "the deployment will not survive a restart without the hub");
        }
        let known = |module: &Module| Actual { spec: module.spec.clone(), active: module.is_active() };
        let actual = self.modules.iter().map(|(id, module)| (id.clone(), known(module))).collect();
        let steps = plan(&desired.modules, &actual);
        info!(version, steps = steps.len(), "a deployment");
        self.desired = desired;
        for step in steps {
            self.carry_out(step).await;
        }
        self.verdict = Some(Verdict::of(version, None));
    }

    async fn carry_out(&mut self, step: Step) {
        match step {
            Step::Stop(id) => self.stop(&id).await,
            Step::Remove(id) => {
                self.modules.remove(&id);
                if !self.desired.modules.contains_key(&id) {
                    self.options.runtime.host.retire(&id).await;
                }
            }
            Step::Create(id) => {
                let Some(spec) = self.desired.modules.get(&id).cloned() else { return };
                for option in options_not_given(&spec.create_options) {
                    info!(module = id, option, "the process runtime does not carry out this create option");
                }
                let status = ModuleStatus { image: spec.image.clone(), description: "created".to_owned(), ..ModuleStatus::default() };
                let status = match spec.status {
                    Status::Running => status,
                    Status::Stopped => ModuleStatus { runtime_status: RuntimeStatus::Stopped, ..status },
                };
                self.modules.insert(id, Module { spec, status, instance: None, due: None, running_since: None });
            }
            Step::Adjust(id) => {
                if let (Some(module), Some(spec)) = (self.modules.get_mut(&id), self.desired.modules.get(&id)) {
                    module.spec = spec.clone();
                }
            }
            Step::Start(id) => self.start(&id),
        }
    }

    fn start(&mut self, id: &str) {
        self.instances += 1;
        let Some(module) = self.modules.get_mut(id) else { return };
        let stop = Cancel::new();
        let instance = Instance {
            module: id.to_owned(),
            number: self.instances,
            spec: module.spec.clone(),
            stop: stop.clone(),
            events: self.events.clone(),
        };
        let task = tokio::spawn(instance.run(self.options.runtime.clone()));
        module.instance = Some((self.instances, stop, task));
        module.due = None;
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        let due: Vec<String> =
            self.modules.iter().filter(|(_, module)| module.due.is_some_and(|due| due <= now)).map(|(id, _)| id.clone()).collect();
        for id in due {
            if let Some(module) = self.modules.get_mut(&id) {
                module.status.restart_count += 1;
                module.status.last_restart = Some(self.options.clock.now());
            }
            self.start(&id);
        }
    }

    /// Ends a module and waits until nothing of it runs. Its task never waits for the agent: what it tells late is dropped.
    async fn stop(&mut self, id: &str) {
        let Some(module) = self.modules.get_mut(id) else { return };
        module.due = None;
        module.running_since = None;
        if let Some((_, stop, task)) = module.instance.take() {
            stop.cancel();
            if let Err(error) = task.await {
                warn!(%error, module = id, "the task of a module failed");
            }
            module.status.last_exit = Some(self.options.clock.now());
        }
        module.status.runtime_status = RuntimeStatus::Stopped;
        module.status.pid = None;
        "stopped".clone_into(&mut module.status.description);
    }

    /// Ends all modules at once.
    async fn stop_all(&mut self) {
        let instances: Vec<_> = self.modules.values_mut().filter_map(|module| module.instance.take()).collect();
        for (_, stop, _) in &instances {
            stop.cancel();
        }
        for (_, _, task) in instances {
            if let Err(error) = task.await {
                warn!(%error, "the task of a module failed");
            }
        }
    }

    fn changed(&mut self, event: ModuleEvent) {
        let now = self.options.clock.now();
        let timing = self.options.timing;
        let Some(module) = self.modules.get_mut(&event.module) else { return };
        if module.instance.as_ref().is_none_or(|(number, ..)| *number != event.instance) {
            return;
        }
        match event.change {
            Change::Prepared(digest) => module.status.digest = Some(digest),
            Change::Started(pid) => {
                module.status.runtime_status = RuntimeStatus::Running;
                module.status.last_start = Some(now);
                module.status.pid = Some(pid);
                module.status.description = format!("running since {}", crate::base::clock::rfc3339_seconds(now));
                module.running_since = Some(Instant::now());
            }
            Change::NotStarted(reason) => {
                warn!(module = event.module, reason, "not started");
                module.ended(-1, reason, timing);
            }
            Change::Exited(code) => {
                warn!(module = event.module, code, "ended by itself");
                module.status.last_exit = Some(now);
                module.ended(code, format!("ended with code {code}"), timing);
            }
        }
    }

    async fn answer(&mut self, call: &MethodCall, answer: oneshot::Sender<MethodAnswer>) {
        let (status, payload) = match call.name.as_str() {
            "ping" => (200, Value::Null),
            "RestartModule" => self.restart_module(&call.payload).await,
            other => (404, json!({"message": format!("the agent has no method {other}")})),
        };
        if answer.send(MethodAnswer { status, payload }).is_err() {
            info!(method = call.name, "the caller of a method is gone");
        }
    }

    async fn restart_module(&mut self, payload: &[u8]) -> (i32, Value) {
        let request: Value = serde_json::from_slice(payload).unwrap_or_default();
        let Some(id) = request["id"].as_str() else {
            return (400, json!({"message": "the payload has no `id`"}));
        };
        if !self.modules.contains_key(id) {
            return (404, json!({"message": format!("there is no module {id}")}));
        }
        self.stop(id).await;
        self.start(id);
        (200, Value::Null)
    }

    fn publish(&self) {
        let known = self.modules.iter().map(|(id, module)| (id.clone(), (module.spec.clone(), module.status.clone()))).collect();
        let document = reported(&self.desired, &known, self.verdict.as_ref(), self.started);
        let state = known.into_iter().map(|(id, (_, status))| (id, status)).collect();
        self.options.state.send_if_modified(|old| replace(old, state));
        self.options.reported.send_if_modified(|old| replace(old, document));
    }
}

impl Module {
    /// Takes the end of the instance and decides what comes next.
    fn ended(&mut self, code: i32, description: String, timing: Timing) {
        self.instance = None;
        self.status.pid = None;
        if self.running_since.take().is_some_and(|since| since.elapsed() >= healthy_after(timing)) {
            self.status.restart_count = 0;
        }
        self.status.exit_code = code;
        self.status.description = description;
        let next = after_exit(self.spec.restart_policy, code == 0, self.status.restart_count, timing);
        self.status.runtime_status = match next {
            Next::Stopped => RuntimeStatus::Stopped,
            Next::Failed => RuntimeStatus::Failed,
            Next::Restart(after) => {
                self.due = Some(Instant::now() + after);
                RuntimeStatus::Backoff
            }
        };
    }
}

fn replace<T: PartialEq>(old: &mut T, new: T) -> bool {
    let changed = *old != new;
    *old = new;
    changed
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
