//! `manifest generate` through the binary.

use snapbox::str;

use crate::sandbox::Sandbox;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn solution(sandbox: &Sandbox, routes: &str) {
    let text = format!(
        "version: 1\nsolution: greenhouse\nmodules:\n  cache: {{ image: \"docker.io/library/redis@{DIGEST}\" }}\nroutes:\n  up: {routes}\n"
    );
    sandbox.file("edgectl.yaml", &text);
}

#[test]
fn writes_one_file_per_deployment() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "FROM /messages/modules/cache/* INTO $upstream");
    let shown = sandbox.run(["manifest", "generate", "--out-dir", "manifests", "-o", "json"]).json();
    assert_eq!(shown["deployments"][0]["name"], "base");
    let written: serde_json::Value = serde_json::from_str(&sandbox.read("manifests/base.json")).expect("JSON");
    assert_eq!(shown["deployments"][0]["content"], written);
    let agent = &written["modulesContent"]["$edgeAgent"]["properties.desired"];
    assert_eq!(agent["modules"]["cache"]["settings"]["image"], format!("docker.io/library/redis@{DIGEST}"));
}

#[test]
fn a_second_run_writes_the_same_bytes() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "FROM /messages/modules/cache/* INTO $upstream");
    sandbox.run(["manifest", "generate", "--out-dir", "one"]).success();
    sandbox.run(["manifest", "generate", "--out-dir", "two"]).success();
    assert_eq!(sandbox.read("one/base.json"), sandbox.read("two/base.json"));
}

#[test]
fn a_ring_narrows_the_target() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "FROM /messages/* INTO $upstream");
    let text = sandbox.read("edgectl.yaml")
        + "deployments: { base: { modules: [cache], target: tags.a = 1 } }\nrings: [{ name: canary, target: tags.b = 2 }]\n";
    sandbox.file("edgectl.yaml", &text);
    let target = |ring: &str| sandbox.run(["manifest", "generate", "--target", ring, "-o", "json"]);
    assert_eq!(target("canary").json()["deployments"][0]["target"], "(tags.a = 1) AND (tags.b = 2)");
    let outcome = target("canray");
    assert!(outcome.code == 3 && outcome.stderr.contains("Did you mean `canary`?"), "{}", outcome.stderr);
}

#[test]
fn a_wrong_route_is_shown_at_its_place() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "FROM /messages/* WHERE temperature > 50 INTO $upstream");
    sandbox.run(["manifest", "generate"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: [ROOT]/work/edgectl.yaml:6:42: route `up`: this operator does not take a text and a number
   |
 6 |   up: FROM /messages/* WHERE temperature > 50 INTO $upstream
   |                                          ^ [route/type-mismatch]
hint: Properties are texts: write as_number(temperature) > 50, or compare with a text.

"#]]);
}

#[test]
fn a_module_without_an_image_says_how_to_build_it() {
    let sandbox = Sandbox::new();
    sandbox.file("edgectl.yaml", "version: 1\nsolution: greenhouse\nmodules: { sensor: modules/sensor }\n");
    sandbox.file("modules/sensor/module.yaml", "version: 1\nbuild: { language: rust }\n");
    sandbox.run(["manifest", "generate"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: no image of the module `sensor` is known [manifest/no-image]
hint: Run `edgectl image build sensor`.

"#]]);
}

#[test]
fn an_unknown_deployment_is_refused() {
    let sandbox = Sandbox::new();
    solution(&sandbox, "FROM /messages/* INTO $upstream");
    sandbox.run(["manifest", "generate", "--deployment", "bsae"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: there is no deployment `bsae` [manifest/unknown-deployment]
hint: Did you mean `base`?

"#]]);
}

#[test]
fn flags_of_a_solution_are_refused_beside_a_template() {
    let sandbox = Sandbox::new();
    let template = r#"{"modulesContent": {"$edgeAgent": {"properties.desired": {}}}}"#;
    sandbox.file("deployment.template.json", template);
    for flag in ["--deployment", "--target", "--tag"] {
        let outcome = sandbox.run(["manifest", "generate", "--template", "deployment.template.json", flag, "x"]);
        assert!(outcome.code == 2 && outcome.stderr.contains("cannot be used with"), "{}", outcome.stderr);
        let outcome = sandbox.run(["manifest", "generate", flag, "x"]);
        assert!(outcome.code == 2 && outcome.stderr.contains("[usage/solution-flag]"), "{}", outcome.stderr);
    }
}
