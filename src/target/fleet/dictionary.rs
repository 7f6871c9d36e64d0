//! The distinct values of one attribute, each with a code.

use serde_json::Value as Json;

use super::scan::Raw;
use crate::target::value::Value;

/// Code of nothing.
pub(super) const UNDEFINED: u32 = 0;
/// Code of a null.
pub(super) const NULL: u32 = 1;
/// Code of `false`.
pub(super) const FALSE: u32 = 2;
/// Code of `true`.
pub(super) const TRUE: u32 = 3;
/// Code of an object.
pub(super) const OBJECT: u32 = 4;
/// Code of the first number, text or array.
pub(super) const FIRST: u32 = 5;

/// Types of values that have entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers.
    Number,
    /// Texts.
    Text,
    /// Arrays.
    Array,
}

/// A number, text or array: its bits, its place in the texts, or the place of what was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Bits of the number, or offset of the text.
    pub payload: u64,
    /// Length of the text.
    pub length: u32,
    /// Type.
    pub kind: Kind,
}

/// The distinct values of one attribute.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    /// Spreads values differently in each process: nobody can make values that fall on one place of the table.
    seed: u64,
    entries: Vec<Entry>,
    texts: String,
    table: Table,
    arrays: Vec<(u32, Json)>,
    /// Codes of the whole numbers of 16 bits, by the number; 0 is none.
    small: Vec<u32>,
    /// Short texts that were met lately, by a part of their hash.
    recent: Vec<Recent>,
    /// Whether no value more is taken, as when all numbers are used up.
    #[cfg(test)]
    pub full: bool,
}

/// A short text and its code; 0 is none.
#[derive(Clone, Copy, Debug, Default)]
struct Recent {
    packed: Packed,
    code: u32,
}

/// Places for short texts, by eight bits of a hash.
const RECENT: usize = 1 << 8;

impl Dictionary {
    /// Returns a dictionary without values; nothing that is asked of it depends on the seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Returns the number of codes.
    pub fn len(&self) -> usize {
        self.entries.len() + FIRST as usize
    }

    /// Returns the entry of a code that has one.
    pub fn entry(&self, code: u32) -> Option<Entry> {
        self.entries.get(code.checked_sub(FIRST)? as usize).copied()
    }

    /// Returns all entries, in the order of their codes.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the text of an entry that has one.
    pub fn text(&self, entry: Entry) -> &str {
        let start = usize::try_from(entry.payload).unwrap_or(usize::MAX);
        self.texts.get(start..start.saturating_add(entry.length as usize)).unwrap_or_default()
    }

    /// Returns the value of a code.
    pub fn value(&self, code: u32) -> Value<'_> {
        match (code, self.entry(code)) {
            (_, Some(entry)) => match entry.kind {
                Kind::Number => Value::Number(f64::from_bits(entry.payload)),
                Kind::Text => Value::Text(self.text(entry).into()),
                Kind::Array => Value::Array(self.array(code)),
            },
            (NULL, _) => Value::Null,
            (FALSE, _) => Value::Bool(false),
            (TRUE, _) => Value::Bool(true),
            (OBJECT, _) => Value::Object,
            _ => Value::Undefined,
        }
    }

    fn array(&self, code: u32) -> &[Json] {
        let found = self.arrays.binary_search_by_key(&code, |(code, _)| *code).ok();
        found.and_then(|index| self.arrays[index].1.as_array()).map_or(&[], Vec::as_slice)
    }

    /// Returns the code of a value, which is new when it was not there; `None` when there are too many.
    pub fn code(&mut self, raw: &Raw<'_>) -> Option<u32> {
        match raw {
            Raw::Undefined => Some(UNDEFINED),
            Raw::Null => Some(NULL),
            Raw::Bool(false) => Some(FALSE),
            Raw::Bool(true) => Some(TRUE),
            Raw::Object => Some(OBJECT),
            Raw::Number(number) => self.number(*number),
            Raw::Text(text) => self.text_code(text),
            Raw::Array(text) => self.written(Kind::Array, text),
        }
    }

    /// Returns the code of a number; both zeros are one.
    fn number(&mut self, number: f64) -> Option<u32> {
        let bits = if number == 0.0 { 0 } else { number.to_bits() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the next line tells whether it was that number")]
        let whole = number as u16;
        if f64::from(whole).to_bits() == bits {
            return self.small(whole.into(), bits);
        }
        let hash = mix(bits ^ self.seed);
        let entries = &self.entries;
        let found = self.table.find(hash, |at| entries[at as usize].kind == Kind::Number && entries[at as usize].payload == bits);
        match found {
            Some(at) => Some(at + FIRST),
            None => self.add(hash, Entry { payload: bits, length: 0, kind: Kind::Number }),
        }
    }

    /// Returns the code of a small whole number, which stands in no table.
    fn small(&mut self, whole: usize, bits: u64) -> Option<u32> {
        if whole >= self.small.len() {
            self.small.resize((whole + 1).next_power_of_two(), UNDEFINED);
        }
        if self.small[whole] == UNDEFINED {
            self.small[whole] = self.push(Entry { payload: bits, length: 0, kind: Kind::Number })?;
        }
        Some(self.small[whole])
    }

    /// Returns the code of a text. The few that most devices have are found without a look at the entries.
    fn text_code(&mut self, text: &str) -> Option<u32> {
        let Some(packed) = Packed::of(text.as_bytes()) else { return self.written(Kind::Text, text) };
        if self.recent.is_empty() {
            self.recent = vec![Recent::default(); RECENT];
        }
        let place = usize::from((mix(packed.low ^ packed.high.rotate_left(29) ^ self.seed) >> 56) as u8);
        let recent = self.recent[place];
        if recent.packed == packed && recent.code != UNDEFINED {
            return Some(recent.code);
        }
        let code = self.written(Kind::Text, text)?;
        self.recent[place] = Recent { packed, code };
        Some(code)
    }

    fn written(&mut self, kind: Kind, text: &str) -> Option<u32> {
        let hash = hash(self.seed ^ kind as u64, text.as_bytes());
        if let Some(at) = self.find(hash, kind, text) {
            return Some(at + FIRST);
        }
        let entry = Entry { payload: self.texts.len() as u64, length: u32::try_from(text.len()).ok()?, kind };
        self.texts.push_str(text);
        self.add(hash, entry)
    }

    fn find(&self, hash: u64, kind: Kind, text: &str) -> Option<u32> {
        self.table.find(hash, |at| {
            let entry = self.entries[at as usize];
            entry.kind == kind && self.text(entry) == text
        })
    }

    fn add(&mut self, hash: u64, entry: Entry) -> Option<u32> {
        let code = self.push(entry)?;
        self.table.insert(hash, code - FIRST);
        Some(code)
    }

    fn push(&mut self, entry: Entry) -> Option<u32> {
        #[cfg(test)]
        if self.full {
            return None;
        }
        let code = u32::try_from(self.entries.len()).ok()?.checked_add(FIRST)?;
        self.entries.push(entry);
        if entry.kind == Kind::Array {
            self.arrays.push((code, serde_json::from_str(self.text(entry)).unwrap_or(Json::Null)));
        }
        Some(code)
    }

    /// Adds the values of another dictionary and returns the code of each of its entries here.
    pub fn absorb(&mut self, other: &Self) -> Option<Vec<u32>> {
        let mut codes: Vec<u32> = (0..FIRST).collect();
        for entry in &other.entries {
            codes.push(match entry.kind {
                Kind::Number => self.number(f64::from_bits(entry.payload))?,
                kind => self.written(kind, other.text(*entry))?,
            });
        }
        Some(codes)
    }

    /// Returns the code of a text that some device has.
    pub fn code_of_text(&self, text: &str) -> Option<u32> {
        self.find(hash(self.seed ^ Kind::Text as u64, text.as_bytes()), Kind::Text, text).map(|at| at + FIRST)
    }
}

/// A text of up to 16 bytes as three numbers; two texts are the same when these are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Packed {
    low: u64,
    high: u64,
    length: u32,
}

impl Packed {
    /// Packs a text; the two words of a longer one overlap. `None` when it is too long.
    #[inline]
    fn of(bytes: &[u8]) -> Option<Self> {
        let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= 16)?;
        let (low, high) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(first), Some(last)) => (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()),
                _ => (bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
            },
        };
        Some(Self { low, high, length })
    }
}

/// Numbers of entries by the hash of what they are; what an entry is stands elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// Part of the hash, and the entry's number; [`EMPTY`] when free.
    places: Vec<(u32, u32)>,
    used: usize,
}

const EMPTY: u32 = u32::MAX;

impl Table {
    /// Returns a table with room for so many entries.
    pub fn with_capacity(entries: usize) -> Self {
        Self { places: vec![(0, EMPTY); (entries * 2).next_power_of_two()], used: 0 }
    }

    /// Finds the entry of a hash that is the right one.
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.places.len().checked_sub(1)?;
        let short = shorten(hash);
        let mut at = short as usize & mask;
        loop {
            let (known, entry) = self.places[at];
            if entry == EMPTY {
                return None;
            }
            if known == short && is_it(entry) {
                return Some(entry);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds an entry that is not there.
    pub fn insert(&mut self, hash: u64, entry: u32) {
        if (self.used + 1) * 2 > self.places.len() {
            self.grow();
        }
        self.put(shorten(hash), entry);
        self.used += 1;
    }

    fn put(&mut self, short: u32, entry: u32) {
        let mask = self.places.len() - 1;
        let mut at = short as usize & mask;
        while self.places[at].1 != EMPTY {
            at = (at + 1) & mask;
        }
        self.places[at] = (short, entry);
    }

    fn grow(&mut self) {
        let larger = vec![(0, EMPTY); (self.places.len() * 2).max(16)];
        for (short, entry) in std::mem::replace(&mut self.places, larger) {
            if entry != EMPTY {
                self.put(short, entry);
            }
        }
    }
}

fn shorten(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Returns a hash of bytes; `seed` keeps different kinds apart.
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = mix(seed ^ (bytes.len() as u64) << 8);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = mix(state ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state ^ u64::from_le_bytes(last))
}

/// Spreads the bits of a word over all of it.
fn mix(word: u64) -> u64 {
    let product = u128::from(word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f_u128;
    let (low, high) = (product & u128::from(u64::MAX), product >> 64);
    u64::try_from(low ^ high).unwrap_or(0)
}
