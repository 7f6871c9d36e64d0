//! What all release use cases share: the solution, its ledger, who acts, and how a record is written. Also their errors.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::{Cancel, Clock, Diagnose, Digest, Exit, Result, Timestamp};
use crate::iothub::{Client, HubError};
use crate::ledger::chain::{grow_release, grow_ring};
use crate::ledger::{Change, Head, Key, Ledger, ReleaseChain, RingChain};
use crate::model::{ReleaseName, RingName};
use crate::release::gate::Now;
use crate::release::{Action, AuditRecord, Criteria, Decision, Detail, GateResult, Release, ReleaseRef};
use crate::solution::{Ring, Solution};

/// Where releases are worked on.
pub struct Desk<'a> {
    /// The solution.
    pub solution: &'a Solution,
    /// The folder of the solution file.
    pub folder: PathBuf,
    /// Where releases live.
    pub ledger: Ledger,
    /// Tells the time.
    pub clock: Clock,
    /// Ends waiting.
    pub cancel: Cancel,
    /// Who acts, for the records.
    pub actor: String,
}

/// What goes into a new record beside its place in the chain.
pub struct Draft {
    /// What happened.
    pub action: Action,
    /// To which release.
    pub release: ReleaseRef,
    /// The digests it is about.
    pub subjects: Vec<Digest>,
    /// Gates as they were.
    pub gates: Vec<GateResult>,
    /// What was decided.
    pub decision: Decision,
    /// The rest.
    pub detail: Detail,
}

/// What release use cases refuse for reasons of their own.
#[derive(Debug, thiserror::Error)]
pub enum PromoteError {
    /// The solution names no such ring.
    #[error("the solution has no ring `{ring}`")]
    UnknownRing {
        /// The ring.
        ring: String,
        /// The rings that it has.
        known: Vec<String>,
    },
    /// The ring asks for something that this version does not do; to leave it out in silence would be to promote without it.
    #[error("ring {ring} asks for `{wish}`, which this version cannot keep to")]
    UnsupportedRing {
        /// The ring.
        ring: RingName,
        /// Key of the solution file.
        wish: &'static str,
    },
    /// The ledger has no such release.
    #[error("there is no release `{release}`")]
    UnknownRelease {
        /// The release.
        release: ReleaseName,
        /// The releases that there are.
        known: Vec<String>,
    },
    /// The name is taken by a release of other content.
    #[error("release {name} exists with other content ({id})")]
    NameTaken {
        /// The name.
        name: ReleaseName,
        /// Id of the release that has it.
        id: Digest,
    },
    /// What the hub holds is not what was written.
    #[error("the configuration {id} in the hub is not what this release wrote: {reason}")]
    ForeignConfiguration {
        /// Its id.
        id: String,
        /// What differs.
        reason: String,
    },
    /// The ring runs another release than the one that was named.
    #[error("ring {ring} runs {running}, not {named}")]
    OtherRelease {
        /// The ring.
        ring: RingName,
        /// What it runs.
        running: String,
        /// What was named.
        named: ReleaseName,
    },
    /// The first Ctrl-C ended the wait.
    #[error("the wait for ring {ring} was stopped; the promotion goes on in the hub")]
    WaitStopped {
        /// The ring.
        ring: RingName,
    },
}

impl Diagnose for PromoteError {
    fn kind(&self) -> Exit {
        match self {
            Self::UnknownRing { .. } | Self::UnsupportedRing { .. } | Self::UnknownRelease { .. } => Exit::BadInput,
            Self::NameTaken { .. } | Self::ForeignConfiguration { .. } | Self::OtherRelease { .. } => Exit::Refused,
            Self::WaitStopped { .. } => Exit::Interrupted,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownRing { .. } => "release/unknown-ring",
            Self::UnsupportedRing { .. } => "release/unsupported-ring",
            Self::UnknownRelease { .. } => "release/unknown",
            Self::NameTaken { .. } => "release/name-taken",
            Self::ForeignConfiguration { .. } => "release/foreign-configuration",
            Self::OtherRelease { .. } => "release/other-release",
            Self::WaitStopped { .. } => "release/wait-stopped",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::UnknownRing { known, .. } if known.is_empty() => vec!["Add `rings:` to edgectl.yaml.".to_owned()],
            Self::UnknownRing { known, .. } => vec![format!("Its rings are {}.", known.join(", "))],
            Self::UnsupportedRing { wish, .. } => vec![format!("Take `{wish}` out of the ring in edgectl.yaml to promote without it.")],
            Self::UnknownRelease { known, .. } if known.is_empty() => vec!["Make one with `edgectl release create NAME`.".to_owned()],
            Self::UnknownRelease { known, .. } => vec![format!("There are {}.", known.join(", "))],
            Self::NameTaken { .. } => vec!["A release never changes; choose another name.".to_owned()],
            Self::ForeignConfiguration { .. } => vec!["Remove it from the hub if nobody needs it, then run the command again.".to_owned()],
            Self::OtherRelease { .. } => vec!["Look with `edgectl release status`.".to_owned()],
            Self::WaitStopped { .. } => vec!["`edgectl release status` tells how it stands.".to_owned()],
        }
    }
}

impl Desk<'_> {
    /// Returns a ring of the solution and its place in the order.
    pub fn ring(&self, name: &RingName) -> Result<(usize, &Ring), PromoteError> {
        let known = || self.solution.rings.iter().map(|ring| ring.name.to_string()).collect();
        let found = self.solution.rings.iter().enumerate().find(|(_, ring)| ring.name == *name);
        found.ok_or_else(|| PromoteError::UnknownRing { ring: name.to_string(), known: known() })
    }

    /// Refuses a ring that asks for what promotions do not do yet.
    pub fn require_supported(ring: &Ring) -> Result<(), PromoteError> {
        let wish = match ring {
            Ring { approvals: Some(_), .. } => "approvals",
            Ring { steps, .. } if !steps.is_empty() => "steps",
            _ => return Ok(()),
        };
        Err(PromoteError::UnsupportedRing { ring: ring.name.clone(), wish })
    }

    /// Returns a release with its chain.
    pub async fn release(&self, name: &ReleaseName) -> Result<ReleaseChain> {
        if let Some(found) = self.ledger.release(&self.solution.name, name).await? {
            return Ok(found);
        }
        let keys = self.ledger.keys(&Key::releases_of(&self.solution.name)).await?;
        let known = keys.into_iter().filter_map(|key| if let Key::Release(_, name) = key { Some(name.to_string()) } else { None });
        Err(PromoteError::UnknownRelease { release: name.clone(), known: known.collect() }.into())
    }

    /// Returns a ring's chain.
    pub async fn chain(&self, ring: &RingName) -> Result<Option<RingChain>> {
        Ok(self.ledger.ring(&self.solution.name, ring).await?)
    }

    /// Adds a record to a ring's chain, together with other changes, and returns the chain as it is then.
    pub async fn advance(&self, chain: Option<RingChain>, ring: &RingName, draft: Draft, now: Now, with: Vec<Change>) -> Result<RingChain> {
        let place = chain.as_ref().map(|chain| (chain.state.seq, chain.state.head, chain.state.time));
        let record = self.record(place, Some(ring.clone()), draft, now);
        let (change, state) = grow_ring(chain.as_ref(), &record)?;
        let message = format!("{}: {} is {} in {ring}", self.solution.name, record.release.name, record.action);
        let changes: Vec<_> = std::iter::once(change).chain(with).collect();
        let heads = self.ledger.commit(&changes, record.time, &message).await?;
        let head = heads.into_iter().next().expect("a change of a head gives a head");
        let mut records = chain.map(|chain| chain.records).unwrap_or_default();
        records.push(record);
        Ok(RingChain { head, records, state })
    }

    /// Returns a ring's chain as it would be with one more record, which is written nowhere; its head stays the one of the ledger.
    pub fn foresee(&self, mut chain: RingChain, ring: &RingName, draft: Draft, now: Now) -> Result<RingChain> {
        let place = Some((chain.state.seq, chain.state.head, chain.state.time));
        let record = self.record(place, Some(ring.clone()), draft, now);
        let (_, state) = grow_ring(Some(&chain), &record)?;
        chain.records.push(record);
        Ok(RingChain { state, ..chain })
    }

    /// Returns the change that adds a record to a release's own chain.
    pub fn release_change(
        &self,
        chain: Option<&ReleaseChain>,
        release: &Release,
        ring: Option<&RingName>,
        draft: Draft,
        now: Now,
    ) -> Result<Change> {
        let place = chain.map(|chain| (chain.state.seq, chain.state.head, chain.state.time));
        let record = self.record(place, ring.cloned(), draft, now);
        Ok(grow_release(chain, release, &record)?.0)
    }

    fn record(&self, before: Option<(u64, Digest, Timestamp)>, ring: Option<RingName>, draft: Draft, now: Now) -> AuditRecord {
        AuditRecord {
            seq: before.map_or(1, |(seq, ..)| seq + 1),
            prev: before.map(|(_, head, _)| head),
            time: now.for_record(before.map(|(.., time)| time)),
            actor: self.actor.clone(),
            action: draft.action,
            solution: self.solution.name.clone(),
            release: draft.release,
            ring,
            subjects: draft.subjects,
            gates: draft.gates,
            decision: draft.decision,
            detail: draft.detail,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Returns the present by this machine's clock alone.
    pub fn local_now(&self) -> Now {
        Now { local: self.clock.now(), hub: None }
    }

    /// Returns the present by all clocks that tell.
    pub async fn now(&self, hub: &Client) -> Result<Now, HubError> {
        let told = hub.time().await?;
        Ok(Now { local: self.clock.now(), hub: told })
    }
}

/// Returns what a ring needs to count as healthy.
pub fn criteria(solution: &Solution, ring: &Ring) -> Criteria {
    let health = &ring.gates.as_ref().unwrap_or(&solution.gates).health;
    Criteria { success: health.success.0, errors: health.errors.0, minimum: health.minimum }
}

/// Returns a ring's bake time.
pub fn bake_of(ring: &Ring) -> Duration {
    ring.bake.into()
}

/// Returns the change that only requires a release to be as it was read, so that a denial in between is noticed.
pub fn unchanged(chain: &ReleaseChain) -> Change {
    let key = Key::Release(chain.release.solution.clone(), chain.release.name.clone());
    Change { key, expected: Some(chain.head.clone()), files: None }
}

/// Returns a head as text, for results.
pub fn head_text(chain: Option<&RingChain>) -> Option<String> {
    chain.map(|chain| &chain.head).map(Head::to_string)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_ring_that_asks_for_more_than_promotions_do_is_refused() {
        let head = "version: 1\nsolution: greenhouse\nrings:\n  - { name: canary, target: tags.ring = 'canary'";
        for (wish, refused) in
            [("", None), (", steps: [10%, 100%]", Some("steps")), (", approvals: { need: 1, of: [a.pub] }", Some("approvals"))]
        {
            let solution = Solution::parse(&format!("{head}{wish} }}\n"), Path::new("edgectl.yaml")).expect("a solution");
            let told = Desk::require_supported(&solution.rings[0]).err().map(|error| error.to_string());
            assert_eq!(told, refused.map(|wish| format!("ring canary asks for `{wish}`, which this version cannot keep to")));
        }
    }
}
