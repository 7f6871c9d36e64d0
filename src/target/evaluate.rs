//! The truth of a condition over one twin: true, false or undefined. Nothing is converted; a missing attribute makes what depends on
//! it undefined, also under NOT and `!=`.

use serde::Serialize;
use serde_json::Value as Json;

use super::expression::{Expression, Node, Path, Root};
use super::value::Value;

/// One of three truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// The device is selected.
    True,
    /// The device is not selected.
    False,
    /// Nothing can be said, so the device is not selected.
    Undefined,
}

impl Truth {
    /// Returns the word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Undefined => "undefined",
        }
    }
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

/// What a condition reads: the attributes of one device.
pub trait Attributes {
    /// Returns the value at a path.
    fn attribute(&self, path: &Path) -> Value<'_>;
}

impl Attributes for Json {
    /// Returns the value in a twin document (`deviceId`, `tags`, `properties.reported`).
    fn attribute(&self, path: &Path) -> Value<'_> {
        Value::of_json(find(path, self))
    }
}

/// Returns the truth of a condition over the attributes of one device.
pub fn truth(node: &Node, twin: &impl Attributes) -> Truth {
    match &node.expression {
        Expression::And(parts) => all(parts, twin),
        Expression::Or(parts) => !parts.iter().fold(Truth::True, |sofar, part| both(sofar, !truth(part, twin))),
        Expression::Not(inner) => !truth(inner, twin),
        Expression::IsDefined(path) => (twin.attribute(path) != Value::Undefined).into(),
        Expression::Compare(comparison, left, right) => value(left, twin).compare(*comparison, &value(right, twin)),
        Expression::In { operand, list, negated } => {
            let found = value(operand, twin).is_in(list.iter().map(Value::of_constant));
            if *negated { !found } else { found }
        }
        _ => value(node, twin).truth(),
    }
}

fn all(parts: &[Node], twin: &impl Attributes) -> Truth {
    parts.iter().fold(Truth::True, |sofar, part| both(sofar, truth(part, twin)))
}

fn both(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Undefined,
    }
}

/// Returns the value of a part of a condition over the attributes of one device.
pub fn value<'a>(node: &'a Node, twin: &'a impl Attributes) -> Value<'a> {
    match &node.expression {
        Expression::Constant(constant) => Value::of_constant(constant),
        Expression::Path(path) => twin.attribute(path),
        Expression::Negate(inner) => value(inner, twin).negated(),
        Expression::Arithmetic(first, rest) => {
            rest.iter().fold(value(first, twin), |left, (operator, node)| left.calculate(*operator, &value(node, twin)))
        }
        Expression::Call(function, arguments) => match arguments.as_slice() {
            [one] => function.apply(&[value(one, twin)]),
            [first, second] => function.apply(&[value(first, twin), value(second, twin)]),
            _ => Value::Undefined,
        },
        _ => truth(node, twin).into(),
    }
}

/// Returns what stands at a path of a twin document, a JSON null too.
pub fn find<'a>(path: &Path, twin: &'a Json) -> Option<&'a Json> {
    let start = match path.root {
        Root::DeviceId => twin.get("deviceId"),
        Root::Tags => twin.get("tags"),
        Root::Reported => twin.get("properties").and_then(|properties| properties.get("reported")),
    };
    path.names.iter().try_fold(start?, |value, name| value.as_object()?.get(name))
}
