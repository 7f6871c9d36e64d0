//! `edgectl image sign`, `image verify` and `image push` on the embedded store.

use std::path::PathBuf;
use std::process::Stdio;

use edgectl::base::Digest;
use edgectl::registry::EmbeddedStore;
use serde_json::json;
use snapbox::str;

use crate::images::{self, Image};
use crate::sandbox::Sandbox;

const SOLUTION: &str = "version: 1
solution: greenhouse
modules:
  filter: modules/filter
trust: { keys: [keys/release.pub] }
";

/// A solution whose module `filter` was built, and a key pair with an empty passphrase.
struct Bench {
    sandbox: Sandbox,
    image: Image,
}

impl Bench {
    fn new() -> Self {
        let sandbox = Sandbox::new().env("COSIGN_PASSWORD", "");
        sandbox.file("edgectl.yaml", SOLUTION);
        sandbox.run(["key", "generate", "--out", "keys/release"]).success();
        let store = EmbeddedStore::open(sandbox.path().join(".edgectl/store"));
        let repository = "edgectl.local/greenhouse/filter".parse().expect("a repository");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let image = runtime.block_on(images::push(&store, &repository, "latest", "v1"));
        Self { sandbox, image }
    }

    /// Returns the file that holds a blob of the embedded store.
    fn blob(&self, digest: Digest) -> PathBuf {
        let store = EmbeddedStore::open(self.sandbox.path().join(".edgectl/store"));
        store.layout(&self.image.reference.repository).join("blobs/sha256").join(digest.hex())
    }
}

#[test]
fn a_module_is_signed_and_verified_by_its_name() {
    let bench = Bench::new();
    let signed = bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "filter", "-o", "json"]).json();
    assert_eq!(signed["reference"], json!(bench.image.reference));
    assert_eq!(signed["images"].as_array().map(Vec::len), Some(3));
    assert_eq!(signed["images"][1]["platform"], "linux/amd64");
    assert_eq!(signed["images"][1]["added"], json!(["keys/release.key"]));

    // The keys of the solution are taken when none is named.
    let verified = bench.sandbox.run(["image", "verify", "filter", "-o", "json"]).json();
    assert_eq!((&verified["outcome"], &verified["images"][2]["outcome"]), (&json!("verified"), &json!("verified")));
    bench.sandbox.run(["image", "verify", "--key", "keys/release.pub", &bench.image.reference.to_string()]).success();

    let again = bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "filter", "-o", "json"]).json();
    assert_eq!((&again["images"][0]["added"], &again["images"][0]["signatures"]), (&json!([]), &json!(1)));
}

#[test]
fn an_unsigned_image_is_refused_with_code_10() {
    Bench::new().sandbox.run(["image", "verify", "--key", "keys/release.pub", "filter", "-q"]).matches(str![[r#"
exit 10
--- stdout
DIGEST                                                                   PLATFORM     KEY               OUTCOME  REASON
sha256:174c4b00c8327e26ba30604f01067b7125d563f94ec2fe575fa2c706f1f0ea93  <none>       keys/release.pub  refused  unsigned
sha256:f2b04b0699d95d73a41923e4cb1fb01e7e976aeb98a6b37413964b48292caf39  linux/amd64  keys/release.pub  refused  unsigned
sha256:3ff2f3c38f2151abc03cea86b7a5757229e3868ddef3f44c652ea5488f0efc00  linux/arm64  keys/release.pub  refused  unsigned
--- stderr
error: edgectl.local/greenhouse/filter is refused: no signature for sha256:174c4b00c8327e26ba30604f01067b7125d563f94ec2fe575fa2c706f1f0ea93 in edgectl.local/greenhouse/filter (and 2 more reasons) [trust/refused]
hint: Sign it with `edgectl image sign --key FILE`.

"#]]);
}

#[test]
fn another_key_is_refused() {
    let bench = Bench::new();
    bench.sandbox.run(["key", "generate", "--out", "keys/stranger"]).success();
    bench.sandbox.run(["image", "sign", "--key", "keys/stranger.key", "filter"]).success();
    let refused = bench.sandbox.run(["image", "verify", "--key", "keys/stranger.pub", "--key", "keys/release.pub", "filter"]);
    assert_eq!(refused.code, 10);
    assert!(refused.stderr.contains("1 signature on sha256:") && refused.stderr.contains("not by keys/release.pub"), "{}", refused.stderr);
}

#[test]
fn a_changed_manifest_is_refused() {
    let bench = Bench::new();
    bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "filter"]).success();
    let platform = bench.blob(bench.image.platforms[0].reference.digest.expect("a digest"));
    let text = std::fs::read_to_string(&platform).expect("a manifest").replace("\"schemaVersion\":2", "\"schemaVersion\":3");
    std::fs::write(&platform, text).expect("changed");
    let refused = bench.sandbox.run(["image", "verify", "filter", "-o", "json"]);
    assert_eq!(refused.code, 10, "{}", refused.stderr);
    let report: serde_json::Value = serde_json::from_str(&refused.stdout).expect("a report in spite of the refusal");
    assert_eq!(report["images"][1]["keys"][0]["reason"]["code"], "tampered");
    assert_eq!((&report["images"][0]["outcome"], &report["images"][2]["outcome"]), (&json!("verified"), &json!("verified")));
}

#[test]
fn a_changed_layer_is_refused() {
    let bench = Bench::new();
    bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "filter"]).success();
    let layer = bench.blob(bench.image.platforms[1].layer);
    let mut bytes = std::fs::read(&layer).expect("a layer");
    *bytes.last_mut().expect("a byte") ^= 1;
    std::fs::write(&layer, bytes).expect("changed");
    let refused = bench.sandbox.run(["image", "verify", "filter"]);
    assert_eq!(refused.code, 10, "{}", refused.stderr);
    assert!(refused.stderr.contains("is not what its digest says"), "{}", refused.stderr);
}

#[test]
fn a_registry_that_does_not_answer_is_no_refusal() {
    let bench = Bench::new();
    let asked = bench.sandbox.run(["image", "verify", "--key", "keys/release.pub", "127.0.0.1:1/greenhouse/filter:v1"]);
    assert_eq!(asked.code, 5, "{}", asked.stderr);
}

#[test]
fn a_wrong_passphrase_is_told_from_a_wrong_file() {
    let bench = Bench::new();
    bench.sandbox.file("passphrase", "guess\n");
    let key = ["image", "sign", "--key", "keys/release.key", "--password-file", "passphrase", "filter"];
    bench.sandbox.run(key).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: wrong passphrase: keys/release.key [key/wrong-passphrase]

"#]]);
    bench.sandbox.run(["image", "sign", "--key", "keys/release.pub", "filter"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: no cosign key: keys/release.pub is a public key [key/not-private]
hint: Make a pair with `edgectl key generate --out NAME` and sign with NAME.key.

"#]]);
    bench.sandbox.run(["image", "verify", "--key", "keys/release.key", "filter"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: no public key: keys/release.key is a private key [key/not-public]
hint: Verify with the .pub file of the pair.

"#]]);
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let key = bench.sandbox.path().join("keys/release.key");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "filter"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: keys/release.key can be read by others (mode 0644) [key/open-to-others]
hint: Run `chmod 600 keys/release.key`.

"#]]);
}

#[test]
fn wrong_uses_of_sign() {
    let bench = Bench::new();
    bench.sandbox.run(["image", "sign", "filter"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: the following required arguments were not provided:
  --key <FILE>

Usage: edgectl image sign --key <FILE> <IMAGE>

For more information, try '--help'.

"#]]);
    bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "fliter"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: `fliter` is neither a full image reference nor a module of the solution [image/unknown]
hint: Did you mean `filter`?

"#]]);
    let files = ["--password-file", "a", "--password-file", "b"];
    bench.sandbox.run([&["image", "sign", "--key", "keys/release.key", "filter"][..], &files].concat()).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: 2 password files for a different number of keys (1) [usage/password-files]
hint: Give one `--password-file` for all keys, or one for each in the same order.

"#]]);
}

#[test]
fn wrong_uses_of_verify() {
    let sandbox = Sandbox::new();
    sandbox.run(["image", "verify", "edgectl.local/greenhouse/filter"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: no key to verify with [trust/no-keys]
hint: Give `--key FILE`, or list the public keys under `trust: keys:` in edgectl.yaml.

"#]]);
    sandbox.run(["image", "verify", "filter", "--key", "release.pub"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: cannot read release.pub [file/failed]
  caused by: No such file or directory (os error 2)

"#]]);
}

#[test]
fn wrong_uses_of_push() {
    let bench = Bench::new();
    bench.sandbox.run(["image", "push", "filter"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: edgectl.local/greenhouse/filter:latest lies in the embedded store, which is no registry [usage/push-target]
hint: Name the place with `--to REPOSITORY[:TAG]`.

"#]]);
    bench.sandbox.run(["image", "push", "filter", "--to", "Registry/UPPER"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: `Registry/UPPER` is not an image reference: the repository takes lower-case letters, digits and single . _ - between them, in segments separated by / [image/bad-reference]
hint: Write REGISTRY/REPOSITORY, then :TAG or @sha256:DIGEST, such as registry.example.com/greenhouse/filter:v1.

"#]]);
}

#[test]
fn a_copy_to_another_repository_is_unsigned_unless_it_is_signed_anew() {
    let bench = Bench::new();
    bench.sandbox.run(["image", "sign", "--key", "keys/release.key", "filter"]).success();
    let push = ["image", "push", "filter", "--to", "edgectl.local/attic/filter:v2", "-o", "json"];
    let pushed = bench.sandbox.run(push);
    assert!(pushed.stderr.contains("the copy is unsigned"), "{}", pushed.stderr);
    assert_eq!((&pushed.json()["signed"], &pushed.json()["signaturesCarried"]), (&json!(false), &json!(0)));
    assert_eq!(bench.sandbox.run(["image", "verify", "--key", "keys/release.pub", "edgectl.local/attic/filter:v2"]).code, 10);

    let pushed = bench.sandbox.run([&push[..], &["--key", "keys/release.key"]].concat()).json();
    assert_eq!((&pushed["signed"], &pushed["signaturesAdded"], &pushed["tag"]), (&json!(true), &json!(3), &json!("v2")));
    bench.sandbox.run(["image", "verify", "--key", "keys/release.pub", "edgectl.local/attic/filter:v2"]).success();
}

#[test]
fn signers_at_the_same_time_lose_no_signature() {
    let bench = Bench::new();
    let names = ["one", "two", "three", "four"];
    for name in names {
        bench.sandbox.run(["key", "generate", "--out", name]).success();
    }
    let signers = names.map(|name| {
        let mut signer = bench.sandbox.command(["image", "sign", "--key", &format!("{name}.key"), "filter"]);
        signer.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    });
    for signer in signers {
        assert!(signer.expect("a signer").wait().expect("an end").success());
    }
    let keys = names.map(|name| ["--key".to_owned(), format!("{name}.pub")]).concat();
    let verify = ["image", "verify", "filter"].map(ToOwned::to_owned);
    bench.sandbox.run(verify.into_iter().chain(keys)).success();
}
