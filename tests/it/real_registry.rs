//! What we sign, shown to others: Debian's docker-registry on loopback, with skopeo, podman and cosign as judges.
//!
//! Runs with `EDGECTL_TEST_REAL=1` and `EDGECTL_VERIFIERS=DIR`, a folder that `tests/real/get-verifiers.sh DIR` filled.

use bytes::Bytes;
use edgectl::base::Digest;
use edgectl::model::{Reference, Repository};
use edgectl::registry::{EmbeddedStore, Store};
use serde_json::json;

use crate::hello;
use crate::images;
use crate::lab::Lab;

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

#[test]
fn a_built_module_is_pushed_and_accepted_by_others() {
    let Some(lab) = Lab::start("a_built_module_is_pushed_and_accepted_by_others") else { return };
    if !hello::builds_here() {
        return;
    }
    hello::solution(&lab.sandbox, "", hello::MAIN);
    let solution = format!("version: 1\nsolution: demo\nregistry: {}/demo\nmodules:\n  hello: modules/hello\n", lab.address);
    lab.sandbox.file("edgectl.yaml", &solution);
    let built = lab.edgectl(&["image", "build", "--profile", "dev", "-o", "json"]).json();
    let name = built["images"][0]["reference"].as_str().expect("a reference").to_owned();
    let image: Reference = name.parse().expect("a reference");
    assert_eq!(image.repository, lab.repository("demo/hello"));

    lab.edgectl(&["image", "sign", "--key", "release.key", "hello"]).success();
    let pushed = lab.edgectl(&["image", "push", "hello", "-o", "json"]).json();
    assert_eq!((&pushed["signed"], &pushed["reference"]), (&json!(true), &json!(name)));

    lab.verify("release", &image).success();
    lab.skopeo("release", &image, &["--all"]).accepted();
    lab.cosign("release", &image).accepted();
    lab.skopeo("stranger", &image, &["--all"]).refused("cryptographic signature verification failed");
    lab.cosign("stranger", &image).refused("invalid signature");
    assert_eq!(lab.verify("stranger", &image).code, 10);
}
