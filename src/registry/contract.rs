//! What every store must do, run on the embedded store and on Debian's `docker-registry` where it is installed.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::base::{Clock, Digest};
use crate::model::{Reference, Repository};
use crate::oci::{ContainerConfig, Descriptor, ImageConfig, ImageManifest, Index, LayerBuilder, RootFs, media_type};

/// Stores a one-platform image and returns the digest of its index.
pub(super) async fn push_sample(store: &dyn Store, repository: &Repository, content: &'static [u8], tag: Option<&str>) -> Digest {
    let mut builder = LayerBuilder::new();
    builder.executable("app/module", content).expect("file");
    let layer = builder.finish(Clock::fixed_at(0).expect("epoch").now()).expect("layer");
    let config = ImageConfig {
        created: None,
        architecture: "amd64".to_owned(),
        os: "linux".to_owned(),
        variant: None,
        config: Some(ContainerConfig { entrypoint: Some(vec!["/app/module".to_owned()]), ..ContainerConfig::default() }),
        rootfs: RootFs { kind: "layers".to_owned(), diff_ids: vec![layer.diff_id] },
        history: None,
    };
    store.push_blob(repository, layer.bytes.clone()).await.expect("layer");
    store.push_blob(repository, config.bytes()).await.expect("config");
    let manifest = ImageManifest::new(Descriptor::of(media_type::CONFIG, &config.bytes()), vec![layer.descriptor]);
    store.push_manifest(repository, media_type::MANIFEST, manifest.bytes(), None).await.expect("manifest");
    let entry = Descriptor { platform: Some((&config.platform()).into()), ..Descriptor::of(media_type::MANIFEST, &manifest.bytes()) };
    let index = Index::new(vec![entry]);
    store.push_manifest(repository, media_type::INDEX, index.bytes(), tag).await.expect("index")
}

async fn keeps_the_contract(store: &dyn Store, registry: &str) {
    let repository: Repository = format!("{registry}/contract/sample").parse().expect("repository");
    let absent: Reference = format!("{repository}:nowhere").parse().expect("reference");
    assert_eq!(store.manifest(&absent).await.expect("asked"), None);
    assert_eq!(store.tags(&repository).await.expect("asked"), Vec::<String>::new());
    assert_eq!(store.blob(&repository, Digest::of(b"x")).await.expect("asked"), None);
    assert!(!store.has_blob(&repository, Digest::of(b"x")).await.expect("asked"));

    let first = push_sample(store, &repository, b"one", Some("latest")).await;
    assert_eq!(push_sample(store, &repository, b"one", Some("latest")).await, first, "the same content has the same digest");
    let second = push_sample(store, &repository, b"two", Some("latest")).await;
    let signature = format!("sha256-{}.sig", first.hex());
    push_sample(store, &repository, b"sig", Some(&signature)).await;
    assert_eq!(store.tags(&repository).await.expect("tags"), ["latest".to_owned(), signature]);
    let latest = store.manifest(&repository.tagged("latest")).await.expect("asked").expect("there");
    assert_eq!((latest.digest, latest.media_type.as_str()), (second, media_type::INDEX));
    let old = store.manifest(&repository.at(first)).await.expect("asked").expect("a digest outlives its tag");
    assert_eq!(Digest::of(&old.bytes), first);
    let both = Reference { tag: Some("nowhere".to_owned()), ..repository.at(first) };
    assert_eq!(store.manifest(&both).await.expect("asked").expect("the digest decides").digest, first);

    let image = load_image(store, &repository.tagged("latest")).await.expect("reads").expect("there");
    let on_host = image.on(&"linux/amd64".parse().expect("platform")).expect("a platform");
    assert_eq!(on_host.layers(store, &repository).await.expect("layers").len(), 1);
    assert!(image.on(&"linux/arm64".parse().expect("platform")).is_none());
}

#[tokio::test]
async fn the_embedded_store_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("folder");
    let store = EmbeddedStore::open(folder.path().join("store"));
    keeps_the_contract(&store, Repository::EMBEDDED).await;
    let entries = store.entries().expect("entries");
    let named: Vec<_> = entries.iter().filter_map(|entry| entry.tag.as_deref()).collect();
    assert_eq!((entries.len(), named.len()), (3, 2), "the image that lost its tag is still listed: {entries:?}");
}

#[tokio::test]
async fn the_embedded_store_keeps_registries_with_ports_apart() {
    let folder = tempfile::tempdir().expect("folder");
    let store = EmbeddedStore::open(folder.path().join("store"));
    let repository: Repository = "127.0.0.1:5000/a/b".parse().expect("repository");
    push_sample(&store, &repository, b"one", Some("v1")).await;
    let nested = repository.join("c").expect("repository");
    push_sample(&store, &nested, b"two", Some("v1")).await;
    assert!(store.layout(&repository).ends_with("127.0.0.1+5000/a/b"));
    let listed: Vec<_> = store.entries().expect("entries").into_iter().map(|entry| entry.repository).collect();
    assert_eq!(listed, [repository, nested]);
}

#[tokio::test]
async fn a_changed_blob_is_found_out_and_can_be_stored_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let store = EmbeddedStore::open(folder.path().join("store"));
    let repository: Repository = "edgectl.local/a/b".parse().expect("repository");
    let digest = store.push_blob(&repository, Bytes::from_static(b"good")).await.expect("stored");
    let path = store.layout(&repository).join("blobs/sha256").join(digest.hex());
    crate::base::fs::write(&path, b"evil").expect("tampered");
    assert!(matches!(store.blob(&repository, digest).await, Err(StoreError::Tampered { .. })));
    store.push_blob(&repository, Bytes::from_static(b"good")).await.expect("stored");
    assert_eq!(store.blob(&repository, digest).await.expect("reads").as_deref(), Some(&b"good"[..]));
}

#[tokio::test]
async fn a_manifest_without_its_parts_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let store = EmbeddedStore::open(folder.path().join("store"));
    let repository: Repository = "edgectl.local/a/b".parse().expect("repository");
    let manifest = ImageManifest::new(Descriptor::of(media_type::CONFIG, b"{}"), Vec::new());
    let refused = store.push_manifest(&repository, media_type::MANIFEST, manifest.bytes(), Some("x")).await;
    assert!(matches!(refused, Err(StoreError::Malformed { .. })), "{refused:?}");
    assert_eq!(store.tags(&repository).await.expect("tags"), Vec::<String>::new());
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("store");
    let repository: Repository = "edgectl.local/a/b".parse().expect("repository");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (path, repository) = (&path, &repository);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
                for round in 0..5 {
                    let tag = format!("t{thread}-{round}");
                    runtime.block_on(push_sample(&EmbeddedStore::open(path), repository, b"same", Some(&tag)));
                }
            });
        }
    });
    assert_eq!(EmbeddedStore::open(&path).entries().expect("entries").len(), 20);
}

/// Debian's registry on a free loopback port, ended with this value.
struct RealRegistry {
    child: Child,
    host: String,
    _folder: tempfile::TempDir,
}

impl RealRegistry {
    /// Starts it, or tells why not.
    #[expect(clippy::disallowed_methods, reason = "the environment tells tests what they may not skip")]
    fn start(password_file: Option<&str>) -> Option<Self> {
        let program = Path::new("/usr/bin/docker-registry");
        if !program.exists() {
            let required = std::env::var_os("EDGECTL_TEST_REAL").is_some_and(|value| value == "1");
            assert!(!required, "EDGECTL_TEST_REAL=1 needs {} (package docker-registry)", program.display());
            eprintln_skip("docker-registry is not installed (package docker-registry)");
            return None;
        }
        let folder = tempfile::tempdir().expect("folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("address").port();
        let mut config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: 127.0.0.1:{port} }}\n",
            folder.path().join("data").display()
        );
        if let Some(content) = password_file {
            let file = folder.path().join("htpasswd");
            crate::base::fs::write(&file, content.as_bytes()).expect("htpasswd");
            writeln!(config, "auth: {{ htpasswd: {{ realm: test, path: {} }} }}", file.display()).expect("a string takes it");
        }
        let file = folder.path().join("config.yml");
        crate::base::fs::write(&file, config.as_bytes()).expect("config");
        let child = Command::new(program).arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        let registry = Self { child, host: format!("127.0.0.1:{port}"), _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(&registry.host).is_err() {
            assert!(Instant::now() < deadline, "the registry does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(registry)
    }
}

impl Drop for RealRegistry {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn eprintln_skip(reason: &str) {
    eprintln!("skipped: {reason}");
}

#[tokio::test]
async fn a_real_registry_keeps_the_contract() {
    let Some(registry) = RealRegistry::start(None) else { return };
    let remote = RemoteRegistry::new(&registry.host, &StoreOptions::new("/nonexistent")).expect("a client");
    keeps_the_contract(&remote, &registry.host).await;
}

#[tokio::test]
async fn a_copy_has_the_same_digest_and_sends_blobs_once() {
    let Some(registry) = RealRegistry::start(None) else { return };
    let folder = tempfile::tempdir().expect("folder");
    let options = StoreOptions::new(folder.path().join("store"));
    let local: Repository = "edgectl.local/demo/sensor".parse().expect("repository");
    let target: Repository = format!("{}/demo/sensor", registry.host).parse().expect("repository");
    let (from, to) = (open(&local, &options).expect("embedded"), open(&target, &options).expect("remote"));
    let digest = push_sample(&*from, &local, b"program", Some("latest")).await;
    let copied = copy(&*from, &*to, &local.tagged("latest"), &target, Some("v1")).await.expect("copies");
    assert_eq!((copied.reference.digest, copied.present), (Some(digest), 0));
    assert_eq!(to.manifest(&target.tagged("v1")).await.expect("asked").expect("there").digest, digest);
    let again = copy(&*from, &*to, &local.tagged("latest"), &target, None).await.expect("copies");
    assert_eq!((again.sent_bytes, again.present), (0, 2));
    assert!(copy(&*from, &*to, &local.tagged("nowhere"), &target, None).await.is_err());
}

#[tokio::test]
async fn a_registry_with_a_password_tells_wrong_from_right() {
    // bcrypt of `secret` for the user `anna`.
    let Some(registry) = RealRegistry::start(Some("anna:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n")) else { return };
    let repository: Repository = format!("{}/private/a", registry.host).parse().expect("repository");
    let client = |password: Option<&'static str>| {
        let mut options = StoreOptions::new("/nonexistent");
        if let Some(password) = password {
            options.credentials = Credentials::default().with(&registry.host, "anna", crate::base::Secret::new(password));
        }
        RemoteRegistry::new(&registry.host, &options).expect("a client")
    };
    for password in [None, Some("wrong")] {
        let refused = client(password).manifest(&repository.tagged("x")).await;
        assert!(matches!(refused, Err(StoreError::Unauthorized { .. })), "{password:?}: {refused:?}");
        let refused = client(password).push_blob(&repository, Bytes::from_static(b"x")).await;
        assert!(matches!(refused, Err(StoreError::Unauthorized { .. })), "{password:?}: {refused:?}");
    }
    push_sample(&client(Some("secret")), &repository, b"one", Some("v1")).await;
    assert_eq!(client(Some("secret")).tags(&repository).await.expect("tags"), ["v1"]);
}
