//! How commands find their hub: the setting in force, read with this run's environment.

use super::Context;
use crate::base::Result;
use crate::config::Origin;
use crate::ops::hub::{HubChoice, HubOptions};
use crate::sim::world::WorldPaths;

/// Returns how the hub in force is reached. A relative path counts from the file that names it, else from the working folder.
///
/// # Errors
/// A solution file, hub setting or world name that does not read, or a variable that is not set.
pub fn options(context: &Context) -> Result<HubOptions> {
    let settings = &context.settings;
    let setting = settings.hub_of(settings.solution()?.as_ref());
    let base = match &setting.origin {
        Origin::Solution(file) | Origin::User(file) => file.parent().unwrap_or(&settings.directory).to_path_buf(),
        _ => settings.directory.clone(),
    };
    let variable = |name: &str| settings.environment.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    Ok(HubOptions {
        choice: HubChoice::read(&setting.value, variable, &base)?,
        world: WorldPaths::new(&settings.state_dir.value, settings.sim.value.parse()?),
        offline: settings.offline.value,
        clock: context.clock,
    })
}
