//! A manifest in words: what each module, route and twin comes to, create options decoded, defaults made visible.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::create_options;
use super::parts::{ModuleName, Parts, Role, create_options_of, image};
use crate::route::Route;
use crate::route::set::DEFAULT_PRIORITY;

/// Variables that the agent sets in every module, over those of the manifest that have the same name.
pub const RUNTIME_VARIABLES: [&str; 9] = [
    "IOTEDGE_APIVERSION",
    "IOTEDGE_AUTHSCHEME",
    "IOTEDGE_DEVICEID",
    "IOTEDGE_GATEWAYHOSTNAME",
    "IOTEDGE_IOTHUBHOSTNAME",
    "IOTEDGE_MODULEGENERATIONID",
    "IOTEDGE_MODULEID",
    "IOTEDGE_WORKLOADURI",
    "RuntimeLogLevel",
];

/// What a manifest comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// What the agent runs, the system modules first.
    pub modules: Vec<ModuleExplained>,
    /// The routes, in the order in which they are tried for an endpoint: by priority, then by name.
    pub routes: Vec<RouteExplained>,
    /// How long the broker keeps messages, in seconds; negative is for ever.
    pub time_to_live_secs: Option<Setting>,
    /// Schema versions of the system sections, as they are written.
    pub schema_versions: BTreeMap<String, Value>,
    /// Desired properties by module.
    pub twins: BTreeMap<String, Value>,
    /// Addresses of the registries that credentials are given for, by name.
    pub registries: BTreeMap<String, String>,
    /// Variables that the agent sets in every module.
    pub runtime_env: Vec<&'static str>,
}

/// A value, and whether it stands in the manifest or is what is taken for want of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// The value.
    pub value: Value,
    /// Whether the manifest does not say it.
    pub default: bool,
}

/// A module.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleExplained {
    /// Its name.
    pub name: String,
    /// Whether it is `edgeAgent` or `edgeHub`.
    pub system: bool,
    /// Whether a layer removes it.
    pub removed: bool,
    /// Whether a layer only changes a part of it, so that everything else comes from below.
    pub partial: bool,
    /// Image, status, restart policy and so on, by name; where the image has neither tag nor digest, `:latest` is the default.
    pub settings: BTreeMap<&'static str, Setting>,
    /// Create options as a tree, or the text that is no JSON object.
    pub create_options: Value,
    /// Keys that hold the pieces of the create options.
    pub create_options_keys: Vec<String>,
    /// The environment in the order in which it is set.
    pub env: Vec<Variable>,
}

/// An environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value as text; absent for a name without a value in create options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it stands: `createOptions` or `env`.
    pub origin: &'static str,
    /// Whether the agent sets a value of its own behind it.
    pub overridden: bool,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteExplained {
    /// Its name.
    pub name: String,
    /// Its text; `null` where a layer removes it.
    pub route: Option<String>,
    /// Where messages come from, and where they go; absent when the route does not compile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where they go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Why it does not compile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Lower is tried first; 2000000000 is behind all that name one.
    pub priority: Setting,
    /// How long its stored messages live, in seconds; `null` where that is the broker's and this manifest does not say it.
    pub time_to_live_secs: Setting,
}

impl Setting {
    fn of(found: Option<&Value>, default: impl Into<Value>) -> Self {
        match found.filter(|value| !value.is_null()) {
            Some(value) => Self { value: value.clone(), default: false },
            None => Self { value: default.into(), default: true },
        }
    }
}

/// Explains the parts of a manifest or a layer.
pub fn explain(parts: &Parts) -> Explanation {
    let life = parts.hub.pointer("/storeAndForwardConfiguration/timeToLiveSecs");
    let mut routes: Vec<RouteExplained> = parts.routes.iter().map(|(name, route)| explain_route(name, route, life)).collect();
    routes.sort_by_key(|route| (route.priority.value.as_u64(), route.name.clone()));
    let credentials = parts.agent.pointer("/runtime/settings/registryCredentials").and_then(Value::as_object);
    let address = |value: &Value| value.get("address").and_then(Value::as_str).unwrap_or_default().to_owned();
    let versions = [("$edgeAgent", &parts.agent), ("$edgeHub", &parts.hub)];
    Explanation {
        modules: parts.modules.iter().map(|(module, value)| explain_module(module, value)).collect(),
        routes,
        time_to_live_secs: life.map(|life| Setting::of(Some(life), Value::Null)),
        schema_versions: versions
            .into_iter()
            .filter_map(|(name, section)| Some((name.to_owned(), section.get("schemaVersion")?.clone())))
            .collect(),
        twins: parts.twins.clone(),
        registries: credentials.into_iter().flatten().map(|(name, value)| (name.clone(), address(value))).collect(),
        runtime_env: RUNTIME_VARIABLES.to_vec(),
    }
}

fn explain_module(name: &ModuleName, module: &Value) -> ModuleExplained {
    let partial = !module.is_null() && module.pointer("/settings/image").is_none();
    let create_options = create_options_of(module);
    let empty = Map::new();
    let joined = module.get("settings").and_then(Value::as_object).unwrap_or(&empty);
    ModuleExplained {
        name: name.name.clone(),
        system: name.role == Role::System,
        removed: module.is_null(),
        partial,
        settings: settings(name, module),
        env: environment(module, &create_options),
        create_options_keys: create_options::join(joined).map(|joined| joined.keys).unwrap_or_default(),
        create_options,
    }
}

/// Returns the settings of a module; the defaults are left out of what only changes a part of one.
fn settings(name: &ModuleName, module: &Value) -> BTreeMap<&'static str, Setting> {
    let mut settings = BTreeMap::new();
    let partial = module.pointer("/settings/image").is_none();
    let text = image(module);
    if !text.is_empty() {
        let last = text.rsplit('/').next().unwrap_or(text);
        let named = last.contains(':') || text.contains('@');
        let value = if named { text.to_owned() } else { format!("{text}:latest") };
        settings.insert("image", Setting { value: value.into(), default: !named });
    }
    let mut defaults = vec![("imagePullPolicy", json!("on-create"))];
    // The agent itself always runs, is always started again, and is started first.
    match (name.role, name.name.as_str()) {
        (Role::System, "edgeAgent") => {}
        (Role::System, _) => defaults.extend([("restartPolicy", json!("always")), ("startupOrder", json!(u32::MAX))]),
        (Role::Ordinary, _) => defaults.extend([("restartPolicy", json!("on-unhealthy")), ("startupOrder", json!(u32::MAX))]),
    }
    for (member, default) in defaults {
        let setting = Setting::of(module.get(member), default);
        if !(partial && setting.default) {
            settings.insert(member, setting);
        }
    }
    for member in ["type", "status", "version", "restartPolicy", "startupOrder"] {
        if let Some(value) = module.get(member) {
            settings.insert(member, Setting { value: value.clone(), default: false });
        }
    }
    settings
}

fn environment(module: &Value, create_options: &Value) -> Vec<Variable> {
    let variable = |name: &str, value: Option<String>, origin| Variable {
        name: name.to_owned(),
        value,
        origin,
        overridden: RUNTIME_VARIABLES.contains(&name),
    };
    let listed = create_options.get("Env").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let listed = listed.map(|entry| match entry.split_once('=') {
        Some((name, value)) => variable(name, Some(value.to_owned()), "createOptions"),
        None => variable(entry, None, "createOptions"),
    });
    let own = module.get("env").and_then(Value::as_object).into_iter().flatten().map(|(name, entry)| {
        let value = match entry.get("value") {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        variable(name, value, "env")
    });
    listed.chain(own).collect()
}

fn explain_route(name: &str, route: &Value, life: Option<&Value>) -> RouteExplained {
    let text = route.get("route").and_then(Value::as_str);
    let compiled = text.map(|text| Route::compile(name, text));
    let (source, endpoint, error) = match &compiled {
        Some(Ok(compiled)) => (Some(compiled.source().to_owned()), Some(compiled.endpoint().to_string()), None),
        Some(Err(error)) => (None, None, Some(error.message.clone())),
        None => (None, None, None),
    };
    let own_life = route.get("timeToLiveSecs").filter(|life| life.as_u64() != Some(0));
    RouteExplained {
        name: name.to_owned(),
        route: text.map(str::to_owned),
        source,
        endpoint,
        error,
        priority: Setting::of(route.get("priority"), DEFAULT_PRIORITY),
        time_to_live_secs: Setting::of(own_life, life.cloned().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::sections;
    use super::*;

    fn explained(content: &Value) -> Explanation {
        explain(&Parts::of(&sections(content.as_object().expect("an object")).expect("shallow keys")))
    }

    fn setting(module: &ModuleExplained, name: &str) -> Option<(Value, bool)> {
        module.settings.get(name).map(|setting| (setting.value.clone(), setting.default))
    }

    #[test]
    fn defaults_are_told_apart_from_what_is_written() {
        let found = explained(&json!({ "$edgeAgent": { "properties.desired": {
            "systemModules": { "edgeAgent": { "settings": { "image": "agent" } }, "edgeHub": { "settings": { "image": "hub:1" } } },
            "modules": { "x": { "settings": { "image": "reg:5000/x" }, "status": "running" }, "y": { "settings": { "image": "y" }, "restartPolicy": "never" } },
        } } }));
        let [agent, hub, x, y] = found.modules.as_slice() else { panic!("four modules") };
        assert_eq!(setting(x, "image"), Some((json!("reg:5000/x:latest"), true)));
        assert_eq!(setting(x, "restartPolicy"), Some((json!("on-unhealthy"), true)));
        assert_eq!(setting(x, "startupOrder"), Some((json!(4_294_967_295_u32), true)));
        assert_eq!(setting(x, "imagePullPolicy"), Some((json!("on-create"), true)));
        assert_eq!(setting(x, "status"), Some((json!("running"), false)));
        assert_eq!(setting(y, "restartPolicy"), Some((json!("never"), false)));
        assert_eq!(setting(hub, "restartPolicy"), Some((json!("always"), true)));
        assert_eq!((setting(agent, "restartPolicy"), setting(hub, "image")), (None, Some((json!("hub:1"), false))));
    }

    #[test]
    fn a_part_of_a_module_has_no_defaults() {
        let found = explained(
            &json!({ "$edgeAgent": { "properties.desired.modules.x.env.A": { "value": 5 }, "properties.desired.modules.y": null } }),
        );
        let [x, y] = found.modules.as_slice() else { panic!("two modules") };
        assert!(x.partial && x.settings.is_empty() && y.removed && y.settings.is_empty());
        assert_eq!(x.env, [Variable { name: "A".into(), value: Some("5".into()), origin: "env", overridden: false }]);
    }

    #[test]
    fn the_environment_has_its_origins() {
        let options = json!({ "Env": ["A=1=2", "B", "IOTEDGE_MODULEID=mine"] }).to_string();
        let (first, second) = options.split_at(9);
        let module =
            json!({ "settings": { "image": "x", "createOptions": first, "createOptions01": second }, "env": { "C": { "value": true } } });
        let found = explained(&json!({ "$edgeAgent": { "properties.desired": { "modules": { "x": module } } } }));
        let x = &found.modules[0];
        let env: Vec<_> = x.env.iter().map(|one| (one.name.as_str(), one.value.as_deref(), one.origin, one.overridden)).collect();
        assert_eq!(
            env,
            [
                ("A", Some("1=2"), "createOptions", false),
                ("B", None, "createOptions", false),
                ("IOTEDGE_MODULEID", Some("mine"), "createOptions", true),
                ("C", Some("true"), "env", false),
            ]
        );
        assert_eq!(x.create_options_keys, ["createOptions", "createOptions01"]);
    }

    #[test]
    fn routes_come_by_priority_with_the_brokers_life() {
        let routes = json!({
            "a": "FROM /messages/* INTO $upstream", "b": { "route": "FROM /* INTO nowhere", "priority": 3, "timeToLiveSecs": 9 },
            "c": { "route": "FROM /* INTO $upstream", "priority": 0, "timeToLiveSecs": 0 },
        });
        let found = explained(&json!({ "$edgeHub": { "properties.desired": {
            "schemaVersion": "1.1", "routes": routes, "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 },
        } } }));
        let order: Vec<&str> = found.routes.iter().map(|route| route.name.as_str()).collect();
        assert_eq!(order, ["c", "b", "a"]);
        assert_eq!(found.routes[0].time_to_live_secs, Setting { value: json!(7200), default: true });
        assert_eq!(found.routes[1].time_to_live_secs, Setting { value: json!(9), default: false });
        assert_eq!(found.routes[2].priority, Setting { value: json!(2_000_000_000), default: true });
        assert!(found.routes[1].error.is_some() && found.routes[2].endpoint.as_deref() == Some("$upstream"));
        assert_eq!(found.schema_versions["$edgeHub"], "1.1");
        let layer = explained(&json!({ "$edgeHub": { "properties.desired.routes.x": null } }));
        assert_eq!((&layer.routes[0].route, &layer.routes[0].time_to_live_secs.value), (&None, &Value::Null));
    }

    #[test]
    fn passwords_stay_inside() {
        let found = explained(&json!({ "$edgeAgent": { "properties.desired": { "runtime": { "settings": { "registryCredentials": {
            "main": { "address": "reg.example.com", "username": "u", "password": "secret" },
        } } } } } }));
        assert_eq!(found.registries["main"], "reg.example.com");
        assert!(!serde_json::to_string(&found).expect("JSON").contains("secret"));
    }
}
