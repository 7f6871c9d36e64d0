//! `edgectl sim leaf`: devices that connect through an edge device.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde::Serialize;

use crate::base::Result;
use crate::commands::{Context, hub};
use crate::model::DeviceId;
use crate::ops::leaf::{self, AddedLeaf, Leaf, NewLeaf, SignIn};
use crate::output::{Render, Table};

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Add(AddArgs),
    List(ListArgs),
    Remove(RemoveArgs),
}

/// Register a leaf device at the hub, assign it to an edge device, and print how it connects
///
/// It signs in with a key, unless a certificate is asked for. What is printed holds the key.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim leaf add pump-1
  edgectl sim leaf add pump-1 --parent edge-canary -o json
  edgectl sim leaf add pump-2 --x509 pump-2.pem
  edgectl sim leaf add pump-3 --generate pump-3.pem
  edgectl sim leaf add pump-4 --x509-ca --generate pump-4.pem")]
pub struct AddArgs {
    /// Id of the new device
    pub device: DeviceId,
    /// The edge device that it connects through; may be left out when the hub has only one
    #[arg(long, value_name = "EDGE")]
    pub parent: Option<String>,
    /// Sign in with the certificate in this PEM file, known by its thumbprint
    #[arg(long, value_name = "FILE", conflicts_with_all = ["x509_ca", "generate"])]
    pub x509: Option<PathBuf>,
    /// Sign in with a certificate in the name of the device that the world's authority issued
    #[arg(long)]
    pub x509_ca: bool,
    /// Make the certificate into this file and its key beside it: self-signed, or with --x509-ca issued by the authority
    #[arg(long, value_name = "FILE")]
    pub generate: Option<PathBuf>,
    /// Whether it may connect
    #[arg(long, value_enum, default_value_t)]
    pub status: Status,
}

/// Whether a device may connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Status {
    /// It may.
    #[default]
    Enabled,
    /// It is refused.
    Disabled,
}

/// List the devices that are no edge devices
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim leaf list
  edgectl sim leaf list --parent edge-canary -o json")]
pub struct ListArgs {
    /// Only those of this edge device
    #[arg(long, value_name = "EDGE")]
    pub parent: Option<String>,
}

/// Remove a leaf device from the hub; its connection is closed
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim leaf remove pump-1")]
pub struct RemoveArgs {
    /// The device
    pub device: String,
}

/// The new device: `deviceId`, `parent`, `status`, `authentication`, `gatewayHostName`, `connectionString`, `certificateFile`,
/// `keyFile` and `caFile` (null where there is none).
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Added(AddedLeaf);

impl Render for Added {
    fn human(&self) -> String {
        let leaf = &self.0;
        let files = [("certificate", &leaf.certificate_file), ("key", &leaf.key_file), ("trusts", &leaf.ca_file)];
        let lines = files.into_iter().filter_map(|(what, file)| file.as_ref().map(|file| format!("{what}: {}\n", file.display())));
        format!("{}\n", leaf.connection_string) + &lines.collect::<String>()
    }

    fn names(&self) -> Vec<String> {
        vec![self.0.device_id.clone()]
    }
}

/// `leaves[]`: `deviceId`, `parent`, `status`, `authentication`, `connected`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    leaves: Vec<Leaf>,
}

impl Render for Listed {
    fn human(&self) -> String {
        let mut table = Table::new(["DEVICE", "PARENT", "STATUS", "SIGNS IN", "CONNECTED"]);
        for leaf in &self.leaves {
            let parent = leaf.parent.clone().unwrap_or_default();
            table.row([leaf.device_id.clone(), parent, leaf.status.clone(), leaf.authentication.clone(), leaf.connected.to_string()]);
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        self.leaves.iter().map(|leaf| leaf.device_id.clone()).collect()
    }
}

/// `deviceId` of the device that was removed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Removed {
    device_id: String,
}

impl Render for Removed {
    fn human(&self) -> String {
        format!("removed {}\n", self.device_id)
    }

    fn names(&self) -> Vec<String> {
        vec![self.device_id.clone()]
    }
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    let options = hub::options(context)?;
    match command {
        Command::Add(args) => {
            let at = |file: &PathBuf| context.locate(file);
            let sign_in = match (&args.x509, args.x509_ca, &args.generate) {
                (Some(file), ..) => SignIn::Certificate(at(file)),
                (None, true, file) => SignIn::Authority(file.as_ref().map(at)),
                (None, false, Some(file)) => SignIn::Generated(at(file)),
                (None, false, None) => SignIn::Keys,
            };
            let enabled = args.status == Status::Enabled;
            let new = NewLeaf { device: args.device.to_string(), parent: args.parent, sign_in, enabled };
            context.printer.result(&Added(leaf::add(&options, &new).await?))
        }
        Command::List(args) => context.printer.result(&Listed { leaves: leaf::list(&options, args.parent.as_deref()).await? }),
        Command::Remove(args) => {
            leaf::remove(&options, &args.device).await?;
            context.printer.result(&Removed { device_id: args.device })
        }
    }
}
