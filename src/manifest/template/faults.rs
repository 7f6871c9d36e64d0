//! What the tools of others leave in a manifest, or replace although nobody means it: found and told.

use std::ops::Range;

use super::Mode;
use super::number;
use crate::base::finding::{Finding, Severity};
use crate::base::jsonc::{Kind, Node};
use crate::base::source::SourceText;
use crate::solution::compat::placeholder::{self, Kind as Placeholder, RESERVED};

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A key.
    Key(String),
    /// A place in a list.
    Item(usize),
}

/// Leads from a path of the manifest, and the bytes of the text that was read, to the template.
pub(super) type Place<'a> = dyn Fn(&[Step], &Range<usize>) -> Range<usize> + 'a;

/// Finds placeholders that are left in a manifest.
pub(super) struct Leftovers<'a> {
    pub mode: Mode,
    pub source: &'a SourceText,
    /// Returns the place in the template of what stands at a path of the manifest and in these bytes of the text that was read.
    pub place: &'a Place<'a>,
}

impl Leftovers<'_> {
    /// Looks through a manifest.
    pub fn find(&self, root: &Node, findings: &mut Vec<Finding>) {
        self.node(root, &mut Vec::new(), findings);
    }

    fn node(&self, node: &Node, path: &mut Vec<Step>, findings: &mut Vec<Finding>) {
        match &node.kind {
            Kind::String(text) => self.text(text, &node.span, path, findings),
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Item(index));
                    self.node(item, path, findings);
                    path.pop();
                }
            }
            Kind::Object(members) => {
                for member in members {
                    self.text(&member.key, &member.key_span, path, findings);
                    path.push(Step::Key(member.key.clone()));
                    self.node(&member.value, path, findings);
                    path.pop();
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
        }
    }

    fn text(&self, text: &str, span: &Range<usize>, path: &[Step], findings: &mut Vec<Finding>) {
        for placeholder in placeholder::scan(text) {
            let written = text.get(placeholder.span.clone()).unwrap_or_default();
            let (code, message, hint) = match placeholder.kind {
                Placeholder::Variable { name, braced: false, .. } if RESERVED.contains(&name) => continue,
                Placeholder::Variable { name, braced: false, .. } if placeholder::is_system_property(name) && in_route(path) => continue,
                Placeholder::Variable { name, default: Some(_), .. } => (
                    "template/unresolved",
                    format!("`{written}` stays in the manifest"),
                    format!("Set {name}; only without --compat a default counts."),
                ),
                Placeholder::Variable { name, .. } => {
                    ("template/unresolved", format!("`{written}` stays in the manifest"), self.unset(name))
                }
                Placeholder::Module(_) | Placeholder::ModuleDir { .. } => {
                    ("template/unresolved", format!("`{written}` stays in the manifest"), self.no_image(path).to_owned())
                }
                Placeholder::Open | Placeholder::Empty | Placeholder::Nested => {
                    ("template/bad-placeholder", format!("`{written}` stays in the manifest"), "Names stand between ${ and }.".to_owned())
                }
                Placeholder::PipelineToken => (
                    "template/pipeline-token",
                    format!("`{written}` goes into the manifest as it is"),
                    "A pipeline must replace it before.".to_owned(),
                ),
            };
            findings.push(Finding::new(code, Severity::Warning, message).at(self.source, (self.place)(path, span)).hint(hint));
        }
    }

    fn unset(&self, name: &str) -> String {
        match self.mode {
            Mode::Vscode => format!("Set {name} to something that is not empty."),
            _ => format!("Set {name}."),
        }
    }

    fn no_image(&self, path: &[Step]) -> &'static str {
        let user =
            path.iter().any(|step| matches!(step, Step::Key(key) if key == "modules" || key.starts_with("properties.desired.modules")));
        let image = path.ends_with(&[Step::Key("settings".to_owned()), Step::Key("image".to_owned())]);
        match self.mode {
            Mode::Vscode => "There is no such module folder or platform; and the extension reads to the last } of the line.",
            _ if user && image => "There is no such module folder or platform, or the placeholder is only a part of the text.",
            _ => "iotedgedev replaces images of user modules only.",
        }
    }
}

/// Finds numbers that get another value when a tool prints them; `place` leads from the text that was read to the template.
pub(super) fn numbers(
    mode: Mode,
    node: &Node,
    source: &SourceText,
    place: &dyn Fn(&Range<usize>) -> Range<usize>,
    findings: &mut Vec<Finding>,
) {
    match &node.kind {
        Kind::Array(items) => items.iter().for_each(|item| numbers(mode, item, source, place, findings)),
        Kind::Object(members) => members.iter().for_each(|member| numbers(mode, &member.value, source, place, findings)),
        Kind::Number(digits) => {
            let written = if mode == Mode::Vscode { number::javascript(digits) } else { number::python(digits) };
            let lost = if mode == Mode::Vscode { number::loses_value(digits) } else { written.ends_with("Infinity") };
            if lost {
                let message = format!("the number {digits} becomes {written}");
                findings.push(Finding::new("template/number-changed", Severity::Warning, message).at(source, place(&node.span)));
            }
        }
        _ => {}
    }
}

/// Tells whether a path leads to a route.
fn in_route(path: &[Step]) -> bool {
    let mut behind_hub = path.iter().skip_while(|step| **step != Step::Key("$edgeHub".to_owned()));
    behind_hub.any(|step| matches!(step, Step::Key(key) if key == "routes" || key.starts_with("properties.desired.routes")))
}

/// Returns a finding for a replaced name that is no variable where it stands; its place is to be set.
pub(super) fn reserved(name: &str, braced: bool) -> Option<Finding> {
    if braced || !(RESERVED.contains(&name) || placeholder::is_system_property(name)) {
        return None;
    }
    let message = format!("`${name}` is a name of the hub, and was replaced as there is a variable `{name}`");
    Some(
        Finding::new("template/reserved-name", Severity::Warning, message)
            .hint(format!("Unset {name}, or leave out --compat: then it stays.")),
    )
}

/// How a placeholder of a folder begins.
pub(super) const MODULE_DIR: &str = "${MODULEDIR<";

/// Returns the folder of the first `${MODULEDIR<folder>…}` of a text, read greedily: up to the last `>` that a brace or a dot, anything
/// and a brace follow on the line.
pub(super) fn module_dir(text: &str) -> Option<&str> {
    text.split('\n').find_map(|line| {
        let end = last_closing(line)?;
        let start = line.find(MODULE_DIR)? + MODULE_DIR.len();
        line.get(start..end).filter(|folder| !folder.is_empty())
    })
}

/// Returns where the last `>` of a line stands that ends the folder of a placeholder.
pub(super) fn last_closing(line: &str) -> Option<usize> {
    let brace = line.rfind('}')?;
    let closes = |at: &usize| match line.as_bytes().get(at + 1) {
        Some(b'}') => true,
        Some(b'.') => brace > at + 2,
        _ => false,
    };
    line.rmatch_indices('>').map(|(at, _)| at).find(closes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_greedily() {
        for (text, folder) in [
            ("${MODULEDIR<../a>}", Some("../a")),
            ("x ${MODULEDIR<a>.amd64} y", Some("a")),
            ("${MODULEDIR<a>b>.amd64}", Some("a>b")),
            ("${MODULEDIR<a> ${MODULEDIR<b>}", Some("a> ${MODULEDIR<b")),
            ("${MODULEDIR<>}", None),
            ("${MODULEDIR<a>.}", None),
            ("${MODULEDIR<a>", None),
            ("${MODULES.a}", None),
        ] {
            assert_eq!(module_dir(text), folder, "{text}");
        }
    }
}
