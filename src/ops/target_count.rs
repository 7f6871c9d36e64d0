//! `target count`: how many devices conditions select, and why.

use std::io::BufRead;
use std::path::Path;

use serde::Serialize;

use super::fleet::Fleet;
use crate::base::table_test::rows;
use crate::base::{Context as _, Result};
use crate::target::fleet::ClauseCounts;
use crate::target::{Condition, Dialect};

/// A condition as it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its name in a file of conditions.
    pub id: Option<String>,
    /// Its text.
    pub text: String,
    /// What the text says.
    pub condition: Condition,
}

/// A condition and its counts. Serialised: `id` where it has one, `condition` (as it was written), `matched`, `total`, `clauses[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// Its name in a file of conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// As it was written.
    pub condition: String,
    /// Devices that it selects.
    pub matched: u64,
    /// Devices that were looked at.
    pub total: u64,
    /// The parts between AND, OR and NOT, in the order of the text.
    pub clauses: Vec<ClauseCounts>,
}

impl Written {
    /// Reads a condition of the command line.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self> {
        Ok(Self { id: None, text: text.to_owned(), condition: Condition::parse_in(text, dialect)? })
    }
}

/// Reads a file of conditions: one JSON object a line with `condition`, and `id` where it has a name; other members are left alone.
///
/// # Errors
/// At the first line that is no such object, or whose condition does not parse.
pub fn read_conditions(table: impl BufRead, file: &Path, dialect: Dialect) -> Result<Vec<Written>> {
    let mut conditions = Vec::new();
    for row in rows(table, file) {
        let row = row?;
        let text = row.text("condition")?;
        let id = row.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        let named = || format!("the condition in line {} of {} does not parse", row.line, file.display());
        conditions.push(Written { id, ..Written::parse(text, dialect).context(named())? });
    }
    Ok(conditions)
}

/// Counts conditions over a fleet that was read for them.
pub fn count(fleet: &Fleet, conditions: &[Written]) -> Vec<Counted> {
    let counted = conditions.iter().map(|written| {
        let counts = fleet.index.count(&written.condition, &written.text, fleet.among.as_ref());
        let (id, condition) = (written.id.clone(), written.text.clone());
        Counted { id, condition, matched: counts.matched, total: counts.total, clauses: counts.clauses }
    });
    counted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_conditions_names_its_bad_line() {
        let read = |text: &str| read_conditions(text.as_bytes(), Path::new("c.jsonl"), Dialect::Strict);
        let conditions = read("{\"id\":\"a\",\"priority\":5,\"condition\":\"*\"}\n\n{\"condition\":\"tags.a = 1\"}\n").expect("conditions");
        assert_eq!(conditions.iter().map(|written| written.id.as_deref()).collect::<Vec<_>>(), [Some("a"), None]);
        let error = read("{\"condition\":\"*\"}\n{\"condition\":\"tags.a == 1\"}").expect_err("no condition");
        assert_eq!(error.chain()[0], "the condition in line 2 of c.jsonl does not parse");
        assert!(read("{\"text\":\"*\"}").expect_err("no condition").chain()[0].starts_with("c.jsonl:1:1: "));
    }
}
