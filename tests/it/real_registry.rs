//! What we sign, shown to others: Debian's docker-registry on loopback, with skopeo, podman and cosign as judges.
//!
//! Runs with `EDGECTL_TEST_REAL=1` and `EDGECTL_VERIFIERS=DIR`, a folder that `tests/real/get-verifiers.sh DIR` filled.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use edgectl::base::Digest;
use edgectl::model::{Reference, Repository};
use edgectl::registry::{EmbeddedStore, Store, StoreOptions};
use serde_json::json;

use crate::images::{self, Image, MANIFEST};
use crate::sandbox::{Outcome, Sandbox};

/// Another program's run.
struct Verdict {
    accepted: bool,
    text: String,
}

impl Verdict {
    #[track_caller]
    fn accepted(&self) {
        assert!(self.accepted, "{}", self.text);
    }

    /// Requires a refusal for this very reason.
    #[track_caller]
    fn refused(&self, reason: &str) {
        assert!(!self.accepted, "accepted: {}", self.text);
        assert!(self.text.contains(reason), "not refused for `{reason}`:\n{}", self.text);
    }
}

/// A registry on loopback with a sandbox and two key pairs, `release` and `stranger`.
struct Lab {
    sandbox: Sandbox,
    verifiers: PathBuf,
    server: Child,
    address: String,
    runtime: tokio::runtime::Runtime,
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.server.kill().expect("the registry was ours");
        self.server.wait().expect("the registry ends");
    }
}

impl Lab {
    /// Starts a lab, or says why the test is skipped.
    fn start(test: &str) -> Option<Self> {
        if std::env::var_os("EDGECTL_TEST_REAL").is_none_or(|value| value != "1") {
            writeln!(std::io::stderr(), "{test}: skipped, since EDGECTL_TEST_REAL=1 is not set").expect("stderr");
            return None;
        }
        let verifiers = std::env::var_os("EDGECTL_VERIFIERS").map(PathBuf::from);
        let verifiers = verifiers.expect("EDGECTL_VERIFIERS names the folder that tests/real/get-verifiers.sh filled");
        let sandbox = Sandbox::new().env("COSIGN_PASSWORD", "secret");
        let (server, address) = serve(&sandbox.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let lab = Self { sandbox, verifiers, server, address, runtime };
        for name in ["release", "stranger"] {
            lab.edgectl(&["key", "generate", "--out", name]).success();
        }
        lab.configure();
        Some(lab)
    }

    /// Writes the files that tell skopeo and podman where signatures lie, and a policy for each key.
    fn configure(&self) {
        let registries = format!("docker:\n  {}:\n    use-sigstore-attachments: true\n", self.address);
        self.sandbox.file("config/containers/registries.d/loopback.yaml", &registries);
        self.sandbox.file("others/.config/containers/registries.d/loopback.yaml", &registries);
        for key in ["release", "stranger"] {
            let requirement = json!([{
                "type": "sigstoreSigned",
                "keyPath": self.sandbox.path().join(format!("{key}.pub")),
                "signedIdentity": { "type": "matchRepository" },
            }]);
            let policy = json!({ "default": [{ "type": "reject" }], "transports": { "docker": { &self.address: requirement } } });
            self.sandbox.file(&format!("{key}.json"), &policy.to_string());
        }
    }

    fn edgectl(&self, arguments: &[&str]) -> Outcome {
        self.sandbox.run(arguments)
    }

    fn sign(&self, image: &Reference) {
        self.edgectl(&["image", "sign", "--key", "release.key", &image.to_string()]).success();
    }

    fn repository(&self, path: &str) -> Repository {
        format!("{}/{path}", self.address).parse().expect("a repository")
    }

    fn store(&self, repository: &Repository) -> Arc<dyn Store> {
        edgectl::registry::open(repository, &StoreOptions::new(self.sandbox.path().join("store"))).expect("a store")
    }

    /// Pushes an index over two platforms whose layers hold `content`, tagged `v1`.
    fn image(&self, path: &str, content: &str) -> Image {
        let repository = self.repository(path);
        self.runtime.block_on(images::push(&*self.store(&repository), &repository, "v1", content))
    }

    /// Runs another program with a home of its own, as CI would.
    fn other(&self, program: &str, arguments: &[&str]) -> Verdict {
        let output = Command::new(self.verifiers.join("bin").join(program))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.sandbox.path().join("others"))
            .env("COSIGN_PASSWORD", "secret")
            .current_dir(self.sandbox.path())
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let text =
            format!("{program} {arguments:?}\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Verdict { accepted: output.status.success(), text }
    }

    /// Copies an image into a folder under the policy of one key.
    fn skopeo(&self, key: &str, image: &Reference, options: &[&str]) -> Verdict {
        let target = tempfile::tempdir_in(self.sandbox.path()).expect("a folder");
        let (policy, source) = (format!("{key}.json"), format!("docker://{image}"));
        let target = format!("dir:{}", target.path().display());
        let mut arguments = vec!["--policy", &policy, "--registries.d", "config/containers/registries.d"];
        arguments.extend(options.iter().filter(|option| option.starts_with("--override")));
        arguments.extend(["copy", "--src-tls-verify=false"]);
        arguments.extend(options.iter().filter(|option| !option.starts_with("--override")));
        arguments.extend([source.as_str(), target.as_str()]);
        self.other("skopeo", &arguments)
    }

    fn cosign(&self, key: &str, image: &Reference) -> Verdict {
        self.other("cosign", &["verify", "--key", &format!("{key}.pub"), "--insecure-ignore-tlog=true", &image.to_string()])
    }

    /// Our own answer: the exit code of `image verify`.
    fn verify(&self, key: &str, image: &Reference) -> Outcome {
        self.edgectl(&["image", "verify", "--key", &format!("{key}.pub"), &image.to_string()])
    }

    /// Puts the signatures of one image under the tag of another.
    fn move_signatures(&self, from: &Reference, to: &Reference) {
        let tag = |image: &Reference| format!("sha256-{}.sig", image.digest.expect("a digest").hex());
        let store = self.store(&from.repository);
        let found = self.runtime.block_on(store.manifest(&from.repository.tagged(tag(from)))).expect("read").expect("signed");
        let target = tag(to);
        let pushed = store.push_manifest(&to.repository, MANIFEST, found.bytes, Some(&target));
        self.runtime.block_on(pushed).expect("pushed");
    }

    /// Changes a blob in the registry's own storage, with its length kept.
    fn corrupt(&self, blob: Digest) {
        let hex = blob.hex();
        let folder: String = hex.chars().take(2).collect();
        let path = self.sandbox.path().join("registry/docker/registry/v2/blobs/sha256").join(folder).join(hex).join("data");
        let mut bytes = std::fs::read(&path).expect("a blob");
        *bytes.last_mut().expect("a byte") ^= 1;
        std::fs::write(&path, bytes).expect("changed");
    }
}

/// Starts docker-registry with its storage below `folder`, and waits until it answers.
fn serve(folder: &Path) -> (Child, String) {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a free port").port();
    let address = format!("127.0.0.1:{port}");
    let storage = folder.join("registry");
    let configuration = json!({
        "version": 0.1,
        "log": { "level": "error", "accesslog": { "disabled": true } },
        "storage": { "filesystem": { "rootdirectory": storage } },
        "http": { "addr": address },
    });
    let file = folder.join("registry.yaml");
    std::fs::write(&file, configuration.to_string()).expect("a file");
    let server = Command::new("docker-registry")
        .arg("serve")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("docker-registry starts (Debian package docker-registry)");
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(&address).is_err() {
        assert!(Instant::now() < deadline, "docker-registry does not answer on {address}");
        std::thread::yield_now();
    }
    (server, address)
}

#[test]
fn skopeo_agrees_with_us() {
    let Some(lab) = Lab::start("skopeo_agrees_with_us") else { return };
    let image = lab.image("greenhouse/filter", "v1");
    lab.skopeo("release", &image.reference, &[]).refused("no signature exists");
    assert_eq!(lab.verify("release", &image.reference).code, 10);

    lab.sign(&image.reference);
    lab.verify("release", &image.reference).success();
    lab.skopeo("release", &image.reference, &["--all"]).accepted();
    for architecture in ["amd64", "arm64"] {
        let platform = ["--override-os=linux".to_owned(), format!("--override-arch={architecture}")];
        lab.skopeo("release", &image.reference, &platform.each_ref().map(String::as_str)).accepted();
    }
    lab.skopeo("stranger", &image.reference, &[]).refused("cryptographic signature verification failed");
    assert_eq!(lab.verify("stranger", &image.reference).code, 10);

    // Both teams sign: neither loses its signature.
    lab.edgectl(&["image", "sign", "--key", "stranger.key", &image.reference.to_string()]).success();
    lab.skopeo("stranger", &image.reference, &["--all"]).accepted();
    lab.skopeo("release", &image.reference, &["--all"]).accepted();
}

#[test]
fn skopeo_refuses_what_was_tampered_with() {
    let Some(lab) = Lab::start("skopeo_refuses_what_was_tampered_with") else { return };
    let (good, evil) = (lab.image("greenhouse/filter", "v1"), lab.image("greenhouse/filter", "evil"));
    lab.sign(&good.reference);
    lab.move_signatures(&good.reference, &evil.reference);
    for (from, to) in good.platforms.iter().zip(&evil.platforms) {
        lab.move_signatures(&from.reference, &to.reference);
    }
    lab.skopeo("release", &evil.reference, &[]).refused("does not match");
    lab.cosign("release", &evil.reference).refused("no matching signatures");
    let ours = lab.verify("release", &evil.reference);
    assert_eq!(ours.code, 10);
    assert!(ours.stderr.contains("for another image"), "{}", ours.stderr);

    lab.corrupt(good.platforms[0].layer);
    lab.skopeo("release", &good.platforms[0].reference, &[]).refused("Digest did not match");

    let elsewhere = lab.image("attic/filter", "v1");
    lab.runtime.block_on(async {
        let (from, to) = (lab.repository("greenhouse/filter"), lab.repository("attic/filter"));
        let store = lab.store(&from);
        for blob in signature_blobs(&*store, &from, good.reference.digest.expect("a digest")).await {
            store.push_blob(&to, blob).await.expect("a blob");
        }
    });
    lab.move_signatures(&good.reference, &elsewhere.reference);
    let ours = lab.verify("release", &elsewhere.reference);
    assert_eq!(ours.code, 10);
    assert!(ours.stderr.contains("but names"), "{}", ours.stderr);
}

/// Returns the blobs that the signatures of an image need.
async fn signature_blobs(store: &dyn Store, repository: &Repository, image: Digest) -> Vec<Bytes> {
    let tag = format!("sha256-{}.sig", image.hex());
    let manifest = store.manifest(&repository.tagged(tag)).await.expect("read").expect("signed");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.bytes).expect("json");
    let layers = manifest["layers"].as_array().expect("layers").iter().chain([&manifest["config"]]);
    let mut blobs = Vec::new();
    for descriptor in layers {
        let digest = descriptor["digest"].as_str().expect("a digest").parse().expect("a digest");
        blobs.push(store.blob(repository, digest).await.expect("read").expect("a blob"));
    }
    blobs
}

#[test]
fn cosign_agrees_with_us() {
    let Some(lab) = Lab::start("cosign_agrees_with_us") else { return };
    let image = lab.image("greenhouse/filter", "v1");
    lab.cosign("release", &image.reference).refused("no signatures found");
    lab.sign(&image.reference);
    lab.cosign("release", &image.reference).accepted();
    for platform in &image.platforms {
        lab.cosign("release", &platform.reference).accepted();
    }
    lab.cosign("stranger", &image.reference).refused("invalid signature");
}

#[test]
fn keys_and_signatures_of_others_are_as_good_as_ours() {
    let Some(lab) = Lab::start("keys_and_signatures_of_others_are_as_good_as_ours") else { return };
    let cosign_sign = ["sign", "--tlog-upload=false", "--yes", "--recursive", "--key"];

    // cosign signs with our key.
    let image = lab.image("greenhouse/one", "v1");
    let name = image.reference.to_string();
    lab.other("cosign", &[&cosign_sign[..], &["release.key", &name]].concat()).accepted();
    lab.verify("release", &image.reference).success();
    lab.skopeo("release", &image.reference, &["--all"]).accepted();

    // We sign with cosign's key, beside cosign's signature.
    lab.other("cosign", &["generate-key-pair"]).accepted();
    lab.edgectl(&["image", "sign", "--key", "cosign.key", &name]).success();
    lab.edgectl(&["image", "verify", "--key", "cosign.pub", "--key", "release.pub", &name]).success();
    lab.cosign("cosign", &image.reference).accepted();
    lab.cosign("release", &image.reference).accepted();

    // skopeo signs with our key; it claims repository and tag.
    let copy = lab.repository("greenhouse/two").tagged("v1");
    lab.sandbox.file("passphrase", "secret");
    let (source, target) = (format!("docker://{}", image.platforms[0].reference), format!("docker://{copy}"));
    let options = ["--insecure-policy", "--registries.d", "config/containers/registries.d", "copy", "--src-tls-verify=false"];
    let signing = ["--dest-tls-verify=false", "--remove-signatures", "--sign-by-sigstore-private-key", "release.key"];
    let rest = ["--sign-passphrase-file", "passphrase", &source, &target];
    lab.other("skopeo", &[&options[..], &signing[..], &rest[..]].concat()).accepted();
    lab.verify("release", &copy).success();
    assert_eq!(lab.verify("stranger", &copy).code, 10);
}

#[test]
fn podman_pulls_only_what_is_signed() {
    let Some(lab) = Lab::start("podman_pulls_only_what_is_signed") else { return };
    let pull = |key: &str, image: &Reference| {
        let store = tempfile::tempdir().expect("a folder");
        let [root, run] = ["root", "run"].map(|name| store.path().join(name).display().to_string());
        let policy = format!("{key}.json");
        let scratch = ["--root", &root, "--runroot", &run, "--storage-driver", "vfs", "pull", "--tls-verify=false"];
        lab.other("podman", &[&scratch[..], &["--signature-policy", &policy, &image.to_string()]].concat())
    };
    let image = lab.image("greenhouse/filter", "v1");
    pull("release", &image.reference).refused("no signature exists");
    lab.sign(&image.reference);
    pull("release", &image.reference).accepted();
    pull("stranger", &image.reference).refused("cryptographic signature verification failed");
}

#[test]
fn a_push_carries_signatures_only_to_the_repository_they_name() {
    let Some(lab) = Lab::start("a_push_carries_signatures_only_to_the_repository_they_name") else { return };
    let image = lab.image("greenhouse/filter", "v1");
    lab.sign(&image.reference);
    let name = image.reference.to_string();

    let moved = lab.repository("mirror/filter").tagged("v2");
    let pushed = lab.edgectl(&["image", "push", &name, "--to", &moved.to_string(), "-o", "json"]);
    assert!(pushed.stderr.contains("[image/unsigned-copy]"), "{}", pushed.stderr);
    assert_eq!((pushed.json()["signed"].clone(), pushed.json()["digest"].clone()), (json!(false), json!(image.reference.digest)));
    assert_eq!(lab.verify("release", &moved).code, 10);

    let pushed = lab.edgectl(&["image", "push", &name, "--to", &moved.to_string(), "--key", "release.key", "-o", "json"]);
    assert_eq!((pushed.json()["signed"].clone(), pushed.json()["signaturesAdded"].clone()), (json!(true), json!(3)));
    lab.verify("release", &moved).success();
    lab.skopeo("release", &moved, &["--all"]).accepted();
}

#[test]
fn a_module_is_signed_where_it_was_built_and_pushed_with_its_signatures() {
    let Some(lab) = Lab::start("a_module_is_signed_where_it_was_built_and_pushed_with_its_signatures") else { return };
    let solution =
        format!("version: 1\nsolution: greenhouse\nregistry: {}/greenhouse\nmodules: {{ filter: modules/filter }}\n", lab.address);
    lab.sandbox.file("edgectl.yaml", &solution);
    let repository = lab.repository("greenhouse/filter");
    let built = EmbeddedStore::open(lab.sandbox.path().join(".edgectl/store"));
    let image = lab.runtime.block_on(images::push(&built, &repository, "latest", "v1"));
    lab.edgectl(&["image", "sign", "--key", "release.key", "filter"]).success();

    let pushed = lab.edgectl(&["image", "push", "filter", "-o", "json"]).json();
    assert_eq!((&pushed["signed"], &pushed["signaturesCarried"], &pushed["reference"]), (&json!(true), &json!(3), &json!(image.reference)));
    lab.verify("release", &image.reference).success();
    lab.skopeo("release", &image.reference, &["--all"]).accepted();
    lab.skopeo("stranger", &image.reference, &[]).refused("cryptographic signature verification failed");
    lab.cosign("release", &repository.tagged("latest")).accepted();
}
