//! Routes as they stand in files: the solution, a deployment manifest, a template, a layer, or the desired properties of the broker. Each
//! keeps where its text stands, so that what is wrong inside of it is shown, and mended, in the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::base::finding::{Edit, Finding, Severity};
use crate::base::jsonc::{Document, Member, Node};
use crate::base::source::SourceText;
use crate::base::yaml_place::{self, Scalar};
use crate::base::{Diagnose, Result, yaml};
use crate::route::document::HubDocument;
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
        if yaml { Self::solution(&String::from_utf8_lossy(bytes), name, folder) } else { Ok(Self::json(Document::parse(bytes, name)?)) }
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

    fn json(document: Document) -> Self {
        let hub = Hub::of(&document.root);
        let mut findings = Vec::new();
        for fault in HubDocument::read_all(&hub.desired()).faults.into_iter().filter(|fault| fault.route.is_none()) {
            let node = hub.node(&fault.path).unwrap_or(&document.root);
            let finding = Finding::new(fault.code(), Severity::Error, fault.to_string());
            findings.push(finding.at(&document.source, first_line(&document.source.text, &node.span)));
        }
        let (mut routes, mut places) = (Vec::new(), Vec::new());
        for (name, node) in &hub.routes {
            let Some((text, node)) =
                node.as_str().map(|text| (text, *node)).or_else(|| node.get("route").and_then(|inner| Some((inner.as_str()?, inner))))
            else {
                continue;
            };
            let number = |key: &str| {
                hub.route(name).and_then(|route| route.get(key)).and_then(Node::as_i64).and_then(|number| u32::try_from(number).ok())
            };
            routes.push(RouteText {
                name: name.clone(),
                text: text.to_owned(),
                priority: number("priority"),
                time_to_live_secs: number("timeToLiveSecs").unwrap_or_default(),
            });
            places.push(Place::Json(node.clone()));
        }
        let context =
            LintContext { modules: hub.modules.map(|names| names.into_iter().map(|name| (name, ModuleInterface::default())).collect()) };
        Self { routes, context, findings, places, kind: Kind::Json, source: document.source.clone(), document: Some(document) }
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

    /// Tells whether a text is this file with these routes in the place of its own, and nothing else changed.
    pub fn is_changed_to(&self, changed: &str, routes: &BTreeMap<String, String>) -> bool {
        match self.kind {
            Kind::Text => routes.values().next().is_some_and(|text| text == changed),
            Kind::Json => {
                let read = |text: &str| Document::parse(text.as_bytes(), &self.source.name).ok();
                let (Some(old), Some(new)) = (read(&self.source.text), read(changed)) else { return false };
                with_routes(old.to_value(), &Hub::of(&old.root), routes) == new.to_value()
            }
            Kind::Yaml => {
                let read = |text: &str| yaml::from_str::<Value>(text, &self.source.name).ok();
                let (Some(mut old), Some(new)) = (read(&self.source.text), read(changed)) else { return false };
                for (name, text) in routes {
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

/// Returns a document with other texts of routes.
fn with_routes(mut document: Value, hub: &Hub<'_>, routes: &BTreeMap<String, String>) -> Value {
    for (name, text) in routes {
        let Some(pointer) = hub.pointers.get(name) else { continue };
        let found = pointer.iter().try_fold(&mut document, |value, key| value.get_mut(key.as_str()));
        if let Some(value) = found {
            replace(value, text);
        }
    }
    document
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
    desired: Option<&'a Node>,
    routes: Vec<(String, &'a Node)>,
    pointers: BTreeMap<String, Vec<String>>,
    modules: Option<Vec<String>>,
}

const DESIRED: &str = "properties.desired";

impl<'a> Hub<'a> {
    fn of(root: &'a Node) -> Self {
        let contents: [&[&str]; 5] =
            [&["content", "modulesContent"], &["modulesContent"], &["content", "moduleContent"], &["moduleContent"], &[]];
        let content = contents.into_iter().find_map(|path| Some((path, root.pointer(path).filter(|node| node.get("$edgeHub").is_some())?)));
        let mut hub = Self { desired: None, routes: Vec::new(), pointers: BTreeMap::new(), modules: None };
        let Some((path, content)) = content else {
            hub.desired = Some(root);
            hub.take("routes", root.get("routes"), &[]);
            return hub;
        };
        let path: Vec<&str> = path.iter().copied().chain(["$edgeHub"]).collect();
        for member in content.get("$edgeHub").map(Node::members).unwrap_or_default() {
            hub.section(member, &path);
        }
        hub.modules = content
            .pointer(&["$edgeAgent", DESIRED, "modules"])
            .map(|modules| modules.members().iter().map(|module| module.key.clone()).collect());
        hub
    }

    /// Takes a member of the broker's section: the whole of its desired properties, all routes, or one.
    fn section(&mut self, member: &'a Member, path: &[&str]) {
        match member.key.strip_prefix(DESIRED) {
            Some("") => {
                self.desired = Some(&member.value);
                self.take("routes", member.value.get("routes"), &[path, &[DESIRED]].concat());
            }
            Some(".routes") => self.take(&member.key, Some(&member.value), path),
            Some(rest) => {
                if let Some(name) = rest.strip_prefix(".routes.") {
                    self.routes.push((name.to_owned(), &member.value));
                    self.pointers.insert(name.to_owned(), owned(path, &[&member.key]));
                }
            }
            None => {}
        }
    }

    fn take(&mut self, key: &str, routes: Option<&'a Node>, path: &[&str]) {
        for route in routes.map(Node::members).unwrap_or_default() {
            self.routes.push((route.key.clone(), &route.value));
            self.pointers.insert(route.key.clone(), owned(path, &[key, &route.key]));
        }
    }

    /// Returns what the broker would read: the desired properties, or for a layer its routes among what every base has.
    fn desired(&self) -> Value {
        if let Some(desired) = self.desired {
            return desired.to_value();
        }
        let routes: Map<String, Value> = self.routes.iter().map(|(name, node)| (name.clone(), node.to_value())).collect();
        json!({ "schemaVersion": "1.1", "routes": routes, "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 } })
    }

    fn route(&self, name: &str) -> Option<&'a Node> {
        self.routes.iter().rev().find(|(key, _)| key == name).map(|(_, node)| *node)
    }

    fn node(&self, path: &[String]) -> Option<&'a Node> {
        match path {
            [routes, name, below @ ..] if routes == "routes" => {
                let below: Vec<&str> = below.iter().map(String::as_str).collect();
                self.route(name).map(|route| route.pointer(&below).unwrap_or(route))
            }
            _ => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.desired.map(|desired| desired.pointer(&path).unwrap_or(desired))
            }
        }
    }
}

fn owned(path: &[&str], keys: &[&str]) -> Vec<String> {
    path.iter().chain(keys).map(|key| (*key).to_owned()).collect()
}
