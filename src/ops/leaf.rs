//! Leaf devices: registered at the hub, assigned to an edge device, and told how they sign in there.

use std::path::{Path, PathBuf};

use chrono::Duration;
use serde::Serialize;

use super::hub::{self, HubChoice, HubOptions};
use crate::base::{CommandError, Exit, Result, fs};
use crate::identity::{Authority, Certificate, self_signed_client};
use crate::iothub::{Client, Device};
use crate::sim::world::WorldFile;

/// Life of a certificate that is made for a leaf device.
const CERTIFICATE_LIFE: Duration = Duration::days(365);

/// How a leaf device shall sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// With keys that the hub makes.
    Keys,
    /// With the certificate in this file, known by its thumbprint.
    Certificate(PathBuf),
    /// With a self-signed certificate, made into this file.
    Generated(PathBuf),
    /// With a certificate of the world's authority, made into this file when one is named.
    Authority(Option<PathBuf>),
}

/// A leaf device to be registered.
#[derive(Clone, Debug)]
pub struct NewLeaf {
    /// Its id.
    pub device: String,
    /// The edge device that it connects through; the hub's only one when none is named.
    pub parent: Option<String>,
    /// How it signs in.
    pub sign_in: SignIn,
    /// Whether it may connect.
    pub enabled: bool,
}

/// A leaf device that was registered, and what its program needs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddedLeaf {
    /// Its id.
    pub device_id: String,
    /// The edge device that it is assigned to.
    pub parent: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// `sas`, `selfSigned` or `certificateAuthority`.
    pub authentication: String,
    /// Where it connects: the address of the edge device.
    pub gateway_host_name: String,
    /// The connection string; without a key when it signs in by certificate.
    pub connection_string: String,
    /// Its certificate; null when it signs in with keys or has one already elsewhere.
    pub certificate_file: Option<PathBuf>,
    /// The key of a certificate that was made.
    pub key_file: Option<PathBuf>,
    /// Root to trust; null for a cloud hub.
    pub ca_file: Option<PathBuf>,
}

/// A leaf device as the hub has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leaf {
    /// Its id.
    pub device_id: String,
    /// The edge device that it is assigned to; null when it is to none.
    pub parent: Option<String>,
    /// `enabled` or `disabled`.
    pub status: String,
    /// `sas`, `selfSigned`, `certificateAuthority` or `none`.
    pub authentication: String,
    /// Whether it is connected, as far as the hub knows.
    pub connected: bool,
}

/// Registers a leaf device.
///
/// # Errors
/// When there is no such edge device, the id is taken, a file is there already, or the hub refuses.
pub async fn add(options: &HubOptions, leaf: &NewLeaf) -> Result<AddedLeaf> {
    let client = hub::connect(options)?;
    let parent = parent(&client, leaf.parent.as_deref()).await?;
    if client.device(&leaf.device).await?.is_some() {
        let message = format!("the hub has a device `{}` already", leaf.device);
        return Err(CommandError::new(Exit::Conflict, "leaf/exists", message).hint("Remove it with `edgectl sim leaf remove`."));
    }
    let mut device = Device::new(&leaf.device).assigned_to(parent.device_scope());
    device.set("status", status_word(leaf.enabled));
    let (device, files) = with_sign_in(options, device, &leaf.sign_in)?;
    let made = client.put_device(&device, None).await?;
    let world = matches!(options.choice, HubChoice::Emulator).then(|| WorldFile::load_running(&options.world)).transpose()?;
    let gateway = world.as_ref().and_then(|world| world.device(parent.device_id()));
    let gateway = gateway.map_or_else(|| parent.device_id().to_owned(), |device| device.address.to_string());
    let host = client.host_name().split(':').next().unwrap_or_default();
    let credential = match made.symmetric_keys() {
        Some(keys) => format!("SharedAccessKey={}", *keys.primary.to_base64()),
        None => "x509=true".to_owned(),
    };
    Ok(AddedLeaf {
        connection_string: format!("HostName={host};DeviceId={};{credential};GatewayHostName={gateway}", leaf.device),
        device_id: leaf.device.clone(),
        parent: parent.device_id().to_owned(),
        status: status_word(made.is_enabled()).to_owned(),
        authentication: made.authentication_type().to_owned(),
        gateway_host_name: gateway,
        certificate_file: files.certificate,
        key_file: files.key,
        ca_file: world.map(|world| world.hub.ca_file),
    })
}

/// Returns the edge device of this id, or the only one that the hub has.
async fn parent(client: &Client, named: Option<&str>) -> Result<Device> {
    let bad = |message: String| CommandError::new(Exit::BadInput, "leaf/no-parent", message);
    if let Some(id) = named {
        let device = client.device(id).await?.ok_or_else(|| bad(format!("the hub has no device `{id}`")))?;
        return if device.is_edge() { Ok(device) } else { Err(bad(format!("`{id}` is no edge device"))) };
    }
    let mut edges: Vec<Device> = client.devices().await?.into_iter().filter(Device::is_edge).collect();
    match edges.len() {
        0 => Err(bad("the hub has no edge device".to_owned())),
        1 => Ok(edges.swap_remove(0)),
        _ => {
            let ids: Vec<&str> = edges.iter().map(Device::device_id).collect();
            Err(bad("the hub has several edge devices; name one with --parent".to_owned()).hint(format!("It has {}.", ids.join(", "))))
        }
    }
}

#[derive(Default)]
struct Files {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

fn with_sign_in(options: &HubOptions, device: Device, sign_in: &SignIn) -> Result<(Device, Files)> {
    let now = options.clock.now();
    let id = device.device_id().to_owned();
    match sign_in {
        SignIn::Keys => Ok((device, Files::default())),
        SignIn::Certificate(file) => {
            let certificate = Certificate::of_pem(&fs::read_text(file)?)?;
            let files = Files { certificate: Some(file.clone()), key: None };
            Ok((device.with_thumbprints(&certificate.sha1, None), files))
        }
        SignIn::Generated(file) => {
            let made = self_signed_client(&id, now, CERTIFICATE_LIFE)?;
            let thumbprint = Certificate::of_pem(&made.chain_pem)?.sha1;
            Ok((device.with_thumbprints(&thumbprint, None), write(file, &made.chain_pem, &made.key_pem)?))
        }
        SignIn::Authority(None) => Ok((device.with_authority(), Files::default())),
        SignIn::Authority(Some(file)) => {
            WorldFile::load_running(&options.world)?;
            let authority = Authority::open_or_create(&options.world.authority(), now)?;
            let made = authority.issue_client(&id, now, CERTIFICATE_LIFE)?;
            Ok((device.with_authority(), write(file, &made.chain_pem, &made.key_pem)?))
        }
    }
}

/// Writes a certificate and beside it its key, which its owner alone reads; what is there is not overwritten.
fn write(file: &Path, certificate: &str, key: &str) -> Result<Files> {
    let key_file = file.with_extension("key.pem");
    for path in [file, key_file.as_path()] {
        if fs::read_if_any(path)?.is_some() {
            return Err(CommandError::new(Exit::Conflict, "leaf/file-exists", format!("{} is there already", path.display())));
        }
    }
    fs::write_secret(&key_file, key.as_bytes())?;
    fs::write(file, certificate.as_bytes())?;
    Ok(Files { certificate: Some(file.to_path_buf()), key: Some(key_file) })
}

/// Returns the devices of a hub that are no edge devices, or those of one edge device.
pub async fn list(options: &HubOptions, parent: Option<&str>) -> Result<Vec<Leaf>> {
    let devices = hub::connect(options)?.devices().await?;
    if let Some(id) = parent.filter(|id| !devices.iter().any(|device| device.is_edge() && device.device_id() == *id)) {
        return Err(CommandError::new(Exit::BadInput, "leaf/no-parent", format!("the hub has no edge device `{id}`")));
    }
    let edge_of = |scope: &str| devices.iter().find(|edge| edge.is_edge() && !scope.is_empty() && edge.device_scope() == scope);
    let leaves = devices.iter().filter(|device| !device.is_edge()).map(|device| Leaf {
        device_id: device.device_id().to_owned(),
        parent: edge_of(device.device_scope()).map(|edge| edge.device_id().to_owned()),
        status: status_word(device.is_enabled()).to_owned(),
        authentication: device.authentication_type().to_owned(),
        connected: device.is_connected(),
    });
    Ok(leaves.filter(|leaf| parent.is_none() || leaf.parent.as_deref() == parent).collect())
}

/// Removes a leaf device from the hub.
///
/// # Errors
/// When the hub has no such device, or it is an edge device.
pub async fn remove(options: &HubOptions, device: &str) -> Result<()> {
    let client = hub::connect(options)?;
    let bad = |message: String| CommandError::new(Exit::BadInput, "leaf/unknown", message);
    let found = client.device(device).await?.ok_or_else(|| bad(format!("the hub has no device `{device}`")))?;
    if found.is_edge() {
        return Err(bad(format!("`{device}` is an edge device, not a leaf device")));
    }
    Ok(client.delete_device(device, "*").await?)
}

const fn status_word(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}
