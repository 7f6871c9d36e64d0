//! The index: what conditions read of every device, kept so that a condition is answered for all devices at once.

use std::path::Path as FilePath;

use roaring::RoaringBitmap;

use super::column::{Column, Kinds};
use super::dictionary::Dictionary;
use super::error::FleetError;
use super::ids::{Ids, Refused};
use super::part::Part;
use super::schema::Schema;
use crate::target::evaluate::Attributes;
use crate::target::expression::{Path, Root};
use crate::target::value::Value;

/// A fleet, as far as some conditions see it. Devices are numbered from 0 in the order of the file.
#[derive(Clone, Debug)]
pub struct FleetIndex {
    pub(super) schema: Schema,
    pub(super) ids: Ids,
    pub(super) columns: Vec<Column>,
    pub(super) edge: RoaringBitmap,
    pub(super) edge_known: bool,
}

impl FleetIndex {
    /// Puts the pieces of a file together, in their order.
    pub(super) fn assemble(
        schema: Schema,
        mut parts: Vec<Part>,
        mut dictionaries: Vec<Vec<Dictionary>>,
        edge_known: bool,
        file: &FilePath,
    ) -> Result<Self, FleetError> {
        let too_large = || FleetError::TooLarge { file: file.to_path_buf() };
        let refuse = |refused| match refused {
            Refused::Twice(device) => FleetError::DuplicateDevice { file: file.to_path_buf(), device },
            Refused::TooLong => too_large(),
        };
        let devices = parts.iter().map(|part| part.ends.len()).sum();
        let mut ids = Ids::with_capacity(devices, parts.iter().map(|part| part.ids.len()).sum(), schema.seed());
        let mut edge = RoaringBitmap::new();
        for part in &mut parts {
            let before = u32::try_from(ids.len()).map_err(|_| too_large())?;
            edge.extend(part.edge.drain(..).map(|device| before + device));
            let mut start = 0;
            for end in std::mem::take(&mut part.ends) {
                ids.push(part.ids.get(start..end).unwrap_or_default()).map_err(refuse)?;
                start = end;
            }
            part.ids = String::new();
        }
        let mut columns = Vec::with_capacity(schema.paths().len());
        for column in 0..schema.paths().len() {
            let mut whole = std::mem::take(&mut dictionaries[0][column]);
            let mut renumbered = vec![None];
            for other in &mut dictionaries[1..] {
                renumbered.push(Some(whole.absorb(&std::mem::take(&mut other[column])).ok_or_else(too_large)?));
            }
            let mut codes = Vec::with_capacity(devices);
            for part in &mut parts {
                let read = std::mem::take(&mut part.columns[column]);
                match &renumbered[part.worker] {
                    None => codes.extend(read),
                    Some(known) => codes.extend(read.into_iter().map(|code| known[code as usize])),
                }
            }
            columns.push(Column::new(whole, codes));
        }
        Ok(Self { schema, ids, columns, edge, edge_known })
    }

    /// Returns the number of devices.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Tells whether there is no device.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the id of a device.
    ///
    /// # Panics
    /// When there is no such device.
    pub fn id(&self, device: u32) -> &str {
        self.ids.get(device)
    }

    /// Returns the device of an id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.ids.find(id)
    }

    /// Returns the attributes that are held.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns all devices.
    pub fn everything(&self) -> RoaringBitmap {
        let mut set = RoaringBitmap::new();
        set.insert_range(0..u32::try_from(self.len()).expect("devices are numbered with 32 bits"));
        set
    }

    /// Returns the devices that are edge devices; `None` when the file does not say which those are.
    pub fn edge(&self) -> Option<&RoaringBitmap> {
        self.edge_known.then_some(&self.edge)
    }

    /// Counts the types of values at an attribute; `None` when the attribute is not held.
    pub fn kinds(&self, path: &Path) -> Option<Kinds> {
        if path.root == Root::DeviceId {
            return Some(Kinds { texts: self.len() as u64, ..Kinds::default() });
        }
        Some(self.columns[self.schema.column(path)?].kinds())
    }

    /// Returns one device as the evaluator sees it.
    pub fn device(&self, device: u32) -> Device<'_> {
        Device { index: self, device }
    }
}

/// One device of an index.
#[derive(Clone, Copy, Debug)]
pub struct Device<'i> {
    index: &'i FleetIndex,
    device: u32,
}

impl Attributes for Device<'_> {
    /// Returns a value; an attribute that is not held counts as missing.
    fn attribute(&self, path: &Path) -> Value<'_> {
        if path.root == Root::DeviceId {
            return Value::Text(self.index.id(self.device).into());
        }
        let Some(column) = self.index.schema.column(path) else { return Value::Undefined };
        let column = &self.index.columns[column];
        column.dictionary.value(column.codes[self.device as usize])
    }
}
