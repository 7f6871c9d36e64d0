//! A condition as other rooms use it: parsed once, evaluated over any number of twins.

use std::fmt;
use std::str::FromStr;

use serde_json::Value as Json;

use super::error::ConditionError;
use super::evaluate::{self, Truth};
use super::expression::Node;
use super::parse;

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
    /// Parses a condition.
    ///
    /// # Errors
    /// At the first fault, with its place and what to write instead.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        match text.trim_ascii() {
            "" => Ok(Self::Nothing),
            "*" => Ok(Self::Everything),
            _ => parse::expression(text).map(Self::Expression),
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
