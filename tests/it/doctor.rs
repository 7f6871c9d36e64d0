//! `doctor`: what is missing, what installs it, and what cannot be done without it.

use snapbox::str;

use crate::sandbox::Sandbox;

#[test]
fn every_missing_thing_says_what_installs_it_and_what_it_is_for() {
    let sandbox = Sandbox::new().env("PATH", "/nonexistent").env("DOCKER_HOST", "unix:///nonexistent.sock");
    let found = sandbox.run(["doctor", "--offline", "-o", "json"]).json();
    let checks = found["checks"].as_array().expect("checks");
    let names: Vec<_> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
    assert_eq!(names, ["git", "cargo", "python3", "node", "engine", "registry"]);
    for check in checks.iter().filter(|check| check["state"] != "ok") {
        assert!(check["installs"].is_string() && check["without"].is_string(), "{check}");
    }
    assert_eq!(checks[0]["state"], "missing");
    assert_eq!(checks[5]["found"], "embedded store");
}

#[test]
fn a_check_refuses_with_code_10() {
    let sandbox = Sandbox::new().env("PATH", "/nonexistent").env("DOCKER_HOST", "unix:///nonexistent.sock");
    let run = sandbox.run(["doctor", "--check", "--offline", "-o", "name"]);
    run.matches(str![[r#"
exit 10
--- stdout
git
cargo
python3
node
engine
--- stderr
error: this machine lacks git, cargo, python3, node, engine [doctor/lacking]

"#]]);
}

#[test]
fn a_flag_that_is_not_there_is_code_2() {
    Sandbox::new().run(["doctor", "--fix"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: unexpected argument '--fix' found

Usage: edgectl doctor [OPTIONS]

For more information, try '--help'.

"#]]);
}
