//! Reads one line of JSON: checks all of it, keeps only the attributes of a schema. What is accepted is exactly what `serde_json` accepts,
//! and what is kept is what it would have read: of two members of one name, the last one counts.

use std::borrow::Cow;

use super::schema::Schema;

/// What stands at an attribute of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Raw<'a> {
    /// Nothing.
    #[default]
    Undefined,
    /// A null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// An array, as it was written.
    Array(&'a str),
    /// An object.
    Object,
}

/// Nesting that is read, the limit of `serde_json`.
const MAX_DEPTH: u32 = 127;

/// What a scan has seen of a schema, kept from line to line so that nothing is allocated for each.
pub(super) struct Seen {
    stamps: Vec<u32>,
    line: u32,
    /// Members by the branch that they stand below.
    usual: Vec<Usual>,
}

/// Members that objects of one branch had before, in their order: twins are written by programs, so that the next name can be guessed
/// and compared as a whole instead of being read.
#[derive(Clone, Default)]
struct Usual(Vec<Member>);

#[derive(Clone)]
struct Member {
    /// Its name as it was written, with quotes and colon; without escapes.
    written: Box<[u8]>,
    /// The branch that it leads to.
    child: Option<usize>,
}

/// Members that are remembered of one branch.
const USUAL: usize = 64;

impl Usual {
    /// Returns the place and length of the member that `bytes` begin with, when it is one of the two that are due.
    #[inline]
    fn due(&self, turn: usize, bytes: &[u8]) -> Option<(usize, &Member)> {
        let near = self.0.iter().enumerate().skip(turn).take(2);
        near.into_iter().find(|(_, member)| bytes.starts_with(&member.written))
    }

    /// Notes a member that came instead of the one that was due, and returns its place.
    fn met(&mut self, turn: usize, written: &[u8], child: Option<usize>) -> usize {
        if let Some(place) = self.0.iter().position(|member| *member.written == *written) {
            return place;
        }
        let place = turn.min(self.0.len());
        if self.0.len() < USUAL {
            self.0.insert(place, Member { written: written.into(), child });
        }
        place
    }
}

impl Seen {
    /// Returns a memory for lines of one schema.
    pub fn new(schema: &Schema) -> Self {
        Self { stamps: vec![0; schema.branches()], line: 0, usual: vec![Usual::default(); schema.branches()] }
    }
}

/// A line that is no JSON object; the byte where reading ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub usize);

type Scanned<T> = Result<T, Malformed>;

/// Reads a line into slots, which must all be undefined.
pub(super) fn scan<'a>(schema: &Schema, line: &'a str, slots: &mut [Raw<'a>], seen: &mut Seen) -> Scanned<()> {
    seen.line = seen.line.checked_add(1).unwrap_or_else(|| {
        seen.stamps.fill(0);
        1
    });
    let mut scanner = Scanner { schema, text: line, bytes: line.as_bytes(), at: 0, seen };
    scanner.blanks();
    if scanner.peek() != Some(b'{') {
        return scanner.fail();
    }
    scanner.object(0, slots, 1)?;
    scanner.blanks();
    if scanner.at < scanner.bytes.len() { scanner.fail() } else { Ok(()) }
}

struct Scanner<'a, 's> {
    schema: &'s Schema,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    seen: &'s mut Seen,
}

impl<'a> Scanner<'a, '_> {
    fn fail<T>(&self) -> Scanned<T> {
        Err(Malformed(self.at))
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        // Most files have none.
        if self.peek().is_some_and(|byte| byte > b' ') {
            return;
        }
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Scanned<()> {
        if self.peek() != Some(byte) {
            return self.fail();
        }
        self.at += 1;
        Ok(())
    }

    fn slice(&self, from: usize, to: usize) -> Scanned<&'a str> {
        self.text.get(from..to).ok_or(Malformed(from))
    }

    /// Reads an object whose members may be attributes; stands at its brace.
    fn object(&mut self, branch: usize, slots: &mut [Raw<'a>], depth: u32) -> Scanned<()> {
        if depth > MAX_DEPTH {
            return self.fail();
        }
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let mut turn = 0;
        loop {
            let child = self.member(branch, &mut turn)?;
            self.blanks();
            match child {
                Some(child) => self.attribute(child, slots, depth)?,
                None => self.skip(depth)?,
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.fail(),
            }
            self.blanks();
        }
    }

    /// Reads the name of a member and its colon; `turn` counts the members that were there before.
    #[inline]
    fn member(&mut self, branch: usize, turn: &mut usize) -> Scanned<Option<usize>> {
        if let Some((place, member)) = self.seen.usual[branch].due(*turn, self.bytes.get(self.at..).unwrap_or_default()) {
            self.at += member.written.len();
            *turn = place + 1;
            return Ok(member.child);
        }
        let start = self.at;
        let name = self.text_value()?;
        self.blanks();
        self.expect(b':')?;
        let child = self.schema.child(branch, &name);
        // With escapes or blanks it is written in some other way the next time.
        if self.at - start == name.len() + 3 && matches!(name, Cow::Borrowed(_)) {
            *turn = self.seen.usual[branch].met(*turn, &self.bytes[start..self.at], child) + 1;
        }
        Ok(child)
    }

    /// Reads the value of a member that is an attribute, or is on the way to some.
    fn attribute(&mut self, branch: usize, slots: &mut [Raw<'a>], depth: u32) -> Scanned<()> {
        if self.seen.stamps[branch] == self.seen.line {
            clear(self.schema, branch, slots);
        }
        self.seen.stamps[branch] = self.seen.line;
        let known = self.schema.branch(branch);
        let slot = known.slot;
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') if !known.children.is_empty() => {
                self.object(branch, slots, depth + 1)?;
                Raw::Object
            }
            _ if slot.is_none() => return self.skip(depth),
            Some(b'"') => Raw::Text(self.text_value()?),
            Some(b'{') => {
                self.skip(depth)?;
                Raw::Object
            }
            Some(b'[') => {
                self.skip(depth)?;
                Raw::Array(self.slice(start, self.at)?)
            }
            Some(b'-' | b'0'..=b'9') => Raw::Number(self.number()?),
            Some(b't') => self.word("true").map(|()| Raw::Bool(true))?,
            Some(b'f') => self.word("false").map(|()| Raw::Bool(false))?,
            _ => self.word("null").map(|()| Raw::Null)?,
        };
        if let Some(slot) = slot {
            slots[slot] = value;
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Scanned<()> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fail();
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a text; stands at its quote.
    fn text_value(&mut self) -> Scanned<Cow<'a, str>> {
        let start = self.at;
        if self.string()? {
            let written = self.slice(start, self.at)?;
            return serde_json::from_str(written).map(Cow::Owned).map_err(|_| Malformed(start));
        }
        self.slice(start + 1, self.at - 1).map(Cow::Borrowed)
    }

    /// Passes a text and tells whether it has escapes; they are not checked.
    fn string(&mut self) -> Scanned<bool> {
        if self.peek() != Some(b'"') {
            return self.fail();
        }
        let (bytes, mut at, mut escaped) = (self.bytes, self.at + 1, false);
        loop {
            at += plain(bytes.get(at..).unwrap_or_default());
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    at += 2;
                }
                _ => {
                    self.at = at.min(bytes.len());
                    return self.fail();
                }
            }
        }
    }

    /// Passes a number; tells whether it is a whole number that a double holds as it is written.
    fn number_text(&mut self) -> Scanned<bool> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let start = self.at;
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.fail(),
        }
        let mut whole = self.at - start <= 15 && (self.bytes[start] != b'0' || start == 0 || self.bytes[start - 1] != b'-');
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(whole)
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Scanned<()> {
        let start = self.at;
        self.digits();
        if self.at == start { self.fail() } else { Ok(()) }
    }

    /// Reads a number; one that is out of range is refused.
    fn number(&mut self) -> Scanned<f64> {
        let start = self.at;
        let whole = self.number_text()?;
        let written = self.slice(start, self.at)?;
        if whole && written.len() <= 9 {
            let digits = written.bytes().filter(u8::is_ascii_digit);
            let size = f64::from(digits.fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0')));
            return Ok(if written.starts_with('-') { -size } else { size });
        }
        if whole {
            return written.parse().map_err(|_| Malformed(start));
        }
        let number: Result<serde_json::Value, _> = serde_json::from_str(written);
        number.ok().and_then(|number| number.as_f64()).ok_or(Malformed(start))
    }

    /// Passes a value of any depth without recursion; `depth` objects are open around it.
    fn skip(&mut self, depth: u32) -> Scanned<()> {
        // One bit for each open object (1) or array (0), the innermost lowest.
        let (mut open, mut levels) = (0_u128, 0);
        loop {
            match self.peek() {
                Some(b'"') => self.checked_string()?,
                Some(b'{' | b'[') => {
                    let object = self.peek() == Some(b'{');
                    levels += 1;
                    if depth + levels > MAX_DEPTH {
                        return self.fail();
                    }
                    open = open << 1 | u128::from(object);
                    self.at += 1;
                    self.blanks();
                    if self.peek() != Some(if object { b'}' } else { b']' }) {
                        if object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b'-' | b'0'..=b'9') => self.checked_number()?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                _ => self.word("null")?,
            }
            loop {
                if levels == 0 {
                    return Ok(());
                }
                self.blanks();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.blanks();
                        if open & 1 == 1 {
                            self.name()?;
                        }
                        break;
                    }
                    Some(b'}') if open & 1 == 1 => {}
                    Some(b']') if open & 1 == 0 => {}
                    _ => return self.fail(),
                }
                self.at += 1;
                levels -= 1;
                open >>= 1;
            }
        }
    }

    /// Passes a member's name and its colon.
    fn name(&mut self) -> Scanned<()> {
        self.checked_string()?;
        self.blanks();
        self.expect(b':')?;
        self.blanks();
        Ok(())
    }

    fn checked_string(&mut self) -> Scanned<()> {
        let start = self.at;
        if self.string()? {
            let written = self.slice(start, self.at)?;
            serde_json::from_str::<String>(written).map_err(|_| Malformed(start))?;
        }
        Ok(())
    }

    fn checked_number(&mut self) -> Scanned<()> {
        let start = self.at;
        if !self.number_text()? {
            let written = self.slice(start, self.at)?;
            serde_json::from_str::<f64>(written).map_err(|_| Malformed(start))?;
        }
        Ok(())
    }
}

/// Forgets what stands at a branch and below it.
pub(super) fn clear(schema: &Schema, branch: usize, slots: &mut [Raw<'_>]) {
    let known = schema.branch(branch);
    if let Some(slot) = known.slot {
        slots[slot] = Raw::Undefined;
    }
    for child in &known.children {
        clear(schema, *child, slots);
    }
}

/// Returns how many bytes of a text stand for themselves: the place of the first quote, backslash or control character.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let (mut rest, mut done) = (bytes, 0);
    // Eight at a time: a byte of the word that is looked for leaves its highest bit set, and the lowest such bit is right.
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let (quote, backslash) = (word ^ (ONES * u64::from(b'"')), word ^ (ONES * u64::from(b'\\')));
        let found =
            (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash) | (word.wrapping_sub(ONES * 0x20) & !word);
        let found = found & (ONES * 0x80);
        if found != 0 {
            return done + (found.trailing_zeros() / 8) as usize;
        }
        (rest, done) = (after, done + 8);
    }
    done + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len())
}
