//! The main job, for real: what the quickstart prints is what hub, devices and ledger say, and nothing is left running.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Returns `module -> image` of a device from what its agent reported to the hub.
fn reported_images(sandbox: &Sandbox, device: &str) -> BTreeMap<String, String> {
    let agent = format!("{device}/$edgeAgent");
    let twin = sandbox.run(["-C", "hello-edge", "sim", "twin", "get", &agent, "-o", "json"]).json();
    let modules = twin["twin"]["properties"]["reported"]["modules"].as_object().cloned().unwrap_or_default();
    modules
        .into_iter()
        .map(|(name, module)| {
            assert_eq!(module["runtimeStatus"], "running", "{device}/{name}");
            (name, module["settings"]["image"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

fn state_of<'a>(rings: &'a Value, ring: &str) -> (&'a str, &'a str) {
    let found = rings.as_array().expect("rings").iter().find(|row| row["ring"] == ring).expect(ring);
    (found["release"]["name"].as_str().unwrap_or_default(), found["state"].as_str().unwrap_or_default())
}

/// Returns the processes whose command line names the folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let needle = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").expect("proc").filter_map(Result::ok);
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).filter(|line| line.contains(&needle)).collect()
}

/// Writes what differs from run to run in one way: digests as `#`, numbers as `0`, runs of blanks as one blank.
fn settled(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let hex = |text: &str| text.len() >= 12 && text.chars().all(|c| c.is_ascii_hexdigit());
        let parts = word.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        let parts = parts.map(|part| {
            let (text, end) = match part.char_indices().last() {
                Some((place, c)) if !c.is_ascii_alphanumeric() => part.split_at(place),
                _ => (part, ""),
            };
            let digits: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            let number = digits.replace("00", "0").replace("00", "0").replace("00", "0");
            format!("{}{end}", if hex(text) { "#" } else { &number })
        });
        parts.collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Requires that the lines of the README's tour were printed, in that order; a line of three dots stands for what it leaves out.
fn assert_tour_is_real(printed: &str) {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md");
    let (_, rest) = readme.split_once("<!-- tour -->").expect("a tour");
    let (tour, _) = rest.split_once("<!-- /tour -->").expect("its end");
    let block = tour.split("```").nth(1).expect("a block");
    let lines: Vec<&str> = block.lines().filter(|line| !line.is_empty() && *line != "...").collect();
    assert!(lines.len() > 20, "the tour has {} lines", lines.len());
    let mut printed = printed.lines().map(settled);
    for line in lines {
        assert!(printed.any(|found| found == settled(line)), "the tour says what was not printed there: {line}");
    }
}

#[test]
fn what_it_prints_is_what_hub_devices_and_ledger_say() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(["quickstart", "hello-edge", "--keep", "-o", "json"]);
    let done = run.json();

    // The summary agrees with the ledger.
    let rings = sandbox.run(["-C", "hello-edge", "release", "status", "-o", "json"]).json();
    let names = |rings: &Value| rings.as_array().expect("rings").iter().map(|ring| ring["release"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&done["rings"]), names(&rings["rings"]));
    assert_eq!(state_of(&rings["rings"], "canary"), ("v2", "healthy"));
    assert_eq!(state_of(&rings["rings"], "early"), ("v2", "healthy"));
    assert_eq!(state_of(&rings["rings"], "broad").0, "v1");
    let refs = Command::new("git")
        .args(["for-each-ref", "--format=%(refname)", "refs/edgectl"])
        .current_dir(sandbox.path().join("hello-edge"))
        .output();
    let refs = String::from_utf8(refs.expect("git").stdout).expect("text");
    for name in ["refs/edgectl/releases/hello-edge/v1", "refs/edgectl/releases/hello-edge/v2", "refs/edgectl/rings/hello-edge/canary"] {
        assert!(refs.lines().any(|line| line == name), "{name} is missing in:\n{refs}");
    }
    sandbox.run(["-C", "hello-edge", "release", "log", "-o", "json"]).success();

    // The devices run the digests of those releases, as they report to the hub.
    let canary = reported_images(&sandbox, "edge-canary");
    assert_eq!(canary, reported_images(&sandbox, "edge-early"));
    let broad = reported_images(&sandbox, "edge-broad");
    assert_ne!(canary["sensor"], broad["sensor"], "v2 changed the sensor");
    assert_eq!(canary["filter"], broad["filter"], "v2 left the filter alone");
    let images: Value = sandbox.run(["-C", "hello-edge", "image", "list", "-o", "json"]).json();
    for digest in canary.values().map(|image| image.rsplit_once('@').expect("a digest").1) {
        assert!(images.to_string().contains(digest), "{digest} is not in the store");
    }

    // Telemetry reached the hub, and every step was printed as a command.
    assert!(done["alerts"].as_u64().expect("a number") >= 3);
    for step in done["steps"].as_array().expect("steps") {
        let line = format!("$ {}", step["command"].as_str().expect("a command"));
        assert!(run.stderr.lines().any(|printed| printed == line), "not printed: {line}");
    }

    assert_tour_is_real(&run.stderr);

    sandbox.run(["-C", "hello-edge", "sim", "down"]).success();
    assert_eq!(processes_in(&sandbox.path()), Vec::<String>::new());
}
