//! Checks: a deployment manifest, template or layer as the device reads it ([`manifest`]), and a solution before a manifest is written
//! from it ([`solution`]).
//!
//! What the device's code refuses is an error. What it accepts and the usual tools or the hub refuse is a warning, never more.

mod agent;
mod findings;
mod hub;
mod image;
mod options;
mod placeholder;
mod ports;
mod reader;
mod shape;
pub mod solution;
#[cfg(test)]
mod tests;
mod twin;
mod version;

use std::ops::Range;
use std::path::Path;

use findings::{Findings, Found};
pub use solution::{Source, check, faults, modules_of};

use super::document::{AGENT, Form, HUB, Manifest, Section};
use super::secrets;
use crate::base::finding::Finding;
use crate::base::jsonc::{Document, Kind, Node};

/// What is known of a document besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A template when it looks like one.
    Unknown,
    /// A manifest in which nothing is left to be filled in, whatever its name.
    Finished,
}

/// Checks the manifest in a document and returns everything that was found, in the order of the text.
pub fn manifest(document: &Document) -> Vec<Finding> {
    of_stage(document, Stage::Unknown)
}

/// Checks a manifest that was made of a template, in which a placeholder that is left is an error. Its places are those of the template.
pub fn finished(document: &Document) -> Vec<Finding> {
    of_stage(document, Stage::Finished)
}

fn of_stage(document: &Document, stage: Stage) -> Vec<Finding> {
    let template = stage == Stage::Unknown && is_template(document);
    let mut findings = Findings::new(&document.source);
    findings.hide(&passwords(&document.root));
    for twice in &document.duplicates {
        let message = format!("`{}` stands in this object more than once", twice.key);
        findings.add(Found::warning("manifest/duplicate-key", &twice.span, message).hint("The last one counts; remove the others."));
    }
    let manifest = match Manifest::read(document) {
        Ok(manifest) => manifest,
        Err(error) => {
            let span = error.finding.span.clone().unwrap_or_default();
            findings.add_at(*error.finding, span);
            return findings.finish();
        }
    };
    envelope(&mut findings, &manifest);
    match stage {
        Stage::Unknown => placeholders(&mut findings, &manifest, template),
        Stage::Finished => leftovers(&mut findings, &manifest.envelope.contents.value),
    }
    if let Some(section) = manifest.section(AGENT) {
        agent::check(&mut findings, &manifest, section);
    }
    if let Some(section) = manifest.section(HUB) {
        hub::check(&mut findings, &manifest, section, template);
    }
    let known: Vec<&str> = manifest.modules().iter().map(|entry| entry.name).collect();
    for section in &manifest.sections {
        twin::check(&mut findings, section);
        owner(&mut findings, &manifest, section, &known);
    }
    findings.finish()
}

/// Returns what stands between the quotes of passwords, in the order of the text.
fn passwords(root: &Node) -> Vec<Range<usize>> {
    let given = secrets::passwords(root).into_iter().map(|member| &member.value);
    let clear = given.filter(|value| !value.as_str().is_some_and(placeholder::is_in));
    clear.map(|value| value.span.start + 1..value.span.end.saturating_sub(1).max(value.span.start + 1)).collect()
}

/// Checks what surrounds the sections, and which of them are there.
fn envelope(findings: &mut Findings<'_>, manifest: &Manifest<'_>) {
    let contents = manifest.envelope.contents;
    if contents.key == "moduleContent" {
        let found = Found::warning("manifest/old-envelope", &contents.key_span, "`moduleContent` is the name of old files");
        findings.add(found.hint("Write `modulesContent`."));
    }
    for kind in ["deviceContent", "moduleContent", "modulesContent"].into_iter().filter(|kind| *kind != contents.key) {
        if let Some(other) = manifest.envelope.holder.member(kind) {
            let message = format!("the hub refuses `{}` beside `{kind}`", contents.key);
            findings.add(Found::warning("manifest/mixed-content", &other.key_span, message));
        }
    }
    let agent = manifest.section(AGENT);
    if manifest.form() == Form::Layer {
        let span = agent.map_or(&contents.key_span, |agent| &agent.name_span);
        findings.add(Found::note(
            "manifest/needs-base",
            span,
            format!("a layer, since {}: it needs a base below it", manifest.form_reason()),
        ));
        if agent.is_none() {
            let found = Found::warning("manifest/no-agent-section", &contents.key_span, "the hub refuses a layer without `$edgeAgent`");
            findings.add(found.hint("Write \"$edgeAgent\": {}."));
        }
        return;
    }
    if manifest.section(HUB).is_none() {
        let found = Found::warning(
            "manifest/no-hub-section",
            &contents.key_span,
            "there is no `$edgeHub`: the broker keeps the routes that it has",
        );
        findings.add(found.hint("Write `$edgeHub` with schemaVersion, routes and storeAndForwardConfiguration."));
    }
    for section in manifest.sections.iter().filter(|section| !section.dotted.is_empty()) {
        let Some(dotted) = section.dotted.first() else { continue };
        let message = format!("a base, since {}, with a key below the properties of `{}`", manifest.form_reason(), section.name);
        findings.add(Found::warning("manifest/mixed-form", &dotted.key_span, message).hint("Write it inside `properties.desired`."));
    }
}

/// Tells twins of modules that a base does not have.
fn owner(findings: &mut Findings<'_>, manifest: &Manifest<'_>, section: &Section<'_>, known: &[&str]) {
    if section.name.starts_with('$') {
        if !matches!(section.name, AGENT | HUB) && !placeholder::is_in(section.name) {
            let message = format!("`{}` is neither `$edgeAgent` nor `$edgeHub`", section.name);
            findings.add(Found::warning("manifest/unknown-module", &section.name_span, message));
        }
        return;
    }
    if manifest.form() == Form::Layer || known.contains(&section.name) || placeholder::is_in(section.name) {
        return;
    }
    let message = format!("there is no module `{}` that these properties could be for", section.name);
    let found = Found::warning("manifest/unknown-module", &section.name_span, message);
    let near = crate::base::text::nearest(section.name, known.iter().copied());
    findings.add(match near {
        Some(near) => found.hint(format!("Did you mean `{near}`?")),
        None => found,
    });
}

/// Tells placeholders: those of a template once, any that a finished manifest still has, and tokens of build pipelines.
fn placeholders(findings: &mut Findings<'_>, manifest: &Manifest<'_>, template: bool) {
    let document = manifest.document;
    let mut seen = Vec::new();
    collect(document, &manifest.envelope.contents.value, false, &mut seen);
    let expanded: Vec<&(Range<usize>, placeholder::Kind)> = seen.iter().filter(|(_, kind)| *kind != placeholder::Kind::Token).collect();
    if template && let Some((first, _)) = expanded.first() {
        let message = format!(
            "a template: {} to be filled in, each taken for any text here",
            crate::base::text::count(expanded.len(), "placeholder")
        );
        findings.add(Found::note("manifest/template", first, message));
    }
    for (span, kind) in &seen {
        let text = document.source.text.get(span.clone()).unwrap_or_default();
        if *kind == placeholder::Kind::Token {
            let message = format!("`{text}` looks like a token of a build pipeline; no tool of the edge replaces it");
            findings.add(Found::warning("manifest/pipeline-token", span, message));
        } else if !template {
            let found = Found::warning("manifest/placeholder", span, format!("`{text}` was not replaced"));
            findings.add(found.hint("Generate the manifest from its template with this variable set."));
        }
    }
}

/// Tells references that values brought into a finished manifest; passwords may look like anything.
fn leftovers(findings: &mut Findings<'_>, node: &Node) {
    node.items().iter().for_each(|item| leftovers(findings, item));
    for member in node.members() {
        leftover(findings, &member.key, &member.key_span);
        if !secrets::is_password(member) {
            leftovers(findings, &member.value);
        }
    }
    if let Some(text) = node.as_str() {
        leftover(findings, text, &node.span);
    }
}

fn leftover(findings: &mut Findings<'_>, text: &str, span: &Range<usize>) {
    for (part, _) in placeholder::find(text).filter(|(_, kind)| *kind == placeholder::Kind::Braced) {
        let written = text.get(part).unwrap_or_default();
        let found = Found::error("manifest/placeholder", span, format!("`{written}` is left in the finished manifest"));
        findings.add(found.hint("The value of a variable is not looked into again: write in it what shall stand in the manifest."));
    }
}

/// Tells whether a document is to be filled in: by its name, its template schema, or a placeholder for an image of the solution.
fn is_template(document: &Document) -> bool {
    let name = document.source.name.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.contains(".template.")
        || document.root.get("$schema-template").is_some()
        || ["${MODULES.", "${MODULEDIR<"].iter().any(|mark| document.source.text.contains(mark))
}

/// Most placeholders of a document that are looked at.
const MOST_PLACEHOLDERS: usize = 1000;

/// Collects the placeholders of all texts and keys below a value. In routes and create options a bare `$NAME` means something else.
fn collect(document: &Document, node: &Node, bare_is_text: bool, seen: &mut Vec<(Range<usize>, placeholder::Kind)>) {
    if seen.len() >= MOST_PLACEHOLDERS {
        return;
    }
    match &node.kind {
        Kind::String(text) => {
            for (span, kind) in placeholder::find(text).take(MOST_PLACEHOLDERS) {
                if !(bare_is_text && kind == placeholder::Kind::Bare) {
                    seen.push((document.span_in_string(node, &span), kind));
                }
            }
        }
        Kind::Array(items) => items.iter().for_each(|item| collect(document, item, bare_is_text, seen)),
        Kind::Object(members) => {
            for member in members {
                let first = placeholder::find(&member.key).next();
                seen.extend(first.map(|(_, kind)| (member.key_span.clone(), kind)));
                let free = member.key.contains("routes") || member.key.starts_with("createOptions");
                collect(document, &member.value, bare_is_text || free, seen);
            }
        }
        _ => {}
    }
}

/// Tells whether a file is one of the solution's own kind, not a manifest.
pub fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml"))
}
