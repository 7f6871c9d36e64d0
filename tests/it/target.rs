//! `target match` through the binary.

use edgectl::iothub::Device;
use serde_json::json;
use snapbox::str;

use crate::hub::HubBench;
use crate::sandbox::Sandbox;

const FLEET: &str = "{\"deviceId\":\"one\",\"capabilities\":{\"iotEdge\":true},\"tags\":{\"ring\":\"canary\"}}\n{\"deviceId\":\"two\"}\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("fleet.jsonl", FLEET);
    sandbox.file("edgectl.yaml", "version: 1\nsolution: s\nrings:\n  - { name: canary, target: tags.ring = 'canary' }\n");
    sandbox
}

#[test]
fn lists_the_devices_of_a_ring() {
    let sandbox = sandbox();
    sandbox.run(["target", "match", "--ring", "canary", "--fleet", "fleet.jsonl"]).matches(str![[r#"
exit 0
--- stdout
NAME
one

1 of 2 devices
--- stderr

"#]]);
    let shown = sandbox.run(["target", "match", "--condition", "*", "--edge-only", "--fleet", "fleet.jsonl", "-o", "json"]).json();
    assert_eq!(shown, serde_json::json!({ "schemaVersion": 1, "condition": "*", "matched": 1, "total": 1, "devices": ["one"] }));
}

#[test]
fn a_wrong_condition_is_shown_with_a_caret() {
    sandbox().run(["target", "match", "--condition", "tags.ring == 'canary'", "--fleet", "fleet.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: target condition 1:11: `==` is no operator of conditions
  | tags.ring == 'canary'
  |           ^^ [target/foreign-operator]
hint: Write =.

"#]]);
}

#[test]
fn a_wrong_line_and_an_unknown_ring_are_refused() {
    let sandbox = sandbox();
    sandbox.file("bad.jsonl", "{\"deviceId\":\"one\"}\n{\n");
    sandbox.run(["target", "match", "--condition", "*", "--fleet", "bad.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: bad.jsonl:2:1: EOF while parsing an object [fleet/bad-line]
hint: A fleet file holds one twin a line: {"deviceId": …, "tags": {…}, "properties": {"reported": {…}}}; or it is the devices.txt of an export, or CSV.

"#]]);
    sandbox.run(["target", "match", "--ring", "canray", "--fleet", "fleet.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no ring `canray` [target/unknown-ring]
hint: Did you mean `canary`?

"#]]);
}

#[test]
fn without_a_file_the_fleet_is_the_hubs() {
    let bench = HubBench::start();
    bench.runtime.block_on(async {
        for (device, ring) in [(Device::edge("two"), "canary"), (Device::edge("one"), "canary"), (Device::edge("three"), "early")] {
            bench.client.put_device(&device, None).await.expect("a device");
            bench.client.patch_twin(device.device_id(), &json!({ "tags": { "ring": ring } }), None).await.expect("tags");
        }
    });
    let shown = bench.sandbox.run(["target", "match", "--condition", "tags.ring = 'canary'", "-o", "json"]).json();
    assert_eq!((&shown["matched"], &shown["total"], &shown["devices"]), (&json!(2), &json!(3), &json!(["one", "two"])));
}

#[test]
fn without_a_file_and_a_hub_there_is_no_fleet() {
    sandbox().run(["target", "match", "--ring", "canary"]).matches(str![[r#"
exit 5
--- stdout
--- stderr
error: the world `default` is not running [hub/no-world]
hint: Start it with `edgectl sim up`.

"#]]);
}
