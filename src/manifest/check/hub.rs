//! The broker's section: its schema, routes and how long messages are kept.

use std::ops::Range;

use super::findings::{Findings, Found};
use super::reader::Reader;
use super::shape::{Walk, shape_at};
use super::{placeholder, version};
use crate::base::Severity;
use crate::base::jsonc::{Document, Node};
use crate::manifest::document::{Dotted, Entry, Form, Manifest, Section};
use crate::manifest::schema::deployment::{HUB, HUB_1_0, ROUTE_NAME};
use crate::route::lint::{Lint, LintContext, ModuleInterface, RouteText, lint};

/// Seconds between two runs of the broker's cleaner.
const CLEANER_SECS: i64 = 1800;

/// Checks the broker's section.
pub(super) fn check(findings: &mut Findings<'_>, manifest: &Manifest<'_>, section: &Section<'_>, template: bool) {
    let (mut reader, errors) = (Reader::read(section), findings.errors());
    let minor = if section.whole.is_some() { version::check(findings, section) } else { 2 };
    if findings.errors() > errors {
        reader.told(&["schemaVersion".to_owned()]);
    }
    let table = if minor == 0 { &HUB_1_0 } else { &HUB };
    if let Some(whole) = section.whole.filter(|whole| !whole.is_null()) {
        Walk { findings, minor, path: Vec::new(), reader: Some(&mut reader) }.object(whole, table, &section.name_span);
    }
    for dotted in &section.dotted {
        layer_key(findings, dotted, minor, &mut reader);
    }
    reader.finish(findings, section);
    if let Some(broker) = section.property("mqttBroker").filter(|entry| !entry.value.is_null()) {
        let message = "`mqttBroker` has no effect: the broker of that preview left the product";
        let found = Found::warning("manifest/mqtt-broker", &broker.name_span, message);
        findings.add(found.hint("Remove it; routes and topics of the device SDKs do without."));
    }
    keep(findings, section);
    routes(findings, manifest, minor, template);
}

fn layer_key(findings: &mut Findings<'_>, dotted: &Dotted<'_>, minor: u32, reader: &mut Reader) {
    let path: Vec<String> = dotted.path.iter().map(ToString::to_string).collect();
    let Some(shape) = shape_at(&HUB, &dotted.path) else {
        let message = format!("`{}` is no property of the broker", path.join("."));
        findings.add(Found::warning("manifest/layer-path", &dotted.key_span, message).hint("A layer sets properties.desired.routes.NAME."));
        return;
    };
    if dotted.path.first().is_some_and(|first| *first != "routes") {
        let message = format!("this replaces `{}` of the base", path.join("."));
        findings.add(Found::note("manifest/layer-path", &dotted.key_span, message));
    }
    let mut walk = Walk { findings, minor, path, reader: Some(reader) };
    if let ["routes", name, ..] = dotted.path.as_slice() {
        walk.name(name, &dotted.key_span, &ROUTE_NAME);
    }
    if !dotted.value.is_null() {
        walk.value(dotted.value, shape, &dotted.key_span);
    }
}

/// Tells lives that end before the cleaner comes by.
fn keep(findings: &mut Findings<'_>, section: &Section<'_>) {
    let dotted = section.dotted.iter().find(|dotted| dotted.path == ["storeAndForwardConfiguration", "timeToLiveSecs"]);
    let whole = section.property("storeAndForwardConfiguration").and_then(|entry| entry.value.get("timeToLiveSecs"));
    if let Some(life) = dotted.map(|dotted| dotted.value).or(whole)
        && life.as_i64().is_some_and(|seconds| (0..CLEANER_SECS).contains(&seconds))
    {
        short(findings, life);
    }
}

fn short(findings: &mut Findings<'_>, life: &Node) {
    let message = format!("messages expire before the cleaner runs, every {CLEANER_SECS} seconds: the disk is freed only then");
    findings.add(
        Found::warning("manifest/short-ttl", &life.span, message).hint("Keep them 1800 seconds or longer, or reckon with the disk space."),
    );
}

fn routes(findings: &mut Findings<'_>, manifest: &Manifest<'_>, minor: u32, template: bool) {
    let base = manifest.form() == Form::Base;
    let modules: Vec<&str> = manifest.modules().iter().filter(|entry| !entry.value.is_null()).map(|entry| entry.name).collect();
    let mut written = Vec::new();
    for entry in manifest.routes() {
        if entry.name.trim().is_empty() && minor > 0 {
            findings.add(Found::error("manifest/bad-name", &entry.name_span, "a route needs a name: the broker refuses the configuration"));
        }
        if minor == 0 && entry.value.is_object() {
            findings.add(Found::note("manifest/newer-key", &entry.value.span, "routes as objects came with schemaVersion 1.1"));
        }
        if let Some(life) =
            entry.value.get("timeToLiveSecs").filter(|life| life.as_i64().is_some_and(|life| (1..CLEANER_SECS).contains(&life)))
        {
            short(findings, life);
        }
        let node = if entry.value.is_object() { entry.value.get("route") } else { Some(entry.value) };
        if let Some((node, text)) = node.and_then(|node| node.as_str().map(|text| (node, text))).filter(|(_, text)| !text.trim().is_empty())
        {
            written.push(Written::of(&entry, node, text, template));
        }
    }
    let interface = |name: &str| (name.to_owned(), ModuleInterface::default());
    let context = LintContext { modules: base.then(|| modules.iter().map(|name| interface(name)).collect()) };
    lint_routes(findings, manifest.document, &written, &context);
}

/// A route with the place of its text, and what a placeholder hides of it.
struct Written<'a> {
    node: &'a Node,
    holes: Vec<Range<usize>>,
    route: RouteText,
}

impl<'a> Written<'a> {
    fn of(entry: &Entry<'_>, node: &'a Node, text: &str, template: bool) -> Self {
        let holes = placeholder::in_route(text, template);
        let number = |key: &str| entry.value.get(key).and_then(Node::as_i64).and_then(|number| u32::try_from(number).ok());
        let text = if holes.is_empty() { text.to_owned() } else { placeholder::filled(text, &holes) };
        let (priority, time_to_live_secs) = (number("priority"), number("timeToLiveSecs").unwrap_or_default());
        Self { node, holes, route: RouteText { name: entry.name.to_owned(), text, priority, time_to_live_secs } }
    }

    /// Tells whether what a placeholder will say can take a finding away.
    fn is_open(&self, lint: &Lint) -> bool {
        let touches = self.holes.iter().any(|hole| hole.start < lint.span.end && lint.span.start < hole.end);
        touches || (lint.severity == Severity::Error && !self.holes.is_empty())
    }
}

/// Compiles the routes as the broker does, and looks for their traps.
fn lint_routes(findings: &mut Findings<'_>, document: &Document, written: &[Written<'_>], context: &LintContext) {
    let routes: Vec<RouteText> = written.iter().map(|written| written.route.clone()).collect();
    for lint in lint(&routes, context) {
        let Some(written) = lint.route.and_then(|index| written.get(index)).filter(|written| !written.is_open(&lint)) else { continue };
        let mended = lint.fix.as_ref().is_some_and(|fix| fix.safe).then_some("`edgectl route check --fix` mends it.");
        let hints: Vec<&str> = lint.hint.as_deref().into_iter().chain(mended).collect();
        findings.add(Found {
            code: lint.code,
            severity: lint.severity,
            span: document.span_in_string(written.node, &lint.span),
            message: format!("route `{}`: {}", written.route.name, lint.message),
            hint: hints.join(" "),
        });
    }
}
