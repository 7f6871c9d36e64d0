//! A solution with one small Rust module, `hello`, that has no dependencies and so builds offline in seconds.

use std::io::Write as _;

use crate::sandbox::Sandbox;

const MODULE_FILE: &str = "version: 1\nbuild:\n  language: rust\n  platforms: [linux/amd64]\n";
const CARGO: &str = "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"0.1.0\"\n";

/// A program that says where it was compiled, as far as the build lets it.
pub const MAIN: &str = "fn main() {\n    println!(\"hello from {}\", file!());\n}\n";

/// Writes the solution below `prefix`, which is empty or ends with a slash.
pub fn solution(sandbox: &Sandbox, prefix: &str, main: &str) {
    sandbox.file(&format!("{prefix}edgectl.yaml"), "version: 1\nsolution: demo\nmodules:\n  hello: modules/hello\n");
    sandbox.file(&format!("{prefix}modules/hello/module.yaml"), MODULE_FILE);
    sandbox.file(&format!("{prefix}modules/hello/Cargo.toml"), CARGO);
    sandbox.file(&format!("{prefix}modules/hello/Cargo.lock"), LOCK);
    sandbox.file(&format!("{prefix}modules/hello/src/main.rs"), main);
}

/// Tells whether the module builds on this machine, which is for amd64; says on stderr when it does not.
pub fn builds_here() -> bool {
    if cfg!(target_arch = "x86_64") {
        return true;
    }
    let required = std::env::var_os("EDGECTL_TEST_REAL").is_some_and(|value| value == "1");
    assert!(!required, "EDGECTL_TEST_REAL=1 needs an amd64 machine");
    writeln!(std::io::stderr(), "skipped: the module of this test is built for linux/amd64 on an amd64 machine").expect("stderr");
    false
}
