//! The running hub, driven through its REST API as a user's tool would.

mod device;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use futures_util::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Hub, HubOptions};
use crate::base::{Cancel, Clock};
use crate::identity::{Authority, sas, tls};
use crate::iothub::{Client, ClientOptions, Configuration, ConnectionString, Device, HubError, MethodRequest, Module};
use crate::model::Identity;

struct World {
    folder: TempDir,
    hub: Hub,
    root: String,
    cancel: Cancel,
}

const HUB: Ipv4Addr = Ipv4Addr::new(127, 77, 4, 1);

async fn start(folder: &Path, cancel: &Cancel) -> (Hub, String) {
    let now = Clock::System.now();
    let authority = Authority::open_or_create(&folder.join("ca"), now).expect("authority");
    let certificate = authority.issue_server(&["hub.test", &HUB.to_string()], now, chrono::Duration::days(1)).expect("certificate");
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

impl World {
    async fn new() -> Self {
        let (folder, cancel) = (tempfile::tempdir().expect("folder"), Cancel::new());
        let (hub, root) = start(folder.path(), &cancel).await;
        Self { folder, hub, root, cancel }
    }

    fn client_as(&self, connection: ConnectionString) -> Client {
        let options = ClientOptions { ca_pem: Some(self.root.clone().into_bytes()), ..ClientOptions::default() };
        Client::new(connection, options).expect("a client")
    }

    fn client(&self) -> Client {
        self.client_as(self.hub.connection_string().clone())
    }

    async fn restart(mut self) -> Self {
        self.cancel.cancel();
        self.hub.stopped().await;
        self.cancel = Cancel::new();
        let (hub, root) = start(self.folder.path(), &self.cancel).await;
        Self { hub, root, ..self }
    }

    /// Sends a request as an SDK writes it, header by header.
    async fn raw(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> (StatusCode, Value, String) {
        let text = self.hub.connection_string().expose();
        let key = text.rsplit_once("SharedAccessKey=").expect("a key").1;
        let key = crate::identity::SigningKey::from_base64(key).expect("a key");
        let host = self.hub.connection_string().host_name();
        let token = sas::sign(host, &key, Clock::System.now() + chrono::Duration::minutes(1), Some("iothubowner"));
        let root = reqwest::Certificate::from_pem(self.root.as_bytes()).expect("a root");
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().expect("a client");
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut request =
            http.request(method, format!("https://{host}{path}{separator}api-version=2021-04-12")).header("Authorization", token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let told = if status.is_success() { header("etag") } else { header("iothub-errorcode") };
        (status, response.json().await.unwrap_or(Value::Null), told)
    }
}

/// A base deployment with one module and one desired property.
fn base(image: &str) -> Value {
    json!({ "modulesContent": {
        "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "modules": { "filter": { "settings": { "image": image } } } } },
        "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {} } },
        "filter": { "properties.desired": { "threshold": 25 } },
    } })
}

async fn edge(client: &Client, id: &str, ring: &str) -> Device {
    let device = client.put_device(&Device::edge(id), None).await.expect("a device");
    client.patch_twin(id, &json!({ "tags": { "ring": ring } }), None).await.expect("tags");
    device
}

async fn image_of(client: &Client, device: &str) -> Option<String> {
    let twin = client.module_twin(device, Identity::EDGE_AGENT).await.expect("an answer").expect("a twin");
    twin.desired().pointer("/modules/filter/settings/image").and_then(Value::as_str).map(str::to_owned)
}

#[tokio::test]
async fn a_restart_keeps_devices_keys_twins_and_configurations() {
    let world = World::new().await;
    let client = world.client();
    let device = edge(&client, "edge-1", "canary").await;
    client.put_configuration(&Configuration::new("base", base("v1")).with_condition("*"), None).await.expect("created");
    let before = world.hub.connection_string().expose().split_once("SharedAccessKey=").map(|(_, key)| key.to_owned());
    let world = world.restart().await;
    let client = world.client();
    let after = world.hub.connection_string().expose().split_once("SharedAccessKey=").map(|(_, key)| key.to_owned());
    assert_eq!(before, after);
    let again = client.device("edge-1").await.expect("an answer").expect("a device");
    assert_eq!(again.members().get("authentication"), device.members().get("authentication"));
    assert_eq!(again.generation_id(), device.generation_id());
    assert!(again.device_scope().starts_with("ms-azure-iot-edge://edge-1-"));
    assert_eq!(image_of(&client, "edge-1").await.as_deref(), Some("v1"));
    let modules = client.modules("edge-1").await.expect("modules");
    assert_eq!(modules.iter().map(Module::module_id).collect::<Vec<_>>(), ["$edgeAgent", "$edgeHub", "filter"]);
    assert_eq!(client.configuration("base").await.expect("an answer").expect("there").system_metric("targetedCount"), Some(1));
}

#[tokio::test]
async fn the_recorded_rules_of_entity_tags_hold() {
    let world = World::new().await;
    let path = "/configurations/c";
    let put = |condition: &str, content: Value| Some(json!({ "id": "c", "content": content, "targetCondition": condition, "priority": 1 }));
    let (status, body, etag) = world.raw(Method::PUT, path, &[], put("*", base("v1"))).await;
    assert_eq!((status, etag.as_str(), &body["etag"]), (StatusCode::OK, "\"MQ==\"", &json!("MQ==")));
    for (case, headers, body, expected) in [
        ("a second create", vec![], put("*", base("v1")), (409, "ConfigurationAlreadyExists")),
        ("an unquoted tag", vec![("If-Match", "MQ==")], put("*", base("v1")), (409, "ConfigurationAlreadyExists")),
        ("an old tag", vec![("If-Match", "\"MA==\"")], put("*", base("v1")), (412, "PreconditionFailed")),
        (
            "no content",
            vec![("If-Match", "\"MQ==\"")],
            Some(json!({ "id": "c", "targetCondition": "*" })),
            (400, "InvalidConfigurationContent"),
        ),
        ("a bad condition", vec![("If-Match", "\"MQ==\"")], put("ring = 1", base("v1")), (400, "InvalidConfigurationTargetCondition")),
        ("another id", vec![("If-Match", "\"MQ==\"")], Some(json!({ "id": "d", "content": base("v1") })), (400, "ArgumentInvalid")),
    ] {
        let (status, _, code) = world.raw(Method::PUT, path, &headers, body).await;
        assert_eq!((status.as_u16(), code.as_str()), expected, "{case}");
    }
    // Other content is taken and passed over; everything else is updated.
    let (status, body, etag) = world.raw(Method::PUT, path, &[("If-Match", "\"MQ==\"")], put("tags.a = 1", base("v2"))).await;
    assert_eq!((status, etag.as_str()), (StatusCode::OK, "\"Mg==\""));
    assert_eq!((&body["targetCondition"], &body["content"]), (&json!("tags.a = 1"), &base("v1")));
    let (status, _, _) = world.raw(Method::PUT, path, &[("If-Match", "\"*\"")], put("*", base("v1"))).await;
    assert_eq!(status, StatusCode::OK);
    // The list has no paging, and a delete takes a bare wildcard.
    let (_, list, _) = world.raw(Method::GET, "/configurations?top=0", &[], None).await;
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(world.raw(Method::DELETE, path, &[("If-Match", "*")], None).await.0, StatusCode::NO_CONTENT);
    let (status, body, code) = world.raw(Method::GET, path, &[], None).await;
    assert_eq!((status.as_u16(), code.as_str()), (404, "ConfigurationNotFound"));
    assert_eq!(body["Message"], "ErrorCode:ConfigurationNotFound;there is no configuration `c`");
}

#[tokio::test]
async fn devices_and_twins_follow_their_entity_tag_rules() {
    let world = World::new().await;
    let body = || Some(json!({ "deviceId": "d" }));
    assert_eq!(world.raw(Method::PUT, "/devices/d", &[], body()).await.0, StatusCode::OK);
    assert_eq!(world.raw(Method::PUT, "/devices/d", &[], body()).await.2, "DeviceAlreadyExists");
    assert_eq!(world.raw(Method::PUT, "/devices/d", &[("If-Match", "\"*\"")], body()).await.0, StatusCode::OK);
    assert_eq!(world.raw(Method::PUT, "/devices/d", &[("If-Match", "\"MQ==\"")], body()).await.2, "PreconditionFailed");
    assert_eq!(world.raw(Method::PUT, "/devices/e", &[("If-Match", "*")], Some(json!({ "deviceId": "e" }))).await.2, "DeviceNotFound");
    assert_eq!(world.raw(Method::PUT, "/devices/a%20b", &[], Some(json!({ "deviceId": "a b" }))).await.2, "ArgumentInvalid");
    let patch = |patch: Value| world.raw(Method::PATCH, "/twins/d", &[("If-Match", "\"*\"")], Some(patch));
    let (_, twin, _) = patch(json!({ "tags": { "a": 1, "b": { "c": null, "d": 2 } }, "properties": { "desired": { "x": 1 } } })).await;
    assert_eq!((&twin["tags"], &twin["properties"]["desired"]["$version"]), (&json!({ "a": 1, "b": { "d": 2 } }), &json!(2)));
    let (_, twin, _) = patch(json!({ "tags": { "a": null } })).await;
    assert_eq!((&twin["tags"], &twin["properties"]["desired"]["$version"]), (&json!({ "b": { "d": 2 } }), &json!(2)));
    assert_eq!(patch(json!({ "tags": { "a.b": 1 } })).await.2, "ArgumentInvalid");
    let (status, twin, _) =
        world.raw(Method::PUT, "/twins/d", &[("If-Match", "*")], Some(json!({ "properties": { "desired": { "y": 2 } } }))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((twin["properties"]["desired"].get("x"), &twin["properties"]["desired"]["y"]), (None, &json!(2)));
    let stale = world.raw(Method::PATCH, "/twins/d", &[("If-Match", "\"MQ==\"")], Some(json!({ "tags": {} }))).await;
    assert_eq!(stale.2, "PreconditionFailed");
    assert_eq!(world.raw(Method::DELETE, "/devices/d", &[], None).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(world.raw(Method::DELETE, "/devices/d", &[("If-Match", "\"*\"")], None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.raw(Method::GET, "/twins/d", &[], None).await.2, "DeviceNotFound");
    assert_eq!(world.raw(Method::GET, "/jobs", &[], None).await.0, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn deployments_reach_their_ring_and_what_was_below_applies_again() {
    let world = World::new().await;
    let client = world.client();
    edge(&client, "edge-canary", "canary").await;
    edge(&client, "edge-broad", "broad").await;
    let v1 = client.put_configuration(&Configuration::new("v1", base("v1")).with_condition("*").with_priority(1), None).await.expect("v1");
    assert_eq!(v1.system_metric("targetedCount"), Some(2));
    let canary = Configuration::new("v2", base("v2")).with_condition("tags.ring = 'canary'").with_priority(2);
    client.put_configuration(&canary, None).await.expect("v2");
    assert_eq!(image_of(&client, "edge-canary").await.as_deref(), Some("v2"));
    assert_eq!(image_of(&client, "edge-broad").await.as_deref(), Some("v1"));
    let agent = client.module_twin("edge-canary", Identity::EDGE_AGENT).await.expect("an answer").expect("a twin");
    assert_eq!((agent.configuration_status("v1"), agent.configuration_status("v2")), (Some("Targeted"), Some("Applied")));
    assert_eq!(agent.desired_version(), Some(3));
    let filter = client.module_twin("edge-canary", "filter").await.expect("an answer").expect("a twin");
    assert_eq!((filter.desired_version(), &filter.desired()["threshold"]), (Some(2), &json!(25)), "written once, since it did not change");

    // A hand edit lives on while the deployments say the same of that module.
    client
        .patch_module_twin("edge-canary", "filter", &json!({ "properties": { "desired": { "threshold": 30 } } }), None)
        .await
        .expect("set");
    assert!(client.delete_configuration("v2", None).await.expect("removed"));
    assert!(!client.delete_configuration("v2", None).await.expect("gone"));
    assert_eq!(image_of(&client, "edge-canary").await.as_deref(), Some("v1"));
    let filter = client.module_twin("edge-canary", "filter").await.expect("an answer").expect("a twin");
    assert_eq!(filter.desired()["threshold"], 30);

    // A changed tag moves a device to another ring; without a base it keeps what it has.
    client.put_configuration(&canary, None).await.expect("v2");
    client.patch_twin("edge-broad", &json!({ "tags": { "ring": "canary" } }), None).await.expect("tag");
    assert_eq!(image_of(&client, "edge-broad").await.as_deref(), Some("v2"));
    client.delete_configuration("v1", None).await.expect("removed");
    client.delete_configuration("v2", None).await.expect("removed");
    assert_eq!(image_of(&client, "edge-broad").await.as_deref(), Some("v2"));

    // One device alone, past all configurations.
    client.apply_content("edge-broad", &base("own")).await.expect("applied");
    assert_eq!(image_of(&client, "edge-broad").await.as_deref(), Some("own"));
    client.put_device(&Device::new("leaf"), None).await.expect("a device");
    let refused = client.apply_content("leaf", &base("own")).await.expect_err("no edge device");
    assert_eq!(refused.answer().expect("an answer").status, 400);
}

#[tokio::test]
async fn a_device_manages_its_own_modules_and_nothing_else() {
    let world = World::new().await;
    let client = world.client();
    let keys = edge(&client, "edge-1", "canary").await.symmetric_keys().expect("keys");
    edge(&client, "edge-2", "canary").await;
    let host = world.hub.connection_string().host_name().to_owned();
    let device = world.client_as(ConnectionString::device(host.clone(), "edge-1", keys.secondary));
    let made = device.put_module(&Module::new("edge-1", "filter").managed_by("IotEdge"), None).await.expect("a module");
    assert!(made.symmetric_keys().is_some());
    assert!(device.put_module(&Module::new("edge-1", "filter"), None).await.expect_err("it exists").is_conflict());
    assert_eq!(device.modules("edge-1").await.expect("modules").len(), 3);
    device.delete_module("edge-1", "filter", "*").await.expect("removed");
    let refused = |result: Result<(), HubError>| matches!(result, Err(HubError::Unauthorized { .. }));
    assert!(refused(device.modules("edge-2").await.map(drop)));
    assert!(refused(device.device("edge-1").await.map(drop)));
    assert!(refused(device.configurations().await.map(drop)));
    let stranger = ConnectionString::policy(host, "iothubowner", crate::identity::SigningKey::generate().expect("key"));
    assert!(refused(world.client_as(stranger).configurations().await.map(drop)));
}

#[tokio::test]
async fn queries_come_in_pages_and_conditions_are_tested_without_failing() {
    let world = World::new().await;
    let client = world.client();
    for number in 0..3 {
        edge(&client, &format!("edge-{number}"), if number == 0 { "canary" } else { "broad" }).await;
    }
    let rows = client.query("SELECT * FROM devices WHERE tags.ring = 'broad' AND capabilities.iotEdge = true").await.expect("rows");
    assert_eq!(rows.iter().map(|row| row.device_id().to_owned()).collect::<Vec<_>>(), ["edge-1", "edge-2"]);
    let body = || Some(json!({ "query": "SELECT * FROM devices" }));
    let (_, page, _) = world.raw(Method::POST, "/devices/query", &[("x-ms-max-item-count", "2")], body()).await;
    assert_eq!(page.as_array().map(Vec::len), Some(2));
    let (_, page, _) =
        world.raw(Method::POST, "/devices/query", &[("x-ms-max-item-count", "2"), ("x-ms-continuation", "Mg==")], body()).await;
    assert_eq!(page[0]["deviceId"], "edge-2");
    assert_eq!(world.raw(Method::POST, "/devices/query", &[("x-ms-continuation", "?")], body()).await.2, "ArgumentInvalid");
    let refused = client.query("SELECT COUNT() AS n FROM devices").await.expect_err("outside the subset");
    assert!(refused.to_string().contains("COUNT()"), "{refused}");
    assert_eq!(client.test_condition("tags.ring = 'canary'").await.expect("an answer"), None);
    assert!(client.test_condition("ring == 1").await.expect("an answer").is_some());
    let (_, counts, _) = world.raw(Method::GET, "/statistics/devices", &[], None).await;
    assert_eq!(counts["totalDeviceCount"], 3);
}

#[tokio::test]
async fn a_method_of_a_client_that_is_not_there_is_not_reached() {
    let world = World::new().await;
    let client = world.client();
    edge(&client, "edge-1", "canary").await;
    let call = |module: &'static str| {
        let client = client.clone();
        async move { client.invoke_method(&Identity::module("edge-1", module), &MethodRequest::new("reset", Value::Null)).await }
    };
    assert!(matches!(call("$edgeAgent").await, Err(HubError::NotReached { .. })));
    assert!(matches!(call("none").await, Err(HubError::NotFound { .. })));
    let short = MethodRequest { response_timeout_in_seconds: Some(1), ..MethodRequest::new("reset", Value::Null) };
    assert!(matches!(client.invoke_method(&Identity::device("edge-1"), &short).await, Err(HubError::Refused { .. })));
}

#[tokio::test]
async fn the_telemetry_stream_ends_with_the_log_or_with_the_hub() {
    let world = World::new().await;
    let client = world.client();
    let all: Vec<_> = client.telemetry(Some(1), false).await.expect("a stream").collect().await;
    assert!(all.is_empty());
    let following = client.telemetry(None, true).await.expect("a stream");
    world.cancel.cancel();
    let rest: Vec<_> = following.collect().await;
    assert!(rest.iter().all(Result::is_ok), "{rest:?}");
    world.hub.stopped().await;
}

#[tokio::test]
async fn scopes_assign_devices_to_edge_devices_and_edge_devices_read_their_own() {
    let world = World::new().await;
    let hub = world.client();
    let edge = hub.put_device(&Device::edge("edge-1"), None).await.expect("edge");
    let other = hub.put_device(&Device::edge("edge-2"), None).await.expect("edge");
    let scope = edge.device_scope().to_owned();
    for (id, device) in [("leaf-1", Device::new("leaf-1")), ("leaf-2", Device::new("leaf-2"))] {
        let leaf = hub.put_device(&device.assigned_to(&scope), None).await.expect(id);
        assert_eq!((leaf.device_scope(), leaf.parent_scopes()), (scope.as_str(), vec![scope.as_str()]));
    }
    hub.put_module(&Module::new("leaf-1", "part"), None).await.expect("a module of a leaf");
    hub.put_device(&Device::new("alone"), None).await.expect("alone");
    let refused = hub.put_device(&Device::new("lost").assigned_to("ms-azure-iot-edge://none"), None).await.expect_err("no such scope");
    assert!(refused.to_string().contains("InvalidDeviceScope") || format!("{refused:?}").contains("InvalidDeviceScope"), "{refused:?}");
    let kept = hub.put_device(&Device::edge("edge-1").assigned_to(other.device_scope()), Some("*")).await.expect("a parent");
    assert_eq!((kept.device_scope(), kept.parent_scopes()), (scope.as_str(), vec![other.device_scope()]), "its own scope never changes");
    assert!(hub.put_device(&Device::edge("edge-1").assigned_to(&scope), Some("*")).await.is_err(), "no parent of itself");

    let as_device = |device: &Device| {
        let key = device.symmetric_keys().expect("keys").primary;
        world.client_as(ConnectionString::device(hub.host_name(), device.device_id(), key))
    };
    let (devices, modules) = as_device(&edge).scope("edge-1").await.expect("the scope");
    let ids: Vec<&str> = devices.iter().map(Device::device_id).collect();
    assert_eq!(ids, ["edge-1", "leaf-1", "leaf-2"]);
    let modules: Vec<String> = modules.iter().map(|module| format!("{}/{}", module.device_id(), module.module_id())).collect();
    assert_eq!(modules, ["edge-1/$edgeAgent", "edge-1/$edgeHub", "leaf-1/part"]);
    let one = |id: &str| Identity::device(id);
    assert_eq!(as_device(&edge).identity_in_scope("edge-1", &one("leaf-2")).await.expect("one").0.len(), 1);
    let part = as_device(&edge).identity_in_scope("edge-1", &Identity::module("leaf-1", "part")).await.expect("a module");
    assert_eq!((part.0.len(), part.1.len()), (1, 1));
    for stranger in ["alone", "edge-2", "none"] {
        assert!(as_device(&edge).identity_in_scope("edge-1", &one(stranger)).await.expect("an answer").0.is_empty(), "{stranger}");
    }
    assert!(as_device(&other).scope("edge-1").await.is_err(), "another device's scope");

    // Pages go on where the last one ended.
    let path = "/devices/edge-1/modules/%24edgeHub/devicesAndModulesInTargetDeviceScope";
    let (mut link, mut seen) = (Value::Null, Vec::new());
    loop {
        let body = json!({"pageSize": 1, "continuationLink": link, "authChain": "edge-1"});
        let (status, page, _) = world.raw(Method::POST, path, &[], Some(body)).await;
        assert_eq!((status, page["devices"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)));
        seen.push(page["devices"][0]["deviceId"].as_str().expect("id").to_owned());
        link = page["continuationLink"].clone();
        if link.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["edge-1", "leaf-1", "leaf-2"]);
    let nested = json!({"pageSize": 1, "continuationLink": null, "authChain": "edge-1;edge-2"});
    assert_eq!(world.raw(Method::POST, path, &[], Some(nested)).await.0, StatusCode::BAD_REQUEST);

    hub.delete_device("edge-1", "*").await.expect("removed");
    let orphan = hub.device("leaf-1").await.expect("hub").expect("leaf-1");
    assert_eq!((orphan.device_scope(), orphan.parent_scopes().len()), ("", 0));
}

#[tokio::test]
async fn devices_may_sign_in_by_certificate_and_say_how() {
    let world = World::new().await;
    let hub = world.client();
    let print = "AB:".repeat(19) + "AB";
    let leaf = hub.put_device(&Device::new("leaf-1").with_thumbprints(&print, None), None).await.expect("thumbprint");
    assert_eq!((leaf.authentication_type(), leaf.thumbprints()), ("selfSigned", vec!["ab".repeat(20)]));
    assert!(leaf.symmetric_keys().is_none());
    let leaf = hub.put_device(&Device::new("leaf-2").with_authority(), None).await.expect("authority");
    assert_eq!((leaf.authentication_type(), leaf.thumbprints().len()), ("certificateAuthority", 0));
    for bad in ["", "abc", &"zz".repeat(20)] {
        assert!(hub.put_device(&Device::new("leaf-3").with_thumbprints(bad, None), None).await.is_err(), "{bad}");
    }
}
