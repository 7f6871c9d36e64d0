//! Calls a direct method through the hub.

use crate::base::{Cancel, CommandError, Exit, Result};
use crate::iothub::{Client, MethodRequest, MethodResponse};
use crate::model::Identity;

/// Calls the method and returns what the client answered, whatever its status.
///
/// # Errors
/// When the client is not connected or does not answer in time.
pub async fn call(client: &Client, identity: &Identity, request: &MethodRequest, cancel: &Cancel) -> Result<MethodResponse> {
    tokio::select! {
        answer = client.invoke_method(identity, request) => Ok(answer?),
        () = cancel.cancelled() => Err(CommandError::new(Exit::Interrupted, "command/interrupted", "stopped before the method was answered")),
    }
}
