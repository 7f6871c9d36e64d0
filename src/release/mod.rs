//! Releases, rings, gates and the audit chain: what may happen next, and what happened. This room decides; it never writes,
//! asks no clock and no network. [`crate::ledger`] keeps what it returns, [`crate::ops`] carries it out.

pub mod bundle;
pub mod error;
pub mod gate;
pub mod health;
pub mod observe;
pub mod plan;
pub mod record;
pub mod ring;

pub use bundle::{Deployment, ModuleImage, Release, ReleaseRef, ReleaseState};
pub use error::ReleaseError;
pub use gate::{Decision, GateOutcome, GateResult};
pub use health::{Baseline, Counts, Criteria, DeviceReport, Health, Verdict};
pub use plan::{PlannedConfiguration, RollbackPlan, Standing};
pub use record::{Action, AuditRecord, Detail};
pub use ring::{Entry, RingState, State};

#[cfg(test)]
mod tests;
