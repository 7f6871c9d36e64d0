//! The clock, passed in so that rules over time can be tested and outputs repeated.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, TimeZone as _, Utc};

/// A point in time in UTC; serialises as RFC 3339.
pub type Timestamp = DateTime<Utc>;

/// Tells the time: the system's, or one that stands still.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's wall clock.
    System,
    /// Always this time; for tests and for `SOURCE_DATE_EPOCH`.
    Fixed(Timestamp),
    /// The system's wall clock, put forward; for a simulated world.
    Shifted(Shift),
}

/// How far a clock is put forward, the same for all copies.
#[derive(Clone, Copy, Debug)]
pub struct Shift(&'static AtomicI64);

impl Shift {
    /// Puts the clock forward.
    pub fn advance(self, by: std::time::Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // Beyond what a date can hold the clock stops moving.
        let farthest = 1000 * 365 * 24 * 3600 * 1000;
        let add = |now: i64| Some(now.saturating_add(millis).min(farthest));
        let _unchanged = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Returns how far it is ahead of the system's.
    pub fn ahead(self) -> Duration {
        Duration::milliseconds(self.0.load(Ordering::Relaxed))
    }
}

impl Clock {
    /// Returns the present time, with the precision of the system.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(time) => time,
            Self::Shifted(shift) => Utc::now() + shift.ahead(),
        }
    }

    /// Returns the system's clock with the means to put it forward. A process makes one for the whole of its life.
    pub fn shifted(ahead: std::time::Duration) -> (Self, Shift) {
        let shift = Shift(Box::leak(Box::default()));
        shift.advance(ahead);
        (Self::Shifted(shift), shift)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_moves_in_all_its_copies_and_never_leaves_the_calendar() {
        let (clock, shift) = Clock::shifted(std::time::Duration::from_hours(1));
        let copy = clock;
        assert!(copy.now() - Clock::System.now() > Duration::minutes(59));
        shift.advance(std::time::Duration::from_hours(24));
        assert!(copy.now() - Clock::System.now() > Duration::hours(24));
        shift.advance(std::time::Duration::MAX);
        assert!(copy.now() > Clock::System.now());
    }
}
