//! The module templates at work: a filter as a user would have it, built by cargo, run as a process with the environment that an agent
//! gives, at our own listener and workload API.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::base::{Cancel, Clock};
use crate::edgehub::fake::{FakeHub, HUB, soon};
use crate::edgehub::workload::{Workload, bind, serve};
use crate::edgehub::{Identities, KnownIdentity, MethodAnswer, MethodCall, Outbound, listener};
use crate::identity::{Authority, SigningKey, tls};
use crate::model::{Identity, Message};
use crate::scaffold::{Staged, Template, render_module};

/// Builds a fresh module of a template and returns its program.
async fn built(template: &str, name: &str, root: &Path) -> PathBuf {
    let files = render_module(Template::module(template).expect("a template"), &name.parse().expect("a name"));
    let folder = root.join(name);
    Staged::write(&folder, &files).expect("staged").commit().expect("written");
    // The target folder that the integration tests use too, so that crates compile once: TARGET/tmp/modules beside TARGET/debug/deps.
    let own = std::env::current_exe().expect("this test");
    let target = own.ancestors().nth(3).expect("a target folder").join("tmp/modules");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--locked", "--quiet"]).current_dir(&folder).env("CARGO_TARGET_DIR", &target);
    let output = cargo.output().await.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("debug").join(name)
}

/// An edge device in this process: listener and workload API of one module.
struct Device {
    folder: tempfile::TempDir,
    hub: Arc<FakeHub>,
    module: Identity,
    address: SocketAddr,
    cancel: Cancel,
    authority: Arc<Authority>,
}

impl Device {
    fn new(module: &Identity, desired: Value) -> (Self, SigningKey) {
        let hub = FakeHub::new();
        let key = hub.add(module, desired);
        let folder = tempfile::tempdir().expect("folder");
        let authority = Authority::open_or_create(&folder.path().join("ca"), Clock::System.now()).expect("authority");
        // Modules always dial port 8883, so each run takes an address of loopback of its own.
        let [.., high, low] = std::process::id().to_be_bytes();
        let address = SocketAddr::from(([127, 93, high, low], 8883));
        let (module, cancel, authority) = (module.clone(), Cancel::new(), Arc::new(authority));
        (Self { folder, hub, module, address, cancel, authority }, key)
    }

    /// Serves the workload API and returns its socket.
    fn serve_workload(&self, key: SigningKey) -> PathBuf {
        let identities = Identities::open(&self.folder.path().join("identities.json")).expect("identities");
        let known = KnownIdentity::with_keys(self.module.clone(), "1", key, None);
        identities.put(known).expect("put");
        let (identities, authority) = (Arc::new(identities), self.authority.clone());
        let workload = Workload { module: self.module.clone(), identities, authority, clock: Clock::System };
        let socket = self.folder.path().join("m").join("w.sock");
        tokio::spawn(serve(bind(&socket).expect("bind"), workload, self.cancel.clone()));
        socket
    }

    /// Listens until the token is cancelled.
    async fn listen(&self, cancel: Cancel) -> JoinHandle<()> {
        let names = [self.address.ip().to_string()];
        let names = names.each_ref().map(String::as_str);
        let certificate = self.authority.issue_server(&names, Clock::System.now(), chrono::Duration::days(1)).expect("certificate");
        let listener = TcpListener::bind(self.address).await.expect("bind");
        let settings = tls::server_config(&certificate).expect("tls");
        tokio::spawn(listener::serve(listener, settings, self.hub.clone(), cancel))
    }

    fn start(&self, program: &Path, socket: &Path) -> Child {
        let (device, module) = (&self.module.device_id, self.module.module_id.as_ref().expect("a module"));
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
        command.env("IOTEDGE_WORKLOADURI", format!("unix://{}", socket.display())).env("IOTEDGE_AUTHSCHEME", "sasToken");
        command.env("IOTEDGE_IOTHUBHOSTNAME", HUB).env("IOTEDGE_MODULEGENERATIONID", "1").env("IOTEDGE_APIVERSION", "2022-08-03");
        command.env("IOTEDGE_DEVICEID", device).env("IOTEDGE_MODULEID", module);
        command.env("IOTEDGE_GATEWAYHOSTNAME", self.address.ip().to_string());
        command.spawn().expect("the module starts")
    }

    async fn until_reported(&self, threshold: &Value) {
        self.hub.until("the report", |hub| hub.reported(&self.module)["threshold"] == *threshold).await;
    }

    /// Sends a message to the input `in` and waits until the module has acknowledged it.
    async fn input(&self, body: &str) {
        let (done, told) = oneshot::channel();
        let message = Message { body: Bytes::copy_from_slice(body.as_bytes()), ..Message::default() };
        let session = self.hub.session(&self.module).expect("connected");
        session.outbound.send(Outbound::Input { input: "in".into(), message, redelivered: false, done }).await.expect("sent");
        soon("the acknowledgement", told).await.expect("acknowledged");
    }

    async fn call(&self, method: &str) -> MethodAnswer {
        let (answer, told) = oneshot::channel();
        let call = MethodCall { name: method.into(), payload: Bytes::new() };
        let session = self.hub.session(&self.module).expect("connected");
        session.outbound.send(Outbound::Method { call, answer }).await.expect("sent");
        soon("the answer", told).await.expect("answered")
    }
}

#[tokio::test]
async fn a_filter_passes_reports_answers_and_comes_back() {
    let root = tempfile::tempdir().expect("folder");
    let program = built("rust-filter", "live-filter", root.path()).await;
    let module = Identity::module("edge-1", "filter");
    let (device, key) = Device::new(&module, json!({ "threshold": 20 }));
    let socket = device.serve_workload(key);
    // The module is there before its hub and waits for it.
    let mut child = device.start(&program, &socket);
    let first = Cancel::new();
    let listening = device.listen(first.clone()).await;

    device.until_reported(&json!(20)).await;
    device.input(r#"{"temperature": 19.5}"#).await;
    device.input(r#"{"temperature": 20.5}"#).await;
    device.input("no json").await;
    let (sender, alert) = device.hub.messages(1).await.remove(0);
    assert_eq!((sender, alert.body.as_ref()), (module.clone(), br#"{"temperature":20.5}"#.as_slice()));
    assert_eq!(alert.system_properties["outputName"], "alert");
    assert_eq!(alert.system_properties["contentType"], "application/json");
    assert_eq!(alert.system_properties["contentEncoding"], "utf-8");
    device.hub.set_desired(&module, json!({ "threshold": 30 })).await;
    device.until_reported(&json!(30)).await;
    assert_eq!(device.call("reset").await, MethodAnswer { status: 200, payload: json!({ "passed": 1 }) });
    assert_eq!(device.call("rest").await.status, 404);

    first.cancel();
    soon("the end of the listener", listening).await.expect("listener");
    // What changes while the module is away reaches it by the twin.
    device.hub.set_desired(&module, json!({ "threshold": null })).await;
    let _second = device.listen(device.cancel.clone()).await;
    device.until_reported(&json!(25.0)).await;
    device.input(r#"{"temperature": 25.5}"#).await;
    assert_eq!(device.hub.count(), 2);

    let id = i32::try_from(child.id().expect("running")).expect("a process id");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGTERM).expect("signalled");
    let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.expect("it ends in time").expect("waited");
    assert!(ended.success(), "{ended}");
    device.cancel.cancel();
}
