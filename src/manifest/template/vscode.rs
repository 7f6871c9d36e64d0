//! A template as the Visual Studio Code extension 1.25.11 makes a manifest of it: read, printed again, and replaced in that text; images
//! anywhere, then variables that are not empty. Its faults are made too, each with a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::faults::{self, Leftovers, Step};
use super::images;
use super::print::{self, LONE_SURROGATES, Style};
use super::{Generated, Input, Mode, Result, TemplateError, platform_suffix, sections};
use crate::base::finding::{Finding, Severity};
use crate::base::fs;
use crate::base::jsonc::{Document, Kind, Member, Node};
use crate::manifest::create_options;
use crate::solution::compat::Variables;
use crate::solution::compat::expand::{self, Syntax};

/// Names that are kept when they stand without braces.
const KEPT: [&str; 3] = ["edgeHub", "edgeAgent", "upstream"];
/// UTF-16 units of a piece of create options, and how many pieces there may be.
const PIECE: usize = 512;
const PIECES: usize = 8;

/// Makes the manifest of a template as the extension does.
///
/// # Errors
/// What the extension stops at.
pub fn generate(input: &Input) -> Result<Generated> {
    let document = Document::parse(&fs::read(&input.template)?, &input.name)?;
    let variables = input.sources.files_first(None);
    let platform = input.platform.clone().unwrap_or_else(|| "amd64".to_owned());
    let mut findings: Vec<Finding> = document.duplicates.iter().map(|duplicate| duplicate_key(&document, duplicate)).collect();
    let printed = print::pretty(&print::deduplicated(document.root.clone()), Style::JavaScript);
    let tags = tags(input, &variables, &platform, &printed)?;
    let with_images = replace_images(&printed, &tags);
    let expanded = expand::expand(&with_images, Syntax::WordsOnly, |reference| {
        let kept = !reference.braced && KEPT.contains(&reference.name);
        variables.value(reference.name).filter(|value| !value.is_empty() && !kept)
    });
    findings.extend(expanded.replaced.iter().filter_map(|replaced| {
        let braced = with_images.get(replaced.from.start + 1..).is_some_and(|rest| rest.starts_with('{'));
        let written = if braced { format!("${{{}}}", replaced.name) } else { format!("${}", replaced.name) };
        faults::reserved(&replaced.name, braced).map(|finding| finding.at(&document.source, first(&document, &written)))
    }));
    let read = Document::parse(expanded.text.as_bytes(), &input.name).map_err(|_| broken(&document, &variables, &expanded))?;
    let mut root = print::deduplicated(read.root);
    let place = |path: &[Step], _: &Range<usize>| place(&document.root, path);
    Leftovers { mode: Mode::Vscode, source: &document.source, place: &place }.find(&root, &mut findings);
    faults::numbers(Mode::Vscode, &document.root, &document.source, &Range::clone, &mut findings);
    let version = rewrite(&document, &mut root, &mut findings)?;
    let text = print::pretty(&root, Style::JavaScript);
    let root = placed(root, &document.root, &mut Vec::new());
    let name = input.file_name();
    let stem = name.strip_suffix(".template.json").or_else(|| name.strip_suffix(".json")).unwrap_or(&name);
    let file_name = format!("{stem}{}.json", platform_suffix(&version, &platform));
    let used: BTreeSet<String> = expanded.replaced.iter().map(|replaced| replaced.name.clone()).collect();
    Ok(Generated { root, text, document, findings, folder: input.folder().join("config"), file_name, platform, used })
}

fn duplicate_key(document: &Document, duplicate: &crate::base::jsonc::Duplicate) -> Finding {
    let message = format!("the key `{}` is there twice; the last one counts", duplicate.key);
    Finding::new("template/duplicate-key", Severity::Warning, message).at(&document.source, duplicate.span.clone())
}

/// Returns the first place of a text in the template.
fn first(document: &Document, written: &str) -> Range<usize> {
    document.source.text.find(written).map_or(0..0, |at| at..at + written.len())
}

/// Tells which value broke the JSON; what the reader says of it would show the value.
fn broken(document: &Document, variables: &Variables, expanded: &expand::Expanded) -> TemplateError {
    let culprit = expanded.replaced.iter().find(|replaced| {
        let value = variables.value(&replaced.name).unwrap_or_default();
        value.contains(|c: char| matches!(c, '"' | '\\') || c.is_control())
    });
    let name = culprit.map_or("a variable", |replaced| replaced.name.as_str());
    let message = format!("the value of `{name}` breaks the JSON, as the extension puts it in as it is");
    let span = first(document, &format!("${{{name}}}"));
    let span = if span.is_empty() { first(document, &format!("${name}")) } else { span };
    Finding::new("template/broken-json", Severity::Error, message)
        .at(&document.source, span)
        .hint("Without --compat the value is escaped.")
        .into()
}

/// Returns the images of the solution's modules by what stands in a placeholder's braces.
fn tags(input: &Input, variables: &Variables, platform: &str, printed: &str) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let modules = input.folder().join("modules");
    for folder in images::module_folders(&modules) {
        add_tags(&mut found, &format!("MODULES.{folder}"), input, &modules.join(&folder), variables, platform)?;
    }
    for mut rest in printed.split(line_end) {
        while let Some(folder) = faults::module_dir(rest) {
            let end = rest.find(faults::MODULE_DIR).map_or(rest.len(), |start| start + faults::MODULE_DIR.len() + folder.len());
            rest = rest.get(end..).unwrap_or_default();
            let folder = folder.trim();
            add_tags(&mut found, &format!("MODULEDIR<{folder}>"), input, &input.folder().join(folder), variables, platform)?;
        }
    }
    Ok(found)
}

fn add_tags(
    tags: &mut BTreeMap<String, String>,
    base: &str,
    input: &Input,
    folder: &std::path::Path,
    variables: &Variables,
    platform: &str,
) -> Result<()> {
    let own = images::own_variables(folder, input).map(|(name, file)| input.sources.files_first(Some((&name, &file))));
    let Some(module) = images::read_as(Mode::Vscode, folder, input, own.as_ref().unwrap_or(variables))? else { return Ok(()) };
    let text = |part: &Option<String>| part.clone().unwrap_or_else(|| "undefined".to_owned());
    for (name, _) in &module.platforms {
        let image = format!("{}:{}-{name}", text(&module.repository), text(&module.version));
        tags.insert(format!("{base}.{name}"), image.clone());
        if name == platform {
            tags.insert(base.to_owned(), image);
        } else if *name == format!("{platform}.debug") {
            tags.insert(format!("{base}.debug"), image);
        }
    }
    Ok(())
}

/// Ends of lines as JavaScript's `.` sees them.
fn line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Replaces image placeholders. Each reaches to the last brace of its line, so that one with a further brace behind is not found.
fn replace_images(text: &str, tags: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive(line_end) {
        let mut rest = line;
        while let Some((start, end)) = image_in(rest) {
            let matched = rest.get(start..end).unwrap_or_default();
            let key: String = matched.chars().filter(|c| !matches!(c, '$' | '{' | '}')).collect();
            out.push_str(rest.get(..start).unwrap_or_default());
            out.push_str(tags.get(&key).map_or(matched, String::as_str));
            rest = rest.get(end..).unwrap_or_default();
        }
        out.push_str(rest);
    }
    out
}

/// Finds the first image placeholder of a line.
fn image_in(line: &str) -> Option<(usize, usize)> {
    let last = line.rfind('}')? + 1;
    let closing = faults::last_closing(line);
    line.match_indices("${MODULE").find_map(|(start, _)| {
        let rest = line.get(start..)?;
        if rest.starts_with("${MODULES.") {
            // At least one character stands between the dot and the brace.
            return (last > start + "${MODULES.".len() + 1).then_some((start, last));
        }
        let closing = closing.filter(|closing| rest.starts_with(faults::MODULE_DIR) && *closing > start + faults::MODULE_DIR.len())?;
        let end = if line.get(closing + 1..)?.starts_with('.') { last } else { closing + 2 };
        Some((start, end))
    })
}

/// Does to the document what the extension does after replacing, and returns the template's version.
fn rewrite(document: &Document, root: &mut Node, findings: &mut Vec<Finding>) -> Result<String> {
    let stop = |message: &str| -> TemplateError {
        let span = document.root.span.start..document.root.span.start + 1;
        Finding::new("template/vscode-stops", Severity::Error, message).at(&document.source, span).into()
    };
    let members = sections::members_mut(root).ok_or_else(|| stop("the template is no object"))?;
    if let Some(old) = members.iter().position(|member| member.key == "moduleContent") {
        let old = members.remove(old);
        match members.iter_mut().find(|member| member.key == "modulesContent") {
            Some(found) => found.value = old.value,
            None => members.push(Member { key: "modulesContent".to_owned(), ..old }),
        }
        let message = "`moduleContent` is the old name of `modulesContent`, which is written instead";
        let span = document.root.member("moduleContent").map_or(0..0, |member| member.key_span.clone());
        findings.push(Finding::new("template/module-content", Severity::Warning, message).at(&document.source, span));
    }
    let desired = root.get("modulesContent").and_then(|content| content.pointer(&["$edgeAgent", "properties.desired"]));
    if !desired.is_some_and(Node::is_object) {
        return Err(stop("the extension needs `modulesContent`, `$edgeAgent` and `properties.desired`, not wrapped and no layer"));
    }
    let mut failed = None;
    sections::each_whole_module(root, |name, module| {
        let Some(settings) = sections::get_mut(module, "settings") else { return };
        if let Err(message) = create_options(document, name, settings, findings) {
            failed.get_or_insert(message);
        }
    });
    if let Some(message) = failed {
        return Err(stop(&message));
    }
    let version = root.get("$schema-template").and_then(Node::as_str).unwrap_or_default().to_owned();
    if let Some(members) = sections::members_mut(root) {
        members.retain(|member| member.key != "$schema-template");
    }
    Ok(version)
}

/// Writes the create options of a module as text in pieces.
fn create_options(document: &Document, name: &str, settings: &mut Node, findings: &mut Vec<Finding>) -> std::result::Result<(), String> {
    let Some(options) = settings.get("createOptions") else { return Ok(()) };
    let text = match &options.kind {
        Kind::Null | Kind::Bool(false) => return Ok(()),
        Kind::Number(digits) if print::compact(options, Style::JavaScript) == "0" || digits == "0" => return Ok(()),
        Kind::String(text) if text.is_empty() => return Ok(()),
        Kind::String(text) => text.clone(),
        _ => print::compact(options, Style::JavaScript),
    };
    let span = options.span.clone();
    let mut warn = |code: &'static str, message: String| {
        let place = place(&document.root, &path_of(document, name));
        findings.push(Finding::new(code, Severity::Warning, message).at(&document.source, place));
    };
    if text.contains(['\u{2028}', '\u{2029}']) {
        warn("template/dropped-characters", format!("module `{name}`: the extension drops U+2028 and U+2029 from createOptions"));
    }
    let pieces = pieces(&text);
    if pieces.len() > PIECES {
        return Err(format!("the createOptions of `{name}` have more than 4096 characters"));
    }
    let old: Vec<&str> = settings
        .members()
        .iter()
        .map(|member| member.key.as_str())
        .filter(|key| create_options::index_of(key).is_some_and(|index| index > 0))
        .collect();
    if pieces.len() > 1 && !old.is_empty() {
        warn(
            "template/stale-pieces",
            format!("module `{name}`: `createOptions` is longer than {PIECE} and is cut over {}", old.join(", ")),
        );
    }
    let members = sections::members_mut(settings).ok_or_else(|| format!("the settings of `{name}` are no object"))?;
    for (index, piece) in pieces.into_iter().enumerate() {
        let (key, value) = (create_options::key(index), Node { kind: Kind::String(piece), span: span.clone() });
        match members.iter_mut().find(|member| member.key == key) {
            Some(member) => member.value = value,
            None => members.push(Member { key, key_span: span.clone(), value }),
        }
    }
    Ok(())
}

/// Cuts a text as the extension does: by UTF-16 units, at U+2028 and U+2029 too, which are lost. Half a pair is written by a character that
/// the printer knows.
fn pieces(text: &str) -> Vec<String> {
    let runs = text.split(['\u{2028}', '\u{2029}']).filter(|run| !run.is_empty());
    let units = runs.flat_map(|run| run.encode_utf16().collect::<Vec<u16>>().chunks(PIECE).map(<[u16]>::to_vec).collect::<Vec<_>>());
    let decoded = |units: Vec<u16>| -> String {
        let characters = char::decode_utf16(units).map(|unit| {
            unit.unwrap_or_else(|half| {
                let half = u32::from(half.unpaired_surrogate()) - 0xD800;
                char::from_u32(LONE_SURROGATES + half).expect("one of the last 2,048 characters")
            })
        });
        characters.collect()
    };
    units.map(decoded).collect()
}

fn path_of(document: &Document, module: &str) -> Vec<Step> {
    let content = if document.root.get("modulesContent").is_some() { "modulesContent" } else { "moduleContent" };
    let below = |kind: &str| -> Vec<Step> {
        [content, "$edgeAgent", "properties.desired", kind, module, "settings", "createOptions"]
            .iter()
            .map(|key| Step::Key((*key).to_owned()))
            .collect()
    };
    let system = document.root.pointer(&[content, "$edgeAgent", "properties.desired", "systemModules", module]).is_some();
    below(if system { "systemModules" } else { "modules" })
}

/// Returns the place of the deepest value of the template that a path leads to.
fn place(root: &Node, path: &[Step]) -> Range<usize> {
    let mut node = root;
    for step in path {
        let next = match step {
            Step::Key(key) => node.get(key),
            Step::Item(index) => node.items().get(*index),
        };
        match next {
            Some(found) => node = found,
            None => return node.span.start..node.span.start + 1,
        }
    }
    node.span.clone()
}

/// Gives a tree the places of the template that its paths lead to.
fn placed(mut node: Node, template: &Node, path: &mut Vec<Step>) -> Node {
    node.span = place(template, path);
    node.kind = match node.kind {
        Kind::Array(items) => Kind::Array(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    path.push(Step::Item(index));
                    let item = placed(item, template, path);
                    path.pop();
                    item
                })
                .collect(),
        ),
        Kind::Object(members) => Kind::Object(
            members
                .into_iter()
                .map(|member| {
                    path.push(Step::Key(member.key.clone()));
                    let value = placed(member.value, template, path);
                    path.pop();
                    Member { key_span: value.span.clone(), value, ..member }
                })
                .collect(),
        ),
        scalar => scalar,
    };
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_reach_to_the_last_brace_of_their_line() {
        let tags = BTreeMap::from([("MODULES.a".to_owned(), "r/a:1".to_owned()), ("MODULEDIR<../b>".to_owned(), "r/b:1".to_owned())]);
        for (text, expanded) in [
            ("x ${MODULES.a} y", "x r/a:1 y"),
            ("${MODULES.a} }", "${MODULES.a} }"),
            ("${MODULES.a}\n${MODULES.a}", "r/a:1\nr/a:1"),
            ("${MODULEDIR<../b>} }", "r/b:1 }"),
            ("${MODULES.}", "${MODULES.}"),
            ("${MODULES.n} $", "${MODULES.n} $"),
        ] {
            assert_eq!(replace_images(text, &tags), expanded);
        }
    }

    #[test]
    fn create_options_are_cut_by_utf16_units() {
        let text = format!("{}😀{}\u{2028}z", "x".repeat(511), "y".repeat(3));
        let found = pieces(&text);
        let lengths: Vec<usize> = found.iter().map(|piece| piece.chars().count()).collect();
        assert_eq!(lengths, [512, 4, 1]);
        let node = Node { kind: Kind::String(found[0].clone()), span: 0..0 };
        assert!(print::compact(&node, Style::JavaScript).ends_with("x\\ud83d\""));
    }
}
