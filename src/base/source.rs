//! A text with a name, and where its bytes stand for people: lines and columns from 1, columns in characters.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::text::sanitized;

/// Characters shown on either side of a place; a line may be megabytes long.
const SHOWN: usize = 60;
/// Bytes between two places whose characters are counted beforehand, so that a column costs no walk over its line.
const STRIDE: usize = 1 << 10;

/// A text that findings point into.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// How the text is named to people: a file as the user gave it, `<stdin>`.
    pub name: PathBuf,
    /// The text.
    pub text: String,
    starts: Vec<usize>,
    /// Characters that begin before each multiple of [`STRIDE`].
    counted: Vec<usize>,
}

/// Where something stands: from its first character to the one behind its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column behind the end.
    pub end_column: usize,
}

/// A line of a text with carets below a part of it, shortened to what fits a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line or a part of it, without control characters.
    pub line: String,
    /// Characters before the carets.
    pub indent: usize,
    /// Number of carets, at least one.
    pub width: usize,
}

impl SourceText {
    /// Returns a text with its name.
    pub fn new(name: &Path, text: impl Into<String>) -> Self {
        let text = text.into();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let counted = text.as_bytes().chunks(STRIDE).scan(0, |before, chunk| {
            let begun = *before + beginnings(chunk);
            Some(std::mem::replace(before, begun))
        });
        let counted = counted.collect();
        Self { name: name.to_path_buf(), text, starts, counted }
    }

    /// Returns the place of a range of bytes; what lies behind the text counts as its end.
    pub fn place(&self, span: &Range<usize>) -> Place {
        let (line, column) = self.position(span.start);
        let (end_line, end_column) = self.position(span.end.max(span.start));
        Place { line, column, end_line, end_column }
    }

    /// Returns line and column of a byte.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.after_mark(self.starts.get(line - 1).copied().unwrap_or_default()).min(offset);
        (line, self.characters_before(offset) - self.characters_before(start) + 1)
    }

    /// Returns the byte at a line and a column, both from 1; what lies behind the text is its end.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        self.character(self.characters_before(self.after_mark(start)) + column.saturating_sub(1))
    }

    /// Returns the first line of a range with carets below the range.
    pub fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let (line, _) = self.position(span.start);
        let at = self.boundary(span.start);
        let start = self.after_mark(self.starts.get(line - 1).copied().unwrap_or_default()).min(at);
        let shown = |from: usize, to: usize| {
            let part = self.text.get(from..to).unwrap_or_default();
            part.chars().take_while(|c| !matches!(c, '\n' | '\r')).take(SHOWN)
        };
        let before = self.text.get(start..at).unwrap_or_default().char_indices().rev().take(SHOWN).last();
        let head = sanitized(&shown(start + before.map_or(0, |(from, _)| from), at).collect::<String>());
        let tail: String = shown(at, self.text.len()).collect();
        Excerpt {
            indent: head.chars().count(),
            line: sanitized(&format!("{head}{tail}")).trim_end().to_owned(),
            width: shown(at, self.boundary(span.end.max(at))).count().max(1),
        }
    }

    /// Moves an offset back to where a character begins.
    fn boundary(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }

    /// Returns where a line begins behind its byte order mark.
    fn after_mark(&self, start: usize) -> usize {
        let mark = self.text.get(start..).is_some_and(|rest| rest.starts_with('\u{feff}'));
        start + if mark { '\u{feff}'.len_utf8() } else { 0 }
    }

    /// Returns the number of characters that begin before a byte.
    fn characters_before(&self, offset: usize) -> usize {
        let Some(last) = self.counted.len().checked_sub(1) else { return 0 };
        let chunk = (offset / STRIDE).min(last);
        self.counted[chunk] + beginnings(self.text.as_bytes().get(chunk * STRIDE..offset).unwrap_or_default())
    }

    /// Returns the byte at which a character begins, counted from 0; behind the last one it is the end.
    fn character(&self, number: usize) -> usize {
        let Some(chunk) = self.counted.partition_point(|before| *before <= number).checked_sub(1) else { return self.text.len() };
        let mut begun = self.counted[chunk];
        for (at, byte) in self.text.bytes().enumerate().skip(chunk * STRIDE) {
            if begins_character(byte) {
                if begun == number {
                    return at;
                }
                begun += 1;
            }
        }
        self.text.len()
    }
}

/// Tells whether a byte of UTF-8 is the first of its character.
fn begins_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| begins_character(**byte)).count()
}

impl Excerpt {
    /// Draws the line below a gutter with its number, and the carets below it.
    pub fn draw(&self, line: usize) -> String {
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        format!(" {gutter} |\n {number} | {}\n {gutter} | {}{}", self.line, " ".repeat(self.indent), "^".repeat(self.width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_found_again() {
        let source = text("\u{feff}aé\n\nxyz");
        for offset in [3, 4, 6, 7, 8, 10] {
            let (line, column) = source.position(offset);
            assert_eq!(source.offset(line, column), offset, "{line}:{column}");
        }
        assert_eq!(source.offset(9, 9), source.text.len());
    }

    fn text(text: &str) -> SourceText {
        SourceText::new(Path::new("f"), text)
    }

    #[test]
    fn places_count_characters_from_one() {
        let source = text("a\nbé𝄞c\r\n\nend");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(2), (2, 1));
        assert_eq!(source.position(source.text.find('c').expect("there")), (2, 4));
        assert_eq!(source.place(&(source.text.len()..usize::MAX)), Place { line: 4, column: 4, end_line: 4, end_column: 4 });
        assert_eq!(text("").position(7), (1, 1));
    }

    #[test]
    fn columns_of_a_long_line_are_those_that_a_walk_counts() {
        let long: String = "aé𝄞漢".repeat(1_500);
        let source = text(&format!("é\n\u{feff}{long}\n{long}"));
        for start in [3, 6 + long.len() + 1] {
            for (characters, (at, _)) in long.char_indices().enumerate() {
                let (line, column) = source.position(source.after_mark(start) + at);
                assert_eq!((line, column), (if start == 3 { 2 } else { 3 }, characters + 1));
                assert_eq!(source.offset(line, column), source.after_mark(start) + at);
            }
        }
    }

    #[test]
    fn every_place_of_a_long_line_is_found_in_time() {
        let source = text(&"x".repeat(4 << 20));
        // A walk from the beginning of the line for each place would take hours.
        for at in (0..source.text.len()).step_by(400) {
            assert_eq!((source.position(at), source.excerpt(&(at..at + 3)).width), ((1, at + 1), 3.min(source.text.len() - at)));
        }
    }

    #[test]
    fn a_byte_inside_a_character_is_the_character() {
        assert_eq!(text("é!").position(1), (1, 1));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(text("\u{feff}{}").position(3), (1, 1));
    }

    #[test]
    fn excerpts_are_short_and_clean() {
        let long = format!("{}\u{1b}[31mHERE{}", "x".repeat(500), "y".repeat(500));
        let at = long.find("HERE").expect("there");
        let excerpt = text(&long).excerpt(&(at..at + 4));
        assert!(excerpt.line.chars().count() <= 2 * SHOWN, "{}", excerpt.line);
        assert!(!excerpt.line.contains('\u{1b}'));
        assert_eq!(excerpt.line.chars().skip(excerpt.indent).take(excerpt.width).collect::<String>(), "HERE");
        assert_eq!(text("ab\n").excerpt(&(2..2)).draw(1), "   |\n 1 | ab\n   |   ^");
    }
}
