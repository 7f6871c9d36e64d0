//! Values while a condition is evaluated, and how they compare. Nothing is converted: values of different types have no order.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value as Json;

use super::evaluate::Truth;
use super::expression::{Comparison, Constant, Operator};

/// What a part of a condition is worth over one twin.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing can be said.
    Undefined,
    /// A JSON null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, never NaN.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A JSON array; it is defined, and compares with nothing.
    Array(&'a [Json]),
    /// A JSON object; it is defined, and compares with nothing.
    Object,
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
    /// Returns what stands in a twin document; nothing is undefined.
    pub fn of_json(value: Option<&'a Json>) -> Self {
        match value {
            None => Self::Undefined,
            Some(Json::Null) => Self::Null,
            Some(Json::Bool(value)) => Self::Bool(*value),
            Some(Json::Number(number)) => number.as_f64().map_or(Self::Undefined, Self::number),
            Some(Json::String(text)) => Self::Text(Cow::Borrowed(text)),
            Some(Json::Array(elements)) => Self::Array(elements),
            Some(Json::Object(_)) => Self::Object,
        }
    }

    /// Returns the value of a constant.
    pub fn of_constant(constant: &'a Constant) -> Self {
        match constant {
            Constant::Undefined => Self::Undefined,
            Constant::Null => Self::Null,
            Constant::Bool(value) => Self::Bool(*value),
            Constant::Number(value) => Self::number(*value),
            Constant::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }

    /// Returns a number; what is none (infinity minus infinity) is undefined.
    pub fn number(number: f64) -> Self {
        if number.is_nan() { Self::Undefined } else { Self::Number(number) }
    }

    /// Returns the value as a condition: only a truth value is one.
    pub fn truth(&self) -> Truth {
        match self {
            Self::Bool(value) => (*value).into(),
            _ => Truth::Undefined,
        }
    }

    /// Names the type, as explanations say it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::Array(_) => "array",
            Self::Object => "object",
        }
    }

    /// Returns how two values of one primitive type stand to each other; false before true, texts by code points.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            (Self::Bool(left), Self::Bool(right)) => Some(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(right),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// Tells whether two values stand in a relation; undefined when they have no order.
    pub fn compare(&self, comparison: Comparison, other: &Self) -> Truth {
        let Some(order) = self.order(other) else { return Truth::Undefined };
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

    /// Tells whether the value is among others; a primitive of another type than an element simply is not that element. What is missing
    /// or composite is neither in nor out.
    pub fn is_in<'b>(&self, mut elements: impl Iterator<Item = Value<'b>>) -> Truth {
        match self {
            Self::Undefined | Self::Array(_) | Self::Object => Truth::Undefined,
            _ => elements.any(|element| self.order(&element).is_some_and(Ordering::is_eq)).into(),
        }
    }

    /// Calculates; anything but two numbers, and a division by zero, is undefined. A remainder has the sign of the dividend.
    #[must_use]
    pub fn calculate(&self, operator: Operator, other: &Self) -> Self {
        let (Self::Number(left), Self::Number(right)) = (self, other) else { return Self::Undefined };
        match operator {
            Operator::Add => Self::number(left + right),
            Operator::Subtract => Self::number(left - right),
            Operator::Multiply => Self::number(left * right),
            Operator::Divide | Operator::Remainder if *right == 0.0 => Self::Undefined,
            Operator::Divide => Self::number(left / right),
            Operator::Remainder => Self::number(left % right),
        }
    }

    /// Returns the negative of a number, undefined for anything else.
    #[must_use]
    pub fn negated(&self) -> Self {
        match self {
            Self::Number(number) => Self::Number(-number),
            _ => Self::Undefined,
        }
    }
}
