//! Audit records and the chain they form: each carries the digest of the canonical JSON of the one before.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bundle::ReleaseRef;
use super::error::ReleaseError;
use super::gate::{Decision, GateResult};
use super::health::{Baseline, Counts};
use super::plan::PlannedConfiguration;
use crate::base::{Digest, Timestamp, json};
use crate::model::{RingName, SolutionName};

/// What a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A release was made.
    Created,
    /// A release was found bad and enters no ring any more.
    Denied,
    /// A promotion passed its gates; its configurations are about to be written.
    Requested,
    /// The hub refused the configurations.
    Rejected,
    /// The hub has the configurations; devices take them.
    Rolling,
    /// The ring is healthy and must stay so.
    Baking,
    /// Health could not be told any more during the bake, which starts anew.
    Interrupted,
    /// The ring stayed healthy for its bake time.
    Healthy,
    /// A ring that was healthy is no longer.
    Suspect,
    /// Too many devices failed.
    Halted,
    /// A release is about to be taken back.
    RollbackStarted,
    /// A release was taken back; what was below applies.
    RolledBack,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Denied => "denied",
            Self::Requested => "requested",
            Self::Rejected => "rejected",
            Self::Rolling => "rolling",
            Self::Baking => "baking",
            Self::Interrupted => "interrupted",
            Self::Healthy => "healthy",
            Self::Suspect => "suspect",
            Self::Halted => "halted",
            Self::RollbackStarted => "rollback-started",
            Self::RolledBack => "rolled-back",
        })
    }
}

/// What an action needs so that the state follows from the records alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Detail {
    /// Configurations that the promotion writes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configurations: Vec<PlannedConfiguration>,
    /// Restart counts at the start of the bake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// Devices as they were seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<Counts>,
    /// Configurations that a rollback removes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// The release that applies after a rollback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ReleaseRef>,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One entry of an audit chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditRecord {
    /// Place in the chain, from 1.
    pub seq: u64,
    /// Digest of the record before; `None` in the first.
    pub prev: Option<Digest>,
    /// When, never before the record before.
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: Action,
    /// The solution.
    pub solution: SolutionName,
    /// The release.
    pub release: ReleaseRef,
    /// The ring; `None` in a release's own chain, except for a denial.
    pub ring: Option<RingName>,
    /// Digests that the action is about.
    pub subjects: Vec<Digest>,
    /// Gates as they were.
    pub gates: Vec<GateResult>,
    /// What was decided.
    pub decision: Decision,
    /// What the action needs beside that.
    #[serde(default)]
    pub detail: Detail,
    /// Version of the tool that wrote it.
    pub tool_version: String,
}

impl AuditRecord {
    /// Returns the bytes that are stored and chained.
    pub fn bytes(&self) -> Vec<u8> {
        json::canonical(self).expect("a record has only text keys")
    }

    /// Returns the digest that the next record carries.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes())
    }
}

/// Reads stored records, oldest first, and checks form, numbers, links and times. `head` is the digest that the last must have.
///
/// # Errors
/// The first record that does not fit.
pub fn verify(stored: &[Vec<u8>], head: Option<Digest>) -> Result<Vec<AuditRecord>, ReleaseError> {
    let mut records: Vec<AuditRecord> = Vec::with_capacity(stored.len());
    for (seq, bytes) in (1..).zip(stored) {
        let broken = |reason: String| ReleaseError::BrokenChain { seq, reason };
        let record: AuditRecord = serde_json::from_slice(bytes).map_err(|error| broken(format!("it does not read: {error}")))?;
        if record.bytes() != *bytes {
            return Err(broken("its bytes are not canonical".to_owned()));
        }
        if record.seq != seq {
            return Err(broken(format!("it says that it is record {}", record.seq)));
        }
        if record.prev != records.last().map(AuditRecord::digest) {
            return Err(broken("it does not follow the record before".to_owned()));
        }
        if records.last().is_some_and(|before| record.time < before.time) {
            return Err(broken("its time lies before the record before".to_owned()));
        }
        records.push(record);
    }
    if head.is_some() && head != records.last().map(AuditRecord::digest) {
        return Err(ReleaseError::BrokenChain {
            seq: records.last().map_or(0, |last| last.seq),
            reason: "it is not the head of the chain".to_owned(),
        });
    }
    Ok(records)
}
