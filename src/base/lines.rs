//! The lines of a stream, one by one, none longer than a limit: a file without line breaks is refused, not held.

use std::io::{self, BufRead, Read as _};

/// Why there is no next line.
#[derive(Debug)]
pub enum LineError {
    /// The stream does not read.
    Read(io::Error),
    /// The line with this number, from 1, is longer than the limit.
    TooLong(usize),
}

/// Lines without their line breaks, the first without a byte order mark; with their numbers, from 1.
#[derive(Debug)]
pub struct Lines<R> {
    stream: R,
    limit: usize,
    number: usize,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Returns the lines of a stream, none with more than `limit` bytes.
    pub fn new(stream: R, limit: usize) -> Self {
        Self { stream, limit, number: 0, ended: false }
    }

    fn read(&mut self) -> Result<Option<Vec<u8>>, LineError> {
        let mut line = Vec::new();
        // One more for the line break, and one that tells a line that is too long.
        let length = (&mut self.stream).take(self.limit as u64 + 2).read_until(b'\n', &mut line).map_err(LineError::Read)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.len() > self.limit {
            return Err(LineError::TooLong(self.number));
        }
        if self.number == 1 && line.starts_with("\u{feff}".as_bytes()) {
            line.drain(.."\u{feff}".len());
        }
        Ok(Some(line))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<(usize, Vec<u8>), LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self.read().transpose();
        self.ended = !matches!(read, Some(Ok(_)));
        read.map(|line| line.map(|line| (self.number, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_numbers_and_no_mark() {
        let lines: Vec<_> = Lines::new(&b"\xef\xbb\xbfa\r\n\nb"[..], 9).map(|line| line.expect("a line")).collect();
        assert_eq!(lines, [(1, b"a\r".to_vec()), (2, Vec::new()), (3, b"b".to_vec())]);
    }

    #[test]
    fn a_line_without_end_is_refused_at_the_limit() {
        // The stream never ends: whoever reads the whole line first does not come back.
        let mut endless = Lines::new(io::BufReader::new(io::repeat(b'x')), 1 << 16);
        assert!(matches!(endless.next(), Some(Err(LineError::TooLong(1)))));
        assert!(endless.next().is_none());
        assert_eq!(Lines::new(&b"abc\nabc"[..], 3).filter_map(Result::ok).count(), 2);
        assert!(matches!(Lines::new(&b"ab\nabcd"[..], 3).last(), Some(Err(LineError::TooLong(2)))));
    }
}
