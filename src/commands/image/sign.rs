//! `edgectl image sign`: signatures of keys on an image and its platforms.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::base::Result;
use crate::commands::{Context, passphrase};
use crate::ops;
use crate::output::{Render, Table};
use crate::trust::{PrivateKey, Signing};

/// Sign an image and every platform of it
///
/// The signatures are cosign's: podman, skopeo and cosign accept them. They are added to those of others, read back and verified. What
/// a key signed before is not signed again. Several keys sign in one write.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image sign --key keys/release.key filter
  edgectl image sign --key keys/team.key --key keys/release.key registry.example.com/greenhouse/filter:v1
  edgectl image sign --key keys/ci.key --password-file - filter < passphrase")]
pub struct Args {
    /// Module of the solution, or image reference
    #[arg(value_name = "IMAGE")]
    pub image: String,
    #[command(flatten)]
    pub keys: Keys,
}

/// Private keys and where their passphrases come from.
#[derive(Debug, ClapArgs)]
pub struct Keys {
    /// Private key; several may be given
    #[arg(long = "key", value_name = "FILE", required = true)]
    pub keys: Vec<PathBuf>,
    /// Read the passphrase from this file ("-" is stdin); one for all keys or one for each
    #[arg(long, value_name = "FILE")]
    pub password_file: Vec<PathBuf>,
}

impl Render for Signing {
    fn human(&self) -> String {
        let mut table = Table::new(["DIGEST", "PLATFORM", "ADDED", "SIGNATURES"]);
        for image in &self.images {
            table.row([
                image.digest.to_string(),
                image.platform.clone().unwrap_or_default(),
                image.added.join(","),
                image.signatures.to_string(),
            ]);
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        vec![self.reference.to_string()]
    }
}

/// Opens private keys, asking for passphrases only once every file is known to be a key.
pub async fn open(keys: &[PathBuf], password_files: &[PathBuf], context: &Context) -> Result<Vec<PrivateKey>> {
    let keys: Vec<PathBuf> = keys.iter().map(|key| context.locate(key)).collect();
    keys.iter().try_for_each(|key| PrivateKey::inspect(key))?;
    let passphrases = passphrase::obtain_all(password_files, &keys, context).await?;
    Ok(keys.iter().zip(&passphrases).map(|(key, passphrase)| PrivateKey::load(key, passphrase)).collect::<Result<_, _>>()?)
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let keys = open(&args.keys.keys, &args.keys.password_file, context).await?;
    let signing = ops::image_sign::sign(&context.places()?, &args.image, &keys, &mut context.printer.progress()).await?;
    context.printer.result(&signing)
}
