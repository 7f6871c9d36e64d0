//! The unmodified `azure-iot-device` SDK of the Python index in a simulated world: it connects through the workload API, sends, receives, reads and
//! reports its twin, and answers a method.
//!
//! Runs with `EDGECTL_TEST_REAL=1` and `EDGECTL_SDK_PYTHON`, a Python that has the SDK.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

const MODULE: &str = "edge-1/sdk";
const ROUTES: &str = r#"{
    "back": "FROM /messages/modules/sdk/outputs/out INTO BrokeredEndpoint(\"/modules/sdk/inputs/in\")",
    "up": "FROM /messages/modules/sdk/outputs/out INTO $upstream"
}"#;

/// Returns the Python to run, or says why the test is skipped.
fn python() -> Option<String> {
    if !crate::lab::is_real("real_sdk") {
        return None;
    }
    let python = std::env::var("EDGECTL_SDK_PYTHON").expect("EDGECTL_SDK_PYTHON names a Python with azure-iot-device");
    Some(python)
}

/// A simulated world that goes down with the test, however it ends.
struct World(Sandbox);

impl World {
    fn up() -> Self {
        let sandbox = Sandbox::new();
        sandbox.file("edgectl.yaml", "version: 1\nsolution: sdk\nhub: emulator\n");
        let world = Self(sandbox);
        world.0.run(["sim", "up"]).success();
        world
    }

    fn call(&self, method: &str, payload: &str) -> Value {
        self.0.run(["sim", "call", MODULE, method, "--payload", payload, "-o", "json"]).json()
    }

    /// Waits until the hub's twin of the module has reported this threshold.
    fn until_reported(&self, threshold: &Value) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let twin = self.0.run(["sim", "twin", "get", MODULE, "-o", "json"]).json();
            let found = twin.pointer("/twin/properties/reported/threshold");
            if found == Some(threshold) {
                return;
            }
            assert!(Instant::now() < deadline, "the hub never heard of {threshold}: {twin}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let down = self.0.run(["sim", "down"]);
        if !std::thread::panicking() {
            down.success();
        }
    }
}

/// The program with the SDK, and the lines that it prints.
struct Program {
    child: Child,
    lines: Receiver<Value>,
}

impl Program {
    fn start(python: &str, environment: &Value) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/sdk_module.py");
        let mut command = Command::new(python);
        command.arg(script).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
        for (name, value) in environment.as_object().expect("an environment") {
            command.env(name, value.as_str().expect("a text"));
        }
        let mut child = command.spawn().expect("Python runs");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).count()
        });
        Self { child, lines }
    }

    /// Waits for the next lines that bear these names, in any order, and returns what they say.
    fn tells<const N: usize>(&self, names: [&str; N]) -> [Value; N] {
        let mut found = names.map(|_| None);
        while found.iter().any(Option::is_none) {
            let line = self.lines.recv_timeout(Duration::from_mins(1)).unwrap_or_else(|error| panic!("no {names:?}: {error}"));
            let place = names.iter().zip(&found).position(|(name, found)| found.is_none() && line.get(name).is_some());
            let place = place.unwrap_or_else(|| panic!("{line} came while waiting for {names:?}"));
            found[place] = line.get(names[place]).cloned();
        }
        found.map(|value| value.expect("it was found"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already when the test went well.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn an_unmodified_sdk_module_does_all_it_can() {
    let Some(python) = python() else { return };
    let world = World::up();
    let credentials = world.0.run(["sim", "modulecred", MODULE, "-o", "json"]).json();
    let routes = format!("desired.routes={ROUTES}");
    let keep = r#"desired.storeAndForwardConfiguration={"timeToLiveSecs": 7200}"#;
    let version = r#"desired.schemaVersion="1.1""#;
    world.0.run(["sim", "twin", "set", "edge-1/$edgeHub", version, &routes, keep]).success();
    world.0.run(["sim", "twin", "set", MODULE, "desired.threshold=20"]).success();

    let mut program = Program::start(&python, &credentials["environment"]);
    let [twin] = program.tells(["twin"]);
    assert_eq!(twin["desired"]["threshold"], 20);
    let [reported, sent, input] = program.tells(["reported", "sent", "input"]);
    assert_eq!((reported, sent), (json!(20), json!("out")));
    assert_eq!(input, json!({ "name": "in", "body": { "temperature": 21.5 }, "properties": { "line": "a/b c" } }));
    world.until_reported(&json!(20));
    let seen = world.0.run(["sim", "monitor", "--from", "start", "--count", "1", "--timeout", "60s", "-o", "json"]);
    let message: Value = serde_json::from_str(seen.success().trim()).expect("one message");
    assert_eq!((&message["moduleId"], &message["body"]), (&json!("sdk"), &json!({ "temperature": 21.5 })));

    world.0.run(["sim", "twin", "set", MODULE, "desired.threshold=30"]).success();
    let [patch, reported] = program.tells(["patch", "reported"]);
    assert_eq!((&patch["threshold"], reported), (&json!(30), json!(30)));
    world.until_reported(&json!(30));

    let answer = world.call("echo", r#"{"a": [1, null]}"#);
    assert_eq!((&answer["status"], &answer["payload"]), (&json!(200), &json!({ "echo": { "a": [1, null] } })));
    assert_eq!(program.tells(["method"]), [json!({ "name": "echo", "payload": { "a": [1, null] } })]);
    assert_eq!(world.call("unheard-of", "null")["status"], 404);
    world.call("stop", "null");
    assert!(program.child.wait().expect("it ends").success());
}
