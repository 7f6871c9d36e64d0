//! Connects to the hub that the settings name: the emulator of a world, or a cloud hub by its connection string.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::base::{Clock, CommandError, Context as _, Exit, Result, Secret, fs};
use crate::iothub::{Client, ClientOptions, ConnectionString};
use crate::sim::world::{Hub, WorldError, WorldFile, WorldPaths};

/// Which hub is meant; the text of the setting is read by [`HubChoice::read`].
#[derive(Clone, Debug)]
pub enum HubChoice {
    /// The emulator of the world.
    Emulator,
    /// A connection string, and where it came from, for messages.
    ConnectionString {
        /// The text.
        text: Secret,
        /// Such as `the environment variable HUB`.
        origin: String,
    },
    /// A file that holds a connection string; private to its owner.
    File(PathBuf),
}

/// What is needed to connect to a hub.
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// Which hub is meant.
    pub choice: HubChoice,
    /// The world whose emulator it may be.
    pub world: WorldPaths,
    /// Whether only what lies on this machine may be asked.
    pub offline: bool,
    /// Tells the time for tokens.
    pub clock: Clock,
}

impl HubChoice {
    /// Reads a hub setting: `emulator`, `env:NAME`, or `file:PATH`. `variable` looks an environment variable up, `base` is the folder
    /// that a relative path starts from.
    ///
    /// # Errors
    /// When the text is none of these, or the variable is not set.
    pub fn read(text: &str, variable: impl FnOnce(&str) -> Option<String>, base: &std::path::Path) -> Result<Self> {
        let bad = |message: String, hint: &str| CommandError::new(Exit::BadInput, "hub/bad-setting", message).hint(hint);
        match text.split_once(':') {
            None if text == "emulator" => Ok(Self::Emulator),
            Some(("env", name)) => {
                let hint = "Set it to the connection string of the hub's policy iothubowner.";
                let value = variable(name).ok_or_else(|| bad(format!("the hub is `{text}`, and the variable {name} is not set"), hint))?;
                Ok(Self::ConnectionString { text: Secret::new(value), origin: format!("the environment variable {name}") })
            }
            Some(("file", path)) => Ok(Self::File(base.join(path))),
            // The text may be a connection string, so it is not shown.
            _ => Err(bad("the hub setting is not understood".to_owned(), "Write emulator, env:NAME or file:PATH.")),
        }
    }
}

/// Returns a client of the hub; whether it answers shows at the first call.
///
/// # Errors
/// When the world of the emulator is not running, or the connection string does not read.
pub fn connect(options: &HubOptions) -> Result<Client> {
    let mut client = ClientOptions { clock: options.clock, ..ClientOptions::default() };
    let connection = match &options.choice {
        HubChoice::Emulator => {
            let hub = running(&options.world)?;
            fs::require_private(&hub.connection_string_file)?;
            client.ca_pem = Some(fs::read(&hub.ca_file)?);
            client.address = Some(SocketAddr::new(hub.address, hub.https_port));
            parse(&fs::read_text(&hub.connection_string_file)?)?
        }
        _ if options.offline => {
            let error = CommandError::new(Exit::Unavailable, "hub/offline", "the hub is not on this machine, and --offline was given");
            return Err(error);
        }
        HubChoice::ConnectionString { text, origin } => {
            parse(&String::from_utf8_lossy(text.expose())).context(format!("cannot use {origin}"))?
        }
        HubChoice::File(path) => {
            fs::require_private(path)?;
            parse(&fs::read_text(path)?).context(format!("cannot use {}", path.display()))?
        }
    };
    Ok(Client::new(connection, client)?)
}

fn parse(text: &str) -> Result<ConnectionString> {
    Ok(ConnectionString::from_str(text.trim())?)
}

/// Returns how the emulator of a running world is reached.
fn running(world: &WorldPaths) -> Result<Hub> {
    match WorldFile::load_running(world) {
        Ok(file) => Ok(file.hub),
        Err(error @ WorldError::NotRunning(_)) => Err(CommandError { code: "hub/no-world", ..error.into() }),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Result<HubChoice> {
        HubChoice::read(text, |name| (name == "HUB").then(|| "HostName=h".to_owned()), Path::new("/solution"))
    }

    fn options(choice: HubChoice, offline: bool) -> HubOptions {
        let world = WorldPaths::new(Path::new("/nonexistent"), "default".parse().expect("a name"));
        HubOptions { choice, world, offline, clock: Clock::System }
    }

    #[test]
    fn settings_name_an_emulator_a_variable_or_a_file() {
        assert!(matches!(read("emulator"), Ok(HubChoice::Emulator)));
        assert!(matches!(read("env:HUB"), Ok(HubChoice::ConnectionString { .. })));
        assert!(matches!(read("file:hub.txt"), Ok(HubChoice::File(path)) if path == Path::new("/solution/hub.txt")));
        assert_eq!(read("env:NONE").expect_err("not set").chain(), ["the hub is `env:NONE`, and the variable NONE is not set"]);
        let error = read("HostName=h;SharedAccessKey=c2VjcmV0").expect_err("no setting");
        assert!(!format!("{error:?}").contains("c2Vj"));
    }

    #[test]
    fn says_why_there_is_no_hub() {
        let error = connect(&options(HubChoice::Emulator, false)).expect_err("no world");
        assert_eq!((error.code, error.kind), ("hub/no-world", Exit::Unavailable));
        assert_eq!(error.hints, ["Start it with `edgectl sim up`."]);
        let cloud = read("env:HUB").expect("a choice");
        assert_eq!(connect(&options(cloud.clone(), true)).expect_err("offline").code, "hub/offline");
        let error = connect(&options(cloud, false)).expect_err("no key");
        assert_eq!((error.code, error.kind), ("hub/bad-connection-string", Exit::BadInput));
        assert_eq!(error.chain()[0], "cannot use the environment variable HUB");
    }
}
