//! The ids of all devices, one after the other, and which device has which.

use std::cmp::Ordering;

use super::dictionary::{Table, hash};

/// Ids by the number of the device. Most files are sorted by them, and then they are found without a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    text: String,
    ends: Vec<u32>,
    /// Made when a device comes that is not in order.
    table: Option<Table>,
    seed: u64,
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
    pub fn with_capacity(devices: usize, bytes: usize, seed: u64) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(devices), table: None, seed }
    }

    /// Adds the next device.
    pub fn push(&mut self, id: &str) -> Result<(), Refused> {
        let number = u32::try_from(self.ends.len()).map_err(|_| Refused::TooLong)?;
        let in_order = self.table.is_none() && number.checked_sub(1).is_none_or(|last| self.get(last) < id);
        if !in_order {
            if self.table.is_none() {
                self.table = Some(self.tabled());
            }
            if self.find(id).is_some() {
                return Err(Refused::Twice(id.to_owned()));
            }
        }
        self.text.push_str(id);
        self.ends.push(u32::try_from(self.text.len()).map_err(|_| Refused::TooLong)?);
        if let Some(table) = &mut self.table {
            table.insert(hash(self.seed, id.as_bytes()), number);
        }
        Ok(())
    }

    /// Returns a table of all devices until now.
    fn tabled(&self) -> Table {
        let mut table = Table::with_capacity(self.ends.capacity());
        for device in (0..).take(self.ends.len()) {
            table.insert(hash(self.seed, self.get(device).as_bytes()), device);
        }
        table
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
        if let Some(table) = &self.table {
            return table.find(hash(self.seed, id.as_bytes()), |device| self.get(device) == id);
        }
        let (mut low, mut high) = (0, u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Returns all ids, one after the other, and where each ends.
    pub fn raw(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }
}
