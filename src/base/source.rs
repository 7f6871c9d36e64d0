//! A text with a name, and where its bytes stand for people: lines and columns from 1, columns in characters.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::text::sanitized;

/// Characters shown on either side of a place; a line may be megabytes long.
const SHOWN: usize = 60;

/// A text that findings point into.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// How the text is named to people: a file as the user gave it, `<stdin>`.
    pub name: PathBuf,
    /// The text.
    pub text: String,
    starts: Vec<usize>,
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
        Self { name: name.to_path_buf(), text, starts }
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
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let head = self.text.get(start..offset).unwrap_or_default().trim_start_matches('\u{feff}');
        (line, head.chars().count() + 1)
    }

    /// Returns the byte at a line and a column, both from 1; what lies behind the text is its end.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let mark = if rest.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let head = rest.get(mark..).unwrap_or_default();
        start + mark + head.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
    }

    /// Returns the first line of a range with carets below the range.
    pub fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let (line, column) = self.position(span.start);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let at = self.boundary(span.start);
        let head = self.text.get(start..at).unwrap_or_default().trim_start_matches('\u{feff}');
        let rest = self.text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let inside = self.text.get(at..self.boundary(span.end.max(at))).and_then(|part| part.lines().next()).unwrap_or_default();
        let head = sanitized(&head.chars().skip((column - 1).saturating_sub(SHOWN)).collect::<String>());
        let tail: String = rest.chars().take(SHOWN).collect();
        Excerpt {
            indent: head.chars().count(),
            line: sanitized(&format!("{head}{tail}")).trim_end().to_owned(),
            width: inside.chars().count().clamp(1, SHOWN),
        }
    }

    /// Moves an offset back to where a character begins.
    fn boundary(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
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
