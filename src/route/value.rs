//! Values and types of conditions.

use std::cmp::Ordering;
use std::fmt;

/// One of three truth values; only true routes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The message is routed.
    True,
    /// The message is not routed.
    False,
    /// Nothing can be said, so the message is not routed.
    Undefined,
}

/// Types that are known when a condition is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A double.
    Number,
    /// A text: properties, and what makes texts.
    Text,
    /// A truth of three values.
    Bool,
    /// The constant null, and what combines with it.
    Null,
    /// The constant undefined.
    Undefined,
    /// A value of the message body, whose type only the message tells.
    Body,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Bool => "a truth value",
            Self::Null => "null",
            Self::Undefined => "undefined",
            Self::Body => "a body value",
        })
    }
}

/// A value while a condition is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is known.
    Undefined,
    /// A path that the body does not have; the broker takes it for null nearly everywhere.
    Missing,
    /// Null, or a property without a value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number; only body values and what is computed from them may be NaN.
    Number(f64),
    /// UTF-16 units.
    Text(Vec<u16>),
}

impl Value {
    /// Returns a number; NaN is undefined.
    pub fn number(number: f64) -> Self {
        if number.is_nan() { Self::Undefined } else { Self::Number(number) }
    }

    /// Returns a text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.encode_utf16().collect())
    }

    /// Returns the truth of the value as the result of a condition: null is false, numbers and texts are undefined.
    pub fn truth(&self, of: Type) -> Truth {
        match self {
            Self::Bool(true) => Truth::True,
            Self::Bool(false) => Truth::False,
            Self::Null if of == Type::Null => Truth::False,
            _ => Truth::Undefined,
        }
    }

    /// Orders two values of one static type, or says that they cannot be compared.
    pub fn order(&self, other: &Self, of: Type) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) if of == Type::Body => Some(order_all(*left, *right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(right),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Bool(left), Self::Bool(right)) => Some(left.cmp(right)),
            (Self::Null, Self::Null) if of == Type::Null => Some(Ordering::Equal),
            _ if of == Type::Body => Some(self.rank()?.cmp(&other.rank()?)),
            _ => None,
        }
    }

    /// Returns the place of the value's type in the order of body values of different types.
    fn rank(&self) -> Option<u8> {
        match self {
            Self::Undefined => None,
            Self::Bool(_) => Some(0),
            Self::Number(_) => Some(1),
            Self::Text(_) => Some(2),
            Self::Null | Self::Missing => Some(3),
        }
    }
}

/// Orders any two doubles: NaN equals itself and comes before all others.
fn order_all(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| right.is_nan().cmp(&left.is_nan()))
}
