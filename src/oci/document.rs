//! Descriptors, image manifests and indexes (OCI image-spec v1.1: descriptor.md, manifest.md, image-index.md).
//!
//! What is written here has one form: members in the order of the structs, no white space. What others wrote is read leniently
//! and always kept by its bytes, never written again.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::media_type;
use crate::base::{Diagnose, Digest, Exit};
use crate::model::Platform;

/// A document that is no manifest, index or config of a known form.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are no JSON of this shape.
    #[error("the {kind} {digest} cannot be read")]
    Unreadable {
        /// Which document.
        kind: &'static str,
        /// Digest of its bytes.
        digest: Digest,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// Not version 2 of the manifest schema.
    #[error("the {kind} {digest} has schema version {version}; this tool reads 2")]
    Version {
        /// Which document.
        kind: &'static str,
        /// Digest of its bytes.
        digest: Digest,
        /// The version it names.
        version: u32,
    },
}

impl Diagnose for DocumentError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "oci/bad-document"
    }
}

/// Names content by digest, size and type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Type of the content.
    pub media_type: String,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Number of its bytes.
    pub size: u64,
    /// Notes on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// Type of an artifact that the descriptor points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Platform of an image, in the entries of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformFields>,
}

/// A platform as index entries write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlatformFields {
    /// Architecture in Go's words.
    pub architecture: String,
    /// Operating system.
    pub os: String,
    /// Variant of the architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// An image manifest: one platform's config and layers, or a signature or attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageManifest {
    /// 2.
    pub schema_version: u32,
    /// Type of this document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Type of the artifact, when it is no image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The config.
    pub config: Descriptor,
    /// The layers, lowest first.
    pub layers: Vec<Descriptor>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Notes on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}

/// An image index: one manifest a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// 2.
    pub schema_version: u32,
    /// Type of this document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The manifests.
    pub manifests: Vec<Descriptor>,
    /// Notes on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}

impl Descriptor {
    /// Returns the descriptor of these bytes.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        let size = bytes.len() as u64;
        Self { media_type: media_type.to_owned(), digest: Digest::of(bytes), size, annotations: None, artifact_type: None, platform: None }
    }
}

impl PlatformFields {
    /// Returns the platform as the rest of the tool names it.
    pub fn platform(&self) -> Platform {
        Platform { os: self.os.clone(), architecture: self.architecture.clone(), variant: self.variant.clone() }
    }
}

impl From<&Platform> for PlatformFields {
    fn from(platform: &Platform) -> Self {
        Self { architecture: platform.architecture.clone(), os: platform.os.clone(), variant: platform.variant.clone() }
    }
}

impl ImageManifest {
    /// Returns an OCI manifest of this config and these layers.
    pub fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        let media_type = Some(media_type::MANIFEST.to_owned());
        Self { schema_version: 2, media_type, artifact_type: None, config, layers, subject: None, annotations: None }
    }

    /// Reads a manifest of either family.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let manifest: Self = read("manifest", bytes)?;
        require_version("manifest", bytes, manifest.schema_version)?;
        Ok(manifest)
    }

    /// Returns the bytes to store; the digest is over exactly these.
    pub fn bytes(&self) -> Bytes {
        written(self)
    }
}

impl Index {
    /// Returns an OCI index, its entries sorted by platform (os, architecture, variant).
    pub fn new(mut manifests: Vec<Descriptor>) -> Self {
        manifests.sort_by_key(|entry| entry.platform.as_ref().map(PlatformFields::platform));
        Self { schema_version: 2, media_type: Some(media_type::INDEX.to_owned()), manifests, annotations: None }
    }

    /// Reads an index of either family.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let index: Self = read("index", bytes)?;
        require_version("index", bytes, index.schema_version)?;
        Ok(index)
    }

    /// Returns the bytes to store; the digest is over exactly these.
    pub fn bytes(&self) -> Bytes {
        written(self)
    }

    /// Returns the entry that runs on `platform`: the same one, else the one without a variant where ours has one or the other
    /// way round (arm64 is arm64/v8).
    pub fn entry_for(&self, platform: &Platform) -> Option<&Descriptor> {
        let named = |entry: &&Descriptor| entry.platform.as_ref().is_some_and(|fields| fields.platform() == *platform);
        let alike = |entry: &&Descriptor| {
            entry.platform.as_ref().is_some_and(|fields| {
                fields.os == platform.os
                    && fields.architecture == platform.architecture
                    && (fields.variant.is_none() || platform.variant.is_none())
            })
        };
        self.manifests.iter().find(named).or_else(|| self.manifests.iter().find(alike))
    }
}

/// Reads a JSON document and names it in errors.
pub(super) fn read<'a, T: Deserialize<'a>>(kind: &'static str, bytes: &'a [u8]) -> Result<T, DocumentError> {
    serde_json::from_slice(bytes).map_err(|source| DocumentError::Unreadable { kind, digest: Digest::of(bytes), source })
}

/// Writes a document in its one form.
pub(super) fn written(document: &impl Serialize) -> Bytes {
    serde_json::to_vec(document).expect("maps with string keys and plain values serialise").into()
}

fn require_version(kind: &'static str, bytes: &[u8], version: u32) -> Result<(), DocumentError> {
    if version == 2 { Ok(()) } else { Err(DocumentError::Version { kind, digest: Digest::of(bytes), version }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(platform: &str) -> Descriptor {
        let platform: Platform = platform.parse().expect("platform");
        Descriptor { platform: Some((&platform).into()), ..Descriptor::of(media_type::MANIFEST, b"{}") }
    }

    #[test]
    fn an_index_has_one_form() {
        let index = Index::new(vec![entry("linux/arm/v7"), entry("linux/amd64")]);
        assert_eq!(
            String::from_utf8_lossy(&index.bytes()),
            concat!(
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":["#,
                r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"platform":{"architecture":"amd64","os":"linux"}},"#,
                r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}"#,
            )
        );
        assert_eq!(Index::parse(&index.bytes()).expect("reads"), index);
    }

    #[test]
    fn a_platform_finds_its_manifest() {
        let index = Index::new(vec![entry("linux/arm64/v8"), entry("linux/amd64"), entry("linux/arm/v6")]);
        let found = |platform: &str| index.entry_for(&platform.parse().expect("platform")).and_then(|entry| entry.platform.clone());
        assert_eq!(found("linux/arm64").map(|fields| fields.platform().to_string()), Some("linux/arm64/v8".to_owned()));
        assert_eq!(found("linux/arm/v7"), None);
        assert_eq!(found("windows/amd64"), None);
    }

    #[test]
    fn refuses_other_documents() {
        assert!(matches!(ImageManifest::parse(b"[]"), Err(DocumentError::Unreadable { .. })));
        assert!(matches!(Index::parse(br#"{"schemaVersion":1,"manifests":[]}"#), Err(DocumentError::Version { version: 1, .. })));
    }
}
