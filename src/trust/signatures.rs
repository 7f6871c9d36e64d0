//! Where signatures lie: the manifest under the tag `sha256-HEX.sig`, one layer a signature (cosign `specs/SIGNATURE_SPEC.md`,
//! storage). The manifest may be the work of other tools, so it is edited as a tree.

use bytes::Bytes;
use serde_json::{Value, json};

use super::subjects::{self, Subject};
use crate::base::Digest;
use crate::model::{Reference, Repository};
use crate::registry::{Store, StoreError};

const MANIFEST: &str = subjects::OCI_MANIFEST;
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Media type of a layer that is a signature; its blob is the payload.
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// Annotation that holds the signature, base64 of DER.
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// Stands in configs where a time is demanded; signatures carry none, so that the same input gives the same bytes.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// The signatures of one image.
pub(super) struct Signatures {
    manifest: Value,
}

/// One signature, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// Digest of the payload.
    pub payload: Digest,
    /// Bytes of the payload, as the manifest says; `None` when it does not.
    pub size: Option<u64>,
    /// The signature over the payload, base64 of DER.
    pub signature: String,
}

impl Layer {
    /// Most bytes of a payload that is fetched; real ones have some hundred.
    pub(super) const PAYLOAD_LIMIT: u64 = 1 << 20;

    /// Tells whether the payload is small enough to be fetched.
    pub(super) fn is_fetchable(&self) -> bool {
        self.size.is_some_and(|size| size <= Self::PAYLOAD_LIMIT)
    }
}

/// Returns the tag that holds the signatures of an image.
pub(super) fn tag(subject: Digest) -> String {
    format!("sha256-{}.sig", subject.hex())
}

/// Returns the reference of that tag.
pub(super) fn reference(repository: &Repository, subject: Digest) -> Reference {
    repository.tagged(tag(subject))
}

impl Signatures {
    /// Reads the signatures of an image; `None` when nobody signed it.
    pub(super) async fn fetch(store: &dyn Store, repository: &Repository, subject: &Subject) -> Result<Option<Self>, StoreError> {
        let reference = reference(repository, subject.digest);
        let Some(found) = store.manifest(&reference).await? else { return Ok(None) };
        let malformed = |reason: &str| StoreError::Malformed { subject: reference.to_string(), reason: reason.to_owned() };
        let manifest: Value = serde_json::from_slice(&found.bytes).map_err(|_| malformed("the signature manifest is no JSON"))?;
        if !manifest.get("layers").is_some_and(Value::is_array) {
            return Err(malformed("the signature manifest has no layers"));
        }
        Ok(Some(Self { manifest }))
    }

    /// Starts without any signature.
    pub(super) fn none() -> Self {
        Self { manifest: json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": [] }) }
    }

    /// Returns the signatures in their order; layers of other kinds are left out.
    pub(super) fn layers(&self) -> Vec<Layer> {
        self.layers_with_descriptors().map(|(layer, _)| layer).collect()
    }

    /// Returns the signatures with all that the manifest says about each.
    pub(super) fn layers_with_descriptors(&self) -> impl Iterator<Item = (Layer, &Value)> {
        let read = |layer: &Value| {
            let payload = layer.get("digest")?.as_str()?.parse().ok()?;
            let signature = layer.get("annotations")?.get(SIGNATURE)?.as_str()?.to_owned();
            let size = layer.get("size").and_then(Value::as_u64);
            (layer.get("mediaType")?.as_str()? == SIMPLE_SIGNING).then_some(Layer { payload, size, signature })
        };
        self.all().iter().filter_map(move |descriptor| Some((read(descriptor)?, descriptor)))
    }

    /// Adds a signature behind those that are there.
    pub(super) fn append(&mut self, payload: &[u8], signature: &str) {
        self.append_descriptor(json!({
            "mediaType": SIMPLE_SIGNING,
            "size": payload.len(),
            "digest": Digest::of(payload),
            "annotations": { SIGNATURE: signature },
        }));
    }

    /// Adds a layer that another manifest described, whose payload is stored here too.
    pub(super) fn append_descriptor(&mut self, layer: Value) {
        if let Some(layers) = self.manifest.get_mut("layers").and_then(Value::as_array_mut) {
            layers.push(layer);
        }
    }

    /// Stores config and manifest under the tag; the payloads must be there already.
    pub(super) async fn push(mut self, store: &dyn Store, repository: &Repository, subject: &Subject) -> Result<(), StoreError> {
        let config = self.config();
        self.manifest["config"] = json!({ "mediaType": CONFIG, "size": config.len(), "digest": Digest::of(&config) });
        store.push_blob(repository, config).await?;
        let bytes = Bytes::from(self.manifest.to_string());
        store.push_manifest(repository, MANIFEST, bytes, Some(&tag(subject.digest))).await?;
        Ok(())
    }

    /// Returns an image config with one diff ID and one history entry a layer, as cosign writes it.
    fn config(&self) -> Bytes {
        let layers = self.all();
        let history = vec![json!({ "created": NO_TIME }); layers.len()];
        let diff_ids: Vec<&Value> = layers.iter().filter_map(|layer| layer.get("digest")).collect();
        let config = json!({
            "architecture": "",
            "created": NO_TIME,
            "history": history,
            "os": "",
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
            "config": {},
        });
        Bytes::from(config.to_string())
    }

    fn all(&self) -> &[Value] {
        self.manifest.get("layers").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}
