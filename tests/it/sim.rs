//! `edgectl sim`: a world comes up with real processes, and nothing of it stays behind, however it ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use edgectl::base::Clock;
use edgectl::iothub;
use edgectl::model::{Platform, Repository};
use edgectl::oci::{Descriptor, ImageConfig, ImageManifest, LayerBuilder, media_type};
use edgectl::registry::{EmbeddedStore, Store as _};
use serde_json::{Value, json};
use snapbox::str;

use super::sandbox::Sandbox;
use super::waiting::wait_for;

/// A sandbox with worlds in it, which ends them also when a test fails.
struct Worlds(Sandbox);

impl Worlds {
    fn new() -> Self {
        Self::of(Sandbox::new())
    }

    /// Returns worlds whose sockets lie below this folder.
    fn with_sockets(folder: &Path) -> Self {
        Self::of(Sandbox::new().env("XDG_RUNTIME_DIR", &folder.to_string_lossy()))
    }

    fn of(sandbox: Sandbox) -> Self {
        let state = sandbox.path().join("state");
        Self(sandbox.env("EDGECTL_STATE_DIR", &state.to_string_lossy()))
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn file(&self, world: &str) -> Value {
        let path = self.state().join(format!("sim/{world}/world.json"));
        serde_json::from_slice(&std::fs::read(path).expect("world.json")).expect("json")
    }

    fn pid(&self, world: &str, member: &str) -> i32 {
        i32::try_from(self.file(world)["supervisor"][member].as_i64().expect("pid")).expect("pid")
    }

    fn runtime_folder(&self, world: &str) -> PathBuf {
        let file = self.file(world);
        Path::new(file["controlSocket"].as_str().expect("socket")).parent().expect("folder").to_path_buf()
    }

    fn assert_nothing_left(&self, world: &str) {
        wait_for("the world to be gone", || {
            let stopped = self.file(world)["state"] == "stopped" && !self.runtime_folder(world).exists();
            (stopped && ["pid", "guardPid"].iter().all(|member| !lives(self.pid(world, member)))).then_some(())
        });
    }

    /// Puts an image with this static program into the embedded store and returns its reference by digest.
    fn image(&self, name: &str, program: Vec<u8>) -> String {
        let store = EmbeddedStore::open(self.state().join("store"));
        let repository: Repository = format!("edgectl.local/test/{name}").parse().expect("repository");
        let mut layer = LayerBuilder::new();
        layer.executable("app/program", program).expect("file");
        let layer = layer.finish(Clock::fixed_at(0).expect("time").now()).expect("layer");
        let host = Platform::host();
        let config = json!({"architecture": host.architecture, "os": "linux", "config": {"Entrypoint": ["/app/program"], "Env": ["GREETING=hello"]},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]}});
        let config = ImageConfig::parse(config.to_string().as_bytes()).expect("config").bytes();
        let manifest = ImageManifest::new(Descriptor::of(media_type::CONFIG, &config), vec![layer.descriptor.clone()]).bytes();
        block_on(async {
            store.push_blob(&repository, layer.bytes).await.expect("layer");
            store.push_blob(&repository, config).await.expect("config");
            let digest = store.push_manifest(&repository, media_type::MANIFEST, manifest, Some("latest")).await.expect("manifest");
            repository.at(digest).to_string()
        })
    }

    fn hub(&self, world: &str) -> iothub::Client {
        let file = self.file(world);
        let read = |member: &str| std::fs::read(file["hub"][member].as_str().expect("path")).expect("file");
        let text = String::from_utf8(read("connectionStringFile")).expect("text");
        let options = iothub::ClientOptions { ca_pem: Some(read("caFile")), ..iothub::ClientOptions::default() };
        iothub::Client::new(text.parse().expect("connection string"), options).expect("client")
    }

    fn deploy(&self, world: &str, device: &str, modules: &Value) {
        let content = json!({"modulesContent": {
            "$edgeAgent": {"properties.desired": {"schemaVersion": "1.1", "runtime": {"type": "docker", "settings": {}},
                "systemModules": {
                    "edgeAgent": {"type": "docker", "settings": {"image": "agent:1.5"}},
                    "edgeHub": {"type": "docker", "status": "running", "restartPolicy": "always", "settings": {"image": "hub:1.5"}}},
                "modules": modules}},
            "$edgeHub": {"properties.desired": {"schemaVersion": "1.1", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": 60}}}}});
        block_on(async { self.hub(world).apply_content(device, &content).await }).expect("applied");
    }

    fn module(&self, world: &str, name: &str) -> Option<Value> {
        let status = self.0.run(["sim", "status", "--sim", world, "-o", "json"]).json();
        status["devices"][0]["modules"].as_array().expect("modules").iter().find(|module| module["name"] == name).cloned()
    }
}

impl Drop for Worlds {
    fn drop(&mut self) {
        for world in ["default", "other"] {
            // A world that is down already is what was wanted; a test that failed says so by itself.
            let _ended = self.0.command(["sim", "down", "--sim", world]).output();
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime").block_on(future)
}

/// Tells whether a process runs; one that ended and was not yet taken by its parent does not.
fn lives(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !matches!(rest.split_whitespace().next(), Some("Z" | "X") | None))
}

/// Returns the processes that run, whose command line names the folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let needle = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").expect("proc").filter_map(Result::ok);
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).filter(|line| line.contains(&needle)).collect()
}

fn kill(pid: i32, signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).expect("signal");
}

/// Compiles a static program that greets and then does as `body` says.
fn program(folder: &Path, body: &str) -> Vec<u8> {
    let source = folder.join("program.rs");
    std::fs::write(&source, format!("fn main() {{ println!(\"{{}} from {{}}\", std::env::var(\"GREETING\").unwrap(), std::env::var(\"IOTEDGE_MODULEID\").unwrap()); {body} }}"))
        .expect("source");
    let binary = folder.join("program");
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let compiled = Command::new("rustc")
        .args(["-C", "target-feature=+crt-static", "-C", "strip=symbols", "--target", &target, "-o"])
        .args([&binary, &source])
        .output()
        .expect("rustc");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    std::fs::read(binary).expect("program")
}

fn module(image: &str, policy: &str) -> Value {
    json!({"type": "docker", "status": "running", "restartPolicy": policy, "settings": {"image": image, "createOptions": ""}})
}

#[test]
fn a_world_comes_up_once_and_goes_down_once() {
    let worlds = Worlds::new();
    let sandbox = &worlds.0;
    sandbox.file("fleet.jsonl", "{\"id\":\"edge-a\",\"tags\":{\"ring\":\"canary\"}}\n{\"id\":\"edge-b\"}\n");
    let first = sandbox.run(["sim", "up", "--devices", "fleet.jsonl", "-o", "json"]).json();
    assert_eq!((first["wasRunning"].as_bool(), first["world"]["state"].as_str()), (Some(false), Some("running")));
    assert_eq!(first["world"]["devices"][0]["ring"], "canary");
    let again = sandbox.run(["sim", "up", "--devices", "fleet.jsonl", "-o", "json"]).json();
    assert_eq!((&again["wasRunning"], &again["world"]["supervisor"]), (&true.into(), &first["world"]["supervisor"]));
    let twin = block_on(async { worlds.hub("default").twin("edge-a").await }).expect("hub").expect("twin");
    assert_eq!(twin.tags()["ring"], "canary");

    let second = sandbox.run(["sim", "up", "--sim", "other", "--devices", "fleet.jsonl", "-o", "json"]).json();
    assert_ne!(second["world"]["hub"]["address"], first["world"]["hub"]["address"]);
    assert_eq!(sandbox.run(["sim", "down", "--sim", "other", "-o", "json"]).json()["wasRunning"], true);
    worlds.assert_nothing_left("other");

    let environment = sandbox.run(["sim", "modulecred", "edge-b/by-hand", "-o", "json"]).json();
    let environment = &environment["environment"];
    assert_eq!(
        (&environment["IOTEDGE_MODULEID"], &environment["IOTEDGE_GATEWAYHOSTNAME"]),
        (&"by-hand".into(), &first["world"]["devices"][1]["address"])
    );
    let socket = environment["IOTEDGE_WORKLOADURI"].as_str().expect("uri").trim_start_matches("unix://").to_owned();
    assert!(Path::new(&socket).exists());

    assert_eq!(sandbox.run(["sim", "down", "-o", "json"]).json()["wasRunning"], true);
    worlds.assert_nothing_left("default");
    assert_eq!(sandbox.run(["sim", "down", "-o", "json"]).json()["wasRunning"], false);
    let later = sandbox.run(["sim", "up", "--devices", "fleet.jsonl", "-o", "json"]).json();
    assert_eq!(later["world"]["devices"][0]["address"], first["world"]["devices"][0]["address"], "addresses are kept");
}

#[test]
fn modules_run_from_their_images_and_die_with_the_world() {
    let worlds = Worlds::new();
    let sandbox = &worlds.0;
    sandbox.run(["sim", "up"]).success();
    let scratch = sandbox.path();
    let steady = worlds.image("steady", program(&scratch, "loop { std::thread::park(); }"));
    let failing = worlds.image("failing", program(&scratch, "std::process::exit(3);"));
    let missing = "edgectl.local/test/none@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let modules = json!({"steady": module(&steady, "always"), "failing": module(&failing, "always"), "missing": module(missing, "always")});
    worlds.deploy("default", "edge-1", &modules);
    let steady_row =
        wait_for("the module to run", || worlds.module("default", "steady").filter(|module| module["runtimeStatus"] == "running"));
    assert_eq!(steady_row["digest"].as_str(), steady.split_once('@').map(|(_, digest)| digest));
    wait_for("restarts of the failing module", || {
        worlds.module("default", "failing").filter(|module| module["restartCount"].as_u64() > Some(1))
    });
    wait_for("the back-off of the missing image", || {
        worlds.module("default", "missing").filter(|module| module["runtimeStatus"] == "backoff")
    });
    let log = sandbox.run(["sim", "logs", "edge-1/steady"]);
    assert_eq!(log.success(), "edge-1/steady: hello from steady\n");
    let reported = wait_for("the report at the hub", || {
        let twin = block_on(async { worlds.hub("default").module_twin("edge-1", "$edgeAgent").await }).expect("hub").expect("twin");
        (twin.reported()["modules"]["steady"]["runtimeStatus"] == "running").then(|| twin.reported().clone())
    });
    assert_eq!(
        (&reported["lastDesiredStatus"]["code"], &reported["modules"]["steady"]["settings"]["image"]),
        (&200.into(), &steady.into())
    );

    // kill -9 of the supervisor: the guard leaves nothing behind.
    let pid = i32::try_from(steady_row["pid"].as_i64().expect("pid")).expect("pid");
    assert!(lives(pid));
    kill(worlds.pid("default", "pid"), nix::sys::signal::Signal::SIGKILL);
    worlds.assert_nothing_left("default");
    assert!(!lives(pid));
    assert!(worlds.file("default")["reason"].as_str().expect("reason").contains("supervisor"));

    // kill -9 of the guard: the supervisor stops by itself, modules first. The deployment comes back from the device's own memory.
    sandbox.run(["sim", "up"]).success();
    let row =
        wait_for("the module to run again", || worlds.module("default", "steady").filter(|module| module["runtimeStatus"] == "running"));
    kill(worlds.pid("default", "guardPid"), nix::sys::signal::Signal::SIGKILL);
    worlds.assert_nothing_left("default");
    assert!(!lives(i32::try_from(row["pid"].as_i64().expect("pid")).expect("pid")));
}

#[test]
fn a_taken_port_fails_the_start_and_names_it() {
    let worlds = Worlds::new();
    let sandbox = &worlds.0;
    sandbox.run(["sim", "up"]).success();
    let address = worlds.file("default")["devices"][0]["address"].as_str().expect("address").to_owned();
    sandbox.run(["sim", "down"]).success();
    let holder = std::net::TcpListener::bind((address.as_str(), 8883)).expect("bound");
    let failed = sandbox.run(["sim", "up"]);
    assert_eq!(failed.code, 5, "{}", failed.stderr);
    assert!(failed.stderr.contains(&format!("{address} port 8883 is taken")), "{}", failed.stderr);
    worlds.assert_nothing_left("default");
    drop(holder);
    sandbox.run(["sim", "up"]).success();
}

/// Sends Ctrl-C to a `sim up` as soon as `reached` holds, and requires that nothing stays. One that was up before it heard is stopped.
fn interrupt_a_start(worlds: &Worlds, sockets: &Path, what: &str, mut reached: impl FnMut() -> bool) {
    let mut start = worlds.0.command(["sim", "up"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sim up");
    let pid = i32::try_from(start.id()).expect("pid");
    wait_for(what, || (reached() || !lives(pid)).then_some(()));
    kill(pid, nix::sys::signal::Signal::SIGINT);
    let status = wait_for("the end of the start", || start.try_wait().expect("watched"));
    if status.success() {
        worlds.0.run(["sim", "down"]).success();
    }
    assert_eq!(processes_in(&worlds.0.path()), Vec::<String>::new(), "after {what}: {status}");
    let left: Vec<_> = std::fs::read_dir(sockets).expect("sockets").map(|entry| entry.expect("entry").path()).collect();
    assert_eq!(left, Vec::<PathBuf>::new(), "after {what}");
}

#[test]
fn a_start_that_is_interrupted_leaves_nothing() {
    let moments = ["nothing", "guard", "guard.lock", "world.lock", "ca", "world.json"];
    for moment in moments {
        // A new state folder each time: there is no world.json that could help.
        let sockets = tempfile::Builder::new().prefix("e").tempdir_in("/tmp").expect("folder");
        let worlds = Worlds::with_sockets(sockets.path());
        let (folder, root) = (worlds.state().join("sim/default"), worlds.0.path());
        interrupt_a_start(&worlds, sockets.path(), moment, || match moment {
            "nothing" => true,
            "guard" => processes_in(&root).iter().any(|line| line.contains("internal guard")),
            file => folder.join(file).exists(),
        });
    }
}

#[test]
fn processes_that_only_a_stale_file_names_are_left_alone() {
    let sockets = tempfile::Builder::new().prefix("e").tempdir_in("/tmp").expect("folder");
    let worlds = Worlds::with_sockets(sockets.path());
    let sandbox = &worlds.0;
    sandbox.run(["sim", "up"]).success();
    sandbox.run(["sim", "down"]).success();
    let mut innocent = Command::new("sleep").arg("600").spawn().expect("sleep");
    let pid = i32::try_from(innocent.id()).expect("pid");
    let forge = || {
        let mut file = worlds.file("default");
        file["state"] = "running".into();
        file["supervisor"] = json!({"pid": pid, "guardPid": pid});
        std::fs::write(worlds.state().join("sim/default/world.json"), file.to_string()).expect("forged");
    };
    forge();
    assert_eq!(sandbox.run(["sim", "down", "-o", "json"]).json()["wasRunning"], false);
    assert!(lives(pid), "sim down");

    forge();
    let root = sandbox.path();
    interrupt_a_start(&worlds, sockets.path(), "a guard beside a stale file", || {
        processes_in(&root).iter().any(|line| line.contains("internal guard"))
    });
    assert!(lives(pid), "an interrupted start");

    let address = worlds.file("default")["hub"]["address"].as_str().expect("address").to_owned();
    let _holder = std::net::TcpListener::bind((address.as_str(), 8883)).expect("bound");
    forge();
    assert_eq!(sandbox.run(["sim", "up"]).code, 5);
    assert!(lives(pid), "a start that failed");
    assert_eq!(worlds.file("default")["state"], "stopped");
    assert_eq!(processes_in(&root), Vec::<String>::new());
    innocent.kill().and_then(|()| innocent.wait()).expect("ended");
}

#[test]
fn wrong_use_says_what_is_wrong() {
    let sandbox = Sandbox::new();
    sandbox.file("fleet.jsonl", "{\"id\":\"a\"}\n{\"id\":\"a\"}\n");
    sandbox.run(["sim", "up", "--sim", "../x"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: `../x` is no name of a world: use 1 to 32 characters of a-z, 0-9 and -, starting with a letter or digit [sim/bad-name]

"#]]);
    sandbox.run(["sim", "up", "--devices", "fleet.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: [ROOT]/work/fleet.jsonl:2:1: the device `a` was named before [sim/bad-devices]
hint: Write one object a line, such as {"id": "edge-7", "tags": {"ring": "early"}}.

"#]]);
    sandbox.run(["sim", "status", "extra"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: unexpected argument 'extra' found

Usage: edgectl sim status [OPTIONS]

For more information, try '--help'.

"#]]);
    sandbox.run(["sim", "status"]).matches(str![[r#"
exit 0
--- stdout
NAME          STATUS   RESTARTS  CONNECTED  DIGEST  ADDRESS
hub(default)  stopped  <none>    <none>     <none>  <none>
--- stderr

"#]]);
    sandbox.run(["sim", "logs", "edge-1/nothing"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no such log in the world `default` [sim/no-log]
hint: `edgectl sim status -o name` lists devices and modules.

"#]]);
    sandbox.run(["sim", "modulecred", "edge-1/"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value 'edge-1/' for '<[DEVICE/]MODULE>': write MODULE or DEVICE/MODULE, such as edge-1/filter

For more information, try '--help'.

"#]]);
    sandbox.run(["sim", "modulecred", "edge-1/m"]).matches(str![[r#"
exit 5
--- stdout
--- stderr
error: the world `default` is not running [sim/not-running]
hint: Start it with `edgectl sim up`.

"#]]);
    sandbox.run(["sim", "down", "--sim", "A"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: `A` is no name of a world: use 1 to 32 characters of a-z, 0-9 and -, starting with a letter or digit [sim/bad-name]

"#]]);
    sandbox.run(["sim", "down"]).matches(str![[r#"
exit 0
--- stdout
the world default was not running
--- stderr

"#]]);
}
