//! `edgectl image build`: modules to images.

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use crate::base::{CommandError, Digest, Exit, Result};
use crate::build::toolchain::PASSED_ON;
use crate::build::{Profile, Toolchain};
use crate::commands::Context;
use crate::model::{ModuleId, Platform, Reference, Repository};
use crate::ops::image_build::{self, BuildOptions, BuiltImage};
use crate::output::{Render, Table};

/// Build the images of modules
///
/// Compiles each module with your own cargo (static, no network when `--offline`), packs it on an empty base with certificate
/// authorities, and puts it into the embedded store. The same source gives the same digest in every folder. Nothing leaves this
/// machine unless `--push` names a place.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image build
  edgectl image build filter --profile dev
  edgectl image build --push registry.example.com/greenhouse --tag v1.4.0
  edgectl image build -o json")]
pub struct Args {
    /// Modules to build; all that have a folder when none is named
    #[arg(value_name = "MODULE")]
    pub modules: Vec<ModuleId>,
    /// Also push to this repository, each image below it under its module's name
    #[arg(long, value_name = "REGISTRY/REPO")]
    pub push: Option<Repository>,
    /// Tag of the images
    #[arg(long, default_value = "latest", value_parser = tag)]
    pub tag: String,
    /// Cargo profile: dev compiles fast, release runs fast
    #[arg(long, value_enum, default_value_t)]
    pub profile: ProfileName,
}

/// Takes a tag as registries do.
fn tag(text: &str) -> Result<String, &'static str> {
    let reference = format!("edgectl.local/module:{text}").parse::<Reference>();
    match reference {
        Ok(Reference { tag: Some(tag), digest: None, .. }) if tag == text => Ok(tag),
        _ => Err("a tag has 1 to 128 letters, digits, `_`, `.` or `-`, and does not start with `.` or `-`"),
    }
}

/// Profiles by the names of cargo.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum ProfileName {
    /// Compiles fast.
    Dev,
    /// Runs fast.
    #[default]
    Release,
}

/// The images: `images[]` with `module`, `reference` (by digest), `digest`, `platforms[]`, `sizeBytes`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Built {
    images: Vec<Row>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    module: ModuleId,
    reference: Reference,
    digest: Digest,
    platforms: Vec<Platform>,
    size_bytes: u64,
}

impl Render for Built {
    fn human(&self) -> String {
        let mut table = Table::new(["MODULE", "PLATFORMS", "SIZE", "REFERENCE"]);
        for row in &self.images {
            let platforms: Vec<String> = row.platforms.iter().map(ToString::to_string).collect();
            table.row([row.module.to_string(), platforms.join(","), super::size(row.size_bytes), row.reference.to_string()]);
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        self.images.iter().map(|row| row.reference.to_string()).collect()
    }
}

impl From<BuiltImage> for Row {
    fn from(image: BuiltImage) -> Self {
        let digest = image.reference.digest.expect("a build is named by digest");
        Self { module: image.module, digest, reference: image.reference, platforms: image.platforms, size_bytes: image.size_bytes }
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let settings = &context.settings;
    let solution_file = settings.solution_file.clone().ok_or_else(|| {
        CommandError::new(
            Exit::BadInput,
            "solution/missing",
            format!("there is no edgectl.yaml in {} or above it", settings.directory.display()),
        )
        .hint("`edgectl new DIR` makes a solution; -C enters one.")
    })?;
    let stores = context.store_options()?;
    let passed_on = PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), settings.environment.get(name)?.to_owned())));
    let options = BuildOptions {
        solution_file,
        modules: args.modules,
        push: args.push,
        tag: args.tag,
        profile: match args.profile {
            ProfileName::Dev => Profile::Dev,
            ProfileName::Release => Profile::Release,
        },
        stores,
        toolchain: Toolchain {
            environment: passed_on.collect(),
            target_folder: settings.state_dir.value.join("cache/target"),
            offline: settings.offline.value,
            cancel: context.cancel.clone(),
        },
        time: settings.source_date_epoch,
    };
    let images = image_build::build(&options, &mut context.printer.progress()).await?;
    context.printer.result(&Built { images: images.into_iter().map(Row::from).collect() })
}
