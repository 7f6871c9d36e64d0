//! What the emulator answers when it refuses, in the service's words.

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal: the service's status, its name for the error, and why.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::bad("ArgumentInvalid", message)
    }

    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "IotHubUnauthorizedAccess", message)
    }

    pub(super) fn no_device(device_id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "DeviceNotFound", format!("no device `{device_id}` is registered"))
    }

    pub(super) fn no_module(device_id: &str, module_id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ModuleNotFound", format!("no module `{module_id}` is registered on device `{device_id}`"))
    }

    pub(super) fn precondition(found: &str) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", format!("the entity tag is \"{found}\" now"))
    }

    /// Our own trouble: storage, or a record that does not read.
    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "ServerError", error.to_string())
    }

    /// Codes by number, which the service uses for methods in place of the older envelope.
    fn number(&self) -> Option<u32> {
        match self.code {
            "DeviceNotOnline" => Some(404_103),
            "DeviceConnectionClosedRemotely" => Some(404_104),
            "GatewayTimeout" => Some(504_101),
            _ => None,
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let body = match self.number() {
            Some(number) => json!({ "errorCode": number, "message": self.message }),
            None => json!({ "Message": format!("ErrorCode:{};{}", self.code, self.message), "ExceptionMessage": "Tracking ID:none" }),
        };
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert("iothub-errorcode", HeaderValue::from_static(self.code));
        response
    }
}

/// Storage errors of every kind are our own trouble.
macro_rules! internal {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::internal(error)
            }
        })*
    };
}

internal!(redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError, serde_json::Error, tokio::task::JoinError);
