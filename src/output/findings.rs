//! Findings of checks: for people with the line that they stand in, as SARIF for code scanning, as annotations of a CI system, and
//! as the outcome of the command.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::document::Render;
use crate::base::finding::{Finding, Severity};
use crate::base::percent;
use crate::base::text::{count, sanitized};
use crate::base::{CommandError, Exit};

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Refused.
    pub errors: usize,
    /// Accepted, and probably not meant.
    pub warnings: usize,
    /// Worth knowing.
    pub notes: usize,
}

/// What makes a check fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Errors: what the edge refuses.
    #[default]
    Edge,
    /// Warnings too.
    Strict,
}

/// The result of a check that has nothing else to say: `checked[]` (names of what was looked at), `findings[]` (`code`, `severity`, `message`,
/// `file`, `place`, `hint`, `fix`) and `summary` (`errors`, `warnings`, `notes`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Names of what was looked at, such as files.
    pub checked: Vec<String>,
    /// Everything that was found, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// How many of each severity.
    pub summary: Summary,
}

impl Strictness {
    /// Returns what `--strict` asks for.
    pub fn of(strict: bool) -> Self {
        if strict { Self::Strict } else { Self::Edge }
    }
}

impl Summary {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Self {
        let number = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self { errors: number(Severity::Error), warnings: number(Severity::Warning), notes: number(Severity::Note) }
    }

    /// Returns the counts in words, such as `1 error, 2 warnings`, or `nothing found`.
    pub fn words(self) -> String {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let said: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(number, noun)).collect();
        if said.is_empty() { "nothing found".to_owned() } else { said.join(", ") }
    }
}

impl Checked {
    /// Returns the result of a check.
    pub fn new(checked: Vec<String>, mut findings: Vec<Finding>) -> Self {
        crate::base::finding::sort(&mut findings);
        Self { checked, summary: Summary::of(&findings), findings }
    }
}

impl Render for Checked {
    fn human(&self) -> String {
        let subject = match self.checked.as_slice() {
            [one] => sanitized(one),
            several => count(several.len(), "file"),
        };
        format!("{}{subject}: {}\n", draw(&self.findings), self.summary.words())
    }

    fn names(&self) -> Vec<String> {
        self.findings.iter().map(|finding| finding.code.to_string()).collect()
    }

    fn findings(&self) -> Option<&[Finding]> {
        Some(&self.findings)
    }
}

/// Draws findings for people, each with its line and a blank line behind it.
pub fn draw(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        // Writing to a string cannot fail.
        let _infallible = draw_one(&mut text, finding);
    }
    text
}

fn draw_one(text: &mut String, finding: &Finding) -> std::fmt::Result {
    let place = match (&finding.file, finding.place) {
        (Some(file), Some(place)) => format!("{}:{}:{}: ", sanitized(&file.display().to_string()), place.line, place.column),
        (Some(file), None) => format!("{}: ", sanitized(&file.display().to_string())),
        (None, _) => String::new(),
    };
    writeln!(text, "{place}{}: {} [{}]", word(finding.severity), lines_sanitized(&finding.message), finding.code)?;
    if let (Some(excerpt), Some(place)) = (&finding.excerpt, finding.place) {
        writeln!(text, "{}", excerpt.draw(place.line))?;
    }
    if let Some(hint) = &finding.hint {
        writeln!(text, "hint: {}", lines_sanitized(hint))?;
    }
    if let Some(fix) = &finding.fix {
        writeln!(text, "fix: {}{}", lines_sanitized(&fix.description), if fix.safe { "" } else { " (to be decided by you)" })?;
    }
    writeln!(text)
}

fn lines_sanitized(text: &str) -> String {
    text.lines().map(sanitized).collect::<Vec<_>>().join("\n")
}

/// Returns the word of a severity, as compilers, SARIF and CI systems use it.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Returns findings as a SARIF 2.1.0 log with one run.
pub(super) fn sarif(findings: &[Finding]) -> Value {
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    let rules: Vec<Value> = rules.iter().map(|code| json!({ "id": code })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "edgectl", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(sarif_result).collect::<Vec<_>>(),
        }],
    })
}

fn sarif_result(finding: &Finding) -> Value {
    let mut message = sanitized(&finding.message);
    if let Some(hint) = &finding.hint {
        message = format!("{message}. {}", sanitized(hint));
    }
    let mut result = json!({ "ruleId": finding.code, "level": word(finding.severity), "message": { "text": message } });
    if let Some(file) = &finding.file {
        let mut location = json!({ "artifactLocation": { "uri": uri(file) } });
        if let Some(place) = finding.place {
            location["region"] = json!({
                "startLine": place.line, "startColumn": place.column, "endLine": place.end_line, "endColumn": place.end_column,
            });
        }
        result["locations"] = json!([{ "physicalLocation": location }]);
    }
    result
}

/// Returns a path as a URI reference: relative where it is, its segments percent-encoded.
fn uri(path: &Path) -> String {
    let encoded: Vec<String> = path.to_string_lossy().split('/').map(percent::encode).collect();
    let path_only = encoded.join("/");
    if path.is_absolute() { format!("file://{path_only}") } else { path_only }
}

/// Fails when a finding is an error, or in a strict check a warning.
///
/// # Errors
/// With exit code 3 and the counts.
pub fn require(findings: &[Finding], strictness: Strictness) -> Result<(), CommandError> {
    let summary = Summary::of(findings);
    match strictness {
        _ if summary.errors > 0 => Err(CommandError::new(Exit::BadInput, "check/errors", format!("the check found {}", summary.words()))),
        Strictness::Strict if summary.warnings > 0 => {
            let error = CommandError::new(Exit::BadInput, "check/warnings", format!("the check found {}", summary.words()));
            Err(error.hint("Without --strict, warnings do not fail the command."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::finding::Fix;
    use crate::base::source::SourceText;

    fn findings() -> Vec<Finding> {
        let source = SourceText::new(Path::new("a b.json"), "{\n  \"x\": 1\n}");
        vec![
            Finding::new("m/second", Severity::Warning, "odd\u{1b}").at(&source, 9..10).hint("Write 2."),
            Finding::new("m/first", Severity::Error, "bad").at(&source, 4..7).fix(Fix::proposed("drop it", Vec::new())),
        ]
    }

    #[test]
    fn people_see_line_and_caret() {
        let shown = Checked::new(vec!["a b.json".to_owned()], findings()).human();
        assert_eq!(
            shown,
            "a b.json:2:3: error: bad [m/first]\n   |\n 2 |   \"x\": 1\n   |   ^^^\nfix: drop it (to be decided by you)\n\n\
             a b.json:2:8: warning: odd [m/second]\n   |\n 2 |   \"x\": 1\n   |        ^\nhint: Write 2.\n\n\
             a b.json: 1 error, 1 warning\n"
        );
    }

    #[test]
    fn sarif_names_rule_level_and_region() {
        let log = sarif(&findings());
        let result = &log["runs"][0]["results"][0];
        assert_eq!((result["ruleId"].as_str(), result["level"].as_str()), (Some("m/second"), Some("warning")));
        assert_eq!(result["message"]["text"], "odd. Write 2.");
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "a%20b.json");
        assert_eq!(location["region"], json!({"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 9}));
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"], json!([{"id": "m/first"}, {"id": "m/second"}]));
    }

    #[test]
    fn strict_checks_fail_on_warnings() {
        let only_warning = &findings()[..1];
        assert!(require(only_warning, Strictness::Edge).is_ok());
        assert_eq!(require(only_warning, Strictness::Strict).expect_err("fails").code, "check/warnings");
        assert_eq!(require(&findings(), Strictness::Edge).expect_err("fails").kind, Exit::BadInput);
        assert_eq!(Summary::default().words(), "nothing found");
    }
}
