//! A device put together: registered at the hub, with identities, broker, line to the hub and agent.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::agent::{Agent, AgentOptions};
use super::host::{HostError, HostOptions, ModuleHost};
use super::link::Link;
use super::module::ProcessRuntime;
use super::status::ModuleStatus;
use crate::base::{Cancel, Clock, CommandError, Context as _, Exit, Result, fs};

use crate::edgehub::inspect::ClientRow;
use crate::edgehub::{
    Backend, Broker, BrokerOptions, Client, ClientOptions, Durability, Feature, HubScope, Identities, KnownIdentity, MAX_CLIENTS, Timing,
    Upstream, Warnings, gateway, listener,
};
use crate::identity::{Authority, PresentedCertificate, tls};
use crate::iothub::{self, ConnectionString, SymmetricKeys};
use crate::model::Identity;
use crate::process::Spawner;
use crate::registry::StoreOptions;
use crate::sim::world::address::{self, MQTT_PORT};
use crate::sim::world::{RuntimeFolder, WorldError, WorldPaths};

/// Time for one call to the hub, which is on this machine or near.
const HUB_TIMEOUT: Duration = Duration::from_secs(20);
/// Life of a device's certificate.
const CERTIFICATE_DAYS: i64 = 365;
/// Messages that may wait between the line and the agent.
const MESSAGES: usize = 16;

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
    broker: Arc<Broker>,
    presented: Presented,
    state: watch::Receiver<BTreeMap<String, ModuleStatus>>,
    /// Ends the agent, and with it the modules.
    cancel_agent: Cancel,
    /// Ends what the modules need while they live.
    cancel: Cancel,
    /// The agent, then the rest.
    tasks: Mutex<Vec<JoinHandle<()>>>,
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
        let hub = iothub::Client::new(
            connection,
            iothub::ClientOptions {
                ca_pem: Some(shared.hub.roots.clone().into_bytes()),
                address: Some(shared.hub.https),
                timeout: HUB_TIMEOUT,
                clock: shared.clock,
            },
        )?;
        let host = Arc::new(ModuleHost::new(HostOptions {
            device_id: id.to_owned(),
            hub_host: host_without_port(&shared.hub.host_name),
            gateway: address,
            hub: hub.clone(),
            identities: Arc::clone(&identities),
            authority: Arc::clone(&shared.authority),
            paths: shared.paths.clone(),
            runtime: shared.runtime.clone(),
            clock: shared.clock,
            cancel: cancel.clone(),
        }));
        let (broker, presented, listener) = start_broker(id, address, &host, hub, identities, shared, &cancel).await?;
        let cancel_agent = Cancel::new();
        let (agent, link, state) = start_agent(id, &host, shared, &cancel_agent, &cancel).await?;
        let tasks = Mutex::new(vec![agent, link, listener]);
        Ok(Self { id: id.to_owned(), address, host, broker, presented, state, cancel_agent, cancel, tasks })
    }

    /// Returns what the agent knows of its modules.
    pub fn modules(&self) -> BTreeMap<String, ModuleStatus> {
        self.state.borrow().clone()
    }

    /// Tells whether a module is connected to the broker of the device.
    pub fn is_connected(&self, module: &str) -> bool {
        self.broker.is_connected(&Identity::module(&self.id, module))
    }

    /// Returns who is connected to the broker of the device, was, may be, or was refused.
    pub fn clients(&self) -> Vec<ClientRow> {
        self.broker.clients()
    }

    /// Returns the server certificate of the broker with its chain, as PEM.
    pub fn certificate(&self) -> String {
        self.presented.certificate.chain_pem()
    }

    /// Has the broker show a new server certificate to all who connect from now on: a good one, or one whose life is over.
    ///
    /// # Errors
    /// When it cannot be issued.
    pub fn replace_certificate(&self, expired: bool) -> Result<()> {
        let Presented { certificate, names, authority, clock } = &self.presented;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let issued = match expired {
            true => authority.issue_expired_server(&names, clock.now())?,
            false => authority.issue_server(&names, clock.now(), chrono::Duration::days(CERTIFICATE_DAYS))?,
        };
        Ok(certificate.replace(&issued)?)
    }

    /// Returns the environment to start a module by hand; identity and socket are made when missing.
    pub async fn credentials(&self, module: &str) -> Result<BTreeMap<String, String>> {
        Ok(self.host.environment(module).await?)
    }

    /// Ends the device and waits until its modules have ended.
    pub async fn stop(&self) {
        self.cancel_agent.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, device = self.id, "a part of the device failed");
            }
            // The first task is the agent, which has ended its modules: nobody needs the rest any more.
            self.cancel.cancel();
        }
        self.cancel.cancel();
    }
}

/// The server certificate of a broker, and what another is issued from.
struct Presented {
    certificate: Arc<PresentedCertificate>,
    names: Vec<String>,
    authority: Arc<Authority>,
    clock: Clock,
}

/// Starts the broker on the device's own address, and returns it with its certificate and the task of its listener.
async fn start_broker(
    id: &str,
    address: IpAddr,
    host: &ModuleHost,
    hub: iothub::Client,
    identities: Arc<Identities>,
    shared: &Surroundings,
    cancel: &Cancel,
) -> Result<(Arc<Broker>, Presented, JoinHandle<()>)> {
    let listener = address::listen(address, MQTT_PORT)?;
    let listener =
        tokio::net::TcpListener::from_std(listener).map_err(|source| WorldError::PortTaken { address, port: MQTT_PORT, source })?;
    host.identity(Identity::EDGE_HUB).await?;
    let own_address = address.to_string();
    let mut names = vec![own_address.as_str()];
    if id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') {
        names.push(id);
    }
    let certificate = shared.authority.issue_server(&names, shared.clock.now(), chrono::Duration::days(CERTIFICATE_DAYS))?;
    let (tls_config, presented) = tls::changeable_server_config(&certificate)?;
    let presented = Presented {
        certificate: presented,
        names: names.iter().map(ToString::to_string).collect(),
        authority: Arc::clone(&shared.authority),
        clock: shared.clock,
    };
    let options = BrokerOptions {
        device_id: id.to_owned(),
        hub: host_without_port(&shared.hub.host_name),
        gateway_names: names.iter().map(ToString::to_string).collect(),
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
        max_clients: MAX_CLIENTS,
        scope: Some(Arc::new(HubScope::new(hub, id))),
        trust_bundle: shared.authority.root_pem().to_owned(),
    };
    let broker = Broker::start(options, cancel.clone()).await?;
    let backend: Arc<dyn Backend> = Arc::<Broker>::clone(&broker);
    open_further_ports(address, &tls_config, &backend, cancel);
    let task = tokio::spawn(listener::serve(listener, tls_config, backend, cancel.clone()));
    Ok((broker, presented, task))
}

/// Opens the ports that most modules do without; where one cannot be had, the device says what will not work.
fn open_further_ports(address: IpAddr, tls: &Arc<rustls::ServerConfig>, backend: &Arc<dyn Backend>, cancel: &Cancel) {
    let open = |port| {
        let listener = std::net::TcpListener::bind((address, port))?;
        listener.set_nonblocking(true)?;
        tokio::net::TcpListener::from_std(listener)
    };
    match open(gateway::PORT) {
        Ok(listener) => {
            tokio::spawn(gateway::serve(listener, Arc::clone(tls), Arc::clone(backend), cancel.clone()));
        }
        Err(error) => gateway::warn_of_closed_port(backend.as_ref(), address, &error),
    }
    match open(gateway::AMQP_PORT) {
        Ok(listener) => {
            tokio::spawn(gateway::serve_amqp(listener, Arc::clone(backend), cancel.clone()));
        }
        Err(error) => tracing::info!(%address, %error, "AMQP clients will not be told why they are not served"),
    }
}

type AgentParts = (JoinHandle<()>, JoinHandle<()>, watch::Receiver<BTreeMap<String, ModuleStatus>>);

/// Starts the agent with its line to the hub, and returns their tasks and the state of the modules.
async fn start_agent(
    id: &str,
    host: &Arc<ModuleHost>,
    shared: &Surroundings,
    cancel_agent: &Cancel,
    cancel: &Cancel,
) -> Result<AgentParts> {
    let known = host.identity(Identity::EDGE_AGENT).await?;
    let key = known.primary().cloned().ok_or_else(|| HostError::NoKeys(Identity::EDGE_AGENT.to_owned()))?;
    let options = ClientOptions {
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
    let (client, events) = Client::start(options, cancel.clone());
    let (to_agent, from_hub) = mpsc::channel(MESSAGES);
    let (reported, wanted) = watch::channel(Value::Object(Map::new()));
    let (state_sender, state) = watch::channel(BTreeMap::new());
    let link = Link::new(client, events, to_agent, wanted);
    let agent = AgentOptions {
        runtime: ProcessRuntime {
            store: shared.store.clone(),
            images: shared.paths.images(),
            spawner: shared.spawner.clone(),
            host: Arc::clone(host),
        },
        timing: shared.timing,
        clock: shared.clock,
        backup: shared.paths.device(id).join("deployment.json"),
        reported,
        state: state_sender,
    };
    let agent = tokio::spawn(Agent::run(agent, from_hub, cancel_agent.clone()));
    Ok((agent, tokio::spawn(link.run(cancel.clone())), state))
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
