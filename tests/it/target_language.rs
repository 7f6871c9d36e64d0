//! `target explain`, `target lint` and `target test` through the binary.

use std::io::Write as _;
use std::process::Stdio;

use snapbox::str;

use crate::sandbox::Sandbox;

const FLEET: &str = "{\"deviceId\":\"one\",\"tags\":{\"ring\":\"canary\",\"line\":1}}\n{\"deviceId\":\"two\",\"tags\":{\"line\":2}}\n";
const SOLUTION: &str = "version: 1
solution: s
rings:
  - { name: canary, target: tag.ring = 'canary' }
  - { name: rest, target: \"tags.ring != 'canary'\" }
";

/// A sandbox with a fleet and a solution whose first ring has a fault.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("fleet.jsonl", FLEET);
    sandbox.file("edgectl.yaml", SOLUTION);
    sandbox
}

/// Runs with a text on stdin and returns exit code and stdout.
fn with_stdin(sandbox: &Sandbox, arguments: &[&str], text: &[u8]) -> (i32, String) {
    let mut child = sandbox.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that refuses the first lines closes its end.
    let _unread = stdin.write_all(text);
    drop(stdin);
    let output = child.wait_with_output().expect("ends");
    (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn an_explanation_shows_truths_values_and_what_is_missing() {
    let condition = "tags.ring != 'canary' AND (deviceId = 'two' OR NOT is_defined(tags.location.site))";
    sandbox().run(["target", "explain", "--condition", condition, "--device", "two", "--fleet", "fleet.jsonl"]).matches(str![[r#"
exit 0
--- stdout
TRUTH      CONDITION
undefined  AND
undefined    tags.ring != 'canary'
                 tags.ring is missing; its parent tags exists
true         OR
true           deviceId = 'two'
                   deviceId is "two"
true           NOT
false            is_defined(tags.location.site)
                     tags.location.site is missing, and so is its parent tags.location

two is not selected: the condition is undefined
--- stderr

"#]]);
    sandbox().run(["target", "explain", "--ring", "rest", "--device", "two", "--fleet", "fleet.jsonl", "-o", "json"]).matches(str![[r#"
exit 0
--- stdout
{
  "schemaVersion": 1,
  "condition": "tags.ring != 'canary'",
  "dialect": "strict",
  "deviceId": "two",
  "selected": false,
  "truth": "undefined",
  "tree": {
    "kind": "compare",
    "text": "tags.ring != 'canary'",
    "span": {
      "start": 0,
      "end": 21
    },
    "truth": "undefined",
    "because": [
      {
        "reason": "missing",
        "path": "tags.ring",
        "parent": "tags",
        "parentExists": true,
        "message": "tags.ring is missing; its parent tags exists"
      }
    ],
    "parts": [
      {
        "kind": "path",
        "text": "tags.ring",
        "span": {
          "start": 0,
          "end": 9
        },
        "because": [
          {
            "reason": "missing",
            "path": "tags.ring",
            "parent": "tags",
            "parentExists": true,
            "message": "tags.ring is missing; its parent tags exists"
          }
        ]
      },
      {
        "kind": "constant",
        "text": "'canary'",
        "span": {
          "start": 13,
          "end": 21
        },
        "value": "canary"
      }
    ]
  }
}
--- stderr

"#]]);
}

#[test]
fn an_explanation_takes_one_twin() {
    let sandbox = sandbox();
    sandbox.file("twin.json", "{ \"tags\": { \"flag\": \"true\" } }");
    sandbox.run(["target", "explain", "--condition", "NOT tags.flag", "--twin", "twin.json"]).matches(str![[r#"
exit 0
--- stdout
TRUTH      CONDITION
undefined  NOT
undefined    tags.flag
                 tags.flag is "true"
                 tags.flag is the text 'true', neither true nor false

the device is not selected: the condition is undefined
--- stderr

"#]]);
    let arguments = ["target", "explain", "--condition", "LENGTH(deviceId) = 2", "--dialect", "extended", "--twin", "-"];
    let (code, stdout) = with_stdin(&sandbox, &arguments, b"{\"deviceId\":\"ab\"}");
    assert_eq!((code, stdout.lines().last()), (0, Some("ab is selected: the condition is true")), "{stdout}");
    sandbox.run(["target", "explain", "--condition", "*", "--device", "Two", "--fleet", "fleet.jsonl"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no device `Two` in fleet.jsonl [fleet/unknown-device]
hint: Ids of devices are case-sensitive.

"#]]);
    sandbox.run(["target", "explain", "--condition", "LENGTH(deviceId) = 2", "--twin", "twin.json"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: target condition 1:1: LENGTH is documented for message routes only, not for twins
  | LENGTH(deviceId) = 2
  | ^^^^^^ [target/dialect]
hint: The one function of target conditions is is_defined(PATH).

"#]]);
}

#[test]
fn a_device_is_found_in_any_form_of_fleet() {
    let sandbox = sandbox();
    let export = "{\"id\":\"dev1\",\"moduleId\":\"m1\",\"tags\":{\"ring\":\"x\"}}\n{\"id\":\"dev1\",\"tags\":{\"ring\":\"canary\"}}\n";
    sandbox.file("devices.txt", &format!("\u{feff}{export}"));
    sandbox.file("fleet.csv", "deviceId,ring,line:number\ndev1,canary,7\n");
    for file in ["devices.txt", "fleet.csv"] {
        let explain = ["target", "explain", "--condition", "tags.ring = 'canary'", "--device", "dev1", "--fleet", file, "-o", "json"];
        assert_eq!(sandbox.run(explain).json()["selected"], true, "{file}");
        sandbox.file("base.json", "{\"id\":\"base\",\"targetCondition\":\"tags.ring = 'canary'\",\"modulesContent\":{}}");
        let merge = ["manifest", "merge", "--deployment", "base.json", "--device", "dev1", "--fleet", file];
        assert!(sandbox.run(merge).success().starts_with("dev1 is no edge device"), "{file}");
    }
    let twins = ["target", "explain", "--condition", "*", "--device", "dev1", "--fleet", "devices.txt", "--fleet-format", "twins"];
    assert!(sandbox.run(twins).stderr.contains("a twin needs a `deviceId` [fleet/bad-line]"));
}

#[test]
fn findings_point_into_the_solution_file() {
    sandbox().run(["target", "lint"]).matches(str![[r#"
exit 3
--- stdout
edgectl.yaml:4:29: error: ring canary: there is no attribute `tag` [target/tag-singular]
   |
 4 |   - { name: canary, target: tag.ring = 'canary' }
   |                             ^^^
hint: Did you mean `tags.`?
fix: write tags

edgectl.yaml:5:28: warning: ring rest: this skips every device without tags.ring [target/skips-undefined]
   |
 5 |   - { name: rest, target: "tags.ring != 'canary'" }
   |                            ^^^^^^^^^^^^^^^^^^^^^
hint: Write NOT is_defined(tags.ring) OR tags.ring != 'canary' to select them too, or is_defined(tags.ring) AND … to say that they are left out on purpose.
fix: select devices without tags.ring too (to be decided by you)

2 conditions: 1 error, 1 warning
--- stderr
error: the check found 1 error, 1 warning [check/errors]

"#]]);
}

#[test]
fn a_fleet_counts_what_a_finding_touches() {
    let sandbox = sandbox();
    let condition = "tags.ring != 'canary' AND tags.line = '2'";
    sandbox.run(["target", "lint", "--condition", condition, "--fleet", "fleet.jsonl", "--strict"]).matches(str![[r#"
exit 3
--- stdout
<condition>:1:1: warning: this skips 1 device without tags.ring [target/skips-undefined]
   |
 1 | tags.ring != 'canary' AND tags.line = '2'
   | ^^^^^^^^^^^^^^^^^^^^^
hint: Write (NOT is_defined(tags.ring) OR tags.ring != 'canary') to select them too, or is_defined(tags.ring) AND … to say that they are left out on purpose.
fix: select devices without tags.ring too (to be decided by you)

<condition>:1:1: warning: this selects none of the 2 devices [target/matches-nobody]
   |
 1 | tags.ring != 'canary' AND tags.line = '2'
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: `edgectl target explain` shows why for one device.

<condition>:1:27: warning: tags.line is a number on most devices and '2' is a text: never true for 2 devices [target/type-mismatch]
   |
 1 | tags.ring != 'canary' AND tags.line = '2'
   |                           ^^^^^^^^^^^^^^^
hint: Nothing is converted: write the constant in the type that the devices have.
fix: write 2 (to be decided by you)

<condition>, 2 devices: 3 warnings
--- stderr
error: the check found 3 warnings [check/warnings]
hint: Without --strict, warnings do not fail the command.

"#]]);
    let edge = sandbox.run(["target", "lint", "--condition", condition, "--fleet", "fleet.jsonl", "--edge-only", "-o", "json"]).json();
    assert_eq!(edge["total"], 0);
    let shown = sandbox.run(["target", "lint", "--condition", condition, "--fleet", "fleet.jsonl", "-o", "json"]).json();
    let touched: Vec<String> = shown["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| format!("{} {}", finding["code"].as_str().expect("a code"), finding["devices"]))
        .collect();
    assert_eq!(touched, ["target/skips-undefined 1", "target/matches-nobody 0", "target/type-mismatch 2"]);
    let sarif = sandbox.run(["target", "lint", "--condition", condition, "-o", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&sarif.stdout).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "target/skips-undefined");
}

#[test]
fn the_developer_table_passes() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cases/target_conditions.dev.jsonl");
    Sandbox::new().run(["target", "test", "--table", table]).matches(str![[r#"
exit 0
--- stdout
126 rows: 126 passed, 0 differ
--- stderr

"#]]);
    let lines = Sandbox::new().run(["target", "test", "--table", table, "-o", "json"]);
    let rows: Vec<serde_json::Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    assert_eq!(rows.len(), 126);
    for row in &rows {
        let mut members: Vec<&str> = row.as_object().expect("an object").keys().map(String::as_str).collect();
        members.sort_unstable();
        members.retain(|member| *member != "errorKind");
        assert_eq!(members, ["actual", "detail", "expect", "id", "ok"], "{row}");
        assert_eq!(row["errorKind"] == "parse", row["actual"] == "error", "{row}");
        assert_eq!((&row["actual"], row["ok"].as_bool()), (&row["expect"], Some(true)), "{row}");
    }
}

#[test]
fn a_table_says_which_rows_differ() {
    let sandbox = Sandbox::new();
    let rows = "{\"id\":\"same\",\"condition\":\"*\",\"device\":{},\"expect\":true,\"note\":1}\n\
                {\"id\":\"differs\",\"condition\":\"tags.ring != 'x'\",\"device\":{\"tags\":{}},\"expect\":true}\n\
                {\"id\":\"doubtful\",\"condition\":\"1e3 = 1\",\"device\":{},\"expect\":\"error\",\"confidence\":\"low\"}\n\
                {\"id\":\"kind\",\"condition\":\"tags.a ==\",\"device\":{},\"expect\":\"error\",\"errorKind\":\"parse\"}\n\
                {\"id\":\"open\",\"condition\":\"tags.a ==\",\"device\":{},\"expect\":null}\n";
    sandbox.file("table.jsonl", rows);
    sandbox.run(["target", "test", "--table", "table.jsonl"]).matches(str![[r#"
exit 10
--- stdout
differs: expected true, found false
  the condition is undefined: tags.ring is missing; its parent tags exists
doubtful: expected "error", found false
  the condition is false
5 rows: 2 passed, 1 differ, 1 differ with low confidence, 1 without expectation
--- stderr
warning: row doubtful differs, which its confidence `low` lets pass [table/doubtful-row]
error: 1 row of 5 differ [table/differs]

"#]]);
    let (code, stdout) = with_stdin(&sandbox, &["target", "test", "--table", "-", "-o", "json"], rows.as_bytes());
    assert_eq!((code, stdout.lines().count()), (10, 5), "{stdout}");
    let low = rows.lines().nth(2).expect("the doubtful row");
    assert_eq!(with_stdin(&sandbox, &["target", "test", "--table", "-"], low.as_bytes()).0, 0);
    let (code, stdout) = with_stdin(&sandbox, &["target", "test", "--table", "-"], b"{\"condition\":\"*\"}");
    assert_eq!((code, stdout.as_str()), (3, ""));
}

#[test]
fn hostile_texts_end_cleanly() {
    let sandbox = Sandbox::new();
    for condition in [
        "(".repeat(10_000),
        format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000)),
        "NOT ".repeat(10_000),
        "-".repeat(10_000),
        "ABS(".repeat(10_000),
        format!("tags.a = '{}'", "x".repeat(16 << 20)),
        "tags.a = '\u{0}\u{1b}'".to_owned(),
    ] {
        let row = serde_json::json!({ "condition": condition, "dialect": "extended", "device": { "tags": {} } });
        let (code, stdout) = with_stdin(&sandbox, &["target", "test", "--table", "-", "-o", "json"], row.to_string().as_bytes());
        assert_eq!((code, stdout.lines().count()), (0, 1));
        assert!(stdout.len() < 10_000, "{}", stdout.len());
    }
    for bytes in [&b"\xff"[..], b"{\"condition\":\"\\ud800\",\"device\":{}}", "[".repeat(10_000).as_bytes()] {
        assert_eq!(with_stdin(&sandbox, &["target", "test", "--table", "-"], bytes).0, 3);
    }
}
