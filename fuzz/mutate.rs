//! Random changes of seeds. The same seed number gives the same inputs on every machine.

/// A small generator of pseudorandom numbers (xorshift64*, Vigna 2016).
pub struct Random(u64);

/// Pieces that readers have a special mind about.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"${",
    b"}",
    b"$",
    b"${MODULES.",
    b"[[",
    b"]]",
    b"/*",
    b"*/",
    b"//",
    b"\r\n",
    b",,",
    b"1e999",
    b"-0",
    b"0x",
    b"9223372036854775808",
    b"null",
    b"undefined",
    b" AND ",
    b" NOT ",
    b" IN [",
    b"??",
    b"$body.",
    b"is_defined(",
    b"<<: *a",
    b"&a",
    b"\xf0\x9d\x84\x9e",
];

impl Random {
    /// Starts a sequence; every start gives another one.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Returns the next number below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or(0) % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

/// Returns a seed with one to eight changes.
pub fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        change(&mut input, seeds, random);
    }
    input
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let end = (at + random.below(24)).min(input.len());
    match random.below(8) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.byte(),
        2 => drop(input.drain(at..end)),
        3 => {
            let copy = input[at..end].to_vec();
            let copies = 1 + random.below(3);
            input.splice(at..at, copy.repeat(copies));
        }
        4 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let to = (from + random.below(64)).min(other.len());
            input.splice(at..end, other[from..to].iter().copied());
        }
        5 => input.truncate(at),
        6 if random.below(50) == 0 => {
            let bracket = [b"(".as_slice(), b"[", b"{", b"{\"a\":", b"NOT ", b"-"][random.below(6)];
            input.splice(at..at, bracket.repeat(10_000));
        }
        _ => drop(input.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
    }
}
