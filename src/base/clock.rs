//! The clock, passed in so that rules over time can be tested and outputs repeated.

use chrono::{DateTime, TimeZone as _, Utc};

/// A point in time in UTC; serialises as RFC 3339.
pub type Timestamp = DateTime<Utc>;

/// Tells the time: the system's, or one that stands still.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's wall clock.
    System,
    /// Always this time; for tests and for `SOURCE_DATE_EPOCH`.
    Fixed(Timestamp),
}

impl Clock {
    /// Returns the present time, with the precision of the system.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(time) => time,
        }
    }

    /// Returns a clock that stands at `seconds` since the Unix epoch, or `None` when out of chrono's range.
    pub fn fixed_at(seconds: i64) -> Option<Self> {
        Utc.timestamp_opt(seconds, 0).single().map(Self::Fixed)
    }
}

/// Writes a time as RFC 3339 in whole seconds with `Z`, the form of image configs and records.
pub fn rfc3339_seconds(time: Timestamp) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
