//! The image config (OCI image-spec v1.1, config.md): platform, how to run it, diff IDs, history.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::document::{self, DocumentError};
use crate::base::Digest;
use crate::model::Platform;

/// An image config; written with its members in this order and no white space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// When it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Architecture in Go's words.
    pub architecture: String,
    /// Operating system.
    pub os: String,
    /// Variant of the architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How to run it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ContainerConfig>,
    /// The layers by diff ID.
    pub rootfs: RootFs,
    /// How the layers came to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<History>>,
}

/// How to run an image. Every member is optional, since others write `null` for what they leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerConfig {
    /// User, best numeric `uid:gid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Environment, `NAME=value`, sorted by this tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<Vec<String>>,
    /// Program and fixed arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Default arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmd: Option<Vec<String>>,
    /// Working folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// Labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
}

/// The layers of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFs {
    /// Always `layers`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Digests of the uncompressed layers, lowest first.
    pub diff_ids: Vec<Digest>,
}

/// How one layer came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// By what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Whether the step made no layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_layer: Option<bool>,
}

impl ImageConfig {
    /// Reads a config of either family.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        document::read("image config", bytes)
    }

    /// Returns the bytes to store; the digest is over exactly these.
    pub fn bytes(&self) -> Bytes {
        document::written(self)
    }

    /// Returns the platform that it names.
    pub fn platform(&self) -> Platform {
        Platform { os: self.os.clone(), architecture: self.architecture.clone(), variant: self.variant.clone() }
    }

    /// Returns the command line that the image starts: entry point, then default arguments.
    pub fn command_line(&self) -> Vec<String> {
        let Some(config) = &self.config else { return Vec::new() };
        config.entrypoint.iter().chain(&config.cmd).flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_docker_writes_with_nulls_and_unknown_members() {
        let config = ImageConfig::parse(
            br#"{"architecture":"amd64","os":"linux","docker_version":"20","config":{"Env":["A=b"],"Cmd":null,"Entrypoint":["/x"],"OnBuild":null},"rootfs":{"type":"layers","diff_ids":[]},"history":null}"#,
        )
        .expect("reads");
        assert_eq!((config.command_line(), config.platform().to_string()), (vec!["/x".to_owned()], "linux/amd64".to_owned()));
    }

    #[test]
    fn a_config_has_one_form() {
        let config = ImageConfig {
            created: Some("1970-01-01T00:00:00Z".to_owned()),
            architecture: "arm".to_owned(),
            os: "linux".to_owned(),
            variant: Some("v7".to_owned()),
            config: Some(ContainerConfig {
                user: Some("65532:65532".to_owned()),
                working_dir: Some("/app".to_owned()),
                ..ContainerConfig::default()
            }),
            rootfs: RootFs { kind: "layers".to_owned(), diff_ids: Vec::new() },
            history: None,
        };
        let text = r#"{"created":"1970-01-01T00:00:00Z","architecture":"arm","os":"linux","variant":"v7","config":{"User":"65532:65532","WorkingDir":"/app"},"rootfs":{"type":"layers","diff_ids":[]}}"#;
        assert_eq!(String::from_utf8_lossy(&config.bytes()), text);
    }
}
