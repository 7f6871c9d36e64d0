//! How truth tables end: one JSON line a row, or the rows that differ and a summary.

use crate::base::table_test::Outcome;
use crate::base::text::{count, sanitized};
use crate::base::{CommandError, Exit, Report as _, Result};
use crate::commands::Context;
use crate::output::Format;

/// Counts of a table: `differ` without the doubtful rows.
struct Tally {
    rows: usize,
    passed: usize,
    differ: usize,
    doubtful: usize,
    open: usize,
}

/// Prints the outcomes of a table.
///
/// # Errors
/// Exit code 10 when a row differs that does not call its own expectation doubtful.
pub fn print(outcomes: &[Outcome], context: &mut Context) -> Result<()> {
    let tally = Tally::of(outcomes);
    let text = match context.printer.options().format {
        Format::Json => lines(outcomes)?,
        Format::Name => differing(outcomes).map(|outcome| format!("{}\n", name(outcome))).collect(),
        Format::Table => format!("{}{}\n", differing(outcomes).map(described).collect::<String>(), tally.summary()),
        Format::Yaml | Format::Sarif | Format::Env | Format::ConnString => {
            let error = CommandError::new(Exit::Usage, "usage/table-format", "a table of cases prints JSON lines, names or text");
            return Err(error.hint("Use -o json, -o name or -o table."));
        }
    };
    context.printer.text(&text)?;
    let mut progress = context.printer.progress();
    for outcome in differing(outcomes).filter(|outcome| outcome.low) {
        let text = format!("row {} differs, which its confidence `low` lets pass", name(outcome));
        progress.report(crate::base::Event::Warning { code: "table/doubtful-row", text });
    }
    if tally.differ == 0 {
        return Ok(());
    }
    Err(CommandError::new(Exit::Refused, "table/differs", format!("{} of {} differ", count(tally.differ, "row"), tally.rows)))
}

fn lines(outcomes: &[Outcome]) -> Result<String> {
    let bug = |error: serde_json::Error| CommandError::new(Exit::Failure, "output/bug", error.to_string());
    let mut text = String::new();
    for outcome in outcomes {
        text.push_str(&serde_json::to_string(outcome).map_err(bug)?);
        text.push('\n');
    }
    Ok(text)
}

fn differing(outcomes: &[Outcome]) -> impl Iterator<Item = &Outcome> {
    outcomes.iter().filter(|outcome| outcome.ok == Some(false))
}

/// Returns a row's id, or its line.
fn name(outcome: &Outcome) -> String {
    match &outcome.id {
        serde_json::Value::String(id) => sanitized(id),
        serde_json::Value::Null => format!("line-{}", outcome.line),
        other => other.to_string(),
    }
}

fn described(outcome: &Outcome) -> String {
    let kind = outcome.error_kind.as_ref().map_or_else(String::new, |kind| format!(" ({kind})"));
    let detail: String = outcome.detail.lines().map(|line| format!("  {}\n", sanitized(line))).collect();
    format!("{}: expected {}, found {}{kind}\n{detail}", name(outcome), outcome.expect, outcome.actual)
}

impl Tally {
    fn of(outcomes: &[Outcome]) -> Self {
        let number = |test: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| test(outcome)).count();
        Self {
            rows: outcomes.len(),
            passed: number(|outcome| outcome.ok == Some(true)),
            differ: number(|outcome| outcome.ok == Some(false) && !outcome.low),
            doubtful: number(|outcome| outcome.ok == Some(false) && outcome.low),
            open: number(|outcome| outcome.ok.is_none()),
        }
    }

    fn summary(&self) -> String {
        let sometimes = [(self.doubtful, "differ with low confidence"), (self.open, "without expectation")];
        let sometimes = sometimes.iter().filter(|(number, _)| *number > 0).map(|(number, said)| format!(", {number} {said}"));
        format!("{}: {} passed, {} differ{}", count(self.rows, "row"), self.passed, self.differ, sometimes.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn outcome(id: Value, ok: Option<bool>, low: bool) -> Outcome {
        Outcome { id, actual: json!(true), expect: json!(false), ok, detail: "a\nb".to_owned(), error_kind: None, low, line: 7 }
    }

    #[test]
    fn the_summary_counts_each_kind() {
        let rows = [
            outcome(json!("a"), Some(true), false),
            outcome(json!("b"), Some(false), false),
            outcome(json!("c"), Some(false), true),
            outcome(json!("d"), None, false),
        ];
        let tally = Tally::of(&rows);
        assert_eq!(tally.summary(), "4 rows: 1 passed, 1 differ, 1 differ with low confidence, 1 without expectation");
        assert_eq!(described(&rows[1]), "b: expected false, found true\n  a\n  b\n");
        assert_eq!(name(&outcome(Value::Null, None, false)), "line-7");
    }

    #[test]
    fn lines_are_one_object_a_row() {
        let text = lines(&[outcome(json!("a"), None, false)]).expect("json");
        assert_eq!(text, "{\"id\":\"a\",\"actual\":true,\"expect\":false,\"ok\":null,\"detail\":\"a\\nb\"}\n");
    }
}
