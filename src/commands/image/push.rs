//! `edgectl image push`: a copy of an image in another place.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::base::Result;
use crate::commands::Context;
use crate::ops;
use crate::ops::image_push::Pushed;
use crate::output::Render;

/// Copy an image to a registry, with its platforms
///
/// Signatures go along only when they name the repository of the copy, since anywhere else they prove nothing. With --key the copy is
/// signed anew; without it, the command says plainly when the copy is unsigned.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image push filter
  edgectl image push filter --to registry.example.com/greenhouse/filter:v1 --key keys/release.key
  edgectl image push registry.example.com/greenhouse/filter:v1 --to mirror.example.com/greenhouse/filter -o json")]
pub struct Args {
    /// Module of the solution, or image reference
    #[arg(value_name = "IMAGE")]
    pub image: String,
    /// Repository of the copy, and its tag (the same tag when left out). Without it, the image's own repository
    #[arg(long, value_name = "REPOSITORY[:TAG]")]
    pub to: Option<String>,
    /// Sign the copy with this private key; several may be given
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
    /// Read the passphrase from this file ("-" is stdin); one for all keys or one for each
    #[arg(long, value_name = "FILE", requires = "keys")]
    pub password_file: Vec<PathBuf>,
}

impl Render for Pushed {
    fn human(&self) -> String {
        let signatures = match (self.signed, self.signatures_carried, self.signatures_added) {
            (false, ..) => "none that hold for every platform".to_owned(),
            (true, carried, added) => format!("{carried} carried, {added} added"),
        };
        format!("pushed      {}\ntag         {}\nsignatures  {signatures}\n", self.reference, self.tag.as_deref().unwrap_or("<none>"))
    }

    fn names(&self) -> Vec<String> {
        vec![self.reference.to_string()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let target = args.to.as_deref().map(str::parse).transpose()?;
    let keys = super::sign::open(&args.keys, &args.password_file, context).await?;
    let places = context.places()?;
    let pushed = ops::image_push::push(&places, &args.image, target.as_ref(), &keys, &mut context.printer.progress()).await?;
    context.printer.result(&pushed)
}
