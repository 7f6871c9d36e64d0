//! Which deployments apply to a device, in which order, and the content that comes out, every value with the deployment that it came
//! from.

mod apply;
mod lint;
mod provenance;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::document::DESIRED;
use crate::base::Timestamp;
use crate::target::{Condition, is_edge_device};

pub use lint::Lint;
pub use provenance::{Provenance, pointer};

/// A deployment that may apply to a device.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Id of the configuration.
    pub id: String,
    /// Higher wins.
    pub priority: i64,
    /// When it was created; of equal priorities the newer wins.
    pub created: Timestamp,
    /// Which devices it is for.
    pub condition: Condition,
    /// Sections by module: `properties.desired` and keys below it.
    pub content: Map<String, Value>,
}

/// What applies to a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Composition {
    /// The base, if one is targeted; without one the device keeps what it has.
    pub base: Option<String>,
    /// What is applied, base first, in order.
    pub applied: Vec<String>,
    /// What targets the device, sorted.
    pub targeted: Vec<String>,
    /// Desired properties by module; empty without a base.
    pub effective: BTreeMap<String, Value>,
    /// What is doubtful, sorted by code, each with what it was found in.
    pub lint: BTreeMap<Lint, BTreeSet<String>>,
    /// Which deployment each value of `effective` came from.
    pub provenance: Provenance,
}

impl Candidate {
    /// Tells whether the deployment carries everything, and is no layer: its agent section has the whole `properties.desired`.
    pub fn is_base(&self) -> bool {
        self.content.get("$edgeAgent").and_then(|agent| agent.get(DESIRED)).is_some()
    }

    /// Orders by priority, then creation, then id; the last one wins. Ids are distinct in a hub; where they are not, content decides,
    /// so that the order of a list never does.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let left = (self.priority, self.created, &self.id);
        left.cmp(&(other.priority, other.created, &other.id)).then_with(|| {
            let text = |candidate: &Self| crate::base::json::canonical(&candidate.content).unwrap_or_default();
            text(self).cmp(&text(other))
        })
    }
}

impl Composition {
    /// Puts what the device had before in the place of the effective content when no base is targeted, since it keeps that.
    #[must_use]
    pub fn keeping(mut self, previous: &Map<String, Value>) -> Self {
        if self.base.is_none() {
            self.effective = previous.iter().map(|(module, desired)| (module.clone(), desired.clone())).collect();
        }
        self
    }

    /// Tells whether two deployments tie, so that what applies is decided by their ids or not documented at all.
    pub fn ties(&self) -> bool {
        self.lint.contains_key(&Lint::BaseTie) || self.lint.contains_key(&Lint::LayerPriorityTie)
    }

    /// Notes something doubtful.
    fn note(&mut self, lint: Lint, text: String) {
        self.lint.entry(lint).or_default().insert(text);
    }
}

/// Composes what applies to the device of a twin document. The order of the candidates does not matter.
pub fn effective(candidates: &[Candidate], twin: &Value) -> Composition {
    let mut composition = Composition::default();
    if !is_edge_device(twin) {
        return composition;
    }
    let mut targeted: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.condition.matches(twin)).collect();
    targeted.sort_by(|left, right| left.order(right));
    composition.targeted = targeted.iter().map(|candidate| candidate.id.clone()).collect();
    composition.targeted.sort();

    let winner = targeted.iter().rposition(|candidate| candidate.is_base());
    lint::order(&targeted, winner, &mut composition);
    let Some(applied) = winner.and_then(|winner| targeted.get(winner..)) else { return composition };
    composition.base = applied.first().map(|base| base.id.clone());
    for candidate in applied {
        apply::apply(candidate, &mut composition);
        composition.applied.push(candidate.id.clone());
    }
    composition
}
