//! Create options of a module with the places of their parts, whichever form the file gives them: an object, text, or text in pieces.

use std::ops::Range;
use std::path::Path;

use super::findings::{Findings, Found};
use super::placeholder;
use super::shape::Walk;
use crate::base::Diagnose as _;
use crate::base::jsonc::{Document, Kind, Member, Node};
use crate::base::source::SourceText;
use crate::manifest::create_options::{self, MOST_PIECES, NEAR_LIMIT, PIECE, USUAL_LIMIT};
use crate::manifest::schema::deployment::CREATE_OPTIONS;

/// Create options that were read.
pub(super) enum Options<'a> {
    /// An object in the file itself.
    Object(&'a Node),
    /// Text, joined from its pieces.
    Text {
        /// What the text holds.
        document: Box<Document>,
        /// The pieces: where each begins in the joined text, and its value in the file.
        pieces: Vec<(usize, &'a Node)>,
    },
}

impl Options<'_> {
    /// Returns their value.
    pub fn root(&self) -> &Node {
        match self {
            Self::Object(node) => node,
            Self::Text { document, .. } => &document.root,
        }
    }

    /// Returns the bytes of the file that hold a part of them.
    pub fn span(&self, file: &Document, part: &Range<usize>) -> Range<usize> {
        match self {
            Self::Object(_) => part.clone(),
            Self::Text { pieces, .. } => span_in_pieces(file, pieces, part),
        }
    }
}

/// Maps a part of the joined text into the file; a part that crosses pieces ends with its first piece.
fn span_in_pieces(file: &Document, pieces: &[(usize, &Node)], part: &Range<usize>) -> Range<usize> {
    let index = pieces.partition_point(|(start, _)| *start <= part.start).saturating_sub(1);
    let Some((start, node)) = pieces.get(index) else { return 0..0 };
    let length = node.as_str().map_or(0, str::len);
    let (from, to) = (part.start - start, (part.end.max(part.start) - start).min(length));
    file.span_in_string(node, &(from..to.max(from)))
}

/// Reads the create options of a module's settings, and adds what is wrong with them. `None` when there are none to look into.
pub(super) fn read<'a>(findings: &mut Findings<'_>, file: &Document, settings: &'a Node, path: &str) -> Option<Options<'a>> {
    let values: Vec<&Member> =
        (0..MOST_PIECES).map_while(|index| settings.member(&create_options::key(index)).filter(|member| !member.value.is_null())).collect();
    stale(findings, settings, values.len(), path);
    let first = values.first()?;
    if first.value.is_object() {
        for further in values.iter().skip(1) {
            let message = format!("`{path}.createOptions` is an object, and `{}` goes on with it", further.key);
            let found = Found::error("manifest/create-options-type", &further.value.span, message);
            findings.add(found.hint("Remove the numbered keys: an object is cut into pieces when it is written."));
        }
        known_members(findings, &first.value, path);
        return Some(Options::Object(&first.value));
    }
    if let Some(wrong) = values.iter().find(|member| member.value.as_str().is_none()) {
        let message = format!("`{path}.{}` is {}, not an object or text", wrong.key, wrong.value.noun());
        findings.add(
            Found::error("manifest/create-options-type", &wrong.value.span, message)
                .hint("Write an object, such as { \"HostConfig\": {} }."),
        );
        return None;
    }
    let (mut text, mut pieces) = (String::new(), Vec::new());
    for member in &values {
        pieces.push((text.len(), &member.value));
        text.push_str(member.value.as_str().unwrap_or_default());
    }
    lengths(findings, &values, text.chars().count(), path);
    parse(findings, file, &text, pieces, path)
}

/// Tells numbered keys behind a gap, which nobody reads.
fn stale(findings: &mut Findings<'_>, settings: &Node, read: usize, path: &str) {
    for member in settings.members() {
        let index = create_options::index_of(&member.key);
        if index.is_some_and(|index| index >= read) && !member.value.is_null() {
            let message = format!("`{path}.{}` is not read: `{}` is missing", member.key, create_options::key(read));
            let found = Found::warning("manifest/stale-chunk", &member.key_span, message);
            findings.add(found.hint("Remove it, or close the gap."));
        }
    }
}

fn lengths(findings: &mut Findings<'_>, values: &[&Member], characters: usize, path: &str) {
    let Some(first) = values.first() else { return };
    if values.len() > 1 {
        let long = values.iter().filter(|member| member.value.as_str().is_some_and(|text| text.chars().count() > PIECE));
        for member in long {
            let message = format!("`{path}.{}` has more than {PIECE} characters", member.key);
            findings.add(Found::warning("manifest/long-chunk", &member.value.span, message).hint("Cut it into pieces of 512 characters."));
        }
    }
    let span = &first.key_span;
    if characters > PIECE * MOST_PIECES {
        let message = format!("`{path}.createOptions` has {characters} characters, and the device reads {}", PIECE * MOST_PIECES);
        let found = Found::error("manifest/create-options-too-long", span, message);
        findings.add(found.hint("Move long values into a file that is mounted, or into the image."));
    } else if characters > USUAL_LIMIT {
        let message = format!("`{path}.createOptions` has {characters} characters: the usual tools take {USUAL_LIMIT}, the device more");
        findings.add(Found::warning("manifest/create-options-long", span, message));
    } else if characters >= NEAR_LIMIT {
        let message = format!("`{path}.createOptions` has {characters} of the {USUAL_LIMIT} characters that the usual tools take");
        findings.add(Found::warning("manifest/create-options-near-limit", span, message));
    }
}

fn parse<'a>(findings: &mut Findings<'_>, file: &Document, text: &str, pieces: Vec<(usize, &'a Node)>, path: &str) -> Option<Options<'a>> {
    if create_options::is_none(text) {
        return None;
    }
    let document = match Document::parse(text.as_bytes(), Path::new("createOptions")) {
        Ok(document) => document,
        Err(error) => {
            let at = SourceText::new(Path::new("createOptions"), text).offset(error.line, error.column);
            let span =
                span_in_pieces(file, &pieces, &(at..at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)));
            let found = if placeholder::is_in(text) {
                let message = format!("`{path}.createOptions` could not be checked before its placeholders are replaced");
                Found::note("manifest/unchecked", &span, message)
            } else {
                let message = format!("the text of `{path}.createOptions` is no JSON: {}", error.message);
                Found::error("manifest/create-options-json", &span, message).hint(error.hints().concat())
            };
            findings.add(found);
            return None;
        }
    };
    let whole = span_in_pieces(file, &pieces, &document.root.span);
    if !document.root.is_object() {
        let message = format!("the text of `{path}.createOptions` is {}, not an object", document.root.noun());
        findings.add(
            Found::error("manifest/create-options-json", &whole, message).hint("Write the text of an object, such as {\"HostConfig\":{}}."),
        );
        return None;
    }
    if !create_options::is_strict(text) {
        let message = format!("only lenient readers take the text of `{path}.createOptions`: it has comments or trailing commas");
        findings.add(Found::warning("manifest/create-options-json", &whole, message));
    }
    for twice in &document.duplicates {
        let span = span_in_pieces(file, &pieces, &twice.span);
        findings.add(Found::warning(
            "manifest/duplicate-key",
            &span,
            format!("`{}` stands here more than once; the last counts", twice.key),
        ));
    }
    let mut inner = Findings::new(&document.source);
    known_members(&mut inner, &document.root, path);
    for found in inner.finish() {
        let span = found.span.clone().map_or_else(|| whole.clone(), |span| span_in_pieces(file, &pieces, &span));
        findings.add_at(found, span);
    }
    Some(Options::Text { document: Box::new(document), pieces })
}

/// Holds the members whose types the agent's reader insists on against their table.
fn known_members(findings: &mut Findings<'_>, root: &Node, path: &str) {
    let path = path.split('.').map(ToOwned::to_owned).chain(["createOptions".to_owned()]).collect();
    Walk { findings, minor: u32::MAX, path, reader: None }.object(root, &CREATE_OPTIONS, &(0..0));
}

/// Tells whether a value is a list or an object with something in it.
pub(super) fn is_filled(node: &Node) -> bool {
    match &node.kind {
        Kind::Array(items) => !items.is_empty(),
        Kind::Object(members) => !members.is_empty(),
        _ => false,
    }
}
