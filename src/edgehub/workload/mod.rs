//! The workload API: one unix socket a module, over which it signs with its key and learns whom to trust. HTTP/1.1, JSON both ways.

mod answer;
mod calls;

#[cfg(test)]
mod tests;

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::UnixListener;

use super::Identities;
use crate::base::fs::{self, FsError};
use crate::base::{Cancel, Clock, Diagnose, Exit};
use crate::identity::Authority;
use crate::model::Identity;

/// The most bytes that a socket's path may have on every system.
pub const SOCKET_PATH_BYTES: usize = 100;

/// What the API of one module answers from.
#[derive(Clone)]
pub struct Workload {
    /// The module whose socket it is; it alone may sign here.
    pub module: Identity,
    /// Keys.
    pub identities: Arc<Identities>,
    /// Whom to trust, and who issues certificates.
    pub authority: Arc<Authority>,
    /// Tells how long certificates live.
    pub clock: Clock,
}

/// Why a socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// The path is longer than systems allow.
    #[error("the path of a workload socket has {} bytes, more than {SOCKET_PATH_BYTES}: {}", path.as_os_str().len(), path.display())]
    LongPath {
        /// The path.
        path: PathBuf,
    },
    /// The folder or the socket failed.
    #[error(transparent)]
    File(#[from] FsError),
}

impl Diagnose for WorkloadError {
    fn kind(&self) -> Exit {
        match self {
            Self::LongPath { .. } => Exit::Failure,
            Self::File(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::LongPath { .. } => "workload/long-path",
            Self::File(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::LongPath { .. } => vec!["Use a folder with a shorter path for the sockets of the simulated world.".to_owned()],
            Self::File(_) => Vec::new(),
        }
    }
}

/// Opens the socket of a module (mode 0666, for modules run as other users) in a folder of its own, which is made when missing. Its
/// parent must keep others out. A socket that an earlier run left there is replaced.
pub fn bind(socket: &Path) -> Result<UnixListener, WorkloadError> {
    if socket.as_os_str().len() > SOCKET_PATH_BYTES {
        return Err(WorkloadError::LongPath { path: socket.to_path_buf() });
    }
    if let Some(folder) = socket.parent() {
        fs::create_folder(folder)?;
    }
    fs::remove(socket)?;
    let listener = UnixListener::bind(socket).map_err(FsError::at("listen on", socket))?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o666)).map_err(FsError::at("open to modules", socket))?;
    Ok(listener)
}

/// Serves a module until cancelled; the caller removes the socket.
///
/// # Errors
/// When the socket fails.
pub async fn serve(listener: UnixListener, workload: Workload, cancel: Cancel) -> io::Result<()> {
    let router = Router::new()
        .route("/modules/{module}/genid/{generation}/sign", post(calls::sign))
        .route("/modules/{module}/genid/{generation}/certificate/server", post(calls::server_certificate))
        .route("/modules/{module}/certificate/identity", post(calls::identity_certificate))
        .route("/trust-bundle", get(calls::trust_bundle))
        .route("/modules", get(calls::modules))
        .fallback(calls::unknown)
        .method_not_allowed_fallback(calls::unknown)
        .with_state(workload);
    axum::serve(listener, router).with_graceful_shutdown(cancel.cancelled_owned()).await
}
