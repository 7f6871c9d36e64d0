//! What a signature says: the simple-signing document (containers/image `docs/containers-signature.5.md`, JSON data format; cosign
//! `specs/SIGNATURE_SPEC.md`). Readers refuse members that they do not know, so ours holds exactly what they do.

use serde::{Deserialize, Serialize};

use super::verify::Reason;
use crate::base::Digest;
use crate::model::{Reference, Repository};

/// The only kind of document that vouches for an image.
const KIND: &str = "cosign container image signature";

#[derive(Serialize, Deserialize)]
struct Payload {
    critical: Critical,
    optional: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference")]
    docker_reference: String,
}

#[derive(Serialize, Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    docker_manifest_digest: String,
}

/// Returns the bytes to sign for the image with this digest in this repository. The repository stands bare, without tag, so that the
/// signature stays good when a tag moves.
pub(super) fn write(repository: &Repository, digest: Digest) -> Vec<u8> {
    let payload = Payload {
        critical: Critical {
            identity: Identity { docker_reference: repository.to_string() },
            image: Image { docker_manifest_digest: digest.to_string() },
            kind: KIND.to_owned(),
        },
        optional: None,
    };
    serde_json::to_vec(&payload).expect("strings serialise")
}

/// Checks that a payload, whose signature is known to be good, speaks of this image in this repository.
pub(super) fn check(bytes: &[u8], repository: &Repository, digest: Digest) -> Result<(), Reason> {
    let payload: Payload = serde_json::from_slice(bytes).map_err(|error| Reason::Malformed { what: error.to_string() })?;
    let Critical { identity, image, kind } = payload.critical;
    if kind != KIND {
        return Err(Reason::WrongType { named: kind });
    }
    if image.docker_manifest_digest != digest.to_string() {
        return Err(Reason::WrongDigest { named: image.docker_manifest_digest });
    }
    if named_repository(&identity.docker_reference).as_ref() != Some(repository) {
        return Err(Reason::WrongRepository { named: identity.docker_reference });
    }
    Ok(())
}

/// Returns the repository that an identity names, whatever tag or digest follows. cosign spells Docker Hub by its old host name.
fn named_repository(identity: &str) -> Option<Repository> {
    let hub = identity.strip_prefix("index.docker.io/").map(|rest| format!("docker.io/{rest}"));
    hub.as_deref().unwrap_or(identity).parse::<Reference>().ok().map(|reference| reference.repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        Digest::of(b"image")
    }

    fn repository(text: &str) -> Repository {
        text.parse().expect("a repository")
    }

    #[test]
    fn the_bytes_are_those_that_other_verifiers_expect() {
        let text = String::from_utf8(write(&repository("reg.example.com:5000/a/b"), digest())).expect("text");
        let expected = format!(
            r#"{{"critical":{{"identity":{{"docker-reference":"reg.example.com:5000/a/b"}},"image":{{"docker-manifest-digest":"{}"}},"type":"cosign container image signature"}},"optional":null}}"#,
            digest()
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn identities_with_tag_or_digest_name_the_same_repository() {
        let repository = repository("docker.io/library/redis");
        for identity in [
            "docker.io/library/redis",
            "redis",
            "redis:7",
            "index.docker.io/library/redis",
            &format!("docker.io/library/redis@{}", digest()),
        ] {
            let text = String::from_utf8(write(&repository, digest())).expect("text").replace("docker.io/library/redis", identity);
            check(text.as_bytes(), &repository, digest()).expect(identity);
        }
    }

    #[test]
    fn each_claim_is_compared() {
        let repository = repository("reg.example.com/a");
        let good = String::from_utf8(write(&repository, digest())).expect("text");
        check(good.as_bytes(), &repository, digest()).expect("good");
        for (from, to, code) in [
            (KIND.to_owned(), "atomic container signature".to_owned(), "wrong-type"),
            (digest().to_string(), Digest::of(b"other").to_string(), "wrong-digest"),
            ("reg.example.com/a".to_owned(), "reg.example.com/b".to_owned(), "wrong-repository"),
            ("reg.example.com/a".to_owned(), "../../etc".to_owned(), "wrong-repository"),
            ("critical".to_owned(), "harmless".to_owned(), "malformed"),
        ] {
            let reason = check(good.replace(&from, &to).as_bytes(), &repository, digest()).expect_err(code);
            assert_eq!(reason.code(), code);
        }
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        let repository = repository("reg.example.com/a");
        let good = String::from_utf8(write(&repository, digest())).expect("text");
        let twice = good.replacen("{\"docker-reference\":", "{\"docker-reference\":\"reg.example.com/a\",\"docker-reference\":", 1);
        assert_eq!(check(twice.as_bytes(), &repository, digest()).expect_err("twice").code(), "malformed");
    }
}
