//! The release: an immutable bundle of digests, named by the user and identified by the digest of its content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ReleaseError;
use super::record::{Action, AuditRecord};
use crate::base::{Digest, Timestamp, json};
use crate::model::{ModuleId, Platform, ReleaseName, Repository, RingName, SolutionName};

/// What a release consists of. Its identity covers name, solution, images and deployments; commit and time are provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Release {
    /// Name, chosen by the user.
    pub name: ReleaseName,
    /// The solution it belongs to.
    pub solution: SolutionName,
    /// Images by module.
    pub modules: BTreeMap<ModuleId, ModuleImage>,
    /// Deployments by name.
    pub deployments: BTreeMap<String, Deployment>,
    /// Commit of the solution's repository, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// The image of a module, by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModuleImage {
    /// Where it lies; also the identity that its signature claims.
    pub repository: Repository,
    /// Digest of the index, or of the manifest of an image without one.
    pub digest: Digest,
    /// Digests of the platform manifests below the index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub platforms: BTreeMap<Platform, Digest>,
}

/// A deployment as the hub will get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// Whether it is a layer over a base.
    pub layer: bool,
    /// Target condition, `None` for every device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Its modules.
    pub modules: Vec<ModuleId>,
    /// Digest of the canonical JSON of `content`.
    pub content_digest: Digest,
    /// Content of the hub's configuration (`modulesContent`).
    pub content: Value,
}

/// Name and identity of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseRef {
    /// Name.
    pub name: ReleaseName,
    /// Identity.
    pub id: Digest,
}

impl Deployment {
    /// Returns a deployment with the digest of its content.
    pub fn new(layer: bool, target: Option<String>, modules: Vec<ModuleId>, content: Value) -> Self {
        Self { layer, target, modules, content_digest: digest_of(&content), content }
    }
}

impl Release {
    /// Returns the identity: the digest of the canonical JSON of everything but time and commit. The contents of deployments enter
    /// by their digests.
    pub fn id(&self) -> Digest {
        let deployments: BTreeMap<_, _> = self
            .deployments
            .iter()
            .map(|(name, deployment)| {
                let Deployment { layer, target, modules, content_digest, content: _ } = deployment;
                (name, json!({ "layer": layer, "target": target, "modules": modules, "contentDigest": content_digest }))
            })
            .collect();
        digest_of(&json!({ "name": self.name, "solution": self.solution, "modules": self.modules, "deployments": deployments }))
    }

    /// Returns name and identity.
    pub fn reference(&self) -> ReleaseRef {
        ReleaseRef { name: self.name.clone(), id: self.id() }
    }

    /// Returns the digests that run on devices, sorted, each once.
    pub fn subjects(&self) -> Vec<Digest> {
        let mut digests: Vec<_> = self.modules.values().map(|image| image.digest).collect();
        digests.sort();
        digests.dedup();
        digests
    }

    /// Tells whether every content still has the digest that the identity covers.
    pub fn is_whole(&self) -> bool {
        self.deployments.values().all(|deployment| digest_of(&deployment.content) == deployment.content_digest)
    }
}

/// Returns the digest of a value's canonical JSON.
pub fn digest_of(value: &Value) -> Digest {
    Digest::of(&json::canonical(value).expect("a JSON value has only text keys"))
}

/// What the ledger knows about a release beside its content: whether it was found bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseState {
    /// The release.
    pub release: ReleaseRef,
    /// Number of the last record.
    pub seq: u64,
    /// Digest of the last record.
    pub head: Digest,
    /// Time of the last record.
    pub time: Timestamp,
    /// Set once it was rolled back somewhere; it enters no ring any more.
    pub denied: Option<Denial>,
}

/// Why a release is bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Denial {
    /// The ring that it was rolled back from.
    pub ring: RingName,
    /// Why, in the words of who did it.
    pub reason: String,
}

impl ReleaseState {
    /// Returns the state after one more record of the release's own chain.
    ///
    /// # Errors
    /// A record that does not follow.
    pub fn apply(before: Option<&Self>, record: &AuditRecord) -> Result<Self, ReleaseError> {
        let refuse = |reason: &str| ReleaseError::BrokenChain { seq: record.seq, reason: reason.to_owned() };
        let denied = match (before, record.action) {
            (None, Action::Created) => None,
            (Some(state), Action::Denied) if state.denied.is_none() && state.release == record.release => {
                let ring = record.ring.clone().ok_or_else(|| refuse("a denial names no ring"))?;
                Some(Denial { ring, reason: record.detail.reason.clone().unwrap_or_default() })
            }
            _ => return Err(refuse("the action does not follow from the one before")),
        };
        Ok(Self { release: record.release.clone(), seq: record.seq, head: record.digest(), time: record.time, denied })
    }

    /// Returns the state after all records, or `None` when there are none.
    pub fn replay(records: &[AuditRecord]) -> Result<Option<Self>, ReleaseError> {
        records.iter().try_fold(None, |state: Option<Self>, record| Self::apply(state.as_ref(), record).map(Some))
    }
}
