//! `image build`, `list`, `inspect` and `load`, run as a user would, with a module that has no dependencies.

use std::process::Command;

use snapbox::str;

use crate::hello::{MAIN, builds_here, solution};
use crate::sandbox::Sandbox;

#[test]
fn two_folders_and_two_environments_give_the_same_digest() {
    if !builds_here() {
        return;
    }
    let sandbox = Sandbox::new();
    solution(&sandbox, "one/", MAIN);
    solution(&sandbox, "a/much/deeper/two/", MAIN);
    let build = |folder: &str, extra: &[&str]| {
        let mut arguments = vec!["-C", folder, "--offline", "image", "build", "--profile", "dev", "-o", "json"];
        arguments.extend(extra);
        sandbox.run(arguments).json()
    };
    let first = build("one", &[]);
    let image = &first["images"][0];
    let digest = image["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(image["module"], "hello");
    assert_eq!(image["reference"], format!("edgectl.local/demo/hello@{digest}"));
    assert_eq!(image["platforms"], serde_json::json!(["linux/amd64"]));
    assert!(image["sizeBytes"].as_u64().is_some_and(|size| size > 100_000));

    let main = sandbox.path().join("a/much/deeper/two/modules/hello/src/main.rs");
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&main).expect("source").set_modified(old).expect("an old time");
    let mut command = sandbox.command(["-C", "a/much/deeper/two", "--offline", "image", "build", "--profile", "dev", "-o", "json"]);
    let output = command.env("RUSTFLAGS", "-Copt-level=3").env("CARGO_BUILD_TARGET", "wasm32-wasip1").env("TZ", "Asia/Tokyo").output();
    let second: serde_json::Value = serde_json::from_slice(&output.expect("runs").stdout).expect("json");
    assert_eq!(second["images"][0]["digest"].as_str(), Some(digest.as_str()), "folder, times and environment must not matter");

    solution(&sandbox, "one/", &MAIN.replace("hello", "goodbye"));
    assert_ne!(build("one", &["--tag", "v2"])["images"][0]["digest"].as_str(), Some(digest.as_str()));

    let listed = sandbox.run(["-C", "one", "image", "list", "-o", "json"]).json();
    let tags: Vec<_> = listed["images"].as_array().expect("images").iter().map(|image| image["tag"].clone()).collect();
    assert_eq!(tags, ["latest", "v2"]);
    let shown = sandbox.run(["-C", "one", "image", "inspect", "hello", "-o", "json"]).json();
    assert_eq!(shown["reference"], format!("edgectl.local/demo/hello@{digest}"));
    let config = &shown["platforms"][0]["config"];
    assert_eq!((&config["User"], &config["Entrypoint"][0]), (&"65532:65532".into(), &"/app/hello".into()));

    runs_from_its_own_layers(&sandbox, &shown);
}

/// Unpacks the layers with the system's tar and runs the program, so that an independent reader judges them.
fn runs_from_its_own_layers(sandbox: &Sandbox, shown: &serde_json::Value) {
    let root = sandbox.path().join("root");
    std::fs::create_dir(&root).expect("a folder");
    for layer in shown["platforms"][0]["layers"].as_array().expect("layers") {
        let hex = layer["digest"].as_str().expect("a digest").trim_start_matches("sha256:").to_owned();
        let blob = sandbox.path().join("one/.edgectl/store/edgectl.local/demo/hello/blobs/sha256").join(hex);
        assert!(Command::new("tar").arg("-xzf").arg(blob).arg("-C").arg(&root).status().expect("tar runs").success());
    }
    let output = Command::new(root.join("app/hello")).env_clear().output().expect("a static program");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello from src/main.rs\n");
    let roots = std::fs::read_to_string(root.join("etc/ssl/certs/ca-certificates.crt")).expect("certificate authorities");
    assert!(roots.matches("-----BEGIN CERTIFICATE-----").count() > 50);
}

#[test]
fn what_does_not_compile_shows_the_compilers_words() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "", "fn main() { missing() }\n");
    let outcome = sandbox.run(["--offline", "image", "build", "--profile", "dev"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("error[E0425]: cannot find function `missing`"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("[build/does-not-compile]"), "{}", outcome.stderr);
}

#[test]
fn a_module_without_a_lock_file_gets_a_hint() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "", MAIN);
    std::fs::remove_file(sandbox.path().join("modules/hello/Cargo.lock")).expect("removed");
    let outcome = sandbox.run(["--offline", "image", "build"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("hint: `cargo generate-lockfile`"), "{}", outcome.stderr);
}

#[test]
fn a_build_outside_of_a_solution_is_refused() {
    Sandbox::new().run(["image", "build"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no edgectl.yaml in [ROOT]/work or above it [solution/missing]
hint: `edgectl new DIR` makes a solution; -C enters one.

"#]]);
}

#[test]
fn an_unknown_module_gets_a_suggestion() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "", MAIN);
    sandbox.run(["image", "build", "helo"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: [ROOT]/work/edgectl.yaml has no module `helo` [build/unknown-module]
hint: Did you mean `hello`?

"#]]);
}

#[test]
fn a_bad_tag_is_refused_before_anything_is_compiled() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "", MAIN);
    sandbox.run(["image", "build", "--tag", "no/tag"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value 'no/tag' for '--tag <TAG>': a tag has 1 to 128 letters, digits, `_`, `.` or `-`, and does not start with `.` or `-`

For more information, try '--help'.

"#]]);
}

#[test]
fn other_languages_are_refused_plainly() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "", MAIN);
    sandbox.file("modules/hello/module.yaml", "version: 1\nbuild: { language: python }\n");
    sandbox.run(["image", "build"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: the module `hello` is written in python, which this edgectl does not build [build/unsupported-language]
hint: Modules with `language: rust` are built; others can be named by digest in edgectl.yaml.

"#]]);
}

#[test]
fn an_engine_that_is_not_there_is_code_5() {
    if !builds_here() {
        return;
    }
    let sandbox = Sandbox::new().env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    solution(&sandbox, "", MAIN);
    sandbox.run(["--offline", "image", "build", "--profile", "dev", "-q"]).success();
    sandbox.run(["image", "load", "hello"]).matches(str![[r#"
exit 5
--- stdout
--- stderr
error: the container engine at unix:///nonexistent/docker.sock does not answer [engine/unreachable]
  caused by: Socket not found: /nonexistent/docker.sock
hint: Check that the engine runs and that you may use its socket; `edgectl doctor` looks at both.

"#]]);
}

#[test]
fn an_image_that_is_not_there_is_code_3() {
    Sandbox::new().run(["image", "inspect", "edgectl.local/demo/none:latest"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: the image edgectl.local/demo/none:latest is not there [image/not-found]
hint: `edgectl image list` shows what the embedded store holds, `edgectl image build` builds a module.

"#]]);
}

#[test]
fn an_empty_store_is_an_empty_list() {
    let sandbox = Sandbox::new();
    sandbox.run(["image", "list"]).matches(str![[r#"
exit 0
--- stdout
NAME  TAG  DIGEST  SIZE  CREATED  SIGNATURE
--- stderr

"#]]);
    sandbox.run(["image", "list", "everything"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: unexpected argument 'everything' found

Usage: edgectl image list [OPTIONS]

For more information, try '--help'.

"#]]);
}
