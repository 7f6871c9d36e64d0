//! Reads a deployment manifest, a template or a layer with the place of every part: the envelope, the section of each module, its whole
//! desired properties and the keys below them (Microsoft Learn, IoT Edge deployment manifest, layered deployments).
//!
//! Nothing is judged here but the envelope; what stands inside is for [`super::check`].

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::base::finding::{Finding, Severity};
use crate::base::jsonc::{Document, Duplicate, MAX_DEPTH, Member, Node};
use crate::base::{Diagnose, Exit};

/// Key of the whole desired properties of a module.
pub const DESIRED: &str = "properties.desired";
/// Name of the agent's section.
pub const AGENT: &str = "$edgeAgent";
/// Name of the broker's section.
pub const HUB: &str = "$edgeHub";

/// Most keys of a document that are told to stand there twice; how many more there are is told by the last.
const MOST_REPEATED: usize = 100;

/// What a key of a section is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key<'k> {
    /// The whole desired properties.
    Whole,
    /// A place below them, by its names.
    Below(Vec<&'k str>),
    /// Neither.
    Other,
}

/// A key of more names than are taken. Each name is a level of the tree that it is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key has {names} names behind `{}`, and at most {} are taken", DESIRED, MAX_DEPTH)]
pub struct DeepKey {
    /// Number of its names.
    pub names: usize,
}

impl Diagnose for DeepKey {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "manifest/deep-key"
    }

    fn hints(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<'k> Key<'k> {
    /// Reads a key of a section.
    ///
    /// # Errors
    /// A key of more names than a document may have levels.
    pub fn read(key: &'k str) -> Result<Self, DeepKey> {
        let Some(rest) = key.strip_prefix(DESIRED) else { return Ok(Self::Other) };
        if rest.is_empty() {
            return Ok(Self::Whole);
        }
        let Some(rest) = rest.strip_prefix('.') else { return Ok(Self::Other) };
        let names = rest.split('.').count();
        if names > MAX_DEPTH { Err(DeepKey { names }) } else { Ok(Self::Below(rest.split('.').collect())) }
    }
}

/// Returns the keys below the desired properties of a section in the order in which a device takes them: shallow before deep.
///
/// # Errors
/// A key of more names than are taken.
pub fn keys_below(section: &Map<String, Value>) -> Result<Vec<(Vec<&str>, &Value)>, DeepKey> {
    let mut keys = Vec::new();
    for (key, value) in section {
        if let Key::Below(path) = Key::read(key)? {
            keys.push((path, value));
        }
    }
    keys.sort_by(|left, right| (left.0.len(), &left.0).cmp(&(right.0.len(), &right.0)));
    Ok(keys)
}

/// Returns a warning of each key that stands in an object of a document more than once.
pub fn repeated_keys(document: &Document) -> Vec<Finding> {
    let more = (document.duplicates.len() + document.more_duplicates).saturating_sub(MOST_REPEATED);
    let finding = |(index, duplicate): (usize, &Duplicate)| {
        let others = if more > 0 && index + 1 == MOST_REPEATED { format!("; so do {more} more") } else { String::new() };
        let message = format!("the key `{}` stands here twice; the last one counts{others}", duplicate.key);
        Finding::new("json/duplicate-key", Severity::Warning, message).at(&document.source, duplicate.span.clone())
    };
    document.duplicates.iter().take(MOST_REPEATED).enumerate().map(finding).collect()
}

/// A manifest inside a document.
#[derive(Clone, Debug)]
pub struct Manifest<'a> {
    /// The document.
    pub document: &'a Document,
    /// What surrounds the sections.
    pub envelope: Envelope<'a>,
    /// The sections in the order of the text; of repeated names the last.
    pub sections: Vec<Section<'a>>,
}

/// What surrounds the sections.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The member that holds the sections: `modulesContent`, or `moduleContent` of old files.
    pub contents: &'a Member,
    /// The object that this member stands in.
    pub holder: &'a Node,
    /// Whether that object is the value of `content`.
    pub wrapped: bool,
}

/// Whether a manifest carries everything that a device runs, or adds to what does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It stands alone: the agent's section is whole.
    Base,
    /// It adds to a base: the agent's section is not whole.
    Layer,
}

/// What a manifest says of one module.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// Name of the module, or `$edgeAgent` or `$edgeHub`.
    pub name: &'a str,
    /// Bytes of the name.
    pub name_span: Range<usize>,
    /// The section.
    pub node: &'a Node,
    /// The whole desired properties.
    pub whole: Option<&'a Node>,
    /// Keys below the desired properties, in the order of the text; of repeated keys the last.
    pub dotted: Vec<Dotted<'a>>,
    /// Members that are neither.
    pub others: Vec<&'a Member>,
}

/// A key such as `properties.desired.modules.filter`.
#[derive(Clone, Debug)]
pub struct Dotted<'a> {
    /// The names behind `properties.desired`, such as `modules` and `filter`.
    pub path: Vec<&'a str>,
    /// Bytes of the key.
    pub key_span: Range<usize>,
    /// What is set there; null removes.
    pub value: &'a Node,
}

/// A named thing inside a section: a module of the agent, a route of the broker. A null removes it.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Bytes of the key that names it.
    pub name_span: Range<usize>,
    /// What is said of it.
    pub value: &'a Node,
}

/// A document that is no manifest, with its place.
#[derive(Debug, thiserror::Error)]
#[error("{}", shown(finding))]
pub struct DocumentError {
    /// What is wrong, and where.
    pub finding: Box<Finding>,
}

fn shown(finding: &Finding) -> String {
    match (&finding.file, finding.place, &finding.excerpt) {
        (Some(file), Some(place), Some(excerpt)) => {
            format!("{}:{}:{}: {}\n{}", file.display(), place.line, place.column, finding.message, excerpt.draw(place.line))
        }
        _ => finding.message.clone(),
    }
}

impl Diagnose for DocumentError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "manifest/not-a-manifest"
    }

    fn hints(&self) -> Vec<String> {
        self.finding.hint.iter().cloned().collect()
    }
}

impl<'a> Manifest<'a> {
    /// Finds the manifest of a document: `modulesContent` at its top or in `content`, or `moduleContent` of old files.
    ///
    /// # Errors
    /// A document without such a member, or where it or a section in it is no object.
    pub fn read(document: &'a Document) -> Result<Self, DocumentError> {
        let refuse = |span: Range<usize>, message: String, hint: &str| {
            let finding = Finding::new("manifest/not-a-manifest", Severity::Error, message).at(&document.source, span);
            DocumentError { finding: Box::new(if hint.is_empty() { finding } else { finding.hint(hint) }) }
        };
        let root = &document.root;
        if !root.is_object() {
            let message = format!("a manifest is an object, this is {}", root.noun());
            return Err(refuse(first_line(document, root), message, ""));
        }
        let content = root.get("content").filter(|content| content.is_object());
        let found =
            [("modulesContent", Some(root)), ("moduleContent", Some(root)), ("modulesContent", content), ("moduleContent", content)]
                .into_iter()
                .find_map(|(key, holder)| holder.and_then(|holder| holder.member(key).map(|contents| (contents, holder))));
        let Some((contents, holder)) = found else {
            let bare = root.get(AGENT).is_some() || root.get(HUB).is_some();
            let hint =
                if bare { "Put the sections into `{\"modulesContent\": { … }}`." } else { "A manifest has a member `modulesContent`." };
            return Err(refuse(first_line(document, root), "there is no `modulesContent`".to_owned(), hint));
        };
        if !contents.value.is_object() {
            let message = format!("`{}` is an object, this is {}", contents.key, contents.value.noun());
            return Err(refuse(contents.value.span.clone(), message, ""));
        }
        if let Some(member) = contents.value.members().iter().find(|member| !member.value.is_object()) {
            let message = format!("the section of a module is an object, this is {}", member.value.noun());
            return Err(refuse(member.value.span.clone(), message, "Write {\"properties.desired\": { … }}."));
        }
        let mut sections = Vec::new();
        for member in last_members(&contents.value) {
            sections.push(Section::of(member).map_err(|(span, deep)| refuse(span, deep.to_string(), ""))?);
        }
        Ok(Self { document, envelope: Envelope { contents, holder, wrapped: !std::ptr::eq(holder, root) }, sections })
    }

    /// Tells whether it is a base or a layer: a base has the whole desired properties of the agent.
    pub fn form(&self) -> Form {
        if self.section(AGENT).is_some_and(|agent| agent.whole.is_some()) { Form::Base } else { Form::Layer }
    }

    /// Says why it is taken for a base or for a layer, as a fragment.
    pub fn form_reason(&self) -> &'static str {
        match self.section(AGENT) {
            Some(agent) if agent.whole.is_some() => "`$edgeAgent` has the whole `properties.desired`",
            Some(_) => "`$edgeAgent` has no whole `properties.desired`",
            None => "there is no `$edgeAgent`",
        }
    }

    /// Returns the section of a module.
    pub fn section(&self, name: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Returns the modules that the agent is told to run, system modules aside, in the order of the text.
    pub fn modules(&self) -> Vec<Entry<'a>> {
        self.section(AGENT).map(|agent| agent.entries("modules")).unwrap_or_default()
    }

    /// Returns the system modules, `edgeAgent` and `edgeHub`.
    pub fn system_modules(&self) -> Vec<Entry<'a>> {
        self.section(AGENT).map(|agent| agent.entries("systemModules")).unwrap_or_default()
    }

    /// Returns the routes of the broker, in the order of the text.
    pub fn routes(&self) -> Vec<Entry<'a>> {
        self.section(HUB).map(|hub| hub.entries("routes")).unwrap_or_default()
    }

    /// Returns the sections of the modules themselves: their twins.
    pub fn twins(&self) -> impl Iterator<Item = &Section<'a>> {
        self.sections.iter().filter(|section| !section.name.starts_with('$'))
    }

    /// Returns the sections as plain JSON, as a composition takes them.
    pub fn to_sections(&self) -> Map<String, Value> {
        self.sections.iter().map(|section| (section.name.to_owned(), section.node.to_value())).collect()
    }
}

impl<'a> Section<'a> {
    /// Reads a section; an error has the bytes of the key that is too deep.
    fn of(member: &'a Member) -> Result<Self, (Range<usize>, DeepKey)> {
        let (mut dotted, mut others) = (Vec::new(), Vec::new());
        for inner in last_members(&member.value) {
            match Key::read(&inner.key).map_err(|deep| (inner.key_span.clone(), deep))? {
                Key::Whole => {}
                Key::Below(path) => dotted.push(Dotted { path, key_span: inner.key_span.clone(), value: &inner.value }),
                Key::Other => others.push(inner),
            }
        }
        let whole = member.value.get(DESIRED);
        Ok(Self { name: &member.key, name_span: member.key_span.clone(), node: &member.value, whole, dotted, others })
    }

    /// Returns a property and the bytes of its key, from a key below the desired properties or from the whole ones.
    pub fn property(&self, name: &str) -> Option<Entry<'a>> {
        let below = self.dotted.iter().rev().find(|dotted| dotted.path == [name]);
        let below = below.and_then(|dotted| Some((*dotted.path.first()?, dotted.key_span.clone(), dotted.value)));
        let whole = || self.whole?.member(name).map(|member| (member.key.as_str(), member.key_span.clone(), &member.value));
        below.or_else(whole).map(|(name, name_span, value)| Entry { name, name_span, value })
    }

    /// Returns what stands below a property such as `modules`, whole or by dotted keys; where both name one thing, the dotted key decides, as
    /// it does on the device.
    pub fn entries(&self, property: &str) -> Vec<Entry<'a>> {
        let (mut entries, mut places) = (Vec::<Entry<'a>>::new(), BTreeMap::new());
        let mut add = |entry: Entry<'a>| {
            if let Some(other) = places.get(entry.name).and_then(|place: &usize| entries.get_mut(*place)) {
                *other = entry;
            } else {
                places.insert(entry.name, entries.len());
                entries.push(entry);
            }
        };
        let whole = self.whole.and_then(|whole| whole.get(property));
        let sets = self.dotted.iter().filter(|dotted| dotted.path == [property]).map(|dotted| dotted.value);
        for member in whole.into_iter().chain(sets).flat_map(last_members) {
            add(Entry { name: &member.key, name_span: member.key_span.clone(), value: &member.value });
        }
        for dotted in &self.dotted {
            if let [first, name] = dotted.path.as_slice()
                && *first == property
            {
                add(Entry { name, name_span: dotted.key_span.clone(), value: dotted.value });
            }
        }
        entries
    }
}

/// Returns the members of an object in the order of the text; of repeated keys the last alone.
pub fn last_members(node: &Node) -> Vec<&Member> {
    let members = node.members();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, member) in members.iter().enumerate() {
        last.insert(&member.key, index);
    }
    members.iter().enumerate().filter(|(index, member)| last.get(member.key.as_str()) == Some(index)).map(|(_, member)| member).collect()
}

/// Returns where a value begins, without the lines that follow.
fn first_line(document: &Document, node: &Node) -> Range<usize> {
    let text = document.source.text.get(node.span.clone()).and_then(|text| text.lines().next()).unwrap_or_default();
    node.span.start..node.span.start + text.len()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(text.as_bytes(), Path::new("m.json")).expect("JSON")
    }

    #[test]
    fn the_envelope_may_be_wrapped_or_old() {
        for (text, wrapped, key) in [
            (r#"{"modulesContent": {"$edgeAgent": {"properties.desired": {}}}}"#, false, "modulesContent"),
            (r#"{"id": "x", "content": {"modulesContent": {"$edgeAgent": {"properties.desired": {}}}}}"#, true, "modulesContent"),
            (r#"{"moduleContent": {"$edgeAgent": {"properties.desired": {}}}}"#, false, "moduleContent"),
        ] {
            let document = document(text);
            let manifest = Manifest::read(&document).expect(text);
            assert_eq!((manifest.envelope.wrapped, manifest.envelope.contents.key.as_str()), (wrapped, key));
            assert_eq!(manifest.form(), Form::Base);
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused_at_its_place() {
        for (text, says) in [
            ("[1]", "m.json:1:1: a manifest is an object, this is a list"),
            ("{\n \"modules\": {}}", "m.json:1:1: there is no `modulesContent`"),
            ("{\n \"modulesContent\": 5}", "m.json:2:20: `modulesContent` is an object, this is a number"),
            ("{\"content\": {\n\"modulesContent\": {\"a\": null}}}", "m.json:2:25: the section of a module is an object, this is null"),
        ] {
            let document = document(text);
            let error = Manifest::read(&document).expect_err(text);
            assert!(error.to_string().starts_with(says), "{error}");
        }
    }

    #[test]
    fn dotted_keys_are_split_and_make_a_layer() {
        let text = r#"{"modulesContent": {
            "$edgeAgent": {"properties.desired.modules.camera": {"type": "docker"}, "properties.desired.modules.old": null},
            "$edgeHub": {"properties.desired.routes.up": "FROM /* INTO $upstream", "properties.desired.storeAndForwardConfiguration": {}},
            "camera": {"properties.desired.limits.low": 3, "odd": 1}}}"#;
        let document = document(text);
        let manifest = Manifest::read(&document).expect("a manifest");
        assert_eq!((manifest.form(), manifest.form_reason()), (Form::Layer, "`$edgeAgent` has no whole `properties.desired`"));
        let modules: Vec<_> = manifest.modules().iter().map(|module| (module.name, module.value.is_null())).collect();
        assert_eq!(modules, [("camera", false), ("old", true)]);
        let routes = manifest.routes();
        assert_eq!(routes[0].name, "up");
        let key = document.source.text.get(routes[0].name_span.clone());
        assert_eq!(key, Some("\"properties.desired.routes.up\""));
        let camera = manifest.section("camera").expect("a section");
        assert_eq!((camera.dotted[0].path.as_slice(), camera.others[0].key.as_str()), (["limits", "low"].as_slice(), "odd"));
        assert_eq!(manifest.twins().count(), 1);
        let hub = manifest.section(HUB).expect("a section");
        assert!(hub.property("storeAndForwardConfiguration").is_some_and(|found| found.value.is_object()));
    }

    #[test]
    fn keys_have_no_more_names_than_a_document_has_levels() {
        let key = |names: usize| format!("{DESIRED}.{}", vec!["a"; names].join("."));
        assert_eq!(Key::read(&key(MAX_DEPTH)), Ok(Key::Below(vec!["a"; MAX_DEPTH])));
        assert_eq!(Key::read(&key(20_000)), Err(DeepKey { names: 20_000 }));
        assert_eq!(Key::read(DESIRED), Ok(Key::Whole));
        for other in ["properties.desiredx", "properties", "x.y"] {
            assert_eq!(Key::read(other), Ok(Key::Other));
        }
        let text = format!("{{\"modulesContent\": {{\n\"m\": {{\"{}\": 1}}}}}}", key(20_000));
        let document = document(&text);
        let error = Manifest::read(&document).expect_err("too deep");
        assert!(
            error.to_string().starts_with("m.json:2:7: the key has 20000 names behind `properties.desired`, and at most 128 are taken")
        );
    }

    #[test]
    fn many_repeated_keys_are_told_in_bounded_time() {
        let text = format!("{{{}\"a\": 0}}", "\"a\": 1, ".repeat(300_000));
        let found = repeated_keys(&document(&text));
        assert_eq!(found.len(), MOST_REPEATED);
        assert!(found.last().is_some_and(|last| last.message.ends_with("; so do 299900 more")));
    }

    #[test]
    fn of_repeated_keys_the_last_counts() {
        let text = r#"{"modulesContent": {"a": {"properties.desired": {"x": 1}}, "a": {"properties.desired": {"x": 2}, "properties.desired": {"x": 3}},
            "$edgeAgent": {"properties.desired": {"modules": {"m": {}, "m": {"type": "docker"}}}, "properties.desired.modules.m": {"version": "2"}}}}"#;
        let document = document(text);
        let manifest = Manifest::read(&document).expect("a manifest");
        assert_eq!(manifest.to_sections()["a"]["properties.desired"]["x"], 3);
        let modules = manifest.modules();
        assert_eq!((modules.len(), modules[0].value.get("version").and_then(Node::as_str)), (1, Some("2")));
    }
}
