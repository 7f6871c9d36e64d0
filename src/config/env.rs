//! Every environment variable that this tool reads, with what it does. `config show` lists them; their values are never printed.

use std::collections::BTreeMap;

/// Folder that takes the place of the solution's `.edgectl` (images, simulated worlds, cache).
pub const STATE_DIR: &str = "EDGECTL_STATE_DIR";
/// Name of the simulated world, `default` when unset.
pub const SIM: &str = "EDGECTL_SIM";
/// Hub to work with when the solution names none: `emulator`, `env:NAME` or `file:PATH`.
pub const HUB: &str = "EDGECTL_HUB";
/// Docker or podman endpoint, such as `unix:///run/podman/podman.sock`.
pub const DOCKER_HOST: &str = "DOCKER_HOST";
/// Folder of the Docker configuration, whose registry credentials are used; `~/.docker` when unset.
pub const DOCKER_CONFIG: &str = "DOCKER_CONFIG";
/// Passphrase of a signing key; empty means the empty passphrase, unset means ask.
pub const COSIGN_PASSWORD: &str = "COSIGN_PASSWORD";
/// Seconds since the Unix epoch that stand for the present in built images.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";
/// Any value switches colours off.
pub const NO_COLOR: &str = "NO_COLOR";
/// `dumb` switches colours off.
pub const TERM: &str = "TERM";
/// `true` on GitHub Actions.
pub const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// `True` on Azure Pipelines.
pub const TF_BUILD: &str = "TF_BUILD";
/// Name of who acts, for the audit records of releases.
pub const USER: &str = "USER";
/// Home folder.
pub const HOME: &str = "HOME";
/// Base of the user's configuration, `~/.config` when unset.
pub const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Base of the user's state, `~/.local/state` when unset.
pub const XDG_STATE_HOME: &str = "XDG_STATE_HOME";
/// Base of sockets, `/tmp` when unset.
pub const XDG_RUNTIME_DIR: &str = "XDG_RUNTIME_DIR";
/// What a simulated world writes into its log, such as `edgectl=debug`; `info` when unset.
pub const RUST_LOG: &str = "RUST_LOG";
/// Search path for outside programs.
pub const PATH: &str = "PATH";

/// The environment as it was at start; rooms below get values, never this.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the process's environment; variables that are no UTF-8 are left out.
    pub fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        Self(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect())
    }

    /// Returns a variable, or `None` when unset. An empty value is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns a variable that is set and not empty.
    pub fn non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Returns all variables, sorted by name, for handing a chosen few to outside programs.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}
