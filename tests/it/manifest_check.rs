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

modules/sensor/module.yaml:2:10: error: unknown field `langage`, expected one of language, platforms, base [yaml/invalid]
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
