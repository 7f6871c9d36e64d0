//! The identity registry: devices and modules, their keys and entity tags.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::change::{Change, Effect, IfMatch, next_etag};
use super::fault::Fault;
use super::records::{Kind, key_of};
use super::twins::StoredTwin;
use crate::identity::SigningKey;
use crate::iothub::registry::normal_thumbprint;
use crate::iothub::{Device, Module};
use crate::model::{DeviceId, Identity};

/// Who manages the modules that deployments name.
const EDGE: &str = "IotEdge";
/// Modules of one device; the service takes no more.
const MAX_MODULES: usize = 50;
/// The time of something that never happened.
const NEVER: &str = "0001-01-01T00:00:00Z";

impl Change<'_, '_> {
    /// Returns the registry entry as it is stored.
    pub(super) fn registered_device(&self, device_id: &str) -> Result<Device, Fault> {
        self.records.get(Kind::Device, device_id)?.ok_or_else(|| Fault::no_device(device_id))
    }

    /// Returns a device with its present connection state.
    pub(super) fn device(&self, device_id: &str) -> Result<Device, Fault> {
        Ok(self.shown(self.registered_device(device_id)?))
    }

    fn shown(&self, mut device: Device) -> Device {
        let state = self.connection_state(&Identity::device(device.device_id()));
        device.set("connectionState", state);
        device
    }

    /// Returns the first `top` devices; `top` outside 1 to 1000 counts as 1000.
    pub(super) fn devices(&self, top: Option<usize>) -> Result<Vec<Device>, Fault> {
        let top = top.filter(|top| (1..=1000).contains(top)).unwrap_or(1000);
        let devices: Vec<Device> = self.records.all(Kind::Device)?;
        Ok(devices.into_iter().take(top).map(|device| self.shown(device)).collect())
    }

    /// Creates a device, or updates one when If-Match is given.
    pub(super) fn put_device(&mut self, device_id: &str, given: &Device, if_match: Option<&IfMatch>) -> Result<Device, Fault> {
        check_id(device_id, given.device_id())?;
        let old: Option<Device> = self.records.get(Kind::Device, device_id)?;
        let exists = || Fault::new(StatusCode::CONFLICT, "DeviceAlreadyExists", format!("device `{device_id}` is registered already"));
        check_put(if_match, old.as_ref().map(|old| old.etag().unwrap_or_default()), exists, || Fault::no_device(device_id))?;

        let time = self.time();
        let mut device = entry(given.members(), old.as_ref().map(Device::members), &time)?;
        let made = device.get("capabilities").and_then(|all| all.get("iotEdge")) == Some(&Value::Bool(true));
        device["deviceId"] = device_id.into();
        if !device["capabilities"].is_object() {
            device["capabilities"] = json!({ "iotEdge": false });
        }
        let status = given.members().get("status").filter(|status| !status.is_null()).cloned().unwrap_or("enabled".into());
        if !["enabled", "disabled"].iter().any(|known| status == **known) {
            return Err(Fault::argument("the status of a device is enabled or disabled"));
        }
        device["status"] = status;
        let own_scope = made.then(|| {
            let scope = old.as_ref().filter(|old| old.is_edge()).map(|old| old.device_scope().to_owned()).filter(|scope| !scope.is_empty());
            scope.unwrap_or_else(|| format!("ms-azure-iot-edge://{device_id}-{}", text_of(&device, "generationId")))
        });
        (device["deviceScope"], device["parentScopes"]) = self.scopes(given, old.as_ref(), own_scope)?;
        if device["deviceScope"].is_null() {
            device.as_object_mut().map(|members| members.shift_remove("deviceScope"));
        }
        let device = Device::from_members(object(device));
        self.records.put(Kind::Device, device_id, &device)?;
        if old.is_none() {
            self.records.put(Kind::Twin, device_id, &StoredTwin::new(Identity::device(device_id), time))?;
        }
        if made {
            for module_id in [Identity::EDGE_AGENT, Identity::EDGE_HUB] {
                self.ensure_module(device_id, module_id)?;
            }
        }
        if !device.is_enabled() {
            self.close(Identity::device(device_id), "the device was disabled");
        }
        self.retarget(device_id)?;
        self.device(device_id)
    }

    /// Removes a device with its modules and twins.
    pub(super) fn delete_device(&mut self, device_id: &str, if_match: Option<&IfMatch>) -> Result<(), Fault> {
        let device = self.registered_device(device_id)?;
        require(if_match)?.check(device.etag().unwrap_or_default())?;
        for module in self.records.of_modules::<Module>(Kind::Module, device_id)? {
            self.remove_module(device_id, module.module_id())?;
        }
        self.records.remove(Kind::Device, device_id)?;
        if device.is_edge() {
            self.orphan(device.device_scope())?;
        }
        self.records.remove(Kind::Applied, device_id)?;
        self.records.remove(Kind::Mailbox, device_id)?;
        self.forget(Identity::device(device_id), "the device was removed")
    }

    /// Returns a module with its present connection state.
    pub(super) fn module(&self, device_id: &str, module_id: &str) -> Result<Module, Fault> {
        let identity = Identity::module(device_id, module_id);
        let found: Option<Module> = self.records.get(Kind::Module, &key_of(&identity))?;
        if found.is_none() {
            self.registered_device(device_id)?;
        }
        let mut module = found.ok_or_else(|| Fault::no_module(device_id, module_id))?;
        module.set("connectionState", self.connection_state(&identity));
        Ok(module)
    }

    /// Returns the modules of a device.
    pub(super) fn modules(&self, device_id: &str) -> Result<Vec<Module>, Fault> {
        self.registered_device(device_id)?;
        let modules: Vec<Module> = self.records.of_modules(Kind::Module, device_id)?;
        modules.iter().map(|module| self.module(device_id, module.module_id())).collect()
    }

    /// Creates a module, or updates one when If-Match is given.
    pub(super) fn put_module(
        &mut self,
        device_id: &str,
        module_id: &str,
        given: &Module,
        if_match: Option<&IfMatch>,
    ) -> Result<Module, Fault> {
        check_id(module_id, given.module_id())?;
        self.registered_device(device_id)?;
        let key = key_of(&Identity::module(device_id, module_id));
        let old: Option<Module> = self.records.get(Kind::Module, &key)?;
        let exists = || {
            let message = format!("module `{module_id}` is registered on device `{device_id}` already");
            Fault::new(StatusCode::CONFLICT, "ModuleAlreadyExistsOnDevice", message)
        };
        let etag = old.as_ref().map(|old| old.etag().unwrap_or_default());
        check_put(if_match, etag, exists, || Fault::no_module(device_id, module_id))?;
        if old.is_none() && self.records.of_modules::<Module>(Kind::Module, device_id)?.len() >= MAX_MODULES {
            let message = format!("device `{device_id}` has {MAX_MODULES} modules");
            return Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "TooManyModulesOnDevice", message));
        }
        let time = self.time();
        let mut module = entry(given.members(), old.as_ref().map(Module::members), &time)?;
        module["deviceId"] = device_id.into();
        module["moduleId"] = module_id.into();
        module["managedBy"] = given.members().get("managedBy").cloned().unwrap_or(Value::Null);
        self.records.put(Kind::Module, &key, &module)?;
        if old.is_none() {
            self.records.put(Kind::Twin, &key, &StoredTwin::new(Identity::module(device_id, module_id), time))?;
        }
        self.module(device_id, module_id)
    }

    /// Makes sure that a module of a deployment is registered.
    pub(super) fn ensure_module(&mut self, device_id: &str, module_id: &str) -> Result<(), Fault> {
        let key = key_of(&Identity::module(device_id, module_id));
        if self.records.get::<Value>(Kind::Module, &key)?.is_none() {
            self.put_module(device_id, module_id, &Module::new(device_id, module_id).managed_by(EDGE), None)?;
        }
        Ok(())
    }

    /// Removes a module and its twin.
    pub(super) fn delete_module(&mut self, device_id: &str, module_id: &str, if_match: Option<&IfMatch>) -> Result<(), Fault> {
        let module = self.module(device_id, module_id)?;
        require(if_match)?.check(module.etag().unwrap_or_default())?;
        if [Identity::EDGE_AGENT, Identity::EDGE_HUB].contains(&module_id) && self.registered_device(device_id)?.is_edge() {
            return Err(Fault::argument(format!("an edge device keeps its {module_id}")));
        }
        self.remove_module(device_id, module_id)
    }

    fn remove_module(&mut self, device_id: &str, module_id: &str) -> Result<(), Fault> {
        let identity = Identity::module(device_id, module_id);
        self.records.remove(Kind::Module, &key_of(&identity))?;
        self.forget(identity, "the module was removed")
    }

    fn forget(&mut self, identity: Identity, reason: &str) -> Result<(), Fault> {
        self.records.remove(Kind::Twin, &key_of(&identity))?;
        self.records.remove(Kind::Session, &key_of(&identity))?;
        self.close(identity, reason);
        Ok(())
    }

    fn close(&mut self, identity: Identity, reason: &str) {
        self.effects.push(Effect::Close { identity, reason: reason.to_owned() });
    }

    /// Returns the keys that an identity may sign with, or the reason why it may not connect.
    pub(super) fn keys_of(&self, identity: &Identity) -> Result<[SigningKey; 2], Fault> {
        let device = self.registered_device(&identity.device_id)?;
        if !device.is_enabled() {
            return Err(Fault::unauthorized(format!("device `{}` is disabled", identity.device_id)));
        }
        let keys = match &identity.module_id {
            None => device.symmetric_keys(),
            Some(module_id) => self.module(&identity.device_id, module_id)?.symmetric_keys(),
        };
        let keys = keys.ok_or_else(|| Fault::unauthorized(format!("`{identity}` has no symmetric keys to sign with")))?;
        Ok([keys.primary, keys.secondary])
    }
}

/// Returns the members that devices and modules share: keys, generation, entity tag, times.
fn entry(given: &serde_json::Map<String, Value>, old: Option<&serde_json::Map<String, Value>>, time: &str) -> Result<Value, Fault> {
    let kept = |name: &str| old.and_then(|old| old.get(name)).cloned();
    let mut made = Value::Object(given.clone());
    let generation =
        kept("generationId").unwrap_or_else(|| (uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000_000_000).to_string().into());
    made["generationId"] = generation;
    made["etag"] = next_etag(kept("etag").as_ref().and_then(Value::as_str)).into();
    made["authentication"] = authentication(given.get("authentication"), old.and_then(|old| old.get("authentication")))?;
    made["connectionStateUpdatedTime"] = NEVER.into();
    made["lastActivityTime"] = NEVER.into();
    made["cloudToDeviceMessageCount"] = 0.into();
    made["statusUpdatedTime"] = time.into();
    Ok(made)
}

/// Returns the authentication to store: given keys are checked, kept ones stay, missing ones are made.
fn authentication(given: Option<&Value>, old: Option<&Value>) -> Result<Value, Fault> {
    let kind = given.and_then(|given| given.get("type")).and_then(Value::as_str).unwrap_or("sas");
    let thumbprints = given.and_then(|given| given.get("x509Thumbprint")).cloned();
    let thumbprints = thumbprints.unwrap_or_else(|| json!({ "primaryThumbprint": null, "secondaryThumbprint": null }));
    if kind != "sas" {
        let known = ["selfSigned", "certificateAuthority", "none"].contains(&kind);
        let refuse = || Fault::argument(format!("`{kind}` is no type of authentication"));
        if kind == "selfSigned" {
            check_thumbprints(&thumbprints)?;
        }
        return known.then(|| json!({ "type": kind, "symmetricKey": null, "x509Thumbprint": thumbprints })).ok_or_else(refuse);
    }
    let key = |name: &str| -> Result<Value, Fault> {
        let at = |from: Option<&Value>| from.and_then(|from| from.get("symmetricKey")?.get(name)?.as_str().map(str::to_owned));
        let text = at(given).filter(|text| !text.is_empty()).or_else(|| at(old));
        let key = match text {
            Some(text) => SigningKey::from_base64(&text).map_err(|error| Fault::argument(error.to_string()))?,
            None => SigningKey::generate().map_err(Fault::internal)?,
        };
        Ok(key.to_base64().as_str().into())
    };
    let keys = json!({ "primaryKey": key("primaryKey")?, "secondaryKey": key("secondaryKey")? });
    Ok(json!({ "type": "sas", "symmetricKey": keys, "x509Thumbprint": thumbprints }))
}

/// A device that signs in by thumbprint has one or two: SHA-1 or SHA-256 in hex.
fn check_thumbprints(thumbprints: &Value) -> Result<(), Fault> {
    let good = |text: &str| {
        let text = normal_thumbprint(text);
        [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let of = |name: &str| thumbprints.get(name).filter(|value| !value.is_null()).map(|value| value.as_str().unwrap_or_default());
    match (of("primaryThumbprint"), of("secondaryThumbprint")) {
        (Some(primary), secondary) if good(primary) && secondary.is_none_or(good) => Ok(()),
        _ => Err(Fault::argument("selfSigned needs a primaryThumbprint: SHA-1 or SHA-256 of the certificate in hex")),
    }
}

/// Refuses ids that the service refuses, and a body about something else.
fn check_id(id: &str, in_body: &str) -> Result<(), Fault> {
    id.parse::<DeviceId>().map_err(|error| Fault::argument(error.to_string()))?;
    if id == in_body { Ok(()) } else { Err(Fault::argument(format!("the body is about `{in_body}`, the path about `{id}`"))) }
}

/// A PUT without If-Match creates only, one with it updates only.
fn check_put(
    if_match: Option<&IfMatch>,
    old_etag: Option<&str>,
    exists: impl FnOnce() -> Fault,
    missing: impl FnOnce() -> Fault,
) -> Result<(), Fault> {
    match (if_match, old_etag) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(exists()),
        (Some(_), None) => Err(missing()),
        (Some(if_match), Some(etag)) => if_match.check(etag),
    }
}

fn require(if_match: Option<&IfMatch>) -> Result<&IfMatch, Fault> {
    if_match.ok_or_else(|| Fault::argument("removing needs an If-Match header: an entity tag or *"))
}

fn text_of(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    }
}
