//! A remote registry (OCI distribution-spec v1.1), over oci-client: one client for all repositories of a host, monolithic uploads,
//! manifests pushed as the bytes they are. Plain HTTP only to loopback and to hosts named by the user; credentials only to the
//! registry itself and to a token service that is allowed to have them.

use std::net::Ipv4Addr;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http_auth::parser::ChallengeParser;
use oci_client::Reference as ClientReference;
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::errors::{OciDistributionError, OciErrorCode};
use oci_client::manifest::OciDescriptor;
use oci_client::secrets::RegistryAuth;
use tokio::sync::OnceCell;

use super::bounded::Bounded;
use super::embedded::manifest_type;
use super::open::StoreOptions;
use super::store::{Manifest, Store, StoreError};
use crate::base::Digest;
use crate::model::{Reference, Repository};
use crate::oci::media_type;

/// Most bytes of a manifest or index that are taken.
const MANIFEST_LIMIT: usize = 16 << 20;
/// Most bytes of a blob that are taken: whole layers are held in memory.
const BLOB_LIMIT: usize = 2 << 30;
/// Tags asked for in one request.
const TAGS_PAGE: usize = 500;

/// A registry on the network, or on a loopback port of this machine.
pub struct RemoteRegistry {
    host: String,
    client: Client,
    auth: RegistryAuth,
    plain: bool,
    realm_checked: OnceCell<()>,
}

type Answer<T> = Result<Option<T>, StoreError>;

impl RemoteRegistry {
    /// Returns a client of the registry at `host` (with port when it has one); nothing is sent yet.
    ///
    /// # Errors
    /// When only this machine may be asked and the host is not on it, or when no TLS client can be made.
    pub fn new(host: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        if options.offline && !is_loopback(host) {
            return Err(StoreError::Offline { registry: host.to_owned() });
        }
        let plain = is_loopback(host) || options.insecure.iter().any(|insecure| insecure == host);
        let config = ClientConfig {
            protocol: if plain { ClientProtocol::Http } else { ClientProtocol::Https },
            use_monolithic_push: true,
            read_timeout: Some(options.timeout),
            connect_timeout: Some(options.timeout),
            user_agent: concat!("edgectl/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let client = Client::try_from(config).map_err(|error| unavailable(host, "the connection", error))?;
        let auth = match options.credentials.get(host) {
            Some((user, password)) => RegistryAuth::Basic(user.to_owned(), String::from_utf8_lossy(password.expose()).into_owned()),
            None => RegistryAuth::Anonymous,
        };
        Ok(Self { host: host.to_owned(), client, auth, plain, realm_checked: OnceCell::new() })
    }

    /// Makes credentials known to the client, after the registry's token service was found fit to receive them.
    async fn prepare(&self) -> Result<(), StoreError> {
        self.realm_checked
            .get_or_try_init(|| async {
                if !matches!(self.auth, RegistryAuth::Anonymous) {
                    self.require_fit_realm().await?;
                }
                Ok::<(), StoreError>(())
            })
            .await?;
        self.client.store_auth_if_needed(self.endpoint(), &self.auth).await;
        Ok(())
    }

    /// Refuses a token service on another host than the registry's own, or without TLS where the registry has it: it would receive
    /// the user's password. Docker Hub's own token service is the one exception.
    async fn require_fit_realm(&self) -> Result<(), StoreError> {
        let scheme = if self.plain { "http" } else { "https" };
        let url = format!("{scheme}://{}/v2/", self.endpoint());
        let failed = |error: reqwest::Error| unavailable(&self.host, "its API", error);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().map_err(failed)?;
        let answer = client.get(&url).timeout(std::time::Duration::from_secs(30)).send().await.map_err(failed)?;
        let malformed = |reason: String| StoreError::Malformed { subject: self.host.clone(), reason };
        if answer.status().is_redirection() {
            return Err(malformed("it sends clients elsewhere before it asks for a password".to_owned()));
        }
        for challenge in answer.headers().get_all("www-authenticate") {
            let unreadable = || malformed("it asks for a password in a way that cannot be read".to_owned());
            let realms = challenge.to_str().ok().and_then(bearer_realms).ok_or_else(unreadable)?;
            if let Some(realm) = realms.iter().find(|realm| !self.may_receive_password(realm)) {
                return Err(malformed(format!("it wants the password sent to {realm}, which is another host or has no TLS")));
            }
        }
        Ok(())
    }

    fn may_receive_password(&self, realm: &str) -> bool {
        let Ok(url) = reqwest::Url::parse(realm) else { return false };
        let host = url.host_str().unwrap_or_default();
        let own = self.endpoint().rsplit_once(':').map_or(self.endpoint(), |(name, _)| name);
        let known = host == own || (self.host == "docker.io" && host == "auth.docker.io");
        known && (url.scheme() == "https" || self.plain)
    }

    /// Returns the host that answers for the registry; Docker Hub's has another name.
    fn endpoint(&self) -> &str {
        if self.host == "docker.io" { "index.docker.io" } else { &self.host }
    }

    fn at_digest(&self, repository: &Repository, digest: Digest) -> ClientReference {
        ClientReference::with_digest(self.endpoint().to_owned(), repository.path().to_owned(), digest.to_string())
    }

    fn at_tag(&self, repository: &Repository, tag: &str) -> ClientReference {
        ClientReference::with_tag(self.endpoint().to_owned(), repository.path().to_owned(), tag.to_owned())
    }

    async fn pull_manifest(&self, reference: &Reference) -> Answer<Manifest> {
        self.prepare().await?;
        let place = match (reference.digest, reference.tag.as_deref()) {
            (Some(digest), _) => self.at_digest(&reference.repository, digest),
            (None, tag) => self.at_tag(&reference.repository, tag.unwrap_or("latest")),
        };
        let subject = reference.to_string();
        let pulled = self.client.pull_manifest_raw(&place, &self.auth, &media_type::MANIFESTS).await;
        let Some((bytes, _claimed)) = self.answer(&subject, pulled)? else { return Ok(None) };
        if bytes.len() > MANIFEST_LIMIT {
            return Err(StoreError::Malformed { subject, reason: format!("it has more than {MANIFEST_LIMIT} bytes") });
        }
        let digest = Digest::of(&bytes);
        if reference.digest.is_some_and(|expected| expected != digest) {
            return Err(StoreError::Tampered { subject, actual: digest });
        }
        let media_type = manifest_type(&bytes)
            .ok_or_else(|| StoreError::Malformed { subject, reason: "it is neither an image manifest nor an index".to_owned() })?;
        Ok(Some(Manifest { digest, media_type, bytes }))
    }

    async fn pull_blob(&self, repository: &Repository, digest: Digest) -> Answer<Bytes> {
        self.prepare().await?;
        let place = self.at_digest(repository, digest);
        let subject = repository.at(digest).to_string();
        let descriptor = OciDescriptor { digest: digest.to_string(), ..OciDescriptor::default() };
        let mut taken = Bounded::new(BLOB_LIMIT);
        let pulled = self.client.pull_blob(&place, &descriptor, &mut taken).await;
        let Some(bytes) = taken.into_bytes() else {
            return Err(StoreError::Malformed { subject, reason: format!("it has more than {BLOB_LIMIT} bytes") });
        };
        if let Err(OciDistributionError::DigestError(_)) = pulled {
            return Err(StoreError::Tampered { subject, actual: Digest::of(&bytes) });
        }
        if self.answer(&subject, pulled)?.is_none() {
            return Ok(None);
        }
        let actual = Digest::of(&bytes);
        if actual == digest { Ok(Some(bytes.into())) } else { Err(StoreError::Tampered { subject, actual }) }
    }

    async fn blob_exists(&self, repository: &Repository, digest: Digest) -> Result<bool, StoreError> {
        self.prepare().await?;
        let found = self.client.blob_exists(&self.at_digest(repository, digest), &digest.to_string()).await;
        Ok(self.answer(&repository.at(digest).to_string(), found)?.unwrap_or(false))
    }

    async fn upload_blob(&self, repository: &Repository, bytes: Bytes) -> Result<Digest, StoreError> {
        let digest = Digest::of(&bytes);
        if self.blob_exists(repository, digest).await? {
            return Ok(digest);
        }
        let place = self.at_digest(repository, digest);
        let pushed = self.client.push_blob(&place, bytes, &digest.to_string()).await;
        self.accepted(&repository.at(digest).to_string(), pushed)?;
        Ok(digest)
    }

    async fn upload_manifest(
        &self,
        repository: &Repository,
        media_type: &str,
        bytes: Bytes,
        tag: Option<&str>,
    ) -> Result<Digest, StoreError> {
        self.prepare().await?;
        let digest = Digest::of(&bytes);
        let place = match tag {
            Some(tag) => self.at_tag(repository, tag),
            None => self.at_digest(repository, digest),
        };
        let subject = repository.at(digest).to_string();
        let content_type = media_type
            .parse()
            .map_err(|_| StoreError::Malformed { subject: subject.clone(), reason: format!("`{media_type}` is no media type") })?;
        let pushed = self.client.push_manifest_raw(&place, bytes, content_type).await;
        self.accepted(&subject, pushed)?;
        Ok(digest)
    }

    async fn list_tags(&self, repository: &Repository) -> Result<Vec<String>, StoreError> {
        self.prepare().await?;
        let place = self.at_tag(repository, "latest");
        let mut tags: Vec<String> = Vec::new();
        loop {
            let page = self.client.list_tags(&place, &self.auth, Some(TAGS_PAGE), tags.last().map(String::as_str)).await;
            let Some(page) = self.answer(&repository.to_string(), page)? else { break };
            let (count, before) = (page.tags.len(), tags.len());
            tags.extend(page.tags);
            // A registry that does not know paging sends the same tags again; another one ends with a short page.
            if count < TAGS_PAGE || tags[before..].iter().any(|tag| tags[..before].contains(tag)) {
                break;
            }
        }
        tags.sort();
        tags.dedup();
        Ok(tags)
    }

    /// Sorts an outcome into found, not there, and cannot be told.
    fn answer<T>(&self, subject: &str, outcome: Result<T, OciDistributionError>) -> Answer<T> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(self.failure(subject, error)),
        }
    }

    /// Sorts the outcome of a push, where "not there" is a refusal of the repository.
    fn accepted<T>(&self, subject: &str, outcome: Result<T, OciDistributionError>) -> Result<T, StoreError> {
        outcome.map_err(|error| self.failure(subject, error))
    }

    fn failure(&self, subject: &str, error: OciDistributionError) -> StoreError {
        let (registry, subject) = (self.host.clone(), subject.to_owned());
        match &error {
            error if is_denied(error) => StoreError::Unauthorized { registry, subject, source: described_source(error) },
            OciDistributionError::DigestError(_)
            | OciDistributionError::SpecViolationError(_)
            | OciDistributionError::JsonError(_)
            | OciDistributionError::RegistryNoLocationError
            | OciDistributionError::ManifestParsingError(_) => StoreError::Malformed { subject, reason: error.to_string() },
            OciDistributionError::RegistryError { envelope, .. }
                if !envelope_has(envelope, |code| *code == OciErrorCode::Toomanyrequests) =>
            {
                StoreError::Malformed { subject, reason: error.to_string() }
            }
            _ => unavailable(&self.host, &subject, error),
        }
    }
}

/// Tells a host of this machine: `localhost`, 127.x.y.z and `[::1]`, with or without port.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name == "[::1]" || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Returns every realm of every Bearer challenge in a header, read by the parser that the client itself reads it with; `None` when
/// any part of the header cannot be read.
fn bearer_realms(header: &str) -> Option<Vec<String>> {
    let challenges = ChallengeParser::new(header).collect::<Result<Vec<_>, _>>().ok()?;
    let bearers = challenges.into_iter().filter(|challenge| challenge.scheme.eq_ignore_ascii_case("Bearer"));
    let parameters = bearers.flat_map(|challenge| challenge.params);
    Some(parameters.filter(|(name, _)| name.eq_ignore_ascii_case("realm")).map(|(_, value)| value.to_unescaped()).collect())
}

fn unavailable(host: &str, subject: &str, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable { registry: host.to_owned(), subject: subject.to_owned(), source: Box::new(error) }
}

fn described_source(error: &OciDistributionError) -> Box<dyn std::error::Error + Send + Sync> {
    error.to_string().into()
}

fn envelope_has(envelope: &oci_client::errors::OciEnvelope, wanted: impl Fn(&OciErrorCode) -> bool) -> bool {
    envelope.errors.iter().any(|error| wanted(&error.code))
}

fn status_of(error: &OciDistributionError) -> Option<u16> {
    match error {
        OciDistributionError::ServerError { code, .. } => Some(*code),
        OciDistributionError::RequestError(error) => error.status().map(|status| status.as_u16()),
        _ => None,
    }
}

fn is_not_found(error: &OciDistributionError) -> bool {
    let codes = [OciErrorCode::ManifestUnknown, OciErrorCode::NameUnknown, OciErrorCode::BlobUnknown, OciErrorCode::NotFound];
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => true,
        OciDistributionError::RegistryError { envelope, .. } => envelope_has(envelope, |code| codes.contains(code)),
        error => status_of(error) == Some(404),
    }
}

fn is_denied(error: &OciDistributionError) -> bool {
    match error {
        OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => true,
        OciDistributionError::RegistryError { envelope, .. } => {
            envelope_has(envelope, |code| matches!(code, OciErrorCode::Denied | OciErrorCode::Unauthorized))
        }
        error => matches!(status_of(error), Some(401 | 403)),
    }
}

impl Store for RemoteRegistry {
    fn manifest<'a>(&'a self, reference: &'a Reference) -> BoxFuture<'a, Result<Option<Manifest>, StoreError>> {
        self.pull_manifest(reference).boxed()
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<Option<Bytes>, StoreError>> {
        self.pull_blob(repository, digest).boxed()
    }

    fn has_blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.blob_exists(repository, digest).boxed()
    }

    fn push_blob<'a>(&'a self, repository: &'a Repository, bytes: Bytes) -> BoxFuture<'a, Result<Digest, StoreError>> {
        self.upload_blob(repository, bytes).boxed()
    }

    fn push_manifest<'a>(
        &'a self,
        repository: &'a Repository,
        media_type: &'a str,
        bytes: Bytes,
        tag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Digest, StoreError>> {
        self.upload_manifest(repository, media_type, bytes, tag).boxed()
    }

    fn tags<'a>(&'a self, repository: &'a Repository) -> BoxFuture<'a, Result<Vec<String>, StoreError>> {
        self.list_tags(repository).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use crate::registry::Credentials;

    fn registry(host: &str) -> RemoteRegistry {
        RemoteRegistry::new(host, &StoreOptions::new("/nonexistent")).expect("a client")
    }

    #[test]
    fn plain_http_is_for_loopback_and_named_hosts() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.8.7", "[::1]:5000"] {
            assert!(registry(host).plain, "{host}");
        }
        for host in ["localhost.example.com", "registry.example.com:5000", "10.0.0.1", "127.example.com"] {
            assert!(!registry(host).plain, "{host}");
        }
        let options = StoreOptions { insecure: vec!["10.0.0.1:5000".to_owned()], ..StoreOptions::new("/nonexistent") };
        assert!(RemoteRegistry::new("10.0.0.1:5000", &options).expect("a client").plain);
    }

    #[test]
    fn offline_asks_this_machine_only() {
        let options = StoreOptions { offline: true, ..StoreOptions::new("/nonexistent") };
        assert!(RemoteRegistry::new("127.0.0.1:1", &options).is_ok());
        assert!(matches!(RemoteRegistry::new("registry.example.com", &options), Err(StoreError::Offline { .. })));
    }

    #[test]
    fn a_password_goes_to_the_registry_alone() {
        let (hub, registry) = (registry("docker.io"), registry("registry.example.com:5000"));
        assert!(registry.may_receive_password("https://registry.example.com/token"));
        for realm in ["http://registry.example.com/token", "https://evil.example.com/token", "nonsense"] {
            assert!(!registry.may_receive_password(realm), "{realm}");
        }
        assert!(hub.may_receive_password("https://auth.docker.io/token"));
    }

    #[test]
    fn every_bearer_challenge_is_read_as_the_client_reads_it() {
        let evil = "https://evil.example.com/token";
        for header in [
            r#"Bearer realm="https://evil.example.com/token",service="x""#,
            r#"Basic realm="x", Bearer realm="https://evil.example.com/token""#,
            r#"BEARER realm="https://evil.example.com/token""#,
            r#"Bearer Realm="https://evil.example.com/token""#,
            r#"Bearer service="x", realm = "https://evil.example.com/token""#,
            r#"Bearer realm="https:\/\/evil.example.com/token""#,
        ] {
            assert_eq!(bearer_realms(header), Some(vec![evil.to_owned()]), "{header}");
        }
        let two = r#"Bearer realm="https://one.example.com", realm="https://two.example.com", bearer realm="https://three.example.com""#;
        assert_eq!(bearer_realms(two).expect("readable").len(), 3);
        assert_eq!(bearer_realms("Basic realm=\"x\""), Some(Vec::new()));
        for header in ["", "Bearer realm=\"open", "Bearer =", "\u{e9}"] {
            assert_eq!(bearer_realms(header), None, "{header}");
        }
    }

    /// Answers one request with these header lines and returns the address.
    async fn answering(lines: &'static str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.expect("a request");
            assert!(!String::from_utf8_lossy(&request[..read]).to_lowercase().contains("authorization"));
            let answer = format!("HTTP/1.1 {lines}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("answered");
        });
        address
    }

    #[tokio::test]
    async fn a_registry_cannot_have_the_password_sent_elsewhere() {
        for lines in [
            "401 No\r\nWWW-Authenticate: Basic realm=\"x\", Bearer realm=\"https://evil.example.com/token\"",
            "401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: BEARER realm=\"https://evil.example.com/token\"",
            "401 No\r\nWWW-Authenticate: Bearer Realm=\"https://evil.example.com/token\"",
            "401 No\r\nWWW-Authenticate: Bearer realm=\"open",
            "307 Elsewhere\r\nLocation: https://evil.example.com/v2/",
        ] {
            let host = answering(lines).await;
            let options = StoreOptions {
                credentials: Credentials::default().with(&host, "user", Secret::new("pass")),
                ..StoreOptions::new("/nonexistent")
            };
            let reference: Reference = format!("{host}/a:b").parse().expect("reference");
            let refused = RemoteRegistry::new(&host, &options).expect("a client").manifest(&reference).await;
            assert!(matches!(refused, Err(StoreError::Malformed { .. })), "{lines}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn a_registry_that_does_not_answer_is_unavailable() {
        let options = StoreOptions {
            credentials: Credentials::default().with("127.0.0.1:9", "user", Secret::new("pass")),
            ..StoreOptions::new("/nonexistent")
        };
        let reference: Reference = "127.0.0.1:9/a:b".parse().expect("reference");
        for options in [options, StoreOptions::new("/nonexistent")] {
            let registry = RemoteRegistry::new("127.0.0.1:9", &options).expect("a client");
            assert!(matches!(registry.manifest(&reference).await, Err(StoreError::Unavailable { .. })));
        }
    }
}
