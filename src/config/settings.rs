//! The settings themselves: found, layered, each with its origin.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::env::{self, Environment};
use crate::base::{Clock, CommandError, Diagnose, Exit, Timestamp, fs};
use crate::solution::Solution;

/// Name of the solution file.
pub const SOLUTION_FILE: &str = "edgectl.yaml";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "layer", content = "from")]
pub enum Origin {
    /// A flag of this command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// The solution file.
    Solution(PathBuf),
    /// The user's file.
    User(PathBuf),
    /// Built in.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Solution(path) | Self::User(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, Serialize)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// The layer that decided it.
    pub origin: Origin,
}

/// The user's file, `$XDG_CONFIG_HOME/edgectl/config.toml`; every member is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct UserFile {
    hub: Option<String>,
    engine: Option<String>,
    sim: Option<String>,
}

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", file.display())]
pub struct SettingsError {
    file: PathBuf,
    message: String,
}

impl Diagnose for SettingsError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "config/invalid"
    }
}

/// What the global flags say about settings.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `-C DIR`.
    pub directory: Option<PathBuf>,
    /// `--sim NAME`.
    pub sim: Option<String>,
    /// `--offline`.
    pub offline: bool,
}

/// Settings of this run, folded from all layers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that the command works in (`-C` or the current one), absolute.
    pub directory: PathBuf,
    /// The solution file, when the folder or one above it has one.
    pub solution_file: Option<PathBuf>,
    /// The tool's own folder: `.edgectl` beside the solution file, else under the user's state folder.
    pub state_dir: Setting<PathBuf>,
    /// Name of the simulated world.
    pub sim: Setting<String>,
    /// Hub as environment, user's file or default name it; [`Settings::hub_of`] folds the solution in.
    pub hub: Setting<String>,
    /// Container engine endpoint, `None` for the usual sockets.
    pub engine: Setting<Option<String>>,
    /// Whether only what lies on this machine may be asked.
    pub offline: Setting<bool>,
    /// Time that stands for the present in built images (`SOURCE_DATE_EPOCH`).
    pub source_date_epoch: Option<Timestamp>,
    /// Folder for short socket paths.
    pub runtime_dir: PathBuf,
    /// The environment, for `commands` to take secrets and outside programs' variables from.
    pub environment: Environment,
}

impl Settings {
    /// Folds flags, environment, files and defaults.
    ///
    /// # Errors
    /// When the working folder is missing, or the user's file does not read.
    pub fn load(flags: &Flags, environment: Environment) -> Result<Self, CommandError> {
        let start =
            std::path::absolute(flags.directory.as_deref().unwrap_or(Path::new("."))).map_err(fs::FsError::at("find", Path::new(".")))?;
        let directory = start.canonicalize().map_err(fs::FsError::at("enter", &start))?;
        let solution_file = directory.ancestors().map(|folder| folder.join(SOLUTION_FILE)).find(|file| file.is_file());
        let (user_path, user) = user_file(&environment)?;
        let from_user = |value: &Option<String>| value.clone().map(|value| Setting { value, origin: Origin::User(user_path.clone()) });
        let from_env = |name: &'static str| {
            environment.non_empty(name).map(|value| Setting { value: value.to_owned(), origin: Origin::Environment(name) })
        };
        let default = |value: &str| Setting { value: value.to_owned(), origin: Origin::Default };

        let sim_flag = flags.sim.clone().map(|value| Setting { value, origin: Origin::Flag("--sim") });
        let sim = sim_flag.or_else(|| from_env(env::SIM)).or_else(|| from_user(&user.sim)).unwrap_or_else(|| default("default"));
        let hub = from_env(env::HUB).or_else(|| from_user(&user.hub)).unwrap_or_else(|| default("emulator"));
        let engine = from_env(env::DOCKER_HOST).or_else(|| from_user(&user.engine));
        let state_dir = state_dir(&environment, solution_file.as_deref());
        let offline = if flags.offline {
            Setting { value: true, origin: Origin::Flag("--offline") }
        } else {
            Setting { value: false, origin: Origin::Default }
        };
        Ok(Self {
            state_dir,
            sim,
            hub,
            engine: engine.map_or(Setting { value: None, origin: Origin::Default }, |found| Setting {
                value: Some(found.value),
                origin: found.origin,
            }),
            offline,
            source_date_epoch: source_date_epoch(&environment)?,
            runtime_dir: environment.non_empty(env::XDG_RUNTIME_DIR).map_or_else(std::env::temp_dir, PathBuf::from),
            directory,
            solution_file,
            environment,
        })
    }
}

impl Settings {
    /// Returns the solution that this run works in, or `None` outside of one.
    ///
    /// # Errors
    /// A solution file that does not read.
    pub fn solution(&self) -> Result<Option<Solution>, CommandError> {
        self.solution_file.as_deref().map(Solution::load).transpose()
    }

    /// Returns the hub in force: the environment goes before the solution, the solution before the user's file and the default.
    pub fn hub_of(&self, solution: Option<&Solution>) -> Setting<String> {
        let named = solution.and_then(|solution| solution.hub.clone()).zip(self.solution_file.clone());
        match (&self.hub.origin, named) {
            (Origin::User(_) | Origin::Default, Some((value, file))) => Setting { value, origin: Origin::Solution(file) },
            _ => self.hub.clone(),
        }
    }
}

fn state_dir(environment: &Environment, solution_file: Option<&Path>) -> Setting<PathBuf> {
    if let Some(folder) = environment.non_empty(env::STATE_DIR) {
        return Setting { value: PathBuf::from(folder), origin: Origin::Environment(env::STATE_DIR) };
    }
    if let Some(file) = solution_file {
        return Setting { value: file.with_file_name(".edgectl"), origin: Origin::Solution(file.to_path_buf()) };
    }
    let base = environment.non_empty(env::XDG_STATE_HOME).map_or_else(|| home(environment).join(".local/state"), PathBuf::from);
    Setting { value: base.join("edgectl"), origin: Origin::Default }
}

fn source_date_epoch(environment: &Environment) -> Result<Option<Timestamp>, CommandError> {
    let Some(text) = environment.non_empty(env::SOURCE_DATE_EPOCH) else { return Ok(None) };
    let refuse =
        || CommandError::new(Exit::BadInput, "config/bad-epoch", format!("SOURCE_DATE_EPOCH is `{text}`, not whole seconds since 1970"));
    let clock = text.parse().ok().and_then(Clock::fixed_at).ok_or_else(refuse)?;
    Ok(Some(clock.now()))
}

fn home(environment: &Environment) -> PathBuf {
    environment.non_empty(env::HOME).map_or_else(|| PathBuf::from("/"), PathBuf::from)
}

fn user_file(environment: &Environment) -> Result<(PathBuf, UserFile), CommandError> {
    let base = environment.non_empty(env::XDG_CONFIG_HOME).map_or_else(|| home(environment).join(".config"), PathBuf::from);
    let path = base.join("edgectl/config.toml");
    let Some(bytes) = fs::read_if_any(&path)? else { return Ok((path, UserFile::default())) };
    let invalid = |message: String| SettingsError { file: path.clone(), message };
    let text = String::from_utf8(bytes).map_err(|_| invalid("is no UTF-8 text".to_owned()))?;
    let user = toml::from_str(&text).map_err(|error| invalid(error.to_string().trim_end().to_owned()))?;
    Ok((path, user))
}
