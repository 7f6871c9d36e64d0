//! Limits of the hub for desired properties: size, depth, keys, values (Microsoft Learn, "Understand and use device twins", limits).

use super::findings::{Findings, Found};
use super::placeholder;
use crate::base::jsonc::{Kind, Member, Node};
use crate::manifest::document::Section;
use crate::manifest::limits::{SECTION_BYTES as MOST_BYTES, TEXT_BYTES as MOST_TEXT};

/// Most objects inside one another.
const MOST_DEPTH: usize = 10;
/// Most bytes of a key.
const MOST_KEY: usize = 1024;

/// Checks a section of a module: its desired properties as the hub will hold them.
pub(super) fn check(findings: &mut Findings<'_>, section: &Section<'_>) {
    let values = section.whole.into_iter().chain(section.dotted.iter().map(|dotted| dotted.value));
    let bytes: usize = values.clone().map(size).sum();
    if bytes > MOST_BYTES {
        let message = format!("the desired properties of `{}` have {bytes} bytes, and the hub takes {MOST_BYTES}", section.name);
        findings.add(Found::warning("manifest/twin-too-large", &section.name_span, message));
    }
    for member in &section.others {
        let message = format!("`{}` of `{}` is neither `properties.desired` nor a key below it", member.key, section.name);
        findings.add(Found::warning("manifest/unknown-key", &member.key_span, message));
    }
    if section.name.starts_with('$') {
        return;
    }
    if let Some(whole) = section.whole.filter(|whole| !whole.is_object() && !whole.is_null()) {
        let message = format!("the desired properties of `{}` are {}, not an object", section.name, whole.noun());
        findings.add(Found::error("manifest/wrong-type", &whole.span, message));
    }
    for dotted in &section.dotted {
        if let Some(bad) = dotted.path.iter().find(|name| !is_key(name)) {
            let message = format!("the hub refuses the name `{}` in this path", bad.escape_debug());
            findings.add(Found::warning("manifest/bad-key", &dotted.key_span, message).hint(KEY_RULE));
        }
    }
    values.for_each(|value| walk(findings, value, 1));
}

const KEY_RULE: &str = "Keys take no `.`, `$`, `#`, blank or control character, and at most 1024 bytes.";

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= MOST_KEY && !key.contains(|c: char| matches!(c, '.' | '$' | '#') || c.is_whitespace() || c.is_control())
}

fn walk(findings: &mut Findings<'_>, node: &Node, depth: usize) {
    if depth > MOST_DEPTH && matches!(node.kind, Kind::Object(_)) {
        let start = node.span.start;
        let message = format!("the hub takes {MOST_DEPTH} objects inside one another, this is one more");
        findings.add(Found::warning("manifest/twin-too-deep", &(start..start + 1), message));
        return;
    }
    match &node.kind {
        Kind::String(text) if text.len() > MOST_TEXT => {
            let message = format!("this text has {} bytes, and the hub takes {MOST_TEXT}", text.len());
            findings.add(Found::warning("manifest/value-too-long", &node.span, message));
        }
        Kind::Array(items) => items.iter().for_each(|item| walk(findings, item, depth + 1)),
        Kind::Object(members) => members.iter().for_each(|member| member_in(findings, member, depth)),
        _ => {}
    }
}

fn member_in(findings: &mut Findings<'_>, member: &Member, depth: usize) {
    if !is_key(&member.key) && !placeholder::is_in(&member.key) {
        let message = format!("the hub refuses the name `{}`", member.key.escape_debug());
        findings.add(Found::warning("manifest/bad-key", &member.key_span, message).hint(KEY_RULE));
    }
    walk(findings, &member.value, depth + 1);
}

/// Returns the bytes of a value as compact JSON, roughly: escapes count as what they stand for.
fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Null => 4,
        Kind::Bool(value) => 5 - usize::from(*value),
        Kind::Number(digits) => digits.len(),
        Kind::String(text) => text.len() + 2,
        Kind::Array(items) => 2 + items.len().saturating_sub(1) + items.iter().map(size).sum::<usize>(),
        Kind::Object(members) => {
            2 + members.len().saturating_sub(1) + members.iter().map(|member| member.key.len() + 3 + size(&member.value)).sum::<usize>()
        }
    }
}
