//! `target explain`: the twin that a condition is explained over, from a file, a fleet file or a hub.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use crate::base::{CommandError, Exit, Result};
use crate::iothub::Client;

const CODE: &str = "target/bad-twin";

/// Reads the text of one twin; `file` names it in errors.
///
/// # Errors
/// A text that is no JSON object.
pub fn twin_of_text(text: &[u8], file: &Path) -> Result<Value> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let twin: Value = serde_json::from_slice(text).map_err(|error| {
        let said = error.to_string();
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        refused(file, error.line(), error.column(), message)
    })?;
    if twin.is_object() { Ok(twin) } else { Err(refused(file, 1, 1, "a twin is a JSON object")) }
}

/// Finds the twin of a device in a fleet file of one twin (or exported device, named by `id`) a line.
///
/// # Errors
/// At a line before it that is no JSON object; when the device is not there.
pub fn twin_in_fleet(fleet: impl BufRead, file: &Path, device: &str) -> Result<Value> {
    for (index, line) in fleet.split(b'\n').enumerate() {
        let line = line.map_err(crate::base::fs::FsError::at("read", file))?;
        let text = if index == 0 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line) } else { &line };
        if text.trim_ascii().is_empty() {
            continue;
        }
        let refuse = |column, message: &str| refused(file, index + 1, column, message);
        let mut twin: Value = serde_json::from_slice(text).map_err(|error| {
            let said = error.to_string();
            refuse(error.column(), said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message))
        })?;
        let Some(members) = twin.as_object_mut() else { return Err(refuse(1, "a twin is a JSON object")) };
        if let (None, Some(id)) = (members.get("deviceId"), members.get("id")) {
            let id = id.clone();
            members.insert("deviceId".to_owned(), id);
        }
        if members.get("deviceId").and_then(Value::as_str) == Some(device) {
            return Ok(twin);
        }
    }
    Err(no_device(device, &format!("in {}", file.display())))
}

/// Reads the twin of a device of a hub.
///
/// # Errors
/// When the hub does not answer, or has no such device.
pub async fn twin_of_hub(hub: &Client, device: &str) -> Result<Value> {
    let twin = hub.twin(device).await?.ok_or_else(|| no_device(device, "in the hub"))?;
    Ok(twin.into_value())
}

fn no_device(device: &str, place: &str) -> CommandError {
    let message = format!("there is no device `{}` {place}", crate::base::text::sanitized(device));
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
    fn a_device_is_found_by_either_name() {
        let fleet = "\u{feff}{\"deviceId\":\"a\"}\r\n\n{\"id\":\"b\",\"tags\":{\"x\":1}}\n";
        let find = |device| twin_in_fleet(fleet.as_bytes(), Path::new("f.jsonl"), device);
        assert_eq!(find("b").expect("there")["deviceId"], "b");
        assert_eq!(find("a").expect("there")["deviceId"], "a");
        assert_eq!(find("A").expect_err("not there").chain(), ["there is no device `A` in f.jsonl"]);
    }

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
        let error = twin_in_fleet(&b"{}\n{\n"[..], Path::new("f"), "a").expect_err("refused");
        assert!(error.chain()[0].starts_with("f:2:1: "), "{:?}", error.chain());
    }
}
