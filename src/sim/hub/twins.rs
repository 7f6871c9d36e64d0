//! Twins: what the service reads and patches, what a client reads and reports, and the versions of both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::change::{Change, Effect, IfMatch, next_etag};
use super::fault::Fault;
use super::records::{Kind, key_of};
use crate::iothub::patch::{self, Section};
use crate::iothub::{Device, Twin};
use crate::model::Identity;
use crate::model::twin::diff;

/// A twin as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredTwin {
    pub(super) identity: Identity,
    pub(super) tags: Value,
    pub(super) desired: Value,
    pub(super) desired_version: u64,
    pub(super) reported: Value,
    pub(super) reported_version: u64,
    /// Counts every change of the twin.
    version: u64,
    /// Changes with tags and desired properties, not with reported ones.
    etag: String,
    /// Configuration id to its status on this twin.
    pub(super) configurations: BTreeMap<String, String>,
    desired_time: String,
    reported_time: String,
}

/// How a service patch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// PATCH: merged, null deletes.
    Merge,
    /// PUT: tags and desired properties are replaced whole.
    Replace,
}

impl StoredTwin {
    pub(super) fn new(identity: Identity, time: String) -> Self {
        Self {
            identity,
            tags: json!({}),
            desired: json!({}),
            desired_version: 1,
            reported: json!({}),
            reported_version: 1,
            version: 2,
            etag: next_etag(None),
            configurations: BTreeMap::new(),
            desired_time: time.clone(),
            reported_time: time,
        }
    }

    /// Returns the twin as a connected client reads it.
    pub(super) fn for_client(&self) -> Value {
        json!({
            "desired": versioned(&self.desired, self.desired_version, None),
            "reported": versioned(&self.reported, self.reported_version, None),
        })
    }

    /// Returns the twin as the service shows it.
    pub(super) fn document(&self, device: &Device, connection_state: &str) -> Twin {
        let mut twin = Twin::default();
        twin.set("deviceId", self.identity.device_id.as_str());
        if let Some(module_id) = &self.identity.module_id {
            twin.set("moduleId", module_id.as_str());
        }
        let member = |name: &str| device.members().get(name).cloned().unwrap_or(Value::Null);
        twin.set("etag", self.etag.as_str());
        twin.set("deviceEtag", member("etag"));
        twin.set("status", member("status"));
        twin.set("statusUpdateTime", member("statusUpdatedTime"));
        twin.set("connectionState", connection_state);
        twin.set("lastActivityTime", self.reported_time.as_str());
        twin.set("cloudToDeviceMessageCount", 0);
        twin.set(
            "authenticationType",
            device.members().get("authentication").and_then(|all| all.get("type")).cloned().unwrap_or("sas".into()),
        );
        twin.set("x509Thumbprint", json!({ "primaryThumbprint": null, "secondaryThumbprint": null }));
        twin.set("version", self.version);
        twin.set("tags", self.tags.clone());
        let desired = versioned(&self.desired, self.desired_version, Some(&self.desired_time));
        let reported = versioned(&self.reported, self.reported_version, Some(&self.reported_time));
        twin.set("properties", json!({ "desired": desired, "reported": reported }));
        twin.set("capabilities", member("capabilities"));
        if device.members().contains_key("deviceScope") {
            twin.set("deviceScope", member("deviceScope"));
        }
        let configurations = self.configurations.iter().map(|(id, status)| (id.clone(), json!({ "status": status })));
        twin.set("configurations", configurations.collect::<Map<_, _>>());
        twin
    }
}

/// Returns a section with `$version`, and with `$metadata` when a time is given.
fn versioned(section: &Value, version: u64, time: Option<&str>) -> Value {
    let mut shown = section.clone();
    if let Some(time) = time {
        shown["$metadata"] = json!({ "$lastUpdated": time, "$lastUpdatedVersion": version });
    }
    shown["$version"] = version.into();
    shown
}

impl Change<'_, '_> {
    /// Returns a stored twin, or the service's refusal when the identity is not registered.
    pub(super) fn stored_twin(&self, identity: &Identity) -> Result<StoredTwin, Fault> {
        let found = self.records.get(Kind::Twin, &key_of(identity))?;
        found.ok_or_else(|| match &identity.module_id {
            Some(module_id) => Fault::no_module(&identity.device_id, module_id),
            None => Fault::no_device(&identity.device_id),
        })
    }

    /// Returns the twin of a device or module as the service shows it.
    pub(super) fn twin(&self, identity: &Identity) -> Result<Twin, Fault> {
        let device = self.registered_device(&identity.device_id)?;
        let mut twin = self.stored_twin(identity)?.document(&device, self.connection_state(identity));
        if identity.module_id.is_none() {
            twin.set("cloudToDeviceMessageCount", self.waiting_to_device(&identity.device_id)?.len());
        }
        Ok(twin)
    }

    /// Returns all device twins, or all module twins, in the order of their ids.
    pub(super) fn twins(&self, modules: bool) -> Result<Vec<Twin>, Fault> {
        let devices: BTreeMap<String, Device> =
            self.records.all::<Device>(Kind::Device)?.into_iter().map(|device| (device.device_id().to_owned(), device)).collect();
        let stored = self.records.all::<StoredTwin>(Kind::Twin)?.into_iter().filter(|twin| twin.identity.module_id.is_some() == modules);
        let documents = stored.filter_map(|twin| {
            let device = devices.get(&twin.identity.device_id)?;
            Some(twin.document(device, self.connection_state(&twin.identity)))
        });
        Ok(documents.collect())
    }

    /// Takes a patch or a whole twin from the service; reported properties and system members in it are passed over.
    pub(super) fn patch_twin(&mut self, identity: &Identity, body: &Value, if_match: Option<&IfMatch>, mode: Mode) -> Result<Twin, Fault> {
        if !body.is_object() {
            return Err(Fault::argument("a twin must be an object"));
        }
        let mut twin = self.stored_twin(identity)?;
        if let Some(if_match) = if_match {
            if_match.check(&twin.etag)?;
        }
        let section = |pointer: &str| body.pointer(pointer).filter(|value| mode == Mode::Merge || !value.is_null());
        let tags = section("/tags").map(|value| changed(&twin.tags, value, Section::Tags, mode)).transpose()?;
        let desired = section("/properties/desired").map(|value| changed(&twin.desired, value, Section::Desired, mode)).transpose()?;
        if let Some(tags) = tags {
            twin.tags = tags;
            twin.version += 1;
            twin.etag = next_etag(Some(&twin.etag));
        }
        match desired {
            Some(desired) => self.store_desired(twin, desired)?,
            None => self.records.put(Kind::Twin, &key_of(identity), &twin)?,
        }
        if identity.module_id.is_none() {
            self.retarget(&identity.device_id)?;
        }
        self.twin(identity)
    }

    /// Stores new desired properties under a new version and lets the client know what changed.
    pub(super) fn store_desired(&mut self, mut twin: StoredTwin, desired: Value) -> Result<(), Fault> {
        let empty = Map::new();
        let (old, new) = (twin.desired.as_object().unwrap_or(&empty), desired.as_object().unwrap_or(&empty));
        let mut patch = diff(old, new);
        twin.desired = desired;
        twin.desired_version += 1;
        twin.version += 1;
        twin.etag = next_etag(Some(&twin.etag));
        twin.desired_time = self.time();
        patch.insert("$version".to_owned(), twin.desired_version.into());
        self.records.put(Kind::Twin, &key_of(&twin.identity), &twin)?;
        self.effects.push(Effect::Push { identity: twin.identity, patch: Value::Object(patch) });
        Ok(())
    }

    /// Merges what a client reports and returns the new version.
    pub(super) fn report(&mut self, identity: &Identity, patch: &Value) -> Result<u64, Fault> {
        let mut twin = self.stored_twin(identity)?;
        patch::merge(&mut twin.reported, &patch::without_system(patch));
        patch::check_size(Section::Reported, &twin.reported).map_err(|error| Fault::argument(error.to_string()))?;
        twin.reported_version += 1;
        twin.version += 1;
        twin.reported_time = self.time();
        let version = twin.reported_version;
        self.records.put(Kind::Twin, &key_of(identity), &twin)?;
        if identity.module_id.is_none() {
            self.retarget(&identity.device_id)?;
        }
        Ok(version)
    }
}

/// Returns a section after a service patch, checked against the service's limits.
fn changed(old: &Value, given: &Value, section: Section, mode: Mode) -> Result<Value, Fault> {
    let refuse = |error: patch::LimitError| Fault::argument(error.to_string());
    let given = if given.is_null() { old_removed(old) } else { patch::without_system(given) };
    patch::check(section, &given).map_err(refuse)?;
    let mut new = if mode == Mode::Replace { json!({}) } else { old.clone() };
    patch::merge(&mut new, &given);
    patch::check_size(section, &new).map_err(refuse)?;
    Ok(new)
}

/// Returns the patch that removes every member: what a null in place of a whole section means.
fn old_removed(old: &Value) -> Value {
    Value::Object(old.as_object().into_iter().flatten().map(|(name, _)| (name.clone(), Value::Null)).collect())
}
