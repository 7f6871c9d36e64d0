//! What a check finds: a stable code, how grave it is, where it stands, what to write instead.

use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;

use serde::Serialize;

use super::source::{Excerpt, Place, SourceText};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Accepted by the edge, and probably not what was meant. Strict checks refuse it.
    Warning,
    /// Refused.
    Error,
}

/// A change of a text that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, an imperative fragment such as "put blanks around the operator".
    pub description: String,
    /// Replacements that do not overlap, in the order of the text.
    pub edits: Vec<Edit>,
    /// Whether it can be applied without being asked for one by one.
    pub safe: bool,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// Bytes of the text that go; empty where something is only added.
    pub span: Range<usize>,
    /// What comes in their place.
    pub replacement: String,
}

/// One thing that a check found. Serialised: `code`, `severity`, `message`, `file`, `place` (`line`, `column`, `endLine`, `endColumn`),
/// `hint`, `fix` (`description`, `edits[]` of `span` in bytes of the file and `replacement`, `safe`); what is unknown is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable name, `area/kebab-case`.
    pub code: Cow<'static, str>,
    /// How grave it is.
    pub severity: Severity,
    /// What was found, a lowercase fragment without a full stop.
    pub message: String,
    /// The text that it stands in, as the user named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Bytes of that text.
    #[serde(skip)]
    pub span: Option<Range<usize>>,
    /// Lines and columns of these bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The line to show.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    /// What to do about it, a full sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// A change that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

impl Finding {
    /// Returns a finding without a place.
    pub fn new(code: impl Into<Cow<'static, str>>, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            file: None,
            span: None,
            place: None,
            excerpt: None,
            hint: None,
            fix: None,
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(self, source: &SourceText, span: Range<usize>) -> Self {
        Self {
            file: Some(source.name.clone()),
            place: Some(source.place(&span)),
            excerpt: Some(source.excerpt(&span)),
            span: Some(span),
            ..self
        }
    }

    /// Sets what to do about it, a full sentence.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Sets a change that mends it, in bytes of the same text.
    #[must_use]
    pub fn fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}

impl Fix {
    /// Returns a change that can be applied without being asked for one by one.
    pub fn safe(description: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { description: description.into(), edits, safe: true }
    }

    /// Returns a change that is only proposed: the author must decide.
    pub fn proposed(description: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { safe: false, ..Self::safe(description, edits) }
    }

    /// Returns the text with this change made; `None` when its edits overlap or lie outside.
    pub fn apply(&self, text: &str) -> Option<String> {
        apply(text, &self.edits)
    }
}

impl Edit {
    /// Returns a replacement of some bytes.
    pub fn replace(span: Range<usize>, replacement: impl Into<String>) -> Self {
        Self { span, replacement: replacement.into() }
    }

    /// Returns an insertion.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at..at, text)
    }
}

/// Returns the text with all edits made, whatever their order; `None` when two overlap or one lies outside.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let (mut result, mut done) = (String::with_capacity(text.len()), 0);
    for edit in ordered {
        result.push_str(text.get(done..edit.span.start)?);
        result.push_str(&edit.replacement);
        text.get(edit.span.clone())?;
        done = edit.span.end;
    }
    result.push_str(text.get(done..)?);
    Some(result)
}

/// Puts findings in the order of their files and places; those without a place come last.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| (finding.file.is_none(), finding.file.clone(), finding.place, finding.code.to_string());
        key(left).cmp(&key(right))
    });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn edits_are_made_in_any_order() {
        let edits = [Edit::replace(4..7, "two"), Edit::insert(0, "> "), Edit::replace(0..3, "one")];
        assert_eq!(apply("ein zwo", &edits).as_deref(), Some("> one two"));
    }

    #[test]
    fn edits_that_overlap_or_lie_outside_are_refused() {
        assert_eq!(apply("abcdef", &[Edit::replace(0..3, ""), Edit::replace(2..4, "")]), None);
        assert_eq!(apply("ab", &[Edit::replace(1..9, "")]), None);
        assert_eq!(apply("é", &[Edit::insert(1, "x")]), None);
    }

    #[test]
    fn order_is_that_of_the_text() {
        let source = SourceText::new(Path::new("f"), "a\nb\n");
        let find = |code: &'static str| Finding::new(code, Severity::Note, "m");
        let mut findings = vec![find("x/none"), find("x/second").at(&source, 2..3), find("x/first").at(&source, 0..1)];
        sort(&mut findings);
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
        assert_eq!(codes, ["x/first", "x/second", "x/none"]);
    }

    #[test]
    fn its_json_names_lines_and_columns() {
        let source = SourceText::new(Path::new("m.json"), "{\n  x\n}");
        let finding = Finding::new("manifest/x", Severity::Warning, "odd").at(&source, 4..5).hint("Write y.");
        assert_eq!(
            serde_json::to_string(&finding).expect("json"),
            r#"{"code":"manifest/x","severity":"warning","message":"odd","file":"m.json","place":{"line":2,"column":3,"endLine":2,"endColumn":4},"hint":"Write y."}"#
        );
    }
}
