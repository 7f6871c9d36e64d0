//! What is wrong or doubtful in a condition, beyond what the parser must refuse. A [`Reading`] goes on behind a fault whose meaning is
//! plain, so that one check shows all there is to mend; with a fleet it counts the devices that a finding touches.

use std::borrow::Cow;
use std::ops::Range;

use super::condition::{Condition, Dialect};
use super::error::{ConditionError, Fault};
use super::expression::Node;
use super::fleet::FleetIndex;
use super::function::Function;
use super::token::{Spanned, tokens};
use crate::base::finding::{Edit, Fix, Severity};

mod fleet;
mod negation;
mod shape;
mod text;

/// One thing found in a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Lint {
    /// Stable name, `target/kebab-case`.
    pub code: Cow<'static, str>,
    /// How grave it is.
    pub severity: Severity,
    /// What was found, a lowercase fragment.
    pub message: String,
    /// Bytes of the condition.
    pub span: Range<usize>,
    /// What to do about it, full sentences.
    pub hint: Option<String>,
    /// A change of the condition that mends it.
    pub fix: Option<Fix>,
    /// Number of devices that it touches, where a fleet tells.
    pub devices: Option<u64>,
}

impl Lint {
    fn new(code: &'static str, severity: Severity, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { code: code.into(), severity, message: message.into(), span, hint: None, fix: None, devices: None }
    }

    fn warning(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message)
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }

    fn touching(self, devices: u64) -> Self {
        Self { devices: Some(devices), ..self }
    }
}

/// Faults that are passed over in one condition, at most.
const REPAIRS: usize = 20;

/// A condition as far as it could be read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The text with its plain faults mended; what the tree's places count in.
    text: String,
    /// The replacements made, in their order: where, bytes before, bytes after.
    replaced: Vec<(usize, usize, usize)>,
    faults: Vec<Lint>,
    condition: Option<Condition>,
    dialect: Dialect,
}

impl Reading {
    /// Reads a condition of a dialect.
    pub fn of(text: &str, dialect: Dialect) -> Self {
        let mut reading = Self { text: text.to_owned(), replaced: Vec::new(), faults: Vec::new(), condition: None, dialect };
        // Calls are read in either dialect, and found in the tree.
        let mut read_in = dialect;
        for _ in 0..=REPAIRS {
            match Condition::parse_in(&reading.text, read_in) {
                Ok(condition) => {
                    reading.condition = Some(condition);
                    break;
                }
                Err(error) if error.fault == Fault::Dialect && read_in == Dialect::Strict && is_known_function(&reading.text, &error) => {
                    read_in = Dialect::Extended;
                }
                Err(error) => {
                    let mended = reading.pass(&error);
                    if !mended {
                        break;
                    }
                }
            }
        }
        reading
    }

    /// Returns the condition, its plain faults mended; `None` when it cannot be read.
    pub fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }

    /// Notes a fault, and mends it when its meaning is plain.
    fn pass(&mut self, error: &ConditionError) -> bool {
        let at = self.original(&error.span);
        let mut lint = Lint::new(error.fault.code(), Severity::Error, at, error.message.clone());
        lint.hint = error.advice().map(str::to_owned);
        if !error.edits.is_empty() {
            let edits = error.edits.iter().map(|edit| Edit::replace(self.original(&edit.span), edit.text.clone())).collect();
            let safe = matches!(
                error.fault,
                Fault::DoubleQuote | Fault::Semicolon | Fault::ForeignOperator | Fault::TagSingular | Fault::CaseDeviceId | Fault::InArray
            );
            let description = match error.edits.as_ref() {
                [only] if only.text.is_empty() => "remove it".to_owned(),
                [only] => format!("write {}", only.text.trim()),
                _ => "write it in square brackets".to_owned(),
            };
            lint.fix = Some(Fix { description, edits, safe });
        }
        self.faults.push(lint);
        for edit in error.edits.iter().rev() {
            self.text.replace_range(edit.span.clone(), &edit.text);
            self.replaced.push((edit.span.start, edit.span.len(), edit.text.len()));
        }
        !error.edits.is_empty()
    }

    /// Returns where bytes of the mended text stand in the text as it was written.
    fn original(&self, span: &Range<usize>) -> Range<usize> {
        let back = |offset: usize| {
            self.replaced.iter().rev().fold(offset, |offset, (start, before, after)| match offset {
                offset if offset <= *start => offset,
                offset if offset >= start + after => offset - after + before,
                offset => start + (offset - start).min(*before),
            })
        };
        let start = back(span.start);
        start..back(span.end).max(start)
    }

    /// Returns everything that is found, in the order of the text. With a fleet it must hold what [`Reading::condition`] reads.
    pub fn lint(&self, devices: Option<&FleetIndex>) -> Vec<Lint> {
        let mut found = self.faults.clone();
        let Some(condition) = &self.condition else { return found };
        let mut later = Vec::new();
        if let Condition::Expression(node) = condition {
            later.extend(shape::calls(node, self.dialect));
            later.extend(text::values(&self.tokens()));
            later.extend(text::versions(node));
            later.extend(negation::precedence(node, &self.text));
            later.extend(negation::skipped(node, &self.text, devices));
            if let Some(devices) = devices {
                later.extend(fleet::types(node, devices));
            }
        }
        later.extend(shape::selection(condition, &self.text, devices));
        for lint in &mut later {
            lint.span = self.original(&lint.span);
            for edit in lint.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.span = self.original(&edit.span);
            }
        }
        found.extend(later);
        found.sort_by(|left, right| (left.span.start, left.span.end, &left.code).cmp(&(right.span.start, right.span.end, &right.code)));
        found
    }

    fn tokens(&self) -> Vec<Spanned> {
        tokens(&self.text).unwrap_or_default()
    }
}

fn is_known_function(text: &str, error: &ConditionError) -> bool {
    text.get(error.span.clone()).is_some_and(|name| Function::of(name).is_some())
}

/// Calls `look` with each part of a tree, the whole first.
fn visit<'n>(node: &'n Node, look: &mut dyn FnMut(&'n Node)) {
    look(node);
    node.parts().for_each(|part| visit(part, look));
}

#[cfg(test)]
mod tests;
