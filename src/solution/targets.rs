//! The target conditions of a solution file and where their characters stand in its text, so that a finding inside a condition can be
//! shown, and mended, in the file.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::base::yaml::{self, Spanned, YamlError};

/// Whose condition it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetOwner {
    /// A deployment, by its name.
    Deployment(String),
    /// A ring, by its name.
    Ring(String),
}

impl fmt::Display for TargetOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(name) => write!(f, "deployment {name}"),
            Self::Ring(name) => write!(f, "ring {name}"),
        }
    }
}

/// A condition in a solution file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose it is.
    pub owner: TargetOwner,
    /// The condition; `None` where a deployment has none, which means every device.
    pub condition: Option<String>,
    /// Byte of the file where the condition's scalar begins, or the deployment when it has none.
    start: usize,
}

#[derive(Deserialize)]
struct Sketch {
    #[serde(default)]
    deployments: BTreeMap<String, DeploymentSketch>,
    #[serde(default)]
    rings: Vec<RingSketch>,
}

#[derive(Deserialize)]
struct DeploymentSketch {
    modules: Spanned<IgnoredAny>,
    #[serde(default)]
    target: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct RingSketch {
    name: String,
    target: Spanned<String>,
}

/// Returns the conditions of a solution file: deployments by name, then rings in their order. `file` only names the text in errors.
///
/// # Errors
/// A text whose deployments or rings do not read.
pub fn targets(text: &str, file: &Path) -> Result<Vec<Target>, YamlError> {
    let sketch: Sketch = yaml::from_str(text, file)?;
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let byte = |line: u64, column: u64| {
        let line = usize::try_from(line.max(1) - 1).unwrap_or(usize::MAX);
        let start = starts.get(line).copied().unwrap_or(text.len());
        let skipped = usize::try_from(column.max(1) - 1).unwrap_or(usize::MAX);
        let rest = text.get(start..).unwrap_or_default();
        start + rest.char_indices().nth(skipped).map_or(rest.len(), |(at, _)| at)
    };
    let mut found = Vec::new();
    for (name, deployment) in sketch.deployments {
        let place = deployment.target.as_ref().map_or(deployment.modules.referenced, |target| target.referenced);
        found.push(Target {
            owner: TargetOwner::Deployment(name),
            condition: deployment.target.map(|target| target.value),
            start: byte(place.line(), place.column()),
        });
    }
    for RingSketch { name, target } in sketch.rings {
        let start = byte(target.referenced.line(), target.referenced.column());
        found.push(Target { owner: TargetOwner::Ring(name), condition: Some(target.value), start });
    }
    Ok(found)
}

impl Target {
    /// Returns the bytes of the file where bytes of the condition stand; the first line of the scalar when the scalar is folded, or
    /// there is no condition.
    pub fn locate(&self, text: &str, span: &Range<usize>) -> Range<usize> {
        self.exactly(text, span)
            .unwrap_or_else(|| self.start..self.start + self.rest(text).lines().next().unwrap_or_default().trim_end().len())
    }

    /// Returns the bytes of the file where bytes of the condition stand; `None` when its lines are folded.
    pub fn exactly(&self, text: &str, span: &Range<usize>) -> Option<Range<usize>> {
        let start = self.byte_of(text, span.start)?;
        Some(start..self.byte_of(text, span.end)?.max(start))
    }

    /// Returns what must be written into the file for `words` to become part of the condition.
    pub fn quoted(&self, text: &str, words: &str) -> String {
        match self.rest(text).chars().next() {
            Some('\'') => words.replace('\'', "''"),
            Some('"') => words.replace('\\', "\\\\").replace('"', "\\\""),
            _ => words.to_owned(),
        }
    }

    fn rest<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..).unwrap_or_default()
    }

    fn byte_of(&self, text: &str, offset: usize) -> Option<usize> {
        let condition = self.condition.as_ref()?;
        let head = condition.get(..offset)?;
        let rest = self.rest(text);
        let length = match rest.chars().next()? {
            '\'' => 1 + walk(rest.get(1..)?, head, |written| if written.starts_with("''") { Some(2) } else { plain(written) })?,
            '"' => 1 + walk(rest.get(1..)?, head, escaped)?,
            '|' | '>' => return None,
            _ if rest.starts_with(condition.as_str()) => offset,
            _ => return None,
        };
        Some(self.start + length)
    }
}

/// Returns how many bytes the characters of `head` take as they are written; `width` tells the bytes of one.
fn walk(written: &str, head: &str, width: impl Fn(&str) -> Option<usize>) -> Option<usize> {
    head.chars().try_fold(0, |at, _| Some(at + width(written.get(at..)?)?))
}

/// Returns the bytes of a character that stands for itself; a line break does not.
fn plain(written: &str) -> Option<usize> {
    written.chars().next().filter(|c| *c != '\n' && *c != '\r').map(char::len_utf8)
}

/// Returns the bytes of a character in double quotes.
fn escaped(written: &str) -> Option<usize> {
    let Some(behind) = written.strip_prefix('\\') else { return plain(written) };
    match behind.chars().next()? {
        'x' => Some(4),
        'u' => Some(6),
        'U' => Some(10),
        '\n' | '\r' => None,
        _ => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds a word of each condition in the file.
    fn placed(text: &str, word: &str) -> Vec<Option<String>> {
        let targets = targets(text, Path::new("edgectl.yaml")).expect("reads");
        let find = |target: &Target| {
            let at = target.condition.as_ref()?.find(word)?;
            let span = target.exactly(text, &(at..at + word.len()))?;
            text.get(span).map(str::to_owned)
        };
        targets.iter().map(find).collect()
    }

    #[test]
    fn words_of_a_condition_are_found_in_every_form_of_scalar() {
        let text = "version: 1\nsolution: s\nrings:\n  - { name: a, target: tags.ö = 'x' AND tags.y }\n  - name: b\n    target: 'tags.ö = ''x'' AND tags.y'\n  - name: c\n    target: \"tags.\\xf6 = 'x' \\u0041ND tags.y\"\n  - name: d\n    target:   tags.q AND tags.y # why\n";
        assert_eq!(placed(text, "tags.y"), vec![Some("tags.y".to_owned()); 4]);
    }

    #[test]
    fn a_folded_condition_is_found_at_its_first_line() {
        let text =
            "deployments:\n  one: { modules: [a] }\n  two:\n    modules: [b]\n    target: >-\n      tags.a\n      AND tags.b\nrings: []\n";
        assert_eq!(placed(text, "tags"), [None, None]);
        let targets = targets(text, Path::new("f")).expect("reads");
        assert_eq!(targets[1].condition.as_deref(), Some("tags.a AND tags.b"));
        assert!(text.get(targets[1].locate(text, &(7..10))).is_some());
        assert_eq!(text.get(targets[0].locate(text, &(0..1))), Some("[a] }"));
    }

    #[test]
    fn words_are_written_as_their_scalar_needs_them() {
        let text = "rings:\n  - { name: a, target: 'x' }\n  - { name: b, target: \"x\" }\n  - { name: c, target: x }\n";
        let targets = targets(text, Path::new("f")).expect("reads");
        let written: Vec<String> = targets.iter().map(|target| target.quoted(text, "'a\"")).collect();
        assert_eq!(written, ["''a\"", "'a\\\"", "'a\""]);
    }
}
