//! Solutions of iotedgedev and Visual Studio Code through the binary: `manifest generate --template` and `solution import`.

use snapbox::str;

use crate::sandbox::Sandbox;

const MODULE: &str =
    r#"{ "image": { "repository": "${SERVER}/Filter", "tag": { "version": "1.0", "platforms": { "amd64": "D", "arm64v8": "D" } } } }"#;

/// A template with comments and one user module, whose image is given.
fn template(image: &str) -> String {
    let text = r#"{
  // The template of a small solution.
  "$schema-template": "4.0.0",
  "modulesContent": {
    "$edgeAgent": {
      "properties.desired": {
        "schemaVersion": "1.1",
        "runtime": { "type": "docker", "settings": { "minDockerVersion": "v1.25" } },
        "systemModules": {
          "edgeAgent": { "type": "docker", "settings": { "image": "mcr.microsoft.com/azureiotedge-agent:1.5", "createOptions": {} } },
          "edgeHub": {
            "type": "docker",
            "status": "running",
            "restartPolicy": "always",
            "settings": { "image": "mcr.microsoft.com/azureiotedge-hub:1.5", "createOptions": { "HostConfig": { "PortBindings": { "8883/tcp": [{ "HostPort": "8883" }] } } } }
          }
        },
        "modules": {
          "filter": {
            "version": "1.0",
            "type": "docker",
            "status": "running",
            "restartPolicy": "always",
            "settings": { "image": "IMAGE", "createOptions": { "Labels": { "b": "2", "a": "1" } } }
          }
        }
      }
    },
    "$edgeHub": {
      "properties.desired": {
        "schemaVersion": "1.1",
        "routes": { "up": "FROM /messages/modules/filter/outputs/* INTO $upstream" },
        "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 }
      }
    },
    "filter": { "properties.desired": { "threshold": 25 } },
  }
}
"#;
    text.replace("IMAGE", image)
}

fn solution(image: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("deployment.template.json", &template(image));
    sandbox.file("modules/filter/module.json", MODULE);
    sandbox.file(".env", "SERVER=registry.example.com\nEDGE_PASSWORD=hunter2\n");
    sandbox
}

fn image_in(manifest: &str) -> String {
    let manifest: serde_json::Value = serde_json::from_str(manifest).expect("JSON");
    let modules = &manifest["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"];
    modules["filter"]["settings"]["image"].as_str().expect("an image").to_owned()
}

#[test]
fn a_folder_with_a_template_needs_no_flag() {
    let sandbox = solution("${MODULES.filter}");
    sandbox.run(["manifest", "generate"]).matches(str![[r#"
exit 0
--- stdout
deployment.template.json:15:95: warning: edgeHub has no volume: messages that wait vanish when its container is created anew [manifest/no-storage-volume]
    |
 15 |  "mcr.microsoft.com/azureiotedge-hub:1.5", "createOptions": { "HostConfig": { "PortBindings": { "8883/tcp": [{ "HostPort
    |                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: Mount a folder in HostConfig.Binds, and name it in the variable storageFolder.

modules/filter/module.json:1:28: note: the repository `registry.example.com/Filter` is written in lower case, as registries want it [template/lowered-repository]
   |
 1 | { "image": { "repository": "${SERVER}/Filter", "tag": { "version": "1.0", "platforms":
   |                            ^^^^^^^^^^^^^^^^^^

config/deployment.amd64.json: written, 1 warning, 1 note
--- stderr
generating from deployment.template.json, as there is no edgectl.yaml here

"#]]);
    assert_eq!(image_in(&sandbox.read("config/deployment.amd64.json")), "registry.example.com/filter:1.0-amd64");
    assert!(sandbox.read("config/deployment.amd64.json").ends_with("}\n"));
}

#[test]
fn what_is_left_unresolved_is_shown_at_its_place() {
    let sandbox = solution("${MODULES.filtre}");
    sandbox.run(["manifest", "generate", "--template", "deployment.template.json"]).matches(str![[r#"
exit 3
--- stdout
deployment.template.json:24:37: error: there is no module folder `filtre` with a module.json below modules [template/unknown-module]
    |
 24 |             "settings": { "image": "${MODULES.filtre}", "createOptions": { "Labels": { "b": "2",
    |                                     ^^^^^^^^^^^^^^^^^
hint: Did you mean `filter`?

deployment.template.json: 1 error; no file was written
--- stderr
error: the check found 1 error [check/errors]

"#]]);
    assert!(!sandbox.path().join("config").exists(), "nothing is written");
}

#[test]
fn copied_faults_are_warned_of_and_refused_when_strict() {
    let sandbox = solution("${MODULES.filtre}");
    let compat = ["manifest", "generate", "--template", "deployment.template.json", "--compat", "iotedgedev"];
    sandbox.run(compat).matches(str![[r#"
exit 0
--- stdout
deployment.template.json:15:78: warning: edgeHub has no volume: messages that wait vanish when its container is created anew [manifest/no-storage-volume]
    |
 15 | ings": { "image": "mcr.microsoft.com/azureiotedge-hub:1.5", "createOptions": { "HostConfig": { "PortBindings": { "8883/t
    |                                                             ^^^^^^^^^^^^^^^
hint: Mount a folder in HostConfig.Binds, and name it in the variable storageFolder.

deployment.template.json:24:36: warning: `${MODULES.filtre}` stays in the manifest [template/unresolved]
    |
 24 |             "settings": { "image": "${MODULES.filtre}", "createOptions": { "Labels": { "b": "2"
    |                                    ^^^^^^^^^^^^^^^^^^^
hint: There is no such module folder or platform, or the placeholder is only a part of the text.

deployment.template.json:24:37: note: a template: 1 placeholder to be filled in, each taken for any text here [manifest/template]
    |
 24 |             "settings": { "image": "${MODULES.filtre}", "createOptions": { "Labels": { "b": "2",
    |                                     ^^^^^^^^^^^^^^^^^

config/deployment.amd64.json: written, 2 warnings, 1 note
--- stderr

"#]]);
    assert_eq!(image_in(&sandbox.read("config/deployment.amd64.json")), "${MODULES.filtre}");
    std::fs::remove_dir_all(sandbox.path().join("config")).expect("removed");
    let strict = sandbox.run(compat.into_iter().chain(["--strict"]));
    assert_eq!((strict.code, sandbox.path().join("config").exists()), (3, false), "{}", strict.stderr);
}

#[test]
fn the_manifest_alone_goes_to_stdout() {
    let sandbox = solution("${MODULES.filter.arm64v8}${TAIL:-}");
    let command = ["manifest", "generate", "--template", "deployment.template.json", "--stdout", "--set", "SERVER=other", "-v"];
    let outcome = sandbox.run(command);
    assert_eq!(image_in(outcome.success()), "other/filter:1.0-arm64v8");
    assert!(outcome.stderr.contains("SERVER = other (--set)"), "{}", outcome.stderr);
    assert!(!sandbox.path().join("config").exists());
}

#[test]
fn files_of_variables_win_in_order() {
    let sandbox = solution("$A/$B/$C:1").env("C", "process");
    sandbox.file(".env", "A=usual\nB=usual\nC=usual\n");
    sandbox.file("one.env", "A=one\nB=one\nC=one\n");
    sandbox.file("two.env", "B=two\n");
    let strict = ["manifest", "generate", "--stdout", "--env-file", "one.env", "--env-file", "two.env"];
    assert_eq!(image_in(sandbox.run(strict).success()), "one/two/process:1");
    let vscode = sandbox.run(strict.into_iter().chain(["--compat", "vscode"]));
    assert_eq!(image_in(vscode.success()), "one/two/one:1");
}

#[test]
fn a_manifest_with_a_password_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = solution("i/j:1");
    let credentials = r#""settings": { "minDockerVersion": "v1.25", "registryCredentials": { "r": { "username": "u", "password": "$EDGE_PASSWORD", "address": "r" } } }"#;
    let text = template("i/j:1").replace(r#""settings": { "minDockerVersion": "v1.25" }"#, credentials);
    sandbox.file("deployment.template.json", &text);
    let outcome = sandbox.run(["manifest", "generate", "-o", "json", "-v"]);
    let shown = outcome.json();
    assert!(!outcome.stdout.contains("hunter2") && !outcome.stderr.contains("hunter2"), "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(shown["variables"][0]["value"], "***");
    let file = sandbox.path().join("config/deployment.amd64.json");
    assert!(std::fs::read_to_string(&file).expect("read").contains("hunter2"));
    assert_eq!(std::fs::metadata(&file).expect("metadata").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_variable_that_is_a_password_is_masked_whatever_its_name() {
    let sandbox = solution("i/j:1");
    let credentials = r#""settings": { "minDockerVersion": "v1.25", "registryCredentials": { "r": { "username": "u", "password": "x${ACR_PW}", "address": "r" } } }"#;
    let text = template("i/j:1").replace(r#""settings": { "minDockerVersion": "v1.25" }"#, credentials);
    sandbox.file("deployment.template.json", &text);
    let outcome = sandbox.run(["manifest", "generate", "--set", "ACR_PW=plumjam", "-o", "json", "-v"]);
    assert!(!outcome.success().contains("plumjam") && !outcome.stderr.contains("plumjam"), "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.json()["variables"][0]["value"], "***");
}

#[test]
fn json_that_a_value_broke_is_shown_as_it_is_in_the_template() {
    let sandbox = solution("i/j:1");
    for (text, code) in [
        ("{ \"p\": \"$ACR_PW\", }}\n", "json/invalid"),
        ("{ \"a\": [\"$ACR_PW\" \"$ACR_PW\"] }\n", "json/invalid"),
        ("{ \"a\": $ACR_PW }\n", "json/invalid"),
    ] {
        sandbox.file("deployment.template.json", text);
        for format in [&[][..], &["-o", "json"]] {
            let command = ["manifest", "generate", "--compat", "iotedgedev", "--set", "ACR_PW=plumjam"];
            let outcome = sandbox.run(command.iter().chain(format));
            let all = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(outcome.code == 3 && all.contains(code) && !all.contains("plumjam"), "{all}");
            // People see the line of the template.
            assert!(!format.is_empty() || all.contains("$ACR_PW"), "{all}");
        }
    }
}

#[test]
fn references_that_values_bring_stay_out_of_a_finished_manifest() {
    let sandbox = solution("i/j:1");
    let text = template("i/j:1").replace("\"i/j:1\"", "\"i/j:1\", \"x\": \"$LEFT\"");
    sandbox.file("deployment.template.json", &text);
    for value in ["${ALSO}", "a${MODULES.filter}"] {
        let outcome = sandbox.run(["manifest", "generate", "--set", &format!("LEFT={value}")]);
        assert!(outcome.code == 3 && outcome.stdout.contains("is left in the finished manifest"), "{}{}", outcome.stdout, outcome.stderr);
        assert!(!sandbox.path().join("config/deployment.amd64.json").exists());
    }
    let price = sandbox.run(["manifest", "generate", "--set", "LEFT=5 $ {a}"]);
    assert!(price.code == 0 && sandbox.read("config/deployment.amd64.json").contains("5 $ {a}"), "{}", price.stdout);
}

#[test]
fn a_template_is_never_written_over() {
    let sandbox = solution("i/j:1");
    let text = template("i/j:1").replacen(r#""$schema-template""#, r#""other""#, 1);
    sandbox.file("deployment.json", &text);
    std::os::unix::fs::symlink("deployment.json", sandbox.path().join("link.json")).expect("a link");
    std::fs::hard_link(sandbox.path().join("deployment.json"), sandbox.path().join("hard.json")).expect("a link");
    std::os::unix::fs::symlink(".", sandbox.path().join("here")).expect("a link");
    for arguments in [
        &["--template", "deployment.json", "--out-dir", "."][..],
        &["--template", "deployment.json", "--out-dir", "here"],
        &["--template", "deployment.json", "--set", "CONFIG_OUTPUT_DIR=."],
        &["--template", "link.json", "--set", "CONFIG_OUTPUT_DIR=.", "--set", "DEPLOYMENT_CONFIG_FILE=deployment.json"],
        &["--template", "deployment.json", "--out-dir", ".", "--set", "DEPLOYMENT_CONFIG_FILE=hard.json"],
        &["--template", "deployment.json", "--out-dir", ".", "--compat", "vscode"],
        &["--template", "deployment.json", "--set", "CONFIG_OUTPUT_DIR=.", "--compat", "iotedgedev"],
    ] {
        let outcome = sandbox.run(["manifest", "generate"].iter().chain(arguments));
        assert!(outcome.code == 3 && outcome.stderr.contains("template/over-itself"), "{arguments:?} {}{}", outcome.stdout, outcome.stderr);
        assert_eq!(sandbox.read("deployment.json"), text, "{arguments:?}");
    }
}

#[test]
fn an_import_is_there_as_a_whole_or_not_at_all() {
    let sandbox = solution("${MODULES.filter}");
    // A folder in the way: the file beside it is written, taking its place fails.
    std::fs::create_dir_all(sandbox.path().join("modules/filter/module.yaml/x")).expect("a folder");
    let outcome = sandbox.run(["solution", "import", "--name", "x", "--yes"]);
    assert!(outcome.code != 0 && !sandbox.path().join("edgectl.yaml").exists(), "{}", outcome.stdout);
    let left = std::fs::read_dir(sandbox.path().join("modules/filter")).expect("a folder").count();
    assert_eq!(left, 2, "module.json and the folder");
    assert!(!sandbox.path().join("edgectl.yaml.import").exists());
}

#[test]
fn flags_of_templates_want_a_template() {
    Sandbox::new().run(["manifest", "generate", "--compat", "vscode"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: these flags are for deployment templates, and none is named [usage/no-template]
hint: Add --template deployment.template.json.

"#]]);
}

#[test]
fn bad_files_are_refused_at_their_place() {
    let sandbox = solution("i/j:1");
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    let long = format!("{{\"a\": \"{}", "x".repeat(16 << 20));
    for (text, says) in [
        (deep.as_bytes(), "deployment.template.json:1:"),
        (long.as_bytes(), "deployment.template.json:1:"),
        (b"{\"a\": \"\xff\"}".as_slice(), "deployment.template.json:1:8: the text is no UTF-8"),
        (b"{\"a\": \"\0\"}", "deployment.template.json:1:8: "),
        (b"{ \"modulesContent\": { \"n\": $N } }", "A variable outside of quotes is replaced only with --compat iotedgedev"),
        (b"{", "deployment.template.json:1:2: "),
    ] {
        std::fs::write(sandbox.path().join("deployment.template.json"), text).expect("written");
        for mode in [&[][..], &["--compat", "iotedgedev"], &["--compat", "vscode"]] {
            let outcome = sandbox.run(["manifest", "generate"].iter().chain(mode));
            assert!(outcome.code == 3 && outcome.stderr.len() < 2000, "{mode:?} {says}: {}", outcome.code);
            assert!(!mode.is_empty() || outcome.stderr.contains(says), "{says}: {}", outcome.stderr);
        }
    }
}

#[test]
fn an_imported_solution_gives_the_same_manifest() {
    let sandbox = solution("${MODULES.filter}");
    let import = ["solution", "import", "--name", "greenhouse"];
    let template = sandbox.run(["manifest", "generate", "--template", "deployment.template.json", "--stdout"]);
    let before: serde_json::Value = serde_json::from_str(template.success()).expect("JSON");
    let dry = sandbox.run(import.into_iter().chain(["--dry-run"]));
    assert!(dry.success().contains("image: registry.example.com/filter:1.0-amd64"), "{}", dry.stdout);
    assert!(!sandbox.path().join("edgectl.yaml").exists());
    sandbox.run(import).success();
    let after = sandbox.run(["manifest", "generate", "-o", "json"]).json();
    assert_eq!(after["deployments"][0]["content"], before);
    assert!(
        sandbox.read("edgectl.yaml").contains("pin: false") && sandbox.read("modules/filter/module.yaml").contains("language: dockerfile")
    );
    assert_eq!(sandbox.read("modules/filter/module.json"), MODULE, "what was there stays");

    let again = sandbox.run(import);
    assert!(again.code == 3 && again.stderr.contains("edgectl.yaml is there already"), "{}", again.stderr);
    sandbox.run(import.into_iter().chain(["--yes"])).success();
}

#[test]
fn an_import_keeps_passwords_from_the_screen_and_from_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = solution("i/j:1");
    let credentials = r#""settings": { "minDockerVersion": "v1.25", "registryCredentials": { "r": { "username": "u", "password": "$EDGE_PASSWORD", "address": "r" } } }"#;
    sandbox.file("deployment.template.json", &template("i/j:1").replace(r#""settings": { "minDockerVersion": "v1.25" }"#, credentials));
    let refused = sandbox.run(["solution", "import", "--name", "x"]);
    assert!(refused.code == 3 && refused.stdout.contains("import/secret"), "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stdout.contains("it has no placeholders") && !refused.stdout.contains("manifest/clear-password"), "{}", refused.stdout);
    assert!(!refused.stdout.contains("hunter2") && !sandbox.path().join("edgectl.yaml").exists());
    let outcome = sandbox.run(["solution", "import", "--name", "x", "--with-secrets", "-o", "json"]);
    assert!(!outcome.success().contains("hunter2") && sandbox.read("edgectl.yaml").contains("hunter2"));
    let mode = std::fs::metadata(sandbox.path().join("edgectl.yaml")).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_cannot_be_imported_is_shown() {
    let sandbox = solution("${MODULES.filter}$NOPE");
    let outcome = sandbox.run(["solution", "import"]);
    assert!(outcome.code == 3 && outcome.stdout.contains("the variable of `$NOPE` is not set"), "{}{}", outcome.stdout, outcome.stderr);
    sandbox.file("deployment.template.json", &template("${MODULES.filter}"));
    sandbox.file("modules/filter/module.json", &MODULE.replacen("{ ", "{ \"labels\": {}, ", 1));
    let outcome = sandbox.run(["solution", "import"]);
    assert!(outcome.code == 3 && outcome.stdout.contains("`labels` has no place in a module.yaml"), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!sandbox.path().join("edgectl.yaml").exists());
}
