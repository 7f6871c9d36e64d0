//! The one point in time that an image carries: given, or of the last commit that touched the module, or the epoch.

use std::path::Path;

use super::toolchain::Toolchain;
use crate::base::{Clock, Timestamp};
use crate::process;

/// Returns the time of the last git commit that touched `folder`, or 1970-01-01 when there is none, no repository or no git.
pub async fn of_source(folder: &Path, toolchain: &Toolchain) -> Result<Timestamp, process::ProcessError> {
    let committed = match toolchain.find("git") {
        Some(git) => commit_seconds(git, folder, toolchain).await?,
        None => None,
    };
    let epoch = || Clock::fixed_at(0).expect("zero is in range");
    Ok(committed.and_then(Clock::fixed_at).unwrap_or_else(epoch).now())
}

async fn commit_seconds(git: std::path::PathBuf, folder: &Path, toolchain: &Toolchain) -> Result<Option<i64>, process::ProcessError> {
    let arguments = ["log", "-1", "--format=%ct", "--", "."].iter().map(Into::into).collect();
    let output = process::run(&toolchain.invocation(git, arguments, folder)).await?;
    Ok(std::str::from_utf8(&output.stdout).ok().filter(|_| output.status.success()).and_then(|text| text.trim().parse().ok()))
}
