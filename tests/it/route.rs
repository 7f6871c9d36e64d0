//! `route check`, `route test` and `route explain` through the binary.

use serde_json::{Value, json};
use snapbox::str;

use crate::sandbox::Sandbox;

const SOLUTION: &str = "version: 1
solution: demo
routes:
  glued: FROM /messages/* WHERE kind!='pump' INTO $upstream   # keep me
  quoted: { route: 'FROM /* WHERE a = ''x'' /* note */ INTO $upstream', priority: 1 }
  folded: >-
    FROM /messages/*
    WHERE temp > 50
    INTO $upstream
";

const MANIFEST: &str = "{
  // a layer
  \"content\": { \"modulesContent\": { \"$edgeHub\": {
    \"properties.desired.routes.alerts\": \"FROM /messages/* WHERE \\u00e9 = 'x' INTO $upstream;\",
    \"properties.desired.routes.words\": { \"route\": \"FROM /messages/modules/a/* INTO BrokeredEndpoint(\\\"/m/f/i/in\\\")\", \"priority\": 3 },
  } } }
}
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("edgectl.yaml", SOLUTION);
    sandbox.file("layer.json", MANIFEST);
    sandbox.file("message.json", "{\"from\":\"sensor\",\"output\":\"t\",\"properties\":{\"kind\":\"fan\"}}");
    sandbox
}

#[test]
fn a_trap_is_shown_in_its_file() {
    let sandbox = Sandbox::new();
    sandbox.file("edgectl.yaml", "version: 1\nsolution: demo\nroutes:\n  glued: FROM /messages/* WHERE kind!='pump' INTO $upstream\n");
    sandbox.run(["route", "check"]).matches(str![[r#"
exit 0
--- stdout
[ROOT]/work/edgectl.yaml:4:33: warning: route `glued`: the `!` belongs to the name: this compares the property `kind!`, not `kind` [route/glued-not-equal]
   |
 4 |   glued: FROM /messages/* WHERE kind!='pump' INTO $upstream
   |                                 ^^^^^^
hint: Write `kind != …`, with blanks.
fix: put blanks around `!=`

[ROOT]/work/edgectl.yaml: 1 warning
--- stderr

"#]]);
    assert_eq!(sandbox.run(["route", "check", "--strict"]).code, 3);
}

#[test]
fn fixes_change_routes_and_nothing_else() {
    let sandbox = sandbox();
    let planned = sandbox.run(["route", "check", "--fix", "--dry-run", "edgectl.yaml", "layer.json", "-o", "json"]).json();
    assert_eq!((planned["written"].clone(), planned["fixed"].as_array().map(Vec::len)), (json!(false), Some(5)));
    assert_eq!((sandbox.read("edgectl.yaml"), sandbox.read("layer.json")), (SOLUTION.to_owned(), MANIFEST.to_owned()));

    let done = sandbox.run(["route", "check", "--fix", "edgectl.yaml", "layer.json", "-o", "json"]).json();
    assert_eq!(done["written"], true);
    let solution = SOLUTION
        .replace("kind!='pump'", "kind != 'pump'")
        .replace("FROM /* WHERE", "FROM / * WHERE")
        .replace("temp > 50", "as_number(temp) > 50");
    assert_eq!(sandbox.read("edgectl.yaml"), solution);
    assert_eq!(sandbox.read("layer.json"), MANIFEST.replace("$upstream;", "$upstream").replace("/m/f/i/in", "/modules/f/inputs/in"));
    let again = sandbox.run(["route", "check", "--fix", "edgectl.yaml", "layer.json", "-o", "json"]).json();
    assert_eq!((again["written"].clone(), again["fixed"].clone(), again["summary"]["errors"].clone()), (json!(false), json!([]), json!(0)));
}

#[test]
fn findings_are_sarif_too() {
    let log = sandbox().run(["route", "check", "layer.json", "-o", "sarif"]);
    let log: Value = serde_json::from_str(&log.stdout).expect("SARIF");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let found: Vec<(&str, i64)> = results
        .iter()
        .map(|result| {
            (
                result["ruleId"].as_str().expect("a rule"),
                result["locations"][0]["physicalLocation"]["region"]["startLine"].as_i64().expect("a line"),
            )
        })
        .collect();
    assert_eq!(found, [("route/text-after-sink", 4), ("route/sink-words", 5), ("route/sink-words", 5)]);
}

#[test]
fn a_message_is_explained_by_every_route() {
    let sandbox = sandbox();
    let route = "FROM /messages/* WHERE kind = 'fan' AND as_number(temp) > 50 INTO $upstream";
    sandbox.run(["route", "test", "--route", route, "--message", "message.json"]).matches(str![[r#"
exit 0
--- stdout
message from /messages/modules/sensor/outputs/t
  -> nowhere: it is acknowledged and dropped

route: does not take it: the condition is undefined
  kind = 'fan' AND as_number(temp) > 50 -> undefined  (neither side is false, and one is undefined)
    kind = 'fan' -> true
      kind -> 'fan'
      'fan'
    as_number(temp) > 50 -> undefined  (a comparison with undefined is undefined)
      as_number(temp) -> undefined  (an argument is undefined)
        temp -> undefined  (the message has no property `temp`)
      50
--- stderr

"#]]);
    let tested = sandbox.run(["route", "test", "--routes", "layer.json", "--message", "message.json", "-o", "json"]).json();
    assert_eq!(tested["deliveries"], json!([]));
    assert_eq!(tested["routes"][1]["sourceMatches"], false);
    assert_eq!(tested["routes"][1]["priority"], 3);
}

#[test]
fn what_is_passed_over_is_shown() {
    let route = "FROM /messages/* WHERE a = 'x' /* note */ INTO $upstream INTO b";
    sandbox().run(["route", "explain", route]).matches(str![[r#"
exit 0
--- stdout
  source     /messages/* (in any case)
  condition  none: every message of the source is taken
  endpoint   $upstream
  priority   default, after all others
  kept for   that of the broker
  ignored    comment at 1:15: /* WHERE a = 'x' /* note */
  ignored    text behind the sink at 1:58: INTO b
--- stderr

"#]]);
}

#[test]
fn tables_of_cases_are_run() {
    let sandbox = Sandbox::new();
    for table in ["conditions", "routes", "route-sets"] {
        let file = format!("{}/tests/fixtures/cases/{table}.dev.jsonl", env!("CARGO_MANIFEST_DIR"));
        let outcome = sandbox.run(["route", "test", "--table", &file]);
        assert!(outcome.code == 0 && outcome.stdout.ends_with(" passed, 0 differ\n"), "{}", outcome.stdout);
    }
    let good = "{\"id\":\"a\",\"condition\":\"kind = 'x'\",\"properties\":{\"kind\":\"x\"},\"expect\":true}\n";
    let open = "{\"id\":\"b\",\"route\":\"FROM /* INTO $down\",\"messageSource\":\"/messages\"}\n";
    let set = "{\"id\":\"c\",\"schemaVersion\":\"1.1\",\"routes\":{\"r\":\"FROM /* WHERE temp > 5 INTO $upstream\"},\"storeAndForwardConfiguration\":{},\"expect\":[]}\n";
    sandbox.file("t.jsonl", &[good, open, set].concat());
    sandbox.run(["route", "test", "--table", "t.jsonl", "-o", "json"]).matches(str![[r#"
exit 10
--- stdout
{"id":"a","actual":true,"expect":true,"ok":true,"detail":""}
{"id":"b","actual":"error","expect":null,"ok":null,"detail":"1:14: there is no endpoint `$down`","errorKind":"endpoint"}
{"id":"c","actual":"error","expect":[],"ok":false,"detail":"route `r` 1:20: this operator does not take a text and a number/n  | FROM /* WHERE temp > 5 INTO $upstream/n  |                    ^","errorKind":"compile"}
--- stderr
error: 1 row of 3 differ [table/differs]

"#]]);
    for bad in ["{\"condition\":\"a\"}", "{\"condition\":\"a\",\"properties\":{\"a\":5}}", "{\"route\":5}", "{}", "[]", "{"] {
        sandbox.file("bad.jsonl", bad);
        assert_eq!(sandbox.run(["route", "test", "--table", "bad.jsonl"]).code, 3, "{bad}");
    }
}

#[test]
fn hostile_files_are_refused() {
    let sandbox = Sandbox::new();
    for text in ["[".repeat(10_000), "{\"routes\":{\"a\":\"\0".to_owned(), "{\"routes\":".to_owned()] {
        sandbox.file("bad.json", &text);
        let outcome = sandbox.run(["route", "check", "bad.json"]);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    }
    let deep = format!("{{\"routes\":{{\"a\":\"FROM /* WHERE {} INTO $upstream\"}},\"schemaVersion\":\"1.0\"}}", "NOT ".repeat(10_000));
    sandbox.file("deep.json", &deep);
    let outcome = sandbox.run(["route", "check", "deep.json"]);
    assert!(outcome.code == 3 && outcome.stdout.contains("nested deeper"), "{}", outcome.stdout);
}

#[cfg(unix)]
#[test]
fn a_mended_file_keeps_its_mode_and_the_links_to_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox();
    let real = sandbox.path().join("real.yaml");
    std::fs::rename(sandbox.path().join("edgectl.yaml"), &real).expect("renamed");
    std::os::unix::fs::symlink("real.yaml", sandbox.path().join("edgectl.yaml")).expect("a link");
    for mode in [0o600, 0o666] {
        sandbox.file("real.yaml", SOLUTION);
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(mode)).expect("a mode");
        assert_eq!(sandbox.run(["route", "check", "--fix", "edgectl.yaml"]).code, 0);
        assert!(sandbox.read("real.yaml").contains("kind != 'pump'"));
        assert_eq!(std::fs::metadata(&real).expect("a file").permissions().mode() & 0o777, mode);
        assert!(std::fs::symlink_metadata(sandbox.path().join("edgectl.yaml")).expect("a link").is_symlink());
    }
}

#[test]
fn many_routes_are_checked_and_mended_in_time() {
    let sandbox = Sandbox::new();
    let routes: Vec<String> = (0..1_500)
        .map(|at| {
            format!("\"r{at}\":{{\"route\":\"FROM /messages/* WHERE n!='{at}' INTO $upstream;\",\"priority\":1,\"timeToLiveSecs\":{at}}}")
        })
        .collect();
    let text = format!(
        "{{\"schemaVersion\":\"1.1\",\"routes\":{{{}}},\"storeAndForwardConfiguration\":{{\"timeToLiveSecs\":7200}}}}",
        routes.join(",\n")
    );
    sandbox.file("hub.json", &text);
    let checked = sandbox.run(["route", "check", "hub.json", "-o", "json"]).json();
    let findings = checked["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 301);
    let more = findings.iter().find(|finding| finding["code"] == "route/more-findings").expect("a finding for the rest");
    assert_eq!((more["severity"].clone(), more["message"].clone()), (json!("warning"), json!("4199 more findings are not shown")));
    let mended = sandbox.run(["route", "check", "--fix", "hub.json", "-o", "json"]).json();
    assert_eq!(mended["fixed"].as_array().map(Vec::len), Some(1_500));
    assert_eq!(sandbox.read("hub.json"), text.replace("n!='", "n != '").replace("$upstream;", "$upstream"));
}

#[test]
fn placeholders_of_a_template_are_any_text() {
    let sandbox = Sandbox::new();
    sandbox.file("deployment.template.json", include_str!("../fixtures/manifests/deployment.template.json"));
    let checked = sandbox.run(["route", "check"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.contains("deployment.template.json"), "{}", checked.stdout);

    let hub = |version: &str, route: &str| format!("{{\"schemaVersion\":\"{version}\",\"routes\":{{\"a\":\"{route}\"}}}}");
    let codes = |text: &str| -> Vec<Value> {
        sandbox.file("hub.json", text);
        let found = sandbox.run(["route", "check", "hub.json", "-o", "json"]).stdout;
        let found: Value = serde_json::from_str(&found).expect("JSON");
        found["findings"].as_array().expect("findings").iter().map(|finding| finding["code"].clone()).collect()
    };
    assert_eq!(codes(&hub("${V}", "FROM /messages/modules/${M}/* WHERE ${A} = 5 INTO $upstream")), Vec::<Value>::new());
    assert_eq!(codes(&hub("1.0", "FROM /messages/modules/${M}/* WHERE x!='${A}' INTO $upstream")), ["route/glued-not-equal"]);
    assert_eq!(codes(&hub("1.0", "  ")), Vec::<Value>::new());
    assert_eq!(codes(&hub("1.1", "  ")), ["manifest/no-store-and-forward", "route/bad-sink"]);

    sandbox.file("hub.json", &hub("1.0", "FROM /messages/modules/${M}/* WHERE x!='a' AND ${A} = 5 INTO $upstream;"));
    let fixed = sandbox.run(["route", "check", "--fix", "hub.json", "-o", "json"]).json();
    assert_eq!(fixed["fixed"][0]["after"], "FROM /messages/modules/${M}/* WHERE x != 'a' AND ${A} = 5 INTO $upstream");
    assert_eq!(sandbox.read("hub.json"), hub("1.0", "FROM /messages/modules/${M}/* WHERE x != 'a' AND ${A} = 5 INTO $upstream"));
}
