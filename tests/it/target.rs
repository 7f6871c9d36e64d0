//! `target match` through the binary.

use snapbox::str;

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
hint: A fleet file holds one twin a line: {"deviceId": …, "tags": {…}, "properties": {"reported": {…}}}.

"#]]);
    sandbox.run(["target", "match", "--ring", "canray", "--fleet", "fleet.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no ring `canray` [target/unknown-ring]
hint: Did you mean `canary`?

"#]]);
}
