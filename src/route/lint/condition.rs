//! Traps of conditions that compile: what they mean is not what they say.

use std::ops::Range;

use super::Lint;
use crate::base::finding::Edit;
use crate::base::text::nearest;
use crate::route::body;
use crate::route::compile::Program;
use crate::route::syntax::{Node, NodeKind, Operator};
use crate::route::value::Type;

/// System properties that messages of the broker have.
pub(super) const SYSTEM_PROPERTIES: [&str; 22] = [
    "messageId",
    "cid",
    "userId",
    "to",
    "absolute-expiry-time",
    "ack",
    "outputName",
    "contentType",
    "contentEncoding",
    "messageSchema",
    "creationTime",
    "operation",
    "iothub-interface-id",
    "dt-subject",
    "connectionDeviceId",
    "connectionModuleId",
    "modelId",
    "edgeMessageId",
    "edgeHubOriginInterface",
    "enqueuedTime",
    "inputName",
    "messageType",
];

/// What a comparison or a call looks like from inside: whether parentheses are needed around what replaces it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// The whole condition, or an operand of AND and OR.
    Logic,
    /// Anything that binds tighter.
    Tighter,
}

/// Finds the traps of a condition.
pub(super) fn lint(text: &str, node: &Node, program: Option<&Program>) -> Vec<Lint> {
    let mut walk = Walk { text, found: Vec::new(), uses_body: None, says_type: false, says_encoding: false };
    walk.node(node, Around::Logic);
    if let Some(program) = program {
        walk.found.extend(bare(text, node, program));
    }
    walk.found.extend(walk.content_type());
    walk.found
}

struct Walk<'a> {
    text: &'a str,
    found: Vec<Lint>,
    uses_body: Option<Range<usize>>,
    says_type: bool,
    says_encoding: bool,
}

impl Walk<'_> {
    fn written(&self, node: &Node) -> &str {
        self.text.get(node.span.clone()).unwrap_or_default()
    }

    fn node(&mut self, node: &Node, around: Around) {
        match &node.kind {
            NodeKind::SystemProperty(name) | NodeKind::Escaped(name) => self.system_property(node, name),
            NodeKind::Call(name, arguments) => {
                self.call(node, name, arguments, around);
                for argument in arguments {
                    self.node(argument, Around::Tighter);
                }
            }
            NodeKind::Not(inner) | NodeKind::Negate(inner) => self.node(inner, Around::Tighter),
            NodeKind::Chain(first, rest) => {
                let logic = rest.iter().all(|(operator, ..)| matches!(operator, Operator::And | Operator::Or));
                let inner = if logic { Around::Logic } else { Around::Tighter };
                self.node(first, inner);
                let mut left: &Node = first;
                for (operator, _, right) in rest {
                    self.comparison(*operator, left, right);
                    self.node(right, inner);
                    left = right;
                }
            }
            _ => {}
        }
    }

    fn system_property(&mut self, node: &Node, name: &str) {
        let plain = name.strip_prefix('$').unwrap_or(name);
        if is_body(node) {
            self.uses_body.get_or_insert(node.span.clone());
            return;
        }
        let escaped = matches!(node.kind, NodeKind::Escaped(_));
        let wrapped = |name: &str| if escaped { format!("{{${name}}}") } else { format!("${name}") };
        if plain.eq_ignore_ascii_case("correlationId") {
            let lint = Lint::warning(
                "route/correlation-id",
                node.span.clone(),
                "the broker keeps the correlation id as `cid`: this is always undefined",
            );
            self.found.push(lint.hint("Write $cid.").safe("write $cid", vec![Edit::replace(node.span.clone(), wrapped("cid"))]));
            return;
        }
        if SYSTEM_PROPERTIES.iter().any(|known| known.eq_ignore_ascii_case(plain)) {
            return;
        }
        let message =
            format!("the broker knows no system property `{plain}`: it is undefined unless an application property has this whole name");
        let lint = Lint::warning("route/unknown-system-property", node.span.clone(), message);
        let bare = plain.strip_prefix("iothub-").unwrap_or(plain).replace('-', "");
        let near =
            SYSTEM_PROPERTIES.iter().find(|known| known.eq_ignore_ascii_case(&bare)).copied().or_else(|| nearest(plain, SYSTEM_PROPERTIES));
        self.found.push(match near {
            Some(near) => lint
                .hint(format!("Did you mean ${near}?"))
                .proposed(&format!("write ${near}"), vec![Edit::replace(node.span.clone(), wrapped(near))]),
            None if plain.eq_ignore_ascii_case("body") => lint.hint("Name a member of the body, such as $body.temperature."),
            None => lint.hint("Application properties are written without `$`."),
        });
    }

    fn call(&mut self, node: &Node, name: &str, arguments: &[Node], around: Around) {
        let [argument] = arguments else { return };
        if !is_body(argument) {
            return;
        }
        let path = self.written(argument).to_owned();
        let (code, message, operator) = if name.eq_ignore_ascii_case("is_null") {
            ("route/body-is-null", "is_null answers the opposite for body values: true for a number, false for a missing member", "=")
        } else if name.eq_ignore_ascii_case("is_defined") {
            ("route/body-is-defined", "is_defined is true for a member that the body does not have: it counts as null", "!=")
        } else {
            return;
        };
        let test = format!("{path} {operator} null");
        let replacement = if around == Around::Logic { test.clone() } else { format!("({test})") };
        let lint = Lint::warning(code, node.span.clone(), message).hint(format!("Write {test}."));
        self.found.push(lint.safe(&format!("write {test}"), vec![Edit::replace(node.span.clone(), replacement)]));
    }

    fn comparison(&mut self, operator: Operator, left: &Node, right: &Node) {
        if !matches!(operator.binding(), 2 | 3) {
            return;
        }
        let (value, literal) = match (is_body(left), is_body(right)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            _ => {
                self.guard(operator, left, right);
                return;
            }
        };
        let NodeKind::Text(units) = &literal.kind else { return };
        let said = String::from_utf16_lossy(units);
        if body::is_date(&said) {
            let message = "the broker's reader turns a date with a time into a date, which compares with nothing: always undefined";
            let lint =
                Lint::warning("route/body-date", value.span.start.min(literal.span.start)..value.span.end.max(literal.span.end), message);
            self.found.push(lint.hint("Send the time as a number, or as an application property."));
            return;
        }
        let other = match said.as_str() {
            "true" | "false" | "null" => Some(said.clone()),
            _ if is_number(&said) => Some(said.trim().to_owned()),
            _ => None,
        };
        let Some(other) = other else { return };
        let message = format!(
            "body values are not converted: this compares with the text '{said}', and a value of another type is only ordered by its type"
        );
        let lint = Lint::warning("route/body-literal-type", literal.span.clone(), message);
        let lint = lint.hint(format!("Write {other} without quotes, unless the body holds it as a text."));
        self.found.push(lint.proposed(&format!("write {other}"), vec![Edit::replace(literal.span.clone(), other)]));
    }

    /// Notes a condition that names the content type or encoding that the body needs.
    fn guard(&mut self, operator: Operator, left: &Node, right: &Node) {
        let (NodeKind::SystemProperty(name) | NodeKind::Escaped(name), NodeKind::Text(units)) = (&left.kind, &right.kind) else { return };
        if operator != Operator::Equal {
            return;
        }
        let said = String::from_utf16_lossy(units);
        if name.eq_ignore_ascii_case("$contentType") {
            self.says_type |= said.eq_ignore_ascii_case("application/json");
        } else if name.eq_ignore_ascii_case("$contentEncoding") {
            self.says_encoding |= ["utf-8", "utf-16", "utf-32"].iter().any(|known| said.eq_ignore_ascii_case(known));
        }
    }

    fn content_type(&self) -> Option<Lint> {
        let span = self.uses_body.clone().filter(|_| !(self.says_type && self.says_encoding))?;
        let message =
            "the body is read only when the sender sets content type application/json, with nothing behind it, and content encoding utf-8";
        let lint = Lint::warning("route/body-content-type", span, message).note();
        Some(lint.hint("Set both in the sending module; the default of the SDKs is neither."))
    }
}

fn is_body(node: &Node) -> bool {
    match &node.kind {
        NodeKind::SystemProperty(name) | NodeKind::Escaped(name) => name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("$body.")),
        _ => false,
    }
}

/// Tells a text that holds a plain decimal number.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.parse::<f64>().is_ok()
}

/// Finds a whole condition that is no truth value.
fn bare(text: &str, node: &Node, program: &Program) -> Option<Lint> {
    if !matches!(program.result, Type::Text | Type::Number) {
        return None;
    }
    let written = text.get(node.span.clone()).unwrap_or_default();
    let noun = if program.result == Type::Text { "a text" } else { "a number" };
    let message = format!("{noun} alone is neither true nor false: this route never takes a message");
    let lint = Lint::warning("route/bare-property", node.span.clone(), message);
    Some(match &node.kind {
        NodeKind::Property(_) => {
            let hint = format!("Write {written} = 'true', or is_defined({written}).");
            lint.hint(hint).proposed(&format!("write {written} = 'true'"), vec![Edit::insert(node.span.end, " = 'true'")])
        }
        NodeKind::SystemProperty(_) | NodeKind::Escaped(_) => {
            let edit = Edit::replace(node.span.clone(), format!("is_defined({written})"));
            lint.hint(format!("Write is_defined({written}), or compare it.")).proposed("test whether it is there", vec![edit])
        }
        _ => lint.hint("Compare it with something."),
    })
}
