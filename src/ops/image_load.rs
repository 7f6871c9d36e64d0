//! Puts an image from a store into the container engine of this machine.

use std::path::PathBuf;

use crate::base::{CommandError, Digest, Exit, Report, Result};
use crate::engine::{Engine, docker_archive};
use crate::model::{Platform, Reference};
use crate::ops::coordinate::Places;
use crate::ops::image_inspect;
use crate::registry::{Image, PlatformImage, load_image};

/// Which engine, and for which platform.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Endpoint of the engine; `None` looks at `sockets`.
    pub endpoint: Option<String>,
    /// The usual sockets.
    pub sockets: Vec<PathBuf>,
    /// Platform of the image; `None` takes the engine's own.
    pub platform: Option<Platform>,
}

/// An image in the engine.
#[derive(Clone, Debug)]
pub struct LoadedImage {
    /// The image in its store, by digest.
    pub reference: Reference,
    /// Its name in the engine.
    pub name: String,
    /// The platform that was loaded.
    pub platform: Platform,
    /// The engine's id of it.
    pub engine_id: String,
    /// Digest of its config.
    pub config_digest: Digest,
    /// The engine's endpoint.
    pub endpoint: String,
}

/// Loads one platform of the image that `text` names.
///
/// # Errors
/// An image or platform that is not there (3), an engine that is missing or refuses (5).
pub async fn load(places: &Places, text: &str, options: &LoadOptions, report: &mut dyn Report) -> Result<LoadedImage> {
    let located = places.locate(text).await?;
    let image = load_image(&*located.store, &located.reference).await?;
    let image = image.ok_or_else(|| image_inspect::not_there(&located.reference))?;
    let engine = Engine::connect(options.endpoint.as_deref(), &options.sockets).await?;
    let wanted = options.platform.clone().unwrap_or_else(|| engine.platform.clone());
    let chosen = image.on(&wanted).ok_or_else(|| no_platform(&image, &wanted))?;
    let name = name_in_engine(&located.reference, image.top.digest);
    let step = format!("load {name} into {}", engine.endpoint);
    report.started(&step);
    let repository = &located.reference.repository;
    let layers = chosen.layers(&*located.store, repository).await?;
    let config_digest = chosen.manifest.config.digest;
    let config = located.store.blob(repository, config_digest).await?;
    let config = config.ok_or_else(|| image_inspect::not_there(&repository.at(config_digest)))?;
    let archive = docker_archive(&name, &config, &config_digest.hex(), &layers)?;
    let platform = chosen.config.platform();
    let engine_id = engine.load(&name, archive, &platform).await?;
    report.finished(step, &engine_id);
    Ok(LoadedImage { reference: repository.at(image.top.digest), name, platform, engine_id, config_digest, endpoint: engine.endpoint })
}

/// Returns the name under which an engine keeps the image: the repository with the tag that was asked for, or with the start of
/// the digest, since an engine gives digests of its own.
fn name_in_engine(reference: &Reference, digest: Digest) -> String {
    match &reference.tag {
        Some(tag) => format!("{}:{tag}", reference.repository),
        None => format!("{}:{}", reference.repository, digest.short()),
    }
}

fn no_platform(image: &Image, wanted: &Platform) -> CommandError {
    let held = |platform: &PlatformImage| platform.config.platform().to_string();
    let held: Vec<String> = image.platforms.iter().map(held).collect();
    let message = format!("the image {} has no {wanted}, only {}", image.repository.at(image.top.digest), held.join(", "));
    CommandError::new(Exit::BadInput, "image/no-platform", message)
        .hint("`--platform` chooses one of them; the module's `platforms` say what is built.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_by_digest_gets_a_tag_from_it() {
        let digest = Digest::of(b"x");
        let reference: Reference = "edgectl.local/a/b:v1".parse().expect("reference");
        assert_eq!(name_in_engine(&reference, digest), "edgectl.local/a/b:v1");
        assert_eq!(name_in_engine(&reference.repository.at(digest), digest), format!("edgectl.local/a/b:{}", digest.short()));
    }
}
