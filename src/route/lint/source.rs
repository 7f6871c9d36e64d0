//! Traps of sources and sinks.

use std::ops::Range;

use super::Lint;
use super::fix::difference;
use crate::base::finding::{Edit, apply};
use crate::base::text::nearest;
use crate::route::syntax::{RouteSyntax, Sink};
use crate::route::token::{Keyword, Kind, Token, comments, tokens};
use crate::route::{endpoint, parse, print};

/// Finds the traps of a route's source and sink.
pub(super) fn lint(text: &str, syntax: Option<&RouteSyntax>) -> Vec<Lint> {
    let tokens = tokens(text);
    let mut found: Vec<Lint> = lint_opened(text, &tokens).into_iter().collect();
    if let Some(syntax) = syntax {
        let span = span(&tokens);
        found.extend(wildcard(syntax, &span).or_else(|| dead(syntax, &span)));
        found.extend(words(text, syntax));
        found.extend(trailing(text, &tokens, syntax));
    }
    found
}

/// Returns the bytes between WHERE and INTO; to the end when there is no INTO, empty when there is no WHERE.
pub(super) fn condition_span(text: &str) -> Range<usize> {
    let tokens = tokens(text);
    let of = |keyword| tokens.iter().find(|token| token.kind == Kind::Keyword(keyword)).map(|token| token.span.clone());
    let Some(start) = of(Keyword::Where) else { return 0..0 };
    let end = of(Keyword::Into).filter(|into| into.start > start.end).map_or(text.len(), |into| into.start);
    start.end..end
}

/// Returns the bytes of the source.
fn span(tokens: &[Token]) -> Range<usize> {
    let ends = |token: &&Token| matches!(token.kind, Kind::Keyword(Keyword::Where | Keyword::Into));
    let source: Vec<&Token> =
        tokens.iter().skip_while(|token| token.kind != Kind::Keyword(Keyword::From)).skip(1).take_while(|token| !ends(token)).collect();
    match (source.first(), source.last()) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => 0..0,
    }
}

/// Finds a comment that the `/*` of the source opens.
fn opened_comment(text: &str, tokens: &[Token]) -> Option<Opened> {
    let comment = comments(text).into_iter().next()?;
    let before: Vec<&Token> = tokens.iter().filter(|token| token.span.end <= comment.start).collect();
    let in_source = before.iter().any(|token| token.kind == Kind::Keyword(Keyword::From))
        && !before.iter().any(|token| matches!(token.kind, Kind::Keyword(Keyword::Where | Keyword::Into)));
    if !in_source {
        return None;
    }
    let glued = before.last().is_some_and(|last| last.kind != Kind::Keyword(Keyword::From) && last.span.end == comment.start);
    let source_follows = tokens.iter().find(|token| token.span.start >= comment.end).is_some_and(|token| token.kind == Kind::Symbol("/"));
    let bare = before.last().is_some_and(|last| last.kind == Kind::Keyword(Keyword::From)) && !source_follows;
    if !glued && !bare {
        return None;
    }
    Some(if glued { Opened::Glued(comment) } else { Opened::Bare(comment) })
}

/// Finds a comment that the `/*` of the source opens, and says what was meant.
fn lint_opened(text: &str, tokens: &[Token]) -> Option<Lint> {
    let opened = opened_comment(text, tokens)?;
    let (Opened::Glued(comment) | Opened::Bare(comment)) = &opened;
    let lint = Lint::warning(
        "route/source-opens-comment",
        comment.clone(),
        "the `/*` of the source opens a comment: the broker reads nothing of this",
    );
    if opened.ends_source(text) {
        let description =
            if matches!(opened, Opened::Glued(_)) { "drop the `/*`, which adds nothing to this source" } else { "put a blank into `/*`" };
        return Some(lint.hint("A source means the same without the `/*` at its end.").safe(description, vec![opened.closing(text)]));
    }
    let lint = lint.hint("A `*` works at the end of a source only: take all modules, and choose the output by a condition on $outputName.");
    Some(match rewritten(text) {
        Some((description, edit)) => lint.safe(&description, vec![edit]),
        None => lint,
    })
}

/// A `/*` of a source that opens a comment.
enum Opened {
    /// It follows another part of the source.
    Glued(Range<usize>),
    /// It is the whole source.
    Bare(Range<usize>),
}

impl Opened {
    /// Tells whether the source was meant to end here: WHERE, INTO or a comment of its own follows.
    fn ends_source(&self, text: &str) -> bool {
        let (Self::Glued(comment) | Self::Bare(comment)) = self;
        let rest = text.get(comment.start + 2..).unwrap_or_default();
        let word = rest.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        ["where", "into"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword)) || rest.trim_start().starts_with("/*")
    }

    /// Returns the edit that closes the mouth of it: at the end of a source it goes, elsewhere a blank parts its two characters.
    fn closing(&self, text: &str) -> Edit {
        match self {
            Self::Glued(comment) if self.ends_source(text) => {
                let apart = text.get(comment.start + 2..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
                Edit::replace(comment.start..comment.start + 2, if apart { "" } else { " " })
            }
            Self::Glued(comment) | Self::Bare(comment) => Edit::insert(comment.start + 1, " "),
        }
    }
}

/// Most signs of a source that are parted; a source that means something has fewer than five.
const MOST_SIGNS: usize = 8;

/// Returns what a source with a `*` in its middle was meant to say, when its `/*` are read as signs and not as comments.
fn rewritten(text: &str) -> Option<(String, Edit)> {
    let mut read = text.to_owned();
    for _ in 0..MOST_SIGNS {
        let Some(opened) = opened_comment(&read, &tokens(&read)) else { break };
        read = apply(&read, &[opened.closing(&read)])?;
    }
    let syntax = parse::route(&read).ok()?;
    let fix = wildcard(&syntax, &span(&tokens(&read)))?.fix.filter(|fix| fix.safe)?;
    Some((fix.description.clone(), difference(text, &fix.apply(&read)?)))
}

/// Finds a star that stands for itself.
fn wildcard(syntax: &RouteSyntax, span: &Range<usize>) -> Option<Lint> {
    let normal = endpoint::normal(&syntax.source);
    if !normal.contains('*') {
        return None;
    }
    let lint = Lint::warning("route/inner-wildcard", span.clone(), "a `*` works at the end of a source only: this one never matches");
    let lint = lint.hint("Take all modules, and choose the output by a condition on $outputName.");
    let parts: Vec<&str> = normal.trim_matches('/').split('/').collect();
    let is = |index: usize, word: &str| parts.get(index).is_some_and(|part| part.eq_ignore_ascii_case(word));
    if !(is(0, "messages") && is(1, "modules") && is(2, "*") && (parts.len() == 3 || is(3, "outputs"))) {
        return Some(lint);
    }
    let test = match parts.get(4) {
        None => "is_defined($outputName)".to_owned(),
        Some(output) if !output.contains('*') => format!("$outputName = {}", print::quoted(&output.encode_utf16().collect::<Vec<_>>())),
        Some(_) => return Some(lint),
    };
    let source = Edit::replace(span.clone(), "/messages/modules/*");
    let whole = &syntax.condition_span;
    let condition = if syntax.condition.is_some() {
        vec![Edit::insert(whole.start, "("), Edit::insert(whole.end, format!(") AND {test}"))]
    } else {
        vec![Edit::insert(span.end, format!(" WHERE {test}"))]
    };
    Some(lint.safe("take all modules and choose the output by a condition", [vec![source], condition].concat()))
}

/// Tells whether the broker has messages from a source.
pub(super) fn lives(source: &str) -> bool {
    let lower = source.to_lowercase();
    let parts = parts(&lower);
    !source.contains('*')
        && match parts.as_slice() {
            [] | ["messages" | "twinchangenotifications"] | ["messages", "modules"] | ["messages", "modules", _] => true,
            ["messages", "modules", _, "outputs", ..] => parts.len() <= 5,
            _ => false,
        }
}

fn parts(source: &str) -> Vec<&str> {
    source.split('/').filter(|part| !part.is_empty()).collect()
}

/// Finds a source that no message of the broker has.
fn dead(syntax: &RouteSyntax, span: &Range<usize>) -> Option<Lint> {
    let normal = endpoint::normal(&syntax.source);
    if lives(&normal) {
        return None;
    }
    let lower = normal.to_lowercase();
    let parts = parts(&lower);
    let lint = Lint::warning("route/dead-source", span.clone(), "the broker has no messages from this source");
    let lint = lint.hint("Sources are /messages/*, /messages/modules/NAME/outputs/NAME, /twinChangeNotifications and /*.");
    let near = parts.first().and_then(|first| nearest(first, ["messages", "twinchangenotifications"]));
    Some(match near {
        Some(near) if parts.len() == 1 || parts.get(1) == Some(&"events") => {
            let source = if near == "messages" { "/messages/*" } else { "/twinChangeNotifications" };
            lint.proposed(&format!("write {source}"), vec![Edit::replace(span.clone(), source)])
        }
        _ => lint,
    })
}

/// Finds words of a sink that the broker does not look at, and names that are empty.
fn words(text: &str, syntax: &RouteSyntax) -> Vec<Lint> {
    let Sink::Function(_, argument) = &syntax.sink else { return Vec::new() };
    let place = syntax.sink_span.clone();
    let Some(start) = text.get(place.clone()).and_then(|sink| sink.find(argument.as_str())).map(|at| place.start + at) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let mut at = start + (argument.len() - argument.trim_start().len());
    let path = argument.trim();
    let inner = path.strip_prefix('/').unwrap_or(path);
    at += path.len() - inner.len();
    for part in inner.strip_suffix('/').unwrap_or(inner).split('/') {
        parts.push((at..at + part.len(), part));
        at += part.len() + 1;
    }
    let [first, module, third, input] = parts.as_slice() else { return Vec::new() };
    let mut found = Vec::new();
    for ((span, word), wanted) in [(first, "modules"), (third, "inputs")] {
        if !word.eq_ignore_ascii_case(wanted) {
            let message = format!("the broker reads `{word}` as `{wanted}`: it does not look at this word");
            let lint = Lint::warning("route/sink-words", span.clone(), message).hint("Write /modules/NAME/inputs/NAME.");
            found.push(lint.safe(&format!("write `{wanted}`"), vec![Edit::replace(span.clone(), wanted)]));
        }
    }
    for ((span, name), noun) in [(module, "module"), (input, "input")] {
        if name.trim().is_empty() {
            let span = if span.is_empty() { start..start + argument.len() } else { span.clone() };
            let lint = Lint::warning(
                "route/empty-module-name",
                span,
                format!("the name of the {noun} is empty: no module ever gets these messages"),
            );
            found.push(lint.hint("Write /modules/NAME/inputs/NAME."));
        }
    }
    found
}

/// Finds text behind the sink, which the broker passes over.
fn trailing(text: &str, tokens: &[Token], syntax: &RouteSyntax) -> Option<Lint> {
    let rest: Vec<&Token> = tokens.iter().filter(|token| token.span.start >= syntax.sink_span.end).collect();
    let (first, last) = (rest.first()?, rest.last()?);
    let span = first.span.start..last.span.end;
    let lint = Lint::warning("route/text-after-sink", span.clone(), "the broker passes over everything behind the sink");
    let drop = Edit::replace(syntax.sink_span.end..span.end, "");
    let condition = text.get(first.span.end..span.end).unwrap_or_default().trim().trim_end_matches(';').trim_end();
    Some(if rest.iter().all(|token| text.get(token.span.clone()) == Some(";")) {
        lint.safe("drop it", vec![drop])
    } else if first.kind == Kind::Keyword(Keyword::Where) && syntax.condition.is_none() && !condition.is_empty() {
        let at = syntax.source_span.end;
        let moved = Edit::insert(at, format!(" WHERE {condition}"));
        lint.hint("WHERE stands between the source and INTO.").safe("move the condition before INTO", vec![moved, drop])
    } else {
        lint.hint("Remove it, or put it where the broker reads it.").proposed("drop it", vec![drop])
    })
}
