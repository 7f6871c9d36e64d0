//! How many devices a condition selects, and for how many each of its clauses is true, false or undefined.

use std::ops::Range;

use roaring::RoaringBitmap;
use serde::Serialize;

use super::index::FleetIndex;
use crate::target::Condition;
use crate::target::expression::{Expression, Node};

/// The devices of a condition, counted. Serialised: `matched`, `total`, `clauses[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Devices that the condition selects.
    pub matched: u64,
    /// Devices that were looked at.
    pub total: u64,
    /// The clauses, in the order of the text: the parts between AND, OR and NOT.
    pub clauses: Vec<ClauseCounts>,
}

/// One clause, counted. Serialised: `text`, `span` (`start`, `end`: bytes of the condition), `true`, `false`, `undefined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClauseCounts {
    /// As it was written.
    pub text: String,
    /// Its bytes in the condition.
    pub span: Range<usize>,
    /// Devices for which it is true.
    #[serde(rename = "true")]
    pub yes: u64,
    /// Devices for which it is false.
    #[serde(rename = "false")]
    pub no: u64,
    /// Devices of which nothing can be said: an attribute is missing, or of another type.
    pub undefined: u64,
}

/// Returns the clauses of a condition: the parts between AND, OR and NOT, in the order of the text.
pub fn clauses(condition: &Condition) -> Vec<&Node> {
    fn collect<'a>(node: &'a Node, found: &mut Vec<&'a Node>) {
        match &node.expression {
            Expression::And(parts) | Expression::Or(parts) => parts.iter().for_each(|part| collect(part, found)),
            Expression::Not(inner) => collect(inner, found),
            _ => found.push(node),
        }
    }
    let mut found = Vec::new();
    if let Condition::Expression(node) = condition {
        collect(node, &mut found);
    }
    found
}

impl FleetIndex {
    /// Counts a condition, whose text says how its clauses were written, over all devices or `among` some.
    ///
    /// # Panics
    /// When the index does not hold what the condition reads ([`FleetIndex::holds`]).
    pub fn count(&self, condition: &Condition, text: &str, among: Option<&RoaringBitmap>) -> Counts {
        let total = among.map_or(self.len() as u64, RoaringBitmap::len);
        let size = |set: &RoaringBitmap| among.map_or_else(|| set.len(), |among| set.intersection_len(among));
        let mut clauses = Vec::new();
        let sets = self.sets_with(condition, &mut |node, sets| {
            let (yes, no) = (size(&sets.yes), size(&sets.no));
            let text = text.get(node.span.clone()).map_or_else(|| node.to_string(), |text| text.trim_ascii().to_owned());
            clauses.push(ClauseCounts { text, span: node.span.clone(), yes, no, undefined: total - yes - no });
        });
        Counts { matched: size(&sets.yes), total, clauses }
    }
}
