//! Device scopes: which devices are assigned to an edge device, and what that edge device may read of them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::fault::Fault;
use super::records::{Kind, key_of};
use super::rest::{Answer, Ids, Shared, body};
use crate::identity::SigningKey;
use crate::iothub::{Device, Module};
use crate::model::Identity;

/// Devices of a page at most.
const PAGE: usize = 1000;

/// What an edge device asks for its scope with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeRequest {
    #[serde(default)]
    page_size: Option<usize>,
    #[serde(default)]
    continuation_link: Option<String>,
    #[serde(default)]
    auth_chain: Option<String>,
}

/// What an edge device asks for one identity with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityRequest {
    #[serde(default)]
    auth_chain: Option<String>,
    target_device_id: String,
    #[serde(default)]
    target_module_id: Option<String>,
}

/// Answers with the devices and modules in the scope of an edge device, a page at a time.
pub(super) async fn list(State(core): Shared, Path((edge, module)): Ids, bytes: Bytes) -> Answer<Json<Value>> {
    let request: ScopeRequest = body(&bytes)?;
    check_caller(&edge, &module, request.auth_chain.as_deref())?;
    let size = request.page_size.filter(|size| (1..=PAGE).contains(size)).unwrap_or(PAGE);
    let (page, next) = core.change(move |change| change.scope_page(&edge, request.continuation_link.as_deref(), size)).await?;
    let (devices, modules): (Vec<Device>, Vec<Vec<Module>>) = page.into_iter().unzip();
    let modules: Vec<Module> = modules.into_iter().flatten().collect();
    Ok(Json(json!({ "devices": devices, "modules": modules, "continuationLink": next })))
}

/// Answers with one identity in the scope of an edge device, and its device.
pub(super) async fn one(State(core): Shared, Path((edge, module)): Ids, bytes: Bytes) -> Answer<Json<Value>> {
    let request: IdentityRequest = body(&bytes)?;
    check_caller(&edge, &module, request.auth_chain.as_deref())?;
    let (device, module) = core
        .change(move |change| {
            let device = change.device_in_scope(&edge, &request.target_device_id)?;
            let module = request.target_module_id.map(|module| change.module(&request.target_device_id, &module)).transpose()?;
            Ok((device, module))
        })
        .await?;
    Ok(Json(json!({ "devices": [device], "modules": module.into_iter().collect::<Vec<_>>() })))
}

/// The broker of an edge device asks for that device alone; the emulator serves no nested edge.
fn check_caller(edge: &str, module: &str, auth_chain: Option<&str>) -> Result<(), Fault> {
    if module != Identity::EDGE_HUB {
        return Err(Fault::argument(format!("`{module}` is not the broker of an edge device")));
    }
    match auth_chain.filter(|chain| !chain.is_empty() && *chain != edge) {
        Some(chain) => Err(Fault::argument(format!("nested edge is not supported: the chain is `{chain}`"))),
        None => Ok(()),
    }
}

impl Change<'_, '_> {
    /// Returns the device in the scope of an edge device: itself, or one that is assigned to it.
    fn device_in_scope(&self, edge: &str, device_id: &str) -> Result<Device, Fault> {
        let scope = self.scope_of_edge(edge)?;
        let device = self.device(device_id)?;
        if is_in(&device, edge, &scope) { Ok(device) } else { Err(Fault::no_device(device_id)) }
    }

    /// Returns the scope of a device that must be an edge device.
    fn scope_of_edge(&self, edge: &str) -> Result<String, Fault> {
        let device = self.registered_device(edge)?;
        if device.is_edge() { Ok(device.device_scope().to_owned()) } else { Err(Fault::argument(format!("`{edge}` is no edge device"))) }
    }

    /// Returns devices of a scope with their modules, from the one after `after` on, and after which to go on.
    #[expect(clippy::type_complexity, reason = "a page and where the next begins")]
    fn scope_page(&self, edge: &str, after: Option<&str>, size: usize) -> Result<(Vec<(Device, Vec<Module>)>, Option<String>), Fault> {
        let scope = self.scope_of_edge(edge)?;
        let mut devices: Vec<Device> = self.records.all(Kind::Device)?;
        devices.retain(|device| is_in(device, edge, &scope) && after.is_none_or(|after| device.device_id() > after));
        devices.sort_by(|left, right| left.device_id().cmp(right.device_id()));
        let more = devices.len() > size;
        devices.truncate(size);
        let next = devices.last().filter(|_| more).map(|device| device.device_id().to_owned());
        let with_modules = devices.into_iter().map(|device| {
            let modules = self.modules(device.device_id())?;
            Ok((device, modules))
        });
        Ok((with_modules.collect::<Result<_, Fault>>()?, next))
    }

    /// Returns the members `deviceScope` and `parentScopes` of a device to be stored. An edge device keeps the scope that was made for
    /// it; any other device is assigned to the edge device whose scope it is given. What is not given stays.
    pub(super) fn scopes(&self, given: &Device, old: Option<&Device>, made: Option<String>) -> Result<(Value, Value), Fault> {
        let absent = |name: &str| !given.members().contains_key(name);
        let parents: Vec<&str> = match old.filter(|_| absent("parentScopes")) {
            Some(old) => old.parent_scopes(),
            None => given.parent_scopes(),
        };
        if let Some(own) = made {
            for parent in &parents {
                self.check_scope(parent, Some(&own))?;
            }
            return Ok((own.into(), json!(parents)));
        }
        let scope = match old.filter(|_| absent("deviceScope")) {
            Some(old) => old.device_scope(),
            None => given.device_scope(),
        };
        // Tools write either of the two.
        let scope = if scope.is_empty() && absent("deviceScope") { parents.first().copied().unwrap_or_default() } else { scope };
        if scope.is_empty() {
            return Ok((Value::Null, json!([])));
        }
        self.check_scope(scope, None)?;
        if !absent("parentScopes") && !parents.is_empty() && parents != [scope] {
            return Err(invalid("the parent scope of a device that is no edge device is its device scope"));
        }
        Ok((scope.into(), json!([scope])))
    }

    fn check_scope(&self, scope: &str, own: Option<&str>) -> Result<(), Fault> {
        let edges: Vec<Device> = self.records.all(Kind::Device)?;
        let known = edges.iter().any(|edge| edge.is_edge() && edge.device_scope() == scope);
        if known && own != Some(scope) { Ok(()) } else { Err(invalid(format!("`{scope}` is not the scope of another edge device"))) }
    }

    /// Takes the devices from an edge device that is removed.
    pub(super) fn orphan(&mut self, scope: &str) -> Result<(), Fault> {
        let all: Vec<Device> = self.records.all(Kind::Device)?;
        for mut device in all.into_iter().filter(|device| !scope.is_empty() && device.parent_scopes().contains(&scope)) {
            device.set("parentScopes", json!([]));
            if !device.is_edge() {
                device.set("deviceScope", Value::Null);
            }
            let device_id = device.device_id().to_owned();
            self.records.put(Kind::Device, &device_id, &device)?;
        }
        Ok(())
    }

    /// Returns the keys of the broker of an edge device that speaks for an identity of its scope.
    pub(super) fn keys_on_behalf(&self, broker: &Identity, identity: &Identity) -> Result<[SigningKey; 2], Fault> {
        let of_scope = || Fault::unauthorized(format!("`{broker}` may not speak for `{identity}`"));
        if broker.module_id.as_deref() != Some(Identity::EDGE_HUB) {
            return Err(of_scope());
        }
        let device = self.device_in_scope(&broker.device_id, &identity.device_id).map_err(|_| of_scope())?;
        if !device.is_enabled() {
            return Err(Fault::unauthorized(format!("device `{}` is disabled", identity.device_id)));
        }
        if identity.module_id.is_some() && self.records.get::<Value>(Kind::Module, &key_of(identity))?.is_none() {
            return Err(of_scope());
        }
        self.keys_of(broker)
    }
}

fn is_in(device: &Device, edge: &str, scope: &str) -> bool {
    device.device_id() == edge || (!device.is_edge() && !scope.is_empty() && device.device_scope() == scope)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidDeviceScope", message)
}
