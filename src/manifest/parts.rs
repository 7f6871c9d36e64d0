//! The parts of a manifest as people speak of them: modules, routes, twins, and what is left of the two system sections.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::create_options;
use super::document::{AGENT, DESIRED, DeepKey, HUB, keys_below};

/// What a module is to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `edgeAgent` or `edgeHub`.
    System,
    /// One of the solution's.
    Ordinary,
}

/// A module by role and name; system modules come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleName {
    /// Its role.
    pub role: Role,
    /// Its name.
    pub name: String,
}

impl Role {
    /// Returns the member of the agent's desired properties that names modules of this role.
    pub const fn member(self) -> &'static str {
        match self {
            Self::System => "systemModules",
            Self::Ordinary => "modules",
        }
    }
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
///
/// # Errors
/// A key of more names than are taken.
pub fn sections(content: &Map<String, Value>) -> Result<BTreeMap<String, Value>, DeepKey> {
    let mut sections = BTreeMap::new();
    for (module, section) in content {
        let Some(section) = section.as_object() else { continue };
        let mut desired = section.get(DESIRED).cloned().unwrap_or_else(|| json!({}));
        for (path, value) in keys_below(section)? {
            put(&mut desired, &path, value);
        }
        sections.insert(module.clone(), desired);
    }
    Ok(sections)
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
                    for role in [Role::System, Role::Ordinary] {
                        let modules = taken(&mut parts.agent, role.member());
                        parts.modules.extend(modules.map(|(name, value)| (ModuleName { role, name }, value)));
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

/// What stands in the place of a password.
pub const HIDDEN: &str = "***";

/// Hides the passwords of registries in the agent's desired properties.
pub fn hide_passwords(agent: &mut Value) {
    let credentials = agent.pointer_mut("/runtime/settings/registryCredentials").and_then(Value::as_object_mut);
    for registry in credentials.into_iter().flat_map(Map::values_mut) {
        if let Some(password) = registry.get_mut("password") {
            *password = HIDDEN.into();
        }
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
        let parts = Parts::of(&sections(content.as_object().expect("an object")).expect("shallow keys"));
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
    fn passwords_of_registries_are_hidden_and_nothing_else() {
        let agent = |password: &str| json!({ "runtime": { "settings": { "registryCredentials": { "a": { "username": "u", "password": password }, "b": 5 } } }, "password": "p" });
        let mut found = agent("secret");
        hide_passwords(&mut found);
        assert_eq!(found, agent(HIDDEN));
    }

    #[test]
    fn images_are_shown_short() {
        assert_eq!(short_image(&format!("reg/x@sha256:{}", "ab".repeat(32))), "reg/x@sha256:abababababab");
        assert_eq!(short_image("reg/x:1"), "reg/x:1");
    }
}
