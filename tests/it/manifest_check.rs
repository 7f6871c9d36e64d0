//! `manifest check` through the binary: the corpus of manifests, and what people and machines see.

use snapbox::str;

use crate::sandbox::Sandbox;

const BASE: &str = r#"{
  "modulesContent": {
    "$edgeAgent": {
      "properties.desired": {
        "schemaVersion": "1.1",
        "runtime": { "type": "docker", "settings": {
          "registryCredentials": { "own": { "address": "registry.example.com", "username": "u", "password": "s3cret" } }
        } },
        "systemModules": {
          "edgeAgent": { "type": "docker", "settings": { "image": "agent:1.5" } },
          "edgeHub": { "type": "docker", "status": "running", "restartPolicy": "always", "settings": {
            "image": "hub:1.5", "createOptions": "{\"HostConfig\":{\"Binds\":[\"/srv:/data\"]}}"
          } }
        },
        "modules": {
          "filter": { "type": "docker", "status": "running", "restartPolicy": "always", "settings": { "image": "filter:1" } }
        }
      }
    },
    "$edgeHub": {
      "properties.desired": {
        "schemaVersion": "1.1",
        "routes": { "up": "FROM /messages/modules/filter/* INTO $upstream" },
        "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 }
      }
    }
  }
}
"#;

#[test]
fn people_see_each_fault_at_its_place_and_no_secret() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "m.json",
        &BASE.replace("\"always\", \"settings\": { \"image\": \"filter:1\"", "\"on-failured\", \"settings\": { \"image\": \"filter\""),
    );
    let shown = sandbox.run(["manifest", "check", "m.json"]);
    assert!(!shown.stdout.contains("s3cret"), "{}", shown.stdout);
    shown.matches(str![[r#"
exit 3
--- stdout
m.json:7:109: note: the password of `own` stands here in clear [manifest/clear-password]
   |
 7 | ress": "registry.example.com", "username": "u", "password": "******" } }
   |                                                             ^^^^^^^^
hint: Keep it out of files: write a placeholder, and give the value when the manifest is made.

m.json:16:79: error: `modules.filter.restartPolicy` cannot be `on-failured`: the device refuses the deployment [manifest/unknown-word]
    |
 16 | : { "type": "docker", "status": "running", "restartPolicy": "on-failured", "settings": { "image": "filter" } }
    |                                                             ^^^^^^^^^^^^^
hint: Did you mean `on-failure`?

m.json:16:117: warning: the image of `filter` has no tag, so it is `latest` [manifest/image-without-tag]
    |
 16 | ng", "restartPolicy": "on-failured", "settings": { "image": "filter" } }
    |                                                             ^^^^^^^^
hint: Name a version, or better a digest.

m.json: 1 error, 1 warning, 1 note
--- stderr
error: the check found 1 error, 1 warning, 1 note [check/errors]

"#]]);
}

#[test]
fn warnings_fail_strict_checks_only() {
    let sandbox = Sandbox::new();
    sandbox.file("m.json", &BASE.replace("\"image\": \"filter:1\"", "\"image\": \"filter\""));
    let shown = sandbox.run(["manifest", "check", "m.json", "-o", "name"]);
    assert_eq!((shown.code, shown.stdout.as_str()), (0, "manifest/clear-password\nmanifest/image-without-tag\n"), "{}", shown.stderr);
    let strict = sandbox.run(["manifest", "check", "--strict", "m.json", "-o", "json"]);
    assert_eq!(strict.code, 3);
    assert!(strict.stderr.contains("[check/warnings]"), "{}", strict.stderr);
}

#[test]
fn code_scanning_gets_sarif() {
    let sandbox = Sandbox::new();
    sandbox.file("m.json", &BASE.replace("\"1.1\",\n        \"routes\"", "\"1.4\",\n        \"routes\""));
    let shown = sandbox.run(["manifest", "check", "m.json", "-o", "sarif"]);
    assert_eq!(shown.code, 3);
    let log: serde_json::Value = serde_json::from_str(&shown.stdout).expect("SARIF");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let result = results.iter().find(|result| result["ruleId"] == "manifest/schema-version").expect("the finding");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&result["level"], &region["startLine"], &region["startColumn"]), (&"error".into(), &22.into(), &26.into()), "{log:#}");
}

#[test]
fn a_solution_shows_all_its_faults_at_once() {
    let sandbox = Sandbox::new();
    let text = "version: 1\nsolution: greenhouse\nmodules:\n  sensor: modules/sensor\n  filter: modules/filter\nroutes:\n  a: FORM /* INTO $upstream\n  \
                b: FROM /messages/modules/flter/* INTO $upstream\nrings:\n  - { name: canary, target: tags.ring = }\n";
    sandbox.file("edgectl.yaml", text);
    sandbox.file("modules/sensor/module.yaml", "version: 1\nbuild: { langage: rust }\n");
    sandbox.run(["manifest", "check"]).matches(str![[r#"
exit 3
--- stdout
edgectl.yaml:5:3: error: the module `filter` has no file to read: cannot read modules/filter/module.yaml: No such file or directory (os error 2) [manifest/no-module-file]
   |
 5 |   filter: modules/filter
   |   ^^^^^^
hint: Run `edgectl module add NAME`, or correct the folder.

edgectl.yaml:7:6: error: route `a`: a route begins with FROM [route/syntax]
   |
 7 |   a: FORM /* INTO $upstream
   |      ^

edgectl.yaml:8:29: error: there is no module `flter` [manifest/unknown-module]
   |
 8 |   b: FROM /messages/modules/flter/* INTO $upstream
   |                             ^
hint: Did you mean `filter`?

edgectl.yaml:10:40: error: target condition: the condition ends where a value must follow [target/missing-operand]
    |
 10 |   - { name: canary, target: tags.ring = }
    |                                        ^

modules/sensor/module.yaml:2:10: error: unknown field `langage`, expected one of language, platforms, base, dockerfiles, context, options [yaml/invalid]
   |
 2 | build: { langage: rust }
   |          ^
hint: Did you mean `language`?

edgectl.yaml: 5 errors
--- stderr
error: the check found 5 errors [check/errors]

"#]]);
}

#[test]
fn stdin_and_several_files_are_taken() {
    let sandbox = Sandbox::new();
    sandbox.file("a.json", BASE);
    sandbox.file("b.json", "{\"modulesContent\": ");
    let shown = sandbox.run(["manifest", "check", "a.json", "b.json", "-o", "json"]);
    assert_eq!(shown.code, 3);
    let result: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(result["checked"], serde_json::json!(["a.json", "b.json"]));
    let last = result["findings"].as_array().and_then(|findings| findings.last()).expect("a finding");
    assert_eq!((&last["code"], &last["file"], &last["place"]["line"]), (&"json/invalid".into(), &"b.json".into(), &1.into()));
}

#[test]
fn a_folder_in_the_older_layout_is_checked_by_its_template() {
    let sandbox = Sandbox::new();
    sandbox.file("deployment.template.json", &BASE.replace("filter:1", "${MODULES.filter}"));
    let shown = sandbox.run(["manifest", "check", "-o", "json"]).json();
    assert_eq!(shown["checked"], serde_json::json!(["deployment.template.json"]));
    assert_eq!(shown["summary"], serde_json::json!({ "errors": 0, "warnings": 0, "notes": 2 }), "{shown:#}");
}

/// What the corpus must show at least once, whatever files it is made of.
const COVERED: &[&str] = &[
    "\"createOptions\": \"\" is accepted",
    "$VAR placeholders as registryCredentials keys",
    "$upstream: as image registry",
    "${MODULEDIR",
    "${MODULES.",
    "${VAR}",
    "BOM",
    "CI tokens #{} / __X__",
    "CRLF",
    "WHERE in a route",
    "a layered manifest is checked by its own rules",
    "a missing module",
    "a placeholder matches any string",
    "a registry credential without address",
    "absent restartPolicy",
    "additional properties",
    "agent 1.0",
    "agent 1.1",
    "az skips a component without schemaVersion",
    "bare $VAR",
    "chunked createOptions",
    "comment, trailing comma",
    "createOptions between 4096 characters and 100 chunks",
    "deployment",
    "duplicate JSON key",
    "empty routes key",
    "files that are not JSON at all",
    "https_proxy or env in the wrong place",
    "hub 1.0",
    "hub 1.1",
    "hub 1.2",
    "hub 1.3 is a warning",
    "image without tag",
    "imagePullPolicy under settings",
    "layered deployment",
    "layered template",
    "layered without content wrapper",
    "leftovers",
    "manifest/no-storage-volume",
    "manifest/no-store-and-forward",
    "manifest/short-ttl",
    "missing $edgeHub",
    "misspelt restartPolicy",
    "module without settings or image",
    "moduleContent",
    "mqttBroker",
    "no systemModules",
    "object createOptions",
    "placeholder in systemModules",
    "registryCredentials",
    "route that does not parse (FORM)",
    "route to a missing module",
    "routes with priority / TTL",
    "startupOrder",
    "string createOptions",
    "template",
    "templates with another schema",
    "two modules on the same host port",
    "undefined ${X} left in the manifest",
    "unknown version lists the known ones",
];

/// Checks every file of the corpus. A row of its index has `file`, `covers[]`, `findings[]` (`at` as line:column, `code`, `severity`), `exit` and
/// `strictExit`; places were written down by hand, not by the checker.
#[test]
#[expect(clippy::print_stdout, reason = "the run shows how much was judged")]
fn the_corpus_is_judged_as_the_device_judges_it() {
    use edgectl::ops::manifest_check::{Subject, manifest_check};
    use edgectl::output::{Strictness, findings::require};

    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/manifests");
    let index = std::fs::read_to_string(folder.join("corpus.jsonl")).expect("the index");
    let (mut different, mut covered, mut faults) = (Vec::new(), std::collections::BTreeSet::new(), 0);
    for line in index.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        let name = row["file"].as_str().expect("a file");
        let bytes = std::fs::read(folder.join(name)).expect(name);
        let findings = manifest_check(&Subject { name: name.into(), bytes });
        let mut found: Vec<String> = findings
            .iter()
            .map(|finding| {
                let place = finding.place.map(|place| format!("{}:{}", place.line, place.column)).unwrap_or_default();
                format!("{place} {} {}", serde_json::json!(finding.severity).as_str().unwrap_or_default(), finding.code)
            })
            .collect();
        let text = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let expected = row["findings"].as_array().expect("findings").iter();
        let mut expected: Vec<String> =
            expected.map(|finding| format!("{} {} {}", text(finding, "at"), text(finding, "severity"), text(finding, "code"))).collect();
        faults += expected.len();
        found.sort();
        expected.sort();
        let exit = |strictness| require(&findings, strictness).map_or_else(|error| error.kind.code(), |()| 0);
        let exits = (exit(Strictness::Edge), exit(Strictness::Strict));
        if found != expected || Some(u64::from(exits.0)) != row["exit"].as_u64() || Some(u64::from(exits.1)) != row["strictExit"].as_u64() {
            different.push(format!("{name}: {exits:?}\n  found    {found:?}\n  expected {expected:?}"));
        }
        covered.extend(row["covers"].as_array().into_iter().flatten().filter_map(|one| one.as_str().map(ToOwned::to_owned)));
    }
    let missing: Vec<&&str> = COVERED.iter().filter(|feature| !covered.contains(**feature)).collect();
    assert!(missing.is_empty(), "no file covers {missing:?}");
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(index.lines().count() >= 40);
    println!("{} files of the corpus, {faults} findings in them, each at its place", index.lines().count());
}

#[test]
fn each_file_of_the_corpus_is_in_its_index() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/manifests");
    let index = std::fs::read_to_string(folder.join("corpus.jsonl")).expect("the index");
    for entry in std::fs::read_dir(&folder).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("text");
        assert!(name == "corpus.jsonl" || index.contains(&format!("\"{name}\"")), "{name}");
    }
}
