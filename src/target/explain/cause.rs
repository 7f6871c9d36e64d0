//! What makes a part of a condition undefined.

use serde::Serialize;
use serde_json::Value as Json;

use super::parent;
use crate::target::evaluate;
use crate::target::expression::{Expression, Node, Path};
use crate::target::function::Function;
use crate::target::value::Value;

/// Kinds of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The device has no such attribute.
    Missing,
    /// Two values of different types were compared.
    TypesDiffer,
    /// An object or array was compared.
    Composite,
    /// A value that is neither true nor false stands as a condition.
    NotBoolean,
    /// Something that is no number was calculated with.
    NotNumber,
    /// A division by zero.
    DivisionByZero,
    /// A calculation whose result is no number.
    Overflow,
    /// An argument of a type that the function does not take.
    Argument,
    /// The condition says `undefined` itself.
    Written,
}

/// One cause. Serialised: `reason`, `message`, and of a missing attribute `path`, `parent`, `parentExists`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Its kind.
    pub reason: Reason,
    /// The attribute that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The attribute above a missing one; none above `deviceId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether the attribute above a missing one exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_exists: Option<bool>,
    /// The cause in words, a fragment.
    pub message: String,
}

/// Characters of a text that messages show.
const SHOWN: usize = 60;

impl Cause {
    fn new(reason: Reason, node: Option<&Node>, message: String) -> Self {
        let path = match node.map(|node| &node.expression) {
            Some(Expression::Path(path)) => Some(path.to_string()),
            _ => None,
        };
        Self { reason, path, parent: None, parent_exists: None, message }
    }

    pub(super) fn missing(path: &Path, twin: &Json) -> Self {
        let above = parent(path);
        let found = above.as_ref().map_or(Some(twin), |above| evaluate::find(above, twin));
        let message = match (&above, found) {
            (None, _) => format!("{path} is missing in the twin"),
            (Some(above), Some(Json::Object(_))) => format!("{path} is missing; its parent {above} exists"),
            (Some(above), Some(other)) => {
                format!(
                    "{path} is missing; its parent {above} exists and is {}, not an object",
                    article(Value::of_json(Some(other)).kind())
                )
            }
            (Some(above), None) => format!("{path} is missing, and so is its parent {above}"),
        };
        Self {
            reason: Reason::Missing,
            path: Some(path.to_string()),
            parent: above.map(|above| above.to_string()),
            parent_exists: Some(found.is_some()),
            message,
        }
    }

    pub(super) fn written() -> Self {
        Self::new(Reason::Written, None, "the condition says `undefined`".to_owned())
    }

    pub(super) fn not_a_condition(node: &Node, value: &Value<'_>) -> Self {
        let message = format!("{} is {}, neither true nor false", named(node), described(value));
        Self::new(Reason::NotBoolean, Some(node), message)
    }

    /// Returns why two defined values have no order.
    pub(super) fn no_order((left, left_value): (&Node, &Value<'_>), (right, right_value): (&Node, &Value<'_>)) -> Self {
        for (node, value) in [(left, left_value), (right, right_value)] {
            if matches!(value, Value::Array(_) | Value::Object) {
                return Self::composite(node, value);
            }
        }
        let message = format!(
            "{} is {}, {} is {}: values of different types do not compare",
            named(left),
            described(left_value),
            named(right),
            described(right_value)
        );
        let attribute = [left, right].into_iter().find(|node| matches!(node.expression, Expression::Path(_)));
        Self::new(Reason::TypesDiffer, attribute, message)
    }

    pub(super) fn composite(node: &Node, value: &Value<'_>) -> Self {
        let message = format!("{} is {}, which compares with nothing", named(node), article(value.kind()));
        Self::new(Reason::Composite, Some(node), message)
    }

    pub(super) fn no_number(node: &Node, value: &Value<'_>) -> Self {
        Self::new(Reason::NotNumber, Some(node), format!("{} is {}, not a number", named(node), described(value)))
    }

    pub(super) fn zero(node: &Node) -> Self {
        Self::new(Reason::DivisionByZero, Some(node), format!("{} is 0, and nothing is divided by it", named(node)))
    }

    pub(super) fn overflow() -> Self {
        Self::new(Reason::Overflow, None, "the calculation leaves the range of numbers".to_owned())
    }

    pub(super) fn argument(function: Function, arguments: &[(&Node, Value<'_>)]) -> Self {
        let given: Vec<String> = arguments.iter().map(|(node, value)| format!("{} is {}", named(node), described(value))).collect();
        let message = format!("{} takes {}; {}", function.name(), function.takes(), given.join(", "));
        let attribute = arguments.iter().map(|(node, _)| *node).find(|node| matches!(node.expression, Expression::Path(_)));
        Self::new(Reason::Argument, attribute, message)
    }
}

/// Returns a part as messages name it.
fn named(node: &Node) -> String {
    shortened(&node.to_string())
}

/// Returns a value with its type.
fn described(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("the text {}", shortened(&format!("'{text}'"))),
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        other => article(other.kind()),
    }
}

fn article(kind: &str) -> String {
    match kind {
        "array" | "object" => format!("an {kind}"),
        "null" | "undefined" => kind.to_owned(),
        _ => format!("a {kind}"),
    }
}

/// Returns a text of bounded length.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
