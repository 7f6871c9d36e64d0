//! `new` and `module add`: what they write, what they refuse, and that a new module builds without a network.

use std::path::{Path, PathBuf};
use std::process::Command;

use snapbox::str;

use crate::sandbox::Sandbox;

fn solution() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(["new", "."]).success();
    sandbox
}

#[test]
fn new_says_what_comes_next() {
    Sandbox::new().run(["new", "greenhouse"]).matches(str![[r#"
exit 0
--- stdout
Created the solution greenhouse in [ROOT]/work/greenhouse

Next:
  cd greenhouse
  edgectl module add sensor --template rust-sensor
  edgectl image build
  edgectl sim up
  edgectl key generate --out keys/release, then name keys/release.pub under `trust:` and `edgectl image sign` the images
  edgectl release create v1
  edgectl release promote v1 --to canary --wait
--- stderr

"#]]);
}

#[test]
fn new_tells_scripts_what_it_wrote() {
    let made = Sandbox::new().run(["new", "deep/greenhouse", "--name", "g", "-o", "json"]).json();
    assert_eq!((&made["schemaVersion"], &made["solution"]), (&1.into(), &"g".into()));
    assert_eq!(made["files"], serde_json::json!(["edgectl.yaml", "edgectl.lock", "README.md", ".gitignore"]));
    assert!(made["folder"].as_str().is_some_and(|folder| folder.ends_with("/work/deep/greenhouse")), "{made}");
}

#[test]
fn new_leaves_a_folder_with_files_alone() {
    let sandbox = Sandbox::new();
    sandbox.file("greenhouse/notes.txt", "mine\n");
    sandbox.run(["new", "greenhouse"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: [ROOT]/work/greenhouse is not empty [folder/not-empty]
hint: Name a folder that does not exist yet, or an empty one.

"#]]);
    assert_eq!(names(&sandbox.path().join("greenhouse")), ["notes.txt"]);
}

#[test]
fn new_proposes_a_name_where_the_folder_gives_none() {
    let sandbox = Sandbox::new();
    sandbox.run(["new", "Green House"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: `Green House` is no solution name: use 1 to 63 characters of a-z, 0-9 and -, starting with a letter or digit [name/refused]
hint: The name comes from the folder; choose one with `--name green-house`.

"#]]);
    assert!(names(&sandbox.path()).is_empty());
}

#[test]
fn a_module_is_added_with_its_route_and_twin() {
    let sandbox = solution();
    let route = "up=FROM /messages/modules/sensor/outputs/telemetry INTO $upstream";
    let twin = r#"{"intervalMs": 200}"#;
    sandbox.run(["module", "add", "sensor", "--template", "rust-sensor", "--route", route, "--twin", twin]).matches(str![[r#"
exit 0
--- stdout
Added the module sensor in modules/sensor from the template rust-sensor@1
Added the route up
--- stderr

"#]]);
    let text = sandbox.read("edgectl.yaml");
    assert!(text.contains("\nmodules:\n  sensor: modules/sensor\n\n# How messages travel"), "{text}");
    let end = "routes:\n  up: FROM /messages/modules/sensor/outputs/telemetry INTO $upstream\ntwins:\n  sensor: { intervalMs: 200 }\n";
    assert!(text.ends_with(end), "{text}");
    sandbox.run(["-C", "modules/sensor", "module", "add", "second", "--template", "rust", "-o", "name"]).matches(str![[r#"
exit 0
--- stdout
second
--- stderr

"#]]);
}

#[test]
fn an_unknown_template_is_refused_with_the_list() {
    let sandbox = solution();
    sandbox.run(["module", "add", "sensor", "--template", "rust-senser"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no module template `rust-senser` [template/unknown]
hint: Did you mean `rust-sensor`?
hint: The templates are rust, rust-sensor, rust-filter.

"#]]);
}

#[test]
fn names_that_the_agent_would_refuse_are_refused() {
    solution().run(["module", "add", "$edgeHub", "--template", "rust"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: `$edgeHub` is no module name: use 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or digit [name/refused]

"#]]);
}

#[test]
fn a_second_module_of_the_same_name_is_refused() {
    let sandbox = solution();
    sandbox.run(["module", "add", "sensor", "--template", "rust"]).success();
    sandbox.run(["module", "add", "sensor", "--template", "rust"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: `modules` has an entry `sensor` already [solution/entry-exists]
hint: Choose another name, or change the entry by hand.

"#]]);
}

#[test]
fn a_module_needs_a_solution() {
    Sandbox::new().run(["module", "add", "sensor", "--template", "rust"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no edgectl.yaml in [ROOT]/work or above [solution/missing]
hint: `edgectl new DIR` makes a solution; `-C DIR` works in one.

"#]]);
}

#[test]
fn a_solution_with_a_mistake_is_shown_and_left_as_it_is() {
    let sandbox = solution();
    let text = "version: 1\nsolution: s\nmodule: {}\n";
    sandbox.file("edgectl.yaml", text);
    sandbox.run(["module", "add", "sensor", "--template", "rust"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: [ROOT]/work/edgectl.yaml:3:1: unknown field `module`, expected one of version, solution, registry, hub, runtime, modules, routes, twins, deployments, rings, gates, teams, trust, ledger
   |
 3 | module: {}
   | ^ [yaml/invalid]
hint: Did you mean `modules`?

"#]]);
    assert_eq!(sandbox.read("edgectl.yaml"), text);
    assert!(!sandbox.path().join("modules").exists());
}

#[test]
fn a_route_without_a_name_is_a_wrong_command_line() {
    solution().run(["module", "add", "m", "--template", "rust", "--route", "FROM /* INTO $upstream"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value 'FROM /* INTO $upstream' for '--route <NAME=ROUTE>': write NAME=ROUTE

For more information, try '--help'.

"#]]);
}

#[test]
fn a_route_that_no_broker_takes_is_refused() {
    let sandbox = solution();
    sandbox.run(["module", "add", "m", "--template", "rust", "--route", "up=FROM /messages/* TO $upstream"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: route `up` 1:18: WHERE or INTO must follow the source
  | FROM /messages/* TO $upstream
  |                  ^^ [route/syntax]

"#]]);
    assert!(!sandbox.path().join("modules").exists());
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs cargo in a module's folder, offline, with one target folder that later runs find again.
fn cargo(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("modules");
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true");
    command.output().expect("cargo runs")
}

#[test]
fn every_module_template_builds_offline_and_passes_its_own_tests() {
    let sandbox = solution();
    for template in ["rust", "rust-sensor", "rust-filter"] {
        let name = format!("{template}-it");
        sandbox.run(["module", "add", &name, "--template", template]).success();
        let folder = sandbox.path().join("modules").join(&name);
        let lock = std::fs::read_to_string(folder.join("Cargo.lock")).expect("a lock file");
        let output = cargo(&folder, &["test", "--offline", "--locked", "--quiet"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{template}: {said}\n{}", String::from_utf8_lossy(&output.stdout));
        assert!(!said.contains("warning"), "{template}: {said}");
        let formatted = cargo(&folder, &["fmt", "--check"]);
        assert!(formatted.status.success(), "{template}: {}", String::from_utf8_lossy(&formatted.stdout));
        assert_eq!(std::fs::read_to_string(folder.join("Cargo.lock")).expect("a lock file"), lock, "{template}");
    }
}

#[test]
fn the_package_of_edgectl_carries_every_template_file() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO")).args(["package", "--list", "--allow-dirty", "--offline"]).current_dir(&root).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packaged = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut folders = vec![root.join("templates")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for name in names(&folder) {
            let path = folder.join(name);
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let relative = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
            assert!(packaged.lines().any(|line| line == relative), "{relative} is not in the package");
            count += 1;
        }
    }
    assert!(count >= 15, "{count} template files");
}
