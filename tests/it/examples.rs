//! The examples are what the tool writes: `examples/hello-edge` is a new solution with the modules of the quickstart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sandbox::Sandbox;

const TO_FILTER: &str =
    r#"sensorToFilter=FROM /messages/modules/sensor/outputs/telemetry INTO BrokeredEndpoint("/modules/filter/inputs/in")"#;
const TO_HUB: &str = "alerts=FROM /messages/modules/filter/outputs/alert INTO $upstream";

/// Returns every file below a folder by its path, but for the tool's own folder and build outputs.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            match name.as_str() {
                ".edgectl" | "target" => {}
                _ if path.is_dir() => folders.push(path),
                _ => {
                    let content = std::fs::read(&path).expect("a file");
                    found.insert(path.strip_prefix(root).expect("below").to_path_buf(), content);
                }
            }
        }
    }
    found
}

#[test]
fn hello_edge_is_what_the_tool_writes() {
    let sandbox = Sandbox::new();
    sandbox.run(["new", "hello-edge"]).success();
    sandbox.run(["-C", "hello-edge", "module", "add", "sensor", "--template", "rust-sensor", "--route", TO_FILTER]).success();
    let threshold = r#"{"threshold": 25}"#;
    sandbox
        .run(["-C", "hello-edge", "module", "add", "filter", "--template", "rust-filter", "--twin", threshold, "--route", TO_HUB])
        .success();

    let written = files(&sandbox.path().join("hello-edge"));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello-edge");
    if std::env::var_os("EDGECTL_UPDATE").is_some() {
        for (name, content) in &written {
            let path = example.join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, content).expect("writable");
        }
    }
    let committed = files(&example);
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().map(|path| path.display().to_string()).collect::<Vec<_>>();
    assert_eq!(names(&written), names(&committed), "EDGECTL_UPDATE=1 writes the example anew");
    for (name, content) in &written {
        assert!(committed[name] == *content, "examples/hello-edge/{} is stale; EDGECTL_UPDATE=1 writes it anew", name.display());
    }
}

#[test]
fn the_tables_of_the_languages_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/languages").display().to_string();
    for noun in ["route", "target"] {
        let table = format!("{noun}s.jsonl");
        let tested = Sandbox::new().run(["-C", folder.as_str(), noun, "test", "--table", table.as_str()]);
        assert!(tested.success().ends_with("passed, 0 differ\n"), "{}", tested.stdout);
    }
}
