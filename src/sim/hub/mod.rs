//! The hub emulator: registry, twins, configurations with targeting, methods and telemetry, durable in one folder. The service side is
//! the REST API, the device side is MQTT by the same listener that serves the device's broker.

mod access;
mod backend;
mod change;
mod configurations;
mod core;
mod fault;
mod mailbox;
mod query;
mod records;
mod registry;
mod rest;
mod scope;
mod server;
mod sessions;
mod targeting;
mod telemetry;
mod twins;
mod watch;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::core::Core;
use self::fault::Fault;
use self::records::{Kind, Store};
use crate::base::fs::{self, FsError};
use crate::base::{Cancel, Clock, Diagnose, Exit};
use crate::edgehub::listener;
use crate::identity::{KeyError, SigningKey};
use crate::iothub::ConnectionString;

/// Name of the telemetry log in the hub's folder.
pub const TELEMETRY_FILE: &str = "telemetry.jsonl";
/// Port of HTTPS, which connection strings leave out.
const HTTPS: u16 = 443;

/// Where a hub lives and listens.
pub struct HubOptions {
    /// Folder that keeps everything; made when missing, and its owner's alone.
    pub folder: PathBuf,
    /// Host name, as devices and tokens name the hub; without a port.
    pub host_name: String,
    /// Address to listen on.
    pub address: IpAddr,
    /// Port of the device protocol; 0 takes a free one.
    pub mqtt_port: u16,
    /// Port of the REST API; 0 takes a free one.
    pub https_port: u16,
    /// Certificate and key for both ports.
    pub tls: Arc<rustls::ServerConfig>,
    /// Tells the time.
    pub clock: Clock,
    /// Ends the hub.
    pub cancel: Cancel,
}

/// A running hub.
pub struct Hub {
    connection_string: ConnectionString,
    https: SocketAddr,
    mqtt: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

/// A hub that could not start.
#[derive(Debug, thiserror::Error)]
pub enum HubStartError {
    /// The folder or the telemetry log failed.
    #[error(transparent)]
    Folder(#[from] FsError),
    /// The database cannot be opened.
    #[error("cannot open the hub's records in {}", path.display())]
    Records {
        /// File of the database.
        path: PathBuf,
        /// Why not.
        source: redb::DatabaseError,
    },
    /// The database was opened and does not read.
    #[error("cannot read the hub's own key: {0}")]
    Damaged(String),
    /// The hub's key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A port is taken or may not be used.
    #[error("the hub cannot listen on {address}")]
    Listen {
        /// Address and port.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

impl Diagnose for HubStartError {
    fn kind(&self) -> Exit {
        match self {
            Self::Folder(error) => error.kind(),
            Self::Key(error) => error.kind(),
            Self::Records { .. } | Self::Damaged(_) => Exit::Failure,
            Self::Listen { .. } => Exit::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Folder(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Records { .. } | Self::Damaged(_) => "hub/damaged",
            Self::Listen { .. } => "hub/port-taken",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Listen { .. } => vec!["Another world may run there; `edgectl sim down` ends one.".to_owned()],
            _ => Vec::new(),
        }
    }
}

impl Hub {
    /// Opens the hub's folder and serves both sides until cancelled.
    pub async fn start(options: HubOptions) -> Result<Self, HubStartError> {
        fs::create_private_folder(&options.folder)?;
        let path = options.folder.join("hub.redb");
        let store = Store::open(&path).map_err(|source| HubStartError::Records { path, source })?;
        let policy_key = policy_key(&store)?;
        let telemetry = telemetry::Log::open(options.folder.join(TELEMETRY_FILE))?;
        let (mqtt_listener, mqtt) = listen(options.address, options.mqtt_port).await?;
        let (https_listener, https) = listen(options.address, options.https_port).await?;

        let port = if https.port() == HTTPS { String::new() } else { format!(":{}", https.port()) };
        let connection_string = ConnectionString::policy(format!("{}{port}", options.host_name), access::POLICY, policy_key.clone());
        let names = [options.host_name.clone(), options.address.to_string()];
        let with_ports = names.iter().flat_map(|name| [https, mqtt].map(|address| format!("{name}:{}", address.port())));
        let core = Arc::new(Core {
            store,
            sessions: sessions::Sessions::new(),
            telemetry,
            mail: tokio::sync::watch::Sender::new(()),
            clock: options.clock,
            hosts: names.iter().cloned().chain(with_ports).collect(),
            policy_key,
            cancel: options.cancel.clone(),
            order: Mutex::new(()),
        });
        let backend = Arc::new(backend::HubBackend(Arc::clone(&core)));
        let devices = listener::serve(mqtt_listener, Arc::clone(&options.tls), backend, options.cancel.clone());
        let service = server::serve(https_listener, options.tls, rest::routes(&core), options.cancel);
        Ok(Self { connection_string, https, mqtt, tasks: vec![tokio::spawn(devices), tokio::spawn(service)] })
    }

    /// Returns the connection string of the service policy, whose key stays the same over restarts.
    pub fn connection_string(&self) -> &ConnectionString {
        &self.connection_string
    }

    /// Returns where the REST API listens.
    pub fn https_address(&self) -> SocketAddr {
        self.https
    }

    /// Returns where the device protocol listens.
    pub fn mqtt_address(&self) -> SocketAddr {
        self.mqtt
    }

    /// Waits until a cancelled hub has ended all its connections.
    pub async fn stopped(self) {
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the hub failed");
            }
        }
    }
}

async fn listen(address: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr), HubStartError> {
    let address = SocketAddr::new(address, port);
    let failed = |source| HubStartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Returns the key of the service policy, made at the first start.
fn policy_key(store: &Store) -> Result<SigningKey, HubStartError> {
    let fresh = SigningKey::generate()?.to_base64();
    let text = store.transact(|records| {
        if let Some(text) = records.get::<String>(Kind::Secret, access::POLICY)? {
            return Ok(text);
        }
        records.put(Kind::Secret, access::POLICY, &fresh.as_str())?;
        Ok(fresh.to_string())
    });
    let damaged = |fault: Fault| HubStartError::Damaged(fault.message);
    Ok(SigningKey::from_base64(&text.map_err(damaged)?)?)
}
