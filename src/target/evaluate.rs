//! The truth of a condition over one twin: true, false or undefined. Nothing is converted; a missing attribute makes what depends on
//! it undefined, also under NOT and `!=`.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::expression::{Comparison, Constant, Expression, Node, Operator, Path, Root};

/// One of three truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The device is selected.
    True,
    /// The device is not selected.
    False,
    /// Nothing can be said, so the device is not selected.
    Undefined,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Undefined => Self::Undefined,
        }
    }
}

/// A value while a condition is evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    /// An object or an array: it is defined, and compares with nothing.
    Composite,
}

impl From<Truth> for Value<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Bool(true),
            Truth::False => Self::Bool(false),
            Truth::Undefined => Self::Undefined,
        }
    }
}

impl<'a> Value<'a> {
    fn of_json(value: Option<&'a Json>) -> Self {
        match value {
            None => Self::Undefined,
            Some(Json::Null) => Self::Null,
            Some(Json::Bool(value)) => Self::Bool(*value),
            Some(Json::Number(number)) => number.as_f64().map_or(Self::Undefined, Self::Number),
            Some(Json::String(text)) => Self::Text(text),
            Some(Json::Array(_) | Json::Object(_)) => Self::Composite,
        }
    }

    fn of_constant(constant: &'a Constant) -> Self {
        match constant {
            Constant::Undefined => Self::Undefined,
            Constant::Null => Self::Null,
            Constant::Bool(value) => Self::Bool(*value),
            Constant::Number(value) => Self::Number(*value),
            Constant::Text(text) => Self::Text(text),
        }
    }

    /// Returns how two values of one primitive type stand to each other; texts by code points.
    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            (Self::Bool(left), Self::Bool(right)) => Some(left.cmp(&right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(&right),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }
}

/// Returns the truth of a condition over a twin document (`deviceId`, `tags`, `properties.reported`).
pub fn truth(node: &Node, twin: &Json) -> Truth {
    match &node.expression {
        Expression::And(parts) => all(parts, twin),
        Expression::Or(parts) => !parts.iter().fold(Truth::True, |sofar, part| both(sofar, !truth(part, twin))),
        Expression::Not(inner) => !truth(inner, twin),
        Expression::IsDefined(path) => find(path, twin).is_some().into(),
        Expression::Compare(comparison, left, right) => compare(*comparison, value(left, twin), value(right, twin)),
        Expression::In { operand, list, negated } => {
            let found = member(value(operand, twin), list);
            if *negated { !found } else { found }
        }
        _ => match value(node, twin) {
            Value::Bool(value) => value.into(),
            _ => Truth::Undefined,
        },
    }
}

fn all(parts: &[Node], twin: &Json) -> Truth {
    parts.iter().fold(Truth::True, |sofar, part| both(sofar, truth(part, twin)))
}

fn both(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Undefined,
    }
}

fn value<'a>(node: &'a Node, twin: &'a Json) -> Value<'a> {
    match &node.expression {
        Expression::Constant(constant) => Value::of_constant(constant),
        Expression::Path(path) => Value::of_json(find(path, twin)),
        Expression::Negate(inner) => match value(inner, twin) {
            Value::Number(number) => Value::Number(-number),
            _ => Value::Undefined,
        },
        Expression::Arithmetic(first, rest) => {
            rest.iter().fold(value(first, twin), |left, (operator, node)| calculate(*operator, left, value(node, twin)))
        }
        _ => truth(node, twin).into(),
    }
}

fn calculate<'a>(operator: Operator, left: Value<'a>, right: Value<'a>) -> Value<'a> {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return Value::Undefined };
    match operator {
        Operator::Add => Value::Number(left + right),
        Operator::Subtract => Value::Number(left - right),
        Operator::Multiply => Value::Number(left * right),
        Operator::Divide | Operator::Remainder if right == 0.0 => Value::Undefined,
        Operator::Divide => Value::Number(left / right),
        Operator::Remainder => Value::Number(left % right),
    }
}

fn compare(comparison: Comparison, left: Value<'_>, right: Value<'_>) -> Truth {
    let Some(order) = left.order(right) else { return Truth::Undefined };
    let holds = match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    };
    holds.into()
}

/// Membership: a primitive of another type than an element simply is not that element.
fn member(value: Value<'_>, list: &[Constant]) -> Truth {
    match value {
        Value::Undefined | Value::Composite => Truth::Undefined,
        _ => list.iter().any(|constant| value.order(Value::of_constant(constant)).is_some_and(Ordering::is_eq)).into(),
    }
}

/// Returns what stands at a path of a twin document, a JSON null too.
fn find<'a>(path: &Path, twin: &'a Json) -> Option<&'a Json> {
    let start = match path.root {
        Root::DeviceId => twin.get("deviceId"),
        Root::Tags => twin.get("tags"),
        Root::Reported => twin.get("properties").and_then(|properties| properties.get("reported")),
    };
    path.names.iter().try_fold(start?, |value, name| value.as_object()?.get(name))
}
