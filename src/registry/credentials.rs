//! Credentials for registries, from the file that Docker and podman write (`auths` of `config.json`). Credential helpers are not
//! run; an entry without a password is no credential.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::store::StoreError;
use crate::base::{Secret, fs};

/// User names and passwords by registry host.
#[derive(Clone, Debug, Default)]
pub struct Credentials(BTreeMap<String, (String, Secret)>);

#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, DockerAuth>,
}

#[derive(Deserialize)]
struct DockerAuth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

impl Credentials {
    /// Reads `config.json`; a file that is not there holds no credentials.
    pub fn from_docker_config(file: &Path) -> Result<Self, StoreError> {
        let Some(bytes) = fs::read_if_any(file)? else { return Ok(Self::default()) };
        let malformed = |reason: String| StoreError::Malformed { subject: file.display().to_string(), reason };
        let config: DockerConfig = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        let mut found = BTreeMap::new();
        for (host, auth) in config.auths {
            let pair = pair_of(auth).map_err(|()| malformed(format!("`auth` of {host} is not base64 of USER:PASSWORD")))?;
            if let Some(pair) = pair {
                found.insert(host_of(&host), pair);
            }
        }
        Ok(Self(found))
    }

    /// Adds a credential for a host.
    #[must_use]
    pub fn with(mut self, host: &str, user: &str, password: Secret) -> Self {
        self.0.insert(host.to_owned(), (user.to_owned(), password));
        self
    }

    /// Returns user and password for a registry host, with its port.
    pub fn get(&self, host: &str) -> Option<(&str, &Secret)> {
        self.0.get(host).map(|(user, password)| (user.as_str(), password))
    }
}

fn pair_of(auth: DockerAuth) -> Result<Option<(String, Secret)>, ()> {
    if let Some(text) = auth.auth.filter(|text| !text.is_empty()) {
        let decoded = STANDARD.decode(text.trim()).map_err(|_| ())?;
        let text = String::from_utf8(decoded).map_err(|_| ())?;
        let (user, password) = text.split_once(':').ok_or(())?;
        return Ok(Some((user.to_owned(), Secret::new(password))));
    }
    Ok(auth.username.zip(auth.password).map(|(user, password)| (user, Secret::new(password))))
}

/// Cuts scheme and path off a key of `auths`; Docker Hub has a key of its own.
fn host_of(key: &str) -> String {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    if matches!(host, "index.docker.io" | "registry-1.docker.io") { "docker.io".to_owned() } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Credentials, StoreError> {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("config.json");
        fs::write(&file, text.as_bytes()).expect("file");
        Credentials::from_docker_config(&file)
    }

    #[test]
    fn reads_what_docker_login_writes() {
        let encoded = STANDARD.encode("anna:s3:cret");
        let text = format!(
            r#"{{"auths":{{"https://index.docker.io/v1/":{{"auth":"{encoded}"}},"127.0.0.1:5000":{{"auth":"{encoded}"}},"helper.example":{{}}}},"credsStore":"x"}}"#
        );
        let credentials = read(&text).expect("reads");
        for host in ["docker.io", "127.0.0.1:5000"] {
            let (user, password) = credentials.get(host).expect(host);
            assert_eq!((user, password.expose()), ("anna", &b"s3:cret"[..]));
        }
        assert!(credentials.get("helper.example").is_none());
        assert!(!format!("{credentials:?}").contains("s3"));
    }

    #[test]
    fn refuses_what_is_no_pair() {
        assert!(read(r#"{"auths":{"a.example":{"auth":"%%"}}}"#).is_err());
        assert!(read("no json").is_err());
        assert!(Credentials::from_docker_config(Path::new("/nonexistent")).expect("none").get("a").is_none());
    }
}
