//! `manifest merge`: what a device runs when all deployments that target it are laid over each other.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::fleet::twin_of_device;
use super::input;
use super::manifest_generate::{GenerateOptions, manifest_generate};
use crate::base::jsonc::Document;
use crate::base::{CommandError, Context as _, Exit, Finding, Result, Timestamp, fs};
use crate::iothub::Client;
use crate::manifest::deployments::{Defaults, DeploymentError, Deployments, read};
use crate::manifest::{Candidate, Composition, effective};
use crate::model::Identity;
use crate::target::fleet::FleetFormat;
use crate::target::{Condition, is_edge_device};

/// Where deployments come from.
#[derive(Clone, Debug)]
pub enum DeploymentSource {
    /// Files, each with one or many.
    Files(Vec<PathBuf>),
    /// The solution, as `manifest generate` writes it.
    Solution(GenerateOptions),
    /// The configurations of the hub.
    Hub,
}

/// Where the device's twin comes from.
#[derive(Clone, Debug)]
pub enum DeviceSource {
    /// A file with the twin.
    Twin(PathBuf),
    /// The line of a fleet file.
    Fleet {
        /// Device id.
        id: String,
        /// File with one twin a line.
        file: PathBuf,
    },
    /// The twin that the hub has; what the device runs now is known then, too.
    Hub(String),
}

/// What applies to a device.
#[derive(Clone, Debug)]
pub struct Merged {
    /// Device id.
    pub device: String,
    /// Whether it is an edge device; others take no deployment.
    pub edge: bool,
    /// What comes out.
    pub composition: Composition,
    /// All deployments that were looked at, by order: lower ones first.
    pub deployments: Vec<Candidate>,
    /// Configurations that are for other than edge devices, and were left out.
    pub left_out: Vec<String>,
    /// What is odd about the files.
    pub findings: Vec<Finding>,
}

/// Composes what applies to a device. `hub` is needed when a source is the hub.
///
/// # Errors
/// A file or a solution with faults, a device that is not there, a hub that does not answer.
pub async fn manifest_merge(deployments: &DeploymentSource, device: &DeviceSource, hub: Option<&Client>) -> Result<Merged> {
    let found = match deployments {
        DeploymentSource::Files(files) => from_files(files)?,
        DeploymentSource::Solution(options) => from_solution(options).await?,
        DeploymentSource::Hub => from_hub(require(hub)?).await?,
    };
    let (twin, previous) = match device {
        DeviceSource::Twin(file) => (twin_of(file)?, Map::new()),
        DeviceSource::Fleet { id, file } => (in_fleet(file, id)?, Map::new()),
        DeviceSource::Hub(id) => (in_hub(require(hub)?, id).await?, modules_of_device(require(hub)?, id).await?),
    };
    let mut candidates = found.candidates;
    candidates.sort_by(|left, right| (left.priority, left.created, &left.id).cmp(&(right.priority, right.created, &right.id)));
    Ok(Merged {
        device: twin.get("deviceId").and_then(Value::as_str).unwrap_or_default().to_owned(),
        edge: is_edge_device(&twin),
        composition: effective(&candidates, &twin).keeping(&previous),
        deployments: candidates,
        left_out: found.others,
        findings: found.findings,
    })
}

fn require(hub: Option<&Client>) -> Result<&Client> {
    hub.ok_or_else(|| CommandError::new(Exit::Failure, "hub/not-connected", "no hub was connected to"))
}

/// Reads the deployments of files; a bare manifest is named by its file and lies above those of the files before it.
fn from_files(files: &[PathBuf]) -> Result<Deployments> {
    let mut all = Deployments::default();
    for (file, priority) in files.iter().zip(0..) {
        let input = input::read(file)?;
        let id = input.name.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let read = read(&input.bytes, &input.name, Defaults { id: &id, priority })?;
        for candidate in read.candidates {
            all.add(candidate).map_err(DeploymentError::from).context(format!("cannot use {}", input.name.display()))?;
        }
        all.others.extend(read.others);
        all.findings.extend(read.findings);
    }
    Ok(all)
}

async fn from_solution(options: &GenerateOptions) -> Result<Deployments> {
    let generated = manifest_generate(options).await?;
    let mut all = Deployments { findings: generated.findings, ..Deployments::default() };
    for made in generated.deployments {
        let condition = made.target.as_deref().map_or(Ok(Condition::Everything), Condition::parse)?;
        let content = made.content.get("modulesContent").and_then(Value::as_object).cloned().unwrap_or_default();
        let candidate = Candidate { id: made.name, priority: made.priority.into(), created: Timestamp::MIN_UTC, condition, content };
        all.add(candidate).map_err(DeploymentError::from)?;
    }
    Ok(all)
}

async fn from_hub(hub: &Client) -> Result<Deployments> {
    let mut all = Deployments::default();
    for configuration in hub.configurations().await? {
        let id = configuration.id().to_owned();
        all.add_configuration(&configuration.into_value())
            .map_err(DeploymentError::from)
            .context(format!("cannot use the configuration `{id}` of the hub"))?;
    }
    Ok(all)
}

/// Reads the twin of a device.
fn twin_of(file: &Path) -> Result<Value> {
    let input = input::read(file)?;
    let document = Document::parse(&input.bytes, &input.name)?;
    let twin = document.to_value();
    if !twin.get("deviceId").is_some_and(Value::is_string) {
        let message = format!("{} is no twin of a device: it has no `deviceId`", input.name.display());
        let hint = "A twin is {\"deviceId\": …, \"capabilities\": {\"iotEdge\": true}, \"tags\": {…}, \"properties\": {…}}.";
        return Err(CommandError::new(Exit::BadInput, "manifest/bad-twin", message).hint(hint));
    }
    Ok(twin)
}

/// Finds a device in a fleet file of any form.
fn in_fleet(file: &Path, id: &str) -> Result<Value> {
    if file.as_os_str() == "-" {
        return twin_of_device(std::io::stdin().lock(), Path::new("<stdin>"), FleetFormat::Auto, id);
    }
    twin_of_device(BufReader::new(fs::open(file)?), file, FleetFormat::Auto, id)
}

async fn in_hub(hub: &Client, id: &str) -> Result<Value> {
    let twin = hub.twin(id).await?.ok_or_else(|| unknown_device(id))?;
    Ok(twin.into_value())
}

fn unknown_device(id: &str) -> CommandError {
    CommandError::new(Exit::BadInput, "hub/unknown-device", format!("the hub has no device `{id}`"))
}

/// Returns the desired properties of a device's modules, as the hub has them now.
///
/// # Errors
/// A device that is not there, or a hub that does not answer.
pub async fn modules_of_device(hub: &Client, id: &str) -> Result<Map<String, Value>> {
    let mut found = Map::new();
    for module in hub.modules(id).await? {
        let name = module.module_id().to_owned();
        let Some(twin) = hub.module_twin(id, &name).await? else { continue };
        let mut desired = twin.desired().as_object().cloned().unwrap_or_default();
        desired.retain(|member, _| member != "$metadata" && member != "$version");
        // The identities of the system modules are there before anything was deployed to them.
        if !(desired.is_empty() && [Identity::EDGE_AGENT, Identity::EDGE_HUB].contains(&name.as_str())) {
            found.insert(name, Value::Object(desired));
        }
    }
    Ok(found)
}
