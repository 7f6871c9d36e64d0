//! One device out of a fleet file of any form, read line by line up to it.

use std::io::BufRead;
use std::path::Path;

use serde_json::{Map, Value};

use super::csv::{Header, Records};
use super::error::{Fault, FleetError};
use super::part::{device, explain};
use super::read::{FleetFormat, MAX_LINE_BYTES};
use super::scan::{Raw, Seen, scan};
use super::schema::{ALWAYS, Schema};
use crate::base::fs::FsError;
use crate::base::lines::{LineError, Lines};

/// Finds the twin of a device in a fleet file; `None` when it is not there. The line of an export gets the `deviceId` of a twin. `file`
/// only names the fleet in errors.
///
/// # Errors
/// At a line before the device that is no device.
pub fn one(fleet: impl BufRead, file: &Path, format: FleetFormat, id: &str) -> Result<Option<Value>, FleetError> {
    let mut search = Search { id, schema: Schema::of([]), named: format.named(), header: None };
    let (mut csv, mut record, mut first, mut inside) = (None, String::new(), 0, false);
    for line in Lines::new(fleet, MAX_LINE_BYTES) {
        let (number, line) = line.map_err(|error| refused(error, file))?;
        let at_fault = |fault: Fault| fault.in_file(file, 0);
        let text =
            str::from_utf8(&line).map_err(|error| at_fault(Fault::csv(number - 1, error.valid_up_to() + 1, "this is no UTF-8", None)))?;
        if record.is_empty() && text.trim_ascii().is_empty() {
            continue;
        }
        if !*csv.get_or_insert_with(|| format.is_csv(text.as_bytes())) {
            match search.line(text, number - 1).map_err(at_fault)? {
                Some(twin) => return Ok(Some(twin)),
                None => continue,
            }
        }
        if record.is_empty() {
            first = number - 1;
        }
        record.push_str(text);
        record.push('\n');
        if record.len() > MAX_LINE_BYTES {
            return Err(refused(LineError::TooLong(first + 1), file));
        }
        // A line break between quotes belongs to its cell.
        inside ^= text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
        if !inside {
            if let Some(twin) = search.record(&record).map_err(|fault| fault.in_file(file, first))? {
                return Ok(Some(twin));
            }
            record.clear();
        }
    }
    // What is left has a quote that is not closed, which its reader tells.
    if record.is_empty() { Ok(None) } else { search.record(&record).map_err(|fault| fault.in_file(file, first)) }
}

fn refused(error: LineError, file: &Path) -> FleetError {
    match error {
        LineError::Read(error) => FsError::at("read", file)(error).into(),
        LineError::TooLong(number) => Fault::json(number - 1, 1, format!("longer than {} MiB", MAX_LINE_BYTES >> 20)).in_file(file, 0),
    }
}

impl FleetFormat {
    /// Tells whether a file that begins with these bytes, behind its byte order mark, is read as CSV.
    pub(super) fn is_csv(self, beginning: &[u8]) -> bool {
        match self {
            Self::Auto => beginning.trim_ascii_start().first().is_some_and(|byte| !matches!(byte, b'{' | b'[')),
            format => format == Self::Csv,
        }
    }

    /// Tells whether `deviceId` and `id` name the device of a line.
    pub(super) fn named(self) -> [bool; 2] {
        [self != Self::Export, self != Self::Twins]
    }
}

struct Search<'s> {
    id: &'s str,
    schema: Schema,
    named: [bool; 2],
    header: Option<Header>,
}

impl Search<'_> {
    /// Reads a line of JSON; only that of the device is kept.
    fn line(&self, line: &str, number: usize) -> Result<Option<Value>, Fault> {
        let mut slots: [Raw<'_>; ALWAYS] = Default::default();
        let scanned = scan(&self.schema, line, &mut slots, &mut Seen::new(&self.schema));
        scanned.map_err(|malformed| explain(line, &malformed, number))?;
        if device(&slots, self.named, number)? != Some(self.id) {
            return Ok(None);
        }
        let mut twin: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| Fault::json(number, error.column(), error.to_string()))?;
        twin.insert("deviceId".to_owned(), self.id.into());
        Ok(Some(Value::Object(twin)))
    }

    /// Reads a record of CSV, the header first; only that of the device is kept.
    fn record(&mut self, text: &str) -> Result<Option<Value>, Fault> {
        let Some(header) = &self.header else {
            self.header = Some(Header::read(text, &self.schema)?);
            return Ok(None);
        };
        let mut cells = Vec::new();
        let Some(line) = Records::new(text).next(&mut cells)? else { return Ok(None) };
        let mut slots: [Raw<'_>; ALWAYS] = Default::default();
        if header.fill(&cells, line, &mut slots)? != self.id {
            return Ok(None);
        }
        let mut twin = Value::Object(Map::new());
        for (cell, place) in cells.iter().zip(&header.places) {
            let value = match place.value(cell).map_err(|message| Fault::csv(line, 1, message, None))? {
                Raw::Text(text) => Value::String(text.into_owned()),
                Raw::Number(number) => json_number(number),
                Raw::Bool(value) => Value::Bool(value),
                Raw::Undefined | Raw::Null | Raw::Array(_) | Raw::Object => continue,
            };
            let at = place.names.iter().fold(&mut twin, |at, name| &mut at[name.as_str()]);
            *at = value;
        }
        Ok(Some(twin))
    }
}

/// Returns a number of a cell as people write it: whole ones without a fraction.
fn json_number(number: f64) -> Value {
    serde_json::from_str(&number.to_string()).unwrap_or_else(|_| Value::from(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn find(fleet: &str, format: FleetFormat, id: &str) -> Result<Option<Value>, String> {
        one(fleet.as_bytes(), Path::new("f"), format, id).map_err(|error| error.to_string())
    }

    #[test]
    fn a_device_is_found_by_either_name_and_a_module_is_none() {
        let fleet = "\u{feff}{\"deviceId\":\"a\"}\r\n\n{\"id\":\"b\",\"moduleId\":\"m\",\"tags\":{\"x\":2}}\n{\"id\":\"\\u0062\",\"tags\":{\"x\":1}}";
        assert_eq!(find(fleet, FleetFormat::Auto, "a"), Ok(Some(json!({"deviceId": "a"}))));
        assert_eq!(find(fleet, FleetFormat::Auto, "b"), Ok(Some(json!({"id": "b", "tags": {"x": 1}, "deviceId": "b"}))));
        assert_eq!(find(fleet, FleetFormat::Auto, "A"), Ok(None));
        assert_eq!(find(fleet, FleetFormat::Twins, "b"), Err("f:3:1: a twin needs a `deviceId`".to_owned()));
    }

    #[test]
    fn cells_become_tags() {
        let fleet =
            "deviceId,ring,site.hall,line:number,spare:boolean,capabilities.iotEdge\n\nb,,,,,\n\"a\",\"two\nlines\",h1,3,true,true\n";
        let tags = json!({"ring": "two\nlines", "site": {"hall": "h1"}, "line": 3, "spare": true});
        let twin = json!({"deviceId": "a", "tags": tags, "capabilities": {"iotEdge": true}});
        assert_eq!(find(fleet, FleetFormat::Auto, "a"), Ok(Some(twin)));
        assert_eq!(find(fleet, FleetFormat::Csv, "b"), Ok(Some(json!({"deviceId": "b"}))));
        assert_eq!(find(fleet, FleetFormat::Auto, "c"), Ok(None));
    }

    #[test]
    fn a_bad_line_before_the_device_is_named() {
        for (fleet, said) in [
            ("{\"deviceId\":\"b\"}\n{\n", "f:2:1: EOF while parsing an object"),
            ("[]", "f:1:1: "),
            ("ring\nx\n", "f:1:1: this is neither"),
            ("deviceId,ring\nb,x\nb\n", "f:3:1: 1 cells"),
            ("deviceId\n\nb,\"x\n\n", "f:3:3: the quote is not closed"),
        ] {
            let error = find(fleet, FleetFormat::Auto, "a").expect_err(fleet);
            assert!(error.starts_with(said), "{fleet}: {error}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(10_000));
        assert!(find(&deep, FleetFormat::Auto, "a").expect_err("deep").starts_with("f:1:"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[{}\\[\\]\",:a-z0-9\n ]{0,80}") {
            let _either = find(&text, FleetFormat::Auto, "a");
        }
    }
}
