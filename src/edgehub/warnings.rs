//! What the broker warns of while it behaves as the product does: each cause once, with a stable code.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::base::{Clock, Timestamp};

/// Causes that are remembered; what comes after them is counted only.
const CAUSES: usize = 1000;

/// A warning, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable code, such as `hub/takeover`.
    pub code: String,
    /// What it is about: an identity, a topic, a filter.
    pub cause: String,
    /// What happens and what would be right.
    pub message: String,
    /// When it happened first.
    pub first: Timestamp,
    /// How often it happened.
    pub count: u64,
}

/// The warnings of one device.
#[derive(Debug)]
pub struct Warnings {
    clock: Clock,
    known: Mutex<BTreeMap<(&'static str, String), Warning>>,
}

impl Warnings {
    /// Returns a list without warnings.
    pub fn new(clock: Clock) -> Self {
        Self { clock, known: Mutex::default() }
    }

    /// Logs and keeps a warning when its cause is new, and counts it otherwise.
    pub fn warn(&self, code: &'static str, cause: &str, message: impl FnOnce() -> String) {
        let mut known = self.lock();
        if let Some(warning) = known.get_mut(&(code, cause.to_owned())) {
            warning.count += 1;
            return;
        }
        if known.len() >= CAUSES {
            return;
        }
        let message = message();
        warn!(code, cause, message);
        let warning = Warning { code: code.to_owned(), cause: cause.to_owned(), message, first: self.clock.now(), count: 1 };
        known.insert((code, cause.to_owned()), warning);
    }

    /// Returns all warnings, by code and cause.
    pub fn all(&self) -> Vec<Warning> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(&'static str, String), Warning>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once_and_counted() {
        let warnings = Warnings::new(Clock::fixed_at(0).expect("a time"));
        for cause in ["a", "b", "a"] {
            warnings.warn("hub/takeover", cause, || format!("{cause} again"));
        }
        let all = warnings.all();
        assert_eq!(all.iter().map(|one| (one.cause.as_str(), one.count)).collect::<Vec<_>>(), [("a", 2), ("b", 1)]);
        assert_eq!(all[0].message, "a again");
    }

    #[test]
    fn a_flood_of_causes_is_bounded() {
        let warnings = Warnings::new(Clock::fixed_at(0).expect("a time"));
        for number in 0..2 * CAUSES {
            warnings.warn("hub/topic-identity", &number.to_string(), String::new);
        }
        assert_eq!(warnings.all().len(), CAUSES);
    }
}
