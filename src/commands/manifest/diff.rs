//! `edgectl manifest diff`: what differs between two manifests.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::draw::{WIDTH, fit};
use super::{input, solution_deployments, warn};
use crate::base::text::count;
use crate::base::{CommandError, Exit, Finding, Result};
use crate::commands::{Context, hub};
use crate::manifest::diff::{Change, Diff, EntryDiff, Kind, ModuleDiff};
use crate::manifest::parts::short_image;
use crate::model::Platform;
use crate::ops::hub::connect;
use crate::ops::manifest_diff::{Compared, Download, DownloadOptions, Side, manifest_diff};
use crate::ops::manifest_generate::GenerateOptions;
use crate::output::Render;
use crate::registry::StoreOptions;
use crate::solution::file::FILE_NAME;

/// How long a registry may say nothing before its image counts as not known.
const PATIENCE: Duration = Duration::from_secs(10);

/// Show what differs between two manifests, or between a manifest and what a hub has
///
/// Each side is a file with a manifest or a layer, or the folder of a solution, which is generated. Images are compared by digest, create
/// options decoded and path by path; what is absent and what says the default in words are the same. With --device or --configuration the
/// first side is what the hub in force has, so that the differences are what FILE would change. For images that differ, the bytes that a
/// device has to download are told where the embedded store or a registry knows the layers.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl manifest diff old.json new.json
  edgectl manifest diff old.json . --deployment base
  edgectl manifest diff --check manifests/base.json --device edge-1
  edgectl --offline manifest diff base.json --configuration base-v3 -o json")]
pub struct Args {
    /// First side; with --device or --configuration the only one
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// Second side
    #[arg(value_name = "AFTER", required_unless_present_any = ["device", "configuration"], conflicts_with_all = ["device", "configuration"])]
    after: Option<PathBuf>,
    /// Compare with what the hub has for this device
    #[arg(long, value_name = "ID", conflicts_with = "configuration")]
    device: Option<String>,
    /// Compare with this configuration of the hub
    #[arg(long, value_name = "ID")]
    configuration: Option<String>,
    /// Deployment to take of a solution
    #[arg(long, value_name = "NAME")]
    deployment: Option<String>,
    /// Tag by which the images of a solution's modules are looked up
    #[arg(long, value_name = "TAG", default_value = "latest")]
    tag: String,
    /// Platform of the device; else the image's only one, or this machine's
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    /// End with exit code 10 when something differs
    #[arg(long)]
    check: bool,
}

/// What differs: `before` and `after` (names of the sides), `different`, `modules[]` (`name`, `system`, `kind` added, removed or changed,
/// `image` with `before`, `after`, `sameDigest`, `changes[]`), `routes[]` and `twins[]` (`name`, `kind`, `changes[]`), `agent[]` and `hub[]`
/// (changes of the rest of these sections), `download[]` (`module`, `image`, `platform`, `bytes` and `totalBytes`, null when not known,
/// `reason`), `findings[]`. A change has `path` (JSON pointer), `before` and `after`, absent where a side has no such value.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Differences {
    before: String,
    after: String,
    different: bool,
    modules: Vec<ModuleDiff>,
    routes: Vec<EntryDiff>,
    twins: Vec<EntryDiff>,
    agent: Vec<Change>,
    hub: Vec<Change>,
    download: Vec<Download>,
    findings: Vec<Finding>,
}

impl From<Compared> for Differences {
    fn from(compared: Compared) -> Self {
        let different = !compared.diff.is_empty();
        let Diff { modules, routes, twins, agent, hub } = compared.diff;
        let (before, after, download) = (compared.before, compared.after, compared.download);
        Self { before, after, different, modules, routes, twins, agent, hub, download, findings: compared.findings }
    }
}

fn mark(kind: Kind) -> char {
    match kind {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
    }
}

fn module_lines(module: &ModuleDiff) -> String {
    let noun = if module.system { "system module" } else { "module" };
    let mut text = format!("{} {noun} {}\n", mark(module.kind), module.name);
    if let Some(image) = &module.image {
        let side = |image: &Option<String>| image.as_deref().map(short_image);
        let note = if image.same_digest { " (one digest)" } else { "" };
        text.push_str(&pair("image", side(&image.before), side(&image.after), note));
    }
    text.push_str(&change_lines(&module.changes));
    text
}

fn entry_lines(noun: &str, entry: &EntryDiff) -> String {
    format!("{} {noun} {}\n{}", mark(entry.kind), entry.name, change_lines(&entry.changes))
}

fn change_lines(changes: &[Change]) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map(Value::to_string);
    changes.iter().map(|change| pair(&dotted(&change.path), shown(&change.before), shown(&change.after), "")).collect()
}

/// Writes a JSON pointer as people write paths.
fn dotted(pointer: &str) -> String {
    let names = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    names.collect::<Vec<_>>().join(".")
}

/// Draws a value before and after, in one line where that fits.
fn pair(name: &str, before: Option<String>, after: Option<String>, note: &str) -> String {
    let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
    let (left, right) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(after)) => return format!("{}\n", fit(&format!("    {name}+ {after}{note}"), WIDTH)),
        (Some(before), None) => return format!("{}\n", fit(&format!("    {name}- {before}{note}"), WIDTH)),
        (None, None) => return String::new(),
    };
    let line = format!("    {name}{left} -> {right}{note}");
    if line.chars().count() <= WIDTH {
        return format!("{}\n", fit(&line, WIDTH));
    }
    let room = WIDTH - 9;
    format!("    {}\n      - {}\n      + {}\n", name.trim_end(), fit(&left, room), fit(&format!("{right}{note}"), room))
}

/// Writes a number of bytes as people read it.
fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

fn download_line(download: &Download) -> String {
    let line = match (download.bytes, download.total_bytes) {
        (Some(bytes), Some(total)) => format!("{} of {}", size(bytes), size(total)),
        (None, Some(total)) => format!("at most {}; {}", size(total), download.reason.as_deref().unwrap_or_default()),
        _ => format!("not known: {}", download.reason.as_deref().unwrap_or_default()),
    };
    format!("{}\n", fit(&format!("  {}: {line}", download.module), WIDTH))
}

impl Render for Differences {
    fn human(&self) -> String {
        if !self.different {
            return "nothing differs\n".to_owned();
        }
        let mut text = format!("--- {}\n+++ {}\n", fit(&self.before, WIDTH - 4), fit(&self.after, WIDTH - 4));
        text.extend(self.modules.iter().map(module_lines));
        text.extend(self.routes.iter().map(|route| entry_lines("route", route)));
        text.extend(self.twins.iter().map(|twin| entry_lines("desired properties of", twin)));
        for (name, changes) in [("$edgeAgent", &self.agent), ("$edgeHub", &self.hub)] {
            if !changes.is_empty() {
                text.extend([format!("~ {name}\n{}", change_lines(changes))]);
            }
        }
        if !self.download.is_empty() {
            text.push_str("\nto download\n");
            text.extend(self.download.iter().map(download_line));
        }
        let (modules, routes, twins) =
            (count(self.modules.len(), "module"), count(self.routes.len(), "route"), count(self.twins.len(), "twin"));
        text.extend([format!("\n{modules}, {routes}, {twins} differ\n")]);
        text
    }

    fn names(&self) -> Vec<String> {
        let modules = self.modules.iter().map(|module| format!("module/{}", module.name));
        let routes = self.routes.iter().map(|route| format!("route/{}", route.name));
        let twins = self.twins.iter().map(|twin| format!("twin/{}", twin.name));
        let rest = [("$edgeAgent", &self.agent), ("$edgeHub", &self.hub)];
        let rest = rest.into_iter().filter(|(_, changes)| !changes.is_empty()).map(|(name, _)| name.to_owned());
        modules.chain(routes).chain(twins).chain(rest).collect()
    }
}

/// Runs the command.
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    let first = side(args, &args.before, context)?;
    let (before, after) = match (&args.after, &args.device, &args.configuration) {
        (Some(after), ..) => (first, side(args, after, context)?),
        (None, Some(id), _) => (Side::Device(id.clone()), first),
        (None, None, Some(id)) => (Side::Configuration(id.clone()), first),
        (None, None, None) => return Err(CommandError::new(Exit::Usage, "usage/one-side", "there is nothing to compare with")),
    };
    let needs_hub = args.device.is_some() || args.configuration.is_some();
    let client = if needs_hub { Some(connect(&hub::options(context)?)?) } else { None };
    let stores = context.store_options()?;
    let stores = StoreOptions { timeout: stores.timeout.min(PATIENCE), ..stores };
    let options = DownloadOptions { stores, platform: args.platform.clone() };
    let compared = manifest_diff(&before, &after, client.as_ref(), &options).await?;
    warn(&compared.findings, context);
    let different = !compared.diff.is_empty();
    context.printer.result(&Differences::from(compared))?;
    if args.check && different {
        return Err(CommandError::new(Exit::Refused, "manifest/differs", "the manifests differ"));
    }
    Ok(())
}

/// Tells a solution from a file.
fn side(args: &Args, path: &Path, context: &Context) -> Result<Side> {
    let path = input(context, path);
    let file = if path.is_dir() { path.join(FILE_NAME) } else { path.clone() };
    if file.file_name().is_none_or(|name| name != FILE_NAME) {
        return Ok(Side::File(path));
    }
    let ours = context.settings.solution_file.as_ref().is_some_and(|own| own.canonicalize().ok() == file.canonicalize().ok());
    let mut options = if ours {
        solution_deployments(context, &args.tag)?
    } else {
        let folder = file.parent().unwrap_or(Path::new(".")).join(".edgectl/store");
        let store = StoreOptions { folder, ..context.store_options()? };
        GenerateOptions { file, deployment: None, ring: None, tag: args.tag.clone(), store, folder: None }
    };
    options.deployment.clone_from(&args.deployment);
    Ok(Side::Solution(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_place_behind_the_point() {
        assert_eq!([0, 1023, 1024, 1_572_864, 3 << 30].map(size), ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "3.0 GiB"]);
    }

    #[test]
    fn long_pairs_take_three_lines() {
        let long = "x".repeat(100);
        let text = pair("a/b", Some(long.clone()), Some(long), "");
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!((dotted("/a/8883~1tcp/~01"), dotted("")), ("a.8883/tcp.~1".to_owned(), String::new()));
        assert_eq!(pair("a", Some("1".into()), Some("2".into()), ""), "    a: 1 -> 2\n");
        assert_eq!(pair("", None, Some("2".into()), ""), "    + 2\n");
    }
}
