//! The state of a ring: which release stands where, as it follows from the audit records alone.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::bundle::ReleaseRef;
use super::error::ReleaseError;
use super::health::Baseline;
use super::plan::PlannedConfiguration;
use super::record::{Action, AuditRecord};
use crate::base::{Digest, Timestamp, json};
use crate::model::{ReleaseName, RingName, SolutionName};

/// Where a release stands in a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was never here.
    Absent,
    /// It passed its gates; its configurations are being written.
    Requested,
    /// The hub has its configurations; devices take it.
    Rolling,
    /// The ring is healthy on it and must stay so.
    Baking,
    /// The ring stayed healthy on it for the bake time.
    Healthy,
    /// It was healthy and is no longer.
    Suspect,
    /// Too many devices failed.
    Halted,
    /// It was taken back.
    RolledBack,
    /// Another release took its place.
    Superseded,
    /// The hub refused it.
    Rejected,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Absent,
        Self::Requested,
        Self::Rolling,
        Self::Baking,
        Self::Healthy,
        Self::Suspect,
        Self::Halted,
        Self::RolledBack,
        Self::Superseded,
        Self::Rejected,
    ];

    /// Returns the state after an action on this release, or `None` when the machine has no such step.
    pub fn after(self, action: Action) -> Option<Self> {
        use State::{Absent, Baking, Halted, Healthy, Rejected, Requested, RolledBack, Rolling, Superseded, Suspect};
        match (self, action) {
            (Absent | Superseded | Rejected, Action::Requested) => Some(Requested),
            (Requested, Action::Rejected) => Some(Rejected),
            (Requested, Action::Rolling) | (Baking, Action::Interrupted) => Some(Rolling),
            (Rolling | Suspect, Action::Baking) => Some(Baking),
            (Baking, Action::Healthy) => Some(Healthy),
            (Healthy, Action::Suspect) => Some(Suspect),
            (Rolling | Baking | Suspect, Action::Halted) => Some(Halted),
            (Requested | Rolling | Baking | Healthy | Suspect | Halted, Action::RollbackStarted) => Some(RolledBack),
            _ => None,
        }
    }

    /// Tells whether devices are just taking the release, so that no other may enter the ring.
    pub fn in_flight(self) -> bool {
        matches!(self, Self::Requested | Self::Rolling)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::Requested => "requested",
            Self::Rolling => "rolling",
            Self::Baking => "baking",
            Self::Healthy => "healthy",
            Self::Suspect => "suspect",
            Self::Halted => "halted",
            Self::RolledBack => "rolled-back",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
        })
    }
}

/// One release in one ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Identity of the release.
    pub id: Digest,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// Start of the unbroken health that still lasts; set while baking and healthy.
    pub healthy_since: Option<Timestamp>,
    /// Restart counts at that start; set while baking.
    pub baseline: Option<Baseline>,
    /// Whether it was healthy here before.
    pub proven: bool,
    /// Whether it was halted here before.
    pub halted: bool,
    /// Its configurations.
    pub configurations: Vec<PlannedConfiguration>,
    /// Why it stands where it stands, for people.
    pub reason: Option<String>,
}

/// A rollback whose configurations are not all removed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Removal {
    /// The release that is taken back.
    pub release: ReleaseRef,
    /// Ids of the configurations to remove.
    pub configurations: Vec<String>,
    /// The release that applies afterwards.
    pub fallback: Option<ReleaseRef>,
}

/// A ring: what it runs, what is on its way, and every release that was ever here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RingState {
    /// The solution.
    pub solution: SolutionName,
    /// The ring.
    pub ring: RingName,
    /// Number of the last record.
    pub seq: u64,
    /// Digest of the last record.
    pub head: Digest,
    /// Time of the last record.
    pub time: Timestamp,
    /// What the last record told.
    pub last_action: Action,
    /// The release that the devices run or take.
    pub current: Option<ReleaseName>,
    /// The release whose configurations are being written.
    pub pending: Option<ReleaseName>,
    /// A rollback that is under way.
    pub removal: Option<Removal>,
    /// Every release that was here, by name.
    pub entries: BTreeMap<ReleaseName, Entry>,
}

impl RingState {
    /// Returns the state after one more record.
    ///
    /// # Errors
    /// A record that does not follow, or a step that the machine does not have.
    pub fn apply(before: Option<Self>, record: &AuditRecord) -> Result<Self, ReleaseError> {
        let broken = |reason: &str| ReleaseError::BrokenChain { seq: record.seq, reason: reason.to_owned() };
        let ring = record.ring.clone().ok_or_else(|| broken("it names no ring"))?;
        let mut state = match before {
            Some(state) if state.ring == ring && state.solution == record.solution => state,
            Some(_) => return Err(broken("it is of another ring")),
            None => Self::empty(record, ring),
        };
        match record.action {
            Action::Requested => state.request(record)?,
            Action::Rejected => {
                state.step(record)?;
                state.pending = None;
            }
            Action::Rolling => state.roll(record)?,
            Action::RollbackStarted => state.start_rollback(record)?,
            Action::RolledBack => state.finish_rollback(record)?,
            Action::Baking | Action::Interrupted | Action::Healthy | Action::Suspect | Action::Halted => {
                if state.current.as_ref() != Some(&record.release.name) {
                    return Err(broken("it is about a release that the ring does not run"));
                }
                state.step(record)?;
            }
            Action::Created | Action::Denied => return Err(broken("it does not belong to a ring")),
        }
        Ok(Self { seq: record.seq, head: record.digest(), time: record.time, last_action: record.action, ..state })
    }

    /// Returns the state after all records, or `None` when there are none.
    pub fn replay(records: &[AuditRecord]) -> Result<Option<Self>, ReleaseError> {
        records.iter().try_fold(None, |state, record| Self::apply(state, record).map(Some))
    }

    /// Returns the bytes that are stored beside the last record.
    pub fn bytes(&self) -> Vec<u8> {
        json::canonical(self).expect("a state has only text keys")
    }

    /// Returns what the ring runs.
    pub fn running(&self) -> Option<(&ReleaseName, &Entry)> {
        let name = self.current.as_ref()?;
        Some((name, self.entries.get(name)?))
    }

    /// Returns where a release stands.
    pub fn state_of(&self, release: &ReleaseName) -> State {
        self.entries.get(release).map_or(State::Absent, |entry| entry.state)
    }

    fn empty(record: &AuditRecord, ring: RingName) -> Self {
        Self {
            solution: record.solution.clone(),
            ring,
            seq: 0,
            head: record.digest(),
            time: record.time,
            last_action: record.action,
            current: None,
            pending: None,
            removal: None,
            entries: BTreeMap::new(),
        }
    }

    /// Moves the entry of the record's release by the record's action.
    fn step(&mut self, record: &AuditRecord) -> Result<(), ReleaseError> {
        let ReleaseRef { name, id } = &record.release;
        let fresh = Entry {
            id: *id,
            state: State::Absent,
            since: record.time,
            healthy_since: None,
            baseline: None,
            proven: false,
            halted: false,
            configurations: Vec::new(),
            reason: None,
        };
        let entry = self.entries.get(name).cloned().unwrap_or(fresh);
        let refuse = || ReleaseError::IllegalTransition { release: name.clone(), state: entry.state, action: record.action };
        if entry.id != *id {
            return Err(ReleaseError::BrokenChain { seq: record.seq, reason: format!("{name} has another id than before") });
        }
        let next = entry.state.after(record.action).ok_or_else(refuse)?;
        let keeps_health = next == State::Healthy;
        let moved = Entry {
            state: next,
            since: record.time,
            healthy_since: if next == State::Baking { Some(record.time) } else { entry.healthy_since.filter(|_| keeps_health) },
            baseline: record.detail.baseline.clone().filter(|_| next == State::Baking),
            proven: entry.proven || next == State::Healthy,
            halted: entry.halted || next == State::Halted,
            reason: record.detail.reason.clone(),
            ..entry
        };
        self.entries.insert(name.clone(), moved);
        Ok(())
    }

    fn request(&mut self, record: &AuditRecord) -> Result<(), ReleaseError> {
        let flying =
            self.pending.clone().or_else(|| self.running().filter(|(_, entry)| entry.state.in_flight()).map(|(name, _)| name.clone()));
        if let Some(other) = flying {
            return Err(ReleaseError::InFlight { other });
        }
        if let Some(removal) = &self.removal {
            return Err(ReleaseError::InFlight { other: removal.release.name.clone() });
        }
        self.step(record)?;
        self.pending = Some(record.release.name.clone());
        if let Some(entry) = self.entries.get_mut(&record.release.name) {
            entry.configurations.clone_from(&record.detail.configurations);
            (entry.proven, entry.halted) = (false, false);
        }
        Ok(())
    }

    fn roll(&mut self, record: &AuditRecord) -> Result<(), ReleaseError> {
        self.step(record)?;
        self.pending = None;
        let before = self.current.replace(record.release.name.clone());
        if let Some(entry) = before.and_then(|name| self.entries.get_mut(&name)) {
            // What ran before and was not taken back gives way.
            if entry.state != State::RolledBack {
                *entry = Entry { state: State::Superseded, since: record.time, healthy_since: None, baseline: None, ..entry.clone() };
            }
        }
        Ok(())
    }

    fn start_rollback(&mut self, record: &AuditRecord) -> Result<(), ReleaseError> {
        let name = &record.release.name;
        if self.removal.is_some() || (self.current.as_ref() != Some(name) && self.pending.as_ref() != Some(name)) {
            return Err(ReleaseError::IllegalTransition { release: name.clone(), state: self.state_of(name), action: record.action });
        }
        self.step(record)?;
        self.removal = Some(Removal {
            release: record.release.clone(),
            configurations: record.detail.removed.clone(),
            fallback: record.detail.fallback.clone(),
        });
        Ok(())
    }

    fn finish_rollback(&mut self, record: &AuditRecord) -> Result<(), ReleaseError> {
        let (name, state) = (record.release.name.clone(), self.state_of(&record.release.name));
        let illegal = || ReleaseError::IllegalTransition { release: name, state, action: record.action };
        let removal = self.removal.take_if(|removal| removal.release == record.release).ok_or_else(illegal)?;
        if self.pending.as_ref() == Some(&record.release.name) {
            self.pending = None;
        }
        let stays = self.current.as_ref() != Some(&record.release.name);
        if stays {
            return Ok(());
        }
        self.current = removal.fallback.as_ref().map(|fallback| fallback.name.clone());
        if let Some(entry) = self.current.as_ref().and_then(|name| self.entries.get_mut(name)) {
            // Devices go back to what was below; its health is judged anew.
            *entry =
                Entry { state: State::Rolling, since: record.time, healthy_since: None, baseline: None, reason: None, ..entry.clone() };
        }
        Ok(())
    }
}
