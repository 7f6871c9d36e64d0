//! Collects what a check finds in one document; their number is bounded, how grave they are is not lost.

use std::ops::Range;

use crate::base::finding::{Finding, Severity, sort};
use crate::base::source::SourceText;

/// Most findings of one document that are kept.
const MOST: usize = 300;

/// The findings of one document.
pub(super) struct Findings<'a> {
    source: &'a SourceText,
    masked: Option<SourceText>,
    list: Vec<Finding>,
    left_out: Vec<Severity>,
}

/// What a finding is about and where it stands.
pub(super) struct Found {
    /// Stable code.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Bytes of the document.
    pub span: Range<usize>,
    /// What was found.
    pub message: String,
    /// What to do about it, a full sentence; empty for nothing.
    pub hint: String,
}

impl Found {
    /// Returns a finding that refuses the document.
    pub fn error(code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, span: span.clone(), message: message.into(), hint: String::new() }
    }

    /// Returns a finding that strict checks refuse.
    pub fn warning(code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Returns a finding that is worth knowing.
    pub fn note(code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, span, message) }
    }

    /// Adds what to do about it, a full sentence.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

impl<'a> Findings<'a> {
    /// Returns an empty list for a document.
    pub fn new(source: &'a SourceText) -> Self {
        Self { source, masked: None, list: Vec::new(), left_out: Vec::new() }
    }

    /// Keeps secrets out of the lines that findings show; places stay true.
    pub fn hide(&mut self, secrets: &[Range<usize>]) {
        if secrets.is_empty() {
            return;
        }
        let (mut text, mut done) = (String::with_capacity(self.source.text.len()), 0);
        for secret in secrets {
            text.push_str(self.source.text.get(done..secret.start).unwrap_or_default());
            text.push_str(&"*".repeat(secret.len()));
            done = secret.end;
        }
        text.push_str(self.source.text.get(done..).unwrap_or_default());
        self.masked = Some(SourceText::new(&self.source.name, text));
    }

    /// Adds a finding.
    pub fn add(&mut self, found: Found) {
        let Found { code, severity, span, message, hint } = found;
        let finding = Finding::new(code, severity, message);
        self.add_at(if hint.is_empty() { finding } else { finding.hint(hint) }, span);
    }

    /// Adds a finding of another room whose place is known in this document.
    pub fn add_at(&mut self, finding: Finding, span: Range<usize>) {
        if self.list.len() >= MOST {
            self.left_out.push(finding.severity);
            return;
        }
        let mut finding = finding.at(self.source, span.clone());
        if let Some(masked) = &self.masked {
            finding.excerpt = Some(masked.excerpt(&span));
        }
        self.list.push(finding);
    }

    /// Returns how many errors were found.
    pub fn errors(&self) -> usize {
        let kept = self.list.iter().map(|finding| &finding.severity);
        kept.chain(&self.left_out).filter(|severity| **severity == Severity::Error).count()
    }

    /// Returns the findings in the order of the text; those beyond the limit become one, as grave as the gravest of them.
    pub fn finish(mut self) -> Vec<Finding> {
        sort(&mut self.list);
        if let Some(gravest) = self.left_out.iter().max() {
            let message = format!("{} more findings are not shown", self.left_out.len());
            let mut finding = Finding::new("manifest/more-findings", *gravest, message);
            finding.file = Some(self.source.name.clone());
            self.list.push(finding);
        }
        self.list
    }
}
