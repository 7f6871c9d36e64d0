//! A deployment manifest to a solution file that gives the same manifest again: what `edgectl.yaml` has words for is written in them, the
//! rest stands beside it as patches, and the outcome is generated and compared before anybody sees it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::check::{Source, modules_of};
use super::generate::{self, Input, generate};
use super::template::BuiltHere;
use super::{ManifestError, create_options, patch};
use crate::base::{Diagnose, Exit, yaml};
use crate::model::{ModuleId, SolutionName};
use crate::route::Route;
use crate::solution::compat::ModuleJson;
use crate::solution::{ModuleFile, Run, Solution};

const DESIRED: &str = "properties.desired";

/// What is imported.
#[derive(Clone, Debug)]
pub struct Import<'a> {
    /// Name of the solution.
    pub name: &'a SolutionName,
    /// The manifest: `modulesContent`.
    pub manifest: &'a Value,
    /// Folders of the modules that are built here, with their `module.json`.
    pub folders: &'a BTreeMap<String, BuiltHere>,
}

/// A solution to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Text of `edgectl.yaml`.
    pub solution: String,
    /// Texts of `module.yaml` by folder.
    pub modules: BTreeMap<PathBuf, String>,
    /// Whether it is a layer.
    pub layer: bool,
    /// What has no word in the format and stands there as a patch: names of modules, and `deployments` for the rest.
    pub patched: Vec<String>,
}

/// A manifest that no solution file gives.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It holds a `null`, which a solution file cannot carry.
    #[error("`{}` is null, which a solution file cannot carry", path.join(" / "))]
    Null {
        /// Keys that lead to it.
        path: Vec<String>,
    },
    /// The solution would not be one.
    #[error("the manifest does not become a solution")]
    Solution(#[source] Box<yaml::YamlError>),
    /// The solution would not give a manifest.
    #[error("the manifest does not become a solution")]
    Manifest(#[from] ManifestError),
    /// The solution would give another manifest.
    #[error("the manifest holds what a solution file would change, such as a number with more digits than are kept")]
    Changed,
}

impl Diagnose for ImportError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Null { .. } => "import/null",
            Self::Solution(error) => error.code(),
            Self::Manifest(error) => error.code(),
            Self::Changed => "import/changed",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Null { .. } => vec!["Remove the member from the template, or give it a value.".to_owned()],
            Self::Solution(error) => error.hints(),
            Self::Manifest(error) => error.hints(),
            Self::Changed => vec!["Write such a number as text, or keep the template.".to_owned()],
        }
    }
}

type Result<T> = std::result::Result<T, ImportError>;

/// Writes the solution that gives a manifest.
///
/// # Errors
/// When no solution does.
pub fn import(import: &Import<'_>) -> Result<Imported> {
    let mut writer = Writer::new(import);
    writer.modules()?;
    writer.routes();
    writer.twins();
    writer.runtime();
    let before = writer.manifest(None)?;
    let overlay = patch::difference(&before, import.manifest).map_err(|path| ImportError::Null { path })?;
    if writer.manifest(overlay.as_ref())? != *import.manifest {
        return Err(ImportError::Changed);
    }
    if overlay.is_some() {
        writer.patched.push("deployments".to_owned());
    }
    let solution = writer.solution_text(overlay.as_ref())?;
    Ok(Imported { solution, modules: writer.files, layer: writer.layer, patched: writer.patched })
}

/// The solution while it is written.
struct Writer<'a> {
    import: &'a Import<'a>,
    layer: bool,
    /// Modules of the agent, by name, as the manifest has them.
    found: BTreeMap<ModuleId, &'a Value>,
    modules: Map<String, Value>,
    routes: Map<String, Value>,
    twins: Map<String, Value>,
    runtime: Map<String, Value>,
    files: BTreeMap<PathBuf, String>,
    patched: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(import: &'a Import<'a>) -> Self {
        let agent = section(import.manifest, "$edgeAgent");
        let layer = agent.is_none_or(|agent| agent.get(DESIRED).is_none());
        let whole = agent.and_then(|agent| agent.get(DESIRED)?.get("modules")?.as_object()).into_iter().flatten();
        let dotted = agent.and_then(Value::as_object).into_iter().flatten();
        let dotted = dotted.filter_map(|(key, value)| Some((key.strip_prefix("properties.desired.modules.")?, value)));
        let found = whole.map(|(name, value)| (name.as_str(), value)).chain(dotted);
        let found = found.filter_map(|(name, value)| Some((name.parse().ok()?, value))).collect();
        Self {
            import,
            layer,
            found,
            modules: Map::new(),
            routes: Map::new(),
            twins: Map::new(),
            runtime: Map::new(),
            files: BTreeMap::new(),
            patched: Vec::new(),
        }
    }

    /// Writes the modules whose image is named; the others stay in the patch of the deployment.
    fn modules(&mut self) -> Result<()> {
        let folders: Vec<&PathBuf> =
            self.found.keys().filter_map(|name| self.import.folders.get(name.as_str())).map(|built| &built.folder).collect();
        let shared: BTreeSet<PathBuf> = folders
            .iter()
            .filter(|folder| folders.iter().filter(|other| other == folder).count() > 1)
            .map(|folder| (*folder).clone())
            .collect();
        for (name, value) in self.found.clone() {
            let Some(image) = value.pointer("/settings/image").and_then(Value::as_str) else { continue };
            let run = run_of(value);
            let mut entry = Map::from_iter([("image".to_owned(), json!(image))]);
            if !is_pinned(image) {
                entry.insert("pin".to_owned(), json!(false));
            }
            let mut inline = true;
            if let Some(BuiltHere { folder, module }) = self.import.folders.get(name.as_str()) {
                entry.insert("folder".to_owned(), json!(folder));
                inline = shared.contains(folder);
                let text = module_file(module, if inline { None } else { Some(&run) })?;
                self.files.insert(folder.clone(), text);
            }
            if inline && !run.is_empty() {
                entry.insert("run".to_owned(), Value::Object(run.clone()));
            }
            let natural = generate::module_of(&name, image, &typed_run(&run)?)?;
            if let Some(patch) = patch::difference(&natural, value).map_err(|path| self.null(&name, path))? {
                entry.insert("manifest".to_owned(), patch);
                self.patched.push(name.to_string());
            }
            self.modules.insert(name.to_string(), Value::Object(entry));
        }
        Ok(())
    }

    fn null(&self, module: &ModuleId, path: Vec<String>) -> ImportError {
        let modules = if self.layer { format!("{DESIRED}.modules.{module}") } else { format!("{DESIRED} / modules / {module}") };
        ImportError::Null { path: ["$edgeAgent".to_owned(), modules].into_iter().chain(path).collect() }
    }

    /// Writes the routes that compile and name modules of ours alone.
    fn routes(&mut self) {
        let hub = section(self.import.manifest, "$edgeHub");
        let whole = hub.and_then(|hub| hub.get(DESIRED)?.get("routes")?.as_object()).into_iter().flatten();
        let whole = whole.map(|(name, value)| (name.as_str(), value)).filter(|_| !self.layer);
        let dotted = hub.and_then(Value::as_object).into_iter().flatten();
        let dotted =
            dotted.filter_map(|(key, value)| Some((key.strip_prefix("properties.desired.routes.")?, value))).filter(|_| self.layer);
        for (name, value) in whole.chain(dotted) {
            let Some((text, entry)) = route_of(value) else { continue };
            let Ok(route) = Route::compile(name, text) else { continue };
            let named = modules_of(&route);
            let known = |module: &String| !module.contains('*') && self.modules.keys().any(|own| own.eq_ignore_ascii_case(module));
            let ordinary = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            if ordinary && named.iter().all(known) && !(self.layer && named.is_empty()) {
                self.routes.insert(name.to_owned(), entry);
            }
        }
    }

    fn twins(&mut self) {
        let sections = self.import.manifest.get("modulesContent").and_then(Value::as_object).into_iter().flatten();
        for (name, section) in sections {
            let whole = section.as_object().filter(|members| members.len() == 1).and_then(|members| members.get(DESIRED));
            if let Some(desired) = whole.filter(|desired| desired.is_object() && self.modules.contains_key(name)) {
                self.twins.insert(name.clone(), desired.clone());
            }
        }
    }

    fn runtime(&mut self) {
        if self.layer {
            return;
        }
        let image = |name: &str| {
            let agent = section(self.import.manifest, "$edgeAgent")?.get(DESIRED)?;
            agent.pointer(&format!("/systemModules/{name}/settings/image"))?.as_str().map(str::to_owned)
        };
        self.runtime.extend(image("edgeAgent").map(|image| ("edgeAgent".to_owned(), json!(image))));
        let Some(hub) = image("edgeHub") else { return };
        let life = section(self.import.manifest, "$edgeHub")
            .and_then(|hub| hub.get(DESIRED)?.pointer("/storeAndForwardConfiguration/timeToLiveSecs")?.as_u64());
        let entry = match life {
            Some(secs) if secs != generate::TIME_TO_LIVE_SECS && u32::try_from(secs).is_ok() => {
                json!({ "image": hub, "timeToLive": format!("{secs}s") })
            }
            _ => json!(hub),
        };
        self.runtime.insert("edgeHub".to_owned(), entry);
    }

    /// Returns the text of the solution file.
    fn solution_text(&self, overlay: Option<&Value>) -> Result<String> {
        let mut document = Map::from_iter([("version".to_owned(), json!(1)), ("solution".to_owned(), json!(self.import.name))]);
        let maps = [("runtime", &self.runtime), ("modules", &self.modules), ("routes", &self.routes), ("twins", &self.twins)];
        document
            .extend(maps.into_iter().filter(|(_, map)| !map.is_empty()).map(|(name, map)| (name.to_owned(), Value::Object(map.clone()))));
        if self.layer || overlay.is_some() {
            let names: Vec<&String> = self.modules.keys().collect();
            let mut deployment = Map::from_iter([("modules".to_owned(), json!(names))]);
            if self.layer {
                deployment.insert("layer".to_owned(), json!(true));
            }
            deployment.extend(overlay.map(|overlay| ("overlay".to_owned(), overlay.clone())));
            let name = if self.layer { "layer" } else { generate::ONLY };
            document.insert("deployments".to_owned(), json!({ name: deployment }));
        }
        let text = yaml::to_string(&Value::Object(document)).map_err(|_| ImportError::Changed)?;
        Ok(format!("# Imported from a deployment template; the same manifest comes out.\n{text}"))
    }

    /// Reads the solution back and generates its manifest.
    fn manifest(&self, overlay: Option<&Value>) -> Result<Value> {
        let (text, file) = (self.solution_text(overlay)?, Path::new("edgectl.yaml"));
        let refuse = |error| ImportError::Solution(Box::new(error));
        let solution = Solution::parse(&text, file).map_err(refuse)?;
        let mut modules = BTreeMap::new();
        for name in self.found.keys() {
            let Some(folder) = self.import.folders.get(name.as_str()).map(|built| &built.folder) else { continue };
            if let Some(text) = self.files.get(folder) {
                modules.insert(name.clone(), ModuleFile::parse(text, &folder.join("module.yaml")).map_err(refuse)?);
            }
        }
        let source = Source { solution: &solution, text: &text, file };
        let found = generate(Input { source, modules: &modules, images: &BTreeMap::new() }, None)?;
        Ok(found.into_iter().next().map(|deployment| deployment.content).unwrap_or_default())
    }
}

fn section<'a>(manifest: &'a Value, name: &str) -> Option<&'a Value> {
    manifest.get("modulesContent")?.get(name)
}

/// Tells whether an image is named by its digest.
pub fn is_pinned(image: &str) -> bool {
    image.parse::<crate::model::Reference>().is_ok_and(|reference| reference.digest.is_some())
}

/// Returns the part of a module that `run` has words for.
fn run_of(module: &Value) -> Map<String, Value> {
    let mut run = Map::new();
    if let Some(env) = module.get("env").and_then(Value::as_object) {
        let plain = |value: &Value| value.as_object().filter(|members| members.len() == 1)?.get("value")?.as_str().map(|text| json!(text));
        let env: Map<String, Value> = env.iter().filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect();
        if !env.is_empty() {
            run.insert("env".to_owned(), Value::Object(env));
        }
    }
    let policy =
        module.get("restartPolicy").and_then(Value::as_str).filter(|policy| ["never", "on-failure", "on-unhealthy"].contains(policy));
    run.extend(policy.map(|policy| ("restart".to_owned(), json!(policy))));
    let order = module.get("startupOrder").and_then(Value::as_u64).filter(|order| u32::try_from(*order).is_ok());
    run.extend(order.map(|order| ("startupOrder".to_owned(), json!(order))));
    let joined = module.get("settings").and_then(Value::as_object).and_then(|settings| create_options::join(settings).ok());
    if let Some(text) = joined.map(|joined| joined.text).filter(|text| !matches!(text.as_str(), "" | "{}")) {
        run.insert("createOptions".to_owned(), readable(&text));
    }
    run
}

/// Returns create options as an object where that is written the same way again, else as text.
fn readable(text: &str) -> Value {
    let object = create_options::parse(text).ok().map(Value::Object);
    let same = |object: &Value| crate::base::json::canonical(object).is_ok_and(|bytes| bytes == text.as_bytes());
    object.filter(same).unwrap_or_else(|| json!(text))
}

fn typed_run(run: &Map<String, Value>) -> Result<Run> {
    let text = yaml::to_string(run).map_err(|_| ImportError::Changed)?;
    yaml::from_str(&text, Path::new("edgectl.yaml")).map_err(|error| ImportError::Solution(Box::new(error)))
}

/// Returns the text of a route, and how it is written in a solution.
fn route_of(value: &Value) -> Option<(&str, Value)> {
    if let Some(text) = value.as_str() {
        return Some((text, json!(text)));
    }
    let members = value.as_object()?;
    let text = members.get("route")?.as_str()?;
    let mut entry = Map::from_iter([("route".to_owned(), json!(text))]);
    for (key, value) in members {
        match key.as_str() {
            "route" => {}
            "priority" => {
                let priority = value.as_u64().filter(|priority| *priority <= 9)?;
                entry.insert("priority".to_owned(), json!(priority));
            }
            "timeToLiveSecs" => {
                let secs = value.as_u64().filter(|secs| u32::try_from(*secs).is_ok())?;
                entry.insert("timeToLive".to_owned(), json!(format!("{secs}s")));
            }
            _ => return None,
        }
    }
    // A route object with nothing but its text is written as text, which would be another tree.
    (members.len() > 1).then_some((text, Value::Object(entry)))
}

/// Returns the text of a `module.yaml`.
fn module_file(module: &ModuleJson, run: Option<&Map<String, Value>>) -> Result<String> {
    let mut platforms: Vec<String> = Vec::new();
    for (name, _) in &module.platforms {
        let platform = platform_of(name);
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    let dockerfiles: Map<String, Value> = module.platforms.iter().map(|(name, file)| (name.clone(), json!(file))).collect();
    let mut build = Map::from_iter([("language".to_owned(), json!("dockerfile"))]);
    build.insert("platforms".to_owned(), json!(platforms));
    build.insert("dockerfiles".to_owned(), Value::Object(dockerfiles));
    build.extend(module.context_path.iter().map(|context| ("context".to_owned(), json!(context))));
    if !module.build_options.is_empty() {
        build.insert("options".to_owned(), json!(module.build_options));
    }
    let mut document = Map::from_iter([("version".to_owned(), json!(1)), ("build".to_owned(), Value::Object(build))]);
    if let Some(run) = run.filter(|run| !run.is_empty()) {
        document.insert("run".to_owned(), Value::Object(run.clone()));
    }
    let text = yaml::to_string(&Value::Object(document)).map_err(|_| ImportError::Changed)?;
    Ok(format!("# Imported from module.json, which stays as it is.\n{text}"))
}

/// Returns the platform that a name of `module.json` means; a name that is free stays one, for linux.
fn platform_of(name: &str) -> String {
    let name = name.strip_suffix(".debug").unwrap_or(name);
    match name {
        "arm32v7" => "linux/arm/v7".to_owned(),
        "arm64v8" => "linux/arm64".to_owned(),
        _ => match name.strip_prefix("windows-") {
            Some(architecture) => format!("windows/{architecture}"),
            None => format!("linux/{name}"),
        },
    }
}
