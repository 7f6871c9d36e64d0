//! Tests of templates: the strict reading, both copied tools, and files that are wrong.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::solution::compat::dotenv;

/// A solution in a folder of its own.
struct Lab {
    folder: tempfile::TempDir,
    sources: Sources,
    platform: Option<String>,
}

impl Lab {
    fn new() -> Self {
        let lab = Self { folder: tempfile::tempdir().expect("a folder"), sources: Sources::default(), platform: None };
        let platforms = json!({ "amd64": "D", "amd64.debug": "D", "arm64v8": "D" });
        let image = json!({ "image": { "repository": "${SERVER}/Filter", "tag": { "version": "1.0", "platforms": platforms } } });
        lab.file("modules/filter/module.json", &image.to_string());
        lab.set("SERVER", "r.example.com")
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_folder(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text.as_bytes()).expect("written");
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.sources.process.insert(name.to_owned(), value.to_owned());
        self
    }

    fn env_file(mut self, text: &str) -> Self {
        self.sources.files.push((PathBuf::from(".env"), dotenv::parse(text)));
        self
    }

    fn platform(mut self, platform: &str) -> Self {
        self.platform = Some(platform.to_owned());
        self
    }

    fn generate(&self, mode: Mode, text: &str) -> Result<Generated> {
        self.file("deployment.template.json", text);
        let template = self.folder.path().join("deployment.template.json");
        let name = PathBuf::from("deployment.template.json");
        generate(&Input { template, name, sources: self.sources.clone(), platform: self.platform.clone() }, mode)
    }

    #[track_caller]
    fn made(&self, mode: Mode, text: &str) -> Generated {
        self.generate(mode, text).unwrap_or_else(|error| panic!("{error:?}"))
    }
}

/// A template with one user module.
fn template(module: &Value) -> Value {
    json!({ "$schema-template": "4.0.0", "modulesContent": {
        "$edgeAgent": { "properties.desired": { "systemModules": { "edgeHub": { "settings": { "image": "hub:1" } } }, "modules": { "m": module } } },
        "$edgeHub": { "properties.desired": { "routes": {} } },
    } })
}

fn with_image(image: &str) -> String {
    template(&json!({ "settings": { "image": image } })).to_string()
}

/// Returns the codes of what was found, each with the text below its carets.
fn found(generated: &Generated) -> Vec<(String, String)> {
    let place = |finding: &Finding| match (&finding.span, &finding.excerpt) {
        (Some(span), _) if finding.file.as_deref() == Some(Path::new("deployment.template.json")) => {
            generated.document.source.text.get(span.clone()).unwrap_or_default().to_owned()
        }
        (_, excerpt) => excerpt.as_ref().map(|excerpt| excerpt.line.clone()).unwrap_or_default(),
    };
    generated.findings.iter().map(|finding| (finding.code.to_string(), place(finding))).collect()
}

fn value(generated: &Generated) -> Value {
    serde_json::from_str(&generated.text).expect("JSON")
}

fn module(generated: &Generated) -> Value {
    value(generated)["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"]["m"].clone()
}

fn image(generated: &Generated) -> String {
    module(generated)["settings"]["image"].as_str().expect("an image").to_owned()
}

#[test]
fn images_are_found_by_folder_and_platform() {
    let lab = Lab::new();
    lab.file("shared/x/module.json", r#"{"image":{"repository":"r/x","tag":{"platforms":{"amd64":"D"}}}}"#);
    for (placeholder, image_text) in [
        ("${MODULES.filter}", "r.example.com/filter:1.0-amd64"),
        ("${MODULES.filter.debug}", "r.example.com/filter:1.0-amd64.debug"),
        ("${MODULES.filter.arm64v8}", "r.example.com/filter:1.0-arm64v8"),
        ("${MODULEDIR<shared/x>}", "r/x:0.0.0-amd64"),
        ("${MODULEDIR<shared/x>.amd64}", "r/x:0.0.0-amd64"),
        ("$SERVER/y:1", "r.example.com/y:1"),
        ("${NONE:-other}/y:1", "other/y:1"),
        ("$upstream:8000/y:1", "$upstream:8000/y:1"),
    ] {
        assert_eq!(image(&lab.made(Mode::Strict, &with_image(placeholder))), image_text, "{placeholder}");
    }
    let tagged = Lab::new().set("CONTAINER_TAG", "rc1").platform("arm64v8");
    assert_eq!(image(&tagged.made(Mode::Strict, &with_image("${MODULES.filter}"))), "r.example.com/filter:1.0-rc1-arm64v8");
}

#[test]
fn what_cannot_be_resolved_is_an_error_at_its_place() {
    let lab = Lab::new().set("LOST_TOO", "x").env_file("A=${NOPE}\n");
    for (image, code, place, message, hint) in [
        ("$SERVRE/x", "template/undefined-variable", "$SERVRE", "the variable of `$SERVRE` is not set", "Did you mean `SERVER`?"),
        ("${a b}", "template/undefined-variable", "${a b}", "the variable of `${a b}` is not set", "Set it:"),
        ("$A", "template/undefined-variable", "$A", "the value of `A` (.env:1) names `NOPE`, which is not set", ""),
        (
            "${MODULES.filtre}",
            "template/unknown-module",
            "${MODULES.filtre}",
            "there is no module folder `filtre`",
            "Did you mean `filter`?",
        ),
        (
            "${MODULES.filter.arm}",
            "template/unknown-platform",
            "${MODULES.filter.arm}",
            "has no platform `arm`",
            "There are: amd64, amd64.debug, arm64v8.",
        ),
        ("${MODULEDIR<none>}", "template/unknown-module", "${MODULEDIR<none>}", "none/module.json cannot be used", "It must be there"),
        ("${}", "template/bad-placeholder", "${}", "`${}` names nothing", ""),
        ("x ${y", "template/bad-placeholder", "${", "`${` without `}`", ""),
        ("${NOPE:-${ALSO}}", "template/bad-placeholder", "${NOPE:-${ALSO}}", "inside of another", ""),
    ] {
        let mut generated = lab.made(Mode::Strict, &with_image(image));
        generated.findings.retain(|finding| finding.severity == Severity::Error);
        assert_eq!(found(&generated), [(code.to_owned(), place.to_owned())], "{image}");
        let finding = &generated.findings[0];
        assert!(finding.message.contains(message) && finding.hint.as_deref().unwrap_or_default().contains(hint), "{finding:?}");
        assert!(generated.is_refused());
    }
}

#[test]
fn values_cannot_change_the_json_and_reserved_names_stay() {
    let lab = Lab::new().set("Q", "a\"b\\c\nd").set("upstream", "U").set("schema", "S").set("connectionModuleId", "C").set("K", "key");
    let text = r#"{ "$schema-template": "4.0.0", "$schema": "s", "modulesContent": {
        "$edgeAgent": { "properties.desired": { "modules": {} } },
        "$edgeHub": { "properties.desired": { "routes": { "r": "FROM /* WHERE $connectionModuleId = '$Q' INTO $upstream" } } },
        "m": { "properties.desired": { "$K": "${Q}", "n": [1.50, 1e400, 12345678901234567890123], "p": "^a$", "q": "$1", "c": "$connectionModuleId" } } } }"#;
    let generated = lab.made(Mode::Strict, text);
    assert_eq!(found(&generated), []);
    assert!(generated.text.contains("1.50,\n") && generated.text.contains("1e400") && generated.text.contains("12345678901234567890123"));
    let document = Document::parse(generated.text.as_bytes(), Path::new("m")).expect("JSON");
    let text_at = |path: &[&str]| document.root.pointer(path).and_then(Node::as_str).expect("a text").to_owned();
    assert_eq!(text_at(&["$schema"]), "s");
    assert!(document.root.get("$schema-template").is_none() && generated.text.ends_with("}\n"));
    let desired = ["modulesContent", "m", "properties.desired"];
    assert_eq!(text_at(&[&desired[..], &["key"]].concat()), "a\"b\\c\nd");
    assert_eq!(text_at(&[&desired[..], &["c"]].concat()), "C", "outside of routes it is a variable");
    let route = text_at(&["modulesContent", "$edgeHub", "properties.desired", "routes", "r"]);
    assert_eq!(route, "FROM /* WHERE $connectionModuleId = 'a\"b\\c\nd' INTO $upstream");
    assert_eq!(generated.file_name, "deployment.amd64.json");
}

#[test]
fn keys_that_become_one_are_told_with_both_places() {
    let lab = Lab::new().set("N1", "m").set("N2", "m");
    let text = r#"{ "modulesContent": { "$N1": { "properties.desired": { "a": 1 } },
 "$N2": { "properties.desired": { "a": 2 } } } }"#;
    let generated = lab.made(Mode::Strict, text);
    assert_eq!(found(&generated), [("template/same-key".to_owned(), "\"$N2\"".to_owned())]);
    let finding = &generated.findings[0];
    assert_eq!(finding.message, "`$N1` and `$N2` both become the key `m`");
    assert!(finding.hint.as_deref().is_some_and(|hint| hint.contains(" 1:23.")), "{finding:?}");
    assert!(generated.is_refused());
    let same = lab.made(Mode::Strict, &text.replace("$N2", "$N1"));
    assert_eq!(found(&same)[0].0, "template/duplicate-key", "a key that is written twice is only a warning");
}

#[test]
fn doubtful_things_are_warned_of() {
    let lab = Lab::new().set("E", "");
    let text = r#"{ "moduleContent": { "$edgeAgent": { "properties.desired": { "a": 1, "a": 2, "modules": {
        "p": { "settings": { "image": "${MODULES.filter}@x" } }, "e": { "settings": { "image": "a/$E:1" } }, "t": { "settings": { "image": "__X__/#{Y}#" } },
        "s": { "settings": { "image": "i", "createOptions": "{}", "createOptions02": "x" } } } } } } }"#;
    let generated = lab.made(Mode::Strict, text);
    let codes: Vec<String> = found(&generated).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        [
            "template/partial-image",
            "template/empty-variable",
            "template/pipeline-token",
            "template/pipeline-token",
            "template/duplicate-key",
            "template/lowered-repository",
            "template/module-content",
            "template/stale-pieces",
        ]
    );
    assert!(!generated.is_refused() && value(&generated).get("modulesContent").is_some());
    assert_eq!(generated.file_name, "deployment.json", "no $schema-template, no platform");
}

#[test]
fn create_options_are_cut_again() {
    let lab = Lab::new();
    let of = |settings: Value| {
        let mut settings = settings;
        settings["image"] = json!("i");
        settings["after"] = json!(1);
        module(&lab.made(Mode::Strict, &template(&json!({ "settings": settings })).to_string()))["settings"].clone()
    };
    assert_eq!(of(json!({ "createOptions": {} }))["createOptions"], "{}");
    assert_eq!(of(json!({ "createOptions": "" }))["createOptions"], "");
    assert_eq!(of(json!({ "createOptions": "null" }))["createOptions"], "null");
    assert_eq!(of(json!({ "createOptions": "{\"Env\":[\"a\"], \"n\": 1.50,}" }))["createOptions"], "{\"Env\":[\"a\"],\"n\":1.50}");
    assert!(of(json!({})).get("createOptions").is_none());
    let long = of(json!({ "createOptions": { "Env": ["é".repeat(200)] }, "createOptions01": null, "createOptions07": null }));
    let keys: Vec<&String> = long.as_object().expect("settings").keys().collect();
    assert_eq!(keys, ["createOptions", "createOptions01", "createOptions02", "image", "after"]);
    let joined = of(json!({ "createOptions": "{\"a\"", "createOptions01": ":\"b\"}" }));
    assert_eq!((joined["createOptions"].as_str(), joined.get("createOptions01")), (Some("{\"a\":\"b\"}"), None));
}

#[test]
fn layers_are_read_with_and_without_their_wrapper() {
    let lab = Lab::new();
    let content = json!({ "modulesContent": { "$edgeAgent": { "properties.desired.modules.m": { "settings": { "image": "${MODULES.filter}", "createOptions": { "a": 1 } } } } } });
    for text in [content.to_string(), json!({ "content": content }).to_string()] {
        let generated = lab.made(Mode::Strict, &text);
        assert!(generated.text.contains("filter:1.0-amd64") && generated.text.contains("{\\\"a\\\":1}"), "{}", generated.text);
    }
    let without = lab.made(Mode::Strict, "{\"a\": {}}");
    assert_eq!(found(&without), [("template/no-content".to_owned(), "{".to_owned())]);
}

#[test]
fn faults_of_module_json_are_told_there() {
    let lab = Lab::new();
    lab.file("modules/bad/module.json", r#"{"image":{"repository":"$NOPE/x","tag":{"platforms":{"amd64":"D"}}}}"#);
    lab.file("modules/none/module.json", "{}");
    lab.file("modules/broken/module.json", "{");
    for (folder, message) in [
        ("bad", "the variable of `$NOPE` is not set"),
        ("none", "there is no `image.repository`"),
        ("broken", "modules/broken/module.json:1:2: "),
    ] {
        let generated = lab.made(Mode::Strict, &with_image(&format!("${{MODULES.{folder}}}")));
        assert!(generated.findings.iter().any(|finding| finding.message.contains(message)), "{folder}: {:?}", generated.findings);
        assert!(generated.is_refused());
    }
}

#[test]
fn a_module_has_variables_of_its_own() {
    let lab = Lab::new().env_file("SERVER2=files\nV=files\n");
    lab.file("modules/own/module.json", r#"{"image":{"repository":"$SERVER2/x","tag":{"version":"$V","platforms":{"amd64":"D"}}}}"#);
    lab.file("modules/own/.env", "V=own\nSERVER=own\n");
    assert_eq!(image(&lab.made(Mode::Strict, &with_image("${MODULES.own}"))), "files/x:own-amd64");
    assert_eq!(image(&lab.made(Mode::Vscode, &with_image("${MODULES.own}"))), "files/x:own-amd64");
    assert_eq!(image(&lab.made(Mode::Iotedgedev, &with_image("${MODULES.own}"))), "files/x:files-amd64");
}

#[test]
fn iotedgedev_leaves_and_replaces_what_it_should_not() {
    let lab = Lab::new().set("upstream", "U").set("P", "p");
    let text = r#"{ "$schema-template": "4.0.0", "modulesContent": {
        "$edgeAgent": { "properties.desired": { "systemModules": { "edgeHub": { "settings": { "image": "${MODULES.filter}" } } },
            "modules": { "m": { "settings": { "image": "${MODULES.filter}" }, "env": { "X": { "value": "${NOPE}" } } } }, "n": 1e5 } },
        "$edgeHub": { "properties.desired": { "routes": { "r": "FROM /* WHERE $body.x INTO $upstream" } } } }, "$P": "é" }"#;
    let generated = lab.made(Mode::Iotedgedev, text);
    assert_eq!(
        found(&generated),
        [
            ("template/reserved-name".to_owned(), "$upstream".to_owned()),
            ("template/unresolved".to_owned(), "\"${MODULES.filter}\"".to_owned()),
            ("template/unresolved".to_owned(), "\"${NOPE}\"".to_owned()),
        ]
    );
    assert_eq!(image(&generated), "r.example.com/filter:1.0-amd64");
    assert!(
        generated.text.ends_with("\"p\": \"\\u00e9\"\n}")
            && generated.text.contains("\"n\": 100000.0")
            && generated.text.contains("INTO U\"")
    );
    assert_eq!((generated.folder.as_path(), generated.file_name.as_str()), (Path::new("config"), "deployment.amd64.json"));
}

#[test]
fn iotedgedev_stops_where_python_does() {
    let lab = Lab::new().set("Q", "a\"b");
    for (text, message) in [
        (
            json!({ "modulesContent": { "$edgeAgent": { "properties.desired.modules.m": {} } } }).to_string(),
            "`systemModules` is missing below `$edgeAgent`",
        ),
        (json!({ "x": "$Q" }).to_string(), "the value of `Q` breaks the JSON"),
        (json!({}).to_string(), "there is no `modulesContent`"),
        (json!({ "modulesContent": { "m": 1 } }).to_string(), "it needs an object at every key without a dot"),
        (template(&json!({ "settings": {} })).to_string(), "the module `m` has no `settings.image`"),
        (template(&json!({ "settings": { "image": "i", "createOptions": "x".repeat(4097) } })).to_string(), "more than 4096 characters"),
        (with_image("${MODULEDIR<none>}"), "the folder `none` has no module.json"),
    ] {
        match lab.generate(Mode::Iotedgedev, &text) {
            Err(TemplateError::Refused(findings)) => assert!(findings[0].message.contains(message), "{findings:?}"),
            other => panic!("{message}: {other:?}"),
        }
    }
}

#[test]
fn vscode_replaces_anywhere_but_not_nothing() {
    let lab = Lab::new().set("upstream", "U").set("E", "").set("A", "process").env_file("A=file\n");
    let text = r#"{ "9": 1.0, "$schema-template": "4.0.0", "moduleContent": {
        "$edgeAgent": { "properties.desired": { "systemModules": { "edgeHub": { "settings": { "image": "x${MODULES.filter}y", "createOptions": "" } } },
            "modules": { "m": { "settings": { "image": "${MODULES.filter.arm64v8} }", "createOptions": { "b": 1e3, "1": "é" } } } } } },
        "$edgeHub": { "properties.desired": { "routes": { "r": "$upstream ${upstream} $E $A" } } } }, "2": 9007199254740993 }"#;
    let generated = lab.made(Mode::Vscode, text);
    assert_eq!(
        generated.text,
        r#"{
  "2": 9007199254740992,
  "9": 1,
  "modulesContent": {
    "$edgeAgent": {
      "properties.desired": {
        "systemModules": {
          "edgeHub": {
            "settings": {
              "image": "xr.example.com/Filter:1.0-amd64y",
              "createOptions": ""
            }
          }
        },
        "modules": {
          "m": {
            "settings": {
              "image": "${MODULES.filter.arm64v8} }",
              "createOptions": "{\"1\":\"é\",\"b\":1000}"
            }
          }
        }
      }
    },
    "$edgeHub": {
      "properties.desired": {
        "routes": {
          "r": "$upstream U $E file"
        }
      }
    }
  }
}"#
    );
    let codes: BTreeMap<String, String> = found(&generated).into_iter().collect();
    assert_eq!(codes.keys().collect::<Vec<_>>(), ["template/module-content", "template/number-changed", "template/unresolved"]);
    assert_eq!((codes["template/number-changed"].as_str(), generated.file_name.as_str()), ("9007199254740993", "deployment.amd64.json"));
    assert_eq!(generated.folder, lab.folder.path().join("config"));
    let layered = lab.generate(Mode::Vscode, r#"{"content":{"modulesContent":{}}}"#);
    assert!(matches!(layered, Err(TemplateError::Refused(_))), "a wrapped template stops the extension");
}

#[test]
fn a_password_is_told_and_masked() {
    let lab = Lab::new().set("PASS", "hunter2");
    let text = r#"{ "modulesContent": { "$edgeAgent": { "properties.desired": { "systemModules": {}, "modules": {}, "runtime": { "settings": { "registryCredentials": {
        "a": { "username": "u", "password": "$PASS", "address": "r" }, "b": { "password": "" } } } } } } } }"#;
    for mode in [Mode::Strict, Mode::Iotedgedev, Mode::Vscode] {
        let generated = lab.made(mode, text);
        assert!(generated.has_password() && generated.text.contains("hunter2"));
        assert!(!generated.clone().redacted().to_string().contains("hunter2"), "{mode:?}");
    }
}

#[test]
fn bad_files_are_refused_in_bounded_time() {
    let lab = Lab::new();
    let deep = "[".repeat(10_000);
    let wide = format!("{{\"x\": \"{}\"", "y".repeat(1 << 20));
    for text in [deep.as_str(), &wide, "", "{\"a\":\"\u{0}\"}", "{\"a\": ${", "nul"] {
        for mode in [Mode::Strict, Mode::Iotedgedev, Mode::Vscode] {
            assert!(lab.generate(mode, text).is_err_and(|error| error.kind() == Exit::BadInput), "{mode:?} {}", text.len());
        }
    }
    let path = lab.folder.path().join("deployment.template.json");
    fs::write(&path, b"{\"a\":\"\xff\"}").expect("written");
    for mode in [Mode::Strict, Mode::Iotedgedev, Mode::Vscode] {
        let input = Input { template: path.clone(), name: PathBuf::from("t"), sources: Sources::default(), platform: None };
        assert!(generate(&input, mode).is_err(), "{mode:?}");
    }
}

#[test]
fn comments_marks_and_line_ends_are_accepted() {
    let lab = Lab::new();
    let text = format!(
        "\u{feff}{}",
        serde_json::to_string_pretty(&template(&json!({ "settings": { "image": "${MODULES.filter}" } }))).expect("text")
    );
    let text = text.replace('\n', "\r\n").replacen("{\r\n", "{ // comment\r\n", 1);
    for mode in [Mode::Strict, Mode::Iotedgedev, Mode::Vscode] {
        assert!(image(&lab.made(mode, &text)).ends_with(":1.0-amd64"), "{mode:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_in_a_template_is_answered(text in "[${}A-CMODULES.<>_#:\\-é\"\\\\ ]{0,40}", value in "\\PC{0,10}") {
        let lab = Lab::new().set("A", &value);
        let template = with_image(&text);
        for mode in [Mode::Strict, Mode::Iotedgedev, Mode::Vscode] {
            if let Ok(generated) = lab.generate(mode, &template)
                && !generated.is_refused()
            {
                prop_assert!(Document::parse(generated.text.as_bytes(), Path::new("m")).is_ok(), "{mode:?}: {}", generated.text);
            }
        }
    }
}
