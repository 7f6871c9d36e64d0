//! `route check`: the traps of the routes in files, and the changes that mend them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::route_files::RouteFile;
use super::route_holes::Filled;
use crate::base::finding::{Edit, Finding, Fix, Severity, apply};
use crate::base::{CommandError, Exit, Result, fs};
use crate::route::lint::{Lint, RouteText, difference, fixed_where, lint, lint_condition};

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

/// What a check does about what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// Nothing.
    None,
    /// The safe changes are planned.
    Planned,
    /// The safe changes are made and written.
    Written,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong, after the changes.
    pub findings: Vec<Finding>,
    /// The routes that changed, or would.
    pub fixed: Vec<FixedRoute>,
    /// Whether a file was written.
    pub written: bool,
}

/// Checks the routes of files, and mends them as told. All changes are read back before the first file is written.
///
/// # Errors
/// When a file cannot hold a change, or cannot be written, as stdin.
pub fn check(files: &[RouteFile], mending: Mending) -> Result<Outcome> {
    let (mut outcome, mut pending) = (Outcome::default(), Vec::new());
    for file in files {
        if mending == Mending::None {
            outcome.findings.extend(findings(file));
            continue;
        }
        let name = &file.source.name;
        let result = fix(file)?;
        if name == Path::new("<stdin>") && !result.routes.is_empty() && mending == Mending::Written {
            return Err(
                CommandError::new(Exit::Usage, "usage/fix-stdin", "--fix cannot write to stdin").hint("Add --dry-run, or name the file.")
            );
        }
        outcome.findings.extend(findings(&file.changed(&result.text)?));
        if !result.routes.is_empty() && file.is_file() {
            pending.push((name, result.text));
        }
        outcome.fixed.extend(result.routes);
    }
    if mending == Mending::Written {
        for (name, text) in &pending {
            fs::rewrite(name, text.as_bytes())?;
        }
        outcome.written = !pending.is_empty();
    }
    Ok(outcome)
}

/// Most findings of one file that are shown.
const MOST: usize = 300;

/// Returns what is wrong with the routes of a file; what is beyond a limit becomes one finding, as grave as the gravest of it.
pub fn findings(file: &RouteFile) -> Vec<Finding> {
    let filled: Vec<Filled<'_>> = file.routes.iter().map(|route| Filled::of(&route.text)).collect();
    let routes: Vec<RouteText> =
        file.routes.iter().zip(&filled).map(|(route, filled)| RouteText { text: filled.text.clone(), ..route.clone() }).collect();
    let shown = |lint: &Lint| lint.route.and_then(|index| filled.get(index)).is_none_or(|filled| !filled.is_open(&filled.text, lint));
    let lints: Vec<Lint> = lint(&routes, &file.context).into_iter().filter(shown).collect();
    let mut found: Vec<Finding> = file.findings.clone();
    let hidden = found.drain(found.len().min(MOST)..).map(|finding| finding.severity).collect::<Vec<_>>();
    let room = MOST - found.len();
    let hidden: Vec<Severity> = hidden.into_iter().chain(lints.iter().skip(room).map(|lint| lint.severity)).collect();
    found.extend(lints.into_iter().take(room).map(|lint| finding(file, lint)));
    if let Some(gravest) = hidden.iter().max() {
        let finding = Finding::new("route/more-findings", *gravest, format!("{} more findings are not shown", hidden.len()));
        found.push(Finding { file: Some(file.source.name.clone()), ..finding });
    }
    found
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
struct FixedFile {
    text: String,
    routes: Vec<FixedRoute>,
}

/// Makes all safe changes of a file in memory. What comes out is read back: only the routes that were meant may differ.
fn fix(file: &RouteFile) -> Result<FixedFile> {
    let (mut mended, mut texts) = (Vec::new(), BTreeMap::new());
    for (index, route) in file.routes.iter().enumerate() {
        let filled = Filled::of(&route.text);
        let read = RouteText { text: filled.text.clone(), ..route.clone() };
        let result = fixed_where(&read, &file.context, |text, lint| !filled.is_open(text, lint));
        let Some(text) = filled.restored(&result.text).filter(|text| *text != route.text) else { continue };
        texts.insert(index, text.clone());
        let changes = result.done.into_iter().map(|(code, description)| Change { code, description }).collect();
        let name = (!route.name.is_empty()).then(|| file.source.name.clone());
        mended.push(FixedRoute { file: name, route: route.name.clone(), before: route.text.clone(), after: text, changes });
    }
    if texts.is_empty() {
        return Ok(FixedFile { text: file.source.text.clone(), routes: mended });
    }
    let text = match together(file, &texts) {
        Some(text) => text,
        None => one_by_one(file, &texts)?,
    };
    Ok(FixedFile { text, routes: mended })
}

fn in_place(file: &RouteFile, index: usize, text: &str) -> Option<Edit> {
    file.edit(index, &difference(&file.routes.get(index)?.text, text))
}

/// Makes all changes at once and reads the file back once.
fn together(file: &RouteFile, texts: &BTreeMap<usize, String>) -> Option<String> {
    let edits = texts.iter().map(|(index, text)| in_place(file, *index, text)).collect::<Option<Vec<_>>>()?;
    apply(&file.source.text, &edits).filter(|changed| file.is_changed_to(changed, texts))
}

/// Finds the routes that cannot be changed in place, and writes them anew.
fn one_by_one(file: &RouteFile, texts: &BTreeMap<usize, String>) -> Result<String> {
    let mut edits = Vec::new();
    let name = |index: &usize| file.routes.get(*index).map(|route| route.name.clone()).unwrap_or_default();
    for (index, text) in texts {
        let only = BTreeMap::from([(*index, text.clone())]);
        let holds =
            |edit: &Edit| apply(&file.source.text, std::slice::from_ref(edit)).is_some_and(|changed| file.is_changed_to(&changed, &only));
        let edit = in_place(file, *index, text).filter(holds).or_else(|| file.rewritten(*index, text));
        edits.push(edit.ok_or_else(|| cannot(file, &name(index)))?);
    }
    let changed = apply(&file.source.text, &edits).filter(|changed| file.is_changed_to(changed, texts));
    changed.ok_or_else(|| cannot(file, &texts.keys().map(name).collect::<Vec<_>>().join(", ")))
}

fn cannot(file: &RouteFile, route: &str) -> CommandError {
    let message = format!("{}: the route `{route}` cannot be changed in place", file.source.name.display());
    CommandError::new(Exit::BadInput, "route/not-fixable", message).hint("Write the route as a plain text of its own, and run again.")
}
