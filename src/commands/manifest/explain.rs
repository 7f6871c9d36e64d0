//! `edgectl manifest explain`: what a manifest comes to, in words.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::draw::{WIDTH, columns, fit, leaves, plain, whole};
use super::{input, warn};
use crate::base::{Finding, Result};
use crate::commands::Context;
use crate::manifest::explain::{Explanation, ModuleExplained, RouteExplained, Setting, Variable};
use crate::ops::manifest_explain::{Explained, manifest_explain};
use crate::output::Render;

/// Show what a manifest comes to, create options decoded and defaults made visible
///
/// FILE is a manifest, a layer, or a configuration of a hub. What the file does not say and the device takes for want of it is marked as a
/// default. Passwords of registries are not shown.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl manifest explain manifests/base.json
  edgectl manifest explain deployment.json -o json
  edgectl manifest generate -o json | jq .deployments[0].content | edgectl manifest explain -")]
pub struct Args {
    /// File with a manifest, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What it comes to: `file`, `layer`, `reason`, `modules[]` (`name`, `system`, `removed`, `partial`, `settings` by name, each with `value`
/// and `default`, `createOptions` as a tree, `createOptionsKeys[]`, `env[]` with `name`, `value`, `origin`, `overridden`), `routes[]`
/// (`name`, `route`, null where a layer removes it, `source`, `endpoint`, `error`, `priority`, `timeToLiveSecs`), `timeToLiveSecs` (null
/// when not said), `schemaVersions`, `twins`, `registries` (addresses by name), `runtimeEnv[]` (variables that the agent sets),
/// `findings[]`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Words {
    file: PathBuf,
    layer: bool,
    reason: &'static str,
    modules: Vec<ModuleExplained>,
    routes: Vec<RouteExplained>,
    time_to_live_secs: Option<Setting>,
    schema_versions: std::collections::BTreeMap<String, Value>,
    twins: std::collections::BTreeMap<String, Value>,
    registries: std::collections::BTreeMap<String, String>,
    runtime_env: Vec<&'static str>,
    findings: Vec<Finding>,
}

impl From<Explained> for Words {
    fn from(explained: Explained) -> Self {
        let Explanation { modules, routes, time_to_live_secs, schema_versions, twins, registries, runtime_env } = explained.explanation;
        let (file, layer, reason) = (explained.name, explained.layer, explained.reason);
        let findings = explained.findings;
        Self { file, layer, reason, modules, routes, time_to_live_secs, schema_versions, twins, registries, runtime_env, findings }
    }
}

/// Order in which settings are shown.
const ORDER: [&str; 7] = ["image", "type", "status", "restartPolicy", "startupOrder", "imagePullPolicy", "version"];

fn shown(setting: &Setting) -> String {
    let note = if setting.default { "  (default)" } else { "" };
    format!("{}{note}", plain(&setting.value))
}

fn module_text(module: &ModuleExplained) -> String {
    let noun = if module.system { "system module" } else { "module" };
    if module.removed {
        return format!("\n{noun} {}: removed\n", module.name);
    }
    let note = if module.partial { " (in part; the rest comes from below)" } else { "" };
    let mut text = format!("\n{noun} {}{note}\n", module.name);
    let rows = ORDER.iter().filter_map(|name| module.settings.get(name).map(|setting| [(*name).to_owned(), value_text(name, setting)]));
    text.push_str(&whole(2, &rows.collect::<Vec<_>>()));
    if module.create_options.as_object().is_none_or(|options| !options.is_empty()) {
        let pieces = module.create_options_keys.len();
        let note = if pieces > 1 { format!(" (joined from {pieces} pieces)") } else { String::new() };
        text.extend([format!("  createOptions{note}\n")]);
        match &module.create_options {
            Value::String(broken) => text.extend([format!("    no JSON object: {}\n", fit(broken, WIDTH - 20))]),
            tree => text.extend(format!("{tree:#}").lines().map(|line| format!("{}\n", fit(&format!("    {line}"), WIDTH)))),
        }
    }
    if !module.env.is_empty() {
        text.extend([format!("  env\n{}", columns(4, &module.env.iter().map(variable).collect::<Vec<_>>()))]);
    }
    text
}

/// Writes a setting; a startup order that means "after all others" says so.
fn value_text(name: &str, setting: &Setting) -> String {
    match (name, setting.value.as_u64()) {
        ("startupOrder", Some(order)) if order == u64::from(u32::MAX) => {
            shown(&Setting { value: "after all others".into(), default: setting.default })
        }
        ("image", _) if setting.default => format!("{}  (default tag)", plain(&setting.value)),
        _ => shown(setting),
    }
}

fn variable(variable: &Variable) -> [String; 2] {
    let value = variable.value.as_deref().unwrap_or_default();
    let origin = if variable.origin == "env" { "" } else { "  (createOptions)" };
    let lost = if variable.overridden { "  (the agent sets its own)" } else { "" };
    [variable.name.clone(), format!("{value}{origin}{lost}")]
}

fn route_text(route: &RouteExplained) -> String {
    let Some(text) = &route.route else { return format!("\nroute {}: removed\n", route.name) };
    let mut rows = vec![["text", text.as_str()].map(str::to_owned)];
    let named = [("from", &route.source), ("to", &route.endpoint), ("fault", &route.error)];
    rows.extend(named.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value.clone()?])));
    let priority = if route.priority.default { "after all that name one  (default)".to_owned() } else { shown(&route.priority) };
    rows.push(["priority".to_owned(), priority]);
    rows.push(["timeToLive".to_owned(), life(&route.time_to_live_secs)]);
    format!("\nroute {}\n{}", route.name, whole(2, &rows))
}

/// Writes how long messages are kept.
fn life(setting: &Setting) -> String {
    let note = if setting.default { "  (default, the broker's)" } else { "" };
    match setting.value.as_i64() {
        Some(secs) if secs < 0 => format!("for ever{note}"),
        Some(secs) => format!("{secs} s{note}"),
        None => "the broker's  (default)".to_owned(),
    }
}

impl Words {
    fn head(&self) -> String {
        let kind = if self.layer { "layer" } else { "base" };
        let mut text = format!("{kind}: {}\n", self.reason);
        let versions: Vec<String> = self
            .schema_versions
            .iter()
            .map(|(name, version)| format!("{name} {}", version.as_str().map_or_else(|| version.to_string(), str::to_owned)))
            .collect();
        if !versions.is_empty() {
            text.extend([format!("schema versions: {}\n", versions.join(", "))]);
        }
        if let Some(kept) = &self.time_to_live_secs {
            text.extend([format!("messages are kept: {}\n", life(kept))]);
        }
        for (name, address) in &self.registries {
            text.extend([format!("{}\n", fit(&format!("registry {name}: {address}, credentials not shown"), WIDTH))]);
        }
        text
    }
}

impl Render for Words {
    fn human(&self) -> String {
        let mut text = self.head();
        text.extend(self.modules.iter().map(module_text));
        text.extend(self.routes.iter().map(route_text));
        for (module, desired) in &self.twins {
            let rows: Vec<_> = leaves(desired).into_iter().map(|(path, value)| [path.join("."), value]).collect();
            text.extend([format!("\ndesired properties of {module}\n{}", columns(2, &rows))]);
        }
        if self.modules.iter().any(|module| !module.system && !module.removed) {
            text.push_str("\nthe agent also sets in every module\n");
            for names in self.runtime_env.chunks(3) {
                text.extend([format!("  {}\n", names.join(", "))]);
            }
        }
        text
    }

    fn names(&self) -> Vec<String> {
        self.modules.iter().map(|module| module.name.clone()).collect()
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let explained = manifest_explain(&input(context, &args.file))?;
    warn(&explained.findings, context);
    context.printer.result(&Words::from(explained))
}
