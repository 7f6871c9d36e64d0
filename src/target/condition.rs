//! A condition as other rooms use it: parsed once, evaluated over any number of twins.

use std::fmt;
use std::str::FromStr;

use serde_json::Value as Json;

use super::error::ConditionError;
use super::evaluate::{self, Truth};
use super::expression::Node;
use super::parse;
use super::token::is_blank;

/// Which functions a condition may call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// What is documented for twins: `is_defined` alone. Conditions that go to a hub are of this dialect.
    #[default]
    Strict,
    /// The text and type functions of message routes too, which some hubs are said to take.
    Extended,
}

impl Dialect {
    /// Returns the name, as users write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Extended => "extended",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Strict, Self::Extended].into_iter().find(|dialect| dialect.name() == text).ok_or(())
    }
}

/// A parsed target condition. It prints as canonical text, which parses to an equal condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// `*`: every device.
    Everything,
    /// Empty text: no device.
    Nothing,
    /// An expression: the devices for which it is true.
    Expression(Node),
}

impl Condition {
    /// Parses a condition of the strict dialect.
    ///
    /// # Errors
    /// At the first fault, with its place and what to write instead.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        Self::parse_in(text, Dialect::Strict)
    }

    /// Parses a condition of a dialect.
    ///
    /// # Errors
    /// At the first fault, with its place and what to write instead.
    pub fn parse_in(text: &str, dialect: Dialect) -> Result<Self, ConditionError> {
        match text.trim_matches(is_blank) {
            "" => Ok(Self::Nothing),
            "*" => Ok(Self::Everything),
            _ => parse::expression(text, dialect).map(Self::Expression),
        }
    }

    /// Tells whether the condition selects the device of a twin document (`deviceId`, `tags`, `properties.reported`).
    pub fn matches(&self, twin: &Json) -> bool {
        self.truth(twin) == Truth::True
    }

    /// Returns the truth of the condition over a twin document.
    pub fn truth(&self, twin: &Json) -> Truth {
        match self {
            Self::Everything => Truth::True,
            Self::Nothing => Truth::False,
            Self::Expression(node) => evaluate::truth(node, twin),
        }
    }
}

/// Tells whether a twin document is that of an edge device, the only kind that takes edge deployments.
pub fn is_edge_device(twin: &Json) -> bool {
    twin.get("capabilities").and_then(|capabilities| capabilities.get("iotEdge")) == Some(&Json::Bool(true))
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        Self::parse(text)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("*"),
            Self::Nothing => Ok(()),
            Self::Expression(node) => node.fmt(f),
        }
    }
}
