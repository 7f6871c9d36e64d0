//! A part of a fleet as a fleet of its own.

use roaring::RoaringBitmap;

use super::column::Column;
use super::ids::Ids;
use super::index::FleetIndex;

impl FleetIndex {
    /// Returns the index of some of the devices, in their order.
    ///
    /// # Panics
    /// When one of them is not there.
    #[must_use]
    pub fn only(&self, devices: &RoaringBitmap) -> Self {
        let mut ids = Ids::with_capacity(self.len(), 0, self.schema.seed());
        for device in devices {
            ids.push(self.id(device)).expect("the ids of an index are different, and fewer are shorter");
        }
        let codes = |column: &Column| devices.iter().map(|device| column.codes[device as usize]).collect();
        let columns = self.columns.iter().map(|column| Column::new(column.dictionary.clone(), codes(column))).collect();
        let edge = (0..).zip(devices).filter(|(_, device)| self.edge.contains(*device)).map(|(number, _)| number).collect();
        Self { schema: self.schema.clone(), ids, columns, edge, edge_known: self.edge_known }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::target::Condition;
    use crate::target::fleet::{FleetFormat, Schema, read};

    #[test]
    fn a_part_answers_as_a_file_of_these_devices_would() {
        let condition = Condition::parse("tags.ring = 'canary' OR tags.line > 1").expect("a condition");
        let index = |text: &str| {
            let schema = Schema::of([&condition]);
            read(&mut text.as_bytes(), Path::new("f"), FleetFormat::Auto, schema, &mut |_| {}).expect("a fleet")
        };
        let lines = [
            "{\"deviceId\":\"a\",\"tags\":{\"ring\":\"canary\"}}\n",
            "{\"deviceId\":\"b\",\"capabilities\":{\"iotEdge\":true},\"tags\":{\"line\":2}}\n",
            "{\"deviceId\":\"c\",\"capabilities\":{\"iotEdge\":true}}\n",
        ];
        let whole = index(&lines.concat());
        let (part, expected) = (whole.only(whole.edge().expect("known")), index(&lines[1..].concat()));
        assert_eq!((part.len(), part.find("b"), part.find("a")), (2, Some(0), None));
        assert_eq!(part.edge(), expected.edge());
        assert_eq!(part.count(&condition, "", None), expected.count(&condition, "", None));
    }
}
