//! `edgectl sim leaf`, `sim clients` and `sim certs`: devices that connect through an edge device of a running world.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use edgectl::base::Cancel;
use edgectl::edgehub::{Client, ClientEvent, ClientOptions};
use edgectl::identity::{SigningKey, tls};
use edgectl::iothub::{self, Device};
use edgectl::model::{Identity, Message};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::sandbox::Sandbox;
use super::waiting::{LIMIT, everything_upstream};

/// A world with the device `edge-1`, whose messages go upstream.
struct World {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
    hub: Value,
    address: String,
    cancel: Cancel,
}

impl World {
    fn start() -> Self {
        let sandbox = Sandbox::new();
        let state = sandbox.path().join("state");
        let sandbox = sandbox.env("EDGECTL_STATE_DIR", &state.to_string_lossy());
        sandbox.file("fleet.jsonl", "{\"id\":\"edge-1\"}\n");
        sandbox.run(["sim", "up", "--devices", "fleet.jsonl"]).success();
        // Paths in what a command prints are shortened; the file has them whole.
        let file: Value = serde_json::from_slice(&std::fs::read(state.join("sim/default/world.json")).expect("world.json")).expect("json");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let address = file["devices"][0]["address"].as_str().expect("address").to_owned();
        let world = Self { sandbox, runtime, hub: file["hub"].clone(), address, cancel: Cancel::new() };
        let content = everything_upstream();
        world.runtime.block_on(world.service().apply_content("edge-1", &content)).expect("applied");
        world
    }

    fn read(&self, member: &str) -> String {
        std::fs::read_to_string(self.hub[member].as_str().expect("path")).expect("file")
    }

    fn service(&self) -> iothub::Client {
        let options = iothub::ClientOptions { ca_pem: Some(self.read("caFile").into_bytes()), ..iothub::ClientOptions::default() };
        iothub::Client::new(self.read("connectionStringFile").parse().expect("connection string"), options).expect("client")
    }

    fn json(&self, command: &[&str]) -> Value {
        self.sandbox.run(command.iter().copied().chain(["-o", "json"])).json()
    }

    /// Connects a leaf device through the edge device.
    fn connect(&self, id: &str, key: &str) -> (Client, mpsc::Receiver<ClientEvent>) {
        let key = SigningKey::from_base64(key).expect("a key");
        let host = self.hub["address"].as_str().expect("address");
        let roots = tls::client_config(&self.read("caFile")).expect("roots");
        let mut options = ClientOptions::new(&self.address, host, Identity::device(id), key, roots);
        options.pause = (Duration::from_millis(50), Duration::from_millis(200));
        let _inside = self.runtime.enter();
        Client::start(options, self.cancel.clone())
    }

    fn wait<T>(&self, what: &str, future: impl Future<Output = T>) -> T {
        let waited = self.runtime.block_on(async { tokio::time::timeout(LIMIT, future).await });
        waited.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    fn event(&self, what: &str, events: &mut mpsc::Receiver<ClientEvent>, wanted: impl Fn(&ClientEvent) -> bool) {
        self.wait(what, async { while !wanted(&events.recv().await.expect("the client runs")) {} });
    }

    fn client(&self, id: &str) -> Value {
        let shown = self.json(&["sim", "clients", "edge-1"]);
        let clients = shown["devices"][0]["clients"].as_array().expect("clients");
        clients.iter().find(|client| client["identity"] == json!({"deviceId": id})).cloned().unwrap_or_default()
    }

    /// Returns the end of life of the certificate that a new connection sees, or why it ends at once.
    fn handshake(&self) -> Result<Vec<u8>, String> {
        let roots = tls::client_config(&self.read("caFile")).expect("roots");
        let name = rustls::pki_types::ServerName::try_from(self.address.clone()).expect("an address");
        self.wait("a handshake", async {
            let stream = tokio::net::TcpStream::connect((self.address.as_str(), 8883)).await.map_err(|error| error.to_string())?;
            let connected = tokio_rustls::TlsConnector::from(Arc::clone(&roots)).connect(name, stream).await;
            let connected = connected.map_err(|error| error.to_string())?;
            Ok(connected.get_ref().1.peer_certificates().expect("certificates")[0].to_vec())
        })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.cancel.cancel();
        // A world that is down already is what was wanted; a test that failed says so by itself.
        let _ended = self.sandbox.command(["sim", "down"]).output();
    }
}

fn key_of(connection_string: &str) -> &str {
    let key = connection_string.split(';').find_map(|part| part.strip_prefix("SharedAccessKey="));
    key.expect("a key")
}

/// Runs `mosquitto_pub` with a certificate, where it is installed, and returns its exit code.
fn publish_with_certificate(world: &World, id: &str, certificate: &Path, key: &Path) -> Option<i32> {
    let host = world.hub["address"].as_str().expect("address");
    let mut command = Command::new("mosquitto_pub");
    command.args(["-V", "mqttv311", "-q", "1", "-p", "8883", "-h", &world.address, "-i", id, "-m", "by certificate"]);
    command.args(["-u", &format!("{host}/{id}/?api-version=2021-04-12"), "-t", &format!("devices/{id}/messages/events/")]);
    command.arg("--cafile").arg(world.hub["caFile"].as_str().expect("file")).arg("--cert").arg(certificate).arg("--key").arg(key);
    command.stdin(Stdio::null()).status().ok()?.code()
}

#[test]
fn a_leaf_device_connects_through_its_parent_until_it_is_removed() {
    let world = World::start();
    let added = world.json(&["sim", "leaf", "add", "leaf-1"]);
    assert_eq!((&added["parent"], &added["authentication"]), (&json!("edge-1"), &json!("sas")));
    assert_eq!(added["gatewayHostName"], world.address.as_str());
    let text = added["connectionString"].as_str().expect("text");
    assert!(text.ends_with(&format!(";GatewayHostName={}", world.address)), "{text}");
    let (leaf, mut events) = world.connect("leaf-1", key_of(text));
    world.wait("the leaf", leaf.connected()).expect("connected");
    let message = Message { body: "from a leaf".into(), ..Message::default() };
    world.wait("an acknowledgement", leaf.send(&message)).expect("stored");
    let seen = world.sandbox.run(["sim", "monitor", "--from", "start", "--count", "1", "--timeout", "1m", "-o", "json"]);
    let seen: Value = serde_json::from_str(seen.success()).expect("a message");
    assert_eq!((&seen["deviceId"], &seen["moduleId"]), (&json!("leaf-1"), &Value::Null));
    let row = world.client("leaf-1");
    assert_eq!((&row["connected"], &row["authentication"], &row["refusal"]), (&json!(true), &json!("sas"), &Value::Null));

    // Not assigned to this device, although the hub knows it.
    let service = world.service();
    let alone = world.runtime.block_on(service.put_device(&Device::new("alone"), None)).expect("a device");
    let (_alone, mut refusals) = world.connect("alone", &alone.symmetric_keys().expect("keys").primary.to_base64());
    world.event("a refusal", &mut refusals, |event| matches!(event, ClientEvent::Disconnected { refused: true, .. }));
    let refusal = &world.client("alone")["refusal"];
    let reason = "not in the scope of this device: the hub has not assigned it here";
    assert_eq!((&refusal["code"], &refusal["reason"]), (&json!(5), &json!(reason)));
    assert!(world.sandbox.run(["sim", "clients"]).success().contains("alone was refused by edge-1"));

    let listed = world.json(&["sim", "leaf", "list"]);
    let parents: Vec<_> = listed["leaves"].as_array().expect("leaves").iter().map(|leaf| (&leaf["deviceId"], &leaf["parent"])).collect();
    assert_eq!(parents, [(&json!("alone"), &Value::Null), (&json!("leaf-1"), &json!("edge-1"))]);
    assert_eq!(world.sandbox.run(["sim", "leaf", "add", "leaf-1"]).code, 75);
    assert_eq!(world.sandbox.run(["sim", "leaf", "remove", "edge-1"]).code, 3);
    assert_eq!(world.json(&["sim", "leaf", "remove", "leaf-1"])["deviceId"], "leaf-1");
    world.event("the end of the connection", &mut events, |event| matches!(event, ClientEvent::Disconnected { .. }));
    world.event("its refusal", &mut events, |event| matches!(event, ClientEvent::Disconnected { refused: true, .. }));
    assert_eq!(world.client("leaf-1")["refusal"]["reason"], reason);
}

#[test]
fn leaf_devices_sign_in_by_certificate() {
    let world = World::start();
    let folder = world.sandbox.path();
    world.json(&["sim", "leaf", "add", "self-1", "--generate", "self.pem"]);
    world.json(&["sim", "leaf", "add", "ca-1", "--x509-ca", "--generate", "ca-1.pem"]);
    world.json(&["sim", "leaf", "add", "same-1", "--x509", "self.pem", "--status", "disabled"]);
    assert_eq!(world.sandbox.run(["sim", "leaf", "add", "other-1", "--generate", "self.pem"]).code, 75, "a file is not overwritten");
    for (id, file, code, how) in [
        ("self-1", "self", 0, json!("x509-thumbprint")),
        ("ca-1", "ca-1", 0, json!("x509-ca")),
        ("ca-1", "self", 5, json!("x509-ca")),
        ("same-1", "self", 5, Value::Null),
    ] {
        let (certificate, key) = (folder.join(format!("{file}.pem")), folder.join(format!("{file}.key.pem")));
        let Some(ended) = publish_with_certificate(&world, id, &certificate, &key) else { return skipped() };
        assert_eq!((ended, &world.client(id)["authentication"]), (code, &how), "{id} with {file}: {}", world.client(id));
    }
    assert_eq!(world.client("ca-1")["refusal"]["reason"], "the certificate is for `self-1`, not for `ca-1`");
    assert_eq!(world.client("same-1")["refusal"]["reason"], "`same-1` is disabled in the hub");
    let seen = world.sandbox.run(["sim", "monitor", "--from", "start", "--count", "2", "--timeout", "1m", "-o", "name"]);
    assert_eq!(seen.success().lines().count(), 2);
}

#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn skipped() {
    eprintln!("skipped: mosquitto_pub is not installed");
}

#[test]
fn certificates_are_shown_written_and_made_anew_while_the_world_runs() {
    let world = World::start();
    let shown = world.json(&["sim", "certs", "show"]);
    let certificates = shown["certificates"].as_array().expect("certificates");
    assert_eq!(certificates.len(), 2);
    assert_eq!((&certificates[0]["device"], &certificates[1]["device"]), (&Value::Null, &json!("edge-1")));
    assert_eq!(certificates[1]["names"], json!([world.address, "edge-1"]));
    world.sandbox.run(["sim", "certs", "export", "exported.pem"]).success();
    assert_eq!(std::fs::read_to_string(world.sandbox.path().join("exported.pem")).expect("file"), world.read("caFile"));

    let first = world.handshake().expect("trusted");
    let renewed = world.json(&["sim", "certs", "renew", "edge-1"]);
    assert_ne!(renewed["certificates"][0]["sha256"], certificates[1]["sha256"]);
    let second = world.handshake().expect("trusted");
    assert_ne!(first, second);
    world.sandbox.run(["sim", "certs", "expire", "edge-1"]).success();
    let refused = world.handshake().expect_err("expired");
    assert!(refused.to_lowercase().contains("expired"), "{refused}");
    world.sandbox.run(["sim", "certs", "renew", "edge-1"]).success();
    world.handshake().expect("trusted again");
    assert_eq!(world.sandbox.run(["sim", "certs", "renew", "none"]).code, 3);
}
