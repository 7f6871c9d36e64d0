//! Reaching an engine: the endpoint that was given, else the usual sockets in order. The API version is always negotiated, since an
//! older engine refuses the version that the client was made for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};

use super::error::EngineError;
use crate::model::Platform;

/// How long one request may take; loading a large image is one request.
const TIMEOUT_SECS: u64 = 600;
/// How long an engine may take to say who it is.
const GREETING: Duration = Duration::from_secs(20);

/// A connected engine.
#[derive(Debug)]
pub struct Engine {
    pub(super) docker: Docker,
    /// The endpoint in use.
    pub endpoint: String,
    /// The platform that it runs by itself.
    pub platform: Platform,
    /// Its version, for people.
    pub version: String,
}

/// Returns the sockets to look for when no endpoint is given: Docker's, then podman's and rootless Docker's in `runtime_dir`, then
/// podman's of the system.
pub fn candidates(runtime_dir: &Path) -> Vec<PathBuf> {
    vec![
        PathBuf::from("/var/run/docker.sock"),
        runtime_dir.join("docker.sock"),
        runtime_dir.join("podman/podman.sock"),
        PathBuf::from("/run/podman/podman.sock"),
    ]
}

impl Engine {
    /// Connects to `endpoint` (`unix://PATH`, `tcp://HOST:PORT`, or a bare path), or to the first of `sockets` that is there.
    pub async fn connect(endpoint: Option<&str>, sockets: &[PathBuf]) -> Result<Self, EngineError> {
        let endpoint = endpoint.map_or_else(|| first_of(sockets), |endpoint| Ok(endpoint.to_owned()))?;
        let unreachable = |source| EngineError::Unreachable { endpoint: endpoint.clone(), source };
        let docker = dial(&endpoint)?.map_err(unreachable)?;
        let greeted = tokio::time::timeout(GREETING, async {
            let docker = docker.negotiate_version().await?;
            let said = docker.version().await?;
            Ok((docker, said))
        });
        let silent = |_elapsed| unreachable(bollard::errors::Error::RequestTimeoutError);
        let (docker, said) = greeted.await.map_err(silent)?.map_err(unreachable)?;
        let platform = platform_of(said.arch.as_deref().unwrap_or_default());
        Ok(Self { docker, endpoint, platform, version: said.version.unwrap_or_default() })
    }
}

fn first_of(sockets: &[PathBuf]) -> Result<String, EngineError> {
    let found = sockets.iter().find(|path| path.exists());
    let tried = || sockets.iter().map(|path| path.display().to_string()).collect();
    found.map(|path| format!("unix://{}", path.display())).ok_or_else(|| EngineError::NotFound { tried: tried() })
}

fn dial(endpoint: &str) -> Result<Result<Docker, bollard::errors::Error>, EngineError> {
    if endpoint.starts_with("unix://") || endpoint.starts_with('/') {
        return Ok(Docker::connect_with_unix(endpoint, TIMEOUT_SECS, API_DEFAULT_VERSION));
    }
    if endpoint.starts_with("tcp://") || endpoint.starts_with("http://") {
        return Ok(Docker::connect_with_http(endpoint, TIMEOUT_SECS, API_DEFAULT_VERSION));
    }
    Err(EngineError::Unsupported { endpoint: endpoint.to_owned() })
}

/// Reads the architecture that an engine names, in Go's words or the kernel's.
fn platform_of(architecture: &str) -> Platform {
    let (architecture, variant) = match architecture {
        "x86_64" | "amd64" => ("amd64", None),
        "aarch64" | "arm64" => ("arm64", None),
        "armv7l" | "arm" => ("arm", Some("v7".to_owned())),
        other => (other, None),
    };
    Platform { os: "linux".to_owned(), architecture: architecture.to_owned(), variant }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Diagnose as _, Exit};

    #[tokio::test]
    async fn a_missing_engine_is_an_outside_system() {
        let error = Engine::connect(None, &[PathBuf::from("/nonexistent/docker.sock")]).await.expect_err("none");
        assert_eq!(error.to_string(), "no container engine was found (looked for /nonexistent/docker.sock)");
        assert_eq!(error.kind(), Exit::Unavailable);
        let error = Engine::connect(Some("unix:///nonexistent/docker.sock"), &[]).await.expect_err("none");
        assert!(matches!(error, EngineError::Unreachable { .. }), "{error}");
        let error = Engine::connect(Some("ssh://host"), &[]).await.expect_err("unsupported");
        assert_eq!(error.kind(), Exit::BadInput);
    }

    #[test]
    fn architectures_have_two_spellings() {
        assert_eq!(platform_of("x86_64"), platform_of("amd64"));
        assert_eq!(platform_of("armv7l").to_string(), "linux/arm/v7");
    }
}
