//! `manifest diff`: two manifests, or a manifest and what a hub has, and what a device would have to download.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use super::manifest_explain::load;
use super::manifest_generate::{GenerateOptions, manifest_generate};
use super::manifest_merge::modules_of_device;
use crate::base::{CommandError, Digest, Exit, Finding, Result};
use crate::iothub::Client;
use crate::manifest::diff::{Diff, Kind, diff};
use crate::manifest::parts::{ModuleName, Parts, Role, image, sections};
use crate::model::{Platform, Reference};
use crate::oci::Descriptor;
use crate::registry::{self, StoreOptions, load_image};

/// One of the two that are compared.
#[derive(Clone, Debug)]
pub enum Side {
    /// A file with a manifest.
    File(PathBuf),
    /// A deployment of a solution, as `manifest generate` writes it.
    Solution(GenerateOptions),
    /// What the hub has in the twins of a device's modules.
    Device(String),
    /// The content of a configuration of the hub.
    Configuration(String),
}

/// Where images are looked up.
#[derive(Clone, Debug)]
pub struct DownloadOptions {
    /// How stores are opened.
    pub stores: StoreOptions,
    /// Platform of the device; `None` is the image's only one, or this machine's.
    pub platform: Option<Platform>,
}

/// What differs.
#[derive(Clone, Debug)]
pub struct Compared {
    /// How the first is named.
    pub before: String,
    /// How the second is named.
    pub after: String,
    /// What differs.
    pub diff: Diff,
    /// What a device that has the first has to download for the second.
    pub download: Vec<Download>,
    /// What is odd about the files.
    pub findings: Vec<Finding>,
}

/// What a device has to download for one module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Download {
    /// The module.
    pub module: String,
    /// Its image.
    pub image: String,
    /// Platform of the layers; absent when the image is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Bytes of the layers and the config that the device lacks, compressed; `null` when that cannot be told.
    pub bytes: Option<u64>,
    /// Bytes of the whole image; `null` when it is not known.
    pub total_bytes: Option<u64>,
    /// Why something is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Compares two manifests. `hub` is needed when a side is the hub's.
///
/// # Errors
/// A side that does not read or is not there.
pub async fn manifest_diff(before: &Side, after: &Side, hub: Option<&Client>, options: &DownloadOptions) -> Result<Compared> {
    let mut findings = Vec::new();
    let (first, second) = (parts_of(before, hub, &mut findings).await?, parts_of(after, hub, &mut findings).await?);
    let diff = diff(&first, &second);
    let download = download(&first, &second, &diff, options).await;
    Ok(Compared { before: before.name(), after: after.name(), diff, download, findings })
}

impl Side {
    /// Returns how it is named to people.
    fn name(&self) -> String {
        match self {
            Self::File(path) if path.as_os_str() == "-" => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Solution(options) => options.file.display().to_string(),
            Self::Device(id) => format!("device {id}"),
            Self::Configuration(id) => format!("configuration {id}"),
        }
    }
}

async fn parts_of(side: &Side, hub: Option<&Client>, findings: &mut Vec<Finding>) -> Result<Parts> {
    let hub = || hub.ok_or_else(|| CommandError::new(Exit::Failure, "hub/not-connected", "no hub was connected to"));
    match side {
        Side::File(path) => {
            let loaded = load(path)?;
            findings.extend(loaded.findings);
            Ok(loaded.parts)
        }
        Side::Solution(options) => of_solution(options, findings).await,
        Side::Device(id) => Ok(Parts::of(&modules_of_device(hub()?, id).await?.into_iter().collect())),
        Side::Configuration(id) => {
            let found = hub()?.configuration(id).await?.ok_or_else(|| {
                CommandError::new(Exit::BadInput, "hub/unknown-configuration", format!("the hub has no configuration `{id}`"))
            })?;
            let content = found.modules_content().ok_or_else(|| {
                let message = format!("the configuration `{id}` is no edge deployment: it has no modulesContent");
                CommandError::new(Exit::BadInput, "hub/not-a-deployment", message)
            })?;
            Ok(Parts::of(&sections(content)?))
        }
    }
}

async fn of_solution(options: &GenerateOptions, findings: &mut Vec<Finding>) -> Result<Parts> {
    let generated = manifest_generate(options).await?;
    findings.extend(generated.findings);
    let [deployment] = generated.deployments.as_slice() else {
        let names: Vec<&str> = generated.deployments.iter().map(|deployment| deployment.name.as_str()).collect();
        let message = format!("{} has {} deployments", options.file.display(), names.len());
        let hint = format!("Name one with --deployment: {}.", names.join(", "));
        return Err(CommandError::new(Exit::BadInput, "manifest/many-deployments", message).hint(hint));
    };
    let none = Map::new();
    Ok(Parts::of(&sections(deployment.content.get("modulesContent").and_then(Value::as_object).unwrap_or(&none))?))
}

/// The parts of an image that a device stores, by digest, with their sizes.
#[derive(Clone, Debug)]
struct Known {
    platform: Platform,
    blobs: BTreeMap<Digest, u64>,
}

/// Tells what has to be downloaded for the images that differ. A layer that any image of the first has is on the device.
async fn download(before: &Parts, after: &Parts, diff: &Diff, options: &DownloadOptions) -> Vec<Download> {
    let differs = |name: &ModuleName| {
        let found = diff.modules.iter().find(|module| module.name == name.name && module.system == (name.role == Role::System));
        found.filter(|module| module.kind != Kind::Removed).and_then(|module| module.image.as_ref()).is_some_and(|image| !image.same_digest)
    };
    let wanted: Vec<_> = after.modules.iter().filter(|(name, module)| differs(name) && !image(module).is_empty()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    // Of the system modules only one that changes is asked for: their registry is nobody's business otherwise.
    let had: BTreeSet<&str> = before
        .modules
        .iter()
        .filter(|(name, _)| name.role == Role::Ordinary || differs(name))
        .map(|(_, module)| image(module))
        .filter(|image| !image.is_empty())
        .collect();
    let texts: BTreeSet<&str> = had.iter().copied().chain(wanted.iter().map(|(_, module)| image(module))).collect();
    let looked = futures_util::future::join_all(texts.into_iter().map(async |text| (text, look_up(text, options).await))).await;
    let known: BTreeMap<&str, Result<Known, String>> = looked.into_iter().collect();

    let mut there: BTreeMap<Digest, u64> = BTreeMap::new();
    let mut missing = None;
    for text in had {
        match known.get(text) {
            Some(Ok(image)) => there.extend(&image.blobs),
            Some(Err(reason)) => missing = Some(format!("what is there of {text} is not known: {reason}")),
            None => {}
        }
    }
    wanted
        .into_iter()
        .map(|(name, module)| one(&name.name, image(module), known.get(image(module)), &mut there, missing.as_ref()))
        .collect()
}

fn one(
    module: &str,
    image: &str,
    known: Option<&Result<Known, String>>,
    there: &mut BTreeMap<Digest, u64>,
    missing: Option<&String>,
) -> Download {
    let mut found =
        Download { module: module.to_owned(), image: image.to_owned(), platform: None, bytes: None, total_bytes: None, reason: None };
    match known {
        Some(Ok(known)) => {
            let lacking: u64 = known.blobs.iter().filter(|(digest, _)| !there.contains_key(*digest)).map(|(_, size)| size).sum();
            found.platform = Some(known.platform.clone());
            found.total_bytes = Some(known.blobs.values().sum());
            // When nothing is lacking, what else may be there makes no difference.
            found.bytes = (missing.is_none() || lacking == 0).then_some(lacking);
            found.reason = missing.filter(|_| lacking > 0).cloned();
            there.extend(&known.blobs);
        }
        Some(Err(reason)) => found.reason = Some(reason.clone()),
        None => found.reason = Some("it was not looked up".to_owned()),
    }
    found
}

/// Finds the layers of an image; an error is why they are not known.
async fn look_up(text: &str, options: &DownloadOptions) -> Result<Known, String> {
    let reference: Reference = text.parse().map_err(|error| format!("{error}"))?;
    let said = |error: registry::StoreError| error.to_string();
    let store = registry::locate(&reference, &options.stores).await.map_err(said)?;
    let image = load_image(&*store, &reference).await.map_err(said)?.ok_or_else(|| format!("no store has {text}"))?;
    let platform = match (&options.platform, image.platforms.as_slice()) {
        (Some(platform), _) => platform.clone(),
        (None, [only]) => Platform { os: only.config.os.clone(), architecture: only.config.architecture.clone(), variant: None },
        (None, _) => Platform::host(),
    };
    let own = match (&options.platform, image.platforms.as_slice()) {
        (None, [only]) => Some(only),
        _ => image.on(&platform),
    };
    let own = own.ok_or_else(|| format!("{text} has no image for {platform}"))?;
    let blobs = own.manifest.layers.iter().chain([&own.manifest.config]).map(|part: &Descriptor| (part.digest, part.size));
    Ok(Known { blobs: blobs.collect(), platform })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(blobs: &[(&str, u64)]) -> Known {
        let blobs = blobs.iter().map(|(name, size)| (Digest::of(name.as_bytes()), *size)).collect();
        Known { platform: Platform::host(), blobs }
    }

    #[test]
    fn only_what_is_lacking_counts_and_each_layer_once() {
        let mut there = BTreeMap::from([(Digest::of(b"base"), 100)]);
        let first = one("a", "a@x", Some(&Ok(known(&[("base", 100), ("a", 7), ("shared", 50)]))), &mut there, None);
        assert_eq!((first.bytes, first.total_bytes, first.reason), (Some(57), Some(157), None));
        let second = one("b", "b@x", Some(&Ok(known(&[("shared", 50), ("b", 5)]))), &mut there, None);
        assert_eq!(second.bytes, Some(5));
    }

    #[test]
    fn what_is_not_known_is_said_to_be() {
        let mut there = BTreeMap::from([(Digest::of(b"base"), 100)]);
        let lost = "what is there of old is not known: offline".to_owned();
        let found = one("a", "a@x", Some(&Ok(known(&[("base", 100), ("a", 7)]))), &mut there, Some(&lost));
        assert_eq!((found.bytes, found.total_bytes, found.reason.as_deref()), (None, Some(107), Some(lost.as_str())));
        let found = one("b", "b@x", Some(&Ok(known(&[("base", 100)]))), &mut there, Some(&lost));
        assert_eq!((found.bytes, found.reason), (Some(0), None), "all of it is there, whatever else is");
        let found = one("c", "c@x", Some(&Err("offline".to_owned())), &mut there, None);
        assert_eq!((found.bytes, found.total_bytes, found.reason.as_deref()), (None, None, Some("offline")));
    }
}
