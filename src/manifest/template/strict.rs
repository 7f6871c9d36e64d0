//! Our own reading of a template: placeholders are replaced inside the texts and keys that were read, so that a value can never change
//! the JSON around it; what cannot be resolved is an error at its place; names that only look like variables stay.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::images::Images;
use super::print::{self, Style};
use super::{Generated, Input, Result, platform_suffix, sections};
use crate::base::finding::{Finding, Severity};
use crate::base::fs;
use crate::base::jsonc::{Document, Kind, Member, Node};
use crate::base::text::nearest;
use crate::manifest::create_options;
use crate::solution::compat::placeholder::{self, Kind as Placeholder};
use crate::solution::compat::{Variables, placeholder::RESERVED};

/// Makes the manifest of a template by our rules.
///
/// # Errors
/// A template that does not read as JSON, with comments and trailing commas allowed.
pub fn generate(input: &Input) -> Result<Generated> {
    let document = Document::parse(&fs::read(&input.template)?, &input.name)?;
    let variables = input.sources.process_first(None);
    let mut images = Images::new(input, &variables);
    let mut expander = Expander::new(&document, &variables, Some(&mut images));
    let mut root = print::deduplicated(expander.node(&document.root));
    let (mut findings, mut used) = (expander.findings, expander.used);
    findings.extend(duplicates(&document));
    let platform = images.platform.clone();
    findings.append(&mut images.findings);
    used.append(&mut images.used);
    let version = shape(&document, &mut root, &mut findings);
    rewrite_create_options(&document, &mut root, &mut findings);
    let file_name = file_name(input, &variables, &version, &platform);
    let folder = input.folder().join(variables.setting("CONFIG_OUTPUT_DIR").unwrap_or("config"));
    let text = print::pretty(&root, Style::Plain) + "\n";
    Ok(Generated { root, text, document, findings, folder, file_name, platform, used })
}

/// Finds keys that are written twice.
fn duplicates(document: &Document) -> impl Iterator<Item = Finding> {
    document.duplicates.iter().map(|duplicate| {
        let message = format!("the key `{}` is there twice; the last one counts", duplicate.key);
        Finding::new("template/duplicate-key", Severity::Warning, message).at(&document.source, duplicate.span.clone())
    })
}

/// Returns the name of the manifest's file.
fn file_name(input: &Input, variables: &Variables, version: &str, platform: &str) -> String {
    match variables.setting("DEPLOYMENT_CONFIG_FILE") {
        Some(name) => name.to_owned(),
        None => format!("{}{}.json", stem(&input.file_name()), platform_suffix(version, platform)),
    }
}

/// Removes `$schema-template`, whose version is returned, and gives `moduleContent` its new name.
fn shape(document: &Document, root: &mut Node, findings: &mut Vec<Finding>) -> String {
    let outside = |node: &Node, findings: &mut Vec<Finding>| {
        if sections::content(node).is_none() {
            let message = "there is no `modulesContent`";
            let finding = Finding::new("template/no-content", Severity::Error, message).at(&document.source, first_byte(node));
            findings.push(finding.hint("A template holds { \"modulesContent\": { \"$edgeAgent\": … } }, inside of `content` or not."));
        }
    };
    outside(root, findings);
    let mut version = String::new();
    let Some(members) = sections::members_mut(root) else { return version };
    members.retain(|member| {
        let marked = member.key == "$schema-template";
        if marked {
            member.value.as_str().unwrap_or_default().clone_into(&mut version);
        }
        !marked
    });
    rename(document, root, findings);
    if let Some(inner) = sections::get_mut(root, "content") {
        rename(document, inner, findings);
    }
    version
}

fn rename(document: &Document, node: &mut Node, findings: &mut Vec<Finding>) {
    if node.get("modulesContent").is_some() {
        return;
    }
    for member in sections::members_mut(node).into_iter().flatten().filter(|member| member.key == "moduleContent") {
        "modulesContent".clone_into(&mut member.key);
        let message = "`moduleContent` is the old name of `modulesContent`, which is written instead";
        findings.push(
            Finding::new("template/module-content", Severity::Warning, message)
                .at(&document.source, member.key_span.clone())
                .hint("Rename it in the template."),
        );
    }
}

/// Joins, checks and splits the create options of every module again.
fn rewrite_create_options(document: &Document, root: &mut Node, findings: &mut Vec<Finding>) {
    sections::each_module(root, |name, module| {
        let Some(settings) = sections::get_mut(module, "settings") else { return };
        if let Err(finding) = rewrite(document, name, settings, findings) {
            findings.push(*finding);
        }
    });
}

fn rewrite(document: &Document, module: &str, settings: &mut Node, findings: &mut Vec<Finding>) -> std::result::Result<(), Box<Finding>> {
    let place = settings.get("createOptions").map_or_else(|| first_byte(settings), |node| node.span.clone());
    let fault = |error: &create_options::CreateOptionsError| {
        use crate::base::Diagnose as _;
        let finding =
            Finding::new(error.code(), Severity::Error, format!("module `{module}`: {error}")).at(&document.source, place.clone());
        Box::new(match error.hints().into_iter().next() {
            Some(hint) => finding.hint(hint),
            None => finding,
        })
    };
    let serde_json::Value::Object(values) = settings.to_value() else { return Ok(()) };
    let joined = create_options::join(&values).map_err(|error| fault(&error))?;
    if joined.keys.is_empty() && joined.stale.is_empty() {
        return Ok(());
    }
    // An object keeps its digits and its order.
    let text = match settings.get("createOptions") {
        Some(node) if node.is_object() => print::compact(&print::deduplicated(node.clone()), Style::Plain),
        _ => joined.text,
    };
    create_options::parse(&text).map_err(|error| fault(&error))?;
    // What only lenient readers take is written for all of them.
    let text = match create_options::lenient(&text).filter(|_| !create_options::is_strict(&text)) {
        Some(read) => print::compact(&print::deduplicated(read.root), Style::Plain),
        None => text,
    };
    let split = create_options::split(&text).map_err(|error| fault(&error))?;
    findings.extend(joined.stale.iter().map(|key| {
        let span = settings.member(key).map_or_else(|| place.clone(), |member| member.key_span.clone());
        let message = format!("module `{module}`: nobody reads `{key}`, as a piece before it is missing; it is left out");
        Finding::new("template/stale-pieces", Severity::Warning, message).at(&document.source, span)
    }));
    let Some(members) = sections::members_mut(settings) else { return Ok(()) };
    let at = members.iter().position(|member| create_options::index_of(&member.key).is_some()).unwrap_or(members.len());
    let pieces = split.pieces.into_iter().filter(|_| !joined.keys.is_empty()).map(|(key, piece)| Member {
        key,
        key_span: place.clone(),
        value: Node { kind: Kind::String(piece), span: place.clone() },
    });
    let pieces: Vec<Member> = pieces.collect();
    members.retain(|member| create_options::index_of(&member.key).is_none());
    members.splice(at..at, pieces);
    Ok(())
}

fn first_byte(node: &Node) -> Range<usize> {
    node.span.start..node.span.end.min(node.span.start + 1)
}

/// Returns the name of a template's file without its ending.
pub(super) fn stem(name: &str) -> &str {
    name.strip_suffix(".template.json")
        .or_else(|| name.strip_suffix(".json"))
        .unwrap_or_else(|| name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

/// Replaces placeholders in a tree.
pub(super) struct Expander<'a, 'b> {
    document: &'a Document,
    variables: &'a Variables,
    /// Images of modules; `None` where no image may stand.
    images: Option<&'a mut Images<'b>>,
    pub findings: Vec<Finding>,
    pub used: BTreeSet<String>,
    path: Vec<String>,
}

/// A text after its placeholders.
struct Resolved {
    text: String,
    /// Variables that were empty.
    empty: Vec<String>,
}

impl<'a, 'b> Expander<'a, 'b> {
    pub fn new(document: &'a Document, variables: &'a Variables, images: Option<&'a mut Images<'b>>) -> Self {
        Self { document, variables, images, findings: Vec::new(), used: BTreeSet::new(), path: Vec::new() }
    }

    /// Returns the tree with its placeholders replaced. Its places stay those of the document.
    pub fn node(&mut self, node: &Node) -> Node {
        let kind = match &node.kind {
            Kind::String(text) => Kind::String(self.value(text, node)),
            Kind::Array(items) => Kind::Array(items.iter().map(|item| self.node(item)).collect()),
            Kind::Object(members) => Kind::Object(self.members(members)),
            scalar => scalar.clone(),
        };
        Node { kind, span: node.span.clone() }
    }

    /// Replaces below an object. Keys that become one only by their placeholders would lose a value without a word.
    fn members(&mut self, members: &[Member]) -> Vec<Member> {
        let mut written: BTreeMap<String, &Member> = BTreeMap::new();
        let mut replaced = Vec::with_capacity(members.len());
        for member in members {
            let done = self.member(member);
            if let Some(other) = written.insert(done.key.clone(), member)
                && other.key != member.key
            {
                let (line, column) = self.document.source.position(other.key_span.start);
                let message = format!("`{}` and `{}` both become the key `{}`", other.key, member.key, done.key);
                let finding = Finding::new("template/same-key", Severity::Error, message);
                self.found(
                    finding.hint(format!("The other stands at {line}:{column}. Give them different values.")),
                    member.key_span.clone(),
                );
            }
            replaced.push(done);
        }
        replaced
    }

    fn member(&mut self, member: &Member) -> Member {
        let as_node = Node { kind: Kind::String(member.key.clone()), span: member.key_span.clone() };
        let key = self.text(&member.key, &as_node).text;
        self.path.push(key.clone());
        let value = self.node(&member.value);
        self.path.pop();
        Member { key, key_span: member.key_span.clone(), value }
    }

    fn value(&mut self, text: &str, node: &Node) -> String {
        let resolved = self.text(text, node);
        let image = self.path.ends_with(&["settings".to_owned(), "image".to_owned()]);
        if image && let Some(name) = resolved.empty.first() {
            let message = format!("the variable `{name}` in this image is empty");
            self.find("template/empty-variable", Severity::Warning, message, node.span.clone());
        }
        resolved.text
    }

    fn text(&mut self, text: &str, node: &Node) -> Resolved {
        let mut resolved = Resolved { text: String::with_capacity(text.len()), empty: Vec::new() };
        let mut done = 0;
        for placeholder in placeholder::scan(text) {
            let span = self.document.span_in_string(node, &placeholder.span);
            let Some(value) = self.resolve(placeholder.kind, &span) else { continue };
            let image = matches!(placeholder.kind, Placeholder::Module(_) | Placeholder::ModuleDir { .. });
            if image && placeholder.span != (0..text.len()) {
                let message = "an image placeholder is only a part of this text; iotedgedev leaves such a one in place";
                self.find("template/partial-image", Severity::Warning, message, span);
            }
            if let (Placeholder::Variable { name, .. }, true) = (placeholder.kind, value.is_empty()) {
                resolved.empty.push(name.to_owned());
            }
            resolved.text.push_str(text.get(done..placeholder.span.start).unwrap_or_default());
            resolved.text.push_str(&value);
            done = placeholder.span.end;
        }
        resolved.text.push_str(text.get(done..).unwrap_or_default());
        resolved
    }

    /// Returns what stands for a placeholder, or `None` when it stays: it is none, or what is wrong with it was found.
    fn resolve(&mut self, kind: Placeholder<'_>, span: &Range<usize>) -> Option<String> {
        match kind {
            Placeholder::Variable { name, braced: false, .. } if self.is_reserved(name) => None,
            Placeholder::Variable { name, default, braced } => self.variable(name, default, braced, span),
            Placeholder::Module(rest) => self.image(span, |images| images.module(rest)),
            Placeholder::ModuleDir { folder, platform } => self.image(span, |images| images.folder(folder, platform)),
            Placeholder::Open => self.bad("`${` without `}`", span),
            Placeholder::Empty => self.bad("`${}` names nothing", span),
            Placeholder::Nested => self.bad("a placeholder stands inside of another; write its default out", span),
            Placeholder::PipelineToken => {
                let message = "this looks like a token that a pipeline replaces; it goes into the manifest as it is";
                self.find("template/pipeline-token", Severity::Warning, message, span.clone());
                None
            }
        }
    }

    /// Tells whether a name without braces is no variable: documents of the hub carry it, or it is a part of a message in a route.
    fn is_reserved(&self, name: &str) -> bool {
        let in_route = || {
            let mut behind_hub = self.path.iter().skip_while(|key| *key != "$edgeHub");
            behind_hub.any(|key| key == "routes" || key.starts_with("properties.desired.routes"))
        };
        RESERVED.contains(&name) || (placeholder::is_system_property(name) && in_route())
    }

    fn variable(&mut self, name: &str, default: Option<&str>, braced: bool, span: &Range<usize>) -> Option<String> {
        let Some(variable) = self.variables.get(name) else {
            if let Some(default) = default {
                return Some(default.to_owned());
            }
            let hint = match nearest(name, self.variables.names()) {
                Some(near) => format!("Did you mean `{near}`? Else set it: in the environment, in .env, or with --set {name}=VALUE."),
                None => format!("Set it: in the environment, in .env, or with --set {name}=VALUE."),
            };
            let written = if braced { format!("${{{name}}}") } else { format!("${name}") };
            let message = format!("the variable of `{written}` is not set");
            self.found(Finding::new("template/undefined-variable", Severity::Error, message).hint(hint), span.clone());
            return None;
        };
        self.used.insert(name.to_owned());
        if let Some(missing) = variable.missing.first() {
            let message = format!("the value of `{name}` ({}) names `{missing}`, which is not set", variable.origin);
            self.find("template/undefined-variable", Severity::Error, message, span.clone());
            return None;
        }
        if variable.value.is_empty() && default.is_some() { default.map(str::to_owned) } else { Some(variable.value.clone()) }
    }

    fn image(
        &mut self,
        span: &Range<usize>,
        find: impl FnOnce(&mut Images<'b>) -> std::result::Result<String, Box<Finding>>,
    ) -> Option<String> {
        let found = match self.images.as_deref_mut() {
            Some(images) => find(images),
            None => Err(Box::new(Finding::new("template/bad-placeholder", Severity::Error, "no image of a module may stand here"))),
        };
        match found {
            Ok(image) => Some(image),
            Err(finding) => {
                self.found(*finding, span.clone());
                None
            }
        }
    }

    /// Tells a placeholder that nothing can stand for.
    fn bad(&mut self, message: &str, span: &Range<usize>) -> Option<String> {
        self.find("template/bad-placeholder", Severity::Error, message, span.clone());
        None
    }

    fn find(&mut self, code: &'static str, severity: Severity, message: impl Into<String>, span: Range<usize>) {
        self.found(Finding::new(code, severity, message), span);
    }

    fn found(&mut self, finding: Finding, span: Range<usize>) {
        self.findings.push(finding.at(&self.document.source, span));
    }
}
