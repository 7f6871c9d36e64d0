//! Tests of signing and verifying, over a store in memory.

use bytes::Bytes;
use serde_json::{Value, json};

use super::memory::Memory;
use super::subjects::OCI_MANIFEST;
use super::*;
use crate::base::{Diagnose as _, Digest, Exit};
use crate::model::{Reference, Repository};
use crate::registry::Store as _;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const QUICK: Retry = Retry { attempts: 3, pause: std::time::Duration::ZERO };

fn repository() -> Repository {
    "reg.example.com/greenhouse/filter".parse().expect("a repository")
}

/// Stores a platform manifest that differs by `content`.
async fn manifest(store: &Memory, repository: &Repository, content: &str) -> Digest {
    let config = store.push_blob(repository, Bytes::from(content.to_owned())).await.expect("a blob");
    let manifest = json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": { "digest": config }, "layers": [] });
    store.push_manifest(repository, OCI_MANIFEST, Bytes::from(manifest.to_string()), None).await.expect("a manifest")
}

/// Stores an index over two platforms, tagged `v1`, and returns index and platforms.
async fn index(store: &Memory, repository: &Repository) -> (Digest, [Digest; 2]) {
    let platforms = [manifest(store, repository, "amd64").await, manifest(store, repository, "arm64").await];
    let child = |digest: Digest, architecture: &str| json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": 1, "platform": { "os": "linux", "architecture": architecture } });
    let manifests = [child(platforms[0], "amd64"), child(platforms[1], "arm64")];
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
    let digest = store.push_manifest(repository, INDEX, Bytes::from(index.to_string()), Some("v1")).await.expect("an index");
    (digest, platforms)
}

fn codes(verification: &Verification) -> Vec<Option<&'static str>> {
    verification.images.iter().flat_map(|image| &image.keys).map(|key| key.reason.as_ref().map(Reason::code)).collect()
}

async fn sign_with(store: &Memory, reference: &Reference, keys: &[PrivateKey]) -> Signing {
    sign(store, reference, keys, QUICK).await.expect("signed")
}

async fn verify_with(store: &Memory, reference: &Reference, keys: &[&PrivateKey]) -> Verification {
    let keys: Vec<_> = keys.iter().map(|key| key.public().clone()).collect();
    verify(store, reference, &keys).await.expect("an answer")
}

#[tokio::test]
async fn index_and_platforms_are_signed_and_verified() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let (index, platforms) = index(&store, &repository()).await;
    let signing = sign_with(&store, &repository().tagged("v1"), &key).await;
    assert_eq!(signing.reference, repository().at(index));
    let digests: Vec<_> = signing.images.iter().map(|image| (image.digest, image.platform.clone())).collect();
    assert_eq!(digests, [(index, None), (platforms[0], Some("linux/amd64".into())), (platforms[1], Some("linux/arm64".into()))]);

    let verification = verify_with(&store, &repository().at(index), &[&key[0]]).await;
    assert_eq!(verification.outcome, Outcome::Verified);
    assert_eq!(verification.images.len(), 3);
    verification.require().expect("trusted");
}

#[tokio::test]
async fn an_unsigned_image_is_refused_and_an_unreachable_store_is_not() {
    let (store, key) = (Memory::default(), PrivateKey::ephemeral("release"));
    let image = repository().at(manifest(&store, &repository(), "a").await);
    let refused = verify_with(&store, &image, &[&key]).await;
    assert_eq!((codes(&refused), refused.exit()), (vec![Some("unsigned")], Exit::Refused));

    for (unauthorized, exit) in [(true, Exit::Unauthorized), (false, Exit::Unavailable)] {
        store.fail(".sig", unauthorized);
        let undecided = verify_with(&store, &image, &[&key]).await;
        assert_eq!((undecided.outcome, undecided.exit()), (Outcome::Undecided, exit));
        let error = undecided.require().expect_err("not trusted");
        assert_eq!((error.kind(), error.code()), (exit, "trust/undecided"));
        assert!(error.to_string().contains("could not read the signatures of sha256:"), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_outranks_what_cannot_be_told() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let (index, platforms) = index(&store, &repository()).await;
    sign_with(&store, &repository().at(platforms[0]), &key).await;
    store.fail(&platforms[0].hex(), false);
    let verification = verify_with(&store, &repository().at(index), &[&key[0]]).await;
    assert_eq!(codes(&verification), [Some("unsigned"), Some("unreadable"), Some("unsigned")]);
    assert_eq!(verification.outcome, Outcome::Refused);
    assert!(verification.summary().starts_with("no signature for"), "{}", verification.summary());
}

#[tokio::test]
async fn a_signed_index_over_unsigned_platforms_is_refused_by_name() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let (index, platforms) = index(&store, &repository()).await;
    sign_with(&store, &repository().at(index), &key).await;
    store.point(&repository(), signatures::tag(platforms[1]), Digest::of(b"nothing"));
    let verification = verify_with(&store, &repository().at(index), &[&key[0]]).await;
    assert_eq!(codes(&verification), [None, None, Some("platform-unsigned")]);
    let reason = format!("the index is signed but linux/arm64 ({}) is not", platforms[1]);
    assert_eq!(verification.summary(), reason);
}

#[tokio::test]
async fn every_key_must_have_signed() {
    let store = Memory::default();
    let [team, release, stranger] = ["team", "release", "stranger"].map(PrivateKey::ephemeral);
    let image = repository().at(manifest(&store, &repository(), "a").await);
    let team = [team];
    sign_with(&store, &image, &team).await;
    let verification = verify_with(&store, &image, &[&team[0], &release]).await;
    assert_eq!(codes(&verification), [None, Some("wrong-key")]);
    assert_eq!(verification.summary(), format!("1 signature on {}, not by release", image.digest.expect("a digest")));

    sign_with(&store, &image, std::slice::from_ref(&release)).await;
    let verification = verify_with(&store, &image, &[&team[0], &release]).await;
    assert_eq!(verification.outcome, Outcome::Verified);
    assert!(verification.images[0].ignored.is_empty());

    let verification = verify_with(&store, &image, &[&release]).await;
    assert_eq!(verification.images[0].ignored.len(), 1, "the team's signature is reported, not counted");
    let verification = verify_with(&store, &image, &[&stranger]).await;
    assert_eq!(verification.outcome, Outcome::Refused);
    assert!(verification.summary().starts_with("2 signatures on"), "{}", verification.summary());
}

#[tokio::test]
async fn no_key_is_no_permission() {
    let store = Memory::default();
    let image = repository().at(manifest(&store, &repository(), "a").await);
    assert_eq!(verify(&store, &image, &[]).await.expect_err("no key").code(), "trust/no-keys");
    assert_eq!(sign(&store, &image, &[], QUICK).await.expect_err("no key").code(), "trust/no-keys");
}

#[tokio::test]
async fn a_missing_image_is_said_to_be_missing() {
    let (store, key) = (Memory::default(), PrivateKey::ephemeral("release"));
    let error = verify(&store, &repository().tagged("v9"), &[key.public().clone()]).await.expect_err("missing");
    assert_eq!((error.code(), error.kind()), ("image/not-found", Exit::BadInput));
}

#[tokio::test]
async fn a_signature_moved_to_another_image_is_refused() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let old = manifest(&store, &repository(), "old").await;
    let new = manifest(&store, &repository(), "new").await;
    sign_with(&store, &repository().at(old), &key).await;
    let stored = store.manifest(&signatures::reference(&repository(), old)).await.expect("read").expect("signed");
    store.point(&repository(), signatures::tag(new), stored.digest);
    let verification = verify_with(&store, &repository().at(new), &[&key[0]]).await;
    assert_eq!(codes(&verification), [Some("wrong-digest")]);
    assert!(verification.summary().ends_with(&old.to_string()), "{}", verification.summary());
}

#[tokio::test]
async fn a_signature_moved_to_another_repository_is_refused() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let elsewhere: Repository = "reg.example.com/attic/filter".parse().expect("a repository");
    let image = manifest(&store, &repository(), "a").await;
    assert_eq!(manifest(&store, &elsewhere, "a").await, image);
    sign_with(&store, &repository().at(image), &key).await;
    let tag = signatures::tag(image);
    let stored = store.manifest(&repository().tagged(&tag)).await.expect("read").expect("signed");
    let layers: Value = serde_json::from_slice(&stored.bytes).expect("json");
    let payload = layers["layers"][0]["digest"].as_str().expect("a digest").parse().expect("a digest");
    let payload = store.blob(&repository(), payload).await.expect("read").expect("a payload");
    store.push_blob(&elsewhere, payload).await.expect("a blob");
    store.push_manifest(&elsewhere, OCI_MANIFEST, stored.bytes, Some(&tag)).await.expect("a manifest");
    let verification = verify_with(&store, &elsewhere.at(image), &[&key[0]]).await;
    assert_eq!(verification.summary(), "the signature is valid, but names reg.example.com/greenhouse/filter");
}

#[tokio::test]
async fn tampering_is_refused() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let (index, platforms) = index(&store, &repository()).await;
    sign_with(&store, &repository().at(index), &key).await;
    store.corrupt(&repository(), platforms[0]);
    let verification = verify_with(&store, &repository().at(index), &[&key[0]]).await;
    assert_eq!(codes(&verification), [None, Some("tampered"), None]);

    store.corrupt(&repository(), index);
    let error = verify(&store, &repository().at(index), &[key[0].public().clone()]).await.expect_err("tampered");
    assert_eq!((error.kind(), error.code()), (Exit::Refused, "registry/tampered"));
}

#[tokio::test]
async fn a_changed_or_missing_payload_is_refused() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let digest = manifest(&store, &repository(), "a").await;
    sign_with(&store, &repository().at(digest), &key).await;
    let payload = Digest::of(&payload::write(&repository(), digest));
    store.corrupt(&repository(), payload);
    let verification = verify_with(&store, &repository().at(digest), &[&key[0]]).await;
    assert_eq!(codes(&verification), [Some("tampered")]);
    assert_eq!(verification.images[0].ignored.len(), 1);
}

#[tokio::test]
async fn a_signature_manifest_that_is_none_is_refused_and_never_replaced() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let image = repository().at(manifest(&store, &repository(), "a").await);
    let tag = signatures::tag(image.digest.expect("a digest"));
    store.push_manifest(&repository(), OCI_MANIFEST, Bytes::from_static(b"[1]"), Some(&tag)).await.expect("a manifest");
    let verification = verify_with(&store, &image, &[&key[0]]).await;
    assert_eq!(codes(&verification), [Some("malformed")]);
    assert_eq!(sign(&store, &image, &key, QUICK).await.expect_err("not ours").code(), "registry/malformed");
}

#[tokio::test]
async fn signatures_of_others_survive_with_all_their_members() {
    let (store, ours) = (Memory::default(), [PrivateKey::ephemeral("ours")]);
    let image = manifest(&store, &repository(), "a").await;
    let tag = signatures::tag(image);
    let foreign = json!({
        "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", "size": 3, "digest": Digest::of(b"abc"),
        "annotations": { "dev.cosignproject.cosign/signature": "AAAA", "dev.sigstore.cosign/certificate": "PEM" },
    });
    let theirs = json!({ "schemaVersion": 2, "config": {}, "layers": [foreign], "annotations": { "team": "vision" } });
    store.push_manifest(&repository(), OCI_MANIFEST, Bytes::from(theirs.to_string()), Some(&tag)).await.expect("a manifest");
    let signing = sign_with(&store, &repository().at(image), &ours).await;
    assert_eq!(signing.images[0].signatures, 2);
    let stored = store.manifest(&repository().tagged(&tag)).await.expect("read").expect("signed");
    let stored: Value = serde_json::from_slice(&stored.bytes).expect("json");
    assert_eq!((&stored["layers"][0], &stored["annotations"]["team"]), (&foreign, &json!("vision")));
    let config: Digest = stored["config"]["digest"].as_str().expect("a digest").parse().expect("a digest");
    let config = store.blob(&repository(), config).await.expect("read").expect("a config");
    let config: Value = serde_json::from_slice(&config).expect("json");
    assert_eq!(config["rootfs"]["diff_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(config["history"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn signing_again_adds_nothing() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let image = repository().at(manifest(&store, &repository(), "a").await);
    assert_eq!(sign_with(&store, &image, &key).await.images[0].added, ["release"]);
    let again = sign_with(&store, &image, &key).await;
    assert_eq!((again.images[0].added.len(), again.images[0].signatures, store.signature_writes()), (0, 1, 1));
}

#[tokio::test]
async fn several_keys_sign_in_one_write() {
    let store = Memory::default();
    let keys = ["team", "release"].map(PrivateKey::ephemeral);
    let image = repository().at(manifest(&store, &repository(), "a").await);
    let signing = sign_with(&store, &image, &keys).await;
    assert_eq!((signing.images[0].signatures, store.signature_writes()), (2, 1));
    assert_eq!(verify_with(&store, &image, &[&keys[0], &keys[1]]).await.outcome, Outcome::Verified);
}

#[tokio::test]
async fn a_write_that_another_signer_undid_is_repeated_and_given_up_in_the_end() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let image = repository().at(manifest(&store, &repository(), "a").await);
    store.lose(2);
    assert_eq!(sign_with(&store, &image, &key).await.images[0].signatures, 1);
    assert_eq!(store.signature_writes(), 3);

    let other = repository().at(manifest(&store, &repository(), "b").await);
    store.lose(u32::MAX);
    let error = sign(&store, &other, &key, QUICK).await.expect_err("always undone");
    assert_eq!((error.kind(), error.code()), (Exit::Conflict, "trust/lost-race"));
    assert!(error.to_string().ends_with("after 3 tries"), "{error}");
}

#[tokio::test]
async fn an_answer_that_hides_the_index_does_not_hide_its_platforms() {
    let (store, key) = (Memory::default(), [PrivateKey::ephemeral("release")]);
    let (digest, _) = index(&store, &repository()).await;
    let found = store.manifest(&repository().at(digest)).await.expect("read").expect("an index");
    store.push_manifest(&repository(), OCI_MANIFEST, found.bytes, None).await.expect("the same bytes under another type");
    assert_eq!(verify_with(&store, &repository().at(digest), &[&key[0]]).await.images.len(), 3);
}

#[tokio::test]
async fn the_report_has_the_documented_shape() {
    let (store, key) = (Memory::default(), PrivateKey::ephemeral("release"));
    let image = repository().at(manifest(&store, &repository(), "a").await);
    let report = serde_json::to_value(verify_with(&store, &image, &[&key]).await).expect("json");
    let digest = image.digest.expect("a digest").to_string();
    let expected = json!({
        "reference": image.to_string(),
        "outcome": "refused",
        "images": [{
            "digest": digest, "platform": null, "outcome": "refused", "ignored": [],
            "keys": [{
                "key": "release", "fingerprint": key.public().fingerprint(), "outcome": "refused",
                "reason": { "code": "unsigned", "message": format!("no signature for {digest} in {}", repository()) },
            }],
        }],
    });
    assert_eq!(report, expected);
}

#[tokio::test]
async fn signatures_go_along_to_the_repository_they_name_and_nowhere_else() {
    let (here, there) = (Memory::default(), Memory::default());
    let key = [PrivateKey::ephemeral("release")];
    let (digest, _) = index(&here, &repository()).await;
    let image = repository().at(digest);
    sign_with(&here, &image, &key).await;

    index(&there, &repository()).await;
    let carried = carry(&here, &image, &there, &repository()).await.expect("carried");
    assert_eq!(carried, Carried { signatures: 3, left_behind: 0, complete: true });
    assert_eq!(verify_with(&there, &image, &[&key[0]]).await.outcome, Outcome::Verified);
    let again = carry(&here, &image, &there, &repository()).await.expect("carried");
    assert_eq!((again, there.signature_writes()), (carried, 3));

    let elsewhere: Repository = "reg.example.com/attic/filter".parse().expect("a repository");
    index(&there, &elsewhere).await;
    let carried = carry(&here, &image, &there, &elsewhere).await.expect("an answer");
    assert_eq!(carried, Carried { signatures: 0, left_behind: 3, complete: false });
    assert_eq!(codes(&verify_with(&there, &elsewhere.at(digest), &[&key[0]]).await), [Some("unsigned"); 3]);
}
