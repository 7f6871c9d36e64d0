//! Routes as they stand in files: the solution, a deployment manifest, a template, a layer, or the desired properties of the broker. Each
//! keeps where its text stands, so that what is wrong inside of it is shown, and mended, in the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::route_holes::holes;
use crate::base::finding::{Edit, Finding, Severity};
use crate::base::jsonc::{self, Document, Member, Node};
use crate::base::source::SourceText;
use crate::base::yaml_place::{self, Scalar};
use crate::base::{Diagnose, Result, yaml};
use crate::manifest::document::{AGENT, Form, HUB, Manifest, last_members};
use crate::route::document::{DocumentError, HubDocument};
use crate::route::lint::{LintContext, ModuleInterface, RouteText};
use crate::solution::{Module, ModuleFile, Solution};

/// The routes of one text.
#[derive(Debug)]
pub struct RouteFile {
    /// The text.
    pub source: SourceText,
    /// Its routes in the order of the text.
    pub routes: Vec<RouteText>,
    /// What is known around them.
    pub context: LintContext,
    /// What is wrong with the document around the routes.
    pub findings: Vec<Finding>,
    places: Vec<Place>,
    kind: Kind,
    document: Option<Document>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Json,
    Yaml,
}

/// Where the text of a route stands.
#[derive(Debug)]
enum Place {
    /// The file is the route.
    Whole,
    /// A text of a JSON document.
    Json(Node),
    /// A text of a YAML document.
    Yaml(Scalar),
    /// Somewhere behind this byte.
    Behind(usize),
}

impl RouteFile {
    /// Takes one route that was given as a text.
    pub fn of_text(name: &Path, text: &str) -> Self {
        Self {
            source: SourceText::new(name, text),
            routes: vec![RouteText { text: text.to_owned(), ..RouteText::default() }],
            context: LintContext::default(),
            findings: Vec::new(),
            places: vec![Place::Whole],
            kind: Kind::Text,
            document: None,
        }
    }

    /// Reads a file: YAML is a solution, everything else JSON with comments. `folder` is where the modules of a solution lie.
    ///
    /// # Errors
    /// A text that does not read.
    pub fn read(bytes: &[u8], name: &Path, folder: &Path) -> Result<Self> {
        let yaml =
            name.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml"));
        if yaml { Self::solution(&String::from_utf8_lossy(bytes), name, folder) } else { Self::json(Document::parse(bytes, name)?) }
    }

    fn solution(text: &str, name: &Path, folder: &Path) -> Result<Self> {
        let solution = Solution::parse(text, name)?;
        let starts = yaml_place::routes_of(text);
        let (mut routes, mut places) = (Vec::new(), Vec::new());
        for (route_name, route) in &solution.routes {
            let start = starts.get(route_name).copied().unwrap_or_default();
            let plain = yaml_place::scalar(text, start, &route.route);
            let inner = || yaml_place::value_in_map(text, start, "route").and_then(|at| yaml_place::scalar(text, at, &route.route));
            places.push(plain.or_else(inner).map_or(Place::Behind(start), Place::Yaml));
            routes.push(RouteText {
                name: route_name.clone(),
                text: route.route.clone(),
                priority: route.priority.map(u32::from),
                time_to_live_secs: route.time_to_live.and_then(|life| u32::try_from(life.as_secs()).ok()).unwrap_or_default(),
            });
        }
        let modules = solution.modules.iter().map(|(name, module)| (name.to_string(), interface(module, folder)));
        let context = LintContext { modules: Some(modules.collect()) };
        Ok(Self { source: SourceText::new(name, text), routes, context, findings: Vec::new(), places, kind: Kind::Yaml, document: None })
    }

    fn json(document: Document) -> Result<Self> {
        let hub = Hub::of(&document)?;
        let (mut routes, mut places) = (Vec::new(), Vec::new());
        for (name, node) in &hub.routes {
            let Some((text, inner)) =
                node.as_str().map(|text| (text, *node)).or_else(|| node.get("route").and_then(|inner| Some((inner.as_str()?, inner))))
            else {
                continue;
            };
            if text.trim().is_empty() && hub.skips_blank {
                continue;
            }
            let number = |key: &str| node.get(key).and_then(Node::as_i64).and_then(|number| u32::try_from(number).ok());
            routes.push(RouteText {
                name: (*name).to_owned(),
                text: text.to_owned(),
                priority: number("priority"),
                time_to_live_secs: number("timeToLiveSecs").unwrap_or_default(),
            });
            places.push(Place::Json(inner.clone()));
        }
        let findings = hub.findings(&document);
        let modules = hub.modules.map(|names| names.into_iter().map(|name| (name, ModuleInterface::default())).collect());
        let context = LintContext { modules };
        Ok(Self { routes, context, findings, places, kind: Kind::Json, source: document.source.clone(), document: Some(document) })
    }

    /// Reads a changed text as the file that it came from.
    ///
    /// # Errors
    /// A text that does not read.
    pub fn changed(&self, text: &str) -> Result<Self> {
        let name = &self.source.name;
        match self.kind {
            Kind::Text => Ok(Self::of_text(name, text)),
            Kind::Json | Kind::Yaml => Self::read(text.as_bytes(), name, name.parent().unwrap_or(Path::new("."))),
        }
    }

    /// Tells whether it is a file, and not a route that was given as a text.
    pub fn is_file(&self) -> bool {
        self.kind != Kind::Text
    }

    /// Returns the bytes of the file that hold a part of a route's text.
    pub fn span(&self, route: usize, part: &Range<usize>) -> Range<usize> {
        match self.places.get(route) {
            None | Some(Place::Whole) => part.clone(),
            Some(Place::Behind(at)) => *at..*at,
            Some(Place::Yaml(scalar)) => scalar.part(part),
            Some(Place::Json(node)) => self.document.as_ref().map_or(0..0, |document| document.span_in_string(node, part)),
        }
    }

    /// Returns an edit of a route's text as an edit of the file.
    pub fn edit(&self, route: usize, edit: &Edit) -> Option<Edit> {
        let replacement = match self.places.get(route)? {
            Place::Whole => edit.replacement.clone(),
            Place::Yaml(scalar) => scalar.encoded(&edit.replacement),
            Place::Json(_) => {
                let quoted = Value::String(edit.replacement.clone()).to_string();
                quoted.get(1..quoted.len().saturating_sub(1))?.to_owned()
            }
            Place::Behind(_) => return None,
        };
        Some(Edit::replace(self.span(route, &edit.span), replacement))
    }

    /// Returns the edit that writes a whole route anew, in single quotes, where its own way of writing cannot hold the new text.
    pub fn rewritten(&self, route: usize, text: &str) -> Option<Edit> {
        match self.places.get(route)? {
            Place::Yaml(scalar) if !text.contains('\n') => {
                Some(Edit::replace(scalar.span.clone(), format!("'{}'", text.replace('\'', "''"))))
            }
            _ => None,
        }
    }

    /// Tells whether a text is this file with these texts in the place of routes, by their index, and nothing else changed.
    pub fn is_changed_to(&self, changed: &str, texts: &BTreeMap<usize, String>) -> bool {
        match self.kind {
            Kind::Text => texts.values().next().is_some_and(|text| text == changed),
            Kind::Json => {
                let Some(old) = &self.document else { return false };
                let place = |index: &usize| match self.places.get(*index) {
                    Some(Place::Json(node)) => Some(node.span.start),
                    _ => None,
                };
                let texts = texts.iter().filter_map(|(index, text)| Some((place(index)?, text.as_str()))).collect();
                Document::parse(changed.as_bytes(), &self.source.name).is_ok_and(|new| is_same(&old.root, &new.root, &texts))
            }
            Kind::Yaml => {
                let read = |text: &str| yaml::from_str::<Value>(text, &self.source.name).ok();
                let (Some(mut old), Some(new)) = (read(&self.source.text), read(changed)) else { return false };
                for (index, text) in texts {
                    let name = self.routes.get(*index).map(|route| route.name.as_str()).unwrap_or_default();
                    if let Some(value) = old.get_mut("routes").and_then(|all| all.get_mut(name)) {
                        replace(value, text);
                    }
                }
                old == new
            }
        }
    }
}

fn replace(value: &mut Value, text: &str) {
    match value {
        Value::Object(route) => {
            route.insert("route".to_owned(), text.into());
        }
        other => *other = text.into(),
    }
}

/// Tells whether two documents say the same but for other texts at some places of the first.
fn is_same(old: &Node, new: &Node, texts: &BTreeMap<usize, &str>) -> bool {
    if let Some(text) = texts.get(&old.span.start).filter(|_| old.as_str().is_some()) {
        return new.as_str() == Some(*text);
    }
    match (&old.kind, &new.kind) {
        (jsonc::Kind::Array(old), jsonc::Kind::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new, texts))
        }
        (jsonc::Kind::Object(old), jsonc::Kind::Object(new)) => {
            let same = |(old, new): (&Member, &Member)| old.key == new.key && is_same(&old.value, &new.value, texts);
            old.len() == new.len() && old.iter().zip(new).all(same)
        }
        (old, new) => old == new,
    }
}

/// Returns the part of a span on its first line; carets below a whole document say nothing.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let end = text.get(span.clone()).and_then(|part| part.find('\n')).map_or(span.end, |at| span.start + at);
    span.start..end
}

/// Returns what a module speaks, when its own file says so.
fn interface(module: &Module, folder: &Path) -> ModuleInterface {
    let Some(own) = module.folder() else { return ModuleInterface::default() };
    let Ok(file) = ModuleFile::load(&folder.join(own)) else { return ModuleInterface::default() };
    let said = !(file.interface.inputs.is_empty() && file.interface.outputs.is_empty() && file.interface.methods.is_empty());
    let list = |names: Vec<String>| said.then_some(names);
    ModuleInterface { inputs: list(file.interface.inputs), outputs: list(file.interface.outputs) }
}

/// The broker's part of a JSON document.
struct Hub<'a> {
    /// The whole desired properties; a layer has none.
    desired: Option<&'a Node>,
    routes: Vec<(&'a str, &'a Node)>,
    modules: Option<Vec<String>>,
    faults: Vec<DocumentError>,
    /// Whether a route without a text is none, as it is for schema 1.0.
    skips_blank: bool,
}

impl<'a> Hub<'a> {
    /// Finds it in a manifest, a template or a layer; what is none of these is the desired properties themselves.
    fn of(document: &'a Document) -> Result<Self> {
        let root = &document.root;
        let (desired, routes, modules) = match Manifest::read(document) {
            Ok(manifest) => {
                let names = manifest.modules().iter().filter(|entry| !entry.value.is_null()).map(|entry| entry.name.to_owned()).collect();
                let routes = manifest.routes().iter().map(|entry| (entry.name, entry.value)).collect();
                (manifest.section(HUB).and_then(|hub| hub.whole), routes, (manifest.form() == Form::Base).then_some(names))
            }
            Err(error) => {
                let outer = ["content", "modulesContent", "moduleContent", AGENT, HUB];
                if !root.is_object() || outer.iter().any(|key| root.get(key).is_some()) {
                    return Err(error.into());
                }
                let routes = root.get("routes").map(last_members).unwrap_or_default();
                (Some(root), routes.into_iter().map(|route| (route.key.as_str(), &route.value)).collect(), None)
            }
        };
        let mut hub = Self { desired, routes, modules, faults: Vec::new(), skips_blank: false };
        (hub.faults, hub.skips_blank) = hub.read();
        Ok(hub)
    }

    /// Reads what the broker would read: the desired properties, or for a layer its routes among what every base has. A schema version that
    /// is yet to be filled in may be any.
    fn read(&self) -> (Vec<DocumentError>, bool) {
        let Some(desired) = self.desired else {
            let routes: Map<String, Value> = self.routes.iter().map(|(name, node)| ((*name).to_owned(), node.to_value())).collect();
            let layer = json!({ "schemaVersion": "1.1", "routes": routes, "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 } });
            return (HubDocument::read_all(&layer).faults, false);
        };
        let mut value = desired.to_value();
        if !desired.get("schemaVersion").is_some_and(is_open) {
            let reading = HubDocument::read_all(&value);
            let refused = reading.faults.iter().any(|fault| fault.path.first().is_some_and(|first| first == "schemaVersion"));
            return (reading.faults, !refused && reading.document.minor == 0);
        }
        let mut read = |version: &str| {
            if let Some(members) = value.as_object_mut() {
                members.insert("schemaVersion".to_owned(), version.into());
            }
            HubDocument::read_all(&value).faults
        };
        let (old, new) = (read("1.0"), read("1.1"));
        (new.into_iter().filter(|fault| old.iter().any(|other| other.path == fault.path)).collect(), true)
    }

    /// Returns what is wrong around the routes. A blank route is a finding of its own, and what a placeholder stands for is not known.
    fn findings(&self, document: &Document) -> Vec<Finding> {
        let mut findings = Vec::new();
        let routes: BTreeMap<&str, &Node> = self.routes.iter().copied().collect();
        for fault in self.faults.iter().filter(|fault| fault.route.is_none()) {
            let node = self.node(&routes, &fault.path).unwrap_or(&document.root);
            let blank = |node: &Node| node.as_str().is_some_and(|text| text.trim().is_empty());
            if is_open(node) || (fault.path.len() == 2 && (blank(node) || node.get("route").is_some_and(blank))) {
                continue;
            }
            let finding = Finding::new(fault.code(), Severity::Error, fault.to_string());
            findings.push(finding.at(&document.source, first_line(&document.source.text, &node.span)));
        }
        findings
    }

    fn node(&self, routes: &BTreeMap<&str, &'a Node>, path: &[String]) -> Option<&'a Node> {
        match path {
            [first, name, below @ ..] if first == "routes" => {
                let below: Vec<&str> = below.iter().map(String::as_str).collect();
                routes.get(name.as_str()).map(|route| route.pointer(&below).unwrap_or(route))
            }
            _ => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.desired.map(|desired| desired.pointer(&path).unwrap_or(desired))
            }
        }
    }
}

/// Tells whether a value is a text that is yet to be filled in.
fn is_open(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.starts_with('$') || !holes(text).is_empty())
}
