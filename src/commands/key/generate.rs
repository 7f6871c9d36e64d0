//! `edgectl key generate`: a pair for signing images.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::{Digest, Result};
use crate::commands::Context;
use crate::commands::passphrase::{self, Purpose};
use crate::ops;
use crate::output::Render;

/// Make a pair of keys for signing images
///
/// Writes NAME.key, encrypted and readable by its owner alone, and NAME.pub. The format is cosign's, the algorithm ECDSA P-256. Neither
/// file is ever overwritten. The passphrase comes from --password-file, else from the variable `COSIGN_PASSWORD` (which may be empty),
/// else it is asked for.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl key generate --out keys/release
  edgectl key generate --out keys/ci --password-file /run/secrets/passphrase
  COSIGN_PASSWORD= edgectl key generate --out keys/test")]
pub struct Args {
    /// Name of the pair: writes NAME.key and NAME.pub
    #[arg(long, value_name = "NAME", required = true, help_heading = "Options")]
    pub out: Option<PathBuf>,
    /// Read the passphrase from this file ("-" is stdin)
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// The pair: `privateKey` and `publicKey` (paths), `fingerprint` (digest of the public key in DER).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Generated {
    private_key: PathBuf,
    public_key: PathBuf,
    fingerprint: Digest,
}

impl Render for Generated {
    fn human(&self) -> String {
        format!(
            "private key  {}\npublic key   {}\nfingerprint  {}\n",
            self.private_key.display(),
            self.public_key.display(),
            self.fingerprint
        )
    }

    fn names(&self) -> Vec<String> {
        vec![self.private_key.display().to_string(), self.public_key.display().to_string()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let name = args.out.expect("clap requires it");
    let path = context.locate(&name);
    ops::key_generate::check(&path)?;
    let passphrase =
        passphrase::obtain(args.password_file.as_deref(), &format!("the new key {}", name.display()), Purpose::Seal, context).await?;
    let pair = ops::key_generate::generate(&path, &passphrase, &mut context.printer.progress())?;
    context.printer.result(&Generated { private_key: pair.private, public_key: pair.public, fingerprint: pair.fingerprint })
}
