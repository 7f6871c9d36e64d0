//! What is signed for an image: its manifest, and for an index also every manifest that the index lists, because engines check the
//! signature of the platform that they pull.

use std::collections::{BTreeSet, VecDeque};

use serde::Deserialize;

use super::TrustError;
use crate::base::Digest;
use crate::model::{Platform, Reference, Repository};
use crate::registry::{Manifest, Store, StoreError};

/// Media type of an OCI image manifest.
pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// One manifest or index that needs a signature of its own.
#[derive(Debug)]
pub(super) struct Subject {
    /// Digest of the manifest or index.
    pub digest: Digest,
    /// Platform that the index gives for it; `None` for the image itself.
    pub platform: Option<String>,
    /// Whether it is an index.
    pub index: bool,
    /// Why it could not be read, for a manifest that an index lists.
    pub fault: Option<StoreError>,
    /// Whether the store holds it.
    pub present: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    manifests: Vec<Child>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Child {
    digest: Digest,
    platform: Option<ChildPlatform>,
}

#[derive(Deserialize)]
struct ChildPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl From<ChildPlatform> for String {
    fn from(found: ChildPlatform) -> Self {
        Platform { os: found.os, architecture: found.architecture, variant: found.variant }.to_string()
    }
}

/// Returns what needs a signature: the image first, then what its index lists, each digest once.
pub(super) async fn of(store: &dyn Store, reference: &Reference) -> Result<Vec<Subject>, TrustError> {
    let Some(top) = store.manifest(reference).await? else {
        return Err(TrustError::NotFound { reference: reference.clone() });
    };
    let repository = &reference.repository;
    let mut seen = BTreeSet::from([top.digest]);
    let mut open = VecDeque::from(children(repository, &top)?);
    let mut subjects = vec![Subject { digest: top.digest, platform: None, index: is_index(&top), fault: None, present: true }];
    while let Some(child) = open.pop_front() {
        if !seen.insert(child.digest) {
            continue;
        }
        let mut subject =
            Subject { digest: child.digest, platform: child.platform.map(String::from), index: false, fault: None, present: true };
        match store.manifest(&repository.at(child.digest)).await {
            Ok(Some(manifest)) => {
                subject.index = is_index(&manifest);
                open.extend(children(repository, &manifest)?);
            }
            Ok(None) => subject.present = false,
            Err(fault) => subject.fault = Some(fault),
        }
        subjects.push(subject);
    }
    Ok(subjects)
}

/// Tells an index by its media type or by its shape, so that no answer of a registry can hide the platforms.
fn is_index(manifest: &Manifest) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        manifests: Option<serde::de::IgnoredAny>,
    }
    matches!(manifest.media_type.as_str(), OCI_INDEX | DOCKER_LIST)
        || serde_json::from_slice::<Shape>(&manifest.bytes).is_ok_and(|shape| shape.manifests.is_some())
}

fn children(repository: &Repository, manifest: &Manifest) -> Result<Vec<Child>, TrustError> {
    if !is_index(manifest) {
        return Ok(Vec::new());
    }
    let index: Index = serde_json::from_slice(&manifest.bytes)
        .map_err(|error| TrustError::Malformed { subject: repository.at(manifest.digest).to_string(), reason: error.to_string() })?;
    Ok(index.manifests)
}
