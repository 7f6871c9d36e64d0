//! The supervisor: the process that is a world. It holds the hub emulator and the devices, answers on the control socket, and ends all
//! of it when it is told to.

use std::net::IpAddr;
use std::sync::Arc;

use super::address::{self, Addresses, MQTT_PORT};
use super::running::World;
use super::{Failure, RuntimeFolder, State, WorldError, WorldFile, WorldPaths, WorldPlan};
use crate::base::fs::{self, Lock};
use crate::base::{Cancel, Clock, Result};
use crate::identity::{Authority, tls};
use crate::iothub::ConnectionString;
use crate::registry::StoreOptions;
use crate::sim::device::HubEndpoint;
use crate::sim::hub;

/// Port of the REST interface, when this user may listen there.
const HTTPS_PORT: u16 = 443;
/// Life of the hub's certificate; a world that runs longer is started anew some day.
const CERTIFICATE_DAYS: i64 = 365;

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
    let world = Arc::new(World::new(options, plan, addresses, &hub, endpoint, authority)?);
    let started = world.start_devices().await;
    let lived = match started {
        Ok(()) => world.serve().await,
        Err(error) => Err(error),
    };
    world.stop_devices().await;
    hub.cancel.cancel();
    hub.hub.stopped().await;
    lived
}

/// The hub of a world.
pub(super) struct RunningHub {
    hub: hub::Hub,
    cancel: Cancel,
    pub(super) connection_string_file: std::path::PathBuf,
}

impl RunningHub {
    /// Returns the connection string of its service policy.
    pub(super) fn connection_string(&self) -> &ConnectionString {
        self.hub.connection_string()
    }
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
