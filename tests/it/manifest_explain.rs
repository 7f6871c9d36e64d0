//! `manifest explain` through the binary.

use snapbox::str;

use crate::sandbox::Sandbox;

const MANIFEST: &str = r#"{
  // what an editor writes
  "content": { "modulesContent": {
    "$edgeAgent": { "properties.desired": {
      "schemaVersion": "1.1",
      "runtime": { "settings": { "registryCredentials": { "main": { "address": "reg.example.com", "username": "u", "password": "secret" } } } },
      "systemModules": { "edgeHub": { "status": "running", "settings": { "image": "mcr.microsoft.com/azureiotedge-hub:1.5" } } },
      "modules": { "filter": {
        "type": "docker", "status": "running", "restartPolicy": "always",
        "env": { "LOG": { "value": "info" }, "IOTEDGE_MODULEID": { "value": "mine" } },
        "settings": { "image": "reg.example.com/filter", "createOptions": "{\"HostConfig\":{\"Mem", "createOptions01": "ory\":1}}" }
      } }
    } },
    "$edgeHub": { "properties.desired": {
      "schemaVersion": "1.1",
      "routes": { "up": "FROM /messages/modules/filter/outputs/alert INTO $upstream" },
      "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 },
    } },
    "filter": { "properties.desired": { "threshold": 25 } },
  } },
}"#;

#[test]
fn defaults_and_create_options_are_made_visible() {
    let sandbox = Sandbox::new();
    sandbox.file("base.json", MANIFEST);
    sandbox.run(["manifest", "explain", "base.json"]).matches(str![[]]);
    let shown = sandbox.run(["manifest", "explain", "base.json", "-o", "json"]).json();
    assert_eq!(shown["modules"][1]["settings"]["startupOrder"], serde_json::json!({ "value": 4_294_967_295_u32, "default": true }));
    assert_eq!(shown["modules"][1]["createOptions"]["HostConfig"]["Memory"], 1);
    assert!(!shown.to_string().contains("secret"));
}

#[test]
fn what_is_no_manifest_is_refused_at_its_place() {
    let sandbox = Sandbox::new();
    sandbox.file("list.json", "[]");
    sandbox.run(["manifest", "explain", "list.json"]).matches(str![[]]);
}
