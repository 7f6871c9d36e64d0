//! What this room refuses: illegal transitions, broken chains, plans that cannot be made.

use crate::base::{Diagnose, Exit};
use crate::model::{ReleaseName, RingName};

use super::record::Action;
use super::ring::State;

/// A transition, a chain or a plan that is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReleaseError {
    /// The state machine has no such step.
    #[error("release {release} is {state} in this ring and cannot become {action}")]
    IllegalTransition {
        /// The release.
        release: ReleaseName,
        /// Where it stands.
        state: State,
        /// What was asked for.
        action: Action,
    },
    /// Another release is on its way into the ring.
    #[error("release {other} is on its way into this ring")]
    InFlight {
        /// The release that is on its way.
        other: ReleaseName,
    },
    /// A record, or the state beside it, is not what was written.
    #[error("the audit chain is broken at record {seq}: {reason}")]
    BrokenChain {
        /// Number of the first record that does not fit.
        seq: u64,
        /// What does not fit.
        reason: String,
    },
    /// Nothing lies below what the ring runs.
    #[error("ring {ring} has nothing to fall back to below release {release}")]
    NothingBelow {
        /// The ring.
        ring: RingName,
        /// The release that would be removed.
        release: ReleaseName,
    },
    /// The ring runs no release.
    #[error("ring {ring} runs no release")]
    EmptyRing {
        /// The ring.
        ring: RingName,
    },
    /// Priorities of the hub are used up.
    #[error("ring {ring} already uses the highest priority of the hub")]
    PrioritiesExhausted {
        /// The ring.
        ring: RingName,
    },
}

impl Diagnose for ReleaseError {
    fn kind(&self) -> Exit {
        match self {
            Self::InFlight { .. } => Exit::Conflict,
            Self::IllegalTransition { .. } | Self::BrokenChain { .. } | Self::NothingBelow { .. } | Self::EmptyRing { .. } => Exit::Refused,
            Self::PrioritiesExhausted { .. } => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::IllegalTransition { .. } => "release/illegal-transition",
            Self::InFlight { .. } => "release/in-flight",
            Self::BrokenChain { .. } => "release/broken-chain",
            Self::NothingBelow { .. } => "release/nothing-below",
            Self::EmptyRing { .. } => "release/empty-ring",
            Self::PrioritiesExhausted { .. } => "release/priorities-exhausted",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::InFlight { other } => {
                vec![format!("Wait until {other} is through (`edgectl release status`), or take it back with `edgectl release rollback`.")]
            }
            Self::BrokenChain { .. } => vec!["Compare the ledger with its remote or a backup; do not promote from it.".to_owned()],
            Self::NothingBelow { .. } => {
                vec![
                    "Promote a release that works into this ring; without a lower configuration devices would keep the bad modules."
                        .to_owned(),
                ]
            }
            _ => Vec::new(),
        }
    }
}
