//! Durations as users write them: `90s`, `10m`, `2h`, `7d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration in whole seconds that reads and prints like `10m`; prints in the largest unit that is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

/// Text that is no duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a duration; write a whole number and a unit, such as 90s, 10m, 2h or 7d")]
pub struct SpanError {
    /// The text as it came.
    pub text: String,
}

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    /// Returns a span of `seconds`.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Returns the length in whole seconds.
    pub const fn as_secs(self) -> u64 {
        self.0
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_secs(span.0)
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let refuse = || SpanError { text: text.to_owned() };
        let unit = text.chars().last().ok_or_else(refuse)?;
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(refuse)?;
        let number = text.strip_suffix(unit).ok_or_else(refuse)?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse());
        }
        let count: u64 = number.parse().map_err(|_| refuse())?;
        count.checked_mul(*seconds).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.iter().find(|(_, seconds)| self.0 > 0 && self.0.is_multiple_of(*seconds));
        match exact {
            Some((name, seconds)) => write!(f, "{}{name}", self.0 / seconds),
            None => write!(f, "{}s", self.0),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_units() {
        for (text, seconds, printed) in
            [("90s", 90, "90s"), ("10m", 600, "10m"), ("120m", 7200, "2h"), ("7d", 604_800, "7d"), ("0s", 0, "0s")]
        {
            let span: Span = text.parse().expect(text);
            assert_eq!((span.as_secs(), span.to_string().as_str()), (seconds, printed));
        }
    }

    #[test]
    fn refuses_bare_numbers_fractions_and_overflow() {
        for text in ["", "10", "s", "1.5h", "-1s", "1 m", "99999999999999999d", "1w", "ü"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
