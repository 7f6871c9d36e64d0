//! A world that lives: its devices, and what other commands ask of it over the control socket.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tracing::{info, warn};

use super::address::{Addresses, MQTT_PORT};
use super::control::{self, Controlled, DeviceClients, RestartRequest, WorldCertificates};
use super::supervisor::{RunningHub, SupervisorOptions};
use super::{
    Device, DevicePlan, DeviceStatus, Hub, ModuleRow, State, Supervisor, WorldError, WorldFile, WorldPaths, WorldPlan, WorldStatus, file,
};
use crate::base::{Cancel, CommandError, Context as _, Exit, Result, fs};
use crate::edgehub::{Broker, MAX_CLIENTS};
use crate::identity::Authority;
use crate::iothub;
use crate::model::Identity;
use crate::process::{Spawner, exec};
use crate::sim::device::host::ModuleCredentials;
use crate::sim::device::{EdgeDevice, HubEndpoint, Surroundings};

/// Time for a call of the supervisor to its own hub.
const HUB_TIMEOUT: Duration = Duration::from_secs(20);
/// Time that calls on the control socket have to end once the world shall stop.
const FAREWELL: Duration = Duration::from_secs(1);

/// A world that lives.
pub(super) struct World {
    paths: WorldPaths,
    plan: WorldPlan,
    addresses: Addresses,
    cancel: Cancel,
    control: std::path::PathBuf,
    /// The hub, as its service sees it.
    registry: iothub::Client,
    shared: Surroundings,
    file: RwLock<WorldFile>,
    devices: RwLock<BTreeMap<String, Arc<EdgeDevice>>>,
    /// Held while parts are started again.
    restarting: tokio::sync::Mutex<()>,
}

impl World {
    pub(super) fn new(
        options: &SupervisorOptions,
        plan: WorldPlan,
        addresses: Addresses,
        hub: &RunningHub,
        endpoint: HubEndpoint,
        authority: Arc<Authority>,
    ) -> Result<Self> {
        let file = WorldFile {
            schema_version: file::SCHEMA_VERSION,
            name: options.paths.name().to_string(),
            state: State::Starting,
            reason: None,
            supervisor: Supervisor {
                pid: std::process::id(),
                guard_pid: u32::try_from(nix::unistd::getppid().as_raw()).unwrap_or_default(),
            },
            hub: Hub {
                host_name: endpoint.host_name.clone(),
                address: endpoint.https.ip(),
                https_port: endpoint.https.port(),
                mqtt_port: endpoint.mqtt.port(),
                connection_string_file: hub.connection_string_file.clone(),
                ca_file: options.paths.ca_file(),
            },
            devices: plan.devices.iter().map(|device| described(device, &addresses)).collect(),
            control_socket: options.runtime.control(),
        };
        fs::write(&options.paths.ca_file(), endpoint.roots.as_bytes())?;
        file.save(&options.paths)?;
        let client = iothub::ClientOptions {
            ca_pem: Some(endpoint.roots.clone().into_bytes()),
            address: Some(SocketAddr::new(endpoint.https.ip(), endpoint.https.port())),
            timeout: HUB_TIMEOUT,
            clock: options.clock,
        };
        let no_program = |error| CommandError::new(Exit::Failure, "sim/no-executable", format!("cannot find this program: {error}"));
        let shared = Surroundings {
            hub: endpoint,
            authority,
            paths: options.paths.clone(),
            runtime: options.runtime.clone(),
            store: options.store.clone(),
            spawner: Spawner::start(exec::own_executable().map_err(no_program)?)?,
            timing: plan.timing,
            durability: plan.durability,
            max_clients: MAX_CLIENTS,
            clock: options.clock,
        };
        Ok(Self {
            paths: options.paths.clone(),
            registry: iothub::Client::new(hub.connection_string().clone(), client)?,
            plan,
            addresses,
            cancel: options.cancel.clone(),
            control: options.runtime.control(),
            shared,
            file: RwLock::new(file),
            devices: RwLock::default(),
            restarting: tokio::sync::Mutex::default(),
        })
    }

    /// Registers and starts all devices; the first that fails fails the world.
    pub(super) async fn start_devices(&self) -> Result<()> {
        for device in &self.plan.devices {
            if self.cancel.is_cancelled() {
                return Err(CommandError::new(Exit::Terminated, "command/terminated", "stopped while starting"));
            }
            self.start_device(device).await?;
        }
        Ok(())
    }

    async fn start_device(&self, device: &DevicePlan) -> Result<()> {
        let id = device.id.as_str();
        let address = IpAddr::V4(self.addresses.devices.get(id).copied().ok_or(WorldError::NoAddress(MQTT_PORT))?);
        let running = EdgeDevice::start(id, address, &device.tags, &self.registry, &self.shared);
        let running = running.await.context(format!("cannot start the device {id}"))?;
        info!(device = id, %address, "a device runs");
        self.devices.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), Arc::new(running));
        Ok(())
    }

    /// Answers on the control socket until the world shall end.
    pub(super) async fn serve(self: &Arc<Self>) -> Result<()> {
        let listener = control::bind(&self.control)?;
        let ended = Cancel::new();
        let world: Arc<dyn Controlled> = Arc::<Self>::clone(self);
        let server = tokio::spawn(control::serve(listener, world, ended.clone()));
        self.set_state(State::Running)?;
        info!(world = self.paths.name().as_str(), "running");
        self.cancel.cancelled().await;
        self.set_state(State::Stopping)?;
        ended.cancel();
        match tokio::time::timeout(FAREWELL, server).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => warn!(%error, "the control socket failed"),
            Ok(Err(error)) => warn!(%error, "the control socket failed"),
            Err(_) => info!("a client of the control socket keeps its connection open"),
        }
        Ok(())
    }

    pub(super) async fn stop_devices(&self) {
        // A restart under way would bring back what ends here.
        let _restarting = self.restarting.lock().await;
        let devices = std::mem::take(&mut *self.devices.write().unwrap_or_else(PoisonError::into_inner));
        join_all(devices.values().map(|device| device.stop())).await;
    }

    fn set_state(&self, state: State) -> Result<()> {
        let mut file = self.file.write().unwrap_or_else(PoisonError::into_inner);
        file.state = state;
        Ok(file.save(&self.paths)?)
    }

    /// Returns a device that runs.
    fn running(&self, id: &str) -> Result<Arc<EdgeDevice>> {
        let found = self.devices.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        found.ok_or_else(|| {
            let known: Vec<&str> = self.plan.devices.iter().map(|device| device.id.as_str()).collect();
            CommandError::new(Exit::BadInput, "sim/no-device", format!("the world has no device `{id}`"))
                .hint(format!("It has {}.", known.join(", ")))
        })
    }

    fn ids(&self) -> Vec<String> {
        self.plan.devices.iter().map(|device| device.id.to_string()).collect()
    }

    /// Starts parts again, one after the other, and returns their names.
    async fn restart_parts(&self, request: &RestartRequest) -> Result<Vec<String>> {
        let _restarting = self.restarting.lock().await;
        if self.cancel.is_cancelled() {
            return Err(CommandError::new(Exit::Unavailable, "sim/stopping", "the world is being stopped"));
        }
        let (devices, part) = self.resolve(request)?;
        let mut restarted = Vec::new();
        for id in devices {
            let part = part.as_str();
            match part {
                "hub" => self.running(&id)?.restart_hub().await?,
                "agent" => self.running(&id)?.restart_agent().await?,
                "device" => self.restart_device(&id).await?,
                module => self.running(&id)?.restart_module(module).await?,
            }
            let name = match part {
                "hub" => Identity::module(&id, Identity::EDGE_HUB),
                "agent" => Identity::module(&id, Identity::EDGE_AGENT),
                "device" => Identity::device(&id),
                module => Identity::module(&id, module),
            };
            restarted.push(name.to_string());
        }
        Ok(restarted)
    }

    /// Finds the devices that are meant, and the part of them. A word alone is a part of all devices, a device, or the one module of
    /// that name.
    fn resolve(&self, request: &RestartRequest) -> Result<(Vec<String>, String)> {
        let part = request.part.as_str();
        if let Some(device) = &request.device {
            self.running(device)?;
            return Ok((vec![device.clone()], part.to_owned()));
        }
        let all = self.ids();
        if matches!(part, "hub" | "agent" | "device") {
            return Ok((all, part.to_owned()));
        }
        if all.iter().any(|id| id == part) {
            return Ok((vec![part.to_owned()], "device".to_owned()));
        }
        let has = |id: &String| self.running(id).is_ok_and(|device| device.modules().contains_key(part));
        let with: Vec<String> = all.into_iter().filter(has).collect();
        let refuse = |message: String, hint: &str| Err(CommandError::new(Exit::BadInput, "sim/no-part", message).hint(hint));
        match with.as_slice() {
            [_] => Ok((with, part.to_owned())),
            [] => refuse(format!("no device and no module is named `{part}`"), "`edgectl sim status` lists them."),
            _ => refuse(format!("{} have a module `{part}`", with.join(", ")), "Name one as DEVICE/MODULE."),
        }
    }

    async fn restart_device(&self, id: &str) -> Result<()> {
        self.running(id)?.stop().await;
        self.devices.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        let Some(plan) = self.plan.devices.iter().find(|device| device.id.as_str() == id) else {
            return Err(WorldError::NoAddress(MQTT_PORT).into());
        };
        self.start_device(plan).await?;
        if let Some(broker) = self.running(id)?.broker() {
            broker.configured().await;
        }
        Ok(())
    }
}

fn described(device: &DevicePlan, addresses: &Addresses) -> Device {
    let id = device.id.to_string();
    let address = addresses.devices.get(&id).copied().unwrap_or(addresses.hub);
    Device { ring: device.ring(), address: IpAddr::V4(address), mqtt_port: MQTT_PORT, id }
}

impl Controlled for World {
    fn status(&self) -> WorldStatus {
        let file = self.file.read().unwrap_or_else(PoisonError::into_inner).clone();
        let running = self.devices.read().unwrap_or_else(PoisonError::into_inner);
        let devices = file.devices.into_iter().map(|device| {
            let modules = running.get(&device.id).map(|running| rows(running)).unwrap_or_default();
            DeviceStatus { id: device.id, ring: device.ring, address: device.address, mqtt_port: device.mqtt_port, modules }
        });
        WorldStatus { name: file.name, state: file.state, supervisor: file.supervisor, hub: file.hub, devices: devices.collect() }
    }

    fn stop(&self) {
        self.cancel.cancel();
    }

    fn devices(&self) -> Vec<String> {
        self.ids()
    }

    fn device(&self, id: &str) -> Result<Arc<EdgeDevice>> {
        self.running(id)
    }

    fn broker(&self, id: &str) -> Result<Arc<Broker>> {
        let again = || CommandError::new(Exit::Unavailable, "sim/hub-restarting", format!("the hub of `{id}` is being started again"));
        self.running(id)?.broker().ok_or_else(again)
    }

    fn credentials<'a>(&'a self, device: &'a str, module: &'a str) -> BoxFuture<'a, Result<ModuleCredentials>> {
        Box::pin(async move { self.running(device)?.credentials(module).await })
    }

    fn clients(&self, device: Option<&str>) -> Result<Vec<DeviceClients>> {
        let devices = match device {
            Some(id) => vec![self.running(id)?],
            None => self.devices.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect(),
        };
        Ok(devices.iter().map(|device| DeviceClients { device: device.id.clone(), clients: device.clients() }).collect())
    }

    fn certificates(&self) -> Result<WorldCertificates> {
        let devices = self.devices.read().unwrap_or_else(PoisonError::into_inner);
        let devices = devices.values().filter_map(|device| Some((device.id.clone(), device.certificate()?))).collect();
        Ok(WorldCertificates { authority: self.shared.hub.roots.clone(), devices })
    }

    fn reissue(&self, device: &str, expired: bool) -> Result<()> {
        self.running(device)?.replace_certificate(expired)
    }

    fn restart(self: Arc<Self>, request: RestartRequest) -> BoxFuture<'static, Result<Vec<String>>> {
        Box::pin(async move { self.restart_parts(&request).await })
    }
}

fn rows(device: &EdgeDevice) -> Vec<ModuleRow> {
    let modules = device.modules().into_iter().map(|(name, status)| ModuleRow {
        connected: device.is_connected(&name),
        name,
        runtime_status: status.runtime_status,
        status_description: status.description,
        exit_code: status.exit_code,
        restart_count: status.restart_count,
        image: status.image,
        digest: status.digest,
        pid: status.pid,
    });
    modules.collect()
}
