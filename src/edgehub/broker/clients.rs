//! Who connected, how, and who was refused and why: what people ask a broker first. Names that strangers make up cannot fill memory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sessions::Sessions;
use crate::base::text::sanitized;
use crate::base::{Clock, Timestamp};
use crate::edgehub::inspect::{ClientRow, RefusalRow};
use crate::edgehub::{Identities, KnownIdentity};
use crate::model::Identity;

/// Identities without an entry in the list whose refusals are kept.
const STRANGERS: usize = 200;
/// Characters of a device or module id at most, as the hub has it; longer ones are nobody's.
const ID_CHARACTERS: usize = 128;
/// Characters of a reason; it may hold text of the client.
const REASON_CHARACTERS: usize = 500;

/// How a client was let in.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    pub(super) peer: SocketAddr,
    /// `sas`, `x509-thumbprint` or `x509-ca`.
    pub(super) authentication: &'static str,
    /// What it was judged by.
    pub(super) known: KnownIdentity,
}

#[derive(Default)]
struct Record {
    admission: Option<Admission>,
    since: Option<Timestamp>,
    connections: u64,
    refusal: Option<RefusalRow>,
}

/// The records of a broker.
pub(super) struct Clients {
    clock: Clock,
    records: Mutex<BTreeMap<Identity, Record>>,
}

impl Clients {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, records: Mutex::default() }
    }

    /// Notes that a client was let in.
    pub(super) fn admitted(&self, identity: &Identity, admission: Admission) {
        let mut records = self.lock();
        let record = records.entry(identity.clone()).or_default();
        record.admission = Some(admission);
        record.refusal = None;
    }

    /// Notes that its connection stands.
    pub(super) fn connected(&self, identity: &Identity) {
        let now = self.clock.now();
        let mut records = self.lock();
        let record = records.entry(identity.clone()).or_default();
        record.since = Some(now);
        record.connections += 1;
    }

    /// Notes that its connection ended.
    pub(super) fn disconnected(&self, identity: &Identity) {
        let now = self.clock.now();
        if let Some(record) = self.lock().get_mut(identity) {
            record.since = Some(now);
        }
    }

    /// Returns what an identity was last let in by.
    pub(super) fn admission(&self, identity: &Identity) -> Option<Admission> {
        self.lock().get(identity).and_then(|record| record.admission.clone())
    }

    /// Notes a refusal. Of names that are not in the list the latest are kept.
    pub(super) fn refused(&self, identities: &Identities, peer: SocketAddr, identity: &Identity, code: u8, reason: &str) {
        let ids = [Some(&identity.device_id), identity.module_id.as_ref()];
        if ids.into_iter().flatten().any(|id| id.chars().count() > ID_CHARACTERS) {
            return;
        }
        let at = self.clock.now();
        let mut records = self.lock();
        if !records.contains_key(identity) && identities.get(identity).is_none() {
            forget_strangers(&mut records);
        }
        let record = records.entry(identity.clone()).or_default();
        let count = record.refusal.as_ref().map_or(0, |refusal| refusal.count) + 1;
        let reason = sanitized(reason).chars().take(REASON_CHARACTERS).collect();
        record.refusal = Some(RefusalRow { at, peer: peer.to_string(), code, reason, count });
    }

    /// Returns a row for each identity of the list and each that was refused.
    pub(super) fn rows(&self, identities: &Identities, sessions: &Sessions, own: &Identity) -> Vec<ClientRow> {
        let records = self.lock();
        let known = identities.all().into_iter().map(|known| known.identity);
        let mut names: Vec<Identity> = known.chain(records.keys().cloned()).filter(|identity| identity != own).collect();
        names.sort();
        names.dedup();
        let rows = names.into_iter().map(|identity| {
            let record = records.get(&identity);
            let admission = record.and_then(|record| record.admission.as_ref());
            let (connected, features) = sessions.features(&identity);
            ClientRow {
                connected,
                peer: admission.map(|admission| admission.peer.to_string()),
                authentication: admission.map(|admission| admission.authentication.to_owned()),
                features,
                filters: sessions.filters(&identity),
                since: record.and_then(|record| record.since),
                connections: record.map_or(0, |record| record.connections),
                refusal: record.and_then(|record| record.refusal.clone()),
                identity,
            }
        });
        rows.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Identity, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room for one more name that never was let in.
fn forget_strangers(records: &mut BTreeMap<Identity, Record>) {
    let strangers = records.iter().filter(|(_, record)| record.admission.is_none());
    if strangers.clone().count() >= STRANGERS {
        let oldest = strangers.min_by_key(|(_, record)| record.refusal.as_ref().map(|refusal| refusal.at));
        let oldest = oldest.map(|(identity, _)| identity.clone());
        oldest.map(|identity| records.remove(&identity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_count_in_a_row_and_a_flood_of_names_is_bounded() {
        let folder = tempfile::tempdir().expect("folder");
        let identities = Identities::open(&folder.path().join("identities.json")).expect("identities");
        let clients = Clients::new(Clock::fixed_at(1_790_000_000).expect("time"));
        let peer = "127.0.0.1:5".parse().expect("address");
        let refuse = |id: &str, reason: &str| clients.refused(&identities, peer, &Identity::device(id), 5, reason);
        for number in 0..3 * STRANGERS {
            refuse(&format!("made-up-{number}"), &"\u{1b}[2Jx".repeat(1000));
        }
        refuse(&"x".repeat(ID_CHARACTERS + 1), "nobody");
        let records = clients.lock();
        assert_eq!(records.len(), STRANGERS);
        let reason = &records.values().next().expect("one").refusal.as_ref().expect("refusal").reason;
        assert_eq!((reason.chars().count(), reason.contains('\u{1b}')), (REASON_CHARACTERS, false));
        drop(records);
        refuse("again", "bad key");
        refuse("again", "expired");
        let refusal = clients.lock()[&Identity::device("again")].refusal.clone().expect("refusal");
        assert_eq!((refusal.count, refusal.reason.as_str()), (2, "expired"));
    }
}
