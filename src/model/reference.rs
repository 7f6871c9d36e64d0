//! Image references, `registry/repository[:tag][@digest]` (OCI distribution-spec v1.1, Pulling manifests; the grammar of
//! distribution's `reference` package).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::{Diagnose, Digest, Exit};

/// A repository: registry host with optional port, and path. It is the identity that an image signature claims.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: String,
    path: String,
}

/// A reference to an image: by tag, by digest, or by both (then the digest decides).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Where the image lies.
    pub repository: Repository,
    /// The tag, only ever a label on the way in.
    pub tag: Option<String>,
    /// The digest of the index or manifest.
    pub digest: Option<Digest>,
}

/// Text that is no image reference.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not an image reference: {reason}")]
pub struct ReferenceError {
    /// The text as it came.
    pub text: String,
    /// Which part is wrong, and how.
    pub reason: &'static str,
}

impl Diagnose for ReferenceError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "image/bad-reference"
    }

    fn hints(&self) -> Vec<String> {
        vec!["Write REGISTRY/REPOSITORY, then :TAG or @sha256:DIGEST, such as registry.example.com/greenhouse/filter:v1.".to_owned()]
    }
}

impl Repository {
    /// Host of the embedded store: images whose repository starts with it lie in the solution's own folder.
    pub const EMBEDDED: &'static str = "edgectl.local";

    /// Returns the registry's host, with its port when one was given.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Returns the path inside the registry, such as `greenhouse/filter`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Tells whether the embedded store holds this repository.
    pub fn is_embedded(&self) -> bool {
        self.registry == Self::EMBEDDED
    }

    /// Returns a reference to `digest` in this repository.
    pub fn at(&self, digest: Digest) -> Reference {
        Reference { repository: self.clone(), tag: None, digest: Some(digest) }
    }

    /// Returns a reference to `tag` in this repository.
    pub fn tagged(&self, tag: impl Into<String>) -> Reference {
        Reference { repository: self.clone(), tag: Some(tag.into()), digest: None }
    }

    /// Returns the repository one level down, such as `host/solution` and `filter` give `host/solution/filter`.
    pub fn join(&self, segment: &str) -> Result<Self, ReferenceError> {
        format!("{self}/{segment}").parse()
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let refuse = |reason| ReferenceError { text: text.to_owned(), reason };
        let (registry, path) = match text.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path.to_owned()),
            Some(_) => ("docker.io", text.to_owned()),
            None => ("docker.io", format!("library/{text}")),
        };
        if !is_host(registry) {
            return Err(refuse("the registry is no host name with optional port"));
        }
        if path.len() > 255 || !path.split('/').all(is_path_segment) {
            return Err(refuse(
                "the repository takes lower-case letters, digits and single . _ - between them, in segments separated by /",
            ));
        }
        Ok(Self { registry: registry.to_owned(), path })
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let refuse = |reason| ReferenceError { text: text.to_owned(), reason };
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse().map_err(|_| refuse("after @ comes sha256: and 64 lower-case hex digits"))?)),
            None => (text, None),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (name, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(refuse("a tag takes up to 128 letters, digits, _ . and -, not starting with . or -"));
        }
        let repository = repository.parse().map_err(|error: ReferenceError| refuse(error.reason))?;
        Ok(Self { repository, tag: tag.map(ToOwned::to_owned), digest })
    }
}

fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let named =
        !host.is_empty() && host.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    named && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_path_segment(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = bytes.first().is_some_and(alphanumeric) && bytes.last().is_some_and(alphanumeric);
    let separators_are_single =
        bytes.split(alphanumeric).all(|run| matches!(run, b"" | b"." | b"_" | b"__") || run.iter().all(|b| *b == b'-'));
    ends && separators_are_single && bytes.iter().all(|b| alphanumeric(b) || matches!(b, b'.' | b'_' | b'-'))
}

fn is_tag(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    first && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

serde_as_text!(Repository);
serde_as_text!(Reference);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_names_mean_docker_hub() {
        for (text, full) in [
            ("redis", "docker.io/library/redis"),
            ("a/b:1", "docker.io/a/b:1"),
            ("localhost/x", "localhost/x"),
            ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b"),
        ] {
            assert_eq!(text.parse::<Reference>().expect(text).to_string(), full);
        }
    }

    #[test]
    fn a_port_is_no_tag() {
        let reference: Reference = "127.0.0.1:5000/a".parse().expect("reference");
        assert_eq!((reference.tag, reference.repository.registry()), (None, "127.0.0.1:5000"));
    }

    #[test]
    fn refuses_bad_parts() {
        let digest = Digest::of(b"");
        for text in [
            "",
            "A/b",
            "a//b",
            "a/b:",
            "a/b:-x",
            "a/b@sha256:00",
            "reg.io/-a",
            "reg.io/a..b",
            "reg.io/a___b",
            "reg.io:99999/a",
            &format!("reg.io/a@{digest}x"),
            "../etc/passwd",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn prints_what_it_read(host in "[a-z]{1,8}\\.[a-z]{2,3}(:[1-9][0-9]{0,3})?", path in "[a-z0-9]{1,6}(-[a-z0-9]{1,4})?(/[a-z0-9]{1,6})?", tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}"), body in proptest::option::of(any::<[u8; 4]>())) {
            let digest = body.map(|body| Digest::of(&body));
            let reference = Reference { repository: format!("{host}/{path}").parse().expect("repository"), tag, digest };
            prop_assert_eq!(reference.to_string().parse::<Reference>().expect("again"), reference);
        }

        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(reference.to_string().parse::<Reference>().expect("again"), reference);
            }
        }
    }
}
