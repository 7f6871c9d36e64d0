//! The audit chains of rings and releases in the ledger, read back with every link checked, and grown by one record.

use super::{Change, Files, Head, History, Key, Ledger, LedgerError};
use crate::model::{ReleaseName, RingName, SolutionName};
use crate::release::{AuditRecord, Release, ReleaseError, ReleaseState, RingState, record};

/// File of an entry that holds the audit record.
pub const RECORD: &str = "record.json";
/// File of an entry that holds the state after the record.
pub const STATE: &str = "state.json";
/// File of an entry that holds the release.
pub const RELEASE: &str = "release.json";

/// A ring's chain.
#[derive(Clone, Debug)]
pub struct RingChain {
    /// Name of the newest entry.
    pub head: Head,
    /// Records, oldest first.
    pub records: Vec<AuditRecord>,
    /// What follows from them.
    pub state: RingState,
}

/// A release and its chain.
#[derive(Clone, Debug)]
pub struct ReleaseChain {
    /// Name of the newest entry.
    pub head: Head,
    /// The release.
    pub release: Release,
    /// Records, oldest first.
    pub records: Vec<AuditRecord>,
    /// What follows from them.
    pub state: ReleaseState,
}

impl Ledger {
    /// Returns a ring's chain, or `None` when nothing ever entered the ring.
    ///
    /// # Errors
    /// A chain with a broken link, an illegal step, or a state that does not follow from it.
    pub async fn ring(&self, solution: &SolutionName, ring: &RingName) -> Result<Option<RingChain>, LedgerError> {
        let key = Key::Ring(solution.clone(), ring.clone());
        let Some(History { head, entries }) = self.history(&key).await? else { return Ok(None) };
        let broken = |source| LedgerError::Chain { key: key.clone(), source };
        let records = records(&key, &entries)?;
        let mut state = None;
        for (entry, record) in entries.iter().zip(&records) {
            let next = RingState::apply(state, record).map_err(broken)?;
            require_state(entry, record.seq, &next.bytes()).map_err(broken)?;
            state = Some(next);
        }
        let state = state.ok_or_else(|| LedgerError::Damaged { key: key.clone(), reason: "it is empty".to_owned() })?;
        if state.ring != *ring || state.solution != *solution {
            return Err(LedgerError::Damaged { key, reason: "it is the chain of another ring".to_owned() });
        }
        Ok(Some(RingChain { head, records, state }))
    }

    /// Returns a release with its chain, or `None` when there is none of this name.
    ///
    /// # Errors
    /// A chain with a broken link, or a release that is not what its id says.
    pub async fn release(&self, solution: &SolutionName, name: &ReleaseName) -> Result<Option<ReleaseChain>, LedgerError> {
        let key = Key::Release(solution.clone(), name.clone());
        let Some(History { head, entries }) = self.history(&key).await? else { return Ok(None) };
        let broken = |source| LedgerError::Chain { key: key.clone(), source };
        let damaged = |reason: &str| LedgerError::Damaged { key: key.clone(), reason: reason.to_owned() };
        let records = records(&key, &entries)?;
        let mut state = None;
        for (entry, record) in entries.iter().zip(&records) {
            let next = ReleaseState::apply(state.as_ref(), record).map_err(broken)?;
            require_state(entry, record.seq, &state_bytes(&next)).map_err(broken)?;
            state = Some(next);
        }
        let state = state.ok_or_else(|| damaged("it is empty"))?;
        let bytes = entries.last().and_then(|entry| entry.get(RELEASE)).ok_or_else(|| damaged("it holds no release"))?;
        let release: Release = serde_json::from_slice(bytes).map_err(|error| damaged(&error.to_string()))?;
        if !release.is_whole() || release.reference() != state.release || release.name != *name || release.solution != *solution {
            return Err(damaged("the release is not the one that its id names"));
        }
        Ok(Some(ReleaseChain { head, release, records, state }))
    }
}

/// Returns the bytes of a release's state as they are stored.
fn state_bytes(state: &ReleaseState) -> Vec<u8> {
    crate::base::json::canonical(state).expect("a state has only text keys")
}

fn records(key: &Key, entries: &[Files]) -> Result<Vec<AuditRecord>, LedgerError> {
    let stored: Vec<_> = entries.iter().map(|entry| entry.get(RECORD).cloned().unwrap_or_default()).collect();
    record::verify(&stored, None).map_err(|source| LedgerError::Chain { key: key.clone(), source })
}

fn require_state(entry: &Files, seq: u64, expected: &[u8]) -> Result<(), ReleaseError> {
    if entry.get(STATE).map(Vec::as_slice) == Some(expected) {
        return Ok(());
    }
    Err(ReleaseError::BrokenChain { seq, reason: "the state beside it does not follow from the records".to_owned() })
}

/// Returns the change that adds a record to a ring.
///
/// # Errors
/// When the step is illegal.
pub fn grow_ring(chain: Option<&RingChain>, record: &AuditRecord) -> Result<(Change, RingState), ReleaseError> {
    let state = RingState::apply(chain.map(|chain| chain.state.clone()), record)?;
    let files = Files::from([(RECORD.to_owned(), record.bytes()), (STATE.to_owned(), state.bytes())]);
    let key = Key::Ring(state.solution.clone(), state.ring.clone());
    Ok((Change { key, expected: chain.map(|chain| chain.head.clone()), files: Some(files) }, state))
}

/// Returns the change that adds a record to a release; the first one brings the release itself.
///
/// # Errors
/// When the step is illegal.
pub fn grow_release(chain: Option<&ReleaseChain>, release: &Release, record: &AuditRecord) -> Result<(Change, ReleaseState), ReleaseError> {
    let state = ReleaseState::apply(chain.map(|chain| &chain.state), record)?;
    let content = crate::base::json::canonical(release).expect("a release has only text keys");
    let files = [(RECORD, record.bytes()), (STATE, state_bytes(&state)), (RELEASE, content)];
    let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    let key = Key::Release(release.solution.clone(), release.name.clone());
    Ok((Change { key, expected: chain.map(|chain| chain.head.clone()), files: Some(files) }, state))
}
