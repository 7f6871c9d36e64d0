//! `target explain`: the twin that a condition is explained over, from a file of its own or a hub.

use std::path::Path;

use serde_json::Value;

use crate::base::json::said;
use crate::base::text::sanitized;
use crate::base::{CommandError, Exit, Result};
use crate::iothub::Client;

const CODE: &str = "target/bad-twin";

/// Reads the text of one twin; `file` names it in errors.
///
/// # Errors
/// A text that is no JSON object.
pub fn twin_of_text(text: &[u8], file: &Path) -> Result<Value> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let twin: Value = serde_json::from_slice(text).map_err(|error| refused(file, error.line(), error.column(), &said(&error)))?;
    if twin.is_object() { Ok(twin) } else { Err(refused(file, 1, 1, "a twin is a JSON object")) }
}

/// Reads the twin of a device of a hub.
///
/// # Errors
/// When the hub does not answer, or has no such device.
pub async fn twin_of_hub(hub: &Client, device: &str) -> Result<Value> {
    let twin = hub.twin(device).await?.ok_or_else(|| no_device(device))?;
    Ok(twin.into_value())
}

fn no_device(device: &str) -> CommandError {
    let message = format!("there is no device `{}` in the hub", sanitized(device));
    CommandError::new(Exit::BadInput, "target/no-device", message).hint("Ids of devices are case-sensitive.")
}

fn refused(file: &Path, line: usize, column: usize, message: &str) -> CommandError {
    CommandError::new(Exit::BadInput, CODE, format!("{}:{line}:{column}: {message}", file.display()))
        .hint("A twin is {\"deviceId\": …, \"tags\": {…}, \"properties\": {\"reported\": {…}}}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_twin_is_refused_at_its_place() {
        let deep = "[".repeat(10_000);
        for (text, said) in
            [("{\n]", "t.json:2:1: "), ("[]", "t.json:1:1: a twin"), ("", "t.json:1:0: "), (deep.as_str(), "t.json:1:128: ")]
        {
            let error = twin_of_text(text.as_bytes(), Path::new("t.json")).expect_err(said);
            assert!(error.chain()[0].starts_with(said), "{:?}", error.chain());
        }
        assert!(twin_of_text(b"{\"a\":\"\xff\"}", Path::new("t.json")).is_err());
    }
}
