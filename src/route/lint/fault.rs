//! Faults that the broker names, with what would mend them where that is plain.

use std::ops::Range;

use super::Lint;
use crate::base::finding::Edit;
use crate::route::compile::{Scope, compile};
use crate::route::error::RouteError;
use crate::route::print;
use crate::route::syntax::{Node, NodeKind, Operator};
use crate::route::value::Type;

/// Returns a fault as a finding.
pub(super) fn lint(text: &str, node: Option<&Node>, error: &RouteError) -> Lint {
    let lint = Lint::of_error(error);
    let written = |node: &Node| text.get(node.span.clone()).unwrap_or_default().to_owned();
    if error.code_is("route/text-after-condition") && text.get(error.span.clone()) == Some("&&") {
        return lint.safe("write AND", vec![Edit::replace(error.span.clone(), "AND")]);
    }
    if text.get(error.span.clone()) == Some("=") && error.message.starts_with("`==`") {
        return lint.safe("write one `=`", vec![Edit::replace(error.span.clone(), "")]);
    }
    let Some(node) = node else { return lint };
    if error.code_is("route/body-negation") {
        return match negated(node, &error.span) {
            Some(inner) => lint.safe("subtract from 0", vec![Edit::replace(error.span.clone(), format!("(0 - {})", written(inner)))]),
            None => lint,
        };
    }
    if let Some(inner) = opposite(node, &error.span).filter(|inner| is_property(inner)) {
        let edit = Edit::replace(inner.span.clone(), format!("({} = 'true')", written(inner)));
        return lint.safe("compare the property with 'true'", vec![edit]);
    }
    let Some((operator, left, right)) = operands(node, &error.span) else { return lint };
    match error.trap() {
        Some("route/body-modulo") => {
            let edits = [left, right].into_iter().filter(|node| of(node) == Some(Type::Body));
            lint.safe("take it as a number", edits.map(|node| wrapped("as_number", node)).collect())
        }
        Some("route/body-on-right") => lint.safe("compare it with true", vec![Edit::insert(right.span.end, " = true")]),
        Some("route/type-mismatch") => mismatch(lint, operator, left, right),
        _ => lint,
    }
}

/// Mends properties, which are texts, compared with numbers and truth values.
fn mismatch(lint: Lint, operator: Operator, left: &Node, right: &Node) -> Lint {
    if matches!(operator, Operator::And | Operator::Or) {
        let bare = [left, right].into_iter().filter(|node| matches!(node.kind, NodeKind::Property(_)));
        let edits: Vec<Edit> = bare.map(|node| Edit::insert(node.span.end, " = 'true'")).collect();
        return if edits.is_empty() { lint } else { lint.safe("compare the property with 'true'", edits) };
    }
    let (text, other) = match (is_property(left), is_property(right)) {
        (true, false) => (left, right),
        (false, true) => (right, left),
        _ => return lint,
    };
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    match (of(text), of(other), &other.kind) {
        (Some(Type::Text), Some(Type::Number), _) if operator != Operator::Concat && operator != Operator::Coalesce => {
            lint.safe("take the property as a number", vec![wrapped("as_number", text)])
        }
        (Some(Type::Text), Some(Type::Bool), NodeKind::Bool(value)) if equality => {
            lint.safe("compare with a text", vec![Edit::replace(other.span.clone(), format!("'{value}'"))])
        }
        _ => lint,
    }
}

fn is_property(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Property(_) | NodeKind::SystemProperty(_) | NodeKind::Escaped(_))
}

/// Puts a function around a property, a body value, or what else stands in the tree.
fn wrapped(function: &str, node: &Node) -> Edit {
    Edit::replace(node.span.clone(), format!("{function}({})", print::condition(node)))
}

/// Returns the static type of a part.
fn of(node: &Node) -> Option<Type> {
    compile(node, Scope::Route).ok().map(|program| program.result)
}

/// Finds the negation of a span.
fn negated<'a>(node: &'a Node, span: &Range<usize>) -> Option<&'a Node> {
    match &node.kind {
        NodeKind::Negate(inner) if node.span == *span => Some(inner),
        NodeKind::Negate(inner) | NodeKind::Not(inner) => negated(inner, span),
        NodeKind::Call(_, arguments) => arguments.iter().find_map(|argument| negated(argument, span)),
        NodeKind::Chain(first, rest) => negated(first, span).or_else(|| rest.iter().find_map(|(_, _, node)| negated(node, span))),
        _ => None,
    }
}

/// Finds what stands under the NOT whose operand has a span.
fn opposite<'a>(node: &'a Node, span: &Range<usize>) -> Option<&'a Node> {
    match &node.kind {
        NodeKind::Not(inner) if inner.span == *span => Some(inner),
        NodeKind::Negate(inner) | NodeKind::Not(inner) => opposite(inner, span),
        NodeKind::Call(_, arguments) => arguments.iter().find_map(|argument| opposite(argument, span)),
        NodeKind::Chain(first, rest) => opposite(first, span).or_else(|| rest.iter().find_map(|(_, _, node)| opposite(node, span))),
        _ => None,
    }
}

/// Finds the operands of the operator at a span. On the left stands the operand before it, so a longer chain of equal binding is left alone
/// unless it is one of AND and OR, where every operand stands for itself.
fn operands<'a>(node: &'a Node, span: &Range<usize>) -> Option<(Operator, &'a Node, &'a Node)> {
    match &node.kind {
        NodeKind::Not(inner) | NodeKind::Negate(inner) => operands(inner, span),
        NodeKind::Call(_, arguments) => arguments.iter().find_map(|argument| operands(argument, span)),
        NodeKind::Chain(first, rest) => {
            let mut left: &Node = first;
            for (index, (operator, place, right)) in rest.iter().enumerate() {
                let logic = matches!(operator, Operator::And | Operator::Or);
                if place == span {
                    return (index == 0 || logic).then_some((*operator, left, right));
                }
                left = right;
            }
            operands(first, span).or_else(|| rest.iter().find_map(|(_, _, node)| operands(node, span)))
        }
        _ => None,
    }
}
