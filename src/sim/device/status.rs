//! What the agent knows of its modules, and the reported properties that it makes of that (the product's `$edgeAgent` reported
//! properties, schema 1.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desired::{Desired, Invalid, ModuleSpec};
use crate::base::Timestamp;
use crate::iothub::time::time_text;
use crate::model::Platform;

/// Where a module is in its life, in the agent's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeStatus {
    /// Not yet known: it is being prepared for the first time.
    #[default]
    Unknown,
    /// It waits to be started again.
    Backoff,
    /// It runs.
    Running,
    /// It ended well, or was told to stop.
    Stopped,
    /// It failed and is not started again.
    Failed,
}

impl RuntimeStatus {
    /// Returns the word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Backoff => "backoff",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// What is known of one module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleStatus {
    /// Where it is in its life.
    pub runtime_status: RuntimeStatus,
    /// Exit code of its last end, 0 before.
    pub exit_code: i32,
    /// What happened last, for people.
    pub description: String,
    /// When it started last.
    pub last_start: Option<Timestamp>,
    /// When it ended last.
    pub last_exit: Option<Timestamp>,
    /// When it was started again last.
    pub last_restart: Option<Timestamp>,
    /// How often it was started again in a row.
    pub restart_count: u32,
    /// Image as it was told.
    pub image: String,
    /// Digest of the image that runs.
    pub digest: Option<String>,
    /// Its process.
    pub pid: Option<i32>,
}

/// What the agent last made of its desired properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Version of the desired properties.
    pub version: u64,
    /// 200, or the code of what is wrong.
    pub code: u16,
    /// What is wrong.
    pub description: String,
}

impl Verdict {
    /// Returns the verdict on a version that was accepted, or not.
    pub fn of(version: u64, invalid: Option<&Invalid>) -> Self {
        match invalid {
            None => Self { version, code: 200, description: String::new() },
            Some(invalid) => Self { version, code: invalid.code, description: invalid.description.clone() },
        }
    }
}

/// Returns the reported properties of the agent.
pub fn reported(
    desired: &Desired,
    modules: &BTreeMap<String, (ModuleSpec, ModuleStatus)>,
    verdict: Option<&Verdict>,
    device_start: Timestamp,
) -> Value {
    let host = Platform::host();
    let mut document = Map::new();
    document.insert("schemaVersion".to_owned(), "1.1".into());
    document.insert("version".to_owned(), json!({"version": env!("CARGO_PKG_VERSION"), "build": "", "commit": ""}));
    let runtime =
        json!({"type": "docker", "platform": {"os": host.os, "architecture": host.architecture, "version": env!("CARGO_PKG_VERSION")}});
    document.insert("runtime".to_owned(), runtime);
    if let Some(verdict) = verdict {
        document.insert("lastDesiredVersion".to_owned(), verdict.version.into());
        document.insert("lastDesiredStatus".to_owned(), json!({"code": verdict.code, "description": verdict.description}));
    }
    let system = desired.system.iter().map(|(id, spec)| (id.clone(), system_module(spec, device_start)));
    document.insert("systemModules".to_owned(), Value::Object(system.collect()));
    let modules = modules.iter().map(|(id, (spec, status))| (id.clone(), module(spec, status)));
    document.insert("modules".to_owned(), Value::Object(modules.collect()));
    Value::Object(document)
}

/// The system modules are the simulator itself: they run since the device does.
fn system_module(spec: &ModuleSpec, device_start: Timestamp) -> Value {
    let status = ModuleStatus {
        runtime_status: RuntimeStatus::Running,
        last_start: Some(device_start),
        description: "given by the simulator".to_owned(),
        ..ModuleStatus::default()
    };
    module(spec, &status)
}

fn module(spec: &ModuleSpec, status: &ModuleStatus) -> Value {
    let mut settings = json!({"image": spec.image, "createOptions": spec.create_options_text});
    if let Some(digest) = &status.digest {
        settings["imageHash"] = digest.as_str().into();
    }
    let environment: Map<String, Value> = spec.environment.iter().map(|(name, value)| (name.clone(), json!({"value": value}))).collect();
    let mut entry = json!({
        "type": "docker",
        "status": spec.status.word(),
        "restartPolicy": spec.restart_policy.word(),
        "imagePullPolicy": spec.pull_policy.word(),
        "startupOrder": spec.startup_order,
        "settings": settings,
        "env": environment,
        "runtimeStatus": status.runtime_status.word(),
        "exitCode": status.exit_code,
        "statusDescription": status.description,
        "restartCount": status.restart_count,
    });
    let times =
        [("lastStartTimeUtc", status.last_start), ("lastExitTimeUtc", status.last_exit), ("lastRestartTimeUtc", status.last_restart)];
    for (name, time) in times {
        if let Some(time) = time {
            entry[name] = time_text(time).into();
        }
    }
    if let Some(version) = &spec.version {
        entry["version"] = version.as_str().into();
    }
    entry
}
