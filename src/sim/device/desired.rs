//! Desired properties of `$edgeAgent`: read and checked as the product's agent does (Microsoft Learn, "Properties of the IoT Edge
//! agent and IoT Edge hub module twins", edgeAgent desired properties).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Order of a module that names none: after all that do.
pub const LAST_ORDER: u32 = u32::MAX;

/// Most characters of one `createOptions` member; longer text stands in `createOptions01` to `createOptions99` as well.
const CHUNKS: usize = 100;

/// What the agent is told to run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// Version of the desired properties.
    pub version: u64,
    /// Modules by id.
    pub modules: BTreeMap<String, ModuleSpec>,
    /// System modules by id (`edgeAgent`, `edgeHub`), as they were given.
    pub system: BTreeMap<String, ModuleSpec>,
}

/// What a module is told to be.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleSpec {
    /// Image reference as it was given.
    pub image: String,
    /// `createOptions` joined, as text.
    pub create_options_text: String,
    /// `createOptions` as an object; empty for none.
    pub create_options: Map<String, Value>,
    /// Environment.
    pub environment: BTreeMap<String, String>,
    /// Whether it shall run.
    pub status: Status,
    /// When it is started again.
    pub restart_policy: RestartPolicy,
    /// When its image is fetched.
    pub pull_policy: PullPolicy,
    /// Rank among the modules; lower starts first.
    pub startup_order: u32,
    /// Free text of the author.
    pub version: Option<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Returns the word of the manifest.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(
    /// Whether a module shall run.
    Status {
        /// It shall run.
        Running = "running",
        /// It shall exist, and not run.
        Stopped = "stopped",
    }
);

words!(
    /// When a module is started again.
    RestartPolicy {
        /// Never.
        Never = "never",
        /// When it failed.
        OnFailure = "on-failure",
        /// When it failed or was found unhealthy.
        OnUnhealthy = "on-unhealthy",
        /// Whenever it ended.
        Always = "always",
    }
);

words!(
    /// When an image is fetched.
    PullPolicy {
        /// When the module is created.
        OnCreate = "on-create",
        /// Never: it must be there.
        Never = "never",
    }
);

/// Why desired properties are refused: the code that the agent reports, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// 400 for a wrong format, 412 for an unknown schema, 417 for nothing.
    pub code: u16,
    /// What is wrong.
    pub description: String,
}

impl Invalid {
    fn format(description: impl Into<String>) -> Self {
        Self { code: 400, description: description.into() }
    }
}

impl Desired {
    /// Reads desired properties, `$version` and `$metadata` included.
    ///
    /// # Errors
    /// What the product's agent refuses, with the code that it reports.
    pub fn parse(document: &Value) -> Result<Self, Invalid> {
        let members = document.as_object().ok_or_else(|| Invalid::format("the desired properties are no object"))?;
        if members.keys().all(|name| name.starts_with('$')) {
            return Err(Invalid { code: 417, description: "the desired properties are empty".to_owned() });
        }
        check_schema(members.get("schemaVersion"))?;
        let runtime = members.get("runtime").and_then(|runtime| runtime.get("type")).and_then(Value::as_str);
        if runtime != Some("docker") {
            return Err(Invalid::format("runtime.type is not `docker`"));
        }
        let version = members.get("$version").and_then(Value::as_u64).unwrap_or_default();
        let system = modules(members.get("systemModules"), "systemModules")?;
        Ok(Self { version, modules: modules(members.get("modules"), "modules")?, system })
    }
}

/// Accepts 1.0 and 1.1 with any patch that is no later than 1.1.0.
fn check_schema(version: Option<&Value>) -> Result<(), Invalid> {
    let refuse = |text: &str| Invalid { code: 412, description: format!("schemaVersion {text} is not supported; 1.0 and 1.1 are") };
    let text = version.and_then(Value::as_str).ok_or_else(|| refuse("(none)"))?;
    let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([1, 0 | 1] | [1, 0, _] | [1, 1, 0]) => Ok(()),
        _ => Err(refuse(text)),
    }
}

fn modules(value: Option<&Value>, place: &str) -> Result<BTreeMap<String, ModuleSpec>, Invalid> {
    let members = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(Invalid::format(format!("{place} is no object"))),
    };
    let specs = members.iter().filter(|(_, value)| !value.is_null()).map(|(id, value)| {
        let is_system = place == "systemModules";
        let spec = ModuleSpec::parse(value, is_system).map_err(|reason| Invalid::format(format!("{place}.{id}: {reason}")))?;
        Ok((id.clone(), spec))
    });
    specs.collect()
}

impl ModuleSpec {
    fn parse(value: &Value, is_system: bool) -> Result<Self, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if text("type") != Some("docker") {
            return Err("type is not `docker`".to_owned());
        }
        let settings = value.get("settings").and_then(Value::as_object).ok_or("settings are missing")?;
        let image = settings.get("image").and_then(Value::as_str).filter(|image| !image.trim().is_empty());
        let (create_options_text, create_options) = create_options(settings)?;
        let status = match word(value, "status", Status::parse)? {
            None if !is_system => return Err("status is missing".to_owned()),
            status => status.unwrap_or(Status::Running),
        };
        Ok(Self {
            image: image.ok_or("settings.image is missing")?.trim().to_owned(),
            create_options_text,
            create_options,
            environment: environment(value.get("env"))?,
            status,
            restart_policy: word(value, "restartPolicy", RestartPolicy::parse)?.unwrap_or(RestartPolicy::OnUnhealthy),
            pull_policy: word(value, "imagePullPolicy", PullPolicy::parse)?.unwrap_or(PullPolicy::OnCreate),
            startup_order: startup_order(value.get("startupOrder"))?,
            version: text("version").map(ToOwned::to_owned),
        })
    }

    /// Tells whether a module of this specification must be made anew to become `other`.
    pub fn needs_new_instance(&self, other: &Self) -> bool {
        (&self.image, &self.create_options, &self.environment) != (&other.image, &other.create_options, &other.environment)
    }
}

fn word<T>(value: &Value, name: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(given) => {
            let parsed = given.as_str().and_then(|text| parse(&text.to_ascii_lowercase()));
            parsed.map(Some).ok_or_else(|| format!("{name} {given} is not known"))
        }
    }
}

fn startup_order(value: Option<&Value>) -> Result<u32, String> {
    match value {
        None | Some(Value::Null) => Ok(LAST_ORDER),
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number.ok_or_else(|| format!("startupOrder {value} is no whole number from 0 to {LAST_ORDER}"))
        }
    }
}

fn environment(value: Option<&Value>) -> Result<BTreeMap<String, String>, String> {
    let members = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err("env is no object".to_owned()),
    };
    let pairs = members.iter().map(|(name, entry)| match entry.get("value") {
        Some(Value::String(text)) => Ok((name.clone(), text.clone())),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok((name.clone(), value.to_string())),
        _ => Err(format!("env.{name} has no value that is a string, a number or a bool")),
    });
    pairs.collect()
}

/// Joins `createOptions`, `createOptions01` … in order, and reads them; nothing and `null` are no options.
fn create_options(settings: &Map<String, Value>) -> Result<(String, Map<String, Value>), String> {
    let first = match settings.get("createOptions") {
        None | Some(Value::Null) => return Ok((String::new(), Map::new())),
        // Some tools leave the object as it is; the agent's own reader takes it, too.
        Some(Value::Object(options)) => return Ok((Value::Object(options.clone()).to_string(), options.clone())),
        Some(Value::String(text)) => text,
        Some(_) => return Err("settings.createOptions is no string".to_owned()),
    };
    let further = (1..CHUNKS).map_while(|number| settings.get(&format!("createOptions{number:02}")).and_then(Value::as_str));
    let text: String = [first.as_str()].into_iter().chain(further).collect();
    if text.trim().is_empty() {
        return Ok((String::new(), Map::new()));
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(options)) => Ok((text, options)),
        Ok(Value::Null) => Ok((String::new(), Map::new())),
        Ok(_) => Err("settings.createOptions holds no object".to_owned()),
        Err(error) => Err(format!("settings.createOptions is no JSON: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(module: &Value) -> Value {
        json!({"schemaVersion": "1.1", "runtime": {"type": "docker"}, "modules": {"m": module}, "$version": 7})
    }

    fn module(changes: &Value) -> Value {
        let mut module = json!({"type": "docker", "status": "running", "settings": {"image": "a.io/m@sha256:0"}});
        module.as_object_mut().expect("object").extend(changes.as_object().expect("object").clone());
        module
    }

    #[test]
    fn defaults_are_the_agents_own() {
        let desired = Desired::parse(&manifest(&module(&json!({})))).expect("valid");
        let spec = &desired.modules["m"];
        assert_eq!((desired.version, spec.restart_policy, spec.pull_policy), (7, RestartPolicy::OnUnhealthy, PullPolicy::OnCreate));
        assert_eq!((spec.startup_order, spec.create_options_text.as_str()), (LAST_ORDER, ""));
    }

    #[test]
    fn reads_scalars_of_the_environment_and_split_create_options() {
        let value = module(&json!({
            "env": {"A": {"value": "x"}, "B": {"value": 2}, "C": {"value": true}},
            "settings": {"image": "m", "createOptions": "{\"Cmd\":[\"a", "createOptions01": "b\"]}", "createOptions03": "ignored"},
        }));
        let desired = Desired::parse(&manifest(&value)).expect("valid");
        let spec = &desired.modules["m"];
        assert_eq!(spec.environment.values().collect::<Vec<_>>(), ["x", "2", "true"]);
        assert_eq!(spec.create_options["Cmd"], json!(["ab"]));
    }

    #[test]
    fn refuses_with_the_codes_of_the_agent() {
        for (document, code, part) in [
            (json!({"$version": 1, "$metadata": {}}), 417, "empty"),
            (json!([]), 400, "no object"),
            (json!({"modules": {}}), 412, "(none)"),
            (json!({"schemaVersion": "1.2"}), 412, "1.2"),
            (json!({"schemaVersion": "2.0"}), 412, "2.0"),
            (json!({"schemaVersion": "1.1.1"}), 412, "1.1.1"),
            (json!({"schemaVersion": "1"}), 412, "1"),
            (json!({"schemaVersion": "1.0", "runtime": {"type": "x"}}), 400, "runtime.type"),
            (manifest(&module(&json!({"status": "paused"}))), 400, "modules.m: status"),
            (manifest(&module(&json!({"restartPolicy": "sometimes"}))), 400, "restartPolicy"),
            (manifest(&module(&json!({"type": "wasm"}))), 400, "type"),
            (manifest(&module(&json!({"settings": {}}))), 400, "settings.image"),
            (manifest(&module(&json!({"settings": {"image": "m", "createOptions": "{"}}))), 400, "createOptions"),
            (manifest(&module(&json!({"startupOrder": -1}))), 400, "startupOrder"),
            (manifest(&module(&json!({"env": {"A": "x"}}))), 400, "env.A"),
            (manifest(&json!({"type": "docker", "settings": {"image": "m"}})), 400, "status is missing"),
        ] {
            let invalid = Desired::parse(&document).expect_err(part);
            assert_eq!((invalid.code, invalid.description.contains(part)), (code, true), "{}", invalid.description);
        }
    }
}
