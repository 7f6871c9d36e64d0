//! `edgectl release`: wiring, wrong uses, and what is told without a hub.

use snapbox::str;

use crate::sandbox::Sandbox;

const SOLUTION: &str = "version: 1
solution: greenhouse
modules: { sensor: sensor }
rings:
  - { name: canary, target: tags.ring = 'canary', bake: 10m }
  - { name: early, target: tags.ring = 'early' }
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("edgectl.yaml", SOLUTION);
    sandbox.file("sensor/module.yaml", "version: 1\nbuild: { language: rust }\n");
    sandbox
}

#[test]
fn create_refuses_a_name_that_no_ref_can_carry() {
    sandbox().run(["release", "create", "v1..2"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value 'v1..2' for '<NAME>': `v1..2` is no release name: use 1 to 63 characters of A-Z, a-z, 0-9, . _ and -, starting with a letter or digit, without .. and not ending in . or .lock

For more information, try '--help'.

"#]]);
}

#[test]
fn create_needs_images() {
    sandbox().run(["release", "create", "v1"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
resolve 1 image ...
error: cannot take the image of sensor [image/not-found]
  caused by: there is no image edgectl.local/greenhouse/sensor:latest
hint: Build it with `edgectl image build`, or name another tag with --tag.

"#]]);
}

#[test]
fn promote_needs_a_ring() {
    sandbox().run(["release", "promote", "v1"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: the following required arguments were not provided:
  --to <RING>

Usage: edgectl release promote --to <RING> <NAME>

For more information, try '--help'.

"#]]);
}

#[test]
fn promote_needs_a_hub() {
    sandbox().run(["release", "promote", "v1", "--to", "canary"]).matches(str![[r#"
exit 5
--- stdout
--- stderr
error: the world `default` is not running [hub/no-world]
hint: Start it with `edgectl sim up`.

"#]]);
}

#[test]
fn rollback_asks_and_nobody_answers() {
    sandbox().run(["release", "rollback", "--ring", "canary"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: nobody can be asked here [release/needs-yes]
hint: Add --yes to go on without asking.

"#]]);
}

#[test]
fn log_knows_the_rings() {
    sandbox().run(["release", "log", "--ring", "canari"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: the solution has no ring `canari` [release/unknown-ring]
hint: Its rings are canary, early.

"#]]);
}

#[test]
fn status_tells_what_the_ledger_knows_without_a_hub() {
    sandbox().run(["release", "status"]).matches(str![[r#"
exit 0
--- stdout
RING    RELEASE  STATE   SINCE   HEALTHY  FAILED  UNKNOWN  NEXT
canary  <none>   absent  <none>  <none>   <none>  <none>   <none>
early   <none>   absent  <none>  <none>   <none>  <none>   <none>
--- stderr
warning: the world `default` is not running; devices were not looked at [hub/unavailable]

"#]]);
}

#[test]
fn status_refuses_an_unknown_release() {
    sandbox().run(["release", "status", "v9"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
warning: the world `default` is not running; devices were not looked at [hub/unavailable]
error: there is no release `v9` [release/unknown]
hint: Make one with `edgectl release create NAME`.

"#]]);
}

#[test]
fn outside_of_a_solution_there_are_no_releases() {
    Sandbox::new().run(["release", "log"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no edgectl.yaml in [ROOT]/work or above [solution/missing]
hint: `edgectl new DIR` makes a solution; `-C DIR` works in one.

"#]]);
}

#[test]
fn an_empty_log_is_json_too() {
    let log = sandbox().run(["release", "log", "-o", "json"]).json();
    assert_eq!((log["schemaVersion"].as_u64(), log["records"].as_array().map(Vec::len)), (Some(1), Some(0)));
}
