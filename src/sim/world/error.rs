//! What can go wrong with a world as a whole.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::base::fs::FsError;
use crate::base::{Diagnose, Exit};

/// A world that cannot be named, found, started or reached.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A name that is no folder name.
    #[error("`{0}` is no name of a world: use 1 to 32 characters of a-z, 0-9 and -, starting with a letter or digit")]
    Name(String),
    /// No world of this name runs.
    #[error("the world `{0}` is not running")]
    NotRunning(String),
    /// Another process of this tool starts or stops the same world at this moment.
    #[error("the world `{0}` is being started or stopped by another edgectl")]
    Busy(String),
    /// A `world.json` of a later format.
    #[error("{} has format {version}, this edgectl reads format 1", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
    /// No block of loopback addresses is free.
    #[error("no free loopback address was found for port {0}")]
    NoAddress(u16),
    /// An address that the world keeps is taken by another program.
    #[error("{address} port {port} is taken")]
    PortTaken {
        /// The address.
        address: IpAddr,
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder for sockets has a path that no socket fits into.
    #[error("the runtime folder {} is too long for socket paths", .0.display())]
    LongRuntimeFolder(PathBuf),
    /// A file of the world.
    #[error(transparent)]
    File(#[from] FsError),
}

impl Diagnose for WorldError {
    fn kind(&self) -> Exit {
        match self {
            Self::Name(_) => Exit::Usage,
            Self::NotRunning(_) | Self::NoAddress(_) | Self::PortTaken { .. } => Exit::Unavailable,
            Self::Busy(_) => Exit::Conflict,
            Self::Format { .. } | Self::LongRuntimeFolder(_) => Exit::BadInput,
            Self::File(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "sim/bad-name",
            Self::NotRunning(_) => "sim/not-running",
            Self::Busy(_) => "sim/busy",
            Self::Format { .. } => "sim/unknown-format",
            Self::NoAddress(_) => "sim/no-address",
            Self::PortTaken { .. } => "sim/port-taken",
            Self::LongRuntimeFolder(_) => "sim/long-runtime-folder",
            Self::File(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::NotRunning(name) if name == "default" => "Start it with `edgectl sim up`.".to_owned(),
            Self::NotRunning(name) => format!("Start it with `edgectl sim up --sim {name}`."),
            Self::Busy(_) => "Run the command again when that one is done.".to_owned(),
            Self::PortTaken { address, port, .. } => {
                format!("See who listens with `ss -ltnp 'src {address}:{port}'`, stop it, and start the world again.")
            }
            Self::NoAddress(_) => {
                "The world needs loopback addresses of 127.0.0.0/8; Linux has them all, other systems as aliases.".to_owned()
            }
            Self::LongRuntimeFolder(_) => "Set XDG_RUNTIME_DIR to a private folder with a short path.".to_owned(),
            Self::Name(_) | Self::Format { .. } | Self::File(_) => return Vec::new(),
        };
        vec![hint]
    }
}
