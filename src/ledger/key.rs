//! Keys of the ledger: a release, or a ring.

use std::fmt;

use crate::model::{ReleaseName, RingName, SolutionName};

/// What a history is about. Prints as its path, such as `rings/greenhouse/canary`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A release of a solution.
    Release(SolutionName, ReleaseName),
    /// A ring of a solution.
    Ring(SolutionName, RingName),
}

impl Key {
    /// Returns the prefix of all releases of a solution.
    pub fn releases_of(solution: &SolutionName) -> String {
        format!("releases/{solution}")
    }

    /// Returns the prefix of all rings of a solution.
    pub fn rings_of(solution: &SolutionName) -> String {
        format!("rings/{solution}")
    }

    /// Reads a path; one that is no key of this ledger is `None`.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.split_once('/')?;
        let (solution, name) = rest.split_once('/')?;
        let solution = solution.parse().ok()?;
        match kind {
            "releases" => Some(Self::Release(solution, name.parse().ok()?)),
            "rings" => Some(Self::Ring(solution, name.parse().ok()?)),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(solution, name) => write!(f, "releases/{solution}/{name}"),
            Self::Ring(solution, ring) => write!(f, "rings/{solution}/{ring}"),
        }
    }
}
