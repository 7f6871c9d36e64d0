//! Health of a ring, from what the devices told the hub and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::Digest;

/// Restart counts by device and module at the start of a bake.
pub type Baseline = BTreeMap<String, BTreeMap<String, u64>>;

/// What a ring needs to count as healthy; shares are of all targeted devices, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// Least share of healthy devices.
    pub success: u8,
    /// Greatest share of failed devices.
    pub errors: u8,
    /// Least number of devices that said anything.
    pub minimum: u32,
}

/// What a module must be on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedModule {
    /// Name.
    pub name: String,
    /// Digests, any of which may run: index and platform manifests; empty for a module whose image is not judged.
    pub digests: BTreeSet<Digest>,
}

/// What a module is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedModule {
    /// `running`, `backoff`, `stopped`, `failed`, `unhealthy`, `dead`, `unknown`.
    pub status: String,
    /// How often it was started again.
    pub restarts: u64,
    /// Digest of the image that it was started from.
    pub digest: Option<Digest>,
}

/// A targeted device: what it must run, and what its agent reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceReport {
    /// The device.
    pub device_id: String,
    /// Modules that the release puts there.
    pub expected: Vec<ExpectedModule>,
    /// What the agent said; `None` when it said nothing or is away.
    pub agent: Option<AgentReport>,
}

/// What an agent reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentReport {
    /// Whether every configuration that targets the device is applied to it.
    pub applied: bool,
    /// Version of the desired properties.
    pub desired_version: u64,
    /// The version that the agent last worked on.
    pub last_desired_version: Option<u64>,
    /// The outcome of that: 200 when all is well.
    pub status_code: Option<i64>,
    /// What it said about the outcome.
    pub status_text: String,
    /// Modules as they are.
    pub modules: BTreeMap<String, ReportedModule>,
}

/// Devices by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counts {
    /// Targeted devices.
    pub targeted: u64,
    /// Those that run the release as it should be.
    pub healthy: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that said nothing, or not yet.
    pub unknown: u64,
}

/// Three-valued health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Enough devices are well.
    Healthy,
    /// Too many devices failed.
    Failed,
    /// It cannot be told, or not yet.
    Inconclusive,
}

/// Health of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The verdict.
    pub verdict: Verdict,
    /// Devices by state.
    pub counts: Counts,
    /// Restart counts of the healthy devices, the baseline when a bake begins now.
    pub restarts: Baseline,
    /// What is wrong, by device, sorted; healthy devices are left out.
    pub findings: BTreeMap<String, Finding>,
}

/// Why a device is not healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It failed.
    Failed(String),
    /// It cannot be told.
    Unknown(String),
}

impl Finding {
    /// Returns why, a sentence fragment.
    pub fn reason(&self) -> &str {
        match self {
            Self::Failed(reason) | Self::Unknown(reason) => reason,
        }
    }
}

/// Judges a ring. `baseline` holds the restart counts since which nothing may have restarted; `None` while no bake runs.
pub fn evaluate(devices: &[DeviceReport], criteria: Criteria, baseline: Option<&Baseline>) -> Health {
    let mut counts = Counts { targeted: devices.len() as u64, ..Counts::default() };
    let (mut restarts, mut findings) = (Baseline::new(), BTreeMap::new());
    for device in devices {
        match judge(device, baseline) {
            Ok(counted) => {
                counts.healthy += 1;
                restarts.insert(device.device_id.clone(), counted);
            }
            Err(finding) => {
                match finding {
                    Finding::Failed(_) => counts.failed += 1,
                    Finding::Unknown(_) => counts.unknown += 1,
                }
                findings.insert(device.device_id.clone(), finding);
            }
        }
    }
    Health { verdict: verdict(counts, criteria), counts, restarts, findings }
}

/// Weighs counts. Silent devices are in the denominator and never a success; no devices at all are never healthy.
pub fn verdict(counts: Counts, criteria: Criteria) -> Verdict {
    let share = |percent: u8| counts.targeted * u64::from(percent);
    if counts.failed * 100 > share(criteria.errors) {
        return Verdict::Failed;
    }
    let enough = counts.healthy + counts.failed >= u64::from(criteria.minimum.max(1));
    if counts.targeted > 0 && enough && counts.healthy * 100 >= share(criteria.success) {
        return Verdict::Healthy;
    }
    Verdict::Inconclusive
}

/// Judges a device; a healthy one gives the restart counts of its modules.
fn judge(device: &DeviceReport, baseline: Option<&Baseline>) -> Result<BTreeMap<String, u64>, Finding> {
    let unknown = |reason: String| Finding::Unknown(reason);
    let agent = device.agent.as_ref().ok_or_else(|| unknown("it says nothing".to_owned()))?;
    if !agent.applied {
        return Err(unknown("the configuration is not applied yet".to_owned()));
    }
    if agent.last_desired_version != Some(agent.desired_version) {
        return Err(unknown(format!("its agent has not worked on version {} yet", agent.desired_version)));
    }
    match agent.status_code {
        Some(200) => {}
        // 406 is the agent's own word for not knowing yet.
        None | Some(406) => return Err(unknown("its agent has not finished".to_owned())),
        Some(code) => return Err(Finding::Failed(format!("its agent reports {code} {}", agent.status_text).trim_end().to_owned())),
    }
    let counted = judge_modules(&device.expected, agent)?;
    let Some(baseline) = baseline else { return Ok(counted) };
    let before = baseline.get(&device.device_id).ok_or_else(|| unknown("it joined during the bake".to_owned()))?;
    for (module, restarts) in &counted {
        let since = before.get(module).copied().unwrap_or_default();
        // The agent takes its count back to 0 once a module ran long enough, so that fewer is no restart.
        if *restarts > since {
            return Err(Finding::Failed(format!("{module} restarted during the bake ({since} to {restarts} restarts)")));
        }
    }
    Ok(counted)
}

fn judge_modules(expected: &[ExpectedModule], agent: &AgentReport) -> Result<BTreeMap<String, u64>, Finding> {
    let mut counted = BTreeMap::new();
    let mut waiting = None;
    for module in expected {
        let name = &module.name;
        let Some(reported) = agent.modules.get(name) else {
            waiting = waiting.or_else(|| Some(format!("{name} is not reported")));
            continue;
        };
        match reported.status.as_str() {
            "running" => {}
            "unknown" | "" => waiting = waiting.or_else(|| Some(format!("the state of {name} is unknown"))),
            status => return Err(Finding::Failed(format!("{name} is {status} after {} restarts", reported.restarts))),
        }
        let right = module.digests.is_empty() || reported.digest.is_some_and(|digest| module.digests.contains(&digest));
        if !right {
            waiting = waiting.or_else(|| Some(format!("{name} does not run the image of this release")));
        }
        counted.insert(name.clone(), reported.restarts);
    }
    waiting.map_or(Ok(counted), |reason| Err(Finding::Unknown(reason)))
}
