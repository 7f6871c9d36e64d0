//! The ids of all devices, one after the other, and which device has which.

use super::dictionary::{Table, hash};

/// Ids by the number of the device.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    text: String,
    ends: Vec<u32>,
    table: Table,
}

/// Why ids cannot be held.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// An id that is there already.
    Twice(String),
    /// They are longer than can be addressed.
    TooLong,
}

impl Ids {
    /// Returns nothing, with room for so many devices.
    pub fn with_capacity(devices: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(devices), table: Table::with_capacity(devices) }
    }

    /// Adds the next device.
    pub fn push(&mut self, id: &str) -> Result<(), Refused> {
        let number = u32::try_from(self.ends.len()).map_err(|_| Refused::TooLong)?;
        if self.find(id).is_some() {
            return Err(Refused::Twice(id.to_owned()));
        }
        self.text.push_str(id);
        self.ends.push(u32::try_from(self.text.len()).map_err(|_| Refused::TooLong)?);
        self.table.insert(hash(0, id.as_bytes()), number);
        Ok(())
    }

    /// Returns the number of devices.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the id of a device.
    pub fn get(&self, device: u32) -> &str {
        let device = device as usize;
        let start = device.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..self.ends[device] as usize).unwrap_or_default()
    }

    /// Returns the device of an id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.table.find(hash(0, id.as_bytes()), |device| self.get(device) == id)
    }

    /// Returns all ids, one after the other, and where each ends.
    pub fn raw(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }
}
