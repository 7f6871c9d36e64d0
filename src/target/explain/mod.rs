//! Why a condition selects a device or not: the truth of every part, the value of every attribute, and what made a part undefined.
//!
//! Every part is judged by the evaluator itself, so that an explanation never differs from the decision.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value as Json;

use super::condition::Condition;
use super::evaluate::{self, Truth};
use super::expression::{Expression, Node, Operator, Path};
use super::value::Value;

mod cause;

pub use cause::{Cause, Reason};

/// A part of a condition over one device. Serialised: `kind`, `text` (canonical), `span` (bytes of the condition, `start` and `end`), `truth` of a part that
/// stands as a condition, `value` of an operand (absent when undefined), `because[]` of an undefined part, `parts[]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What it is: `and`, `or`, `not`, `compare`, `in`, `isDefined`, `path`, `constant`, `arithmetic`, `negate`, `call`, `everything`, `nothing`.
    pub kind: &'static str,
    /// Canonical text.
    pub text: String,
    /// Its bytes in the condition.
    pub span: Range<usize>,
    /// Its truth, where it stands as a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth: Option<Truth>,
    /// Its value, where it is an operand or an attribute, and defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// What made it undefined, in the order of the text, each said once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Cause>,
    /// Its parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Step>,
}

/// How a part is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// As something that is true or not.
    Condition,
    /// As a value.
    Operand,
}

/// Explains a condition over a twin document (`deviceId`, `tags`, `properties.reported`).
pub fn explain(condition: &Condition, twin: &Json) -> Step {
    let whole = |kind, truth| Step {
        kind,
        text: condition.to_string(),
        span: 0..0,
        truth: Some(truth),
        value: None,
        because: Vec::new(),
        parts: Vec::new(),
    };
    match condition {
        Condition::Everything => whole("everything", Truth::True),
        Condition::Nothing => whole("nothing", Truth::False),
        Condition::Expression(node) => step(node, Role::Condition, twin),
    }
}

fn step(node: &Node, role: Role, twin: &Json) -> Step {
    let value = evaluate::value(node, twin);
    let parts = parts(node, twin);
    let truth = (role == Role::Condition).then(|| value.truth());
    let undefined = truth.map_or(value == Value::Undefined, |truth| truth == Truth::Undefined);
    let shown = role == Role::Operand || matches!(node.expression, Expression::Path(_));
    Step {
        kind: kind(&node.expression),
        text: node.to_string(),
        span: node.span.clone(),
        truth,
        because: if undefined { distinct(causes(node, role, &value, &parts, twin)) } else { Vec::new() },
        value: if shown { json_of(node, &value, twin) } else { None },
        parts,
    }
}

fn kind(expression: &Expression) -> &'static str {
    match expression {
        Expression::Constant(_) => "constant",
        Expression::Path(_) => "path",
        Expression::IsDefined(_) => "isDefined",
        Expression::And(_) => "and",
        Expression::Or(_) => "or",
        Expression::Not(_) => "not",
        Expression::Compare(..) => "compare",
        Expression::In { .. } => "in",
        Expression::Arithmetic(..) => "arithmetic",
        Expression::Negate(_) => "negate",
        Expression::Call(..) => "call",
    }
}

fn parts(node: &Node, twin: &Json) -> Vec<Step> {
    let operand = |node: &Node| step(node, Role::Operand, twin);
    match &node.expression {
        Expression::And(parts) | Expression::Or(parts) => parts.iter().map(|part| step(part, Role::Condition, twin)).collect(),
        Expression::Not(inner) => vec![step(inner, Role::Condition, twin)],
        Expression::Compare(_, left, right) => vec![operand(left), operand(right)],
        Expression::In { operand: inner, .. } | Expression::Negate(inner) => vec![operand(inner)],
        Expression::Arithmetic(first, rest) => {
            std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, node)| node)).map(operand).collect()
        }
        Expression::Call(_, arguments) => arguments.iter().map(operand).collect(),
        Expression::IsDefined(path) => vec![operand(&Node { expression: Expression::Path(path.clone()), span: node.span.clone() })],
        Expression::Constant(_) | Expression::Path(_) => Vec::new(),
    }
}

/// Returns what made a part undefined: what made its parts undefined, or a reason of its own.
fn causes(node: &Node, role: Role, value: &Value<'_>, parts: &[Step], twin: &Json) -> Vec<Cause> {
    let inherited: Vec<Cause> = parts.iter().filter(|part| is_undefined(part)).flat_map(|part| part.because.iter().cloned()).collect();
    if *value != Value::Undefined {
        return if role == Role::Condition { vec![Cause::not_a_condition(node, value)] } else { inherited };
    }
    match &node.expression {
        Expression::Path(path) => vec![Cause::missing(path, twin)],
        Expression::Constant(_) => vec![Cause::written()],
        _ if !inherited.is_empty() => inherited,
        Expression::Compare(_, left, right) => {
            vec![Cause::no_order((left, &evaluate::value(left, twin)), (right, &evaluate::value(right, twin)))]
        }
        Expression::In { operand, .. } => vec![Cause::composite(operand, &evaluate::value(operand, twin))],
        Expression::Negate(inner) => vec![Cause::no_number(inner, &evaluate::value(inner, twin))],
        Expression::Arithmetic(first, rest) => arithmetic(first, rest, twin),
        Expression::Call(function, arguments) => {
            let values: Vec<(&Node, Value<'_>)> = arguments.iter().map(|argument| (argument, evaluate::value(argument, twin))).collect();
            vec![Cause::argument(*function, &values)]
        }
        _ => inherited,
    }
}

/// Tells whether a part has no truth, or as an operand no value.
fn is_undefined(step: &Step) -> bool {
    step.truth.map_or(step.value.is_none(), |truth| truth == Truth::Undefined)
}

fn arithmetic(first: &Node, rest: &[(Operator, Node)], twin: &Json) -> Vec<Cause> {
    let operands = std::iter::once(first).chain(rest.iter().map(|(_, node)| node));
    let others: Vec<Cause> = operands
        .map(|operand| (operand, evaluate::value(operand, twin)))
        .filter(|(_, value)| !matches!(value, Value::Number(_)))
        .map(|(operand, value)| Cause::no_number(operand, &value))
        .collect();
    if !others.is_empty() {
        return others;
    }
    let divisor = rest.iter().find(|(operator, node)| {
        matches!(operator, Operator::Divide | Operator::Remainder) && evaluate::value(node, twin) == Value::Number(0.0)
    });
    vec![divisor.map_or_else(Cause::overflow, |(_, node)| Cause::zero(node))]
}

fn distinct(causes: Vec<Cause>) -> Vec<Cause> {
    let mut seen = BTreeSet::new();
    causes.into_iter().filter(|cause| seen.insert(cause.clone())).collect()
}

/// Returns a value as JSON: what stands in the twin as it stands there.
fn json_of(node: &Node, value: &Value<'_>, twin: &Json) -> Option<Json> {
    if let Expression::Path(path) = &node.expression {
        return evaluate::find(path, twin).cloned();
    }
    Some(match value {
        Value::Undefined => return None,
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number_json(*number),
        Value::Text(text) => text.as_ref().into(),
        Value::Array(elements) => elements.to_vec().into(),
        Value::Object => Json::Object(serde_json::Map::new()),
    })
}

/// Returns a whole number without a fraction, any other as it is; infinity, which JSON lacks, as a text.
#[expect(clippy::cast_possible_truncation, reason = "checked against the range just before")]
fn number_json(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return (number as i64).into();
    }
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string().into(), Json::Number)
}

/// Returns the attribute above a path: `None` for `deviceId`, which stands in the twin itself.
fn parent(path: &Path) -> Option<Path> {
    let (_, names) = path.names.split_last()?;
    Some(Path { root: path.root, names: names.to_vec() })
}

#[cfg(test)]
mod tests;
