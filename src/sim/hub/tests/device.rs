//! The device side: clients of the device protocol against the running hub.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::{World, base, edge};
use crate::base::Cancel;
use crate::edgehub::client::{Client as DeviceClient, ClientEvent, ClientOptions};
use crate::edgehub::{Feature, MethodAnswer};
use crate::identity::{SigningKey, tls};
use crate::iothub::cloud_to_device::CloudToDevice;
use crate::iothub::{Configuration, HubError, MethodRequest, TelemetryRecord};
use crate::model::{Identity, Message};

const LIMIT: Duration = Duration::from_secs(20);

impl World {
    fn options(&self, identity: Identity, key: SigningKey) -> ClientOptions {
        let host = super::HUB.to_string();
        let tls = tls::client_config(&self.root).expect("tls");
        ClientOptions {
            port: self.hub.mqtt_address().port(),
            features: BTreeSet::from([Feature::Methods, Feature::DesiredProperties]),
            ..ClientOptions::new(host.clone(), host, identity, key, tls)
        }
    }

    async fn connect(&self, identity: Identity, key: SigningKey) -> (DeviceClient, Receiver<ClientEvent>) {
        let (client, events) = DeviceClient::start(self.options(identity, key), self.cancel.child_token());
        timeout(LIMIT, client.connected()).await.expect("in time").expect("connected");
        (client, events)
    }

    /// Registers an edge device with the module `filter`, and returns the module's key.
    async fn filter(&self) -> SigningKey {
        let client = self.client();
        edge(&client, "edge-1", "canary").await;
        client.put_configuration(&Configuration::new("base", base("v1")).with_condition("*"), None).await.expect("created");
        let module = client.module("edge-1", "filter").await.expect("an answer").expect("made by targeting");
        module.symmetric_keys().expect("keys").primary
    }
}

fn filter() -> Identity {
    Identity::module("edge-1", "filter")
}

/// Takes events until one is what is looked for.
async fn find<T>(events: &mut Receiver<ClientEvent>, mut wanted: impl FnMut(ClientEvent) -> Option<T>) -> T {
    let search = async {
        loop {
            let event = events.recv().await.expect("the client runs");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    };
    timeout(LIMIT, search).await.expect("in time")
}

#[tokio::test]
async fn a_module_reads_its_twin_reports_and_is_told_of_changes() {
    let world = World::new().await;
    let key = world.filter().await;
    let (module, mut events) = world.connect(filter(), key).await;
    let twin = module.twin().await.expect("a twin");
    assert_eq!(twin, json!({ "desired": { "threshold": 25, "$version": 2 }, "reported": { "$version": 1 } }));
    assert_eq!(module.report(&json!({ "threshold": 25, "old": null })).await.expect("reported"), Some(2));

    let client = world.client();
    let seen = client.module_twin("edge-1", "filter").await.expect("an answer").expect("a twin");
    assert_eq!((&seen.reported()["threshold"], seen.is_connected()), (&json!(25), true));
    let patch = json!({ "properties": { "desired": { "threshold": null, "mode": "fast" } } });
    client.patch_module_twin("edge-1", "filter", &patch, None).await.expect("patched");
    let pushed = find(&mut events, |event| match event {
        ClientEvent::Desired(patch) => Some(patch),
        _ => None,
    });
    assert_eq!(pushed.await, json!({ "threshold": null, "mode": "fast", "$version": 3 }));
}

#[tokio::test]
async fn a_method_travels_there_and_back() {
    let world = World::new().await;
    let key = world.filter().await;
    let (_module, mut events) = world.connect(filter(), key).await;
    let client = world.client();
    let request = MethodRequest::new("reset", json!({ "hard": true }));
    let call = tokio::spawn(async move { client.invoke_method(&filter(), &request).await });
    let (name, payload) = find(&mut events, |event| match event {
        ClientEvent::Method { call, answer } => {
            let told = MethodAnswer { status: 417, payload: json!({ "left": 0 }) };
            answer.send(told).expect("the hub waits");
            Some((call.name, call.payload))
        }
        _ => None,
    })
    .await;
    assert_eq!((name.as_str(), serde_json::from_slice::<Value>(&payload).expect("json")), ("reset", json!({ "hard": true })));
    let answer = call.await.expect("no panic").expect("answered");
    assert_eq!((answer.status, answer.payload), (417, json!({ "left": 0 })));
}

#[tokio::test]
async fn telemetry_is_stored_before_it_is_acknowledged_and_can_be_followed() {
    let world = World::new().await;
    let key = world.filter().await;
    let (module, _events) = world.connect(filter(), key).await;
    let mut follow = Box::pin(world.client().telemetry(None, true).await.expect("a stream"));
    let message = Message {
        body: r#"{"temperature":31}"#.into(),
        properties: [("alert".to_owned(), Some("high".to_owned()))].into(),
        system_properties: [("contentType".to_owned(), "application/json".to_owned())].into(),
    };
    module.send(&message).await.expect("acknowledged");
    let log = crate::base::fs::read_text(&world.folder.path().join("hub").join(super::super::TELEMETRY_FILE));
    let stored: TelemetryRecord = serde_json::from_str(log.expect("a log").trim_end()).expect("one record");
    assert_eq!((stored.sequence_number, stored.device_id.as_str(), stored.module_id.as_deref()), (1, "edge-1", Some("filter")));
    assert_eq!(stored.body, Some(json!({ "temperature": 31 })));
    assert_eq!(stored.properties["alert"].as_deref(), Some("high"));
    assert_eq!(stored.system_properties["contentType"], "application/json");
    let line = timeout(LIMIT, follow.next()).await.expect("in time").expect("a line").expect("bytes");
    assert_eq!(serde_json::from_slice::<TelemetryRecord>(&line).expect("a record"), stored);
}

#[tokio::test]
async fn a_wrong_key_and_a_removed_identity_are_shut_out() {
    let world = World::new().await;
    let key = world.filter().await;
    let stop = Cancel::new();
    let (_wrong, mut events) = DeviceClient::start(world.options(filter(), SigningKey::generate().expect("key")), stop.clone());
    let refused = find(&mut events, |event| match event {
        ClientEvent::Disconnected { refused, .. } => Some(refused),
        _ => None,
    });
    assert!(refused.await);
    stop.cancel();

    let (_module, mut events) = world.connect(filter(), key).await;
    let client = world.client();
    client.delete_module("edge-1", "filter", "*").await.expect("removed");
    find(&mut events, |event| matches!(event, ClientEvent::Disconnected { .. }).then_some(())).await;
    let gone = client.invoke_method(&filter(), &MethodRequest::new("reset", Value::Null)).await;
    assert!(matches!(gone, Err(HubError::NotFound { .. })));
}

#[tokio::test]
async fn the_metrics_count_what_agents_reported() {
    let world = World::new().await;
    world.filter().await;
    let client = world.client();
    let agent = client.module("edge-1", Identity::EDGE_AGENT).await.expect("an answer").expect("a module");
    let (agent, _events) =
        world.connect(Identity::module("edge-1", Identity::EDGE_AGENT), agent.symmetric_keys().expect("keys").primary).await;
    let count = |name: &'static str| {
        let client = client.clone();
        async move { client.configuration("base").await.expect("an answer").expect("there").system_metric(name) }
    };
    assert_eq!((count("appliedCount").await, count("reportedSuccessfulCount").await), (Some(1), Some(0)));
    let version = agent.twin().await.expect("a twin")["desired"]["$version"].clone();
    for (code, good, bad) in [(200, 1, 0), (500, 0, 1)] {
        agent.report(&json!({ "lastDesiredVersion": version, "lastDesiredStatus": { "code": code } })).await.expect("reported");
        assert_eq!((count("reportedSuccessfulCount").await, count("reportedFailedCount").await), (Some(good), Some(bad)), "{code}");
    }
}

/// Takes the next cloud-to-device message with the means to complete it.
async fn letter(events: &mut Receiver<ClientEvent>) -> (Message, tokio::sync::oneshot::Sender<()>) {
    find(events, |event| match event {
        ClientEvent::CloudToDevice { message, done } => Some((message, done)),
        _ => None,
    })
    .await
}

async fn until_none_waits(client: &crate::iothub::Client, device_id: &str) {
    let empty = async {
        loop {
            let twin = client.identity_twin(&Identity::device(device_id)).await.expect("an answer").expect("a twin");
            if twin.members()["cloudToDeviceMessageCount"] == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LIMIT, empty).await.expect("the hub forgets a completed message");
}

#[tokio::test]
async fn a_message_for_a_device_stays_until_it_is_completed() {
    let world = World::new().await;
    let client = world.client();
    edge(&client, "edge-1", "canary").await;
    let device = Identity::device("edge-1");
    let key = client.device("edge-1").await.expect("an answer").expect("a device").symmetric_keys().expect("keys").primary;
    let first = CloudToDevice {
        body_base64: "aGVsbG8=".into(),
        properties: [("colour".to_owned(), "dark red/ü".to_owned())].into(),
        message_id: Some("m-1".into()),
        content_type: Some("text/plain".into()),
        ..CloudToDevice::default()
    };
    let queued = client.send_to_device("edge-1", &first).await.expect("kept");
    assert_eq!((queued.sequence_number, queued.message_id.as_str()), (1, "m-1"));
    client.send_to_device("edge-1", &CloudToDevice::default()).await.expect("kept");

    let mut options = world.options(device.clone(), key);
    options.features = BTreeSet::new();
    let cancel = world.cancel.child_token();
    let (unready, mut events) = DeviceClient::start(options.clone(), cancel.clone());
    timeout(LIMIT, unready.connected()).await.expect("in time").expect("connected");
    unready.want(BTreeSet::from([Feature::CloudToDevice]));
    let (message, done) = letter(&mut events).await;
    assert_eq!((message.body.as_ref(), message.properties["colour"].as_deref()), (b"hello".as_slice(), Some("dark red/ü")));
    assert_eq!(message.system_properties["messageId"], "m-1");
    assert_eq!(message.system_properties["to"], "/devices/edge-1/messages/devicebound");
    // It leaves without having completed the message.
    cancel.cancel();
    drop(done);

    options.features = BTreeSet::from([Feature::CloudToDevice]);
    let (_ready, mut events) = DeviceClient::start(options, world.cancel.child_token());
    for id in [Some("m-1"), None] {
        let (message, done) = letter(&mut events).await;
        assert!(id.is_none_or(|id| message.system_properties["messageId"] == id), "in the order of sending: {message:?}");
        done.send(()).expect("the client runs");
    }
    until_none_waits(&client, "edge-1").await;
}

#[tokio::test]
async fn a_device_has_fifty_messages_at_most_and_none_that_is_too_large_or_too_old() {
    let world = World::new().await;
    let client = world.client();
    edge(&client, "edge-1", "canary").await;
    let past = CloudToDevice { expiry_time_utc: chrono::DateTime::from_timestamp(0, 0), ..CloudToDevice::default() };
    assert!(client.send_to_device("edge-1", &past).await.is_err());
    let large = CloudToDevice { body_base64: "AAAA".repeat(22 * 1024), ..CloudToDevice::default() };
    assert!(client.send_to_device("edge-1", &large).await.is_err());
    assert!(matches!(client.send_to_device("nobody", &CloudToDevice::default()).await, Err(HubError::NotFound { .. })));
    for _ in 0..50 {
        client.send_to_device("edge-1", &CloudToDevice::default()).await.expect("kept");
    }
    let refused = client.send_to_device("edge-1", &CloudToDevice::default()).await.expect_err("the queue is full");
    assert!(format!("{refused:?}").contains("DeviceMaximumQueueDepthExceeded"), "{refused:?}");
}
