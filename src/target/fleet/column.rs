//! One attribute of all devices: the code of each device's value, and for each value the devices that have it.

use roaring::RoaringBitmap;

use super::dictionary::{Dictionary, FALSE, FIRST, Kind, NULL, OBJECT, TRUE, UNDEFINED};

/// Devices up to which a posting is a plain list.
const FEW: usize = 256;

/// The devices that have one value.
#[derive(Clone, Debug)]
pub(super) enum Posting {
    /// A few, sorted.
    Few(Vec<u32>),
    /// Many.
    Many(RoaringBitmap),
}

impl Default for Posting {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Posting {
    /// Returns the posting of sorted devices, out of so many in all.
    fn of(devices: Vec<u32>, all: usize) -> Self {
        match devices.len() {
            0..=FEW => Self::Few(devices),
            // Dense sets are made of bits: adding to one device by device looks for its end each time.
            many if many * 20 > all => {
                let mut words = vec![0; all.div_ceil(64)];
                set_bits(&mut words, &devices);
                Self::Many(of_words(&words))
            }
            _ => Self::Many(RoaringBitmap::from_sorted_iter(devices).expect("devices are listed in order")),
        }
    }

    fn insert(&mut self, device: u32) {
        match self {
            Self::Few(devices) => {
                if let Err(place) = devices.binary_search(&device) {
                    devices.insert(place, device);
                }
                if devices.len() > FEW {
                    *self = Self::Many(devices.iter().copied().collect());
                }
            }
            Self::Many(devices) => {
                devices.insert(device);
            }
        }
    }

    fn remove(&mut self, device: u32) {
        match self {
            Self::Few(devices) => {
                if let Ok(place) = devices.binary_search(&device) {
                    devices.remove(place);
                }
            }
            Self::Many(devices) => {
                devices.remove(device);
            }
        }
    }

    /// Returns the number of devices.
    pub fn len(&self) -> u64 {
        match self {
            Self::Few(devices) => devices.len() as u64,
            Self::Many(devices) => devices.len(),
        }
    }
}

fn set_bits(words: &mut [u64], devices: &[u32]) {
    for device in devices {
        words[*device as usize / 64] |= 1 << (device % 64);
    }
}

/// Returns the set of the bits that are set.
fn of_words(words: &[u64]) -> RoaringBitmap {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    RoaringBitmap::from_lsb0_bytes(0, &bytes)
}

/// One attribute of all devices.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// The distinct values.
    pub dictionary: Dictionary,
    /// Code of each device's value.
    pub codes: Vec<u32>,
    postings: Vec<Posting>,
    numbers: RoaringBitmap,
    texts: RoaringBitmap,
    arrays: RoaringBitmap,
}

/// How many devices have a value of each type at an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Nothing there.
    pub undefined: u64,
    /// Nulls.
    pub nulls: u64,
    /// Truth values.
    pub booleans: u64,
    /// Numbers.
    pub numbers: u64,
    /// Texts.
    pub texts: u64,
    /// Arrays.
    pub arrays: u64,
    /// Objects.
    pub objects: u64,
}

impl Column {
    /// Returns the column of these codes.
    pub fn new(dictionary: Dictionary, codes: Vec<u32>) -> Self {
        let mut counts = vec![0_usize; dictionary.len()];
        for code in &codes {
            counts[*code as usize] += 1;
        }
        counts[UNDEFINED as usize] = 0;
        let mut lists: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
        for (device, code) in (0..).zip(&codes) {
            if *code != UNDEFINED {
                lists[*code as usize].push(device);
            }
        }
        let postings = lists.into_iter().map(|list| Posting::of(list, codes.len())).collect();
        let mut column = Self { dictionary, codes, postings, ..Self::default() };
        let of =
            |kind| column.any((FIRST..column.size()).filter(|code| column.dictionary.entry(*code).is_some_and(|entry| entry.kind == kind)));
        (column.numbers, column.texts, column.arrays) = (of(Kind::Number), of(Kind::Text), of(Kind::Array));
        column
    }

    /// Returns the number of codes.
    pub fn size(&self) -> u32 {
        u32::try_from(self.dictionary.len()).expect("codes are 32 bits")
    }

    /// Returns the devices with a value of a type.
    pub fn of_kind(&self, kind: Kind) -> &RoaringBitmap {
        match kind {
            Kind::Number => &self.numbers,
            Kind::Text => &self.texts,
            Kind::Array => &self.arrays,
        }
    }

    /// Returns the number of devices with a value.
    pub fn count(&self, code: u32) -> u64 {
        self.postings.get(code as usize).map_or(0, Posting::len)
    }

    /// Returns the devices with any of some values.
    pub fn any(&self, codes: impl Iterator<Item = u32>) -> RoaringBitmap {
        let mut set = RoaringBitmap::new();
        let mut words: Vec<u64> = Vec::new();
        for posting in codes.filter_map(|code| self.postings.get(code as usize)) {
            match posting {
                Posting::Many(devices) => set |= devices,
                Posting::Few(devices) => {
                    if words.is_empty() && !devices.is_empty() {
                        words = vec![0; self.codes.len().div_ceil(64)];
                    }
                    set_bits(&mut words, devices);
                }
            }
        }
        if !words.is_empty() {
            set |= of_words(&words);
        }
        set
    }

    /// Returns the devices that have anything there.
    pub fn defined(&self) -> RoaringBitmap {
        self.any([NULL, FALSE, TRUE, OBJECT].into_iter()) | &self.numbers | &self.texts | &self.arrays
    }

    /// Counts the types of values.
    pub fn kinds(&self) -> Kinds {
        let mut kinds = Kinds {
            undefined: 0,
            nulls: self.count(NULL),
            booleans: self.count(FALSE) + self.count(TRUE),
            numbers: self.numbers.len(),
            texts: self.texts.len(),
            arrays: self.arrays.len(),
            objects: self.count(OBJECT),
        };
        let defined = kinds.nulls + kinds.booleans + kinds.numbers + kinds.texts + kinds.arrays + kinds.objects;
        kinds.undefined = self.codes.len() as u64 - defined;
        kinds
    }

    /// Puts another value, which the dictionary has, in place of a device's.
    pub fn put(&mut self, device: u32, code: u32) {
        let before = std::mem::replace(&mut self.codes[device as usize], code);
        if before == code {
            return;
        }
        self.postings.resize_with(self.dictionary.len(), Posting::default);
        if before != UNDEFINED {
            self.postings[before as usize].remove(device);
        }
        if code != UNDEFINED {
            self.postings[code as usize].insert(device);
        }
        let kind = |code| self.dictionary.entry(code).map(|entry| entry.kind);
        let (out, into) = (kind(before), kind(code));
        if out != into {
            out.map(|kind| self.kind_mut(kind).remove(device));
            into.map(|kind| self.kind_mut(kind).insert(device));
        }
    }

    fn kind_mut(&mut self, kind: Kind) -> &mut RoaringBitmap {
        match kind {
            Kind::Number => &mut self.numbers,
            Kind::Text => &mut self.texts,
            Kind::Array => &mut self.arrays,
        }
    }
}
