//! Releases against the running hub emulator: agents connect over the device protocol and report as a real one would, images lie in an
//! embedded store with real signatures, the ledger lies in a git repository.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::release_create::{CreateOptions, Created, create};
use super::release_desk::{Desk, Draft};
use super::release_hub::{ensure, standing};
use super::release_log::log;
use super::release_promote::{PromoteOptions, Promotion, promote};
use super::release_rollback::{Rollback, RollbackOptions, rollback};
use super::release_status::status;
use crate::base::report::Silent;
use crate::base::{Cancel, Clock, CommandError, Exit, Result, Secret, fs};
use crate::edgehub::Feature;
use crate::edgehub::client::{Client as Agent, ClientEvent, ClientOptions as AgentOptions};
use crate::identity::{Authority, tls};
use crate::iothub::{Client, ClientOptions, Device};
use crate::ledger::{Ledger, OpenOptions};
use crate::model::Identity;
use crate::registry::{EmbeddedStore, Store as _, StoreOptions};
use crate::release::{Action, Decision, Detail, State, plan};
use crate::sim::hub::{Hub, HubOptions};
use crate::solution::Solution;
use crate::trust::{PrivateKey, key, sign};

const HUB: Ipv4Addr = Ipv4Addr::new(127, 77, 8, 1);
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const SOLUTION: &str = "version: 1
solution: greenhouse
modules:
  sensor: sensor
rings:
  - { name: canary, target: tags.ring = 'canary', bake: 1s }
  - { name: early, target: tags.ring = 'early', bake: 1s }
trust: { keys: [release.pub] }
";

/// Images (as they stand in manifests) whose modules crash.
type Crashing = Arc<Mutex<BTreeSet<String>>>;

struct World {
    folder: TempDir,
    solution: Solution,
    client: Client,
    stores: StoreOptions,
    crashing: Crashing,
    cancel: Cancel,
    _hub: Hub,
}

impl Drop for World {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl World {
    async fn new(rings: &[&str]) -> Self {
        let (folder, cancel) = (tempfile::tempdir().expect("folder"), Cancel::new());
        let (hub, root) = start_hub(folder.path(), &cancel).await;
        let options = ClientOptions { ca_pem: Some(root.clone().into_bytes()), ..ClientOptions::default() };
        let client = Client::new(hub.connection_string().clone(), options).expect("a client");
        let crashing = Crashing::default();
        for ring in rings {
            let id = format!("edge-{ring}");
            client.put_device(&Device::edge(&id), None).await.expect("a device");
            client.patch_twin(&id, &json!({ "tags": { "ring": ring } }), None).await.expect("tags");
            start_agent(&hub, &client, &root, &id, &crashing, &cancel).await;
        }
        let git = std::process::Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status().expect("git");
        assert!(git.success());
        std::fs::create_dir(folder.path().join("sensor")).expect("folder");
        fs::write(&folder.path().join("sensor/module.yaml"), b"version: 1\nbuild: { language: rust }\n").expect("module");
        fs::write(&folder.path().join("edgectl.yaml"), SOLUTION.as_bytes()).expect("solution");
        let solution = Solution::parse(SOLUTION, Path::new("edgectl.yaml")).expect("a solution");
        fs::write(&folder.path().join("release.pub"), keys().1.as_bytes()).expect("a public key");
        let stores = StoreOptions::new(folder.path().join(".edgectl/store"));
        Self { folder, solution, client, stores, crashing, cancel, _hub: hub }
    }

    async fn desk(&self) -> Desk<'_> {
        let options = OpenOptions {
            solution_folder: self.folder.path().to_path_buf(),
            state_dir: self.folder.path().join(".edgectl"),
            environment: [("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())].into(),
            remote: None,
            cancel: self.cancel.clone(),
        };
        Desk {
            solution: &self.solution,
            folder: self.folder.path().to_path_buf(),
            ledger: Ledger::open(&options).await.expect("a ledger"),
            clock: Clock::System,
            cancel: self.cancel.clone(),
            actor: "tester".to_owned(),
        }
    }

    /// Builds an image under `latest` whose content is another for every mark; returns how manifests name it.
    async fn build(&self, mark: &str, signed: bool) -> String {
        let store = EmbeddedStore::open(&self.stores.folder);
        let repository = self.solution.repository(&"sensor".parse().expect("a name"));
        let config = json!({ "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": [] }, "author": mark });
        let config = bytes::Bytes::from(config.to_string());
        let digest = store.push_blob(&repository, config.clone()).await.expect("config");
        let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": config.len() } });
        let manifest = bytes::Bytes::from(manifest.to_string());
        let digest = store.push_manifest(&repository, MANIFEST, manifest.clone(), None).await.expect("manifest");
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [
            { "mediaType": MANIFEST, "digest": digest, "size": manifest.len(), "platform": { "architecture": "amd64", "os": "linux" } } ] });
        let index = bytes::Bytes::from(index.to_string());
        let digest = store.push_manifest(&repository, INDEX, index, Some("latest")).await.expect("index");
        let reference = repository.at(digest);
        if signed {
            sign(&store, &reference, std::slice::from_ref(&keys().0), crate::trust::Retry::default()).await.expect("signed");
        }
        reference.to_string()
    }

    async fn create(&self, name: &str) -> Result<Created> {
        let options = CreateOptions { name: name.parse()?, tag: "latest".to_owned(), stores: self.stores.clone(), commit: None };
        create(&self.desk().await, &options, &mut Silent).await
    }

    async fn release(&self, name: &str) -> String {
        let image = self.build(name, true).await;
        assert!(self.create(name).await.expect("a release").changed);
        image
    }

    async fn promote(&self, release: &str, ring: &str, wait: bool) -> Result<Promotion> {
        let options = PromoteOptions { release: release.parse()?, ring: ring.parse()?, wait, dry_run: false };
        let desk = self.desk().await;
        let promoting = Box::pin(promote(&desk, &self.client, &self.stores, &options, &mut Silent)).await;
        promoting.inspect(|promotion| assert_eq!(promotion.ring.as_str(), ring))
    }

    async fn rollback(&self, ring: &str, wait: bool) -> Result<Rollback> {
        let options = RollbackOptions { ring: ring.parse()?, release: None, reason: Some("test".to_owned()), wait, dry_run: false };
        let desk = self.desk().await;
        Box::pin(rollback(&desk, &self.client, &options, &mut Silent)).await
    }

    /// Returns the image that a device's agent reports.
    async fn running(&self, device: &str) -> Option<String> {
        let twin = self.client.module_twin(device, Identity::EDGE_AGENT).await.expect("an answer").expect("a twin");
        twin.reported().pointer("/modules/sensor/settings/image").and_then(Value::as_str).map(str::to_owned)
    }
}

/// Returns the one key pair of all tests, since opening a key is slow on purpose.
fn keys() -> &'static (PrivateKey, String) {
    static KEYS: OnceLock<(PrivateKey, String)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let folder = tempfile::tempdir().expect("folder");
        let made = key::generate(&folder.path().join("release"), &Secret::new("")).expect("keys");
        let private = PrivateKey::load(&made.private, &Secret::new("")).expect("a key");
        (private, fs::read_text(&made.public).expect("a public key"))
    })
}

async fn start_hub(folder: &Path, cancel: &Cancel) -> (Hub, String) {
    let now = Clock::System.now();
    let authority = Authority::open_or_create(&folder.join("ca"), now).expect("authority");
    let certificate = authority.issue_server(&[&HUB.to_string()], now, chrono::Duration::days(1)).expect("certificate");
    let options = HubOptions {
        folder: folder.join("hub"),
        host_name: HUB.to_string(),
        address: IpAddr::V4(HUB),
        mqtt_port: 0,
        https_port: 0,
        tls: tls::server_config(&certificate).expect("tls"),
        clock: Clock::System,
        cancel: cancel.clone(),
    };
    (Hub::start(options).await.expect("a hub"), authority.root_pem().to_owned())
}

/// Starts an agent that takes its modules from its desired properties and says that they run, or that they crash.
async fn start_agent(hub: &Hub, client: &Client, root: &str, device: &str, crashing: &Crashing, cancel: &Cancel) {
    let module = client.module(device, Identity::EDGE_AGENT).await.expect("an answer").expect("an agent");
    let identity = Identity::module(device, Identity::EDGE_AGENT);
    let key = module.symmetric_keys().expect("keys").primary;
    let mut options = AgentOptions::new(HUB.to_string(), HUB.to_string(), identity, key, tls::client_config(root).expect("tls"));
    options.port = hub.mqtt_address().port();
    options.features = BTreeSet::from([Feature::DesiredProperties, Feature::TwinResponses]);
    let (agent, mut events) = Agent::start(options, cancel.clone());
    let crashing = Arc::clone(crashing);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if !matches!(event, ClientEvent::Connected | ClientEvent::Desired(_)) {
                continue;
            }
            let Ok(twin) = agent.twin().await else { continue };
            let desired = &twin["desired"];
            let mut modules = serde_json::Map::new();
            for (name, module) in desired["modules"].as_object().into_iter().flatten() {
                let image = module["settings"]["image"].as_str().unwrap_or_default();
                let crashes = crashing.lock().expect("no panic").contains(image);
                let (status, restarts) = if crashes { ("backoff", 3) } else { ("running", 0) };
                modules.insert(name.clone(), json!({ "runtimeStatus": status, "restartCount": restarts, "settings": { "image": image } }));
            }
            let status = json!({ "code": 200, "description": "" });
            let report = json!({ "lastDesiredVersion": desired["$version"], "lastDesiredStatus": status, "modules": modules });
            // The hub of a test that has ended takes no report.
            let _gone = agent.report(&report).await;
        }
    });
}

fn state_of(promotion: &Promotion) -> (State, Decision, bool) {
    (promotion.to, promotion.decision, promotion.changed)
}

fn gate(promotion: &Promotion, name: &str) -> String {
    promotion.gates.iter().find(|gate| gate.name == name).map(|gate| gate.result.to_string()).unwrap_or_default()
}

fn kind(outcome: Result<impl Sized>) -> Option<Exit> {
    outcome.err().map(|error: CommandError| error.kind)
}

async fn limited<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), Box::pin(future)).await.expect("done within a minute")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_walks_the_rings_and_a_bad_one_is_taken_back() {
    let world = World::new(&["canary", "early"]).await;
    let one = world.release("v1").await;
    let early = world.promote("v1", "early", false).await.expect("decided");
    assert_eq!((state_of(&early), gate(&early, "previous-ring").as_str()), ((State::Absent, Decision::GateFailed, false), "fail"));

    let canary = limited(world.promote("v1", "canary", true)).await.expect("promoted");
    assert_eq!(state_of(&canary), (State::Healthy, Decision::Proceed, true));
    assert_eq!((world.running("edge-canary").await, world.running("edge-early").await), (Some(one.clone()), None), "only its ring");
    let again = limited(world.promote("v1", "canary", true)).await.expect("nothing to do");
    assert_eq!(state_of(&again), (State::Healthy, Decision::AlreadyDone, false));
    assert_eq!(limited(world.promote("v1", "early", true)).await.expect("promoted").to, State::Healthy);

    let two = world.release("v2").await;
    world.crashing.lock().expect("no panic").insert(two.clone());
    let halted = limited(world.promote("v2", "canary", true)).await.expect("decided");
    assert_eq!(state_of(&halted), (State::Halted, Decision::Halted, true));
    assert!(halted.reason.as_ref().is_some_and(|reason| reason.contains("sensor is backoff")), "{:?}", halted.reason);
    assert_eq!(world.promote("v2", "early", false).await.expect("decided").decision, Decision::GateFailed);

    let back = limited(world.rollback("canary", true)).await.expect("taken back");
    assert_eq!((back.changed, back.fallback.map(|fallback| fallback.name.to_string())), (true, Some("v1".to_owned())));
    assert_eq!(world.running("edge-canary").await, Some(one));
    assert!(!limited(world.rollback("canary", false)).await.expect("nothing to do").changed);
    let denied = world.promote("v2", "canary", false).await.expect("decided");
    assert_eq!((denied.decision, gate(&denied, "deny-list").as_str()), (Decision::GateFailed, "fail"));

    let desk = world.desk().await;
    let shown = limited(status(&desk, Some(&world.client), None, &mut Silent)).await.expect("status");
    assert!(shown.rings.iter().all(|ring| ring.release.as_ref().is_some_and(|release| release.name.as_str() == "v1")));
    let listed = log(&desk, None, &mut Silent).await.expect("whole chains");
    let canary: Vec<_> = listed.records.iter().filter(|entry| entry.chain.ends_with("canary")).map(|entry| entry.record.action).collect();
    assert_eq!(
        canary.get(..6),
        Some(&[Action::Requested, Action::Rolling, Action::Baking, Action::Healthy, Action::Requested, Action::Rolling][..])
    );
    assert!(listed.records.iter().any(|entry| entry.record.action == Action::Denied));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_promotion_waits_for_the_bake() {
    let mut world = World::new(&["canary", "early"]).await;
    world.solution.rings[0].bake = crate::base::duration::Span::from_secs(3600);
    world.release("v1").await;
    limited(async {
        while world.promote("v1", "canary", false).await.expect("promoted").to != State::Baking {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let early = world.promote("v1", "early", false).await.expect("decided");
    assert_eq!((early.decision, gate(&early, "bake").as_str()), (Decision::Paused, "inconclusive"));
    assert!(early.next_check_secs.is_some_and(|seconds| seconds > 3000), "{:?}", early.next_check_secs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_signed_never_enters_a_ring() {
    let mut world = World::new(&["canary"]).await;
    world.build("v1", false).await;
    world.create("v1").await.expect("a release");
    let refused = world.promote("v1", "canary", false).await.expect("decided");
    assert_eq!((refused.decision, gate(&refused, "signature").as_str()), (Decision::GateFailed, "fail"));
    world.solution.trust.keys.clear();
    assert_eq!(gate(&world.promote("v1", "canary", false).await.expect("decided"), "signature"), "fail", "no key is no trust");
    assert!(world.client.configurations().await.expect("an answer").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_stand_for_one_content() {
    let world = World::new(&[]).await;
    assert_eq!(kind(world.create("v1").await), Some(Exit::BadInput), "nothing is built");
    world.release("v1").await;
    assert!(!world.create("v1").await.expect("the same").changed);
    world.build("other", true).await;
    assert_eq!(kind(world.create("v1").await), Some(Exit::Refused));
    assert_eq!(kind(world.promote("v9", "canary", false).await), Some(Exit::BadInput));
    assert_eq!(kind(world.promote("v1", "nowhere", false).await), Some(Exit::BadInput));
    assert_eq!(kind(world.rollback("canary", false).await), Some(Exit::Refused), "nothing runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_without_devices_is_never_healthy_and_nothing_below_is_no_rollback() {
    let world = World::new(&[]).await;
    world.release("v1").await;
    assert_eq!(state_of(&world.promote("v1", "canary", false).await.expect("promoted")), (State::Rolling, Decision::Proceed, true));
    let error = world.rollback("canary", false).await.expect_err("nothing below");
    assert_eq!((error.kind, error.code), (Exit::Refused, "release/nothing-below"));
    world.release("v2").await;
    let waiting = world.promote("v2", "canary", false).await.expect("decided");
    assert_eq!((waiting.decision, gate(&waiting, "in-flight").as_str()), (Decision::Paused, "inconclusive"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promotion_that_died_is_carried_on_from_any_point() {
    let world = World::new(&["canary"]).await;
    world.release("v1").await;
    let desk = world.desk().await;
    let release = desk.release(&"v1".parse().expect("a name")).await.expect("there");
    let ring = &desk.solution.rings[0];
    let planned = plan::promotion(&release.release, &ring.name, &ring.target, &[]).expect("a plan");
    let draft = Draft {
        action: Action::Requested,
        release: release.release.reference(),
        subjects: release.release.subjects(),
        gates: Vec::new(),
        decision: Decision::Proceed,
        detail: Detail { configurations: planned.clone(), ..Detail::default() },
    };
    // Died right after the intent; then, in a second life, after the write to the hub.
    let intent = desk.advance(None, &ring.name, draft, desk.local_now(), Vec::new()).await.expect("recorded");
    let dry = PromoteOptions { release: release.release.name.clone(), ring: ring.name.clone(), wait: false, dry_run: true };
    let told = Box::pin(promote(&desk, &world.client, &world.stores, &dry, &mut Silent)).await.expect("planned");
    assert_eq!((state_of(&told), told.configurations), ((State::Requested, Decision::Planned, false), planned.clone()));
    assert_eq!(desk.chain(&ring.name).await.expect("a chain").expect("there").head, intent.head, "nothing is recorded");
    assert!(world.client.configurations().await.expect("an answer").is_empty());
    assert!(ensure(&world.client, &release.release, &ring.name, &planned[0]).await.expect("written"));
    assert!(!ensure(&world.client, &release.release, &ring.name, &planned[0]).await.expect("there already"));
    let done = limited(world.promote("v1", "canary", true)).await.expect("carried on");
    assert_eq!(state_of(&done), (State::Healthy, Decision::Proceed, true));
    assert_eq!(standing(&world.client, &desk.solution.name, &ring.name).await.expect("an answer").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promotion_that_died_is_rejected_when_the_release_was_denied_since() {
    let world = World::new(&[]).await;
    world.release("v1").await;
    let desk = world.desk().await;
    let release = desk.release(&"v1".parse().expect("a name")).await.expect("there");
    let ring = &desk.solution.rings[0];
    let planned = plan::promotion(&release.release, &ring.name, &ring.target, &[]).expect("a plan");
    let draft = |action, detail| Draft {
        action,
        release: release.release.reference(),
        subjects: release.release.subjects(),
        gates: Vec::new(),
        decision: Decision::Proceed,
        detail,
    };
    let intent = draft(Action::Requested, Detail { configurations: planned.clone(), ..Detail::default() });
    desk.advance(None, &ring.name, intent, desk.local_now(), Vec::new()).await.expect("recorded");
    assert!(ensure(&world.client, &release.release, &ring.name, &planned[0]).await.expect("written"));
    let bad = draft(Action::Denied, Detail { reason: Some("it burns".to_owned()), ..Detail::default() });
    let denial = desk.release_change(Some(&release), &release.release, Some(&ring.name), bad, desk.local_now()).expect("legal");
    desk.ledger.commit(&[denial], desk.clock.now(), "test").await.expect("denied");
    let rejected = world.promote("v1", "canary", false).await.expect("decided");
    assert_eq!((state_of(&rejected), gate(&rejected, "deny-list").as_str()), ((State::Rejected, Decision::GateFailed, false), "fail"));
    assert!(world.client.configurations().await.expect("an answer").is_empty(), "what was written is taken back");
    assert_eq!(world.promote("v1", "canary", false).await.expect("decided").decision, Decision::GateFailed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_that_died_is_carried_on() {
    let world = World::new(&["canary"]).await;
    world.release("v1").await;
    limited(world.promote("v1", "canary", true)).await.expect("promoted");
    world.release("v2").await;
    limited(world.promote("v2", "canary", true)).await.expect("promoted");
    let desk = world.desk().await;
    let ring = &desk.solution.rings[0];
    let chain = desk.chain(&ring.name).await.expect("a chain").expect("there");
    let found = standing(&world.client, &desk.solution.name, &ring.name).await.expect("an answer");
    let plan = plan::rollback(&chain.state, &found, &BTreeSet::new()).expect("v1 is below");
    let draft = Draft {
        action: Action::RollbackStarted,
        release: plan.release.clone(),
        subjects: Vec::new(),
        gates: Vec::new(),
        decision: Decision::RolledBack,
        detail: Detail { removed: plan.remove.clone(), fallback: plan.fallback.clone(), ..Detail::default() },
    };
    desk.advance(Some(chain), &ring.name, draft, desk.local_now(), Vec::new()).await.expect("recorded");
    let back = limited(world.rollback("canary", true)).await.expect("carried on");
    assert_eq!((back.changed, back.release.name.as_str(), back.removed), (true, "v2", plan.remove));
    assert!(!world.rollback("canary", false).await.expect("nothing to do").changed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_promotions_at_once_one_wins() {
    let world = World::new(&[]).await;
    world.release("v1").await;
    world.release("v2").await;
    let (one, two) = tokio::join!(world.promote("v1", "canary", false), world.promote("v2", "canary", false));
    let outcome = |result: Result<Promotion>| match result {
        Ok(promotion) => (promotion.changed, promotion.decision.exit()),
        Err(error) => (false, error.kind),
    };
    let mut outcomes = [outcome(one), outcome(two)];
    outcomes.sort_by_key(|(changed, _)| !changed);
    assert_eq!(outcomes[0], (true, Exit::Success));
    assert!(matches!(outcomes[1], (false, Exit::Conflict | Exit::Inconclusive)), "{outcomes:?}");
    assert_eq!(world.client.configurations().await.expect("an answer").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_of_others_is_never_taken_for_ours() {
    let world = World::new(&["canary"]).await;
    world.release("v1").await;
    let options =
        PromoteOptions { release: "v1".parse().expect("a name"), ring: "canary".parse().expect("a ring"), wait: false, dry_run: true };
    let desk = world.desk().await;
    let planned = Box::pin(promote(&desk, &world.client, &world.stores, &options, &mut Silent)).await.expect("planned");
    assert_eq!((planned.decision, planned.changed), (Decision::Planned, false));
    let content = json!({ "modulesContent": { "$edgeAgent": { "properties.desired": { "modules": {} } }, "$edgeHub": { "properties.desired": {} } } });
    let forged = crate::iothub::Configuration::new(&planned.configurations[0].id, content).with_condition("*");
    world.client.put_configuration(&forged, None).await.expect("forged");
    let error = world.promote("v1", "canary", false).await.expect_err("foreign");
    assert_eq!((error.kind, error.code), (Exit::Refused, "release/foreign-configuration"));
    assert_eq!(world.client.configurations().await.expect("an answer").len(), 1, "it stays where it is");
    assert_eq!(world.promote("v1", "canary", false).await.expect_err("still foreign").code, "release/foreign-configuration");
}
