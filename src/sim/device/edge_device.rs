//! A device put together: registered at the hub, with identities, broker, line to the hub and agent.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::agent_line::{AgentLine, AgentLineOptions};
use super::edge_hub::{EdgeHub, EdgeHubOptions};
use super::host::{HostError, HostOptions, ModuleCredentials, ModuleHost};
use super::module::ProcessRuntime;
use super::status::ModuleStatus;
use crate::base::{Cancel, Clock, CommandError, Context as _, Exit, Result, fs};
use crate::edgehub::inspect::ClientRow;
use crate::edgehub::{
    Broker, BrokerOptions, ClientOptions, Durability, Feature, HubScope, Identities, KnownIdentity, Timing, Upstream, Warnings,
};
use crate::identity::{Authority, tls};
use crate::iothub::{self, ConnectionString, SymmetricKeys};
use crate::model::Identity;
use crate::process::Spawner;
use crate::registry::StoreOptions;
use crate::sim::world::{RuntimeFolder, WorldPaths};

/// Time for one call to the hub, which is on this machine or near.
const HUB_TIMEOUT: Duration = Duration::from_secs(20);

/// How the hub is reached from a device.
#[derive(Clone, Debug)]
pub struct HubEndpoint {
    /// Host name for tokens, with a port when the REST API is not on 443.
    pub host_name: String,
    /// Where the REST API listens.
    pub https: SocketAddr,
    /// Where the device protocol is spoken.
    pub mqtt: SocketAddr,
    /// Roots to trust, as PEM.
    pub roots: String,
}

/// What all devices of a world share.
#[derive(Clone)]
pub struct Surroundings {
    /// The hub.
    pub hub: HubEndpoint,
    /// Issues the certificates of the devices.
    pub authority: Arc<Authority>,
    /// Folders of the world.
    pub paths: WorldPaths,
    /// Folder of its sockets.
    pub runtime: RuntimeFolder,
    /// Where images come from.
    pub store: StoreOptions,
    /// Starts processes.
    pub spawner: Spawner,
    /// How fast the product's timers run.
    pub timing: Timing,
    /// What stored messages survive.
    pub durability: Durability,
    /// How many clients the broker of a device lets in at once.
    pub max_clients: usize,
    /// Tells the time.
    pub clock: Clock,
}

/// A device that runs.
pub struct EdgeDevice {
    /// Its id.
    pub id: String,
    /// Its address.
    pub address: IpAddr,
    host: Arc<ModuleHost>,
    hub: EdgeHub,
    agent: AgentLine,
    /// Ends what the modules need while they live.
    cancel: Cancel,
}

impl EdgeDevice {
    /// Registers a device at the hub by the service's `registry` and starts it.
    ///
    /// # Errors
    /// When the hub does not register it, or its files or its port fail.
    pub async fn start(
        id: &str,
        address: IpAddr,
        tags: &Map<String, Value>,
        registry: &iothub::Client,
        shared: &Surroundings,
    ) -> Result<Self> {
        let (device, keys) = register(id, tags, registry).await.context(format!("cannot register the device {id}"))?;
        let folder = shared.paths.device(id);
        fs::create_private_folder(&folder)?;
        let identities = Arc::new(Identities::open(&folder.join("identities.json"))?);
        identities.put(KnownIdentity::of_device(&device))?;
        let cancel = Cancel::new();
        let connection = ConnectionString::device(&shared.hub.host_name, id, keys.primary);
        let options = iothub::ClientOptions {
            ca_pem: Some(shared.hub.roots.clone().into_bytes()),
            address: Some(shared.hub.https),
            timeout: HUB_TIMEOUT,
            clock: shared.clock,
        };
        let registry_of_device = iothub::Client::new(connection, options)?;
        let host = Arc::new(ModuleHost::new(HostOptions {
            device_id: id.to_owned(),
            hub_host: host_without_port(&shared.hub.host_name),
            gateway: address,
            hub: registry_of_device.clone(),
            identities: Arc::clone(&identities),
            authority: Arc::clone(&shared.authority),
            paths: shared.paths.clone(),
            runtime: shared.runtime.clone(),
            clock: shared.clock,
            cancel: cancel.clone(),
        }));
        host.identity(Identity::EDGE_HUB).await?;
        host.reopen_sockets()?;
        let hub = EdgeHub::start(hub_options(id, address, registry_of_device, identities, shared)?).await?;
        let agent = start_agent(id, &host, shared).await?;
        Ok(Self { id: id.to_owned(), address, host, hub, agent, cancel })
    }

    /// Returns what the agent knows of its modules.
    pub fn modules(&self) -> BTreeMap<String, ModuleStatus> {
        self.agent.modules()
    }

    /// Returns the broker; `None` for the moment in which it is started anew.
    pub fn broker(&self) -> Option<Arc<Broker>> {
        self.hub.broker()
    }

    /// Tells whether a module is connected to the broker of the device.
    pub fn is_connected(&self, module: &str) -> bool {
        self.broker().is_some_and(|broker| broker.is_connected(&Identity::module(&self.id, module)))
    }

    /// Returns what leads a module to its broker, to start it by hand; identity and socket are made when missing.
    pub async fn credentials(&self, module: &str) -> Result<ModuleCredentials> {
        Ok(self.host.credentials(module).await?)
    }

    /// Returns who is connected to the broker of the device, was, may be, or was refused; nobody while it is started anew.
    pub fn clients(&self) -> Vec<ClientRow> {
        self.broker().map(|broker| broker.clients()).unwrap_or_default()
    }

    /// Returns the server certificate of the broker with its chain, as PEM; `None` while it is started anew.
    pub fn certificate(&self) -> Option<String> {
        self.hub.certificate()
    }

    /// Has the broker show a new server certificate to all who connect from now on: a good one, or one whose life is over.
    ///
    /// # Errors
    /// When it cannot be issued, or the broker is started anew at the moment.
    pub fn replace_certificate(&self, expired: bool) -> Result<()> {
        self.hub.replace_certificate(expired)
    }

    /// Starts the hub of the device anew; modules stay and connect again.
    pub async fn restart_hub(&self) -> Result<()> {
        self.hub.restart().await
    }

    /// Starts the agent again; modules stay.
    pub async fn restart_agent(&self) -> Result<()> {
        self.agent.restart().await
    }

    /// Starts a module again.
    pub async fn restart_module(&self, module: &str) -> Result<()> {
        self.agent.restart_module(module).await
    }

    /// Ends the device and waits until its modules have ended and its files are free.
    pub async fn stop(&self) {
        self.agent.stop_agent().await;
        // Its modules have ended: nobody needs the rest any more.
        self.cancel.cancel();
        self.agent.stop_line().await;
        if let Err(error) = self.hub.stop().await {
            tracing::error!(error = error.chain().join(": "), device = self.id, "the hub of the device failed");
        }
    }
}

fn hub_options(
    id: &str,
    address: IpAddr,
    hub: iothub::Client,
    identities: Arc<Identities>,
    shared: &Surroundings,
) -> Result<EdgeHubOptions> {
    let mut names = vec![address.to_string()];
    if id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') {
        names.push(id.to_owned());
    }
    let broker = BrokerOptions {
        device_id: id.to_owned(),
        hub: host_without_port(&shared.hub.host_name),
        gateway_names: names.clone(),
        identities,
        folder: shared.paths.device(id).join("broker"),
        upstream: Upstream {
            host: shared.hub.mqtt.ip().to_string(),
            port: shared.hub.mqtt.port(),
            tls: tls::client_config(&shared.hub.roots)?,
        },
        clock: shared.clock,
        timing: shared.timing,
        durability: shared.durability,
        warnings: Arc::new(Warnings::new(shared.clock)),
        max_clients: shared.max_clients,
        scope: Some(Arc::new(HubScope::new(hub, id))),
        trust_bundle: shared.authority.root_pem().to_owned(),
    };
    Ok(EdgeHubOptions { address, names, authority: Arc::clone(&shared.authority), broker })
}

/// Starts the agent with its line to the hub.
async fn start_agent(id: &str, host: &Arc<ModuleHost>, shared: &Surroundings) -> Result<AgentLine> {
    let known = host.identity(Identity::EDGE_AGENT).await?;
    let key = known.primary().cloned().ok_or_else(|| HostError::NoKeys(Identity::EDGE_AGENT.to_owned()))?;
    let client = ClientOptions {
        port: shared.hub.mqtt.port(),
        features: [Feature::DesiredProperties, Feature::Methods].into(),
        client_type: "edgectl agent".to_owned(),
        clock: shared.clock,
        ..ClientOptions::new(
            shared.hub.mqtt.ip().to_string(),
            host_without_port(&shared.hub.host_name),
            known.identity,
            key,
            tls::client_config(&shared.hub.roots)?,
        )
    };
    let runtime = ProcessRuntime {
        store: shared.store.clone(),
        images: shared.paths.images(),
        spawner: shared.spawner.clone(),
        host: Arc::clone(host),
    };
    let backup = shared.paths.device(id).join("deployment.json");
    Ok(AgentLine::start(AgentLineOptions { client, runtime, timing: shared.timing, clock: shared.clock, backup }))
}

/// Makes the device known to the hub, with its tags, and returns its entry and its keys.
async fn register(id: &str, tags: &Map<String, Value>, registry: &iothub::Client) -> Result<(iothub::Device, SymmetricKeys)> {
    let device = match registry.device(id).await? {
        Some(device) => device,
        None => registry.put_device(&iothub::Device::edge(id), None).await?,
    };
    if !tags.is_empty() {
        registry.patch_twin(id, &json!({ "tags": tags }), None).await?;
    }
    let no_keys = || CommandError::new(Exit::BadInput, "sim/no-keys", format!("the hub has no symmetric keys for the device {id}"));
    let keys = device.symmetric_keys().ok_or_else(no_keys)?;
    Ok((device, keys))
}

fn host_without_port(host_name: &str) -> String {
    host_name.split_once(':').map_or(host_name, |(host, _)| host).to_owned()
}
