//! Who is connected to the devices of a running world.

use std::time::Duration;

use crate::base::Result;
pub use crate::edgehub::inspect::ClientRow;
use crate::sim::world::control::ControlClient;
pub use crate::sim::world::control::DeviceClients;
use crate::sim::world::{WorldFile, WorldPaths};

/// Time for the control socket to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Returns who is connected to a device of a running world, or to each.
///
/// # Errors
/// When the world does not run or has no such device.
pub async fn clients(paths: &WorldPaths, device: Option<&str>) -> Result<Vec<DeviceClients>> {
    let file = WorldFile::load_running(paths)?;
    Ok(ControlClient::new(file.control_socket, ANSWER).clients(device).await?)
}
