use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::edgehub::fake::{FakeHub, HUB, Served, event, soon};
use crate::edgehub::gateway::request::Invocation;
use crate::edgehub::{ClientEvent, InvokeError, KnownIdentity, MethodAnswer, MethodCall, Outbound};
use crate::identity::{SigningKey, sas, tls};

const ROUTES: &str = r#"{
    "toFilter": "FROM /messages/modules/sensor/outputs/telemetry INTO BrokeredEndpoint(\"/modules/filter/inputs/in\")",
    "alerts": "FROM /messages/modules/filter/outputs/alert INTO $upstream",
    "leaf": "FROM /messages WHERE NOT IS_DEFINED($connectionModuleId) INTO $upstream"
}"#;

/// A hub, a device with two modules and a leaf, and the device's broker.
struct Device {
    hub: Arc<FakeHub>,
    upstream: Served,
    folder: tempfile::TempDir,
    identities: Arc<Identities>,
    scope: Option<Arc<dyn ScopeSource>>,
    broker: Option<(Arc<Broker>, Served, Cancel)>,
}

fn sensor() -> Identity {
    Identity::module("edge-1", "sensor")
}

fn filter() -> Identity {
    Identity::module("edge-1", "filter")
}

fn own() -> Identity {
    Identity::module("edge-1", Identity::EDGE_HUB)
}

impl Device {
    async fn new() -> Self {
        let hub = FakeHub::new();
        let folder = tempfile::tempdir().expect("folder");
        let identities = Identities::open(&folder.path().join("identities.json")).expect("identities");
        let routes: Value = serde_json::from_str(ROUTES).expect("routes");
        let configuration = json!({"schemaVersion": "1.1", "routes": routes, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}});
        for (identity, desired) in
            [(own(), configuration), (sensor(), json!({})), (filter(), json!({"threshold": 25})), (Identity::device("leaf-1"), json!({}))]
        {
            let primary = hub.add(&identity, desired);
            identities.put(KnownIdentity::with_keys(identity, "1", primary, None)).expect("put");
        }
        let upstream = Served::start(hub.clone()).await;
        let mut device = Self { hub, upstream, folder, identities: Arc::new(identities), scope: None, broker: None };
        device.start().await;
        device
    }

    async fn start(&mut self) {
        let tls = tls::client_config(&self.upstream.roots_pem).expect("roots");
        let options = BrokerOptions {
            device_id: "edge-1".into(),
            hub: HUB.into(),
            gateway_names: vec!["127.0.0.1".into()],
            identities: Arc::clone(&self.identities),
            folder: self.folder.path().join("broker"),
            upstream: Upstream { host: "127.0.0.1".into(), port: self.upstream.port, tls },
            clock: Clock::System,
            timing: Timing::Fast,
            durability: Durability::Process,
            warnings: Arc::new(Warnings::new(Clock::System)),
            max_clients: MAX_CLIENTS,
            scope: self.scope.clone(),
            trust_bundle: self.upstream.roots_pem.clone(),
        };
        let cancel = Cancel::new();
        // An earlier broker's tasks may hold its database for a moment longer.
        let start = async {
            loop {
                match Broker::start(options.clone(), cancel.clone()).await {
                    Ok(broker) => return broker,
                    Err(BrokerError::State(_)) => sleep(Duration::from_millis(20)).await,
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let broker = soon("a broker", start).await;
        soon("a configuration", broker.configured()).await;
        let served = Served::start(broker.clone()).await;
        self.broker = Some((broker, served, cancel));
    }

    async fn stop(&mut self) {
        let (broker, served, cancel) = self.broker.take().expect("running");
        served.stop().await;
        cancel.cancel();
        drop(broker);
    }

    fn key(&self, identity: &Identity) -> SigningKey {
        self.identities.get(identity).expect("known").primary().expect("a key").clone()
    }

    fn served(&self) -> &Served {
        &self.broker.as_ref().expect("running").1
    }

    fn counts(&self) -> BrokerCounts {
        self.broker.as_ref().expect("running").0.counts()
    }

    async fn client(&self, identity: &Identity) -> (super::super::Client, tokio::sync::mpsc::Receiver<ClientEvent>) {
        self.served().client(identity, &self.key(identity)).await
    }
}

fn message(body: &str, output: &str) -> Message {
    let mut message = Message { body: Bytes::copy_from_slice(body.as_bytes()), ..Message::default() };
    message.system_properties.insert("outputName".into(), output.into());
    message
}

async fn input(events: &mut tokio::sync::mpsc::Receiver<ClientEvent>) -> (String, Message) {
    event("an input", events, |event| match event {
        ClientEvent::Input { input, message } => Some((input, message)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn messages_flow_from_output_to_input_and_upstream() {
    let mut device = Device::new().await;
    let (sensor_client, _sensor_events) = device.client(&sensor()).await;
    let (filter_client, mut events) = device.client(&filter()).await;
    sensor_client.send(&message("31", "telemetry")).await.expect("sent");
    let (name, arrived) = input(&mut events).await;
    assert_eq!((name.as_str(), arrived.body.as_ref()), ("in", b"31".as_slice()));
    assert_eq!(arrived.system_properties["connectionModuleId"], "sensor");

    filter_client.send(&message("hot", "alert")).await.expect("sent");
    let (sender, arrived) = device.hub.messages(1).await.remove(0);
    assert_eq!((sender, arrived.body.as_ref()), (filter(), b"hot".as_slice()));
    assert_eq!(arrived.system_properties["outputName"], "alert");

    sensor_client.send(&message("nobody", "other")).await.expect("acknowledged and dropped");
    device.hub.until("counts", |_| device.counts().delivered == 1).await;
    let counts = device.counts();
    assert_eq!((counts.received, counts.unrouted, counts.sent, counts.clients), (3, 1, 1, 2));
    device.hub.until("reported clients", |hub| hub.reported(&own())["clients"]["edge-1/filter"]["status"] == "Connected").await;
    assert_eq!(device.hub.reported(&own())["lastDesiredStatus"], json!({"code": 200, "description": ""}));
    device.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_restart_and_a_hub_that_is_away() {
    let mut device = Device::new().await;
    let (sensor_client, _events) = device.client(&sensor()).await;
    let (filter_client, events) = device.client(&filter()).await;
    let upstream = std::mem::replace(&mut device.upstream, Served::start(FakeHub::new()).await);
    let elsewhere = device.upstream.port;
    let (port, folder) = upstream.stop().await;
    for number in 0..3 {
        filter_client.send(&message(&number.to_string(), "alert")).await.expect("stored while the hub is away");
    }
    drop((filter_client, events));
    device.hub.until("the filter is gone", |_| device.counts().clients == 1).await;
    for number in 0..5 {
        sensor_client.send(&message(&number.to_string(), "telemetry")).await.expect("stored while the filter is away");
    }
    device.stop().await;

    assert_ne!(elsewhere, port);
    device.upstream = Served::start_at(device.hub.clone(), port, folder).await;
    device.start().await;
    let bodies: Vec<_> = device.hub.messages(3).await.into_iter().map(|(_, message)| message.body).collect();
    assert_eq!(bodies, ["0", "1", "2"].map(Bytes::from));
    let (_filter_client, mut events) = device.client(&filter()).await;
    for number in 0..5 {
        assert_eq!(input(&mut events).await.1.body, Bytes::from(number.to_string()));
    }
    device.stop().await;
}

#[tokio::test]
async fn twins_and_methods_pass_through() {
    let mut device = Device::new().await;
    let (client, mut events) = device.client(&filter()).await;
    assert_eq!(client.twin().await.expect("twin")["desired"], json!({"threshold": 25, "$version": 1}));
    assert_eq!(client.report(&json!({"count": 1})).await.expect("reported"), None, "a broker tells no version");
    device.hub.until("a reported property", |hub| hub.reported(&filter())["count"] == 1).await;
    assert_eq!(client.twin().await.expect("twin")["reported"]["count"], 1);

    device.hub.until("a session upstream", |hub| hub.session(&filter()).is_some()).await;
    device.hub.until("its subscriptions", |hub| hub.wants(&filter(), Feature::DesiredProperties)).await;
    device.hub.set_desired(&filter(), json!({"threshold": 30})).await;
    let patch = event("a desired patch", &mut events, |event| match event {
        ClientEvent::Desired(patch) => Some(patch),
        _ => None,
    });
    assert_eq!(patch.await, json!({"threshold": 30, "$version": 2}));

    let session = device.hub.session(&filter()).expect("session");
    let (answer, told) = tokio::sync::oneshot::channel();
    let call = MethodCall { name: "reset".into(), payload: Bytes::from_static(b"{}") };
    session.outbound.send(Outbound::Method { call, answer }).await.expect("sent");
    event("a method", &mut events, |event| match event {
        ClientEvent::Method { call, answer } => answer.send(MethodAnswer { status: 200, payload: json!(call.name) }).ok(),
        _ => None,
    })
    .await;
    assert_eq!(soon("an answer", told).await.expect("answer"), MethodAnswer { status: 200, payload: json!("reset") });
    device.stop().await;
}

#[tokio::test]
async fn a_bad_configuration_is_refused_and_the_old_one_runs_on() {
    let mut device = Device::new().await;
    device.hub.until("its subscriptions", |hub| hub.wants(&own(), Feature::DesiredProperties)).await;
    device.hub.set_desired(&own(), json!({"routes": {"bad": "FROM nowhere"}})).await;
    device.hub.until("a status", |hub| hub.reported(&own())["lastDesiredStatus"]["code"] == 400).await;
    assert_eq!(device.hub.reported(&own())["lastDesiredVersion"], 2);
    let (client, _events) = device.client(&filter()).await;
    client.send(&message("x", "alert")).await.expect("sent");
    device.hub.messages(1).await;
    device.stop().await;
}

#[tokio::test]
async fn a_second_connection_takes_over_and_strangers_are_refused() {
    let mut device = Device::new().await;
    let (first, mut events) = device.client(&filter()).await;
    let (second, _others) = device.client(&filter()).await;
    event("the takeover", &mut events, |event| matches!(event, ClientEvent::Disconnected { refused: false, .. }).then_some(())).await;
    drop((first, events, second));
    let stranger = Identity::module("edge-1", "stranger");
    let options = device.served().options(&stranger, &SigningKey::generate().expect("key"));
    let (_client, mut events) = super::super::Client::start(options, device.served().cancel.clone());
    event("a refusal", &mut events, |event| matches!(event, ClientEvent::Disconnected { refused: true, .. }).then_some(())).await;
    device.stop().await;
}

#[tokio::test]
async fn a_message_is_dropped_when_its_time_is_over_while_its_module_is_away() {
    let mut device = Device::new().await;
    device.hub.until("its subscriptions", |hub| hub.wants(&own(), Feature::DesiredProperties)).await;
    device.hub.set_desired(&own(), json!({"storeAndForwardConfiguration": {"timeToLiveSecs": 1}})).await;
    device.hub.until("a status", |hub| hub.reported(&own())["lastDesiredVersion"] == 2).await;
    let (client, _events) = device.client(&sensor()).await;
    client.send(&message("late", "telemetry")).await.expect("stored");
    device.hub.until("its end", |_| device.counts().expired == 1).await;
    device.hub.until("an empty queue", |_| device.broker.as_ref().expect("running").0.waiting().iter().all(|(_, count)| *count == 0)).await;
    assert_eq!(device.counts().delivered, 0);
    device.stop().await;
}

#[tokio::test]
async fn a_message_too_large_to_be_sent_on_is_dropped_and_holds_nothing_up() {
    let mut device = Device::new().await;
    let broker = Arc::clone(&device.broker.as_ref().expect("running").0);
    // As raw text each fits a topic; encoded it is three times as long.
    let mut topic = message("x", "alert");
    topic.properties.insert("p".into(), Some("ü".repeat(15_000)));
    let mut packet = message(&"x".repeat(261_000), "alert");
    packet.properties.insert("p".into(), Some("ü".repeat(500)));
    let mut towards_module = topic.clone();
    towards_module.system_properties.insert("outputName".into(), "telemetry".into());
    for (sender, mut large) in [(filter(), topic), (filter(), packet), (sensor(), towards_module)] {
        let module = sender.module_id.clone().expect("module");
        large.system_properties.insert("connectionModuleId".into(), module);
        broker.telemetry(&sender, large).await.expect("acknowledged and dropped");
    }
    assert_eq!(device.counts().too_large, 3);
    assert!(broker.waiting().iter().all(|(_, count)| *count == 0));
    let (client, _events) = device.client(&filter()).await;
    client.send(&message("small", "alert")).await.expect("sent");
    assert_eq!(device.hub.messages(1).await.remove(0).1.body, "small");
    drop(broker);
    device.stop().await;
}

/// Runs `mosquitto_pub`, where it is installed.
async fn mosquitto_pub(port: u16, roots: &Path, identity: &Identity, token: &str, topic: &str, lines: &str) -> Option<i32> {
    let id = identity.to_string();
    let mut command = tokio::process::Command::new("mosquitto_pub");
    command.args(["-V", "mqttv311", "-h", "127.0.0.1", "-q", "1", "-l", "-p"]).arg(port.to_string());
    command.args(["-i", &id, "-u", &format!("{HUB}/{id}/?api-version=2021-04-12"), "-P", token, "-t", topic, "--cafile"]).arg(roots);
    let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
    child.stdin.take().expect("stdin").write_all(lines.as_bytes()).await.expect("lines");
    soon("the end of mosquitto_pub", child.wait()).await.expect("ended").code()
}

#[tokio::test]
async fn a_plain_mqtt_client_is_a_leaf_device() {
    let mut device = Device::new().await;
    let leaf = Identity::device("leaf-1");
    let roots = device.folder.path().join("roots.pem");
    fs::write(&roots, device.served().roots_pem.as_bytes()).expect("roots");
    let expires = Clock::System.now() + chrono::Duration::hours(1);
    let token = sas::sign(&sas::resource_of(HUB, Some(&leaf)), &device.key(&leaf), expires, None);
    let port = device.served().port;
    let topic = "devices/leaf-1/messages/events/kind=pump";
    let Some(code) = mosquitto_pub(port, &roots, &leaf, &token, topic, "one\ntwo\nthree\n").await else {
        eprintln_skipped();
        return device.stop().await;
    };
    assert_eq!(code, 0);
    let arrived = device.hub.messages(3).await;
    let bodies: Vec<_> = arrived.iter().map(|(_, message)| message.body.clone()).collect();
    assert_eq!(bodies, ["one", "two", "three"].map(Bytes::from));
    assert_eq!(arrived.first().expect("one").1.properties["kind"].as_deref(), Some("pump"));
    let wrong = sas::sign(&sas::resource_of(HUB, Some(&leaf)), &SigningKey::generate().expect("key"), expires, None);
    assert_eq!(mosquitto_pub(port, &roots, &leaf, &wrong, topic, "x\n").await, Some(5), "a wrong key is told by its code");
    device.stop().await;
}

#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn eprintln_skipped() {
    eprintln!("skipped: mosquitto_pub is not installed");
}

#[tokio::test]
async fn a_message_from_the_cloud_is_acknowledged_upstream_once_its_leaf_has_it() {
    let device = Device::new().await;
    let leaf = Identity::device("leaf-1");
    let (client, mut events) = device.client(&leaf).await;
    let wanting = async {
        loop {
            if device.hub.wants(&leaf, Feature::CloudToDevice) {
                return device.hub.session(&leaf).expect("connected");
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let session = soon("a subscription upstream", wanting).await;
    let (done, mut told) = tokio::sync::oneshot::channel();
    session.outbound.send(Outbound::CloudToDevice { message: message("one", ""), done }).await.expect("sent");
    let (body, done) = event("a message", &mut events, |event| match event {
        ClientEvent::CloudToDevice { message, done } => Some((message.body, done)),
        _ => None,
    })
    .await;
    assert_eq!(body.as_ref(), b"one");
    assert!(told.try_recv().is_err(), "the leaf has not acknowledged it");
    done.send(()).expect("the client runs");
    soon("the acknowledgement", told).await.expect("acknowledged");

    client.want([].into());
    let ended = async {
        while device.hub.wants(&leaf, Feature::CloudToDevice) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    soon("the end of the subscription upstream", ended).await;
}

#[tokio::test]
async fn a_method_fails_at_once_when_nobody_takes_it_and_waits_when_it_may() {
    let device = Device::new().await;
    let broker = Arc::clone(&device.broker.as_ref().expect("running").0);
    let asking = Identity::module("edge-1", "asking");
    let long = Duration::from_secs(10);
    let reset = move |connect_time| Invocation {
        call: MethodCall { name: "reset".into(), payload: Bytes::new() },
        connect_time,
        response_time: long,
    };
    assert_eq!(broker.invoke(&asking, &filter(), reset(Duration::ZERO)).await, Err(InvokeError::NotConnected));
    let foreign = Identity::module("edge-2", "asking");
    assert_eq!(broker.invoke(&foreign, &filter(), reset(Duration::ZERO)).await, Err(InvokeError::Foreign));
    let (client, mut events) = device.client(&filter()).await;
    client.want([].into());
    let unsubscribed = async {
        let early = || Invocation {
            call: MethodCall { name: "early".into(), payload: Bytes::new() },
            connect_time: Duration::ZERO,
            response_time: Duration::from_millis(1),
        };
        while broker.invoke(&asking, &filter(), early()).await != Err(InvokeError::NotSubscribed) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    soon("the end of the subscription", unsubscribed).await;
    let waiting = tokio::spawn(async move { broker.invoke(&asking, &filter(), reset(long)).await });
    client.want([Feature::Methods].into());
    let answer = MethodAnswer { status: 201, payload: json!("late") };
    event("the call that waited", &mut events, |event| match event {
        ClientEvent::Method { call, answer: to } if call.name == "reset" => to.send(answer.clone()).ok(),
        _ => None,
    })
    .await;
    assert_eq!(soon("an answer", waiting).await.expect("no panic"), Ok(answer));
}

#[tokio::test]
async fn a_twin_tells_what_was_pushed_and_what_was_not() {
    let device = Device::new().await;
    let (client, mut events) = device.client(&filter()).await;
    client.twin().await.expect("twin");
    let stranger = Identity::module("edge-1", "never-seen");
    let broker = Arc::clone(&device.broker.as_ref().expect("running").0);
    assert_eq!(broker.twin(&stranger).await, Ok(json!({"desired": {"$version": 0}, "reported": {"$version": 0}})));
    device.hub.set_desired(&filter(), json!({"threshold": 30})).await;
    event("a desired patch", &mut events, |event| matches!(event, ClientEvent::Desired(_)).then_some(())).await;
    client.report(&json!({"new": {"gone": null}})).await.expect("reported");
    let events: Vec<_> = broker.twin_steps(&filter()).await.into_iter().map(|step| (step.event, step.version)).collect();
    for expected in [("got", Some(1)), ("pushed", Some(2)), ("reported", None)] {
        assert!(events.iter().any(|(event, version)| (event.as_str(), *version) == expected), "{expected:?} in {events:?}");
    }
    let warned = broker.core.options.warnings.all();
    assert_eq!(warned.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["hub/twin-null"]);
}

#[tokio::test]
async fn the_broker_has_one_method_of_its_own() {
    let device = Device::new().await;
    let broker = Arc::clone(&device.broker.as_ref().expect("running").0);
    let status = async |name: &str, payload: &'static str| {
        let call = MethodCall { name: name.into(), payload: Bytes::from_static(payload.as_bytes()) };
        let invocation = Invocation { call, connect_time: Duration::ZERO, response_time: Duration::from_secs(10) };
        broker.invoke(&filter(), &own(), invocation).await.expect("an answer").status
    };
    assert_eq!(status("ping", "").await, 400);
    assert_eq!(status("RefreshDeviceScopeIdentityCache", "").await, 400);
    assert_ne!(status("RefreshDeviceScopeIdentityCache", r#"{"deviceIds": ["leaf-1"]}"#).await, 400);
}

#[tokio::test]
async fn a_queue_tells_why_it_waits_a_message_tells_its_way_and_a_removed_route_deletes() {
    let mut device = Device::new().await;
    device.hub.until("its subscriptions", |hub| hub.wants(&own(), Feature::DesiredProperties)).await;
    let broker = Arc::clone(&device.broker.as_ref().expect("running").0);
    let (client, _events) = device.client(&sensor()).await;
    for number in 0..2 {
        let mut waiting = message(&number.to_string(), "telemetry");
        waiting.system_properties.insert("messageId".into(), format!("id-{number}"));
        client.send(&waiting).await.expect("stored");
    }
    let row = || broker.queues().into_iter().find(|row| row.endpoint == "filter/in").expect("a queue");
    device.hub.until("a reason", |_| row().blocked.is_some()).await;
    let waiting = row();
    assert_eq!((waiting.messages, waiting.blocked.as_deref()), (2, Some("edge-1/filter is not connected")));
    assert!(waiting.bytes > 0 && waiting.bytes_per_day > 0.0 && waiting.oldest.is_some() && waiting.next_expiry.is_some());
    assert!(waiting.forecast.expect("a forecast").contains("time to live of 2h"));

    let trace = broker.trace("id-1").remove(0);
    let hops: Vec<_> = trace.hops.iter().map(|hop| (hop.place.as_str(), hop.event.as_str())).collect();
    assert_eq!(hops, [("edge-1/sensor", "received"), ("filter/in", "stored"), ("filter/in", "waiting")]);
    assert_eq!((trace.message_id.as_deref(), &trace.sender), (Some("id-1"), &sensor()));
    assert_eq!(broker.trace(&trace.edge_message_id).len(), 1);
    assert!(broker.trace("id-9").is_empty());

    drop(broker);
    device.stop().await;
    device.start().await;
    let broker = Arc::clone(&device.broker.as_ref().expect("running").0);
    let hops = broker.trace("id-1").remove(0).hops;
    assert_eq!(hops.iter().map(|hop| hop.event.as_str()).collect::<Vec<_>>(), ["stored", "waiting"], "read from the disk");

    device.hub.until("its subscriptions again", |hub| hub.wants(&own(), Feature::DesiredProperties)).await;
    device.hub.set_desired(&own(), json!({"routes": {"toFilter": null}})).await;
    device.hub.until("an empty queue", |_| broker.queues().iter().all(|row| row.messages == 0)).await;
    let warnings = broker.core.options.warnings.all();
    let told = warnings.iter().find(|warning| warning.code == "hub/queue-orphaned").expect("a warning");
    assert!(told.message.contains("the 2 messages that waited"), "{}", told.message);
    drop(broker);
    device.stop().await;
}
