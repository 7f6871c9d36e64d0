//! The tree of a route, with the bytes that each part came from.

use std::ops::Range;

/// A whole route.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteSyntax {
    /// The pattern as written, white space dropped.
    pub source: String,
    /// The condition, when there is one.
    pub condition: Option<Node>,
    /// Where the messages go.
    pub sink: Sink,
    /// Bytes of the sink.
    pub sink_span: Range<usize>,
    /// Bytes of source and condition.
    pub source_span: Range<usize>,
    /// Bytes of the condition with its outer parentheses; empty when there is none.
    pub condition_span: Range<usize>,
}

/// Where messages go, before its names are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// `$name`.
    System(String),
    /// `Name("argument")`, quotes taken off, escapes kept.
    Function(String, String),
}

/// A part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands.
    pub span: Range<usize>,
}

/// Kinds of parts. Chains are flat, so that a long condition is not a deep one.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `undefined`, or a number that the product cannot read.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text as UTF-16 units, escapes resolved.
    Text(Vec<u16>),
    /// An application property.
    Property(String),
    /// `$name`: an application property of that whole name, else the body or a system property.
    SystemProperty(String),
    /// `{$name}`: the body or a system property.
    Escaped(String),
    /// A function with its arguments.
    Call(String, Vec<Node>),
    /// The opposite.
    Not(Box<Node>),
    /// The negative.
    Negate(Box<Node>),
    /// Operators of one binding, left to right, each with its bytes.
    Chain(Box<Node>, Vec<(Operator, Range<usize>, Node)>),
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `||`
    Concat,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `??`
    Coalesce,
}

impl Operator {
    /// Number of bindings.
    pub const BINDINGS: usize = 7;

    /// Returns the operator that a symbol writes.
    pub fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "||" => Self::Concat,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "=" => Self::Equal,
            "!=" | "<>" => Self::NotEqual,
            "??" => Self::Coalesce,
            _ => return None,
        })
    }

    /// Returns how loosely the operator binds, from 0 to 6.
    pub fn binding(self) -> usize {
        match self {
            Self::Multiply | Self::Divide | Self::Remainder => 0,
            Self::Add | Self::Subtract | Self::Concat => 1,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::And => 4,
            Self::Or => 5,
            Self::Coalesce => 6,
        }
    }
}
