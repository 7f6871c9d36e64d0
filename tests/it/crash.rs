//! A world that is killed again and again under load: nothing that its broker acknowledged is lost, and the order of each sender is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use edgectl::base::Cancel;
use edgectl::edgehub::{Client, ClientOptions};
use edgectl::identity::{SigningKey, tls};
use edgectl::iothub::{self, TelemetryRecord};
use edgectl::model::{Identity, Message};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::sandbox::Sandbox;
use super::waiting::{LIMIT, everything_upstream, wait_for};

/// Modules that send at the same time, and messages that each has under way.
const SENDERS: usize = 4;
const ROW: usize = 20;

/// Numbers below this one are acknowledged to a sender.
type Acknowledged = AtomicU64;

/// A world, which is ended also when a test fails.
struct World(Sandbox);

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let state = sandbox.path().join("state");
        Self(sandbox.env("EDGECTL_STATE_DIR", &state.to_string_lossy()))
    }

    fn file(&self) -> Value {
        serde_json::from_str(&self.0.read("state/sim/default/world.json")).expect("json")
    }

    /// Kills the supervisor, which is hub and broker, and starts the world again.
    fn kill_and_start(&self) {
        let pid = self.file()["supervisor"]["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a process id");
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("killed");
        wait_for("the world to be gone", || (self.file()["state"] == "stopped").then_some(()));
        self.0.run(["sim", "up"]).success();
    }

    fn route_everything_upstream(&self) {
        let file = self.file();
        let read = |member: &str| std::fs::read(file["hub"][member].as_str().expect("path")).expect("file");
        let text = String::from_utf8(read("connectionStringFile")).expect("text");
        let options = iothub::ClientOptions { ca_pem: Some(read("caFile")), ..iothub::ClientOptions::default() };
        let hub = iothub::Client::new(text.parse().expect("connection string"), options).expect("client");
        let content = everything_upstream();
        block_on(async { hub.apply_content("edge-1", &content).await }).expect("applied");
    }

    fn client_options(&self, module: &str) -> ClientOptions {
        let credentials = self.0.run(["sim", "modulecred", &format!("edge-1/{module}"), "-o", "json"]).json();
        let connection = credentials["connectionString"].as_str().expect("text");
        let key = connection.split(';').find_map(|part| part.strip_prefix("SharedAccessKey=")).expect("a key");
        let roots = self.0.read("state/sim/default/ca.pem");
        let environment = &credentials["environment"];
        let text = |member: &str| environment[member].as_str().expect("text").to_owned();
        ClientOptions {
            timeout: Duration::from_secs(5),
            pause: (Duration::from_millis(20), Duration::from_millis(200)),
            ..ClientOptions::new(
                text("IOTEDGE_GATEWAYHOSTNAME"),
                text("IOTEDGE_IOTHUBHOSTNAME"),
                Identity::module("edge-1", module),
                SigningKey::from_base64(key).expect("a key"),
                tls::client_config(&roots).expect("tls"),
            )
        }
    }

    /// Returns the numbers that reached the hub, by sender, in the order of its log.
    fn arrived(&self) -> BTreeMap<String, Vec<u64>> {
        let path = self.0.path().join("state/sim/default/hub/telemetry.jsonl");
        let text = if Path::new(&path).exists() { std::fs::read_to_string(path).expect("the hub's log") } else { String::new() };
        let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        // The last line may be under way.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let record: TelemetryRecord = serde_json::from_str(line).expect("a record");
            let number = record.body.as_ref().and_then(|body| body["n"].as_u64()).expect("a number");
            numbers.entry(record.module_id.expect("a module")).or_default().push(number);
        }
        numbers
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A world that is down already is what was wanted; a test that failed says so by itself.
        let _ended = self.0.command(["sim", "down"]).output();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime").block_on(future)
}

fn numbered(number: u64) -> Message {
    let mut message = Message { body: format!("{{\"n\":{number},\"pad\":\"{}\"}}", "x".repeat(200)).into(), ..Message::default() };
    message.system_properties.insert("outputName".into(), "out".into());
    message.system_properties.insert("contentType".into(), "application/json".into());
    message.system_properties.insert("contentEncoding".into(), "utf-8".into());
    message
}

/// Sends numbered messages until told to stop; what was not acknowledged is sent again.
async fn send_on(client: Client, ledger: Arc<Acknowledged>, stop: Arc<AtomicBool>) {
    let mut next = 0_u64;
    while !stop.load(Ordering::SeqCst) {
        let row: Vec<Message> = (next..next + ROW as u64).map(numbered).collect();
        let (sent, _failed) = client.send_all(row.iter()).await;
        next += sent as u64;
        ledger.store(next, Ordering::SeqCst);
    }
}

/// A small generator, so that a seed tells the whole run.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Says what is wrong with what arrived from a sender, or nothing.
fn verdict(arrived: &[u64], acknowledged: u64) -> Option<String> {
    let mut expected = 0;
    for (place, number) in arrived.iter().enumerate() {
        if *number == expected {
            expected += 1;
        } else if *number > expected {
            return Some(format!("{number} came at place {place} before {expected}"));
        }
    }
    (expected < acknowledged).then(|| format!("{acknowledged} were acknowledged and {expected} arrived"))
}

#[test]
fn a_broker_killed_under_load_loses_nothing_and_keeps_the_order() {
    let kills = setting("EDGECTL_CRASH_KILLS").unwrap_or(20);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let seed = setting("EDGECTL_CRASH_SEED").unwrap_or(u64::from(now.subsec_nanos()));
    let mut random = seed;
    let world = World::new();
    world.0.run(["sim", "up"]).success();
    world.route_everything_upstream();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let (cancel, stop) = (Cancel::new(), Arc::new(AtomicBool::new(false)));
    let mut ledgers = BTreeMap::new();
    let mut tasks = Vec::new();
    for number in 0..SENDERS {
        let module = format!("m{number}");
        let options = world.client_options(&module);
        let client = runtime.block_on(async { Client::start(options, cancel.clone()).0 });
        if number == 0 {
            // Before the route is known a message is acknowledged and dropped.
            wait_for("the route", || {
                let (sent, _failed) = runtime.block_on(client.send_all([numbered(0)].iter()));
                (sent == 1 && world.arrived().contains_key(&module)).then_some(())
            });
        }
        let ledger = Arc::new(Acknowledged::default());
        tasks.push(runtime.spawn(send_on(client, Arc::clone(&ledger), Arc::clone(&stop))));
        ledgers.insert(module, ledger);
    }
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(20 + next_random(&mut random) % 250));
        world.kill_and_start();
    }
    let before: Vec<u64> = ledgers.values().map(|ledger| ledger.load(Ordering::SeqCst)).collect();
    wait_for("every sender to go on", || {
        let go_on = ledgers.values().zip(&before).all(|(ledger, before)| ledger.load(Ordering::SeqCst) > *before);
        go_on.then_some(())
    });
    stop.store(true, Ordering::SeqCst);
    for task in tasks {
        runtime.block_on(task).expect("a sender");
    }
    let mut faults = String::new();
    let deadline = Instant::now() + LIMIT;
    loop {
        let arrived = world.arrived();
        faults.clear();
        for (module, ledger) in &ledgers {
            let numbers = arrived.get(module).map(Vec::as_slice).unwrap_or_default();
            if let Some(fault) = verdict(numbers, ledger.load(Ordering::SeqCst)) {
                writeln!(faults, "{module}: {fault}").expect("text");
            }
        }
        if faults.is_empty() || Instant::now() > deadline {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    cancel.cancel();
    assert!(faults.is_empty(), "after {kills} kills with EDGECTL_CRASH_SEED={seed}:\n{faults}");
    let acknowledged: u64 = ledgers.values().map(|ledger| ledger.load(Ordering::SeqCst)).sum();
    assert!(acknowledged > kills * ROW as u64, "there was load: {acknowledged} with EDGECTL_CRASH_SEED={seed}");
}
