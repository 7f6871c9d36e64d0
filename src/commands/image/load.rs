//! `edgectl image load`: an image into Docker or podman.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::{Digest, Result};
use crate::commands::Context;
use crate::engine;
use crate::model::{Platform, Reference};
use crate::ops::image_load::{self, LoadOptions, LoadedImage};
use crate::output::Render;

/// Load an image into Docker or podman
///
/// The engine is the one that `DOCKER_HOST` or the setting `engine` names, else the first of the usual sockets of Docker and
/// podman. The image keeps its repository's name and its tag there.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image load filter
  edgectl image load edgectl.local/greenhouse/filter:latest
  edgectl image load registry.example.com/greenhouse/filter:v1 --platform linux/arm64")]
pub struct Args {
    /// A module of the solution, or a full reference
    #[arg(value_name = "IMAGE")]
    pub image: String,
    /// Platform of the image; the engine's own when not given
    #[arg(long, value_name = "OS/ARCH")]
    pub platform: Option<Platform>,
}

/// The loaded image: `reference` (in its store, by digest), `name` (in the engine), `platform`, `engineId`, `configDigest`, `endpoint`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loaded {
    reference: Reference,
    name: String,
    platform: Platform,
    engine_id: String,
    config_digest: Digest,
    endpoint: String,
}

impl Render for Loaded {
    fn human(&self) -> String {
        format!("{} ({}) is in the engine at {} as {}\n", self.name, self.platform, self.endpoint, self.engine_id)
    }

    fn names(&self) -> Vec<String> {
        vec![self.name.clone()]
    }
}

impl From<LoadedImage> for Loaded {
    fn from(image: LoadedImage) -> Self {
        let LoadedImage { reference, name, platform, engine_id, config_digest, endpoint } = image;
        Self { reference, name, platform, engine_id, config_digest, endpoint }
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let options = LoadOptions {
        endpoint: context.settings.engine.value.clone(),
        sockets: engine::candidates(&context.settings.runtime_dir),
        platform: args.platform,
    };
    let loaded = image_load::load(&context.places()?, &args.image, &options, &mut context.printer.progress()).await?;
    context.printer.result(&Loaded::from(loaded))
}
