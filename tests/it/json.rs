//! `-o json`: every command that succeeds on a machine of its own prints one JSON object with `schemaVersion` 1.

use std::collections::BTreeSet;

use edgectl::iothub::Device;
use edgectl::registry::EmbeddedStore;

use crate::hub::HubBench;
use crate::images;
use crate::sandbox::Sandbox;

/// Runs a command with `-o json` and requires a versioned object with these members, and no others.
#[track_caller]
fn prints(sandbox: &Sandbox, command: &[&str], members: &str) {
    let shown = sandbox.run(command.iter().copied().chain(["-o", "json"])).json();
    assert_eq!(shown["schemaVersion"], 1, "{command:?}: {shown}");
    let found: BTreeSet<&str> = shown.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = members.split(' ').chain(["schemaVersion"]).collect();
    assert_eq!(found, expected, "{command:?}");
}

#[test]
fn commands_of_a_solution_print_versioned_json() {
    let sandbox = Sandbox::new().env("COSIGN_PASSWORD", "");
    prints(&sandbox, &["new", ".", "--name", "greenhouse"], "files folder solution");
    prints(&sandbox, &["module", "add", "sensor", "--template", "rust"], "files folder module routes template");
    prints(&sandbox, &["key", "generate", "--out", "keys/team"], "fingerprint privateKey publicKey");

    // An image as a build leaves it; building is tested on its own.
    let store = EmbeddedStore::open(sandbox.path().join(".edgectl/store"));
    let repository = "edgectl.local/greenhouse/sensor".parse().expect("a repository");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(images::push(&store, &repository, "latest", "v1"));

    prints(&sandbox, &["image", "list"], "images");
    prints(&sandbox, &["image", "inspect", "sensor"], "mediaType platforms reference sizeBytes");
    prints(&sandbox, &["image", "sign", "--key", "keys/team.key", "sensor"], "images reference");
    prints(&sandbox, &["image", "verify", "--key", "keys/team.pub", "sensor"], "images outcome reference");
    prints(
        &sandbox,
        &["image", "push", "sensor", "--to", "edgectl.local/attic/sensor:v1"],
        "digest reference sentBytes signaturesAdded signaturesCarried signed source tag",
    );
    prints(&sandbox, &["manifest", "generate"], "deployments files findings");
    sandbox.file("twin.json", r#"{"deviceId": "one", "capabilities": {"iotEdge": true}}"#);
    prints(
        &sandbox,
        &["manifest", "merge", "--twin", "twin.json"],
        "applied base deployments details device edge effective findings leftOut lint provenance targeted",
    );
    prints(&sandbox, &["manifest", "check"], "checked findings summary");
    prints(&sandbox, &["release", "create", "v1"], "changed commit deployments modules release");
    prints(&sandbox, &["release", "status"], "ledger rings");
    prints(&sandbox, &["release", "log"], "records");
}

#[test]
fn commands_without_a_solution_print_versioned_json() {
    let sandbox = Sandbox::new();
    sandbox.file("fleet.jsonl", "{\"deviceId\":\"one\"}\n");
    sandbox.file("m.json", r#"{"modulesContent": {"$edgeAgent": {"properties.desired": {}}}}"#);
    prints(&sandbox, &["manifest", "diff", "m.json", "m.json"], "after agent before different download findings hub modules routes twins");
    prints(
        &sandbox,
        &["manifest", "explain", "m.json"],
        "file findings layer modules reason registries routes runtimeEnv schemaVersions timeToLiveSecs twins",
    );
    sandbox.file("deployment.template.json", r#"{"modulesContent":{"$edgeAgent":{"properties.desired.modules":{}}}}"#);
    prints(&sandbox, &["manifest", "generate"], "compat content file findings form platform summary template variables");
    prints(&sandbox, &["solution", "import", "--dry-run", "--name", "x"], "dryRun files findings patched solution summary");
    prints(&sandbox, &["completions", "bash"], "script shell");
    prints(&sandbox, &["config", "show"], "settings");
    prints(&sandbox, &["manifest", "schema"], "for schema");
    prints(&sandbox, &["--offline", "doctor"], "checks");
    prints(&sandbox, &["target", "match", "--condition", "*", "--fleet", "fleet.jsonl"], "condition devices matched total");
    sandbox.file("message.json", "{\"properties\":{\"kind\":\"pump\"}}");
    let route = "FROM /messages/* WHERE kind = 'pump' INTO $upstream";
    prints(&sandbox, &["route", "check", "--route", route], "checked findings fixed summary written");
    prints(&sandbox, &["route", "test", "--route", route, "--message", "message.json"], "deliveries routes source");
    prints(&sandbox, &["route", "explain", route], "routes");
    prints(
        &sandbox,
        &["target", "explain", "--condition", "*", "--device", "one", "--fleet", "fleet.jsonl"],
        "condition deviceId dialect selected tree truth",
    );
    prints(&sandbox, &["target", "lint", "--condition", "*"], "checked findings summary");
    prints(&sandbox, &["target", "lint", "--condition", "*", "--fleet", "fleet.jsonl"], "checked findings summary total");
    prints(&sandbox, &["target", "count", "--condition", "*", "--fleet", "fleet.jsonl"], "clauses condition matched total");
    prints(&sandbox, &["target", "count", "--condition", "*", "--condition", "", "--fleet", "fleet.jsonl"], "conditions");
    prints(
        &sandbox,
        &["target", "diff", "--before", "*", "--after", "", "--fleet", "fleet.jsonl"],
        "added after before changes removed unchanged",
    );
    prints(&sandbox, &["sim", "status"], "devices hub name state supervisor");
    prints(&sandbox, &["sim", "logs"], "lines");
    prints(&sandbox, &["sim", "down"], "name wasRunning");
}

#[test]
fn commands_of_a_hub_print_versioned_json() {
    let bench = HubBench::start();
    bench.runtime.block_on(bench.client.put_device(&Device::edge("edge-1"), None)).expect("a device");
    prints(&bench.sandbox, &["sim", "twin", "get", "edge-1"], "twin");
    prints(
        &bench.sandbox,
        &["sim", "leaf", "add", "leaf-1"],
        "authentication caFile certificateFile connectionString deviceId gatewayHostName keyFile parent status",
    );
    prints(&bench.sandbox, &["sim", "leaf", "list"], "leaves");
    prints(&bench.sandbox, &["sim", "leaf", "remove", "leaf-1"], "deviceId");
    prints(&bench.sandbox, &["sim", "twin", "set", "edge-1", "tags.ring=canary"], "twin");
    prints(&bench.sandbox, &["sim", "send", "--to", "edge-1", "--body", "open"], "deviceId message");
    prints(&bench.sandbox, &["target", "match", "--condition", "tags.ring = 'canary'"], "condition devices matched total");
    prints(
        &bench.sandbox,
        &["target", "explain", "--condition", "tags.ring = 'canary'", "--device", "edge-1"],
        "condition deviceId dialect selected tree truth",
    );
}
