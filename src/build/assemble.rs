//! From a program to an image: layers, config, manifest and index, each with one form of bytes.

use bytes::Bytes;
use rustls::pki_types::CertificateDer;

use super::error::BuildError;
use crate::base::Timestamp;
use crate::base::clock::rfc3339_seconds;
use crate::model::{ModuleId, Platform};
use crate::oci::{ContainerConfig, Descriptor, History, ImageConfig, ImageManifest, Index, Layer, LayerBuilder, RootFs, media_type};

/// Where programs look for certificate authorities.
const ROOTS: &str = "etc/ssl/certs/ca-certificates.crt";
/// A user without rights, by number, since an empty image has no `/etc/passwd`.
const USER: &str = "65532:65532";

/// What goes into the image of one platform.
#[derive(Clone, Debug)]
pub struct Content {
    /// The platform.
    pub platform: Platform,
    /// The module's program.
    pub program: Bytes,
}

/// An image ready to be stored.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// Blobs: layers and configs.
    pub blobs: Vec<Bytes>,
    /// Platform manifests, in the order of the index.
    pub manifests: Vec<Bytes>,
    /// The index.
    pub index: Bytes,
    /// Bytes of all of these, each counted once.
    pub size_bytes: u64,
}

/// Packs the programs of a module into one image with an index, also for a single platform. Every time in it is `time`.
pub fn assemble(module: &ModuleId, contents: &[Content], time: Timestamp) -> Result<Assembled, BuildError> {
    let roots = roots_layer(time)?;
    let mut blobs = vec![roots.bytes.clone()];
    let mut entries = Vec::new();
    for content in contents {
        let mut layer = LayerBuilder::new();
        layer.executable(&format!("app/{module}"), content.program.clone())?;
        let program = layer.finish(time)?;
        let config = config(module, &content.platform, [&roots, &program], time).bytes();
        let layers = vec![roots.descriptor.clone(), program.descriptor.clone()];
        let manifest = ImageManifest::new(Descriptor::of(media_type::CONFIG, &config), layers).bytes();
        let platform = Some((&content.platform).into());
        entries.push((Descriptor { platform, ..Descriptor::of(media_type::MANIFEST, &manifest) }, manifest));
        blobs.extend([program.bytes, config]);
    }
    entries.sort_by_key(|(entry, _)| entry.platform.as_ref().map(crate::oci::PlatformFields::platform));
    let (entries, manifests): (Vec<Descriptor>, Vec<Bytes>) = entries.into_iter().unzip();
    let index = Index::new(entries).bytes();
    let size_bytes = blobs.iter().chain(&manifests).chain([&index]).map(|bytes| bytes.len() as u64).sum();
    Ok(Assembled { blobs, manifests, index, size_bytes })
}

fn config(module: &ModuleId, platform: &Platform, layers: [&Layer; 2], time: Timestamp) -> ImageConfig {
    let created = Some(rfc3339_seconds(time));
    let step = |text: String| History { created: created.clone(), created_by: Some(text), empty_layer: None };
    ImageConfig {
        created: created.clone(),
        architecture: platform.architecture.clone(),
        os: platform.os.clone(),
        variant: platform.variant.clone(),
        config: Some(ContainerConfig {
            user: Some(USER.to_owned()),
            env: Some(vec![format!("SSL_CERT_FILE=/{ROOTS}")]),
            entrypoint: Some(vec![format!("/app/{module}")]),
            working_dir: Some("/app".to_owned()),
            ..ContainerConfig::default()
        }),
        rootfs: RootFs { kind: "layers".to_owned(), diff_ids: layers.map(|layer| layer.diff_id).to_vec() },
        history: Some(vec![step("edgectl: certificate authorities".to_owned()), step(format!("edgectl: program of {module}"))]),
    }
}

fn roots_layer(time: Timestamp) -> Result<Layer, BuildError> {
    let text: String = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(pem).collect();
    let mut layer = LayerBuilder::new();
    layer.file(ROOTS, text)?;
    Ok(layer.finish(time)?)
}

/// Writes a certificate in PEM, lines of 64 characters (RFC 7468).
fn pem(certificate: &CertificateDer<'_>) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(certificate.as_ref());
    let lines: Vec<&str> = encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Clock, Digest};

    fn built(program: &'static [u8], platforms: &[&str], seconds: i64) -> Assembled {
        let contents: Vec<Content> = platforms
            .iter()
            .map(|platform| Content { platform: platform.parse().expect("platform"), program: Bytes::from_static(program) })
            .collect();
        let time = Clock::fixed_at(seconds).expect("in range").now();
        assemble(&"filter".parse().expect("name"), &contents, time).expect("assembles")
    }

    #[test]
    fn the_same_program_gives_the_same_index() {
        let digest = |assembled: &Assembled| Digest::of(&assembled.index);
        assert_eq!(digest(&built(b"x", &["linux/amd64"], 0)), digest(&built(b"x", &["linux/amd64"], 0)));
        assert_ne!(digest(&built(b"x", &["linux/amd64"], 0)), digest(&built(b"y", &["linux/amd64"], 0)));
        assert_eq!(
            digest(&built(b"x", &["linux/arm64", "linux/amd64"], 0)),
            digest(&built(b"x", &["linux/amd64", "linux/arm64"], 0)),
            "the order of platforms in a file does not matter"
        );
    }

    #[test]
    fn the_config_says_how_to_run_it() {
        let assembled = built(b"x", &["linux/arm/v7"], 1_700_000_000);
        let config = ImageConfig::parse(assembled.blobs.last().expect("a config")).expect("reads");
        assert_eq!(
            serde_json::to_string(&config.config).expect("json"),
            r#"{"User":"65532:65532","Env":["SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],"Entrypoint":["/app/filter"],"WorkingDir":"/app"}"#
        );
        assert_eq!((config.created.as_deref(), config.variant.as_deref()), (Some("2023-11-14T22:13:20Z"), Some("v7")));
        assert_eq!(config.history.map(|steps| steps.len()), Some(config.rootfs.diff_ids.len()));
    }

    #[test]
    fn the_certificate_authorities_are_readable_pem() {
        use rustls::pki_types::pem::PemObject as _;
        let text: String = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(pem).collect();
        let read: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(text.as_bytes()).map(|one| one.expect("reads")).collect();
        assert_eq!(read.as_slice(), webpki_root_certs::TLS_SERVER_ROOT_CERTS);
    }
}
