//! Small images for tests: an index over linux/amd64 and linux/arm64 with one layer each.

use std::io::Write as _;

use bytes::Bytes;
use edgectl::base::Digest;
use edgectl::model::{Reference, Repository};
use edgectl::registry::Store;
use serde_json::json;

/// Media type of an image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// An index in a store.
pub struct Image {
    /// The index, by digest.
    pub reference: Reference,
    /// Its platforms.
    pub platforms: [Platform; 2],
}

/// A platform of an index, by rising architecture: amd64, arm64.
pub struct Platform {
    /// The manifest, by digest.
    pub reference: Reference,
    descriptor: serde_json::Value,
    /// Its one layer.
    pub layer: Digest,
}

/// Stores an index under a tag; the layers hold `content`, so equal contents have equal digests.
pub async fn push(store: &dyn Store, repository: &Repository, tag: &str, content: &str) -> Image {
    let platforms = [push_platform(store, repository, "amd64", content).await, push_platform(store, repository, "arm64", content).await];
    let manifests: Vec<_> = platforms.iter().map(|platform| platform.descriptor.clone()).collect();
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string();
    let index = store.push_manifest(repository, INDEX, index.into(), Some(tag)).await.expect("an index");
    Image { reference: repository.at(index), platforms }
}

async fn push_platform(store: &dyn Store, repository: &Repository, architecture: &str, content: &str) -> Platform {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "hello", content.as_bytes()).expect("an entry");
    let tar = archive.into_inner().expect("an archive");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&tar).expect("in memory");
    let layer = Bytes::from(gzip.finish().expect("in memory"));
    let config = json!({
        "architecture": architecture, "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [Digest::of(&tar)] },
    });
    let config = Bytes::from(config.to_string());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": Digest::of(&config), "size": config.len() },
        "layers": [{ "mediaType": LAYER, "digest": Digest::of(&layer), "size": layer.len() }],
    });
    let manifest = manifest.to_string();
    store.push_blob(repository, config).await.expect("a config");
    let layer = store.push_blob(repository, layer).await.expect("a layer");
    let size = manifest.len();
    let digest = store.push_manifest(repository, MANIFEST, manifest.into(), None).await.expect("a manifest");
    let platform = json!({ "os": "linux", "architecture": architecture });
    let descriptor = json!({ "mediaType": MANIFEST, "digest": digest, "size": size, "platform": platform });
    Platform { reference: repository.at(digest), descriptor, layer }
}
