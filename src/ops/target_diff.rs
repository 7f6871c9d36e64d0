//! `target diff`: which devices enter and leave when a condition or a fleet changes, and which clause made them.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;
use serde::Serialize;

use super::fleet::Fleet;
use super::target_count::Written;
use crate::base::text::count;
use crate::base::{CommandError, Exit, Result};
use crate::target::evaluate;
use crate::target::expression::Node;
use crate::target::fleet::clauses;

/// One side of the comparison.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The devices.
    pub fleet: &'a Fleet,
    /// The condition.
    pub written: &'a Written,
}

/// What changes. Serialised: `before`, `after` (the conditions), `added[]`, `removed[]` (ids), `unchanged` (a number: how
/// many devices both sides select; they are not listed, since they may be the whole fleet), `changes[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The condition before.
    pub before: String,
    /// The condition afterwards.
    pub after: String,
    /// Devices that are selected afterwards only, in the order of the fleet.
    pub added: Vec<String>,
    /// Devices that were selected before only.
    pub removed: Vec<String>,
    /// Number of devices that are selected before and afterwards.
    pub unchanged: u64,
    /// Why, device by device.
    pub changes: Vec<Change>,
}

/// One device that enters or leaves. Serialised: `deviceId`, `selected` (afterwards), `clauses[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The device.
    pub device_id: String,
    /// Whether it is selected afterwards.
    pub selected: bool,
    /// The clauses whose truth is not the same before and afterwards; all when there is none.
    pub clauses: Vec<ClauseChange>,
}

/// A clause of one device. Serialised: `text`, `before`, `after`: `true`, `false` or `undefined` as texts, `null` where the condition has no
/// such clause or the fleet no such device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClauseChange {
    /// As it was written.
    pub text: String,
    /// Its truth before.
    pub before: Option<&'static str>,
    /// Its truth afterwards.
    pub after: Option<&'static str>,
}

impl Difference {
    /// Refuses when a device enters or leaves; for `--check`.
    ///
    /// # Errors
    /// `Refused`, with the numbers.
    pub fn require_none(&self) -> Result<()> {
        if self.added.is_empty() && self.removed.is_empty() {
            return Ok(());
        }
        let message = format!("{} added, {} removed", count(self.added.len(), "device"), count(self.removed.len(), "device"));
        Err(CommandError::new(Exit::Refused, "target/differs", message))
    }
}

/// Compares the devices that are selected before and afterwards.
pub fn diff(before: Side<'_>, after: Side<'_>) -> Difference {
    let (was, is) = (before.fleet.select(&before.written.condition), after.fleet.select(&after.written.condition));
    let removed = only(before.fleet, &was, after.fleet, &is);
    let added = only(after.fleet, &is, before.fleet, &was);
    let (clauses_before, clauses_after) = (Clauses::of(before), Clauses::of(after));
    let mut changes = Vec::new();
    for (ids, selected) in [(&added, true), (&removed, false)] {
        changes.extend(ids.iter().map(|id| Change {
            device_id: id.clone(),
            selected,
            clauses: explain(&clauses_before.truths(id), &clauses_after.truths(id)),
        }));
    }
    let unchanged = was.len() - removed.len() as u64;
    Difference { before: before.written.text.clone(), after: after.written.text.clone(), added, removed, unchanged, changes }
}

/// Returns the ids of the devices that one fleet selects and the other does not.
fn only(fleet: &Fleet, selected: &RoaringBitmap, other: &Fleet, others: &RoaringBitmap) -> Vec<String> {
    let ids = selected.iter().map(|device| fleet.index.id(device));
    ids.filter(|id| !other.index.find(id).is_some_and(|device| others.contains(device))).map(str::to_owned).collect()
}

/// The clauses of one side, each text once.
struct Clauses<'a> {
    side: Side<'a>,
    nodes: Vec<(&'a str, &'a Node)>,
}

type Truths<'a> = Vec<(&'a str, Option<&'static str>)>;

impl<'a> Clauses<'a> {
    fn of(side: Side<'a>) -> Self {
        let mut known = BTreeSet::new();
        let named = clauses(&side.written.condition).into_iter().map(|node| {
            let text = side.written.text.get(node.span.clone()).unwrap_or_default();
            (text.trim_ascii(), node)
        });
        Self { side, nodes: named.filter(|(text, _)| known.insert(*text)).collect() }
    }

    /// Returns the truth of each clause for a device.
    fn truths(&self, id: &str) -> Truths<'a> {
        let index = &self.side.fleet.index;
        let device = index.find(id).map(|device| index.device(device));
        self.nodes.iter().map(|(text, node)| (*text, device.map(|device| evaluate::truth(node, &device).name()))).collect()
    }
}

fn explain(before: &Truths<'_>, after: &Truths<'_>) -> Vec<ClauseChange> {
    let truth = |truths: &Truths<'_>, text: &str| truths.iter().find(|(known, _)| *known == text).and_then(|(_, truth)| *truth);
    let mut changes: Vec<ClauseChange> = Vec::new();
    for (text, _) in before.iter().chain(after) {
        if !changes.iter().any(|known| known.text == *text) {
            changes.push(ClauseChange { text: (*text).to_owned(), before: truth(before, text), after: truth(after, text) });
        }
    }
    if changes.iter().any(|change| change.before != change.after) {
        changes.retain(|change| change.before != change.after);
    }
    changes
}
