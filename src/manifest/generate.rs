//! Manifests from a solution: a base with everything that a device runs, layers with what they add. Images are named by digest only,
//! and the same solution gives the same bytes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::check::{self, Source};
use super::create_options;
use super::error::ManifestError;
use super::patch;
use crate::base::{Digest, json};
use crate::model::{ModuleId, Reference};
use crate::route;
use crate::solution::{Module, ModuleFile, RestartPolicy, Run, Solution};

/// Version of both system modules' desired properties: the lowest that knows everything that is written here (startup order, priority
/// and life of a route), and that every runtime still in support reads. One version for all keeps base and layers together.
const SCHEMA: &str = "1.1";
/// How long the broker keeps messages when nothing else is said, in seconds.
pub(super) const TIME_TO_LIVE_SECS: u64 = 7200;
/// Priority of the first base, as a promotion gives it.
const FIRST_PRIORITY: u32 = 100;
/// Name of the one deployment of a solution that names none.
pub const ONLY: &str = "base";

/// What manifests are written from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The solution file.
    pub source: Source<'a>,
    /// Module files of the modules that are folders.
    pub modules: &'a BTreeMap<ModuleId, ModuleFile>,
    /// Images of the modules that are folders, each with a digest.
    pub images: &'a BTreeMap<ModuleId, Reference>,
}

/// One deployment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Its name in the solution.
    pub name: String,
    /// Whether it is a layer over a base.
    pub layer: bool,
    /// Its target condition; `null` is every device.
    pub target: Option<String>,
    /// A priority that goes with those of the other deployments: bases first, every layer above them with one of its own.
    pub priority: u32,
    /// The manifest: `modulesContent`, as the hub takes it.
    pub content: Value,
    /// Digest of the manifest's canonical JSON.
    pub digest: Digest,
}

/// A deployment of the solution before it is written.
struct Plan<'a> {
    name: &'a str,
    layer: bool,
    priority: u32,
    target: Option<&'a str>,
    modules: Vec<&'a ModuleId>,
}

/// Writes the deployments of a solution, all or the one of a name, in the order of their names.
///
/// # Errors
/// A fault of the solution with its place, or a module whose image is not known.
pub fn generate(input: Input<'_>, only: Option<&str>) -> Result<Vec<Deployment>, ManifestError> {
    check::check(input.source)?;
    let plans = plans(input.source.solution);
    let routes = routes(input.source, &plans)?;
    let chosen = plans.iter().enumerate().filter(|(_, plan)| only.is_none_or(|name| plan.name == name));
    chosen.map(|(index, plan)| deployment(input, plan, index, &routes)).collect()
}

/// Returns the modules whose images the deployments need, all or one of them.
pub fn modules_needed<'a>(solution: &'a Solution, deployment: Option<&str>) -> Vec<&'a ModuleId> {
    let plans = plans(solution);
    let chosen = plans.iter().filter(|plan| deployment.is_none_or(|name| plan.name == name));
    let mut modules: Vec<&ModuleId> = chosen.flat_map(|plan| plan.modules.iter().copied()).collect();
    modules.sort();
    modules.dedup();
    modules
}

fn plans(solution: &Solution) -> Vec<Plan<'_>> {
    if solution.deployments.is_empty() {
        let modules = solution.modules.keys().collect();
        return vec![Plan { name: ONLY, layer: false, priority: FIRST_PRIORITY, target: None, modules }];
    }
    let (layers, bases): (Vec<_>, Vec<_>) = solution.deployments.iter().partition(|(_, deployment)| deployment.layer);
    let order: BTreeMap<&String, u32> = bases.into_iter().chain(layers).map(|(name, _)| name).zip(FIRST_PRIORITY..).collect();
    let deployments = solution.deployments.iter().map(|(name, deployment)| Plan {
        name,
        layer: deployment.layer,
        priority: order.get(name).copied().unwrap_or(FIRST_PRIORITY),
        target: deployment.target.as_deref(),
        modules: deployment.modules.iter().collect(),
    });
    deployments.collect()
}

/// Decides which deployment carries which route: a base takes the routes between its own modules, a layer those that need it.
fn routes<'a>(source: Source<'a>, plans: &[Plan<'_>]) -> Result<BTreeMap<&'a str, Vec<usize>>, ManifestError> {
    let mut carried = BTreeMap::new();
    for (name, spec) in &source.solution.routes {
        let Ok(compiled) = route::Route::compile(name, &spec.route) else { continue };
        let named = check::modules_of(&compiled);
        let has = |plan: &Plan<'_>, module: &String| plan.modules.iter().any(|own| own.as_str().eq_ignore_ascii_case(module));
        let whole = |plan: &Plan<'_>| named.iter().all(|module| has(plan, module));
        let in_base = plans.iter().any(|plan| !plan.layer && whole(plan));
        let takes = |plan: &Plan<'_>| if plan.layer { !in_base && named.iter().any(|module| has(plan, module)) } else { whole(plan) };
        let carriers: Vec<usize> = plans.iter().enumerate().filter(|(_, plan)| takes(plan)).map(|(index, _)| index).collect();
        let missing = named.iter().find(|module| !plans.iter().any(|plan| has(plan, module)));
        if let Some(module) = missing {
            let message = format!("route `{name}` names `{module}`, which no deployment carries");
            let hint = "Add the module to a deployment, or remove the route.";
            return Err(source.fault(&["routes", name], "", 0, "manifest/undeployed-module", message, hint));
        }
        if carriers.is_empty() && plans.iter().any(|plan| !plan.layer) {
            let message = format!("no deployment can carry route `{name}`: its modules are in different bases");
            return Err(source.fault(&["routes", name], "", 0, "manifest/split-route", message, "Put its modules into one base."));
        }
        carried.insert(name.as_str(), carriers);
    }
    Ok(carried)
}

fn deployment(input: Input<'_>, plan: &Plan<'_>, index: usize, routes: &BTreeMap<&str, Vec<usize>>) -> Result<Deployment, ManifestError> {
    let solution = input.source.solution;
    let own = |carriers: &Vec<usize>| carriers.contains(&index);
    let routes: Map<String, Value> = solution
        .routes
        .iter()
        .filter(|(name, _)| routes.get(name.as_str()).is_some_and(own))
        .map(|(name, spec)| (name.clone(), route_value(spec)))
        .collect();
    let mut modules = Map::new();
    for module in &plan.modules {
        modules.insert(module.to_string(), module_value(input, module)?);
    }
    let mut content = if plan.layer { layer(modules, routes) } else { base(solution, &modules, &routes) };
    for module in &plan.modules {
        if let Some(desired) = solution.twins.get(*module) {
            content.insert(module.to_string(), json!({ "properties.desired": desired }));
        }
    }
    let mut content = json!({ "modulesContent": content });
    if let Some(overlay) = solution.deployments.get(plan.name).and_then(|deployment| deployment.overlay.as_ref()) {
        patch::apply(&mut content, overlay);
        require_pinned(input, plan, &content)?;
    }
    let digest = Digest::of(&json::canonical(&content).expect("JSON values have text keys"));
    let (name, target) = (plan.name.to_owned(), plan.target.map(str::to_owned));
    Ok(Deployment { name, layer: plan.layer, target, priority: plan.priority, content, digest })
}

/// Refuses an overlay that gives a module an image without a digest, unless the module is there with `pin: false`.
fn require_pinned(input: Input<'_>, plan: &Plan<'_>, content: &Value) -> Result<(), ManifestError> {
    let agent = content.pointer("/modulesContent/$edgeAgent").and_then(Value::as_object).into_iter().flatten();
    let modules = agent.flat_map(|(key, value)| match key.strip_prefix("properties.desired.modules.") {
        Some(name) => vec![(name, value)],
        None => value.get("modules").and_then(Value::as_object).into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect(),
    });
    for (name, module) in modules {
        let Some(image) = module.pointer("/settings/image").and_then(Value::as_str) else { continue };
        let listed = name.parse::<ModuleId>().ok().and_then(|name| input.source.solution.modules.get(&name));
        if !matches!(listed, Some(Module::Unpinned { .. })) && !super::import::is_pinned(image) {
            let message = format!("the overlay names the image of `{name}` without a digest");
            let hint = "Write image: REPOSITORY@sha256:DIGEST, or list the module with pin: false.";
            return Err(input.source.fault(&["deployments", plan.name, "overlay"], "", 0, "manifest/no-digest", message, hint));
        }
    }
    Ok(())
}

/// Returns the sections of a base.
fn base(solution: &Solution, modules: &Map<String, Value>, routes: &Map<String, Value>) -> Map<String, Value> {
    let runtime = &solution.runtime;
    let ports = json!({ "HostConfig": { "PortBindings": {
        "443/tcp": [{ "HostPort": "443" }], "5671/tcp": [{ "HostPort": "5671" }], "8883/tcp": [{ "HostPort": "8883" }],
    } } });
    let agent = json!({
        "schemaVersion": SCHEMA,
        "runtime": { "type": "docker", "settings": { "minDockerVersion": "v1.25" } },
        "systemModules": {
            "edgeAgent": { "type": "docker", "settings": { "image": runtime.edge_agent.image, "createOptions": "{}" } },
            "edgeHub": {
                "type": "docker",
                "status": "running",
                "restartPolicy": "always",
                "settings": { "image": runtime.edge_hub.image, "createOptions": ports.to_string() },
            },
        },
        "modules": modules,
    });
    let life = runtime.edge_hub.time_to_live.map_or(TIME_TO_LIVE_SECS, crate::base::duration::Span::as_secs);
    let hub = json!({ "schemaVersion": SCHEMA, "routes": routes, "storeAndForwardConfiguration": { "timeToLiveSecs": life } });
    let section = |desired: Value| json!({ "properties.desired": desired });
    Map::from_iter([("$edgeAgent".to_owned(), section(agent)), ("$edgeHub".to_owned(), section(hub))])
}

/// Returns the sections of a layer: keys below the base's properties. The agent's section is always there, as the hub wants it.
fn layer(modules: Map<String, Value>, routes: Map<String, Value>) -> Map<String, Value> {
    let keys = |kind: &str, members: Map<String, Value>| -> Value {
        members.into_iter().map(|(name, value)| (format!("properties.desired.{kind}.{name}"), value)).collect()
    };
    let mut sections = Map::from_iter([("$edgeAgent".to_owned(), keys("modules", modules))]);
    if !routes.is_empty() {
        sections.insert("$edgeHub".to_owned(), keys("routes", routes));
    }
    sections
}

fn route_value(spec: &crate::solution::Route) -> Value {
    if spec.priority.is_none() && spec.time_to_live.is_none() {
        return Value::String(spec.route.clone());
    }
    let mut object = Map::from_iter([("route".to_owned(), json!(spec.route))]);
    object.extend(spec.priority.map(|priority| ("priority".to_owned(), json!(priority))));
    object.extend(spec.time_to_live.map(|life| ("timeToLiveSecs".to_owned(), json!(life.as_secs()))));
    Value::Object(object)
}

fn module_value(input: Input<'_>, module: &ModuleId) -> Result<Value, ManifestError> {
    let listed = input.source.solution.modules.get(module);
    let missing = || ManifestError::NoImage { module: module.clone() };
    let digest_only = |image: &Reference| Some(image.repository.at(image.digest?).to_string());
    let image = match listed {
        Some(Module::Unpinned { image, .. }) => image.clone(),
        Some(Module::Image { image, .. }) => digest_only(image).ok_or_else(missing)?,
        _ => input.images.get(module).and_then(digest_only).ok_or_else(missing)?,
    };
    let setup = listed.and_then(Module::setup);
    let of_folder = || input.modules.get(module).map(|file| file.run.clone());
    let run = setup.and_then(|setup| setup.run.clone()).or_else(of_folder).unwrap_or_default();
    let mut value = module_of(module, &image, &run)?;
    if let Some(patch) = setup.and_then(|setup| setup.manifest.as_ref()) {
        patch::apply(&mut value, patch);
    }
    Ok(value)
}

/// Returns what a manifest says of a module that runs an image.
pub(super) fn module_of(module: &ModuleId, image: &str, run: &Run) -> Result<Value, ManifestError> {
    let mut settings = Map::from_iter([("image".to_owned(), json!(image))]);
    settings.extend(create_options(module, run.create_options.as_ref())?);
    let mut value = Map::from_iter([
        ("type".to_owned(), json!("docker")),
        ("status".to_owned(), json!("running")),
        ("restartPolicy".to_owned(), restart_policy(run.restart)),
        ("imagePullPolicy".to_owned(), json!("on-create")),
    ]);
    value.extend(run.startup_order.map(|order| ("startupOrder".to_owned(), json!(order))));
    let env: Map<String, Value> = run.env.iter().map(|(name, value)| (name.clone(), json!({ "value": value }))).collect();
    if !env.is_empty() {
        value.insert("env".to_owned(), Value::Object(env));
    }
    value.insert("settings".to_owned(), Value::Object(settings));
    Ok(Value::Object(value))
}

fn restart_policy(policy: RestartPolicy) -> Value {
    json!(match policy {
        RestartPolicy::Never => "never",
        RestartPolicy::OnFailure => "on-failure",
        RestartPolicy::OnUnhealthy => "on-unhealthy",
        RestartPolicy::Always => "always",
    })
}

/// Returns create options as the twin carries them: JSON as text, in pieces.
fn create_options(module: &ModuleId, options: Option<&Value>) -> Result<Vec<(String, Value)>, ManifestError> {
    let refuse = |source| ManifestError::CreateOptions { module: module.clone(), source };
    let text = match options {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(options @ Value::Object(_)) => {
            // Canonical, so that the order of keys in module.yaml does not change the manifest.
            String::from_utf8_lossy(&json::canonical(options).expect("JSON values have text keys")).into_owned()
        }
        Some(options) => {
            let settings = Map::from_iter([(create_options::key(0), options.clone())]);
            let text = create_options::join(&settings).map_err(refuse)?.text;
            create_options::parse(&text).map_err(refuse)?;
            text
        }
    };
    let split = create_options::split(&text).map_err(refuse)?;
    Ok(split.pieces.into_iter().map(|(key, piece)| (key, json!(piece))).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::base::Diagnose as _;

    const SOLUTION: &str = r#"version: 1
solution: greenhouse
runtime:
  edgeHub: { image: "hub:1", timeToLive: 10m }
modules:
  sensor: modules/sensor
  filter: modules/filter
  camera: { image: "docker.io/library/camera@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
routes:
  in: FROM /messages/modules/sensor/outputs/telemetry INTO BrokeredEndpoint("/modules/filter/inputs/in")
  alerts: { route: FROM /messages/modules/filter/outputs/alert INTO $upstream, priority: 0, timeToLive: 1h }
  frames: FROM /messages/modules/camera/* INTO $upstream
twins:
  filter: { threshold: 25 }
deployments:
  base: { modules: [sensor, filter] }
  vision: { layer: true, modules: [camera], target: tags.hw.camera = true }
rings:
  - { name: canary, target: tags.ring = 'canary' }
"#;

    fn id(name: &str) -> ModuleId {
        name.parse().expect("a name")
    }

    fn generated(text: &str, run: &str) -> Result<Vec<Deployment>, ManifestError> {
        let file = Path::new("edgectl.yaml");
        let solution = Solution::parse(text, file).expect("a solution");
        let module = format!("version: 1\nbuild: {{ language: rust }}\nrun: {run}\n");
        let module = ModuleFile::parse(&module, Path::new("module.yaml")).expect("a module");
        let image = |name: &str| solution.repository(&id(name)).at(Digest::of(name.as_bytes()));
        let modules = BTreeMap::from([(id("sensor"), module)]);
        let images = BTreeMap::from([(id("sensor"), image("sensor")), (id("filter"), image("filter"))]);
        generate(Input { source: Source { solution: &solution, text, file }, modules: &modules, images: &images }, None)
    }

    #[test]
    fn a_base_carries_everything_and_a_layer_what_it_adds() {
        let found = generated(SOLUTION, "{ env: { LOG: debug }, restart: on-failure, startupOrder: 3, createOptions: { Hostname: s } }")
            .expect("manifests");
        let kinds: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.layer, one.priority)).collect();
        assert_eq!(kinds, [("base", false, 100), ("vision", true, 101)]);
        let sections = &found[0].content["modulesContent"];
        let agent = &sections["$edgeAgent"]["properties.desired"];
        assert_eq!(agent["schemaVersion"], "1.1");
        assert_eq!(agent["systemModules"]["edgeHub"]["settings"]["image"], "hub:1");
        let digest = Digest::of(b"sensor");
        let sensor = json!({
            "type": "docker", "status": "running", "restartPolicy": "on-failure", "imagePullPolicy": "on-create", "startupOrder": 3,
            "env": { "LOG": { "value": "debug" } },
            "settings": { "image": format!("edgectl.local/greenhouse/sensor@{digest}"), "createOptions": "{\"Hostname\":\"s\"}" },
        });
        assert_eq!(agent["modules"]["sensor"], sensor);
        assert_eq!(sections["filter"], json!({ "properties.desired": { "threshold": 25 } }));
        let hub = &sections["$edgeHub"]["properties.desired"];
        assert_eq!(hub["storeAndForwardConfiguration"]["timeToLiveSecs"], 600);
        assert_eq!(hub["routes"].as_object().expect("routes").keys().collect::<Vec<_>>(), ["alerts", "in"]);
        assert_eq!((&hub["routes"]["alerts"]["priority"], &hub["routes"]["alerts"]["timeToLiveSecs"]), (&json!(0), &json!(3600)));

        let layer = &found[1].content["modulesContent"];
        assert!(
            layer["$edgeAgent"]["properties.desired.modules.camera"]["settings"]["image"]
                .as_str()
                .expect("text")
                .contains("camera@sha256:")
        );
        assert_eq!(layer["$edgeHub"]["properties.desired.routes.frames"], "FROM /messages/modules/camera/* INTO $upstream");
        assert_eq!(found[1].target.as_deref(), Some("tags.hw.camera = true"));
    }

    #[test]
    fn layers_lie_above_all_bases_with_priorities_of_their_own() {
        let text =
            SOLUTION.replace("  vision: {", "  aa: { layer: true, modules: [camera] }\n  zz: { modules: [sensor, filter] }\n  vision: {");
        let found = generated(&text, "{}").expect("manifests");
        let priorities: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.priority)).collect();
        assert_eq!(priorities, [("aa", 102), ("base", 100), ("vision", 103), ("zz", 101)]);
    }

    #[test]
    fn a_layer_carries_the_twins_of_its_modules_and_unknown_docker_keys_pass() {
        let text = SOLUTION.replace("twins:", "twins:\n  camera: { fps: 5 }");
        let found = generated(&text, "{ createOptions: { HostConfig: { Novel: [1] }, x-own: true } }").expect("manifests");
        assert_eq!(found[1].content["modulesContent"]["camera"], json!({ "properties.desired": { "fps": 5 } }));
        assert!(found[0].content["modulesContent"].get("camera").is_none());
        let settings = &found[0].content["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"]["sensor"]["settings"];
        let options: Value = serde_json::from_str(settings["createOptions"].as_str().expect("text")).expect("JSON");
        assert_eq!(options, json!({ "HostConfig": { "Novel": [1] }, "x-own": true }));
    }

    #[test]
    fn the_same_solution_gives_the_same_bytes() {
        let one = serde_json::to_vec(&generated(SOLUTION, "{}").expect("manifests")).expect("bytes");
        assert_eq!(one, serde_json::to_vec(&generated(SOLUTION, "{}").expect("manifests")).expect("bytes"));
    }

    #[test]
    fn without_deployments_one_base_has_every_module() {
        let text: String = SOLUTION
            .lines()
            .filter(|line| !line.contains("layer:") && !line.contains("base: {") && *line != "deployments:")
            .map(|line| format!("{line}\n"))
            .collect();
        let found = generated(&text, "{}").expect("manifests");
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].content["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"].as_object().expect("modules").len(),
            3
        );
    }

    #[test]
    fn faults_name_their_place_in_the_file() {
        for (old, new, at, code) in [
            ("outputs/telemetry INTO", "outputs/telemetry WHERE t > 5 INTO", (10, "> 5"), "route/type-mismatch"),
            ("modules/filter/inputs", "modules/flter/inputs", (10, "flter/"), "manifest/unknown-module"),
            ("  in: FROM", "  in.x: FROM", (10, "in.x:"), "manifest/bad-route-name"),
            ("priority: 0", "priority: 10", (11, "priority: 10"), "manifest/bad-priority"),
            ("[camera]", "[camra]", (17, "camra]"), "manifest/unknown-module"),
            ("tags.ring = 'canary'", "tag.ring = 'canary'", (19, "tag.ring"), "target/tag-singular"),
            ("target: tags.hw.camera = true", "target: tags.hw.camera = yes", (17, "yes }"), "target/root-not-allowed"),
            ("[sensor, filter]", "[sensor]", (11, "alerts:"), "manifest/undeployed-module"),
            ("  filter: { threshold: 25 }", "  filter: 25", (14, "filter: 25"), "manifest/bad-twin"),
            ("threshold: 25", &format!("note: {}", "x".repeat(4097)), (14, "filter: {"), "manifest/twin-too-large"),
        ] {
            let text = SOLUTION.replace(old, new);
            let error = generated(&text, "{}").expect_err(new);
            assert_eq!(error.code(), code, "{new}: {error}");
            let ManifestError::Solution(place) = error else { panic!("{new}: {error}") };
            let column = usize::try_from(place.place.column).expect("small");
            let shown: String = place.place.source_line.iter().flat_map(|line| line.chars()).skip(column - 1).collect();
            assert!(place.place.line == at.0 && shown.starts_with(at.1), "{new}: {place}");
        }
    }

    #[test]
    fn an_unknown_image_says_how_to_make_it() {
        let text = SOLUTION
            .replace("sensor: modules/sensor", "sensor: modules/sensor\n  other: modules/other")
            .replace("[sensor, ", "[other, sensor, ");
        let error = generated(&text, "{}").expect_err("no image");
        assert_eq!((error.code(), error.hints()), ("manifest/no-image", vec!["Run `edgectl image build other`.".to_owned()]));
    }

    #[test]
    fn long_create_options_go_on_in_pieces() {
        let found =
            generated(SOLUTION, &format!("{{ createOptions: {{ Labels: {{ a: \"{}\" }} }} }}", "x".repeat(600))).expect("manifests");
        let settings = &found[0].content["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"]["sensor"]["settings"];
        let whole = format!("{}{}", settings["createOptions"].as_str().expect("text"), settings["createOptions01"].as_str().expect("text"));
        let value: Value = serde_json::from_str(&whole).expect("JSON");
        assert_eq!(value["Labels"]["a"].as_str().map(str::len), Some(600));
    }
}
