//! `edgectl sim`, the world as its user handles it: credentials for modules started by hand, parts started again.

use std::path::Path;
use std::time::{Duration, Instant};

use edgectl::base::{Cancel, Clock};
use edgectl::edgehub::{Client, ClientOptions};
use edgectl::identity::{SigningKey, tls};
use edgectl::model::{Identity, Message};
use serde_json::Value;

use super::sandbox::Sandbox;

/// Long enough for a loaded machine; every wait ends as soon as what it waits for is there.
const LIMIT: Duration = Duration::from_mins(1);

/// A sandbox with the default world in it, which ends also when a test fails.
struct World {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let state = sandbox.path().join("state");
        let sandbox = sandbox.env("EDGECTL_STATE_DIR", &state.to_string_lossy());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        Self { sandbox, runtime }
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.sandbox.run(arguments.iter().copied().chain(["-o", "json"])).json()
    }

    /// Returns a client that signs in with what `sim modulecred` gives.
    fn client(&self, module: &str, cancel: &Cancel) -> Client {
        // The path of the file as it is, not as snapshots show it.
        let printed = self.sandbox.command(["sim", "modulecred", module, "-o", "json"]).output().expect("runs");
        let credentials: Value = serde_json::from_slice(&printed.stdout).expect("json");
        let connection = credentials["connectionString"].as_str().expect("a connection string").to_owned();
        let value = |name: &str| {
            let part = connection.split(';').find_map(|part| part.strip_prefix(&format!("{name}=")));
            part.unwrap_or_else(|| panic!("no {name}")).to_owned()
        };
        let roots = std::fs::read_to_string(Path::new(credentials["caFile"].as_str().expect("a file"))).expect("roots");
        let identity = Identity::module(value("DeviceId"), value("ModuleId"));
        let key = SigningKey::from_base64(&value("SharedAccessKey")).expect("a key");
        let tls = tls::client_config(&roots).expect("a configuration");
        let options =
            ClientOptions { clock: Clock::System, ..ClientOptions::new(value("GatewayHostName"), value("HostName"), identity, key, tls) };
        let _entered = self.runtime.enter();
        let (client, mut events) = Client::start(options, cancel.clone());
        self.runtime.spawn(async move { while events.recv().await.is_some() {} });
        client
    }

    /// Sends a message until the broker has taken it: connections come and go meanwhile.
    fn send(&self, client: &Client, body: &'static str) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let message = Message { body: body.into(), ..Message::default() };
            let sent = self.runtime.block_on(async {
                tokio::time::timeout(Duration::from_secs(5), async {
                    client.connected().await?;
                    client.send(&message).await
                })
                .await
            });
            match sent {
                Ok(Ok(())) => return,
                other => assert!(Instant::now() < deadline, "not sent: {other:?}"),
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A world that is down already is what was wanted; a test that failed says so by itself.
        let _ended = self.sandbox.command(["sim", "down"]).output();
    }
}

#[test]
fn a_module_started_by_hand_gets_its_environment_in_every_form() {
    let world = World::new();
    world.json(&["sim", "up"]);
    let json = world.json(&["sim", "modulecred", "by-hand"]);
    let environment = world.sandbox.run(["sim", "modulecred", "edge-1/by-hand", "-o", "env"]).success().to_owned();
    let address = json["environment"]["IOTEDGE_GATEWAYHOSTNAME"].as_str().expect("an address");
    assert!(environment.lines().any(|line| line == format!("IOTEDGE_GATEWAYHOSTNAME={address}")), "{environment}");
    assert_eq!(environment, world.sandbox.run(["sim", "modulecred", "by-hand"]).success(), "the form without -o");
    assert!(!environment.contains("SharedAccessKey"));
    let lines = world.sandbox.run(["sim", "modulecred", "by-hand", "-o", "conn-string"]).success().to_owned();
    let expected = format!(
        "EdgeHubConnectionString={}\nEdgeModuleCACertificateFile={}\n",
        json["connectionString"].as_str().expect("text"),
        json["caFile"].as_str().expect("text")
    );
    assert_eq!(lines, expected);
    assert!(expected.contains(&format!(";GatewayHostName={address};DeviceId=edge-1;ModuleId=by-hand;SharedAccessKey=")), "{expected}");
    let refused = world.sandbox.run(["sim", "status", "-o", "conn-string"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
}

#[test]
fn parts_are_started_again_with_all_they_stored_and_clients_come_back() {
    let world = World::new();
    world.json(&["sim", "up"]);
    let cancel = Cancel::new();
    let client = world.client("by-hand", &cancel);
    world.send(&client, "before");
    for (part, names) in [
        ("hub", vec!["edge-1/$edgeHub"]),
        ("edge-1/agent", vec!["edge-1/$edgeAgent"]),
        ("edge-1", vec!["edge-1"]),
        ("device", vec!["edge-1"]),
    ] {
        assert_eq!(world.json(&["sim", "restart", part])["restarted"], serde_json::json!(names), "{part}");
        world.send(&client, "after");
    }
    assert_eq!(world.sandbox.run(["sim", "restart", "nobody"]).code, 3);
    cancel.cancel();
}
