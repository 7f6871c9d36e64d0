//! The agent's section: its schema, and what only more than a table can tell of modules, images, ports and credentials.

use std::collections::BTreeMap;
use std::ops::Range;

use super::findings::{Findings, Found};
use super::options::{self, Options};
use super::ports::Ports;
use super::shape::{Walk, shape_at};
use super::{image, placeholder, version};
use crate::base::jsonc::{Document, Node};
use crate::manifest::document::{Dotted, Entry, Form, Manifest, Section, last_members};
use crate::manifest::schema::Shape;
use crate::manifest::schema::deployment::{AGENT, MODULE_NAME};

/// Checks the agent's section.
pub(super) fn check(findings: &mut Findings<'_>, manifest: &Manifest<'_>, section: &Section<'_>) {
    let base = manifest.form() == Form::Base;
    let minor = if base { version::check(findings, section) } else { 1 };
    if let Some(whole) = section.whole.filter(|whole| !whole.is_null()) {
        Walk { findings, minor, path: Vec::new(), reader: None }.object(whole, &AGENT, &section.name_span);
        credentials(findings, whole);
    }
    for dotted in &section.dotted {
        layer_key(findings, dotted, minor);
    }
    let mut ports = Ports::default();
    let modules = manifest.modules();
    names(findings, &modules);
    for entry in manifest.system_modules().iter().chain(&modules).filter(|entry| entry.value.is_object()) {
        module(findings, manifest.document, entry, &mut ports);
    }
    if base {
        storage(findings, manifest);
    }
}

/// Checks a key below the agent's properties, as layers have them.
fn layer_key(findings: &mut Findings<'_>, dotted: &Dotted<'_>, minor: u32) {
    let path: Vec<String> = dotted.path.iter().map(ToString::to_string).collect();
    let Some(shape) = shape_at(&AGENT, &dotted.path) else {
        let message = format!("`{}` is no property of the agent", path.join("."));
        findings
            .add(Found::warning("manifest/layer-path", &dotted.key_span, message).hint("A layer sets properties.desired.modules.NAME."));
        return;
    };
    if dotted.path.first().is_some_and(|first| *first != "modules") {
        let message = format!("this replaces `{}` of the base", path.join("."));
        findings.add(Found::note("manifest/layer-path", &dotted.key_span, message));
    }
    let mut walk = Walk { findings, minor, path, reader: None };
    if let ["modules", name, ..] = dotted.path.as_slice() {
        walk.name(name, &dotted.key_span, &MODULE_NAME);
    }
    if !dotted.value.is_null() {
        walk.value(dotted.value, shape, &dotted.key_span);
        if let (["modules", _, "settings"], true) = (dotted.path.as_slice(), matches!(shape, Shape::Object(_))) {
            let note = "this replaces the settings of a module that another deployment brings";
            findings.add(Found::note("manifest/layer-path", &dotted.key_span, note));
        }
    }
}

/// Tells names that the agent refuses, and names that differ in case only.
fn names(findings: &mut Findings<'_>, modules: &[Entry<'_>]) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for entry in modules.iter().filter(|entry| !entry.value.is_null()) {
        if matches!(entry.name, "edgeAgent" | "edgeHub") {
            let message = format!("`{}` is a system module, and the agent refuses a second one", entry.name);
            findings.add(Found::error("manifest/reserved-name", &entry.name_span, message).hint("Give the module another name."));
        }
        if let Some(other) = seen.insert(entry.name.to_ascii_lowercase(), entry.name) {
            let message = format!("`{}` and `{other}` differ in case only; sources of routes do not tell them apart", entry.name);
            findings.add(Found::warning("manifest/bad-name", &entry.name_span, message));
        }
    }
}

fn module(findings: &mut Findings<'_>, document: &Document, entry: &Entry<'_>, ports: &mut Ports) {
    let Some(settings) = entry.value.get("settings").filter(|settings| settings.is_object()) else { return };
    if let Some(node) = settings.get("image")
        && let Some(reference) = node.as_str()
    {
        image::check(findings, entry.name, reference, &node.span);
    }
    if let Some(options) = options::read(findings, document, settings, &format!("{}.settings", entry.name)) {
        let running = !entry.value.get("status").and_then(Node::as_str).is_some_and(|status| status.eq_ignore_ascii_case("stopped"));
        ports.add(findings, document, (entry.name, running), &options);
    }
}

fn credentials(findings: &mut Findings<'_>, whole: &Node) {
    let Some(registries) = whole.pointer(&["runtime", "settings", "registryCredentials"]) else { return };
    for member in last_members(registries) {
        let Some(password) = member.value.get("password") else { continue };
        if password.as_str().is_some_and(|text| !text.trim().is_empty() && !placeholder::is_in(text)) {
            let message = format!("the password of `{}` stands here in clear", member.key);
            let found = Found::note("manifest/clear-password", &password.span, message);
            findings.add(found.hint("Keep it out of files: write a placeholder, and give the value when the manifest is made."));
        }
    }
}

/// Tells a broker whose stored messages vanish with its container.
fn storage(findings: &mut Findings<'_>, manifest: &Manifest<'_>) {
    let system = manifest.system_modules();
    let Some(hub) = system.iter().find(|entry| entry.name == "edgeHub" && entry.value.is_object()) else { return };
    let env = |name: &str| hub.value.pointer(&["env", name, "value"]).map(|value| value.to_value().to_string().to_ascii_lowercase());
    let in_memory = env("usePersistentStorage").or_else(|| env("UsePersistentStorage")).is_some_and(|value| value.contains("false"));
    let Some(settings) = hub.value.get("settings").filter(|settings| settings.is_object() && !in_memory) else { return };
    // What is wrong with the options is told with the module; here only what they mount counts.
    let mut silent = Findings::new(&manifest.document.source);
    let options = options::read(&mut silent, manifest.document, settings, "edgeHub.settings");
    let unknown = settings.get("createOptions").and_then(Node::as_str).is_some_and(|text| options.is_none() && placeholder::is_in(text));
    if unknown || options.as_ref().is_some_and(mounts) {
        return;
    }
    let found = Found::warning(
        "manifest/no-storage-volume",
        &storage_place(hub, settings),
        "edgeHub has no volume: messages that wait vanish when its container is created anew",
    );
    findings.add(found.hint("Mount a folder in HostConfig.Binds, and name it in the variable storageFolder."));
}

fn storage_place(hub: &Entry<'_>, settings: &Node) -> Range<usize> {
    settings.member("createOptions").map_or_else(|| hub.name_span.clone(), |member| member.key_span.clone())
}

fn mounts(options: &Options<'_>) -> bool {
    let places: [&[&str]; 3] = [&["HostConfig", "Binds"], &["HostConfig", "Mounts"], &["Volumes"]];
    places.into_iter().any(|place| options.root().pointer(place).is_some_and(options::is_filled))
}
