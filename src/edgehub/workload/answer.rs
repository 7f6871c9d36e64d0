//! Answers: always JSON, errors as `{"message": …}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What is not done, with its status.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) String);

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"message": self.1}))).into_response()
    }
}

/// What is done, with its status.
pub(super) struct Done(pub(super) StatusCode, pub(super) Value);

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

/// The result of every call.
pub(super) type Answer = Result<Done, Refusal>;
