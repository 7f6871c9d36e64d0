//! Lists the audit records of a solution, every chain checked.

use serde::Serialize;

use super::release_desk::Desk;
use crate::base::{Digest, Report, Result};
use crate::ledger::Key;
use crate::model::RingName;
use crate::release::AuditRecord;

/// Audit records, in order of time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// The records.
    pub records: Vec<LogEntry>,
}

/// A record and where it stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// The chain, such as `rings/greenhouse/canary`.
    pub chain: String,
    /// Digest of the record, which the next one of the chain carries.
    pub digest: Digest,
    /// The record.
    pub record: AuditRecord,
}

/// Lists the records of one ring, or of all rings and releases.
///
/// # Errors
/// An unknown ring, or a chain that does not hold.
pub async fn log(desk: &Desk<'_>, ring: Option<&RingName>, report: &mut dyn Report) -> Result<Log> {
    if let Err(error) = desk.ledger.refresh().await {
        report.warning("ledger/stale", format!("{error}; this is what was known here before"));
    }
    let solution = &desk.solution.name;
    let keys = if let Some(ring) = ring {
        desk.ring(ring)?;
        vec![Key::Ring(solution.clone(), ring.clone())]
    } else {
        let mut keys = desk.ledger.keys(&Key::releases_of(solution)).await?;
        keys.extend(desk.ledger.keys(&Key::rings_of(solution)).await?);
        keys
    };
    let mut entries = Vec::new();
    for key in keys {
        let records = match &key {
            Key::Ring(solution, ring) => desk.ledger.ring(solution, ring).await?.map(|chain| chain.records),
            Key::Release(solution, name) => desk.ledger.release(solution, name).await?.map(|chain| chain.records),
        };
        let entry = |record: AuditRecord| LogEntry { chain: key.to_string(), digest: record.digest(), record };
        entries.extend(records.into_iter().flatten().map(entry));
    }
    entries.sort_by_key(|entry| (entry.record.time, entry.chain.clone(), entry.record.seq));
    Ok(Log { records: entries })
}
