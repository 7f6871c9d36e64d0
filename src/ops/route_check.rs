//! `route check`: the traps of the routes in files, and the changes that mend them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::route_files::RouteFile;
use crate::base::finding::{Edit, Finding, Fix, apply};
use crate::base::{CommandError, Exit, Result, fs};
use crate::route::lint::{Lint, fixed, lint, lint_condition};

/// A route that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FixedRoute {
    /// File that it stands in; absent for a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Its name.
    pub route: String,
    /// Its text as it was.
    pub before: String,
    /// Its text as it is now.
    pub after: String,
    /// What was done, in order.
    pub changes: Vec<Change>,
}

/// A change of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Code of the trap.
    pub code: &'static str,
    /// What was done.
    pub description: String,
}

/// Returns what is wrong with the routes of a file.
pub fn findings(file: &RouteFile) -> Vec<Finding> {
    let lints = lint(&file.routes, &file.context);
    file.findings.iter().cloned().chain(lints.into_iter().map(|lint| finding(file, lint))).collect()
}

/// Returns what is wrong with a condition that stands alone.
pub fn condition_findings(file: &RouteFile) -> Vec<Finding> {
    lint_condition(&file.source.text).into_iter().map(|lint| finding(file, Lint { route: Some(0), ..lint })).collect()
}

fn finding(file: &RouteFile, lint: Lint) -> Finding {
    let Some(index) = lint.route else {
        let found = Finding::new(lint.code, lint.severity, lint.message);
        let found = Finding { file: Some(file.source.name.clone()), ..found };
        return Finding { hint: lint.hint, ..found };
    };
    let name = file.routes.get(index).map(|route| route.name.as_str()).unwrap_or_default();
    let message = if name.is_empty() { lint.message } else { format!("route `{name}`: {}", lint.message) };
    let found = Finding::new(lint.code, lint.severity, message).at(&file.source, file.span(index, &lint.span));
    let fix = lint.fix.and_then(|fix| {
        let edits = fix.edits.iter().map(|edit| file.edit(index, edit)).collect::<Option<Vec<_>>>()?;
        Some(Fix { edits, ..fix })
    });
    Finding { hint: lint.hint, fix, ..found }
}

/// What the safe changes make of a file.
#[derive(Debug)]
pub struct FixedFile {
    /// The new text.
    pub text: String,
    /// The routes that changed.
    pub routes: Vec<FixedRoute>,
}

/// Makes all safe changes of a file in memory. What comes out is read back: only the routes that were meant may differ.
///
/// # Errors
/// When the file cannot hold a change, as in a text behind an alias.
pub fn fix(file: &RouteFile) -> Result<FixedFile> {
    let (mut edits, mut mended, mut texts) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (index, route) in file.routes.iter().enumerate() {
        let result = fixed(route, &file.context);
        if result.text == route.text {
            continue;
        }
        let edit = difference(&route.text, &result.text);
        let own = file.edit(index, &edit).filter(|edit| holds(file, std::slice::from_ref(edit), &route.name, &result.text));
        let edit = own.or_else(|| file.rewritten(index, &result.text)).ok_or_else(|| cannot(file, &route.name))?;
        edits.push(edit);
        texts.insert(route.name.clone(), result.text.clone());
        let changes = result.done.into_iter().map(|(code, description)| Change { code, description }).collect();
        let name = (!route.name.is_empty()).then(|| file.source.name.clone());
        mended.push(FixedRoute { file: name, route: route.name.clone(), before: route.text.clone(), after: result.text, changes });
    }
    let text = apply(&file.source.text, &edits).filter(|text| file.is_changed_to(text, &texts) || texts.is_empty());
    let text = text.ok_or_else(|| cannot(file, &mended.iter().map(|route| route.route.as_str()).collect::<Vec<_>>().join(", ")))?;
    Ok(FixedFile { text, routes: mended })
}

/// Writes a changed file, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    Ok(fs::write(path, text.as_bytes())?)
}

fn holds(file: &RouteFile, edits: &[Edit], name: &str, text: &str) -> bool {
    let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
    apply(&file.source.text, edits).is_some_and(|changed| file.is_changed_to(&changed, &texts))
}

fn cannot(file: &RouteFile, route: &str) -> CommandError {
    let message = format!("{}: the route `{route}` cannot be changed in place", file.source.name.display());
    CommandError::new(Exit::BadInput, "route/not-fixable", message).hint("Write the route as a plain text of its own, and run again.")
}

/// Returns the one edit that leads from a text to another: what is equal at both ends stays.
fn difference(before: &str, after: &str) -> Edit {
    let head: usize = before.chars().zip(after.chars()).take_while(|(old, new)| old == new).map(|(c, _)| c.len_utf8()).sum();
    let (old, new) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(|(old, new)| old == new).map(|(c, _)| c.len_utf8()).sum();
    Edit::replace(head..before.len() - tail, new.get(..new.len() - tail).unwrap_or_default())
}
