//! The certificates of a running world: shown, written to files, made anew.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::base::{CommandError, Exit, Result, fs};
use crate::identity::Certificate;
use crate::sim::world::control::{ControlClient, WorldCertificates};
use crate::sim::world::{WorldFile, WorldPaths};

/// Time for the control socket to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// A certificate and whose it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownCertificate {
    /// The device whose server certificate it is; null for the authority of the world.
    pub device: Option<String>,
    /// What stands in it.
    #[serde(flatten)]
    pub certificate: Certificate,
}

fn control(paths: &WorldPaths) -> Result<ControlClient> {
    Ok(ControlClient::new(WorldFile::load_running(paths)?.control_socket, ANSWER))
}

/// Returns the authority of a running world and the server certificate of each device.
pub async fn show(paths: &WorldPaths) -> Result<Vec<ShownCertificate>> {
    let WorldCertificates { authority, devices } = control(paths)?.certificates().await?;
    let mut shown = vec![ShownCertificate { device: None, certificate: Certificate::of_pem(&authority)? }];
    for (device, chain) in devices {
        shown.push(ShownCertificate { device: Some(device), certificate: Certificate::of_pem(&chain)? });
    }
    Ok(shown)
}

/// Writes the authority of a running world to a file, or the server certificate of a device with its chain, and returns the PEM text.
pub async fn export(paths: &WorldPaths, device: Option<&str>, file: &Path) -> Result<ShownCertificate> {
    let WorldCertificates { authority, mut devices } = control(paths)?.certificates().await?;
    let pem = match device {
        None => authority,
        Some(id) => devices.remove(id).ok_or_else(|| no_device(id, devices.keys()))?,
    };
    let certificate = Certificate::of_pem(&pem)?;
    fs::write(file, pem.as_bytes())?;
    Ok(ShownCertificate { device: device.map(str::to_owned), certificate })
}

/// Has a device show a new server certificate, one whose life is over when `expired`, and returns it.
pub async fn reissue(paths: &WorldPaths, device: &str, expired: bool) -> Result<ShownCertificate> {
    let control = control(paths)?;
    control.reissue(device, expired).await?;
    let mut devices = control.certificates().await?.devices;
    let pem = devices.remove(device).ok_or_else(|| no_device(device, devices.keys()))?;
    Ok(ShownCertificate { device: Some(device.to_owned()), certificate: Certificate::of_pem(&pem)? })
}

fn no_device<'a>(id: &str, known: impl Iterator<Item = &'a String>) -> CommandError {
    let known: Vec<&str> = known.map(String::as_str).collect();
    CommandError::new(Exit::BadInput, "sim/no-device", format!("the world has no device `{id}`"))
        .hint(format!("It has {}.", known.join(", ")))
}
