//! `edgectl image list`: what the embedded store holds.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::{Digest, Result};
use crate::commands::Context;
use crate::model::{Platform, Reference, Repository};
use crate::ops::image_list::{self, StoredImage};
use crate::output::{Render, Table};

/// List the images of the embedded store
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image list
  edgectl image list -o json
  edgectl image list -o name")]
pub struct Args {}

/// The images: `images[]` with `repository`, `tag` (null when the tag moved on), `digest`, `reference`, `platforms[]`, `sizeBytes`,
/// `created` (null when the image does not say), `signature` (whether one lies beside it; it is not verified here).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    images: Vec<Row>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    repository: Repository,
    tag: Option<String>,
    digest: Digest,
    reference: Reference,
    platforms: Vec<Platform>,
    size_bytes: u64,
    created: Option<String>,
    signature: bool,
}

impl Render for Listed {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME", "TAG", "DIGEST", "SIZE", "CREATED", "SIGNATURE"]);
        for row in &self.images {
            table.row([
                row.repository.to_string(),
                row.tag.clone().unwrap_or_default(),
                row.digest.short(),
                super::size(row.size_bytes),
                row.created.clone().unwrap_or_default(),
                if row.signature { "yes".to_owned() } else { String::new() },
            ]);
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        self.images.iter().map(|row| row.reference.to_string()).collect()
    }
}

impl From<StoredImage> for Row {
    fn from(image: StoredImage) -> Self {
        Self {
            reference: image.repository.at(image.digest),
            repository: image.repository,
            tag: image.tag,
            digest: image.digest,
            platforms: image.platforms,
            size_bytes: image.size_bytes,
            created: image.created,
            signature: image.signature,
        }
    }
}

/// Runs the command.
pub async fn run(_args: Args, context: &mut Context) -> Result<()> {
    let images = image_list::list(&context.store_options()?).await?;
    context.printer.result(&Listed { images: images.into_iter().map(Row::from).collect() })
}
