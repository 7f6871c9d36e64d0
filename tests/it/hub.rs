//! A hub emulator inside the test process, which commands find as that of the running world `default`.

use std::net::{IpAddr, Ipv4Addr};

use edgectl::base::fs::{self, Lock};
use edgectl::base::{Cancel, Clock};
use edgectl::identity::{Authority, tls};
use edgectl::iothub::{Client, ClientOptions};
use edgectl::sim::hub::{Hub, HubOptions};
use edgectl::sim::world::{State, Supervisor, WorldFile, WorldPaths};

use crate::sandbox::Sandbox;

const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A sandbox with a hub. The hub runs on the test's own threads and ends with it.
pub struct HubBench {
    /// Where commands run.
    pub sandbox: Sandbox,
    /// Runs what talks to the hub from here.
    pub runtime: tokio::runtime::Runtime,
    /// The service side.
    pub client: Client,
    cancel: Cancel,
    _alive: Lock,
}

impl Drop for HubBench {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl HubBench {
    /// Starts a hub without devices.
    pub fn start() -> Self {
        let sandbox = Sandbox::new();
        let state = sandbox.path().join("state");
        let sandbox = sandbox.env("EDGECTL_STATE_DIR", &state.display().to_string());
        let paths = WorldPaths::new(&state, "default".parse().expect("a name"));
        fs::create_private_folder(paths.root()).expect("a folder");

        let now = Clock::System.now();
        let authority = Authority::open_or_create(&paths.authority(), now).expect("an authority");
        let certificate = authority.issue_server(&[&ADDRESS.to_string()], now, chrono::Duration::days(1)).expect("a certificate");
        let cancel = Cancel::new();
        let options = HubOptions {
            folder: paths.hub(),
            host_name: ADDRESS.to_string(),
            address: IpAddr::V4(ADDRESS),
            mqtt_port: 0,
            https_port: 0,
            tls: tls::server_config(&certificate).expect("tls"),
            clock: Clock::System,
            cancel: cancel.clone(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let hub = runtime.block_on(Hub::start(options)).expect("a hub");

        let file = world(&paths, &hub);
        fs::write_secret(&file.hub.connection_string_file, hub.connection_string().expose().as_bytes()).expect("a file");
        fs::write(&file.hub.ca_file, authority.root_pem().as_bytes()).expect("a file");
        file.save(&paths).expect("saved");
        let alive = Lock::acquire(&paths.world_lock()).expect("ours");
        let roots = ClientOptions { ca_pem: Some(authority.root_pem().as_bytes().to_vec()), ..ClientOptions::default() };
        let client = Client::new(hub.connection_string().clone(), roots).expect("a client");
        Self { sandbox, runtime, client, cancel, _alive: alive }
    }
}

fn world(paths: &WorldPaths, hub: &Hub) -> WorldFile {
    WorldFile {
        schema_version: edgectl::sim::world::file::SCHEMA_VERSION,
        name: paths.name().to_string(),
        state: State::Running,
        reason: None,
        supervisor: Supervisor { pid: std::process::id(), guard_pid: 0 },
        hub: edgectl::sim::world::Hub {
            host_name: ADDRESS.to_string(),
            address: IpAddr::V4(ADDRESS),
            https_port: hub.https_address().port(),
            mqtt_port: hub.mqtt_address().port(),
            connection_string_file: paths.hub().join("connection-string"),
            ca_file: paths.root().join("ca.pem"),
        },
        devices: Vec::new(),
        control_socket: paths.root().join("control.sock"),
    }
}
