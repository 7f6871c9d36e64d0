//! The house plan, enforced: every import between rooms must be in this table. `ARCHITECTURE.md` holds the same table in words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rooms by row, lowest first; a room imports from rows below its own.
const ROWS: &[&[&str]] = &[
    &["base"],
    &["model"],
    &["route", "target", "solution", "scaffold", "manifest", "oci", "sbom", "release"],
    &["process", "registry", "engine", "identity", "iothub"],
    &["build", "trust", "scan", "ledger", "edgehub", "monitor"],
    &["sim"],
    &["ops"],
    &["config", "output"],
    &["commands"],
    &["cli"],
    &["lib"],
    &["main"],
];

/// Imports allowed inside a row.
const INSIDE: &[(&str, &[&str])] = &[
    ("solution", &["route", "target"]),
    ("manifest", &["solution", "route", "target"]),
    ("release", &["target"]),
    ("sbom", &["oci"]),
    ("registry", &["process"]),
    // The REST client signs with the same SAS code as the device protocol.
    ("iothub", &["identity"]),
    // A command generates completions from the top-level type; the arrow back is this one.
    ("commands", &["cli"]),
];

fn row_of(room: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&room))
}

fn allowed(from: &str, to: &str) -> bool {
    let inside = INSIDE.iter().any(|(room, targets)| *room == from && targets.contains(&to));
    from == to || inside || matches!((row_of(from), row_of(to)), (Some(from), Some(to)) if to < from)
}

/// Returns the rooms that a source text names in `crate::…` paths, with their lines; grouped imports (`crate::{a, b::c}`) too.
fn rooms_named(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let code: Vec<&str> = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect();
    let joined = code.join("\n");
    for (start, _) in joined.match_indices("crate::") {
        if joined.get(..start).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_')) {
            continue;
        }
        let line = joined.get(..start).map_or(0, |before| before.matches('\n').count()) + 1;
        let rest = joined.get(start + "crate::".len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads_of(group).into_iter().map(|room| (line, room))),
            None => found.push((line, word(rest))),
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Returns the first words of the members of a use group, up to its closing brace.
fn heads_of(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut expect) = (0_i32, Vec::new(), true);
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expect = true,
            c if expect && depth == 0 && (c.is_alphanumeric() || c == '_') => {
                heads.push(word(group.get(place..).unwrap_or_default()));
                expect = false;
            }
            _ => {}
        }
    }
    heads
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).expect("src").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn violations(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, text) in files {
        let from = name.split(['/', '.']).next().unwrap_or_default();
        if row_of(from).is_none() {
            wrong.push(format!("src/{name}: the room `{from}` is not in the house plan"));
        }
        for (line, to) in rooms_named(text) {
            // An item of lib.rs itself, such as `crate::run`, is no room.
            if row_of(&to).is_some() && !allowed(from, &to) {
                wrong.push(format!("src/{name}:{line}: `{from}` must not import from `{to}`"));
            }
        }
    }
    wrong
}

#[test]
fn every_import_is_in_the_house_plan() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    let files = paths.iter().map(|path| {
        let name = path.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(path).expect("source"))
    });
    let wrong = violations(&files.collect());
    assert!(wrong.is_empty(), "imports against the house plan:\n{}", wrong.join("\n"));
}

#[test]
fn a_forbidden_import_is_found() {
    let bad = |name: &str, text: &str| violations(&BTreeMap::from([(name.to_owned(), text.to_owned())]));
    assert_eq!(bad("model/id.rs", "use crate::ops::build;\n"), ["src/model/id.rs:1: `model` must not import from `ops`"]);
    assert_eq!(bad("route/parse.rs", "\nuse crate::{\n    base::Exit,\n    sim::world::{World, Device},\n};\n").len(), 1);
    assert_eq!(bad("oci/mod.rs", "fn f() { crate::registry::open() }").len(), 1);
    assert_eq!(bad("attic/mod.rs", "").len(), 1);
    assert!(bad("sim/mod.rs", "use crate::{base::Exit, edgehub::Broker};\n// crate::ops is above\n").is_empty());
}

#[test]
fn no_file_outgrows_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    sources(&root.join("src"), &mut paths);
    sources(&root.join("tests"), &mut paths);
    for path in paths {
        let lines = std::fs::read_to_string(&path).expect("source").lines().count();
        assert!(lines <= 800, "{} has {lines} lines; 800 is the limit", path.display());
    }
}
