//! What differs between two manifests: modules, images by digest, create options as trees, routes, desired properties.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::effective::pointer;
use super::parts::{HIDDEN, ModuleName, Parts, Role, create_options_of, image};

/// What differs; everything is empty when nothing does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// Modules, the system's first.
    pub modules: Vec<ModuleDiff>,
    /// Routes.
    pub routes: Vec<EntryDiff>,
    /// Desired properties of modules.
    pub twins: Vec<EntryDiff>,
    /// The rest of the agent's properties.
    pub agent: Vec<Change>,
    /// The rest of the broker's properties.
    pub hub: Vec<Change>,
}

/// How a named thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Both have it, and not the same.
    Changed,
}

/// A module that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleDiff {
    /// Its name.
    pub name: String,
    /// Whether it is `edgeAgent` or `edgeHub`.
    pub system: bool,
    /// How it differs.
    pub kind: Kind,
    /// Its images, when they are not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageChange>,
    /// Everything else that differs.
    pub changes: Vec<Change>,
}

/// Images that are not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageChange {
    /// The first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether both have one digest, so that only the place differs.
    pub same_digest: bool,
}

/// A route or a twin that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryDiff {
    /// Name of the route or the module.
    pub name: String,
    /// How it differs.
    pub kind: Kind,
    /// What differs inside.
    pub changes: Vec<Change>,
}

/// A value that differs. A side that has no such value is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Where: a JSON pointer.
    pub path: String,
    /// What the first has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What the second has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Diff {
    /// Tells whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two manifests. What is absent and what says the default in words are the same.
pub fn diff(before: &Parts, after: &Parts) -> Diff {
    let mut found = Diff { agent: changes(&before.agent, &after.agent), hub: changes(&before.hub, &after.hub), ..Diff::default() };
    found.agent.iter_mut().for_each(hide);
    for name in names(&before.modules, &after.modules) {
        let sides = (before.modules.get(name), after.modules.get(name));
        found.modules.extend(module(name, sides.0, sides.1));
    }
    for name in names(&before.routes, &after.routes) {
        found.routes.extend(entry(name, before.routes.get(name), after.routes.get(name)));
    }
    for name in names(&before.twins, &after.twins) {
        found.twins.extend(entry(name, before.twins.get(name), after.twins.get(name)));
    }
    found
}

/// Hides passwords of registries: that one differs is told, and not what it is.
fn hide(change: &mut Change) {
    let itself = change.path.starts_with("/runtime/settings/registryCredentials/") && change.path.ends_with("/password");
    for side in [&mut change.before, &mut change.after].into_iter().flatten() {
        if itself { *side = json!(HIDDEN) } else { hide_in(side) }
    }
}

fn hide_in(value: &mut Value) {
    for (name, value) in value.as_object_mut().into_iter().flatten() {
        if name == "password" { *value = json!(HIDDEN) } else { hide_in(value) }
    }
}

fn names<'a, K: Ord>(before: &'a BTreeMap<K, Value>, after: &'a BTreeMap<K, Value>) -> BTreeSet<&'a K> {
    before.keys().chain(after.keys()).collect()
}

fn kind(before: Option<&Value>, after: Option<&Value>) -> Kind {
    match (before, after) {
        (None, _) => Kind::Added,
        (_, None) => Kind::Removed,
        _ => Kind::Changed,
    }
}

fn module(name: &ModuleName, before: Option<&Value>, after: Option<&Value>) -> Option<ModuleDiff> {
    let kind = kind(before, after);
    let image = image_change(before, after);
    let plain = |module: Option<&Value>| module.map_or_else(|| json!({}), |module| comparable(module, name.role));
    let changes = if kind == Kind::Removed { Vec::new() } else { changes(&plain(before), &plain(after)) };
    let same = kind == Kind::Changed && image.is_none() && changes.is_empty();
    (!same).then(|| ModuleDiff { name: name.name.clone(), system: name.role == Role::System, kind, image, changes })
}

fn image_change(before: Option<&Value>, after: Option<&Value>) -> Option<ImageChange> {
    let text = |module: Option<&Value>| module.map(image).filter(|image| !image.is_empty()).map(str::to_owned);
    let (before, after) = (text(before), text(after));
    let same_digest = match (before.as_deref().and_then(digest), after.as_deref().and_then(digest)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    };
    let same = before.as_deref().map(identity) == after.as_deref().map(identity);
    (!same).then_some(ImageChange { before, after, same_digest })
}

fn digest(image: &str) -> Option<&str> {
    image.split_once('@').map(|(_, digest)| digest)
}

/// Returns what tells an image from others: repository and digest, else repository and tag.
fn identity(image: &str) -> (&str, &str) {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let colon = name.get(last..).and_then(|last_name| last_name.find(':')).map(|colon| last + colon);
    let (repository, tag) = match colon {
        Some(colon) => (name.get(..colon).unwrap_or(name), name.get(colon + 1..).unwrap_or_default()),
        None => (name, "latest"),
    };
    (repository, if digest.is_empty() { tag } else { digest })
}

/// What the agent takes when a member is absent.
const DEFAULTS: [(&str, &str); 2] = [("restartPolicy", "on-unhealthy"), ("imagePullPolicy", "on-create")];

/// Returns a module without its image, create options decoded, and without members that only say the default.
fn comparable(module: &Value, role: Role) -> Value {
    let Some(mut members) = module.as_object().cloned() else { return module.clone() };
    for (name, default) in DEFAULTS {
        let default = if role == Role::System && name == "restartPolicy" { "always" } else { default };
        members.retain(|member, value| member != name || value.as_str() != Some(default));
    }
    members.retain(|member, value| member != "startupOrder" || value.as_u64() != Some(u64::from(u32::MAX)));
    if let Some(Value::Object(env)) = members.get_mut("env") {
        env.values_mut().for_each(as_text);
        if env.is_empty() {
            members.shift_remove("env");
        }
    }
    if let Some(Value::Object(settings)) = members.get_mut("settings") {
        settings.retain(|name, _| name != "image" && super::create_options::index_of(name).is_none());
        let options = create_options_of(module);
        if options.as_object().is_none_or(|options| !options.is_empty()) {
            settings.insert("createOptions".to_owned(), options);
        }
        if settings.is_empty() {
            members.shift_remove("settings");
        }
    }
    Value::Object(members)
}

/// Writes the value of an environment variable as the text that it becomes.
fn as_text(variable: &mut Value) {
    if let Some(value) = variable.get_mut("value").filter(|value| value.is_number() || value.is_boolean()) {
        *value = json!(value.to_string());
    }
}

fn entry(name: &str, before: Option<&Value>, after: Option<&Value>) -> Option<EntryDiff> {
    let kind = kind(before, after);
    let changes = match (before, after) {
        (Some(before), Some(after)) => changes(before, after),
        (before, after) => vec![Change { path: String::new(), before: before.cloned(), after: after.cloned() }],
    };
    (!changes.is_empty()).then(|| EntryDiff { name: name.to_owned(), kind, changes })
}

/// Returns the values that differ, path by path, in the order of their names; arrays are compared whole.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(Some(before), Some(after), &mut Vec::new(), &mut found);
    found
}

fn compare<'a>(before: Option<&'a Value>, after: Option<&'a Value>, path: &mut Vec<&'a str>, found: &mut Vec<Change>) {
    if let (Some(Value::Object(left)), Some(Value::Object(right))) = (before, after) {
        return compare_members(left, right, path, found);
    }
    if before != after {
        found.push(Change { path: pointer(path), before: before.cloned(), after: after.cloned() });
    }
}

fn compare_members<'a>(left: &'a Map<String, Value>, right: &'a Map<String, Value>, path: &mut Vec<&'a str>, found: &mut Vec<Change>) {
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    for name in names {
        path.push(name);
        compare(left.get(name), right.get(name), path, found);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parts::sections;
    use super::*;

    fn parts(content: &Value) -> Parts {
        Parts::of(&sections(content.as_object().expect("an object")).expect("shallow keys"))
    }

    fn agent(modules: &Value) -> Parts {
        parts(&json!({ "$edgeAgent": { "properties.desired": { "modules": modules } } }))
    }

    fn modules(before: &Value, after: &Value) -> Vec<ModuleDiff> {
        diff(&agent(before), &agent(after)).modules
    }

    fn paths(changes: &[Change]) -> Vec<&str> {
        changes.iter().map(|change| change.path.as_str()).collect()
    }

    #[test]
    fn images_are_compared_by_digest() {
        let of = |before: &str, after: &str| {
            let module = |image: &str| json!({ "x": { "settings": { "image": image } } });
            let found = modules(&module(before), &module(after));
            found.first().and_then(|module| module.image.clone()).map(|image| image.same_digest)
        };
        assert_eq!(of("reg/x@sha256:aa", "reg/x@sha256:bb"), Some(false));
        assert_eq!(of("reg/x:1@sha256:aa", "reg/x@sha256:aa"), None, "a tag beside a digest is a label");
        assert_eq!(of("old/x@sha256:aa", "new/x@sha256:aa"), Some(true));
        assert_eq!(of("reg:5000/x", "reg:5000/x:latest"), None);
        assert_eq!(of("reg:5000/x:1", "reg:5000/x:2"), Some(false));
    }

    #[test]
    fn create_options_are_compared_as_trees() {
        let module = |options: Value| json!({ "x": { "settings": { "image": "x", "createOptions": options } } });
        let before = module(json!("{\"HostConfig\":{\"Binds\":[\"a\"],\"Memory\":1}}"));
        let same = module(json!({ "HostConfig": { "Memory": 1, "Binds": ["a"] } }));
        assert_eq!(modules(&before, &same), []);
        let found = modules(&before, &module(json!("{\"HostConfig\":{\"Binds\":[\"b\"],\"Memory\":1},\"Tty\":true}")));
        assert_eq!(paths(&found[0].changes), ["/settings/createOptions/HostConfig/Binds", "/settings/createOptions/Tty"]);
        let found = modules(&before, &module(json!("{")));
        assert_eq!(paths(&found[0].changes), ["/settings/createOptions"]);
    }

    #[test]
    fn what_says_the_default_is_no_change() {
        let bare = json!({ "x": { "settings": { "image": "x" } } });
        let words = json!({ "x": {
            "restartPolicy": "on-unhealthy", "imagePullPolicy": "on-create", "startupOrder": 4_294_967_295_u32, "env": {},
            "settings": { "image": "x", "createOptions": "{}" },
        } });
        assert_eq!(modules(&bare, &words), []);
        let env = |value: Value| json!({ "x": { "env": { "N": { "value": value } } } });
        assert_eq!(modules(&env(json!(1)), &env(json!("1"))), []);
        assert_eq!(paths(&modules(&env(json!(1)), &env(json!("2")))[0].changes), ["/env/N/value"]);
    }

    #[test]
    fn modules_come_and_go() {
        let found = modules(
            &json!({ "a": { "settings": { "image": "a" } } }),
            &json!({ "b": { "settings": { "image": "b" }, "status": "running" } }),
        );
        let kinds: Vec<_> = found.iter().map(|module| (module.name.as_str(), module.kind, module.changes.len())).collect();
        assert_eq!(kinds, [("a", Kind::Removed, 0), ("b", Kind::Added, 1)]);
    }

    #[test]
    fn routes_in_both_forms_and_the_rest_are_compared() {
        let hub = |routes: Value, life: u32| {
            parts(
                &json!({ "$edgeHub": { "properties.desired": { "routes": routes, "storeAndForwardConfiguration": { "timeToLiveSecs": life } } } }),
            )
        };
        let text = "FROM /* INTO $upstream";
        assert!(diff(&hub(json!({ "up": text }), 1), &hub(json!({ "up": { "route": text } }), 1)).is_empty());
        let found = diff(&hub(json!({ "up": text, "gone": text }), 1), &hub(json!({ "up": { "route": text, "priority": 0 } }), 2));
        assert_eq!((found.routes[0].kind, paths(&found.routes[1].changes)), (Kind::Removed, vec!["/priority"]));
        assert_eq!(paths(&found.hub), ["/storeAndForwardConfiguration/timeToLiveSecs"]);
    }

    #[test]
    fn passwords_are_hidden_and_still_compared() {
        let with = |credentials: Value| {
            parts(&json!({ "$edgeAgent": { "properties.desired": { "runtime": { "settings": { "registryCredentials": credentials } } } } }))
        };
        let one = |password: &str| with(json!({ "main": { "address": "reg", "username": "u", "password": password } }));
        let found = diff(&one("first-secret"), &one("second-secret"));
        assert_eq!(paths(&found.agent), ["/runtime/settings/registryCredentials/main/password"]);
        for found in [found, diff(&one("first-secret"), &with(json!({}))), diff(&parts(&json!({})), &one("second-secret"))] {
            assert!(!found.is_empty() && !serde_json::to_string(&found).expect("JSON").contains("secret"), "{found:?}");
        }
    }

    #[test]
    fn pointers_escape() {
        assert_eq!(paths(&changes(&json!({ "a/b": { "~": 1 } }), &json!({ "a/b": { "~": 2 } }))), ["/a~1b/~0"]);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), "[a-c]{0,2}".prop_map(Value::from)];
        leaf.prop_recursive(3, 16, 3, |inner| {
            proptest::collection::btree_map("[ab/~]", inner, 0..3).prop_map(|members| Value::Object(members.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn changes_lead_from_one_to_the_other(before in any_value(), after in any_value()) {
            let found = changes(&before, &after);
            prop_assert_eq!(found.is_empty(), before == after);
            for change in &found {
                prop_assert_eq!(before.pointer(&change.path), change.before.as_ref());
                prop_assert_eq!(after.pointer(&change.path), change.after.as_ref());
                prop_assert!(change.before != change.after);
            }
        }
    }
}
