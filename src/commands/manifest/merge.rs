//! `edgectl manifest merge`: the effective manifest of a device.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::draw::{columns, leaves};
use super::{input, solution_deployments, warn};
use crate::base::{CommandError, Exit, Finding, Result, fs};
use crate::commands::{Context, hub, table_test};
use crate::manifest::document::AGENT;
use crate::manifest::effective::Provenance;
use crate::manifest::parts::{Parts, hide_passwords, image, short_image};
use crate::manifest::{Candidate, Composition};
use crate::ops::hub::connect;
use crate::ops::manifest_merge::{DeploymentSource, DeviceSource, Merged, manifest_merge};
use crate::ops::manifest_table::merge_table;
use crate::output::Render;

/// Show what a device runs when base and layers are laid over each other
///
/// Takes the deployments whose condition is true for the device, in the order of priority, creation and id: the highest base, and the
/// layers above it. Each value is shown with the deployment that it came from. Deployments come from files, from the hub in force, or
/// from the solution. A file holds a configuration (`id`, `priority`, `createdTimeUtc`, `targetCondition`, `content`), a list of them,
/// one a line, or a bare manifest, which is for every device and lies above those of the files before it. Two deployments that tie are
/// shown, and end with exit code 10.
///
/// With --table each line of FILE has `deployments`, `device`, optionally `previous` (what the device had before), and `expect` with any
/// of `base`, `applied`, `targeted`, `effective` and `lint`. With -o json each row prints one line: `id`, `actual`, `expect`, `ok`,
/// `detail`. A row that differs ends with exit code 10.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl manifest merge --device edge-1 --fleet fleet.jsonl
  edgectl manifest merge --deployment base.json --deployment vision.json --twin edge-1.json
  edgectl manifest merge --hub --device edge-1 -o json
  edgectl manifest merge --table layering.jsonl")]
pub struct Args {
    /// File with deployments, - for stdin; may be given more than once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["hub", "table"])]
    deployment: Vec<PathBuf>,
    /// Take the configurations of the hub
    #[arg(long, conflicts_with = "table")]
    hub: bool,
    /// File with the twin of the device, - for stdin
    #[arg(long, value_name = "FILE", required_unless_present_any = ["device", "table"], conflicts_with_all = ["device", "fleet", "table"])]
    twin: Option<PathBuf>,
    /// Id of the device, in the fleet file or else in the hub
    #[arg(long, value_name = "ID", conflicts_with = "table")]
    device: Option<String>,
    /// File with one twin (JSON) a line, - for stdin
    #[arg(long, value_name = "FILE", requires = "device")]
    fleet: Option<PathBuf>,
    /// Tag by which the images of the solution's modules are looked up
    #[arg(long, value_name = "TAG", default_value = "latest", conflicts_with_all = ["deployment", "hub", "table"])]
    tag: String,
    /// Print the passwords of registries too
    #[arg(long, conflicts_with = "table")]
    show_secrets: bool,
    /// Compare the rows of this file, - for stdin
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// What applies: `device`, `edge` (only edge devices take deployments), `base` (null: the device keeps what it has), `applied[]` (base
/// first), `targeted[]` (sorted), `effective` (desired properties by module, registry passwords masked without --show-secrets), `lint[]` (codes), `details[]` (`code`, `message`),
/// `provenance` (module, then JSON pointer, then id of the deployment; what has no entry came with its nearest parent), `deployments[]`
/// (all that were looked at: `id`, `priority`, `layer`), `leftOut[]` (configurations for other than edge devices), `findings[]`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Laid {
    device: String,
    edge: bool,
    base: Option<String>,
    applied: Vec<String>,
    targeted: Vec<String>,
    effective: BTreeMap<String, Value>,
    lint: Vec<&'static str>,
    details: Vec<Detail>,
    provenance: Provenance,
    deployments: Vec<Looked>,
    left_out: Vec<String>,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Detail {
    code: &'static str,
    message: String,
}

#[derive(Debug, Serialize)]
struct Looked {
    id: String,
    priority: i64,
    layer: bool,
}

impl From<Merged> for Laid {
    fn from(merged: Merged) -> Self {
        let Composition { base, applied, targeted, effective, lint, provenance } = merged.composition;
        let details = lint.iter().flat_map(|(lint, texts)| texts.iter().map(|text| Detail { code: lint.code(), message: text.clone() }));
        let looked = |candidate: &Candidate| Looked { id: candidate.id.clone(), priority: candidate.priority, layer: !candidate.is_base() };
        Self {
            device: merged.device,
            edge: merged.edge,
            details: details.collect(),
            lint: lint.keys().map(|lint| lint.code()).collect(),
            deployments: merged.deployments.iter().map(looked).collect(),
            left_out: merged.left_out,
            findings: merged.findings,
            base,
            applied,
            targeted,
            effective,
            provenance,
        }
    }
}

impl Laid {
    /// Says what is applied, and why nothing is.
    fn headline(&self) -> String {
        if !self.edge {
            return format!("{} is no edge device, so no deployment applies to it\n", self.device);
        }
        if self.base.is_none() {
            return format!("no base targets {}: it keeps what it has\n", self.device);
        }
        let rows = self.deployments.iter().rev().filter_map(|looked| {
            let applied = self.applied.contains(&looked.id);
            let state = if applied { "applied" } else { "targeted" };
            let kind = if looked.layer { "layer" } else { "base" };
            let shown = applied || self.targeted.contains(&looked.id);
            shown.then(|| [looked.id.clone(), kind.to_owned(), looked.priority.to_string(), state.to_owned()])
        });
        let head = ["DEPLOYMENT", "KIND", "PRIORITY", "STATE"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
        format!("{}\n{}", self.device, columns(0, &rows))
    }

    /// Names the deployments that a part came from, the lowest first.
    fn owners(&self, module: &str, path: &[&str]) -> String {
        let own = self.provenance.of(module, path);
        let below = self.provenance.below(module, path).map(|(_, id)| id);
        let named: BTreeSet<&str> = own.into_iter().chain(below).collect();
        let ordered: Vec<&str> = self.applied.iter().map(String::as_str).filter(|id| named.contains(id)).collect();
        ordered.join("+")
    }

    fn modules(&self, parts: &Parts) -> Vec<[String; 4]> {
        let rows = parts.modules.iter().map(|(module, value)| {
            let status = value.get("status").and_then(Value::as_str).unwrap_or("running");
            let from = self.owners("$edgeAgent", &[module.role.member(), &module.name]);
            [module.name.clone(), from, status.to_owned(), short_image(image(value))]
        });
        std::iter::once(["MODULE", "FROM", "STATUS", "IMAGE"].map(str::to_owned)).chain(rows).collect()
    }

    fn routes(&self, parts: &Parts) -> Vec<[String; 3]> {
        let rows = parts.routes.iter().map(|(name, route)| {
            let text = route.get("route").and_then(Value::as_str).unwrap_or_default();
            [name.clone(), self.owners("$edgeHub", &["routes", name]), text.to_owned()]
        });
        std::iter::once(["ROUTE", "FROM", "TEXT"].map(str::to_owned)).chain(rows).collect()
    }

    fn twins(&self, parts: &Parts) -> Vec<[String; 3]> {
        let rows = parts.twins.iter().flat_map(|(module, desired)| {
            leaves(desired).into_iter().map(move |(path, value)| {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let shown = if path.is_empty() { value } else { format!("{} = {value}", path.join(".")) };
                [module.clone(), self.owners(module, &names), shown]
            })
        });
        std::iter::once(["TWIN", "FROM", "PROPERTY"].map(str::to_owned)).chain(rows).collect()
    }
}

impl Render for Laid {
    fn human(&self) -> String {
        let parts = Parts::of(&self.effective);
        let mut text = self.headline();
        let tables = [
            (parts.modules.is_empty(), columns(0, &self.modules(&parts))),
            (parts.routes.is_empty(), columns(0, &self.routes(&parts))),
            (parts.twins.is_empty(), columns(0, &self.twins(&parts))),
        ];
        for (_, table) in tables.iter().filter(|(empty, _)| !empty) {
            text.extend([format!("\n{table}")]);
        }
        if !self.details.is_empty() {
            text.push('\n');
        }
        for detail in &self.details {
            text.extend([format!("{}: {}\n", detail.code, crate::base::text::sanitized(&detail.message))]);
        }
        text
    }

    fn names(&self) -> Vec<String> {
        self.applied.clone()
    }
}

/// Runs the command.
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    if let Some(table) = &args.table {
        return compare(table, context);
    }
    let device = match (&args.twin, &args.device, &args.fleet) {
        (Some(file), ..) => DeviceSource::Twin(input(context, file)),
        (None, Some(id), Some(file)) => DeviceSource::Fleet { id: id.clone(), file: input(context, file) },
        (None, Some(id), None) => DeviceSource::Hub(id.clone()),
        (None, None, _) => return Err(CommandError::new(Exit::Usage, "usage/no-device", "no device is named")),
    };
    let deployments = if args.hub {
        DeploymentSource::Hub
    } else if args.deployment.is_empty() {
        DeploymentSource::Solution(solution_deployments(context, &args.tag)?)
    } else {
        DeploymentSource::Files(args.deployment.iter().map(|file| input(context, file)).collect())
    };
    let needs_hub = matches!(deployments, DeploymentSource::Hub) || matches!(device, DeviceSource::Hub(_));
    let client = if needs_hub { Some(connect(&hub::options(context)?)?) } else { None };
    let mut merged = manifest_merge(&deployments, &device, client.as_ref()).await?;
    if !args.show_secrets
        && let Some(agent) = merged.composition.effective.get_mut(AGENT)
    {
        hide_passwords(agent);
    }
    warn(&merged.findings, context);
    let ties = merged.composition.ties();
    context.printer.result(&Laid::from(merged))?;
    if ties {
        let hint = "Give each deployment a priority of its own.";
        return Err(CommandError::new(Exit::Refused, "manifest/tie", "deployments tie, so what the device runs is not certain").hint(hint));
    }
    Ok(())
}

fn compare(table: &Path, context: &mut Context) -> Result<()> {
    let outcomes = if table.as_os_str() == "-" {
        merge_table(std::io::stdin().lock(), Path::new("<stdin>"))?
    } else {
        let file = context.locate(table);
        let reader: Box<dyn BufRead> = Box::new(BufReader::new(fs::open(&file)?));
        merge_table(reader, &file)?
    };
    table_test::print(&outcomes, context)
}
