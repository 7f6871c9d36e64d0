//! `manifest diff` through the binary.

use edgectl::base::Digest;
use edgectl::iothub::{Configuration, Device};
use edgectl::registry::EmbeddedStore;
use serde_json::{Value, json};
use snapbox::str;

use crate::hub::HubBench;
use crate::images;
use crate::sandbox::Sandbox;

fn manifest(image: &str, options: &str, route: &str, threshold: u32) -> Value {
    json!({ "modulesContent": {
        "$edgeAgent": { "properties.desired": {
            "schemaVersion": "1.1",
            "modules": { "filter": { "type": "docker", "status": "running", "settings": { "image": image, "createOptions": options } } },
        } },
        "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": { "up": route } } },
        "filter": { "properties.desired": { "threshold": threshold } },
    } })
}

const ROUTE: &str = "FROM /messages/modules/filter/outputs/alert INTO $upstream";

fn image(hex: &str) -> String {
    format!("reg.example.com/filter@sha256:{}", hex.repeat(32))
}

#[test]
fn shows_what_changes_and_says_what_is_not_known() {
    let sandbox = Sandbox::new();
    sandbox.file("old.json", &manifest(&image("ab"), r#"{"HostConfig":{"Memory":1,"Binds":["a"]}}"#, ROUTE, 25).to_string());
    let mut next = manifest(&image("cd"), r#"{"HostConfig":{"Binds":["a"],"Memory":2}}"#, ROUTE, 30);
    next["modulesContent"]["$edgeHub"]["properties.desired"]["routes"]["all"] = json!("FROM /messages/* INTO $upstream");
    sandbox.file("new.json", &next.to_string());
    sandbox.run(["--offline", "manifest", "diff", "old.json", "new.json"]).matches(str![[r#"
exit 0
--- stdout
--- old.json
+++ new.json
~ module filter
    image:
      - reg.example.com/filter@sha256:abababababab
      + reg.example.com/filter@sha256:cdcdcdcdcdcd
    settings.createOptions.HostConfig.Memory: 1 -> 2
+ route all
    + {"route":"FROM /messages/* INTO $upstream"}
~ desired properties of filter
    threshold: 25 -> 30

to download
  filter: not known: reg.example.com was not asked: --offline is set

1 module, 1 route, 1 twin differ
--- stderr

"#]]);
    let outcome = sandbox.run(["--offline", "manifest", "diff", "--check", "old.json", "new.json", "-o", "json"]);
    let shown: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((outcome.code, &shown["different"], &shown["modules"][0]["image"]["sameDigest"]), (10, &json!(true), &json!(false)));
    assert_eq!(shown["modules"][0]["changes"], json!([{ "path": "/settings/createOptions/HostConfig/Memory", "before": 1, "after": 2 }]));
    assert_eq!((&shown["download"][0]["bytes"], &shown["download"][0]["totalBytes"]), (&Value::Null, &Value::Null));
}

#[test]
fn the_same_in_other_words_is_no_difference() {
    let sandbox = Sandbox::new();
    sandbox.file("old.json", &manifest(&image("ab"), "", ROUTE, 25).to_string());
    let mut next = manifest(&image("ab").replace('@', ":v1@"), "{}", ROUTE, 25);
    next["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"]["filter"]["imagePullPolicy"] = json!("on-create");
    next["modulesContent"]["$edgeHub"]["properties.desired"]["routes"]["up"] = json!({ "route": ROUTE });
    sandbox.file("new.json", &json!({ "content": next }).to_string());
    assert_eq!(sandbox.run(["manifest", "diff", "--check", "old.json", "new.json"]).success(), "nothing differs\n");
}

#[test]
fn bytes_to_download_are_counted_where_layers_are_known() {
    let sandbox = Sandbox::new();
    let store = EmbeddedStore::open(sandbox.path().join(".edgectl/store"));
    let repository = "edgectl.local/greenhouse/filter".parse().expect("a repository");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let push = |tag: &str, content: &str| runtime.block_on(images::push(&store, &repository, tag, content));
    let (old, new) = (push("v1", "one"), push("v2", "two"));
    sandbox.file("old.json", &manifest(&old.reference.to_string(), "", ROUTE, 25).to_string());
    sandbox.file("new.json", &manifest(&new.reference.to_string(), "", ROUTE, 25).to_string());
    sandbox.file("edgectl.yaml", "version: 1\nsolution: greenhouse\n");
    let words = ["manifest", "diff", "old.json", "new.json", "--platform", "linux/arm64", "-o", "json"];
    let shown = sandbox.run(words).json();
    let download = &shown["download"][0];
    assert_eq!((&download["platform"], download["bytes"].is_u64()), (&json!("linux/arm64"), true), "{shown}");
    assert_eq!(download["bytes"], download["totalBytes"], "one layer each, and it differs");

    // With an old image that nobody knows, only the most can be told.
    let gone = format!("edgectl.local/greenhouse/filter@{}", Digest::of(b"gone"));
    sandbox.file("old.json", &manifest(&gone, "", ROUTE, 25).to_string());
    let download = &sandbox.run(words).json()["download"][0];
    assert_eq!((&download["bytes"], download["totalBytes"].is_u64()), (&Value::Null, true));
    assert!(download["reason"].as_str().is_some_and(|reason| reason.contains("is not known")), "{download}");
}

#[test]
fn a_manifest_is_compared_with_what_a_hub_has() {
    let bench = HubBench::start();
    let content = manifest(&image("ab"), "{}", ROUTE, 25);
    bench.runtime.block_on(async {
        bench.client.put_device(&Device::edge("edge-1"), None).await.expect("a device");
        let made = Configuration::new("base", content.clone()).with_condition("*");
        bench.client.put_configuration(&made, None).await.expect("a configuration");
    });
    bench.sandbox.file("same.json", &content.to_string());
    bench.sandbox.file("next.json", &manifest(&image("ab"), "{}", ROUTE, 30).to_string());
    for side in [["--device", "edge-1"], ["--configuration", "base"]] {
        let diff = |file: &str| bench.sandbox.run(["manifest", "diff", "--check", file].iter().chain(&side).chain(&["-o", "json"]));
        assert_eq!(diff("same.json").json()["different"], json!(false), "{side:?}");
        let outcome = diff("next.json");
        let shown: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(shown["twins"][0]["changes"], json!([{ "path": "/threshold", "before": 25, "after": 30 }]), "{side:?}");
        assert_eq!(outcome.code, 10);
    }
    let outcome = bench.sandbox.run(["manifest", "diff", "same.json", "--configuration", "none"]);
    assert!(outcome.code == 3 && outcome.stderr.contains("[hub/unknown-configuration]"), "{}", outcome.stderr);
}

#[test]
fn a_solution_is_a_side() {
    let sandbox = Sandbox::new();
    let text = format!(
        "version: 1\nsolution: s\nmodules: {{ filter: {{ image: \"{}\" }} }}\ntwins: {{ filter: {{ threshold: 25 }} }}\n",
        image("ab")
    );
    for folder in ["one", "two"] {
        sandbox.file(
            &format!("{folder}/edgectl.yaml"),
            &text.replace("threshold: 25", if folder == "one" { "threshold: 25" } else { "threshold: 30" }),
        );
    }
    assert_eq!(sandbox.run(["manifest", "diff", "one", "two", "-o", "name"]).success(), "twin/filter\n");
    let both = text.clone() + "deployments:\n  a: { modules: [filter] }\n  b: { modules: [filter] }\n";
    sandbox.file("two/edgectl.yaml", &both);
    sandbox.run(["manifest", "diff", "one", "two"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: two/edgectl.yaml has 2 deployments [manifest/many-deployments]
hint: Name one with --deployment: a, b.

"#]]);
    assert_eq!(sandbox.run(["manifest", "diff", "two", "two", "--deployment", "a"]).success(), "nothing differs\n");
}
