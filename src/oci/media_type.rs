//! Media types of the two families, OCI and Docker schema 2 (OCI image-spec v1.1, media-types.md).

/// OCI image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// OCI image config.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// OCI layer, a tar as it is.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// OCI layer, a tar in gzip.
pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// Docker image manifest.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker layer, a tar in gzip.
pub const DOCKER_LAYER_GZIP: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
/// Docker layer, a tar as it is.
pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

/// Every manifest and index type that a registry is asked for.
pub const MANIFESTS: [&str; 4] = [MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX];

/// Tells whether a media type names an index (of either family).
pub fn is_index(media_type: &str) -> bool {
    matches!(media_type, INDEX | DOCKER_INDEX)
}

/// Tells whether a media type names an image manifest (of either family).
pub fn is_manifest(media_type: &str) -> bool {
    matches!(media_type, MANIFEST | DOCKER_MANIFEST)
}

/// How the tar of a layer is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    Stored,
    /// gzip, one or several members.
    Gzip,
}

/// Returns how a layer of this media type is packed, or `None` when this tool cannot read it (such as zstd).
pub fn compression_of(media_type: &str) -> Option<Compression> {
    match media_type {
        LAYER | DOCKER_LAYER => Some(Compression::Stored),
        LAYER_GZIP | DOCKER_LAYER_GZIP => Some(Compression::Gzip),
        _ => None,
    }
}
