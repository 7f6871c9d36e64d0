//! The supervisor: the process that is a world. It holds the hub emulator and the devices, answers on the control socket, and ends all
//! of it when it is told to.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tracing::{info, warn};

use super::address::{self, Addresses, MQTT_PORT};
use super::control::{self, Controlled, DeviceClients, WorldCertificates};
use super::{
    Device, DevicePlan, DeviceStatus, Failure, Hub, ModuleRow, RuntimeFolder, State, Supervisor, WorldError, WorldFile, WorldPaths,
    WorldPlan, WorldStatus, file,
};
use crate::base::fs::{self, Lock};
use crate::base::{Cancel, Clock, CommandError, Context as _, Exit, Result};
use crate::edgehub::{Durability, Timing};
use crate::identity::{Authority, tls};
use crate::iothub::{self, ConnectionString};
use crate::process::{Spawner, exec};
use crate::registry::StoreOptions;
use crate::sim::device::{EdgeDevice, HubEndpoint, Surroundings};
use crate::sim::hub;

/// Port of the REST interface, when this user may listen there.
const HTTPS_PORT: u16 = 443;
/// Time for a call of the supervisor to its own hub.
const HUB_TIMEOUT: Duration = Duration::from_secs(20);
/// Life of the hub's certificate; a world that runs longer is started anew some day.
const CERTIFICATE_DAYS: i64 = 365;

/// Time that calls on the control socket have to end once the world shall stop.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a supervisor needs.
pub struct SupervisorOptions {
    /// Folders of the world.
    pub paths: WorldPaths,
    /// Folder of its sockets.
    pub runtime: RuntimeFolder,
    /// Where images come from.
    pub store: StoreOptions,
    /// Tells the time.
    pub clock: Clock,
    /// Ends the world.
    pub cancel: Cancel,
}

/// Runs a world to its end. A world that cannot start says why in its failure file.
pub async fn run(options: SupervisorOptions) -> Result<()> {
    let name = || options.paths.name().to_string();
    let _lock = Lock::try_acquire(&options.paths.world_lock())?.ok_or_else(|| WorldError::Busy(name()))?;
    let outcome = live(&options).await;
    options.runtime.remove()?;
    if let Err(error) = &outcome {
        Failure::save(error, &options.paths)?;
    }
    if let Some(mut file) = WorldFile::load(&options.paths)? {
        file.state = State::Stopped;
        file.reason = outcome.as_ref().err().map(|error| error.chain().join(": "));
        file.save(&options.paths)?;
    }
    outcome
}

async fn live(options: &SupervisorOptions) -> Result<()> {
    let plan: WorldPlan = fs::read_json(&options.paths.plan())?;
    options.runtime.remove()?;
    options.runtime.create()?;
    let ids: Vec<String> = plan.devices.iter().map(|device| device.id.to_string()).collect();
    let addresses = Addresses::assign(&options.paths, &ids, &address::is_free)?;
    let authority = Arc::new(Authority::open_or_create(&options.paths.authority(), options.clock.now())?);
    let hub = start_hub(options, &addresses, &authority).await?;
    let endpoint = HubEndpoint {
        host_name: hub.hub.connection_string().host_name().to_owned(),
        https: hub.hub.https_address(),
        mqtt: hub.hub.mqtt_address(),
        roots: authority.root_pem().to_owned(),
    };
    let world = Arc::new(World::new(options, &plan, &addresses, &hub, &endpoint)?);
    let started = world.start_devices(&plan, &addresses, endpoint, authority, hub.hub.connection_string()).await;
    let lived = match started {
        Ok(()) => world.serve().await,
        Err(error) => Err(error),
    };
    world.stop_devices().await;
    hub.cancel.cancel();
    hub.hub.stopped().await;
    lived
}

struct RunningHub {
    hub: hub::Hub,
    cancel: Cancel,
    connection_string_file: std::path::PathBuf,
}

/// Starts the hub on its own address. Only who may use low ports gets 443; elsewhere any free port serves, since the connection string
/// carries it.
async fn start_hub(options: &SupervisorOptions, addresses: &Addresses, authority: &Authority) -> Result<RunningHub> {
    let address = IpAddr::V4(addresses.hub);
    let host_name = address.to_string();
    let certificate = authority.issue_server(&[&host_name, "localhost"], options.clock.now(), chrono::Duration::days(CERTIFICATE_DAYS))?;
    let cancel = Cancel::new();
    // A taken port is told before anything stands.
    drop(address::listen(address, MQTT_PORT)?);
    let may_use_443 = match address::listen(address, HTTPS_PORT) {
        Ok(_) => true,
        Err(WorldError::PortTaken { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => false,
        Err(error) => return Err(error.into()),
    };
    let hub = hub::Hub::start(hub::HubOptions {
        folder: options.paths.hub(),
        host_name,
        address,
        mqtt_port: MQTT_PORT,
        https_port: if may_use_443 { HTTPS_PORT } else { 0 },
        tls: tls::server_config(&certificate)?,
        clock: options.clock,
        cancel: cancel.clone(),
    })
    .await?;
    let connection_string_file = options.paths.hub().join("connection-string");
    fs::remove(&connection_string_file)?;
    fs::write_secret(&connection_string_file, hub.connection_string().expose().as_bytes())?;
    Ok(RunningHub { hub, cancel, connection_string_file })
}

/// A world that lives.
struct World {
    paths: WorldPaths,
    runtime: RuntimeFolder,
    store: StoreOptions,
    clock: Clock,
    timing: Timing,
    durability: Durability,
    cancel: Cancel,
    root_pem: String,
    file: RwLock<WorldFile>,
    devices: RwLock<BTreeMap<String, Arc<EdgeDevice>>>,
}

impl World {
    fn new(options: &SupervisorOptions, plan: &WorldPlan, addresses: &Addresses, hub: &RunningHub, endpoint: &HubEndpoint) -> Result<Self> {
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
            devices: plan.devices.iter().map(|device| described(device, addresses)).collect(),
            control_socket: options.runtime.control(),
        };
        fs::write(&options.paths.ca_file(), endpoint.roots.as_bytes())?;
        file.save(&options.paths)?;
        Ok(Self {
            paths: options.paths.clone(),
            runtime: options.runtime.clone(),
            store: options.store.clone(),
            clock: options.clock,
            timing: plan.timing,
            durability: plan.durability,
            cancel: options.cancel.clone(),
            root_pem: endpoint.roots.clone(),
            file: RwLock::new(file),
            devices: RwLock::default(),
        })
    }

    /// Registers and starts all devices; the first that fails fails the world.
    async fn start_devices(
        &self,
        plan: &WorldPlan,
        addresses: &Addresses,
        hub: HubEndpoint,
        authority: Arc<Authority>,
        service: &ConnectionString,
    ) -> Result<()> {
        let options = iothub::ClientOptions {
            ca_pem: Some(hub.roots.clone().into_bytes()),
            address: Some(SocketAddr::new(hub.https.ip(), hub.https.port())),
            timeout: HUB_TIMEOUT,
            clock: self.clock,
        };
        let registry = iothub::Client::new(service.clone(), options)?;
        let executable = exec::own_executable();
        let executable = executable
            .map_err(|error| CommandError::new(Exit::Failure, "sim/no-executable", format!("cannot find this program: {error}")))?;
        let shared = Surroundings {
            hub,
            authority,
            paths: self.paths.clone(),
            runtime: self.runtime.clone(),
            store: self.store.clone(),
            spawner: Spawner::start(executable)?,
            timing: self.timing,
            durability: self.durability,
            clock: self.clock,
        };
        for device in &plan.devices {
            if self.cancel.is_cancelled() {
                return Err(CommandError::new(Exit::Terminated, "command/terminated", "stopped while starting"));
            }
            let id = device.id.as_str();
            let address = IpAddr::V4(addresses.devices.get(id).copied().ok_or(WorldError::NoAddress(MQTT_PORT))?);
            let running =
                EdgeDevice::start(id, address, &device.tags, &registry, &shared).await.context(format!("cannot start the device {id}"))?;
            info!(device = id, %address, "a device runs");
            self.devices.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), Arc::new(running));
        }
        Ok(())
    }

    /// Answers on the control socket until the world shall end.
    async fn serve(self: &Arc<Self>) -> Result<()> {
        let listener = control::bind(&self.runtime.control())?;
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

    fn device(&self, id: &str) -> Result<Arc<EdgeDevice>> {
        let found = self.devices.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        found.ok_or_else(|| CommandError::new(Exit::BadInput, "sim/no-device", format!("the world has no device `{id}`")))
    }

    async fn stop_devices(&self) {
        let devices = std::mem::take(&mut *self.devices.write().unwrap_or_else(PoisonError::into_inner));
        join_all(devices.values().map(|device| device.stop())).await;
    }

    fn set_state(&self, state: State) -> Result<()> {
        let mut file = self.file.write().unwrap_or_else(PoisonError::into_inner);
        file.state = state;
        Ok(file.save(&self.paths)?)
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

    fn credentials<'a>(&'a self, device: &'a str, module: &'a str) -> BoxFuture<'a, Result<BTreeMap<String, String>>> {
        let found = self.devices.read().unwrap_or_else(PoisonError::into_inner).get(device).cloned();
        Box::pin(async move {
            let missing = || CommandError::new(Exit::BadInput, "sim/no-device", format!("the world has no device `{device}`"));
            found.ok_or_else(missing)?.credentials(module).await
        })
    }

    fn clients(&self, device: Option<&str>) -> Result<Vec<DeviceClients>> {
        let devices = match device {
            Some(id) => vec![self.device(id)?],
            None => self.devices.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect(),
        };
        Ok(devices.iter().map(|device| DeviceClients { device: device.id.clone(), clients: device.clients() }).collect())
    }

    fn certificates(&self) -> Result<WorldCertificates> {
        let devices = self.devices.read().unwrap_or_else(PoisonError::into_inner);
        let devices = devices.values().map(|device| (device.id.clone(), device.certificate())).collect();
        Ok(WorldCertificates { authority: self.root_pem.clone(), devices })
    }

    fn reissue(&self, device: &str, expired: bool) -> Result<()> {
        self.device(device)?.replace_certificate(expired)
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
