//! A registry on loopback with independent judges beside it: Debian's docker-registry, skopeo, podman and cosign.
//!
//! Used with `EDGECTL_TEST_REAL=1` and `EDGECTL_VERIFIERS=DIR`, a folder that `tests/real/get-verifiers.sh DIR` filled.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use edgectl::base::Digest;
use edgectl::model::{Reference, Repository};
use edgectl::registry::{Store, StoreOptions};
use serde_json::json;

use crate::images::{self, Image, MANIFEST};
use crate::sandbox::{Outcome, Sandbox};

/// Returns the folder of the verifiers, or says why the test is skipped.
pub fn verifiers(test: &str) -> Option<PathBuf> {
    is_real(test).then(|| {
        let folder = std::env::var_os("EDGECTL_VERIFIERS").map(PathBuf::from);
        folder.expect("EDGECTL_VERIFIERS names the folder that tests/real/get-verifiers.sh filled")
    })
}

/// Tells whether real outside systems are to be used, or says that the test is skipped.
pub fn is_real(test: &str) -> bool {
    if std::env::var_os("EDGECTL_TEST_REAL").is_some_and(|value| value == "1") {
        return true;
    }
    writeln!(std::io::stderr(), "{test}: skipped, since EDGECTL_TEST_REAL=1 is not set").expect("stderr");
    false
}

/// Another program's run.
pub struct Verdict {
    accepted: bool,
    text: String,
}

impl Verdict {
    /// Requires that it was accepted.
    #[track_caller]
    pub fn accepted(&self) {
        assert!(self.accepted, "{}", self.text);
    }

    /// Requires a refusal for this very reason.
    #[track_caller]
    pub fn refused(&self, reason: &str) {
        assert!(!self.accepted, "accepted: {}", self.text);
        assert!(self.text.contains(reason), "not refused for `{reason}`:\n{}", self.text);
    }
}

/// A registry on loopback with a sandbox and two key pairs, `release` and `stranger`.
pub struct Lab {
    /// Where the files lie and edgectl runs.
    pub sandbox: Sandbox,
    verifiers: PathBuf,
    server: Child,
    /// Host and port of the registry.
    pub address: String,
    /// Runs what talks to the registry from here.
    pub runtime: tokio::runtime::Runtime,
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.server.kill().expect("the registry was ours");
        self.server.wait().expect("the registry ends");
    }
}

impl Lab {
    /// Starts a lab, or says why the test is skipped.
    pub fn start(test: &str) -> Option<Self> {
        let verifiers = verifiers(test)?;
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

    /// Runs edgectl in the lab's sandbox.
    pub fn edgectl(&self, arguments: &[&str]) -> Outcome {
        self.sandbox.run(arguments)
    }

    /// Signs an image with the key `release`.
    pub fn sign(&self, image: &Reference) {
        self.edgectl(&["image", "sign", "--key", "release.key", &image.to_string()]).success();
    }

    /// Names a repository of the registry.
    pub fn repository(&self, path: &str) -> Repository {
        format!("{}/{path}", self.address).parse().expect("a repository")
    }

    /// Opens the registry at a repository.
    pub fn store(&self, repository: &Repository) -> Arc<dyn Store> {
        edgectl::registry::open(repository, &StoreOptions::new(self.sandbox.path().join("store"))).expect("a store")
    }

    /// Pushes an index over two platforms whose layers hold `content`, tagged `v1`.
    pub fn image(&self, path: &str, content: &str) -> Image {
        let repository = self.repository(path);
        self.runtime.block_on(images::push(&*self.store(&repository), &repository, "v1", content))
    }

    /// Runs another program with a home of its own, as CI would.
    pub fn other(&self, program: &str, arguments: &[&str]) -> Verdict {
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
    pub fn skopeo(&self, key: &str, image: &Reference, options: &[&str]) -> Verdict {
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

    /// Asks cosign whether a key signed an image.
    pub fn cosign(&self, key: &str, image: &Reference) -> Verdict {
        self.other("cosign", &["verify", "--key", &format!("{key}.pub"), "--insecure-ignore-tlog=true", &image.to_string()])
    }

    /// Our own answer: the exit code of `image verify`.
    pub fn verify(&self, key: &str, image: &Reference) -> Outcome {
        self.edgectl(&["image", "verify", "--key", &format!("{key}.pub"), &image.to_string()])
    }

    /// Puts the signatures of one image under the tag of another.
    pub fn move_signatures(&self, from: &Reference, to: &Reference) {
        let tag = |image: &Reference| format!("sha256-{}.sig", image.digest.expect("a digest").hex());
        let store = self.store(&from.repository);
        let found = self.runtime.block_on(store.manifest(&from.repository.tagged(tag(from)))).expect("read").expect("signed");
        let target = tag(to);
        let pushed = store.push_manifest(&to.repository, MANIFEST, found.bytes, Some(&target));
        self.runtime.block_on(pushed).expect("pushed");
    }

    /// Changes a blob in the registry's own storage, with its length kept.
    pub fn corrupt(&self, blob: Digest) {
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
