//! What the broker's own reader says of its section: it decides what is an error. The tables say more, but never against it.

use serde_json::{Map, Value, json};

use super::findings::{Findings, Found};
use super::placeholder;
use crate::base::jsonc::{Kind, Node};
use crate::base::{Diagnose as _, Severity};
use crate::manifest::document::Section;
use crate::route::document::{DocumentError, HubDocument};

/// What the reader refuses, and which of it was told already.
pub(super) struct Reader {
    faults: Vec<(DocumentError, bool)>,
}

impl Reader {
    /// Reads a section as the broker does, placeholders taken for what would be good in their places. Faults inside the texts of routes
    /// are left to those who look into them.
    pub fn read(section: &Section<'_>) -> Self {
        let whole = section.whole.filter(|whole| !whole.is_null());
        if whole.is_none() && section.dotted.is_empty() {
            return Self { faults: Vec::new() };
        }
        // A layer is read upon a base that is good.
        let base = || json!({"schemaVersion": "1.3", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}});
        let mut desired = whole.map_or_else(base, |whole| filled("", whole));
        for dotted in section.dotted.iter().filter(|dotted| !dotted.value.is_null()) {
            let value = filled(dotted.path.last().copied().unwrap_or_default(), dotted.value);
            put(&mut desired, &dotted.path, value);
        }
        let faults = HubDocument::read_all(&desired).faults.into_iter().filter(|fault| fault.route.is_none());
        Self { faults: faults.map(|fault| (fault, false)).collect() }
    }

    /// Takes note that what is wrong at a path was told.
    pub fn told(&mut self, path: &[String]) -> bool {
        let mut any = false;
        for (_, told) in self.faults.iter_mut().filter(|(fault, _)| is_one_way(&fault.path, path)) {
            (*told, any) = (true, true);
        }
        any
    }

    /// Returns an error of a table as one when the reader refuses the place too, else as a warning.
    pub fn judge(&mut self, path: &[String], found: Found) -> Found {
        if found.severity != Severity::Error || self.told(path) { found } else { Found { severity: Severity::Warning, ..found } }
    }

    /// Tells what the reader refuses and nobody told.
    pub fn finish(self, findings: &mut Findings<'_>, section: &Section<'_>) {
        for (fault, _) in self.faults.iter().filter(|(_, told)| !told) {
            let hint = "The broker refuses the whole configuration.";
            findings.add(Found::error(fault.code(), &place(section, &fault.path), fault.to_string()).hint(hint));
        }
    }
}

/// Tells whether one of two paths leads to the other; the broker reads keys whatever their case.
fn is_one_way(left: &[String], right: &[String]) -> bool {
    left.iter().zip(right).all(|(left, right)| left.eq_ignore_ascii_case(right))
}

/// Returns a value for the reader, with something good for each text that has a placeholder.
fn filled(key: &str, node: &Node) -> Value {
    match &node.kind {
        Kind::String(text) if placeholder::is_in(text) => Value::from(if key == "schemaVersion" { "1.3" } else { "1" }),
        Kind::Array(items) => items.iter().map(|item| filled("", item)).collect(),
        Kind::Object(members) => {
            let members = members.iter().map(|member| (member.key.clone(), filled(&member.key, &member.value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => node.to_value(),
    }
}

fn put(value: &mut Value, path: &[&str], what: Value) {
    let Some((first, rest)) = path.split_first() else {
        *value = what;
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    if let Some(members) = value.as_object_mut() {
        put(members.entry(*first).or_insert(Value::Null), rest, what);
    }
}

/// Returns the nearest place that is there on the way to a path.
fn place(section: &Section<'_>, path: &[String]) -> std::ops::Range<usize> {
    let below =
        section.dotted.iter().rev().find(|dotted| path.len() >= dotted.path.len() && dotted.path.iter().zip(path).all(|(a, b)| a == b));
    let (mut node, mut span, rest) = match (below, section.whole) {
        (Some(dotted), _) => (dotted.value, dotted.key_span.clone(), path.get(dotted.path.len()..).unwrap_or_default()),
        (None, Some(whole)) => (whole, section.name_span.clone(), path),
        (None, None) => return section.name_span.clone(),
    };
    for key in rest {
        let caseless = || node.members().iter().find(|member| member.key.eq_ignore_ascii_case(key));
        let Some(member) = node.member(key).or_else(caseless) else { break };
        (node, span) = (&member.value, member.value.span.clone());
    }
    span
}
