//! `edgectl image inspect`: what an image is made of.

use std::fmt::Write as _;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::{Digest, Result};
use crate::commands::Context;
use crate::model::{Platform, Reference};
use crate::oci::ContainerConfig;
use crate::ops::image_inspect;
use crate::output::Render;
use crate::registry::PlatformImage;

/// Show what an image is made of
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image inspect filter
  edgectl image inspect registry.example.com/greenhouse/filter:v1 -o json")]
pub struct Args {
    /// A module of the solution, or a full reference
    #[arg(value_name = "IMAGE")]
    pub image: String,
}

/// The image: `reference` (by digest), `mediaType`, `sizeBytes`, `platforms[]` with `platform`, `digest`, `created` (may be null),
/// `baseName` and `baseDigest` (null for an image from scratch), `config` (members as in the image config), `layers[]` with
/// `mediaType`, `digest`, `diffId`, `size`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspected {
    reference: Reference,
    media_type: String,
    size_bytes: u64,
    platforms: Vec<OnePlatform>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OnePlatform {
    platform: Platform,
    digest: Digest,
    created: Option<String>,
    base_name: Option<String>,
    base_digest: Option<String>,
    config: ContainerConfig,
    layers: Vec<LayerRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LayerRow {
    media_type: String,
    digest: Digest,
    diff_id: Option<Digest>,
    size: u64,
}

impl Render for Inspected {
    fn human(&self) -> String {
        let mut text = format!("{}\n  {}, {}\n", self.reference, self.media_type, super::size(self.size_bytes));
        for one in &self.platforms {
            one.describe(&mut text).expect("a string takes it");
        }
        text.lines().map(|line| format!("{}\n", crate::base::text::sanitized(line))).collect()
    }

    fn names(&self) -> Vec<String> {
        vec![self.reference.to_string()]
    }
}

impl OnePlatform {
    fn describe(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{}  {}", self.platform, self.digest)?;
        let list = |words: &Option<Vec<String>>| words.clone().unwrap_or_default().join(" ");
        let facts = [
            ("created", self.created.clone().unwrap_or_default()),
            ("base", self.base_name.clone().unwrap_or_else(|| "scratch".to_owned())),
            ("user", self.config.user.clone().unwrap_or_default()),
            ("entrypoint", list(&self.config.entrypoint)),
            ("arguments", list(&self.config.cmd)),
            ("folder", self.config.working_dir.clone().unwrap_or_default()),
            ("environment", list(&self.config.env)),
        ];
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(text, "  {name:<12} {value}")?;
        }
        for layer in &self.layers {
            writeln!(text, "  {:<12} {} {}", "layer", layer.digest, super::size(layer.size))?;
        }
        Ok(())
    }
}

impl From<&PlatformImage> for OnePlatform {
    fn from(image: &PlatformImage) -> Self {
        let note = |name: &str| image.manifest.annotations.as_ref()?.get(&format!("org.opencontainers.image.base.{name}")).cloned();
        let diff_ids = image.config.rootfs.diff_ids.iter().copied().map(Some).chain(std::iter::repeat(None));
        let layers = image.manifest.layers.iter().zip(diff_ids);
        let row = |(layer, diff_id): (&crate::oci::Descriptor, Option<Digest>)| LayerRow {
            media_type: layer.media_type.clone(),
            digest: layer.digest,
            diff_id,
            size: layer.size,
        };
        Self {
            platform: image.config.platform(),
            digest: image.stored.digest,
            created: image.config.created.clone(),
            base_name: note("name"),
            base_digest: note("digest"),
            config: image.config.config.clone().unwrap_or_default(),
            layers: layers.map(row).collect(),
        }
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (_found_by, image) = image_inspect::inspect(&context.places()?, &args.image).await?;
    let inspected = Inspected {
        reference: image.repository.at(image.top.digest),
        media_type: image.top.media_type.clone(),
        size_bytes: image.size_bytes(),
        platforms: image.platforms.iter().map(OnePlatform::from).collect(),
    };
    context.printer.result(&inspected)
}
