//! Looks at a ring through the hub and records what follows: rolling, baking, healthy, suspect, halted.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::release_desk::{Desk, Draft, bake_of, criteria};
use crate::base::{Exit, Result};
use crate::iothub::{Client, Twin};
use crate::ledger::RingChain;
use crate::model::{Identity, Reference};
use crate::release::gate::Now;
use crate::release::health::{AgentReport, ExpectedModule, Health, ReportedModule};
use crate::release::observe::{self, Observation};
use crate::release::{Action, Decision, DeviceReport, PlannedConfiguration, Release, ReleaseRef, State, Verdict, health};
use crate::solution::Ring;

/// Twins that are asked for at the same time.
const AT_ONCE: usize = 16;
/// Attempts when another observer records first.
const ATTEMPTS: u32 = 5;

/// A ring as it was just seen.
pub struct Observed {
    /// Its chain, with what was recorded now.
    pub chain: RingChain,
    /// Its health; `None` when it runs nothing.
    pub health: Option<Health>,
    /// When.
    pub now: Now,
    /// What was recorded now, in order.
    pub recorded: Vec<Action>,
}

/// What a look at a ring leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looking {
    /// The transitions that follow are recorded.
    Recording,
    /// Nothing: the transitions that follow are only told.
    Only,
}

/// Looks at a ring and records the transitions that follow. `failures` counts the failing looks right before this one. `None` when
/// nothing ever entered the ring.
pub async fn observe(desk: &Desk<'_>, hub: &Client, ring: &Ring, failures: u32, looking: Looking) -> Result<Option<Observed>> {
    let mut attempt = 1;
    loop {
        match observe_once(desk, hub, ring, failures, looking).await {
            // Another observer recorded first: what it saw is read and this look goes on from there.
            Err(error) if error.kind == Exit::Conflict && attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

async fn observe_once(desk: &Desk<'_>, hub: &Client, ring: &Ring, failures: u32, looking: Looking) -> Result<Option<Observed>> {
    let Some(mut chain) = desk.chain(&ring.name).await? else { return Ok(None) };
    let now = desk.now(hub).await?;
    let running = chain.state.running().map(|(name, entry)| (name.clone(), entry.id, entry.configurations.clone()));
    let Some((name, id, configurations)) = running else { return Ok(Some(Observed { chain, health: None, now, recorded: Vec::new() })) };
    let release = desk.release(&name).await?.release;
    let devices = devices(hub, &release, &configurations).await?;
    let criteria = criteria(desk.solution, ring);
    let fresh = health::evaluate(&devices, criteria, None);
    let mut recorded = Vec::new();
    loop {
        let entry = chain.state.running().map(|(_, entry)| entry);
        let baseline = entry.filter(|entry| entry.state == State::Baking).and_then(|entry| entry.baseline.clone());
        let health = health::evaluate(&devices, criteria, baseline.as_ref());
        let failures = if health.verdict == Verdict::Failed { failures + 1 } else { 0 };
        let observation = Observation { health: &health, fresh: &fresh, now, failures };
        let Some((action, detail)) = observe::next(&chain.state, observation, bake_of(ring)) else {
            return Ok(Some(Observed { chain, health: Some(health), now, recorded }));
        };
        let decision = if matches!(action, Action::Halted | Action::Suspect) { Decision::Halted } else { Decision::Proceed };
        let reference = ReleaseRef { name: name.clone(), id };
        let draft = Draft { action, release: reference, subjects: release.subjects(), gates: Vec::new(), decision, detail };
        if looking == Looking::Only {
            chain = desk.foresee(chain, &ring.name, draft, now)?;
            continue;
        }
        chain = desk.advance(Some(chain), &ring.name, draft, now, Vec::new()).await?;
        recorded.push(action);
    }
}

/// Reads every device that configurations target, with what its agent reported.
pub async fn devices(hub: &Client, release: &Release, configurations: &[PlannedConfiguration]) -> Result<Vec<DeviceReport>> {
    let mut targeted: BTreeMap<String, Vec<&PlannedConfiguration>> = BTreeMap::new();
    for planned in configurations {
        for twin in hub.query(&query(&planned.condition)).await? {
            targeted.entry(twin.device_id().to_owned()).or_default().push(planned);
        }
    }
    let reports = futures_util::stream::iter(targeted).map(|(device_id, planned)| report(hub, release, device_id, planned));
    let found: Vec<Option<DeviceReport>> = reports.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

fn query(condition: &str) -> String {
    let edge = "SELECT * FROM devices WHERE capabilities.iotEdge = true";
    if condition.trim() == "*" { edge.to_owned() } else { format!("{edge} AND ({condition})") }
}

/// Reads one device; `None` for one that a query still lists though it was deleted.
async fn report(hub: &Client, release: &Release, device_id: String, planned: Vec<&PlannedConfiguration>) -> Result<Option<DeviceReport>> {
    let Some(twin) = hub.identity_twin(&Identity::module(&device_id, Identity::EDGE_AGENT)).await? else {
        let exists = hub.device(&device_id).await?.is_some();
        return Ok(exists.then(|| DeviceReport { device_id, expected: Vec::new(), agent: None }));
    };
    let mut expected: BTreeMap<String, ExpectedModule> = BTreeMap::new();
    let mut applied = true;
    for planned in planned {
        let Some(deployment) = release.deployments.get(&planned.deployment) else { continue };
        for module in &deployment.modules {
            let image = release.modules.get(module);
            let digests = image.into_iter().flat_map(|image| std::iter::once(image.digest).chain(image.platforms.values().copied()));
            let digests: BTreeSet<_> = digests.collect();
            expected.insert(module.to_string(), ExpectedModule { name: module.to_string(), digests });
        }
        // A layer that only changes twins is never shown as applied to the agent.
        let shown = !deployment.layer || !deployment.modules.is_empty();
        applied &= !shown || twin.configuration_status(&planned.id) == Some("Applied");
    }
    let agent = agent_report(&twin, applied);
    if agent.as_ref().is_some_and(|agent| agent.modules.contains_key(EDGE_HUB)) {
        expected.insert(EDGE_HUB.to_owned(), ExpectedModule { name: EDGE_HUB.to_owned(), digests: BTreeSet::new() });
    }
    Ok(Some(DeviceReport { device_id, expected: expected.into_values().collect(), agent }))
}

/// Name of the broker among the system modules.
const EDGE_HUB: &str = "edgeHub";

/// Reads what an agent reported; one that is not connected or reported nothing says nothing.
fn agent_report(twin: &Twin, applied: bool) -> Option<AgentReport> {
    let reported = twin.reported();
    let status = reported.get("lastDesiredStatus")?;
    if !twin.is_connected() {
        return None;
    }
    let members = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let mut modules = members(reported.get("modules"));
    modules.extend(members(reported.get("systemModules")).into_iter().filter(|(name, _)| name == EDGE_HUB));
    Some(AgentReport {
        applied,
        desired_version: twin.desired_version()?,
        last_desired_version: reported.get("lastDesiredVersion").and_then(Value::as_u64),
        status_code: status.get("code").and_then(Value::as_i64),
        status_text: status.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        modules: modules.iter().map(|(name, module)| (name.clone(), reported_module(module))).collect(),
    })
}

fn reported_module(module: &Value) -> ReportedModule {
    let image = module.get("settings").and_then(|settings| settings.get("image")).and_then(Value::as_str);
    let digest = image.and_then(|image| image.parse::<Reference>().ok()).and_then(|image| image.digest);
    ReportedModule {
        status: module.get("runtimeStatus").and_then(Value::as_str).unwrap_or_default().to_owned(),
        restarts: module.get("restartCount").and_then(Value::as_u64).unwrap_or_default(),
        digest,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Digest;

    fn twin(state: &str) -> Twin {
        let digest = Digest::of(b"image");
        let twin = json!({
            "deviceId": "d", "moduleId": "$edgeAgent", "connectionState": state,
            "properties": { "desired": { "$version": 3 }, "reported": {
                "lastDesiredVersion": 3, "lastDesiredStatus": { "code": 200, "description": "" },
                "modules": { "sensor": { "runtimeStatus": "running", "restartCount": 2, "settings": { "image": format!("edgectl.local/g/sensor@{digest}") } } },
                "systemModules": { "edgeHub": { "runtimeStatus": "running" }, "edgeAgent": { "runtimeStatus": "unknown" } },
            } },
        });
        serde_json::from_value(twin).expect("a twin")
    }

    #[test]
    fn reads_what_the_agent_says() {
        let report = agent_report(&twin("Connected"), true).expect("it speaks");
        assert_eq!((report.desired_version, report.last_desired_version, report.status_code), (3, Some(3), Some(200)));
        let names: Vec<_> = report.modules.keys().map(String::as_str).collect();
        assert_eq!(names, ["edgeHub", "sensor"]);
        assert_eq!((report.modules["sensor"].restarts, report.modules["sensor"].digest), (2, Some(Digest::of(b"image"))));
    }

    #[test]
    fn an_agent_that_is_away_says_nothing() {
        assert_eq!(agent_report(&twin("Disconnected"), true), None);
        let silent = serde_json::from_value(json!({ "deviceId": "d", "connectionState": "Connected" })).expect("a twin");
        assert_eq!(agent_report(&silent, true), None);
    }

    #[test]
    fn a_condition_stands_in_parentheses() {
        assert_eq!(query("*"), "SELECT * FROM devices WHERE capabilities.iotEdge = true");
        assert!(query("a = 1 OR b = 2").ends_with("= true AND (a = 1 OR b = 2)"));
    }
}
