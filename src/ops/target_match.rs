//! `target match`: which devices of a fleet a condition selects.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::base::text::nearest;
use crate::base::{CommandError, Context as _, Diagnose, Exit, Result};
use crate::iothub::Client;
use crate::solution::Solution;
use crate::target::{Condition, is_edge_device};

/// The devices that a condition selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Number of devices that were looked at.
    pub total: usize,
    /// Ids of the selected devices, in the order of the file, or of their names when they come from a hub.
    pub devices: Vec<String>,
}

impl Selection {
    fn look_at(&mut self, condition: &Condition, twin: &Value, id: String, edge_only: bool) {
        if edge_only && !is_edge_device(twin) {
            return;
        }
        self.total += 1;
        if condition.matches(twin) {
            self.devices.push(id);
        }
    }
}

/// A line of a fleet file that is no twin.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", file.display())]
pub struct FleetError {
    file: PathBuf,
    line: usize,
    column: usize,
    message: String,
}

impl Diagnose for FleetError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "fleet/bad-line"
    }

    fn hints(&self) -> Vec<String> {
        vec!["A fleet file holds one twin a line: {\"deviceId\": …, \"tags\": {…}, \"properties\": {\"reported\": {…}}}.".to_owned()]
    }
}

/// Returns the condition of a ring of the solution.
///
/// # Errors
/// When there is no such ring, or its condition does not parse.
pub fn ring_condition(solution: &Solution, name: &str) -> Result<Condition> {
    let ring = solution.rings.iter().find(|ring| ring.name.as_str() == name);
    let Some(ring) = ring else {
        let names: Vec<&str> = solution.rings.iter().map(|ring| ring.name.as_str()).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if names.is_empty() => "Write `rings` into edgectl.yaml first.".to_owned(),
            None => format!("This solution has: {}.", names.join(", ")),
        };
        return Err(CommandError::new(Exit::BadInput, "target/unknown-ring", format!("there is no ring `{name}`")).hint(hint));
    };
    Condition::parse(&ring.target).context(format!("the ring `{name}` has a target that is no condition"))
}

/// Returns the selected devices of a fleet file, read line by line; `file` only names it in errors.
///
/// # Errors
/// At the first line that is no twin.
pub fn match_fleet(condition: &Condition, fleet: impl BufRead, file: &Path, edge_only: bool) -> Result<Selection> {
    let mut selection = Selection::default();
    for (index, line) in fleet.split(b'\n').enumerate() {
        let line = line.map_err(crate::base::fs::FsError::at("read", file))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let refuse = |column, message| FleetError { file: file.to_path_buf(), line: index + 1, column, message };
        let twin: Value = serde_json::from_slice(&line).map_err(|error| refuse(error.column(), reason(&error)))?;
        let id = twin.get("deviceId").and_then(Value::as_str);
        let id = id.ok_or_else(|| refuse(1, "a twin needs a `deviceId`".to_owned()))?;
        let id = id.to_owned();
        selection.look_at(condition, &twin, id, edge_only);
    }
    Ok(selection)
}

/// Returns the selected devices of a hub by name: their twins are read whole and judged here, by the same rules as those of a file.
///
/// # Errors
/// When the hub does not answer or refuses the query.
pub async fn match_hub(condition: &Condition, hub: &Client, edge_only: bool) -> Result<Selection> {
    let mut selection = Selection::default();
    for twin in hub.query("SELECT * FROM devices").await? {
        let id = twin.device_id().to_owned();
        selection.look_at(condition, &twin.into_value(), id, edge_only);
    }
    selection.devices.sort();
    Ok(selection)
}

/// Returns what the JSON reader says, without its own place.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLEET: &str = "{\"deviceId\":\"a\",\"capabilities\":{\"iotEdge\":true},\"tags\":{\"ring\":\"canary\"}}\n\n{\"deviceId\":\"b\",\"tags\":{\"ring\":\"canary\"}}\n{\"deviceId\":\"c\"}\n";

    fn select(condition: &str, fleet: &str, edge_only: bool) -> Result<Selection> {
        match_fleet(&Condition::parse(condition).expect("parses"), fleet.as_bytes(), Path::new("fleet.jsonl"), edge_only)
    }

    #[test]
    fn devices_without_the_tag_are_not_selected() {
        assert_eq!(select("tags.ring = 'canary'", FLEET, false).expect("a fleet").devices, ["a", "b"]);
        assert!(select("tags.ring != 'canary'", FLEET, false).expect("a fleet").devices.is_empty());
        let edge = select("*", FLEET, true).expect("a fleet");
        assert_eq!((edge.total, edge.devices), (1, vec!["a".to_owned()]));
    }

    #[test]
    fn a_bad_line_is_named() {
        for (fleet, place) in
            [("{\"deviceId\":\"a\"}\n{]\n", "fleet.jsonl:2:2: "), ("{}", "fleet.jsonl:1:1: "), ("[1]", "fleet.jsonl:1:1: ")]
        {
            let error = select("*", fleet, false).expect_err(fleet);
            assert!(error.chain()[0].starts_with(place), "{:?}", error.chain());
        }
        assert!(match_fleet(&Condition::Everything, &b"\xff\n"[..], Path::new("f"), false).is_err());
    }
}
