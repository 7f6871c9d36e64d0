//! Tests of the import: the same manifest before and after, and what cannot be carried.

use super::*;

/// Imports a manifest and returns the solution; that it gives the same manifest was verified by the import, and is again here.
#[track_caller]
fn imported(manifest: &Value, folders: &BTreeMap<String, BuiltHere>) -> Imported {
    let name: SolutionName = "greenhouse".parse().expect("a name");
    let imported = import(&Import { name: &name, manifest, folders }).unwrap_or_else(|error| panic!("{error:?}"));
    let file = Path::new("edgectl.yaml");
    let solution = Solution::parse(&imported.solution, file).expect("a solution");
    let mut modules = BTreeMap::new();
    for (name, module) in &solution.modules {
        if let Some(text) = module.folder().and_then(|folder| imported.modules.get(folder)) {
            modules.insert(name.clone(), ModuleFile::parse(text, Path::new("module.yaml")).expect("a module"));
        }
    }
    let source = Source { solution: &solution, text: &imported.solution, file };
    let found = generate(Input { source, modules: &modules, images: &BTreeMap::new() }, None).expect("manifests");
    assert_eq!(found.iter().map(|deployment| &deployment.content).collect::<Vec<_>>(), [manifest]);
    imported
}

fn refused(manifest: &Value) -> ImportError {
    let name: SolutionName = "greenhouse".parse().expect("a name");
    import(&Import { name: &name, manifest, folders: &BTreeMap::new() }).expect_err("refused")
}

/// A manifest with these modules and routes.
fn manifest(modules: &Value, routes: &Value) -> Value {
    let system = json!({
        "edgeAgent": { "type": "docker", "settings": { "image": "mcr.microsoft.com/azureiotedge-agent:1.4", "createOptions": "" } },
        "edgeHub": { "type": "docker", "status": "running", "restartPolicy": "always",
            "settings": { "image": "mcr.microsoft.com/azureiotedge-hub:1.4", "createOptions": "{}" }, "env": { "X": { "value": 1 } } },
    });
    let runtime = json!({ "type": "docker", "settings": { "minDockerVersion": "v1.25", "registryCredentials": { "r": { "username": "u", "password": "p", "address": "a" } } } });
    json!({ "modulesContent": {
        "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "runtime": runtime, "systemModules": system, "modules": modules } },
        "$edgeHub": { "properties.desired": { "schemaVersion": "1.2", "routes": routes, "storeAndForwardConfiguration": { "timeToLiveSecs": 60 }, "mqttBroker": {} } },
        "filter": { "properties.desired": { "threshold": 25 } },
        "elsewhere": { "properties.desired": { "kept": [null] } },
    }, "other": 1 })
}

fn module(image: &str, options: &str) -> Value {
    json!({ "version": "1.0", "type": "docker", "status": "running", "restartPolicy": "on-failure", "startupOrder": 2,
        "env": { "A": { "value": "1" }, "B": { "value": 2 } }, "settings": { "image": image, "createOptions": options }, "unknown": { "kept": true } })
}

fn built(folder: &str) -> BuiltHere {
    let platforms = ["amd64", "amd64.debug", "arm32v7", "windows-amd64"].map(|name| (name.to_owned(), format!("./Dockerfile.{name}")));
    let module = ModuleJson {
        platforms: platforms.to_vec(),
        build_options: vec!["--pull".to_owned()],
        context_path: Some("..".to_owned()),
        ..ModuleJson::default()
    };
    BuiltHere { folder: PathBuf::from(folder), module }
}

#[test]
fn a_base_gives_the_same_manifest_and_unknown_members_survive() {
    let modules = json!({ "filter": module("r.example.com/filter:1.0-amd64", r#"{"b":1,"a":2}"#), "sensor": module("redis:6", ""), "odd": { "settings": { "image": "$upstream:8000/x:1" } } });
    let routes = json!({ "up": "FROM /messages/modules/filter/outputs/* INTO $upstream", "lost": "FROM /messages/modules/nobody/* INTO $upstream",
        "wrong": "FORM x", "first": { "route": "FROM /messages/modules/sensor/* INTO $upstream", "priority": 1, "timeToLiveSecs": 30 }, "object": { "route": "FROM /messages/* INTO $upstream" } });
    let imported = imported(&manifest(&modules, &routes), &BTreeMap::from([("filter".to_owned(), built("modules/filter"))]));
    assert_eq!(imported.patched, ["filter", "odd", "sensor", "deployments"]);
    let solution = Solution::parse(&imported.solution, Path::new("edgectl.yaml")).expect("a solution");
    assert_eq!(solution.routes.keys().collect::<Vec<_>>(), ["first", "up"], "what is no route of ours stays in the patch");
    assert_eq!(solution.twins.len(), 1);
    assert_eq!(solution.runtime.edge_hub.time_to_live.map(crate::base::duration::Span::as_secs), Some(60));
    let module = ModuleFile::parse(&imported.modules[Path::new("modules/filter")], Path::new("module.yaml")).expect("a module");
    assert_eq!(
        module.build.platforms.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["linux/amd64", "linux/arm/v7", "windows/amd64"]
    );
    assert_eq!((module.build.dockerfiles.len(), module.build.options.as_slice()), (4, &["--pull".to_owned()][..]));
    assert_eq!(module.run.startup_order, Some(2));
}

#[test]
fn a_layer_gives_the_same_manifest() {
    let layer = json!({ "modulesContent": {
        "$edgeAgent": { "properties.desired.modules.filter": module("r/filter:1", "{}"), "properties.desired.runtime.settings.x": 1 },
        "$edgeHub": { "properties.desired.routes.up": "FROM /messages/modules/filter/* INTO $upstream", "properties.desired.routes.all": "FROM /* INTO $upstream" },
        "filter": { "properties.desired.part": { "a": 1 } },
    } });
    let imported = imported(&layer, &BTreeMap::new());
    assert!(imported.layer && imported.solution.contains("layer: true"));
}

#[test]
fn two_modules_of_one_folder_keep_their_own_run() {
    let mut other = module("r/filter:1", "{}");
    other["startupOrder"] = json!(7);
    let modules = json!({ "one": module("r/filter:1", "{}"), "two": other });
    let folders = BTreeMap::from([("one".to_owned(), built("modules/filter")), ("two".to_owned(), built("modules/filter"))]);
    let imported = imported(&manifest(&modules, &json!({})), &folders);
    assert_eq!(imported.modules.len(), 1);
}

#[test]
fn what_cannot_be_carried_is_named() {
    let mut null = manifest(&json!({ "m": module("i:1", "") }), &json!({}));
    null["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"]["m"]["x"] = Value::Null;
    assert_eq!(
        refused(&null).to_string(),
        "`$edgeAgent / properties.desired / modules / m / x` is null, which a solution file cannot carry"
    );
    // A module that has no name of ours would stand in a patch, image and all.
    let error = refused(&manifest(&json!({ "no name": { "settings": { "image": "i:1" } } }), &json!({})));
    assert_eq!(error.code(), "manifest/no-digest", "{error:?}");
}

#[test]
fn a_pinned_module_hides_no_image_in_its_patch() {
    for (text, code) in [
        ("modules:\n  m: { image: \"r.io/i:1\", pin: true }\n", "manifest/no-digest"),
        ("modules:\n  m: { image: \"r.io/i:1\", pin: false, manifest: { settings: { image: x } } }\n", "manifest/bad-patch"),
        ("modules:\n  m: { image: \"r.io/i:1\", pin: false, manifest: 1 }\n", "manifest/bad-patch"),
        (
            "deployments:\n  base:\n    modules: []\n    overlay: { modulesContent: { $edgeAgent: { properties.desired: { modules: { m: { settings: { image: x } } } } } } }\n",
            "manifest/no-digest",
        ),
    ] {
        let (text, file) = (format!("version: 1\nsolution: s\n{text}"), Path::new("edgectl.yaml"));
        let solution = Solution::parse(&text, file).expect("a solution");
        let source = Source { solution: &solution, text: &text, file };
        let error = generate(Input { source, modules: &BTreeMap::new(), images: &BTreeMap::new() }, None).expect_err("refused");
        assert_eq!(error.code(), code, "{text}");
    }
}
