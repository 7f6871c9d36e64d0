//! `edgectl image verify`: whether every key signed an image and its platforms.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::base::Result;
use crate::commands::Context;
use crate::ops;
use crate::output::{Render, Table};
use crate::trust::{Outcome, Verification};

/// Verify that every key signed an image and every platform of it
///
/// Exit code 10 means refused: unsigned, another key, another repository, tampered. 4 and 5 mean that it cannot be told, because the
/// registry wants a sign-in or does not answer. The report lists each digest with its own outcome in every case.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl image verify --key keys/release.pub filter
  edgectl image verify filter
  edgectl image verify --key team.pub --key release.pub registry.example.com/greenhouse/filter:v1 -o json")]
pub struct Args {
    /// Module of the solution, or image reference
    #[arg(value_name = "IMAGE")]
    pub image: String,
    /// Public key that must have signed; several must all have. Without any, the keys that edgectl.yaml trusts
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
}

impl Render for Verification {
    fn human(&self) -> String {
        let mut table = Table::new(["DIGEST", "PLATFORM", "KEY", "OUTCOME", "REASON"]);
        for image in &self.images {
            for key in &image.keys {
                let outcome = match key.outcome {
                    Outcome::Verified => "verified",
                    Outcome::Refused => "refused",
                    Outcome::Undecided => "undecided",
                };
                table.row([
                    image.digest.to_string(),
                    image.platform.clone().unwrap_or_default(),
                    key.key.clone(),
                    outcome.to_owned(),
                    key.reason.as_ref().map_or_else(String::new, |reason| reason.code().to_owned()),
                ]);
            }
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        vec![self.reference.to_string()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let keys: Vec<PathBuf> = args.keys.iter().map(|key| context.locate(key)).collect();
    let verification = ops::image_verify::verify(&context.places()?, &args.image, &keys, &mut context.printer.progress()).await?;
    context.printer.result(&verification)?;
    verification.require()?;
    Ok(())
}
