//! Targeting: after each change of configurations, devices or what conditions read, each edge device gets its effective content.
//!
//! A module's desired properties are written only when what the deployments say about that module changed, so that a hand edit of a
//! twin lives until the next deployment that means something else; the cloud service takes hand edits back after minutes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::change::Change;
use super::configurations::check_content;
use super::fault::Fault;
use super::records::{Kind, key_of};
use crate::base::Timestamp;
use crate::iothub::{Configuration, Device};
use crate::manifest::{Candidate, effective};

use crate::model::Identity;
use crate::target::Condition;

impl Change<'_, '_> {
    /// Targets all edge devices anew.
    pub(super) fn retarget_all(&mut self) -> Result<(), Fault> {
        let devices: Vec<Device> = self.records.all(Kind::Device)?;
        let candidates = self.candidates()?;
        devices.iter().filter(|device| device.is_edge()).try_for_each(|device| self.target(device.device_id(), &candidates))
    }

    /// Targets one device anew; one that is no edge device takes no deployment.
    pub(super) fn retarget(&mut self, device_id: &str) -> Result<(), Fault> {
        if !self.registered_device(device_id)?.is_edge() {
            return Ok(());
        }
        let candidates = self.candidates()?;
        self.target(device_id, &candidates)
    }

    /// Sets the content of one edge device past all configurations.
    pub(super) fn apply_content(&mut self, device_id: &str, content: &Value) -> Result<(), Fault> {
        if !self.registered_device(device_id)?.is_edge() {
            return Err(Fault::argument(format!("`{device_id}` is no edge device")));
        }
        check_content(content)?;
        let alone = Candidate {
            id: device_id.to_owned(),
            priority: 0,
            created: self.now,
            condition: Condition::Everything,
            content: modules_of(content),
        };
        let twin = self.twin(&Identity::device(device_id))?.into_value();
        let composition = effective(&[alone], &twin);
        if composition.base.is_none() {
            return Err(Fault::bad("InvalidConfigurationContent", "$edgeAgent must have the whole of properties.desired"));
        }
        self.write(device_id, &composition.effective)
    }

    fn candidates(&self) -> Result<Vec<Candidate>, Fault> {
        self.stored_configurations()?.iter().map(candidate).collect()
    }

    fn target(&mut self, device_id: &str, candidates: &[Candidate]) -> Result<(), Fault> {
        let twin = self.twin(&Identity::device(device_id))?.into_value();
        let composition = effective(candidates, &twin);
        if composition.base.is_some() {
            self.write(device_id, &composition.effective)?;
        }
        let status = |id: &String| if composition.applied.contains(id) { "Applied" } else { "Targeted" };
        let statuses: BTreeMap<String, String> = composition.targeted.iter().map(|id| (id.clone(), status(id).to_owned())).collect();
        let agent = Identity::module(device_id, Identity::EDGE_AGENT);
        let mut twin = self.stored_twin(&agent)?;
        if twin.configurations != statuses {
            twin.configurations = statuses;
            self.records.put(Kind::Twin, &key_of(&agent), &twin)?;
        }
        Ok(())
    }

    /// Writes the sections that differ from what was written last.
    fn write(&mut self, device_id: &str, sections: &BTreeMap<String, Value>) -> Result<(), Fault> {
        let mut written: Map<String, Value> = self.records.get(Kind::Applied, device_id)?.unwrap_or_default();
        let before = written.clone();
        for (module_id, desired) in sections {
            if written.get(module_id) == Some(desired) {
                continue;
            }
            self.ensure_module(device_id, module_id)?;
            let twin = self.stored_twin(&Identity::module(device_id, module_id))?;
            if twin.desired != *desired {
                self.store_desired(twin, desired.clone())?;
            }
            written.insert(module_id.clone(), desired.clone());
        }
        written.retain(|module_id, _| sections.contains_key(module_id));
        if written != before {
            self.records.put(Kind::Applied, device_id, &written)?;
        }
        Ok(())
    }
}

fn candidate(configuration: &Configuration) -> Result<Candidate, Fault> {
    Ok(Candidate {
        id: configuration.id().to_owned(),
        priority: configuration.priority(),
        created: configuration.created().unwrap_or(Timestamp::MIN_UTC),
        condition: Condition::parse(configuration.target_condition()).map_err(Fault::internal)?,
        content: modules_of(configuration.content()),
    })
}

fn modules_of(content: &Value) -> Map<String, Value> {
    content.get("modulesContent").and_then(Value::as_object).cloned().unwrap_or_default()
}
