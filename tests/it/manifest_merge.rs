//! `manifest merge` through the binary.

use edgectl::iothub::{Configuration, Device};
use edgectl::registry::EmbeddedStore;
use serde_json::{Value, json};
use snapbox::str;

use crate::hub::HubBench;
use crate::images;
use crate::sandbox::Sandbox;

const TWIN: &str = r#"{"deviceId": "edge-1", "capabilities": {"iotEdge": true}, "tags": {"ring": "canary"}}"#;

fn base() -> Value {
    json!({
        "$edgeAgent": { "properties.desired": {
            "schemaVersion": "1.1",
            "systemModules": { "edgeHub": { "status": "running", "settings": { "image": "mcr.microsoft.com/azureiotedge-hub:1.5" } } },
            "modules": { "filter": { "status": "running", "settings": { "image": format!("reg.example.com/filter@sha256:{}", "ab".repeat(32)) } } },
        } },
        "$edgeHub": { "properties.desired": { "routes": { "up": "FROM /messages/modules/filter/outputs/alert INTO $upstream" } } },
        "filter": { "properties.desired": { "threshold": 25, "limits": { "low": 1, "high": 9 } } },
    })
}

fn layer() -> Value {
    json!({
        "$edgeAgent": { "properties.desired.modules.camera": { "status": "running", "settings": { "image": "reg.example.com/camera:2" } } },
        "filter": { "properties.desired.limits.high": 12 },
    })
}

fn configuration(id: &str, priority: i64, condition: &str, content: &Value) -> Value {
    json!({
        "id": id, "priority": priority, "createdTimeUtc": "2026-11-01T00:00:00Z", "targetCondition": condition,
        "content": { "modulesContent": content },
    })
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("base.json", &configuration("base", 0, "*", &base()).to_string());
    sandbox.file("vision.json", &configuration("vision", 10, "tags.ring = 'canary'", &layer()).to_string());
    sandbox.file("edge-1.json", TWIN);
    sandbox
}

const FILES: [&str; 8] = ["manifest", "merge", "--deployment", "base.json", "--deployment", "vision.json", "--twin", "edge-1.json"];

#[test]
fn shows_where_each_part_came_from() {
    sandbox().run(FILES).matches(str![[r#"
exit 0
--- stdout
edge-1
DEPLOYMENT  KIND   PRIORITY  STATE
vision      layer  10        applied
base        base   0         applied

MODULE   FROM    STATUS   IMAGE
edgeHub  base    running  mcr.microsoft.com/azureiotedge-hub:1.5
camera   vision  running  reg.example.com/camera:2
filter   base    running  reg.example.com/filter@sha256:abababababab

ROUTE  FROM  TEXT
up     base  FROM /messages/modules/filter/outputs/alert INTO $upstream

TWIN    FROM    PROPERTY
filter  base    threshold = 25
filter  base    limits.low = 1
filter  vision  limits.high = 12
--- stderr

"#]]);
}

#[test]
fn json_has_content_and_provenance() {
    let shown = sandbox().run(FILES.iter().chain(&["-o", "json"])).json();
    assert_eq!((&shown["base"], &shown["applied"]), (&json!("base"), &json!(["base", "vision"])));
    assert_eq!(shown["effective"]["filter"]["limits"], json!({ "low": 1, "high": 12 }));
    assert_eq!(shown["provenance"]["filter"], json!({ "": "base", "/limits/high": "vision" }));
    assert_eq!(shown["deployments"][1], json!({ "id": "vision", "priority": 10, "layer": true }));
    assert_eq!((&shown["lint"], &shown["details"]), (&json!([]), &json!([])));
}

#[test]
fn the_order_of_files_does_not_matter_and_lines_are_a_list() {
    let sandbox = sandbox();
    let lines = format!("{}\n{}\n", sandbox.read("vision.json"), sandbox.read("base.json"));
    sandbox.file("all.jsonl", &lines);
    sandbox.file("fleet.jsonl", &format!("{{\"deviceId\":\"other\"}}\n{TWIN}\n"));
    let first = sandbox.run(FILES.iter().chain(&["-o", "json"])).json();
    let other = sandbox
        .run(["manifest", "merge", "--deployment", "all.jsonl", "--device", "edge-1", "--fleet", "fleet.jsonl", "-o", "json"])
        .json();
    assert_eq!(first, other);
}

#[test]
fn a_tie_is_shown_and_ends_with_ten() {
    let sandbox = sandbox();
    sandbox.file("second.json", &configuration("sound", 10, "*", &json!({ "$edgeAgent": {} })).to_string());
    let outcome = sandbox.run(FILES.iter().chain(&["--deployment", "second.json"]));
    assert_eq!(outcome.code, 10);
    assert!(
        outcome
            .stdout
            .ends_with("layer-priority-tie: the layers `sound` and `vision` have priority 10; which one counts is not documented\n")
    );
    assert!(outcome.stderr.contains("[manifest/tie]"), "{}", outcome.stderr);
    let outcome = sandbox.run(FILES.iter().chain(&["--deployment", "second.json", "-o", "json"]));
    let shown: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        (outcome.code, &shown["lint"], &shown["applied"]),
        (10, &json!(["layer-priority-tie"]), &json!(["base", "sound", "vision"]))
    );
}

#[test]
fn devices_that_take_nothing_are_told_why() {
    let sandbox = sandbox();
    sandbox.file("leaf.json", r#"{"deviceId": "leaf"}"#);
    let leaf = sandbox.run(["manifest", "merge", "--deployment", "base.json", "--twin", "leaf.json"]);
    assert_eq!(leaf.success(), "leaf is no edge device, so no deployment applies to it\n");
    let alone = sandbox.run(["manifest", "merge", "--deployment", "vision.json", "--twin", "edge-1.json"]);
    let expected = "no base targets edge-1: it keeps what it has\n\nlayer-without-base: the layer `vision` has no base to lie on\n";
    assert_eq!(alone.success(), expected);
}

#[test]
fn faults_of_a_file_have_their_place() {
    let sandbox = sandbox();
    sandbox.file("bad.json", "{\n  \"id\": \"bad\",\n  \"targetCondition\": \"tags.ring == 'canary'\",\n  \"modulesContent\": {}\n}\n");
    sandbox.run(["manifest", "merge", "--deployment", "bad.json", "--twin", "edge-1.json"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: bad.json:3:33: target condition: `==` is no operator of conditions
   |
 3 |   "targetCondition": "tags.ring == 'canary'",
   |                                 ^ [manifest/bad-deployment]
hint: Write =.

"#]]);
    sandbox.file("twice.json", "{\"id\": \"a\",\n \"id\": \"b\", \"targetCondition\": \"\", \"modulesContent\": {}}");
    sandbox.run(["manifest", "merge", "--deployment", "twice.json", "--twin", "edge-1.json"]).matches(str![[r#"
exit 0
--- stdout
no base targets edge-1: it keeps what it has
--- stderr
warning: twice.json:2:2: the key `id` stands here twice; the last one counts [json/duplicate-key]

"#]]);
    sandbox.file("cut.json", "{\"modulesContent\": {\"$edgeAgent\": {");
    sandbox.run(["manifest", "merge", "--deployment", "cut.json", "--twin", "edge-1.json"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: cut.json:1:36: the file ends too early
   |
 1 | {"modulesContent": {"$edgeAgent": {
   |                                    ^ [json/invalid]

"#]]);
    for text in ["[".repeat(10_000), "\u{0}".to_owned(), String::new(), "{\"id\": 1}\n".to_owned()] {
        sandbox.file("bad.json", &text);
        let outcome = sandbox.run(["manifest", "merge", "--deployment", "bad.json", "--twin", "edge-1.json"]);
        assert!(outcome.code == 3 && outcome.stderr.starts_with("error: bad.json:"), "{}", outcome.stderr);
    }
}

#[test]
fn a_key_of_thousands_of_names_is_refused_by_every_command() {
    let sandbox = sandbox();
    let mut content = base();
    content["m"] = json!({ (format!("properties.desired.{}", vec!["a"; 20_000].join("."))): 1 });
    sandbox.file("deep.json", &json!({ "modulesContent": content }).to_string());
    let row =
        json!({ "device": serde_json::from_str::<Value>(TWIN).expect("a twin"), "deployments": [configuration("a", 0, "*", &content)] });
    sandbox.file("deep.jsonl", &format!("\n{row}\n"));
    let refused = "the key has 20000 names behind `properties.desired`, and at most 128 are taken";
    for (arguments, starts) in [
        (&["merge", "--deployment", "deep.json", "--twin", "edge-1.json"][..], "error: deep.json:1:"),
        (&["merge", "--table", "deep.jsonl"], "error: deep.jsonl:2:1: "),
        (&["explain", "deep.json"], "error: deep.json:1:"),
        (&["diff", "base.json", "deep.json"], "error: deep.json:1:"),
        (&["diff", "deep.json", "base.json"], "error: deep.json:1:"),
    ] {
        let outcome = sandbox.run([&["manifest"], arguments].concat());
        assert!(
            outcome.code == 3 && outcome.stderr.starts_with(starts) && outcome.stderr.contains(refused),
            "{arguments:?}: {}",
            outcome.stderr
        );
    }
    let checked = sandbox.run(["manifest", "check", "deep.json"]);
    assert!(checked.code == 3 && checked.stdout.starts_with("deep.json:1:") && checked.stdout.contains(refused), "{}", checked.stdout);
}

#[test]
fn passwords_of_registries_are_shown_on_demand_only() {
    let sandbox = sandbox();
    let mut content = base();
    content["$edgeAgent"]["properties.desired"]["runtime"] = json!({ "settings": { "registryCredentials": { "main": { "address": "reg.example.com", "username": "u", "password": "first-secret" } } } });
    let over = json!({ "$edgeAgent": { "properties.desired.runtime.settings.registryCredentials.main.password": "second-secret" } });
    sandbox.file("base.json", &configuration("base", 0, "*", &content).to_string());
    sandbox.file("vision.json", &configuration("vision", 10, "*", &over).to_string());
    let password = "/effective/$edgeAgent/runtime/settings/registryCredentials/main/password";
    for format in ["table", "json", "yaml", "name"] {
        let outcome = sandbox.run([&FILES[..], &["-o", format]].concat());
        assert!(!format!("{}{}", outcome.success(), outcome.stderr).contains("secret"), "{format}");
    }
    let shown = sandbox.run([&FILES[..], &["-o", "json"]].concat()).json();
    assert_eq!(shown.pointer(password), Some(&json!("***")));
    let shown = sandbox.run([&FILES[..], &["-o", "json", "--show-secrets"]].concat()).json();
    assert_eq!(shown.pointer(password), Some(&json!("second-secret")));
    let row = json!({
        "device": serde_json::from_str::<Value>(TWIN).expect("a twin"), "deployments": [configuration("a", 0, "*", &content)],
        "expect": { "effective": { "$edgeAgent": content["$edgeAgent"]["properties.desired"], "$edgeHub": content["$edgeHub"]["properties.desired"],
            "filter": content["filter"]["properties.desired"] } },
    });
    sandbox.file("row.jsonl", &format!("{row}\n"));
    assert_eq!(sandbox.run(["manifest", "merge", "--table", "row.jsonl"]).success(), "1 row: 1 passed, 0 differ\n");
}

#[test]
fn a_table_is_compared() {
    let sandbox = sandbox();
    sandbox.file("cases.jsonl", include_str!("../fixtures/cases/layering.dev.jsonl"));
    assert_eq!(sandbox.run(["manifest", "merge", "--table", "cases.jsonl"]).success(), "22 rows: 22 passed, 0 differ\n");
    // A tie is an answer of a table like any other.
    let row = json!({
        "id": "tie", "device": serde_json::from_str::<Value>(TWIN).expect("a twin"),
        "deployments": [configuration("a", 0, "*", &base()), configuration("b", 0, "*", &base())],
        "expect": { "lint": ["base-tie"], "base": "b" },
    });
    sandbox.file("tie.jsonl", &format!("{row}\n"));
    let outcome = sandbox.run(["manifest", "merge", "--table", "tie.jsonl", "-o", "json"]);
    let line: Value = serde_json::from_str(outcome.success().trim_end()).expect("one line");
    let members: Vec<&String> = line.as_object().expect("an object").keys().collect();
    assert_eq!((members, &line["ok"]), (["id", "actual", "expect", "ok", "detail"].map(str::to_owned).iter().collect(), &json!(true)));
    sandbox.file("tie.jsonl", &format!("{}\n", row.to_string().replace("\"base\":\"b\"", "\"base\":\"a\"")));
    assert_eq!(sandbox.run(["manifest", "merge", "--table", "tie.jsonl"]).code, 10);
    sandbox.file("tie.jsonl", "{\"deployments\": []}\n");
    assert_eq!(sandbox.run(["manifest", "merge", "--table", "tie.jsonl"]).code, 3);
}

#[test]
fn the_solutions_own_deployments_are_merged() {
    let sandbox = sandbox();
    let store = EmbeddedStore::open(sandbox.path().join(".edgectl/store"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for module in ["sensor", "camera"] {
        let repository = format!("edgectl.local/greenhouse/{module}").parse().expect("a repository");
        runtime.block_on(images::push(&store, &repository, "latest", module));
        sandbox.file(&format!("modules/{module}/module.yaml"), "version: 1\nbuild: { language: rust }\n");
    }
    let text = "version: 1\nsolution: greenhouse\nmodules: { sensor: modules/sensor, camera: modules/camera }\ntwins: { camera: { fps: 5 } }\n\
        deployments:\n  base: { modules: [sensor] }\n  vision: { layer: true, modules: [camera], target: tags.ring = 'canary' }\n";
    sandbox.file("edgectl.yaml", text);
    let shown = sandbox.run(["manifest", "merge", "--twin", "edge-1.json", "-o", "json"]).json();
    assert_eq!((&shown["applied"], &shown["effective"]["camera"]), (&json!(["base", "vision"]), &json!({ "fps": 5 })));
    assert_eq!(shown["provenance"]["$edgeAgent"]["/modules/camera"], "vision");
    sandbox.file("edge-1.json", &TWIN.replace("canary", "broad"));
    assert_eq!(sandbox.run(["manifest", "merge", "--twin", "edge-1.json", "-o", "json"]).json()["applied"], json!(["base"]));
}

#[test]
fn a_hub_has_configurations_twins_and_what_runs() {
    let bench = HubBench::start();
    let merged = |arguments: &[&str]| bench.sandbox.run(["manifest", "merge"].iter().chain(arguments).chain(&["-o", "json"])).json();
    bench.runtime.block_on(async {
        bench.client.put_device(&Device::edge("edge-1"), None).await.expect("a device");
        bench.client.patch_twin("edge-1", &json!({ "tags": { "ring": "canary" } }), None).await.expect("tags");
        for (id, priority, content) in [("base", 0, base()), ("vision", 10, layer())] {
            let made = Configuration::new(id, json!({ "modulesContent": content })).with_condition("tags.ring = 'canary'");
            bench.client.put_configuration(&made.with_priority(priority), None).await.expect("a configuration");
        }
    });
    let shown = merged(&["--hub", "--device", "edge-1"]);
    assert_eq!((&shown["applied"], &shown["provenance"]["filter"]["/limits/high"]), (&json!(["base", "vision"]), &json!("vision")));
    for id in ["base", "vision"] {
        bench.runtime.block_on(bench.client.delete_configuration(id, None)).expect("gone");
    }
    let kept = merged(&["--hub", "--device", "edge-1"]);
    assert_eq!((&kept["base"], &kept["effective"]["filter"]["threshold"]), (&Value::Null, &json!(25)), "what it has stays: {kept}");
    let outcome = bench.sandbox.run(["manifest", "merge", "--hub", "--device", "edge-9"]);
    assert!(outcome.code == 3 && outcome.stderr.contains("[hub/unknown-device]"), "{}", outcome.stderr);
}
