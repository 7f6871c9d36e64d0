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
    sandbox.run(["manifest", "explain", "base.json"]).matches(str![[r#"
exit 0
--- stdout
base: `$edgeAgent` has the whole `properties.desired`
schema versions: $edgeAgent 1.1, $edgeHub 1.1
messages are kept: 7200 s
registry main: reg.example.com, credentials not shown

system module edgeHub
  image            mcr.microsoft.com/azureiotedge-hub:1.5
  status           running
  restartPolicy    always  (default)
  startupOrder     after all others  (default)
  imagePullPolicy  on-create  (default)

module filter
  image            reg.example.com/filter:latest  (default tag)
  type             docker
  status           running
  restartPolicy    always
  startupOrder     after all others  (default)
  imagePullPolicy  on-create  (default)
  createOptions (joined from 2 pieces)
    {
      "HostConfig": {
        "Memory": 1
      }
    }
  env
    LOG               info
    IOTEDGE_MODULEID  mine  (the agent sets its own)

route up
  text        FROM /messages/modules/filter/outputs/alert INTO $upstream
  from        /messages/modules/filter/outputs/alert/
  to          $upstream
  priority    after all that name one  (default)
  timeToLive  7200 s  (default, the broker's)

desired properties of filter
  threshold  25

the agent also sets in every module
  IOTEDGE_APIVERSION, IOTEDGE_AUTHSCHEME, IOTEDGE_DEVICEID
  IOTEDGE_GATEWAYHOSTNAME, IOTEDGE_IOTHUBHOSTNAME, IOTEDGE_MODULEGENERATIONID
  IOTEDGE_MODULEID, IOTEDGE_WORKLOADURI, RuntimeLogLevel
--- stderr

"#]]);
    let shown = sandbox.run(["manifest", "explain", "base.json", "-o", "json"]).json();
    assert_eq!(shown["modules"][1]["settings"]["startupOrder"], serde_json::json!({ "value": 4_294_967_295_u32, "default": true }));
    assert_eq!(shown["modules"][1]["createOptions"]["HostConfig"]["Memory"], 1);
    assert!(!shown.to_string().contains("secret"));
}

#[test]
fn what_is_no_manifest_is_refused_at_its_place() {
    let sandbox = Sandbox::new();
    sandbox.file("list.json", "[]");
    sandbox.run(["manifest", "explain", "list.json"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: list.json:1:1: a manifest is an object, this is a list
   |
 1 | []
   | ^^ [manifest/not-a-manifest]

"#]]);
}
