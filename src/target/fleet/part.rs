//! Turns pieces of a fleet file into codes: each worker numbers the values that it meets, and the pieces are put together afterwards.

use super::csv::{self, Header};
use super::dictionary::Dictionary;
use super::error::Fault;
use super::scan::{Malformed, Raw, Seen, scan};
use super::schema::{ALWAYS, Schema};
use crate::base::json::said;

/// The shape of a fleet file, as far as lines are concerned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape<'h> {
    /// One JSON object a line; the device's id stands under one of these names.
    Json {
        /// Whether `deviceId` names the device.
        device_id: bool,
        /// Whether `id` does, where there is no `deviceId`.
        id: bool,
    },
    /// CSV with this header.
    Csv(&'h Header),
}

/// The devices of one piece.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Number of the piece in the file.
    pub sequence: usize,
    /// Number of the worker, whose dictionaries the codes belong to.
    pub worker: usize,
    /// Line breaks in the piece.
    pub lines: usize,
    /// Ids, one after the other.
    pub ids: String,
    /// Where each id ends.
    pub ends: Vec<usize>,
    /// Codes by column.
    pub columns: Vec<Vec<u32>>,
    /// Devices, counted in this piece, that are edge devices.
    pub edge: Vec<u32>,
    /// What is wrong with it, which ends the reading.
    pub fault: Option<Fault>,
}

/// Reads pieces.
pub(super) struct Worker<'s> {
    schema: &'s Schema,
    shape: Shape<'s>,
    number: usize,
    seen: Seen,
    /// Devices of the last piece: about as many will be in the next.
    usual: usize,
    /// The values of each column that this worker has met.
    pub dictionaries: Vec<Dictionary>,
}

impl<'s> Worker<'s> {
    /// Returns a worker that has met nothing yet.
    pub fn new(schema: &'s Schema, shape: Shape<'s>, number: usize) -> Self {
        let dictionaries = vec![Dictionary::new(schema.seed()); schema.paths().len()];
        Self { schema, shape, number, seen: Seen::new(schema), usual: 0, dictionaries }
    }

    /// Reads one piece, which holds whole lines.
    pub fn read(&mut self, sequence: usize, bytes: &[u8]) -> Part {
        let columns = self.schema.paths().iter().map(|_| Vec::with_capacity(self.usual)).collect();
        let mut part = Part { sequence, worker: self.number, columns, ..Part::default() };
        let (text, broken) = valid(bytes);
        let outcome = match self.shape {
            Shape::Json { device_id, id } => self.lines(text, &mut part, [device_id, id]),
            Shape::Csv(header) => self.records(text, header, &mut part),
        };
        part.fault = outcome.err().or(broken);
        self.usual = part.ends.len() + 16;
        // Pieces wait for the end of the file; what they do not need would add up.
        part.columns.iter_mut().for_each(Vec::shrink_to_fit);
        part.lines = line_breaks(bytes);
        part
    }

    fn lines(&mut self, text: &str, part: &mut Part, named: [bool; 2]) -> Result<(), Fault> {
        let mut slots = vec![Raw::Undefined; self.schema.paths().len() + ALWAYS];
        for (number, line) in text.split_terminator('\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            scan(self.schema, line, &mut slots, &mut self.seen).map_err(|malformed| explain(line, &malformed, number))?;
            if let Some(id) = device(&slots[self.schema.paths().len()..], named, number)? {
                self.push(id, &slots, part).ok_or_else(|| Fault::json(number, 1, "more different values than an index holds"))?;
            }
            slots.fill(Raw::Undefined);
        }
        Ok(())
    }

    fn records(&mut self, text: &str, header: &Header, part: &mut Part) -> Result<(), Fault> {
        let mut slots = vec![Raw::Undefined; self.schema.paths().len() + ALWAYS];
        let mut records = csv::Records::new(text);
        let mut cells = Vec::new();
        while let Some(line) = records.next(&mut cells)? {
            let id = header.fill(&cells, line, &mut slots)?;
            self.push(&id, &slots, part).ok_or_else(|| Fault::csv(line, 1, "more different values than an index holds", None))?;
            slots.fill(Raw::Undefined);
        }
        Ok(())
    }

    /// Adds a device; `None` when there are too many values.
    fn push(&mut self, id: &str, slots: &[Raw<'_>], part: &mut Part) -> Option<()> {
        for ((dictionary, codes), raw) in self.dictionaries.iter_mut().zip(&mut part.columns).zip(slots) {
            codes.push(dictionary.code(raw)?);
        }
        if slots[self.schema.paths().len() + 3] == Raw::Bool(true) {
            part.edge.push(u32::try_from(part.ends.len()).ok()?);
        }
        part.ids.push_str(id);
        part.ends.push(part.ids.len());
        Some(())
    }
}

/// Counts the ends of lines, in steps whose sums fit in a byte: the compiler takes many bytes at a time then.
pub(super) fn line_breaks(bytes: &[u8]) -> usize {
    bytes.chunks(192).map(|some| usize::from(some.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>())).sum()
}

/// Returns the id of the device that a line holds, by what every schema reads of it; `None` for the identity of a module, which exports
/// list too. `named` tells whether `deviceId` and `id` name devices.
pub(super) fn device<'r>(always: &'r [Raw<'_>], named: [bool; 2], number: usize) -> Result<Option<&'r str>, Fault> {
    let id = match (&always[0], &always[1]) {
        (Raw::Text(id), _) if named[0] => Some(id),
        (Raw::Undefined, Raw::Text(id)) if named[1] => Some(id),
        (_, Raw::Text(id)) if !named[0] => Some(id),
        _ => None,
    };
    let id = id.filter(|id| !id.is_empty()).ok_or_else(|| {
        Fault::json(number, 1, if named[0] { "a twin needs a `deviceId`" } else { "a device of an export needs an `id`" })
    })?;
    Ok((!matches!(always[2], Raw::Text(_))).then_some(id))
}

/// Returns the lines of a piece that are UTF-8, and what is wrong with the first one that is not.
fn valid(bytes: &[u8]) -> (&str, Option<Fault>) {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error,
    };
    let whole = &bytes[..error.valid_up_to()];
    let start = whole.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    let line = line_breaks(whole);
    let fault = Fault { line, column: error.valid_up_to() - start + 1, message: "this is no UTF-8".to_owned(), hint: None };
    (std::str::from_utf8(&whole[..start]).unwrap_or_default(), Some(fault))
}

const ARRAY_HINT: &str = "Write one twin a line, for example with `jq -c '.[]'`.";

/// Says what is wrong with a line that is no JSON object, in the words of the JSON reader.
pub(super) fn explain(line: &str, malformed: &Malformed, number: usize) -> Fault {
    let Err(error) = serde_json::from_str::<serde_json::Value>(line) else {
        return Fault::json(number, malformed.0 + 1, "a line holds one JSON object");
    };
    let fault = Fault::json(number, error.column().max(1), said(&error));
    if line.trim_ascii_start().starts_with('[') { Fault { hint: Some(ARRAY_HINT), ..fault } } else { fault }
}
