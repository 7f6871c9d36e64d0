//! `edgectl sim certs`: the certificates of a simulated world.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;

use crate::base::Result;
use crate::base::clock::rfc3339_seconds;
use crate::commands::Context;
use crate::ops::certs::{self, ShownCertificate};
use crate::output::{Render, Table};

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Show(ShowArgs),
    Export(ExportArgs),
    Renew(RenewArgs),
    Expire(ExpireArgs),
}

/// Show the authority of the world and the server certificate of each device
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim certs show
  edgectl sim certs show -o json")]
pub struct ShowArgs {}

/// Write the authority of the world to a file, for programs to trust
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim certs export ca.pem
  edgectl sim certs export chain.pem --device edge-canary")]
pub struct ExportArgs {
    /// Where to write it, as PEM
    pub file: PathBuf,
    /// Write the server certificate of this device with its chain instead
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
}

/// Give a device a new server certificate, as its renewal does
///
/// Connections that stand are kept; who connects from now on sees the new one.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim certs renew edge-canary")]
pub struct RenewArgs {
    /// The device
    pub device: String,
}

/// Give a device a server certificate whose life is over, as a missed renewal does
///
/// Connections that stand are kept; who connects from now on should refuse it. `sim certs renew` ends that.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim certs expire edge-canary
  edgectl sim certs renew edge-canary")]
pub struct ExpireArgs {
    /// The device
    pub device: String,
}

/// `file` (null unless one was written) and `certificates[]`: `device` (null for the authority), `commonName`, `issuer`, `names`,
/// `notBefore`, `notAfter`, `sha1`, `sha256`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    file: Option<PathBuf>,
    certificates: Vec<ShownCertificate>,
}

impl Render for Shown {
    fn human(&self) -> String {
        let mut table = Table::new(["OF", "VALID UNTIL", "SHA-1", "NAMES"]);
        for shown in &self.certificates {
            let certificate = &shown.certificate;
            let short: String = certificate.sha1.chars().take(12).collect();
            let names = if certificate.names.is_empty() { certificate.common_name.clone() } else { certificate.names.join(" ") };
            let of = shown.device.clone().unwrap_or_else(|| "authority".to_owned());
            table.row([of, rfc3339_seconds(certificate.not_after), short, names]);
        }
        table.draw() + &self.file.as_ref().map(|file| format!("written to {}\n", file.display())).unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        self.certificates.iter().map(|shown| shown.certificate.sha1.clone()).collect()
    }
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let shown = match command {
        Command::Show(_) => Shown { file: None, certificates: certs::show(&paths).await? },
        Command::Export(args) => {
            let file = context.locate(&args.file);
            let exported = certs::export(&paths, args.device.as_deref(), &file).await?;
            Shown { file: Some(args.file), certificates: vec![exported] }
        }
        Command::Renew(args) => Shown { file: None, certificates: vec![certs::reissue(&paths, &args.device, false).await?] },
        Command::Expire(args) => Shown { file: None, certificates: vec![certs::reissue(&paths, &args.device, true).await?] },
    };
    context.printer.result(&shown)
}
