//! CSV of device ids and tags (RFC 4180): the header names the id and the tags, a dot leads into a tag, `:number` and `:boolean` after
//! a name say that its cells are no texts. An empty cell is no tag; an empty cell in quotes is an empty text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::error::Fault;
use super::scan::Raw;
use super::schema::Schema;

const HEADER_HINT: &str = "The first line names the columns: deviceId, then tags such as ring, site.hall, line:number or spare:boolean; capabilities.iotEdge too.";
const QUOTE_HINT: &str = "A cell with a comma, a quote or a line break stands in quotes, and a quote inside is written twice.";

/// One cell, its column in the line, and whether it stood in quotes.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    text: Cow<'a, str>,
    place: usize,
    quoted: bool,
}

/// Reads records one after the other.
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Records<'a> {
    /// Returns a reader of whole records.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 0, line_start: 0 }
    }

    /// Reads the cells of the next record, without blank lines; returns its first line, from 0, or `None` at the end.
    pub fn next(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<Option<usize>, Fault> {
        loop {
            cells.clear();
            if self.at >= self.text.len() {
                return Ok(None);
            }
            let line = self.line;
            while self.cell(cells)? {}
            let blank = matches!(cells.as_slice(), [only] if only.text.trim_ascii().is_empty() && !only.quoted);
            if !blank {
                return Ok(Some(line));
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Reads a cell and what ends it; tells whether the record goes on.
    fn cell(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<bool, Fault> {
        let place = self.at - self.line_start + 1;
        let quoted = self.peek(0) == Some(b'"');
        let text = if quoted { self.quoted()? } else { self.plain()? };
        cells.push(Cell { text, place, quoted });
        let skip = match (self.peek(0), self.peek(1)) {
            (Some(b','), _) => {
                self.at += 1;
                return Ok(true);
            }
            (None, _) => return Ok(false),
            (Some(b'\n'), _) | (Some(b'\r'), None) => 1,
            (Some(b'\r'), Some(b'\n')) => 2,
            _ => return self.fail("a cell in quotes goes on after its closing quote"),
        };
        self.at += skip;
        self.new_line();
        Ok(false)
    }

    fn new_line(&mut self) {
        self.line += 1;
        self.line_start = self.at;
    }

    fn fail<T>(&self, message: &str) -> Result<T, Fault> {
        Err(Fault::csv(self.line, self.at - self.line_start + 1, message, Some(QUOTE_HINT)))
    }

    fn plain(&mut self) -> Result<Cow<'a, str>, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find([',', '\n', '"', '\0']).unwrap_or(rest.len());
        let ended_by = rest.as_bytes().get(end);
        let text = rest.get(..end).unwrap_or_default();
        // The carriage return belongs to the line break, not to the cell.
        let text = if ended_by == Some(&b',') { text } else { text.strip_suffix('\r').unwrap_or(text) };
        self.at += text.len();
        match ended_by {
            Some(b'"') => {
                self.at = self.at.max(self.at - text.len() + end);
                self.fail("a quote inside a cell that does not begin with one")
            }
            Some(0) => {
                self.at = self.at.max(self.at - text.len() + end);
                self.fail("this is no text: it has a zero byte")
            }
            _ => Ok(Cow::Borrowed(text)),
        }
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, Fault> {
        let opening = Fault::csv(self.line, self.at - self.line_start + 1, "the quote is not closed", Some(QUOTE_HINT));
        self.at += 1;
        let (start, mut doubled) = (self.at, false);
        loop {
            match self.peek(0) {
                None => return Err(opening),
                Some(b'"') if self.peek(1) == Some(b'"') => {
                    doubled = true;
                    self.at += 2;
                }
                Some(b'"') => break,
                Some(0) => return self.fail("this is no text: it has a zero byte"),
                Some(b'\n') => {
                    self.at += 1;
                    self.new_line();
                }
                Some(_) => self.at += 1,
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(if doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) })
    }
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Boolean,
}

/// A column of the file: what its cells are, where they go, and which objects they make.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Names from the top of a twin to the value.
    pub names: Vec<String>,
    of_type: Type,
    slot: Option<usize>,
    parents: Vec<usize>,
}

/// The columns of a CSV file.
#[derive(Clone, Debug)]
pub(super) struct Header {
    id: usize,
    /// Its columns, in their order.
    pub places: Vec<Place>,
    /// Whether the file says which devices are edge devices.
    pub edge_known: bool,
}

impl Header {
    /// Reads the first record of a file.
    pub fn read(text: &str, schema: &Schema) -> Result<Self, Fault> {
        let mut cells = Vec::new();
        let line = Records::new(text).next(&mut cells)?.unwrap_or_default();
        let mut header = Self { id: usize::MAX, places: Vec::new(), edge_known: false };
        let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (index, cell) in cells.iter().enumerate() {
            let refuse = |message: String| Fault::csv(line, cell.place, message, Some(HEADER_HINT));
            let (names, of_type) = column(cell.text.trim()).map_err(refuse)?;
            if let Some(names) = names.as_slice().strip_prefix(&["deviceId".to_owned()])
                && names.is_empty()
            {
                if header.id != usize::MAX {
                    return Err(refuse("two columns name the device".to_owned()));
                }
                header.id = index;
            }
            if known.keys().any(|other| other.starts_with(&names) || names.starts_with(other)) {
                return Err(refuse(format!("the column `{}` is there twice, or is a part of another one", cell.text)));
            }
            header.edge_known |= names == ["capabilities", "iotEdge"];
            header.places.push(place(&names, of_type, schema));
            known.insert(names, index);
        }
        if header.id == usize::MAX {
            let message = "this is neither a twin in JSON nor the header of a CSV file with a column deviceId";
            return Err(Fault::csv(line, 1, message, Some(super::error::JSON_HINT)));
        }
        Ok(header)
    }

    /// Puts the cells of a record where they belong and returns the device's id.
    pub fn fill<'a>(&self, cells: &[Cell<'a>], line: usize, slots: &mut [Raw<'a>]) -> Result<Cow<'a, str>, Fault> {
        if cells.len() != self.places.len() {
            let message = format!("{} cells, and the header names {} columns", cells.len(), self.places.len());
            return Err(Fault::csv(line, 1, message, Some(QUOTE_HINT)));
        }
        for (cell, place) in cells.iter().zip(&self.places) {
            let value = place.value(cell).map_err(|message| Fault::csv(line, cell.place, message, None))?;
            if value == Raw::Undefined {
                continue;
            }
            place.parents.iter().for_each(|parent| slots[*parent] = Raw::Object);
            if let Some(slot) = place.slot {
                slots[slot] = value;
            }
        }
        let id = &cells[self.id];
        if id.text.is_empty() {
            return Err(Fault::csv(line, id.place, "a device needs an id", None));
        }
        Ok(id.text.clone())
    }
}

/// Returns the names from the top of a twin to the value of a column, and its type.
fn column(text: &str) -> Result<(Vec<String>, Type), String> {
    let (name, of_type) = match text.rsplit_once(':') {
        None => (text, None),
        Some((name, "text")) => (name, Some(Type::Text)),
        Some((name, "number")) => (name, Some(Type::Number)),
        Some((name, "boolean")) => (name, Some(Type::Boolean)),
        Some((_, other)) => return Err(format!("a column is text, number or boolean, not `{other}`")),
    };
    let mut names: Vec<String> = name.split('.').map(str::to_owned).collect();
    if names.iter().any(String::is_empty) {
        return Err(format!("`{text}` is no name of a column"));
    }
    let of_type = match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["deviceId" | "id"] => {
            names = vec!["deviceId".to_owned()];
            Type::Text
        }
        ["capabilities", "iotEdge"] => Type::Boolean,
        ["properties", "reported", _, ..] | ["tags", _, ..] => of_type.unwrap_or(Type::Text),
        _ => {
            names.insert(0, "tags".to_owned());
            of_type.unwrap_or(Type::Text)
        }
    };
    Ok((names, of_type))
}

fn place(names: &[String], of_type: Type, schema: &Schema) -> Place {
    let slot = |length: usize| {
        let branch = schema.find(names.iter().take(length).map(String::as_str))?;
        schema.branch(branch).slot
    };
    Place { names: names.to_vec(), of_type, slot: slot(names.len()), parents: (1..names.len()).filter_map(slot).collect() }
}

impl Place {
    /// Reads a cell of this column.
    pub fn value<'a>(&self, cell: &Cell<'a>) -> Result<Raw<'a>, String> {
        if cell.text.is_empty() && !(cell.quoted && self.of_type == Type::Text) {
            return Ok(Raw::Undefined);
        }
        let text = cell.text.trim();
        match self.of_type {
            Type::Text => Ok(Raw::Text(cell.text.clone())),
            Type::Boolean if text.eq_ignore_ascii_case("true") => Ok(Raw::Bool(true)),
            Type::Boolean if text.eq_ignore_ascii_case("false") => Ok(Raw::Bool(false)),
            Type::Boolean => Err(format!("`{text}` is neither true nor false")),
            Type::Number => {
                let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
                let number = text.parse().ok().filter(|number: &f64| plain && number.is_finite());
                number.map(Raw::Number).ok_or_else(|| format!("`{text}` is no number"))
            }
        }
    }
}
