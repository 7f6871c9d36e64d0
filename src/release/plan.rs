//! Plans: which configurations a promotion writes, which a rollback removes, which nobody needs any more.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bundle::{Release, ReleaseRef};
use super::error::ReleaseError;
use super::ring::{RingState, State};
use crate::base::Digest;
use crate::model::{RingName, SolutionName};

/// Label of a configuration that holds the release's id.
pub const LABEL_RELEASE: &str = "edgectl.release";
/// Label of a configuration that holds the ring.
pub const LABEL_RING: &str = "edgectl.ring";
/// Label of a configuration that holds the solution.
pub const LABEL_SOLUTION: &str = "edgectl.solution";
/// Label of a configuration that holds the digest of its content.
pub const LABEL_CONTENT: &str = "edgectl.content";

/// Longest id of a configuration that the hub takes.
const ID_LIMIT: usize = 128;
/// Priority of the first base of a ring.
const FIRST_PRIORITY: u32 = 100;
/// Greatest priority that the hub takes.
const LAST_PRIORITY: u32 = 2_147_483_647;
/// Releases below the running one whose configurations are kept for rollbacks.
const KEPT_BELOW: usize = 2;

/// A configuration as a promotion writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedConfiguration {
    /// Id in the hub.
    pub id: String,
    /// The deployment that it carries.
    pub deployment: String,
    /// Priority.
    pub priority: u32,
    /// Target condition.
    pub condition: String,
    /// Digest of the content.
    pub content_digest: Digest,
}

/// A configuration of this solution and ring that the hub has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Id.
    pub id: String,
    /// Priority.
    pub priority: u32,
    /// The release that its label names.
    pub release: Digest,
}

/// What a rollback does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackPlan {
    /// The release that is taken back.
    pub release: ReleaseRef,
    /// Configurations to remove, highest priority first.
    pub remove: Vec<String>,
    /// The release that applies afterwards; `None` when the ring goes on with what it runs (a promotion that never began is taken back).
    pub fallback: Option<ReleaseRef>,
}

/// Joins the condition of a deployment and that of a ring; `*` is every device and has no place in an expression.
pub fn condition(deployment: Option<&str>, ring: &str) -> String {
    let every = |text: &str| text.trim() == "*";
    match deployment.filter(|text| !every(text)) {
        None => ring.to_owned(),
        Some(target) if every(ring) => target.to_owned(),
        Some(target) => format!("({target}) AND ({ring})"),
    }
}

/// Returns the id of a configuration: lower case, within the hub's length and alphabet, and another for every input.
pub fn configuration_id(solution: &SolutionName, deployment: &str, ring: &RingName, release: Digest) -> String {
    let plain = format!("edgectl-{solution}-{deployment}-{ring}");
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let tail = release.short();
    if plain.chars().all(fits) && plain.len() + 1 + tail.len() <= ID_LIMIT {
        return format!("{plain}-{tail}");
    }
    let mark = Digest::of(plain.as_bytes()).short();
    let room = ID_LIMIT - mark.len() - tail.len() - 2;
    let spelled: String = plain.to_lowercase().chars().map(|c| if fits(c) { c } else { '-' }).take(room).collect();
    format!("{spelled}-{mark}-{tail}")
}

/// Plans the configurations of a release in a ring, above all that the ring has: bases first, every layer above them with a priority
/// of its own.
///
/// # Errors
/// When the priorities of the hub are used up.
pub fn promotion(
    release: &Release,
    ring: &RingName,
    ring_target: &str,
    standing: &[Standing],
) -> Result<Vec<PlannedConfiguration>, ReleaseError> {
    let id = release.id();
    let highest = standing.iter().filter(|found| found.release != id).map(|found| found.priority).max();
    let first = highest.map_or(FIRST_PRIORITY, |highest| highest.saturating_add(1).max(FIRST_PRIORITY));
    let (layers, bases): (Vec<_>, Vec<_>) = release.deployments.iter().partition(|(_, deployment)| deployment.layer);
    let mut planned = Vec::new();
    for (priority, (name, deployment)) in (first..).zip(bases.into_iter().chain(layers)) {
        if priority > LAST_PRIORITY {
            return Err(ReleaseError::PrioritiesExhausted { ring: ring.clone() });
        }
        planned.push(PlannedConfiguration {
            id: configuration_id(&release.solution, name, ring, id),
            deployment: name.clone(),
            priority,
            condition: condition(deployment.target.as_deref(), ring_target),
            content_digest: deployment.content_digest,
        });
    }
    Ok(planned)
}

/// Releases of a ring that the hub has configurations of, highest priority first.
fn by_priority(standing: &[Standing]) -> Vec<Digest> {
    let mut highest: BTreeMap<Digest, u32> = BTreeMap::new();
    for found in standing {
        let priority = highest.entry(found.release).or_default();
        *priority = (*priority).max(found.priority);
    }
    let mut releases: Vec<_> = highest.into_iter().map(|(release, priority)| (priority, release)).collect();
    releases.sort_by(|left, right| right.cmp(left));
    releases.into_iter().map(|(_, release)| release).collect()
}

/// Plans how a ring gets rid of what it runs (or of a promotion that is still being written). Everything above the next release that
/// is neither denied nor was halted here goes too, since it would apply otherwise.
///
/// # Errors
/// When the ring runs nothing, or nothing good lies below.
pub fn rollback(state: &RingState, standing: &[Standing], denied: &BTreeSet<Digest>) -> Result<RollbackPlan, ReleaseError> {
    let empty = || ReleaseError::EmptyRing { ring: state.ring.clone() };
    let name = state.pending.as_ref().or(state.current.as_ref()).ok_or_else(empty)?;
    let id = state.entries.get(name).ok_or_else(empty)?.id;
    let release = ReleaseRef { name: name.clone(), id };
    let mut remove: Vec<&Standing> = standing.iter().filter(|found| found.release == id).collect();
    if state.pending.is_some() && (remove.is_empty() || state.current.is_some()) {
        remove.sort_by_key(|found| std::cmp::Reverse(found.priority));
        return Ok(RollbackPlan { release, remove: remove.iter().map(|found| found.id.clone()).collect(), fallback: None });
    }
    let top = remove.iter().map(|found| found.priority).max().unwrap_or(u32::MAX);
    let below: Vec<Standing> = standing.iter().filter(|found| found.release != id && found.priority < top).cloned().collect();
    let good = |candidate: &Digest| {
        let entry = state.entries.iter().find(|(_, entry)| entry.id == *candidate);
        entry.filter(|(_, entry)| {
            !denied.contains(candidate) && !entry.halted && entry.state != State::RolledBack && is_complete(entry, &below)
        })
    };
    let order = by_priority(&below);
    let nothing = || ReleaseError::NothingBelow { ring: state.ring.clone(), release: name.clone() };
    let (skipped, (fallback, entry)) =
        order.iter().enumerate().find_map(|(skipped, candidate)| Some((skipped, good(candidate)?))).ok_or_else(nothing)?;
    let skipped: BTreeSet<_> = order.iter().take(skipped).copied().collect();
    remove.extend(standing.iter().filter(|found| skipped.contains(&found.release)));
    remove.sort_by_key(|found| std::cmp::Reverse(found.priority));
    Ok(RollbackPlan {
        remove: remove.iter().map(|found| found.id.clone()).collect(),
        fallback: Some(ReleaseRef { name: fallback.clone(), id: entry.id }),
        release,
    })
}

/// Tells whether the hub still has every configuration of a release.
fn is_complete(entry: &super::ring::Entry, standing: &[Standing]) -> bool {
    entry.configurations.iter().all(|planned| standing.iter().any(|found| found.id == planned.id))
}

/// Returns the configurations that no rollback will need: those of releases that lie further down than the newest few, without the
/// newest that was healthy.
pub fn retired(state: &RingState, standing: &[Standing]) -> Vec<String> {
    let entry_of = |id: &Digest| state.entries.values().find(|entry| entry.id == *id);
    let older: Vec<_> =
        by_priority(standing).into_iter().filter(|id| entry_of(id).is_some_and(|entry| entry.state == State::Superseded)).collect();
    let proven = older.iter().find(|id| entry_of(id).is_some_and(|entry| entry.proven));
    let gone: BTreeSet<_> = older.iter().skip(KEPT_BELOW).filter(|id| Some(*id) != proven).collect();
    standing.iter().filter(|found| gone.contains(&found.release)).map(|found| found.id.clone()).collect()
}
