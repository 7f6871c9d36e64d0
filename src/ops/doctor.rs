//! What this machine has, what it lacks, what installs the lacking, and what cannot be done without it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::base::{Cancel, CommandError, Exit, Result};
use crate::engine::{self, Engine, EngineError};
use crate::model::Repository;
use crate::process::{self, Invocation};
use crate::registry::{self, StoreError, StoreOptions};

/// What the doctor looks at.
pub struct DoctorOptions {
    /// Search path for programs.
    pub path: String,
    /// Environment for asking programs their version.
    pub environment: BTreeMap<String, String>,
    /// Folder to ask in.
    pub directory: PathBuf,
    /// Endpoint of the container engine, when the settings name one.
    pub engine: Option<String>,
    /// Folder of the user's sockets, where engines listen too.
    pub runtime_dir: PathBuf,
    /// The solution's registry, when it names one.
    pub registry: Option<Repository>,
    /// How stores are opened.
    pub store: StoreOptions,
    /// Ends it early.
    pub cancel: Cancel,
}

/// The findings: `checks[]` with `name`, `state` (`ok`, `missing`, `unknown`), `found` (version or address, null when missing), `installs`
/// and `without` (null when nothing is lacking).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// One finding for each thing that was looked at.
    pub checks: Vec<Check>,
}

/// One finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is there.
    pub state: State,
    /// Version, or address, or why it is unknown.
    pub found: Option<String>,
    /// What installs it.
    pub installs: Option<&'static str>,
    /// What cannot be done without it.
    pub without: Option<&'static str>,
}

/// Whether a thing is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// There and answering.
    Ok,
    /// Not there.
    Missing,
    /// Could not be told.
    Unknown,
}

/// A program that is asked for its version.
struct Tool {
    name: &'static str,
    arguments: &'static [&'static str],
    installs: &'static str,
    without: &'static str,
}

const TOOLS: [Tool; 4] = [
    Tool {
        name: "git",
        arguments: &["--version"],
        installs: "apt-get install git, or your system's package",
        without: "releases are kept in files under .edgectl/ledger, which one machine alone can see",
    },
    Tool {
        name: "cargo",
        arguments: &["--version"],
        installs: "rustup, from rustup.rs, or your system's package",
        without: "Rust modules cannot be built",
    },
    Tool {
        name: "python3",
        arguments: &["--version"],
        installs: "apt-get install python3, or your system's package",
        without: "Python modules cannot run as processes",
    },
    Tool {
        name: "node",
        arguments: &["--version"],
        installs: "apt-get install nodejs, or your system's package",
        without: "Node.js modules cannot run as processes",
    },
];

const ENGINE_INSTALLS: &str = "apt-get install docker.io or podman; DOCKER_HOST names one that listens elsewhere";
const ENGINE_WITHOUT: &str = "`image load` has nowhere to load to; all else works";
const REGISTRY_INSTALLS: &str = "set `registry:` in edgectl.yaml to one that answers, or leave it out for the embedded store";
const REGISTRY_WITHOUT: &str = "images cannot be pushed to where devices pull them from";

/// Looks at everything; a thing that is missing is a finding, not an error.
pub async fn doctor(options: &DoctorOptions) -> Result<Diagnosis> {
    let mut checks = Vec::new();
    for tool in &TOOLS {
        checks.push(ask(tool, options).await);
    }
    checks.push(engine(options).await);
    checks.push(registry(options).await);
    Ok(Diagnosis { checks })
}

impl Diagnosis {
    /// Refuses when something is missing or unknown; for `--check`.
    ///
    /// # Errors
    /// `Refused`, naming what is not there.
    pub fn require_all(&self) -> Result<()> {
        let lacking: Vec<&str> = self.checks.iter().filter(|check| check.state != State::Ok).map(|check| check.name).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        Err(CommandError::new(Exit::Refused, "doctor/lacking", format!("this machine lacks {}", lacking.join(", "))))
    }
}

async fn ask(tool: &Tool, options: &DoctorOptions) -> Check {
    let Some(program) = process::find(tool.name, &options.path) else { return tool.check(State::Missing, None) };
    let invocation = Invocation {
        program,
        arguments: tool.arguments.iter().map(Into::into).collect(),
        directory: options.directory.clone(),
        environment: options.environment.clone(),
        stdin: None,
        timeout: Duration::from_secs(10),
        cancel: options.cancel.clone(),
    };
    match process::run(&invocation).await.and_then(|output| output.require_success(&invocation, 1)) {
        Ok(output) => tool.check(State::Ok, String::from_utf8_lossy(&output.stdout).lines().next().map(ToOwned::to_owned)),
        Err(error) => tool.check(State::Unknown, Some(error.to_string())),
    }
}

impl Tool {
    fn check(&self, state: State, found: Option<String>) -> Check {
        check(self.name, state, found, self.installs, self.without)
    }
}

fn check(name: &'static str, state: State, found: Option<String>, installs: &'static str, without: &'static str) -> Check {
    let lacking = state != State::Ok;
    Check { name, state, found, installs: lacking.then_some(installs), without: lacking.then_some(without) }
}

async fn registry(options: &DoctorOptions) -> Check {
    let finding = |state, found: String| check("registry", state, Some(found), REGISTRY_INSTALLS, REGISTRY_WITHOUT);
    let Some(repository) = &options.registry else { return finding(State::Ok, "embedded store".to_owned()) };
    if options.store.offline {
        return finding(State::Unknown, format!("{} was not asked: --offline", repository.registry()));
    }
    let answered = async { registry::open(repository, &options.store)?.tags(repository).await };
    match answered.await {
        Ok(_) => finding(State::Ok, repository.registry().to_owned()),
        Err(error @ StoreError::Unauthorized { .. }) => finding(State::Unknown, error.to_string()),
        Err(error) => finding(State::Missing, error.to_string()),
    }
}

async fn engine(options: &DoctorOptions) -> Check {
    let finding = |state, found| check("engine", state, found, ENGINE_INSTALLS, ENGINE_WITHOUT);
    match Engine::connect(options.engine.as_deref(), &engine::candidates(&options.runtime_dir)).await {
        Ok(engine) => finding(State::Ok, Some(format!("{} {} at {}", engine.version, engine.platform, engine.endpoint))),
        Err(EngineError::NotFound { .. }) => finding(State::Missing, None),
        Err(error) => finding(State::Unknown, Some(error.to_string())),
    }
}
