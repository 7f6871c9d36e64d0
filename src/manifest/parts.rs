//! The parts of a manifest as people speak of them: modules, routes, twins, and what is left of the two system sections.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::create_options;
use super::document::{AGENT, DESIRED, HUB};
use super::effective::DOTTED;

/// A module by kind and name; system modules come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleName {
    /// Whether it is one of the others; `false` is a system module.
    pub ordinary: bool,
    /// Its name.
    pub name: String,
}

/// The parts of a manifest or a layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// What the agent runs.
    pub modules: BTreeMap<ModuleName, Value>,
    /// Routes, each an object with `route` or null where a layer removes one.
    pub routes: BTreeMap<String, Value>,
    /// Desired properties of modules.
    pub twins: BTreeMap<String, Value>,
    /// The agent's desired properties without the modules.
    pub agent: Value,
    /// The broker's desired properties without the routes.
    pub hub: Value,
}

/// Returns the desired properties of each module of `modulesContent`, with dotted keys where they belong. What removes something stays as
/// null.
pub fn sections(content: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut sections = BTreeMap::new();
    for (module, section) in content {
        let Some(section) = section.as_object() else { continue };
        let mut desired = section.get(DESIRED).cloned().unwrap_or_else(|| json!({}));
        let mut dotted: Vec<(Vec<&str>, &Value)> =
            section.iter().filter_map(|(key, value)| Some((key.strip_prefix(DOTTED)?.split('.').collect(), value))).collect();
        dotted.sort_by_key(|(path, _)| path.len());
        for (path, value) in dotted {
            put(&mut desired, &path, value);
        }
        sections.insert(module.clone(), desired);
    }
    sections
}

fn put(section: &mut Value, path: &[&str], value: &Value) {
    let mut place = section;
    for name in path {
        if !place.is_object() {
            *place = json!({});
        }
        let Some(members) = place.as_object_mut() else { return };
        place = members.entry(*name).or_insert(Value::Null);
    }
    *place = value.clone();
}

impl Parts {
    /// Takes the desired properties of each module apart.
    pub fn of(sections: &BTreeMap<String, Value>) -> Self {
        let mut parts = Self { agent: json!({}), hub: json!({}), ..Self::default() };
        for (module, desired) in sections {
            match module.as_str() {
                AGENT => {
                    parts.agent = desired.clone();
                    for (member, ordinary) in [("systemModules", false), ("modules", true)] {
                        let modules = taken(&mut parts.agent, member);
                        parts.modules.extend(modules.map(|(name, value)| (ModuleName { ordinary, name }, value)));
                    }
                }
                HUB => {
                    parts.hub = desired.clone();
                    parts.routes = taken(&mut parts.hub, "routes").map(|(name, value)| (name, route(value))).collect();
                }
                _ => {
                    parts.twins.insert(module.clone(), desired.clone());
                }
            }
        }
        parts
    }
}

/// Takes the members of a member out of a section.
fn taken(section: &mut Value, member: &str) -> impl Iterator<Item = (String, Value)> {
    let members = match section.as_object_mut().and_then(|section| section.shift_remove(member)) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    members.into_iter()
}

/// Returns a route in its long form.
fn route(value: Value) -> Value {
    match value {
        Value::String(text) => json!({ "route": text }),
        other => other,
    }
}

/// Returns the image of a module, empty when it names none.
pub fn image(module: &Value) -> &str {
    module.pointer("/settings/image").and_then(Value::as_str).unwrap_or_default()
}

/// Returns an image reference with its digest shortened, for people.
pub fn short_image(image: &str) -> String {
    match image.split_once("@sha256:") {
        Some((repository, hex)) => format!("{repository}@sha256:{}", hex.chars().take(12).collect::<String>()),
        None => image.to_owned(),
    }
}

/// Returns the create options of a module as a tree, or their text when it is no JSON object.
pub fn create_options_of(module: &Value) -> Value {
    let settings = module.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
    let Ok(joined) = create_options::join(&settings) else {
        return settings.get("createOptions").cloned().unwrap_or_default();
    };
    create_options::parse(&joined.text).map_or(Value::String(joined.text), Value::Object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_keys_stand_where_they_belong() {
        let content = json!({
            "$edgeAgent": { "properties.desired.modules.b": { "settings": { "image": "b:1" } }, "properties.desired.modules.a": null },
            "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": { "up": "FROM /* INTO $upstream" } } },
            "b": { "properties.desired.x.y": 1, "properties.desired": { "x": 5, "z": 2 } },
        });
        let parts = Parts::of(&sections(content.as_object().expect("an object")));
        let names: Vec<_> = parts.modules.iter().map(|(module, value)| (module.name.as_str(), value.is_null())).collect();
        assert_eq!(names, [("a", true), ("b", false)]);
        assert_eq!(parts.routes["up"], json!({ "route": "FROM /* INTO $upstream" }));
        assert_eq!((parts.hub, parts.agent), (json!({ "schemaVersion": "1.1" }), json!({})));
        assert_eq!(parts.twins["b"], json!({ "x": { "y": 1 }, "z": 2 }));
    }

    #[test]
    fn create_options_are_a_tree_or_the_text_that_is_none() {
        let of = |settings: Value| create_options_of(&json!({ "settings": settings }));
        assert_eq!(of(json!({ "createOptions": "{\"a\":", "createOptions01": "1}" })), json!({ "a": 1 }));
        assert_eq!(of(json!({ "createOptions": { "a": 1 } })), json!({ "a": 1 }));
        assert_eq!((of(json!({})), of(json!({ "createOptions": "" }))), (json!({}), json!({})));
        assert_eq!(of(json!({ "createOptions": "{" })), json!("{"));
    }

    #[test]
    fn images_are_shown_short() {
        assert_eq!(short_image(&format!("reg/x@sha256:{}", "ab".repeat(32))), "reg/x@sha256:abababababab");
        assert_eq!(short_image("reg/x:1"), "reg/x:1");
    }
}
