//! Fleets of every form through `target match`, `target count` and `target diff`.

use edgectl::iothub::Device;
use serde_json::{Value, json};
use snapbox::str;

use crate::hub::HubBench;
use crate::sandbox::Sandbox;

const TWINS: &str = "{\"deviceId\":\"one\",\"capabilities\":{\"iotEdge\":true},\"tags\":{\"ring\":\"canary\",\"line\":3}}\n{\"deviceId\":\"two\",\"tags\":{\"ring\":\"early\",\"line\":\"3\"}}\n{\"deviceId\":\"three\",\"tags\":{}}\n";
const EXPORT: &str = "{\"id\":\"one\",\"eTag\":\"MQ==\",\"status\":\"enabled\",\"tags\":{\"ring\":\"canary\",\"line\":3},\"capabilities\":{\"iotEdge\":true}}\n{\"id\":\"one\",\"moduleId\":\"$edgeAgent\"}\n{\"id\":\"two\",\"tags\":{\"ring\":\"early\",\"line\":\"3\"}}\n{\"id\":\"three\"}\n";
const CSV: &str = "deviceId,ring,line:number,capabilities.iotEdge\r\none,canary,3,true\r\ntwo,early,,false\r\nthree,,,\r\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("twins.jsonl", TWINS);
    sandbox.file("devices.txt", EXPORT);
    sandbox.file("fleet.csv", CSV);
    sandbox
}

#[test]
fn every_form_of_a_fleet_gives_the_same_devices() {
    let sandbox = sandbox();
    for fleet in ["twins.jsonl", "devices.txt", "fleet.csv"] {
        for (condition, devices) in
            [("tags.line = 3", vec!["one"]), ("tags.ring != 'canary'", vec!["two"]), ("*", vec!["one", "two", "three"])]
        {
            let shown = sandbox.run(["target", "match", "--condition", condition, "--fleet", fleet, "-o", "json"]).json();
            assert_eq!((&shown["devices"], &shown["total"]), (&json!(devices), &json!(3)), "{condition} in {fleet}");
        }
        let edge = sandbox.run(["target", "count", "--condition", "*", "--edge-only", "--fleet", fleet, "-o", "json"]).json();
        assert_eq!((&edge["matched"], &edge["total"]), (&json!(1), &json!(1)), "{fleet}");
    }
    let wrong = sandbox.run(["target", "match", "--condition", "*", "--fleet", "devices.txt", "--fleet-format", "twins"]);
    assert!(wrong.code == 3 && wrong.stderr.contains("devices.txt:1:1: a twin needs a `deviceId`"), "{}", wrong.stderr);
}

#[test]
fn counts_say_where_each_clause_is_undefined() {
    let sandbox = sandbox();
    let condition = "tags.ring != 'canary' OR NOT (tags.line > 2)";
    sandbox.run(["target", "count", "--condition", condition, "--fleet", "twins.jsonl"]).matches(str![[r#"
exit 0
--- stdout
CLAUSE                 TRUE  FALSE  UNDEFINED
tags.ring != 'canary'  1     1      1
tags.line > 2          1     0      2

1 of 3 devices
--- stderr

"#]]);
    let shown = sandbox.run(["target", "count", "--condition", condition, "--fleet", "twins.jsonl", "-o", "json"]).json();
    assert_eq!(
        shown,
        json!({
            "schemaVersion": 1, "condition": condition, "matched": 1, "total": 3,
            "clauses": [
                { "text": "tags.ring != 'canary'", "span": { "start": 0, "end": 21 }, "true": 1, "false": 1, "undefined": 1 },
                { "text": "tags.line > 2", "span": { "start": 30, "end": 43 }, "true": 1, "false": 0, "undefined": 2 },
            ],
        })
    );
}

#[test]
fn several_conditions_are_counted_in_one_reading() {
    let sandbox = sandbox();
    sandbox
        .file("conditions.jsonl", "{\"id\":\"dep-1\",\"priority\":3,\"condition\":\"STARTSWITH(tags.ring, 'c')\"}\n{\"condition\":\"\"}\n");
    let command =
        ["target", "count", "--condition", "*", "--conditions", "conditions.jsonl", "--dialect", "extended", "--fleet", "fleet.csv"];
    sandbox.run(command).matches(str![[r#"
exit 0
--- stdout
NAME   DEVICES  CONDITION
1      3        *
dep-1  1        STARTSWITH(tags.ring, 'c')
3      0        <none>

of 3 devices
--- stderr

"#]]);
    let shown = sandbox.run(command.into_iter().chain(["-o", "json"])).json();
    let matched: Vec<&Value> = shown["conditions"].as_array().expect("conditions").iter().map(|one| &one["matched"]).collect();
    assert_eq!(matched, [3, 1, 0]);
    sandbox.run(["target", "count", "--conditions", "conditions.jsonl", "--fleet", "fleet.csv"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: the condition in line 1 of conditions.jsonl does not parse [target/dialect]
  caused by: target condition 1:1: STARTSWITH is documented for message routes only, not for twins
  | STARTSWITH(tags.ring, 'c')
  | ^^^^^^^^^^
hint: The one function of target conditions is is_defined(PATH).

"#]]);
}

#[test]
fn a_changed_condition_shows_who_moves_and_why() {
    let sandbox = sandbox();
    let command = ["target", "diff", "--fleet", "twins.jsonl", "--before", "tags.ring = 'canary'", "--after", "tags.ring != 'canary'"];
    sandbox.run(command).matches(str![[r#"
exit 0
--- stdout
NAME  CHANGE   WHY
two   added    tags.ring = 'canary' was false; tags.ring != 'canary' is true
one   removed  tags.ring = 'canary' was true; tags.ring != 'canary' is false

1 added, 1 removed, 0 unchanged
--- stderr

"#]]);
    let outcome = sandbox.run(command.into_iter().chain(["--check", "-o", "json"]));
    assert_eq!(outcome.code, 10, "{}", outcome.stderr);
    let shown: Value = serde_json::from_str(&outcome.stdout).expect("a document");
    assert_eq!((&shown["added"], &shown["removed"], &shown["unchanged"]), (&json!(["two"]), &json!(["one"]), &json!(0)));
    assert_eq!(
        shown["changes"][0],
        json!({ "deviceId": "two", "selected": true, "clauses": [
            { "text": "tags.ring = 'canary'", "before": "false", "after": null },
            { "text": "tags.ring != 'canary'", "before": null, "after": "true" },
        ] })
    );
    let same =
        ["target", "diff", "--fleet", "twins.jsonl", "--before", "tags.ring = 'early'", "--after", "tags.ring IN ['early']", "--check"];
    assert_eq!(sandbox.run(same).code, 0);
}

#[test]
fn a_changed_fleet_shows_which_clause_flipped() {
    let sandbox = sandbox();
    sandbox.file("new.csv", "deviceId,ring,line:number\none,canary,4\ntwo,canary,3\nfour,canary,3\n");
    let command =
        ["target", "diff", "--fleet", "fleet.csv", "--fleet-after", "new.csv", "--condition", "tags.ring = 'canary' AND tags.line = 3"];
    sandbox.run(command).matches(str![[r#"
exit 0
--- stdout
NAME  CHANGE   WHY
two   added    tags.ring = 'canary' was false, is true; tags.line = 3 was undefined, is true
four  added    tags.ring = 'canary' is true; tags.line = 3 is true
one   removed  tags.line = 3 was true, is false

2 added, 1 removed, 0 unchanged
--- stderr

"#]]);
}

#[test]
fn bad_fleets_are_refused_with_their_place() {
    let sandbox = sandbox();
    sandbox.file("array.json", "[{\"deviceId\":\"a\"},");
    sandbox.file("twice.jsonl", "{\"deviceId\":\"a\"}\n{\"deviceId\":\"a\"}\n");
    sandbox.file("tags.csv", "deviceId,ring\na,b,c\n");
    sandbox.run(["target", "match", "--condition", "*", "--fleet", "array.json"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: array.json:1:18: EOF while parsing a value [fleet/bad-line]
hint: Write one twin a line, for example with `jq -c '.[]'`.

"#]]);
    sandbox.run(["target", "match", "--condition", "*", "--fleet", "twice.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: twice.jsonl: the device `a` is there twice [fleet/duplicate-device]
hint: Each device of a fleet has one record; keep the newest.

"#]]);
    sandbox.run(["target", "match", "--condition", "*", "--fleet", "tags.csv"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: tags.csv:2:1: 3 cells, and the header names 2 columns [fleet/bad-line]
hint: A cell with a comma, a quote or a line break stands in quotes, and a quote inside is written twice.

"#]]);
    sandbox.file("tags.csv", "deviceId,ring\na,b\n");
    sandbox.run(["target", "match", "--condition", "*", "--fleet", "tags.csv", "--edge-only"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: tags.csv: the file does not say which devices are edge devices [fleet/edge-unknown]
hint: Add a column capabilities.iotEdge, or leave --edge-only out.

"#]]);
}

#[test]
fn the_index_of_a_large_fleet_is_kept_while_it_is_right() {
    let sandbox = Sandbox::new();
    sandbox.file("edgectl.yaml", "version: 1\nsolution: s\n");
    let fleet = |ring: &str| -> String {
        let pad = "x".repeat(80);
        (0..60_000)
            .map(|n| format!("{{\"deviceId\":\"edge-{n:06}\",\"tags\":{{\"ring\":\"{ring}\",\"n\":{}}},\"pad\":\"{pad}\"}}\n", n % 10))
            .collect()
    };
    let file = sandbox.file("fleet.jsonl", &fleet("canary"));
    let count =
        || sandbox.run(["target", "count", "--condition", "tags.ring = 'canary' AND tags.n < 5", "--fleet", "fleet.jsonl", "-o", "json"]);
    let kept = || {
        let folder = sandbox.path().join(".edgectl/cache/fleet");
        let entries = std::fs::read_dir(folder).expect("a cache").map(|entry| entry.expect("an entry").path());
        let mut kept: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "fleet")).collect();
        kept.sort();
        kept
    };
    assert_eq!(count().json()["matched"], 30_000);
    let first = kept();
    let original = std::fs::read(&first[0]).expect("the index");
    assert_eq!((count().json()["matched"].as_u64(), first.len()), (Some(30_000), 1));

    // Damage is found, said, and repaired.
    let mut damaged = original.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for bytes in [&damaged, &original[..middle].to_vec()] {
        std::fs::write(&first[0], bytes).expect("damage");
        let outcome = count();
        assert!(outcome.stderr.contains("the saved fleet index is damaged; it is made again [fleet/damaged-cache]"), "{}", outcome.stderr);
        assert_eq!(outcome.json()["matched"], 30_000);
        assert_eq!(count().stderr, "");
    }

    // The same size and time of the last write, other content.
    let times = std::fs::metadata(&file).expect("metadata").modified().expect("a time");
    sandbox.file("fleet.jsonl", &fleet("broads"));
    std::fs::File::options().write(true).open(&file).expect("the fleet").set_modified(times).expect("set");
    assert_eq!(count().json()["matched"], 0);
    assert_eq!(kept().len(), 2);
}

#[test]
fn without_a_file_the_devices_of_the_hub_are_counted() {
    let bench = HubBench::start();
    bench.runtime.block_on(async {
        for (device, ring) in [(Device::edge("two"), "canary"), (Device::edge("one"), "early")] {
            bench.client.put_device(&device, None).await.expect("a device");
            bench.client.patch_twin(device.device_id(), &json!({ "tags": { "ring": ring } }), None).await.expect("tags");
        }
    });
    let shown = bench.sandbox.run(["target", "count", "--condition", "tags.ring = 'canary'", "--edge-only", "-o", "json"]).json();
    assert_eq!((&shown["matched"], &shown["total"]), (&json!(1), &json!(2)));
    let shown = bench.sandbox.run(["target", "diff", "--before", "*", "--after", "deviceId = 'one'", "-o", "name"]);
    assert_eq!(shown.stdout, "two\n");
}
