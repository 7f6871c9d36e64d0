//! Platforms of images, `os/architecture[/variant]` (OCI image-spec v1.1, image-index.md, platform).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A platform; ordered by os, architecture, variant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// Operating system, `linux`.
    pub os: String,
    /// Architecture in Go's words: `amd64`, `arm64`, `arm`.
    pub architecture: String,
    /// Variant of the architecture, such as `v7`.
    pub variant: Option<String>,
}

/// Text that is no platform.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a platform; write os/architecture[/variant], such as linux/amd64 or linux/arm/v7")]
pub struct PlatformError {
    /// The text as it came.
    pub text: String,
}

impl Platform {
    /// Returns the platform that this binary runs on, always with `linux` as its system, since modules are Linux containers.
    pub fn host() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let variant = (architecture == "arm").then(|| "v7".to_owned());
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant }
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let well_formed = parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_' || b == b'-'));
        match (well_formed, parts.as_slice()) {
            (true, [os, architecture]) => Ok(Self { os: (*os).to_owned(), architecture: (*architecture).to_owned(), variant: None }),
            (true, [os, architecture, variant]) => {
                Ok(Self { os: (*os).to_owned(), architecture: (*architecture).to_owned(), variant: Some((*variant).to_owned()) })
            }
            _ => Err(PlatformError { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
