//! The archive that `docker load` reads: `manifest.json`, the config, and the layers as plain tars named by diff ID (moby's image
//! specification v1.2). Its bytes depend on the image and the name alone.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use serde_json::json;

use super::error::EngineError;
use crate::oci::{LayerBytes, media_type};

/// Most bytes of one unpacked layer.
const LAYER_LIMIT: u64 = 4 << 30;

/// Returns an archive that holds one image under `name` (`repository:tag`).
///
/// # Errors
/// When a layer is of a kind that cannot be unpacked, is broken, or unpacks to too much.
pub fn docker_archive(name: &str, config: &Bytes, config_hex: &str, layers: &[LayerBytes]) -> Result<Bytes, EngineError> {
    let failed = |source| EngineError::Layer { image: name.to_owned(), source };
    let config_name = format!("{config_hex}.json");
    let files: Vec<String> = layers.iter().map(|layer| format!("{}.tar", layer.diff_id.hex())).collect();
    let manifest = json!([{ "Config": config_name, "RepoTags": [name], "Layers": files }]).to_string();
    let mut archive = tar::Builder::new(Vec::new());
    let mut added = std::collections::BTreeSet::new();
    append(&mut archive, "manifest.json", manifest.as_bytes()).map_err(failed)?;
    append(&mut archive, &config_name, config).map_err(failed)?;
    for (layer, file) in layers.iter().zip(&files) {
        if added.insert(file) {
            append(&mut archive, file, &plain(layer).map_err(failed)?).map_err(failed)?;
        }
    }
    archive.into_inner().map(Bytes::from).map_err(failed)
}

fn append(archive: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o644);
    header.set_path(name)?;
    header.set_size(content.len() as u64);
    header.set_cksum();
    archive.append(&header, content)
}

fn plain(layer: &LayerBytes) -> std::io::Result<Bytes> {
    match media_type::compression_of(&layer.media_type) {
        Some(media_type::Compression::Stored) => Ok(layer.bytes.clone()),
        Some(media_type::Compression::Gzip) => {
            let mut tar = Vec::new();
            MultiGzDecoder::new(layer.bytes.as_ref()).take(LAYER_LIMIT + 1).read_to_end(&mut tar)?;
            if tar.len() as u64 > LAYER_LIMIT {
                return Err(std::io::Error::other(format!("it holds more than {LAYER_LIMIT} bytes")));
            }
            Ok(tar.into())
        }
        None => Err(std::io::Error::other(format!("its type {} is not known here", layer.media_type))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Clock, Digest};
    use crate::oci::LayerBuilder;

    #[test]
    fn holds_manifest_config_and_plain_layers() {
        let mut builder = LayerBuilder::new();
        builder.file("a", &b"x"[..]).expect("file");
        let layer = builder.finish(Clock::fixed_at(0).expect("epoch").now()).expect("layer");
        let layer = LayerBytes { media_type: layer.descriptor.media_type, bytes: layer.bytes, diff_id: layer.diff_id };
        let twice = [layer.clone(), layer.clone()];
        let archive = docker_archive("edgectl.local/a/b:latest", &Bytes::from_static(b"{}"), "00", &twice).expect("archive");
        let mut reader = tar::Archive::new(archive.as_ref());
        let mut names = Vec::new();
        for entry in reader.entries().expect("entries") {
            let mut entry = entry.expect("entry");
            let name = entry.path().expect("path").display().to_string();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("content");
            if std::path::Path::new(&name).extension().is_some_and(|extension| extension == "tar") {
                assert_eq!(Digest::of(&content), layer.diff_id);
            }
            names.push(name);
        }
        assert_eq!(names, ["manifest.json".to_owned(), "00.json".to_owned(), format!("{}.tar", layer.diff_id.hex())]);
        let unknown = LayerBytes { media_type: "application/x".to_owned(), ..layer };
        assert!(docker_archive("a:b", &Bytes::new(), "00", &[unknown]).is_err());
    }
}
