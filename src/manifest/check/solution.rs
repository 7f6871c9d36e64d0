//! Checks of a solution before a manifest is written from it: routes, names, modules and conditions, each fault at its place.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::base::yaml::YamlError;
use crate::base::{Diagnose, text::nearest};
use crate::manifest::error::{ManifestError, Place};
use crate::manifest::limits;
use crate::model::ModuleId;
use crate::route::{Endpoint, Route};
use crate::solution::{Deployment, Module, Solution};
use crate::target::Condition;

type Result<T = ()> = std::result::Result<T, ManifestError>;

/// The solution file that is checked: what it says, its text, and its name for errors.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What it says.
    pub solution: &'a Solution,
    /// Its text.
    pub text: &'a str,
    /// Its name.
    pub file: &'a Path,
}

/// Checks everything that a manifest depends on.
///
/// # Errors
/// At the first fault, with file, line and column.
pub fn check(source: Source<'_>) -> Result {
    faults(source).into_iter().next().map_or(Ok(()), Err)
}

/// Returns every fault of what a manifest depends on: routes first, then modules, twins, deployments and rings.
pub fn faults(source: Source<'_>) -> Vec<ManifestError> {
    let solution = source.solution;
    let routes = solution.routes.iter().map(|(name, route)| check_route(source, name, &route.route, route.priority));
    let modules = solution.modules.iter().map(|(name, module)| check_module(source, name, module));
    let twins = solution.twins.iter().map(|(name, properties)| check_twin(source, name, properties));
    let deployments = solution.deployments.iter().flat_map(|(name, deployment)| check_deployment(source, name, deployment));
    let rings = solution.rings.iter().map(|ring| condition(source, &["rings"], &ring.target).map(drop));
    routes.chain(modules).chain(twins).chain(deployments).chain(rings).filter_map(Result::err).collect()
}

fn check_module(source: Source<'_>, name: &ModuleId, module: &Module) -> Result {
    match module {
        Module::Image { image, .. } if image.digest.is_none() => {
            let message = format!("the image of `{name}` is named without a digest");
            let hint = "Write image: REPOSITORY@sha256:DIGEST, or add pin: false to keep the tag, which no release takes.";
            Err(source.fault(&["modules", name.as_str()], "", 0, "manifest/no-digest", message, hint))
        }
        _ => check_patch(source, name, module),
    }
}

/// Refuses a patch that would hide which image runs.
fn check_patch(source: Source<'_>, name: &ModuleId, module: &Module) -> Result {
    let Some(manifest) = module.setup().and_then(|setup| setup.manifest.as_ref()) else { return Ok(()) };
    let place = ["modules", name.as_str(), "manifest"];
    if !manifest.is_object() {
        let message = format!("the `manifest` of `{name}` is no object");
        return Err(source.fault(&place, "", 0, "manifest/bad-patch", message, "Write the members that the manifest shall have besides."));
    }
    if manifest.get("settings").is_some_and(|settings| !settings.is_object() || settings.get("image").is_some()) {
        let message = format!("the `manifest` of `{name}` names an image");
        return Err(source.fault(&place, "", 0, "manifest/bad-patch", message, "Name it under `image` of the module."));
    }
    Ok(())
}

fn check_twin(source: Source<'_>, name: &ModuleId, properties: &Value) -> Result {
    source.require_module(&["twins", name.as_str()], name.as_str())?;
    let place = ["twins", name.as_str()];
    if !properties.is_object() {
        let message = format!("the desired properties of `{name}` are no object");
        return Err(source.fault(&place, "", 0, "manifest/bad-twin", message, "Write NAME: VALUE pairs below it."));
    }
    match limits::exceeded(properties) {
        None => Ok(()),
        Some(limit) => {
            let message = format!("the desired properties of `{name}` {limit}");
            Err(source.fault(&place, "", 0, "manifest/twin-too-large", message, "Move large values into a file of the module."))
        }
    }
}

fn check_deployment(source: Source<'_>, name: &str, deployment: &Deployment) -> Vec<Result> {
    let mut results = vec![check_name(source, name)];
    results.extend(deployment.modules.iter().map(|module| source.require_module(&["deployments", name, "modules"], module.as_str())));
    results.extend(deployment.target.iter().map(|target| condition(source, &["deployments", name, "target"], target).map(drop)));
    results
}

/// Returns the modules that a route names in its source and its sink.
pub fn modules_of(route: &Route) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let parts: Vec<&str> = route.source().trim_matches('/').split('/').collect();
    if let [messages, modules, module, ..] = parts.as_slice()
        && messages.eq_ignore_ascii_case("messages")
        && modules.eq_ignore_ascii_case("modules")
    {
        named.insert((*module).to_ascii_lowercase());
    }
    if let Endpoint::Module { module, .. } = route.endpoint() {
        named.insert(module.clone());
    }
    named
}

fn check_route(source: Source<'_>, name: &str, text: &str, priority: Option<u8>) -> Result {
    let path = ["routes", name];
    if name.is_empty() || name.contains(|c: char| matches!(c, '.' | '$' | '#') || c.is_whitespace() || c.is_control()) {
        let hint = "Use letters, digits, - and _.";
        return Err(source.fault(&path, "", 0, "manifest/bad-route-name", format!("`{name}` is no route name"), hint));
    }
    if priority.is_some_and(|priority| priority > 9) {
        let message = format!("the priority of the route `{name}` is above 9");
        return Err(source.fault(&path, "priority", 0, "manifest/bad-priority", message, "Priorities are 0 (first) to 9."));
    }
    let route = Route::compile(name, text).map_err(|error| {
        let hint = error.hints().join(" ");
        source.fault(&path, text, error.span.start, error.code(), format!("route `{name}`: {}", error.message), &hint)
    })?;
    for module in modules_of(&route) {
        let at =
            text.to_ascii_lowercase().find(&format!("/modules/{}", module.to_ascii_lowercase())).map_or(0, |at| at + "/modules/".len());
        if module.contains('*') {
            let hint = "A `*` works at the end of a source only; name each module in a route of its own.";
            return Err(source.fault(&path, text, at, "route/inner-wildcard", format!("route `{name}` can never match"), hint));
        }
        source.require_module_in(&path, text, at, &module)?;
    }
    Ok(())
}

fn check_name(source: Source<'_>, name: &str) -> Result {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.len() <= 63 && name.chars().all(legal) {
        return Ok(());
    }
    let message = format!("`{name}` is no deployment name");
    Err(source.fault(&["deployments", name], "", 0, "manifest/bad-deployment-name", message, "Use 1 to 63 characters of a-z, 0-9 and -."))
}

fn condition(source: Source<'_>, path: &[&str], text: &str) -> Result<Condition> {
    Condition::parse(text).map_err(|error| {
        let hint = error.hints().join(" ");
        source.fault(path, text, error.span.start, error.code(), format!("target condition: {}", error.message), &hint)
    })
}

impl Source<'_> {
    /// Returns an error at a key of the file, or at a byte of a value below it when the value stands there word for word.
    pub(in crate::manifest) fn fault(
        self,
        path: &[&str],
        value: &str,
        offset: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: &str,
    ) -> ManifestError {
        let place = YamlError::at(self.file, self.text, place(self.text, path, value, offset), message);
        let place = if hint.is_empty() { place } else { place.hint(hint) };
        ManifestError::Solution(Box::new(Place { place, code }))
    }

    fn require_module(self, path: &[&str], module: &str) -> Result {
        self.require_module_in(path, module, 0, module)
    }

    fn require_module_in(self, path: &[&str], value: &str, offset: usize, module: &str) -> Result {
        let known: Vec<&str> = self.solution.modules.keys().map(ModuleId::as_str).collect();
        if known.iter().any(|name| name.eq_ignore_ascii_case(module)) {
            return Ok(());
        }
        let hint = match nearest(module, known.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "Add it under `modules`, or run `edgectl module add NAME`.".to_owned(),
        };
        Err(self.fault(path, value, offset, "manifest/unknown-module", format!("there is no module `{module}`"), &hint))
    }
}

/// Finds line and column of a key path, and of a value behind it. The typed file keeps no places, so the text is searched.
fn place(text: &str, path: &[&str], value: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset_of(text, path, value, offset)).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() as u64 + 1, column as u64)
}

/// Finds the byte of a key path, or a byte of a value behind it when that stands there word for word.
pub(in crate::manifest) fn offset_of(text: &str, path: &[&str], value: &str, offset: usize) -> usize {
    let mut at = 0;
    for key in path {
        let Some(found) = text.get(at..).and_then(|rest| key_in(rest, key)) else { break };
        at += found;
    }
    if !value.is_empty()
        && let Some(found) = text.get(at..).and_then(|rest| rest.find(value))
    {
        at += found + offset;
    }
    at
}

/// Finds a key: the word, not inside another, with a colon behind it.
fn key_in(text: &str, key: &str) -> Option<usize> {
    let found = text.match_indices(key).find(|(at, _)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + key.len()..).unwrap_or_default().trim_start_matches(['"', '\'']);
        before.is_none_or(|c| c.is_whitespace() || matches!(c, '{' | ',' | '"' | '\'')) && after.trim_start_matches(' ').starts_with(':')
    });
    found.map(|(at, _)| at)
}
