//! Tables for people, after kubectl: one row an item, `NAME` first, no spaces in a cell, `<none>` for nothing.

use crate::base::text::sanitized;

/// A table that is built row by row and aligned when printed.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts a table with these column headings (upper case).
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.iter().map(ToString::to_string).collect()] }
    }

    /// Adds a row; an empty cell prints as `<none>`.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into_iter().map(|cell| if cell.is_empty() { "<none>".to_owned() } else { sanitized(&cell) }).collect());
    }

    /// Returns the aligned text: three blanks between columns, none at the end of a line, a line break after each row.
    pub fn draw(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(comfy_table::ContentArrangement::Disabled);
        for row in &self.rows {
            table.add_row(row);
        }
        table.column_iter_mut().for_each(|column| {
            column.set_padding((0, 2));
        });
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}
