//! `edgectl sim clients`: who is connected to the devices of a world.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::edgehub::Feature;
use crate::ops::clients::{ClientRow, DeviceClients, clients};
use crate::output::{Render, Table};

/// Show who is connected to the brokers of the simulated world, and who was refused and why
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim clients
  edgectl sim clients edge-canary
  edgectl sim clients -o json")]
pub struct Args {
    /// Only clients of this device
    pub device: Option<String>,
}

/// `devices[]` with `device` and `clients[]`: `identity`, `connected`, `peer`, `authentication` (sas, x509-thumbprint, x509-ca),
/// `features`, `filters`, `since`, `connections`, and `refusal` (`at`, `peer`, `code`, `reason`, `count`; null when it was let in since).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    devices: Vec<DeviceClients>,
}

impl Shown {
    fn rows(&self) -> impl Iterator<Item = (&str, &ClientRow)> {
        self.devices.iter().flat_map(|device| device.clients.iter().map(|row| (device.device.as_str(), row)))
    }
}

impl Render for Shown {
    fn human(&self) -> String {
        let mut table = Table::new(["CLIENT", "CONNECTED", "SIGNED IN", "WANTS"]);
        let mut refusals = Vec::new();
        for (device, row) in self.rows() {
            let features: Vec<&str> = row.features.iter().map(|feature| word(*feature)).collect();
            table.row([
                row.identity.to_string(),
                row.connected.to_string(),
                row.authentication.clone().unwrap_or_default(),
                features.join(" "),
            ]);
            if let Some(refusal) = &row.refusal {
                let times = if refusal.count == 1 { String::new() } else { format!(" ({} times)", refusal.count) };
                refusals.push(format!("{} was refused by {device}{times}: {}\n", row.identity, refusal.reason));
            }
        }
        table.draw() + &refusals.concat()
    }

    fn names(&self) -> Vec<String> {
        self.rows().map(|(_, row)| row.identity.to_string()).collect()
    }
}

const fn word(feature: Feature) -> &'static str {
    match feature {
        Feature::Methods => "methods",
        Feature::DesiredProperties => "desired",
        Feature::CloudToDevice => "c2d",
        Feature::TwinResponses => "twin",
        Feature::ModuleMessages => "inputs",
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let devices = clients(&paths, args.device.as_deref()).await?;
    context.printer.result(&Shown { devices })
}
