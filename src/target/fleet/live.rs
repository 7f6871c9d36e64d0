//! A fleet that changes: a patch of one device's tags or reported properties moves that device between values, and only the conditions that
//! read what changed are judged again, for that device alone.

use roaring::RoaringBitmap;
use serde_json::{Map, Value as Json};

use super::index::FleetIndex;
use super::scan::Raw;
use super::schema::paths_of;
use crate::base::{Diagnose, Exit};
use crate::target::{Condition, Truth, evaluate};

/// An index and the devices that some conditions select, kept right while the fleet changes.
#[derive(Clone, Debug)]
pub struct LiveFleet {
    index: FleetIndex,
    conditions: Vec<Condition>,
    selected: Vec<RoaringBitmap>,
    /// Conditions by the column that they read.
    readers: Vec<Vec<usize>>,
}

/// A device that a condition selects now and did not before, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Number of the condition.
    pub condition: usize,
    /// Whether the device is selected now.
    pub selected: bool,
}

/// A patch that cannot be applied.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PatchError {
    /// There is no such device.
    #[error("there is no device `{0}`")]
    UnknownDevice(String),
    /// The patch is no JSON object.
    #[error("a patch is a JSON object with `tags` or `properties`")]
    NoObject,
    /// More values than an index numbers.
    #[error("more different values than an index holds")]
    TooLarge,
}

impl Diagnose for PatchError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownDevice(_) => "fleet/unknown-device",
            Self::NoObject => "fleet/bad-patch",
            Self::TooLarge => "fleet/too-large",
        }
    }
}

impl LiveFleet {
    /// Judges the conditions once over the whole fleet.
    ///
    /// # Panics
    /// When the index does not hold what a condition reads.
    pub fn new(index: FleetIndex, conditions: Vec<Condition>) -> Self {
        let selected = conditions.iter().map(|condition| index.sets(condition).yes).collect();
        let mut readers = vec![Vec::new(); index.columns.len()];
        for (number, condition) in conditions.iter().enumerate() {
            let Condition::Expression(node) = condition else { continue };
            for column in paths_of(node).into_iter().filter_map(|path| index.schema.column(path)) {
                readers[column].push(number);
            }
        }
        Self { index, conditions, selected, readers }
    }

    /// Returns the index as it is now.
    pub fn index(&self) -> &FleetIndex {
        &self.index
    }

    /// Returns the devices that a condition selects now.
    pub fn selected(&self, condition: usize) -> &RoaringBitmap {
        &self.selected[condition]
    }

    /// Applies a merge patch (RFC 7396) of a twin's `tags` and `properties.reported` to one device and returns what moved. Other members
    /// of the patch change nothing that conditions read.
    ///
    /// # Errors
    /// When the device is unknown, the patch is no object, or there are too many values. No device has changed then.
    pub fn patch(&mut self, device: &str, patch: &Json) -> Result<Vec<Move>, PatchError> {
        let Some(number) = self.index.find(device) else { return Err(PatchError::UnknownDevice(device.to_owned())) };
        let Json::Object(members) = patch else { return Err(PatchError::NoObject) };
        let mut writes = Vec::new();
        for root in ["tags", "properties"] {
            if let (Some(value), Some(branch)) = (members.get(root), self.index.schema.child(0, root)) {
                self.index.merge(branch, value, number, &mut writes)?;
            }
        }
        // Every value has its code; from here on nothing fails.
        for (column, code) in &writes {
            self.index.columns[*column].put(number, *code);
        }
        let changed = writes.into_iter().map(|(column, _)| column);
        let mut touched: Vec<usize> = changed.flat_map(|column| self.readers[column].iter().copied()).collect();
        touched.sort_unstable();
        touched.dedup();
        Ok(touched.into_iter().filter_map(|condition| self.judge(condition, number)).collect())
    }

    fn judge(&mut self, condition: usize, device: u32) -> Option<Move> {
        let Condition::Expression(node) = &self.conditions[condition] else { return None };
        let selected = evaluate::truth(node, &self.index.device(device)) == Truth::True;
        let set = &mut self.selected[condition];
        let moved = if selected { set.insert(device) } else { set.remove(device) };
        moved.then_some(Move { condition, selected })
    }
}

/// Columns, and the code that each gets.
type Writes = Vec<(usize, u32)>;

impl FleetIndex {
    /// Merges a value into what stands at a branch: notes what is to be written where. No column comes twice.
    fn merge(&mut self, branch: usize, value: &Json, device: u32, writes: &mut Writes) -> Result<(), PatchError> {
        if let Json::Object(members) = value {
            return self.merge_object(branch, members, device, writes);
        }
        let below = self.schema.branch(branch).children.clone();
        for child in below {
            self.remove(child, device, writes)?;
        }
        let text;
        let raw = match value {
            Json::Bool(value) => Raw::Bool(*value),
            Json::Number(number) => number.as_f64().map_or(Raw::Undefined, Raw::Number),
            Json::String(text) => Raw::Text(text.into()),
            Json::Array(_) => {
                text = value.to_string();
                Raw::Array(&text)
            }
            Json::Null | Json::Object(_) => Raw::Undefined,
        };
        self.put(branch, device, &raw, writes)
    }

    fn merge_object(&mut self, branch: usize, members: &Map<String, Json>, device: u32, writes: &mut Writes) -> Result<(), PatchError> {
        self.put(branch, device, &Raw::Object, writes)?;
        for (name, value) in members {
            if let Some(child) = self.schema.child(branch, name) {
                self.merge(child, value, device, writes)?;
            }
        }
        Ok(())
    }

    fn remove(&mut self, branch: usize, device: u32, writes: &mut Writes) -> Result<(), PatchError> {
        self.put(branch, device, &Raw::Undefined, writes)?;
        let below = self.schema.branch(branch).children.clone();
        below.into_iter().try_for_each(|child| self.remove(child, device, writes))
    }

    fn put(&mut self, branch: usize, device: u32, raw: &Raw<'_>, writes: &mut Writes) -> Result<(), PatchError> {
        let Some(number) = self.schema.branch(branch).slot.filter(|slot| *slot < self.columns.len()) else { return Ok(()) };
        let column = &mut self.columns[number];
        let code = column.dictionary.code(raw).ok_or(PatchError::TooLarge)?;
        if code != column.codes[device as usize] {
            writes.push((number, code));
        }
        Ok(())
    }
}
