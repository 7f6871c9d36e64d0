//! An index as bytes, to be kept beside other caches: versioned, bound to what it was made from, checksummed. What does not fit together is
//! damaged, whatever its checksum says.

use roaring::RoaringBitmap;

use super::column::Column;
use super::dictionary::{Dictionary, Entry, FIRST, Kind, OBJECT};
use super::ids::Ids;
use super::index::FleetIndex;
use super::scan::Raw;
use super::schema::Schema;
use crate::base::Digest;

/// Begins every saved index; the last byte is the version of the form.
const MAGIC: &[u8; 16] = b"edgectl-fleet \0\x01";

/// Bytes that are no index, or not the one that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the saved fleet index is damaged")]
pub struct Damaged;

impl FleetIndex {
    /// Returns the index as bytes, bound to the digest of the file that it was made from.
    pub fn to_bytes(&self, source: &Digest) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len() * (self.columns.len() + 24));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(source.bytes());
        bytes.push(self.edge_known.into());
        let (text, ends) = self.ids.raw();
        put_text(&mut bytes, text);
        put_number(&mut bytes, ends.len() as u64);
        for end in ends {
            bytes.extend_from_slice(&end.to_le_bytes());
        }
        let mut edge = Vec::new();
        self.edge.serialize_into(&mut edge).expect("a vector takes all bytes");
        put_number(&mut bytes, edge.len() as u64);
        bytes.extend_from_slice(&edge);
        for (path, column) in self.schema.paths().iter().zip(&self.columns) {
            put_text(&mut bytes, &path.to_string());
            put_column(&mut bytes, column);
        }
        let sum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads an index of these attributes that was made from a file of this digest.
    ///
    /// # Errors
    /// When the bytes are anything else.
    pub fn from_bytes(bytes: &[u8], schema: Schema, source: &Digest) -> Result<Self, Damaged> {
        let (content, sum) = bytes.split_last_chunk::<4>().ok_or(Damaged)?;
        if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            return Err(Damaged);
        }
        let mut reader = Reader(content);
        if reader.take(MAGIC.len())? != MAGIC || reader.take(source.bytes().len())? != source.bytes() {
            return Err(Damaged);
        }
        let edge_known = reader.byte()? != 0;
        let text = reader.text()?;
        let devices = reader.length()?;
        let mut ids = Ids::with_capacity(devices.min(content.len()), text.len(), schema.seed());
        let mut start = 0;
        for _ in 0..devices {
            let end = reader.word()? as usize;
            ids.push(text.get(start..end).ok_or(Damaged)?).map_err(|_| Damaged)?;
            start = end;
        }
        let length = reader.length()?;
        let edge = RoaringBitmap::deserialize_from(reader.take(length)?).map_err(|_| Damaged)?;
        if edge.max().is_some_and(|last| last as usize >= devices) {
            return Err(Damaged);
        }
        let mut columns = Vec::with_capacity(schema.paths().len());
        for path in schema.paths() {
            if reader.text()? != path.to_string() {
                return Err(Damaged);
            }
            columns.push(reader.column(devices, schema.seed())?);
        }
        if !reader.0.is_empty() {
            return Err(Damaged);
        }
        Ok(Self { schema, ids, columns, edge, edge_known })
    }
}

fn put_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Returns how many bytes hold any of so many codes.
fn width(codes: usize) -> usize {
    match codes {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

fn put_column(bytes: &mut Vec<u8>, column: &Column) {
    let entries = column.dictionary.entries();
    put_number(bytes, entries.len() as u64);
    for entry in entries {
        let Entry { payload, kind, .. } = *entry;
        bytes.push(kind as u8);
        match kind {
            Kind::Number => put_number(bytes, payload),
            Kind::Text | Kind::Array => put_text(bytes, column.dictionary.text(*entry)),
        }
    }
    let width = width(column.dictionary.len());
    column.codes.iter().for_each(|code| bytes.extend_from_slice(&code.to_le_bytes()[..width]));
}

/// Takes bytes from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Damaged> {
        self.take(1).map(|byte| byte[0])
    }

    fn word(&mut self) -> Result<u32, Damaged> {
        let (word, rest) = self.0.split_first_chunk().ok_or(Damaged)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*word))
    }

    fn number(&mut self) -> Result<u64, Damaged> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Damaged)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    fn length(&mut self) -> Result<usize, Damaged> {
        usize::try_from(self.number()?).map_err(|_| Damaged)
    }

    fn text(&mut self) -> Result<&'a str, Damaged> {
        let length = self.length()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Damaged)
    }

    fn column(&mut self, devices: usize, seed: u64) -> Result<Column, Damaged> {
        let entries = self.length()?;
        let mut dictionary = Dictionary::new(seed);
        for number in 0..entries {
            let code = match self.byte()? {
                0 => dictionary.code(&Raw::Number(f64::from_bits(self.number()?))),
                1 => dictionary.code(&Raw::Text(self.text()?.into())),
                2 => dictionary.code(&Raw::Array(self.text()?)),
                _ => return Err(Damaged),
            };
            // An entry that is there twice would get the code of the first one.
            if code.is_none_or(|code| code as usize != number + FIRST as usize) {
                return Err(Damaged);
            }
        }
        let width = width(dictionary.len());
        let written = self.take(devices.checked_mul(width).ok_or(Damaged)?)?;
        let codes: Vec<u32> = match width {
            1 => written.iter().map(|byte| u32::from(*byte)).collect(),
            2 => written.as_chunks().0.iter().map(|bytes| u32::from(u16::from_le_bytes(*bytes))).collect(),
            _ => written.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect(),
        };
        let last = u32::try_from(dictionary.len()).map_err(|_| Damaged)?.max(OBJECT + 1);
        if codes.iter().any(|code| *code >= last) {
            return Err(Damaged);
        }
        Ok(Column::new(dictionary, codes))
    }
}
