//! The solution file, `edgectl.yaml`, format version 1.
//!
//! Maps are ordered by name; the order of rings is the order of promotion. Every path is relative to the file that names it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::module_file::Run;
use crate::base::duration::Span;
use crate::base::{fs, yaml};
use crate::model::{ModuleId, Reference, Repository, RingName, SolutionName};

/// Name of the file.
pub const FILE_NAME: &str = "edgectl.yaml";

/// A solution: modules, routes, twins, deployments, rings, and who may sign.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Solution {
    /// Format of the file; 1.
    pub version: u32,
    /// Name of the solution.
    #[serde(rename = "solution")]
    pub name: SolutionName,
    /// Repository prefix of the modules' images; `None` is the embedded store.
    #[serde(default)]
    pub registry: Option<Repository>,
    /// Hub: `emulator`, `env:NAME` or `file:PATH`; `None` leaves it to the settings.
    #[serde(default)]
    pub hub: Option<String>,
    /// The system modules.
    #[serde(default)]
    pub runtime: Runtime,
    /// Modules by name.
    #[serde(default)]
    pub modules: BTreeMap<ModuleId, Module>,
    /// Routes by name.
    #[serde(default)]
    pub routes: BTreeMap<String, Route>,
    /// Desired properties by module.
    #[serde(default)]
    pub twins: BTreeMap<ModuleId, Value>,
    /// Deployments by name; empty means one base deployment with everything.
    #[serde(default)]
    pub deployments: BTreeMap<String, Deployment>,
    /// Rings in order of promotion.
    #[serde(default)]
    pub rings: Vec<Ring>,
    /// Defaults of the gates for all rings.
    #[serde(default)]
    pub gates: Gates,
    /// Teams by name.
    #[serde(default)]
    pub teams: BTreeMap<String, Team>,
    /// Who may sign what runs.
    #[serde(default)]
    pub trust: Trust,
    /// Where releases live.
    #[serde(default)]
    pub ledger: Ledger,
}

/// The system modules of the real runtime, as they stand in deployment manifests.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Runtime {
    /// The agent.
    pub edge_agent: SystemModule,
    /// The broker.
    pub edge_hub: SystemModule,
}

impl Default for Runtime {
    fn default() -> Self {
        Self {
            edge_agent: SystemModule::of("mcr.microsoft.com/azureiotedge-agent:1.5"),
            edge_hub: SystemModule::of("mcr.microsoft.com/azureiotedge-hub:1.5"),
        }
    }
}

/// A system module: an image reference, or an object with `image` and `timeToLive`.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemModule {
    /// Image of the real runtime; the simulator has its own.
    pub image: String,
    /// Life of stored messages (edgeHub only).
    pub time_to_live: Option<Span>,
}

impl SystemModule {
    fn of(image: &str) -> Self {
        Self { image: image.to_owned(), time_to_live: None }
    }
}

/// A module: a folder with `module.yaml`, or an image of others.
#[derive(Clone, Debug, PartialEq)]
pub enum Module {
    /// Folder, relative to the solution file.
    Folder(PathBuf),
    /// An image by digest, and the team that owns it.
    Image {
        /// Reference, which must carry a digest.
        image: Reference,
        /// Name of a team.
        owner: Option<String>,
        /// How it is run.
        setup: Setup,
    },
    /// An image by whatever its text names, on purpose (`pin: false`): an imported solution keeps its tags. No release takes it.
    Unpinned {
        /// The image as it is written.
        image: String,
        /// Name of a team.
        owner: Option<String>,
        /// How it is run.
        setup: Setup,
    },
}

/// How an image is run that no folder of the solution stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Folder with a `module.yaml`, relative to the solution file: what the image was built from, and its `run` when there is none here.
    pub folder: Option<PathBuf>,
    /// How it is run.
    pub run: Option<Run>,
    /// What the manifest says of it besides, as a JSON merge patch (RFC 7396); `null` takes a member out. Never the image.
    pub manifest: Option<Value>,
}

impl Module {
    /// Returns how the image of the module is run, when that stands in the solution file.
    pub fn setup(&self) -> Option<&Setup> {
        match self {
            Self::Folder(_) => None,
            Self::Image { setup, .. } | Self::Unpinned { setup, .. } => Some(setup),
        }
    }

    /// Returns the folder with the module's `module.yaml`.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            other => other.setup().and_then(|setup| setup.folder.as_deref()),
        }
    }
}

/// A route with its priority and life.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Text of the route.
    pub route: String,
    /// 0 (first) to 9; `None` is after all of them.
    pub priority: Option<u8>,
    /// Life of its stored messages.
    pub time_to_live: Option<Span>,
}

/// A deployment: a base, or a layer over it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// Names of its modules.
    pub modules: Vec<ModuleId>,
    /// Whether it is a layer.
    #[serde(default)]
    pub layer: bool,
    /// Target condition; `None` is every device.
    #[serde(default)]
    pub target: Option<String>,
    /// Name of a team.
    #[serde(default)]
    pub owner: Option<String>,
    /// What the manifest says besides, as a JSON merge patch (RFC 7396) over it; `null` takes a member out.
    #[serde(default)]
    pub overlay: Option<Value>,
}

/// A ring of devices.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ring {
    /// Name of the ring.
    pub name: RingName,
    /// Target condition of its devices.
    pub target: String,
    /// How long a release must stay healthy before the next ring may take it.
    #[serde(default)]
    pub bake: Span,
    /// Shares of the ring that take the release one after another, such as `10%`.
    #[serde(default)]
    pub steps: Vec<String>,
    /// Who must approve.
    #[serde(default)]
    pub approvals: Option<Approvals>,
    /// Gates of this ring, over the defaults.
    #[serde(default)]
    pub gates: Option<Gates>,
}

/// How many of whom must approve.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approvals {
    /// Number of approvals.
    pub need: u32,
    /// Public keys.
    pub of: Vec<PathBuf>,
}

/// Gates of a ring.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Gates {
    /// Health of the devices.
    pub health: Health,
}

/// What a ring needs to count as healthy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Health {
    /// Least share of healthy devices, in percent, such as `95%`.
    pub success: Percent,
    /// Greatest share of failed devices, in percent.
    pub errors: Percent,
    /// Least number of devices that reported.
    pub minimum: u32,
}

impl Default for Health {
    fn default() -> Self {
        Self { success: Percent(95), errors: Percent(2), minimum: 1 }
    }
}

/// A whole percentage, 0 to 100, written `95%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u8);

/// A team and its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Team {
    /// Public key of the team.
    pub key: PathBuf,
}

/// Who may sign what runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Trust {
    /// Public keys; an image must carry a signature by each.
    pub keys: Vec<PathBuf>,
}

/// Where releases live.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Ledger {
    /// Git remote that ledger refs are pushed to.
    #[serde(deserialize_with = "remote")]
    pub remote: Option<String>,
}

impl Solution {
    /// Reads a solution file.
    ///
    /// # Errors
    /// A file that is missing, or that is no solution of format 1 (with line and column).
    pub fn load(file: &Path) -> Result<Self, crate::base::CommandError> {
        let text = fs::read_text(file)?;
        Ok(Self::parse(&text, file)?)
    }

    /// Reads the text of a solution file; `file` names it in errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, yaml::YamlError> {
        let solution: Self = yaml::from_str(text, file)?;
        if solution.version != 1 {
            let message = format!("version {} of this file is not known", solution.version);
            return Err(yaml::YamlError::at(file, text, (1, 1), message).hint("This edgectl reads `version: 1`."));
        }
        solution.require_distinct_rings(text, file)?;
        Ok(solution)
    }

    /// Refuses two rings of one name: their states and configurations would be one.
    fn require_distinct_rings(&self, text: &str, file: &Path) -> Result<(), yaml::YamlError> {
        let twice = self.rings.iter().enumerate().find(|(place, ring)| self.rings.iter().take(*place).any(|other| other.name == ring.name));
        let Some((_, ring)) = twice else { return Ok(()) };
        let named = |line: &&str| line.split([',', '{', '}', ' ', '-']).any(|word| word == ring.name.as_str()) && line.contains("name:");
        let line = text.lines().enumerate().filter(|(_, line)| named(line)).nth(1).map_or(1, |(number, _)| number as u64 + 1);
        let column =
            text.lines().nth(usize::try_from(line - 1).unwrap_or(0)).and_then(|line| line.find("name:")).map_or(1, |byte| byte as u64 + 1);
        Err(yaml::YamlError::at(file, text, (line, column), format!("the ring `{}` is named twice", ring.name)))
    }

    /// Returns the repository of a module's image: its identity for signatures.
    pub fn repository(&self, module: &ModuleId) -> Repository {
        let base = match &self.registry {
            Some(registry) => registry.clone(),
            None => format!("{}/{}", Repository::EMBEDDED, self.name).parse().expect("a solution name is a repository segment"),
        };
        base.join(module.as_str()).expect("a module name is a repository segment")
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.strip_suffix('%').and_then(|number| number.parse().ok()).filter(|number| *number <= 100);
        number.map(Self).ok_or_else(|| de::Error::custom(format!("`{text}` is not a percentage such as 95%")))
    }
}

/// Reads a git remote; what git would take for an option is none.
fn remote<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
        return Err(de::Error::custom(format!("`{}` is not a git remote: give its name or URL", text.escape_debug())));
    }
    Ok(Some(text))
}

/// Implements reading from a string or from an object with named members, with messages that an untagged enum would spoil.
macro_rules! string_or_object {
    ($type:ty, $expecting:literal, $from_string:expr, $object:ty, $from_object:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;

                impl<'de> Visitor<'de> for Either {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        let convert: fn(&str) -> Result<Self::Value, String> = $from_string;
                        convert(text).map_err(de::Error::custom)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                        let convert: fn($object) -> Result<Self::Value, String> = $from_object;
                        convert(<$object>::deserialize(de::value::MapAccessDeserializer::new(map))?).map_err(de::Error::custom)
                    }
                }

                deserializer.deserialize_any(Either)
            }
        }
    };
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SystemModuleObject {
    image: String,
    #[serde(default)]
    time_to_live: Option<Span>,
}

string_or_object!(
    SystemModule,
    "an image reference, or an object with `image`",
    |text| Ok(SystemModule::of(text)),
    SystemModuleObject,
    |object| { Ok(SystemModule { image: object.image, time_to_live: object.time_to_live }) }
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ModuleObject {
    image: ImageText,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default = "pinned")]
    pin: bool,
    #[serde(default)]
    folder: Option<PathBuf>,
    #[serde(default)]
    run: Option<Run>,
    #[serde(default)]
    manifest: Option<Value>,
}

fn pinned() -> bool {
    true
}

/// An image as it is written, and the reference that it is when it is one.
struct ImageText {
    text: String,
    reference: Result<Reference, String>,
}

impl<'de> Deserialize<'de> for ImageText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self { reference: text.parse().map_err(|error: crate::model::ReferenceError| error.to_string()), text })
    }
}

string_or_object!(Module, "a folder, or an object with `image`", |text| Ok(Module::Folder(text.into())), ModuleObject, |object| {
    let setup = Setup { folder: object.folder, run: object.run, manifest: object.manifest };
    match (object.pin, object.image.reference) {
        (true, Ok(image)) => Ok(Module::Image { image, owner: object.owner, setup }),
        (true, Err(message)) => Err(message),
        (false, _) => Ok(Module::Unpinned { image: object.image.text, owner: object.owner, setup }),
    }
});

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RouteObject {
    route: String,
    #[serde(default)]
    priority: Option<u8>,
    #[serde(default)]
    time_to_live: Option<Span>,
}

string_or_object!(
    Route,
    "a route, or an object with `route`",
    |text| Ok(Route { route: text.to_owned(), priority: None, time_to_live: None }),
    RouteObject,
    |object| Ok(Route { route: object.route, priority: object.priority, time_to_live: object.time_to_live })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_named_twice_is_refused_at_its_second_place() {
        let rings = "version: 1\nsolution: s\nrings:\n  - { name: early, target: '*' }\n  - { name: canary, target: '*' }\n  - { name: early, target: '*' }\n";
        let error = Solution::parse(rings, Path::new("edgectl.yaml")).expect_err("refused").to_string();
        assert!(error.starts_with("edgectl.yaml:6:7: the ring `early` is named twice"), "{error}");
    }

    #[test]
    fn a_remote_that_git_would_take_for_an_option_is_refused_at_its_place() {
        let parse = |remote: &str| {
            let text = format!("version: 1\nsolution: greenhouse\nledger:\n  remote: {remote}\n");
            Solution::parse(&text, Path::new("edgectl.yaml"))
        };
        let error = parse("--upload-pack=touch /tmp/x").expect_err("an option");
        assert!(error.to_string().contains("is not a git remote"), "{error}");
        assert_eq!(error.line, 4);
        assert_eq!(parse("origin").expect("a name").ledger.remote.as_deref(), Some("origin"));
    }
}
