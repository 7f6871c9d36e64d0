//! The tree of a condition, and its canonical text.

use std::fmt;
use std::ops::Range;

use super::function::Function;
use super::token::{begins_name, continues_name};

/// A part of a condition and its bytes in the text. Two nodes are equal when they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it says.
    pub expression: Expression,
    /// Where it stands.
    pub span: Range<usize>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

/// What a part of a condition says. Chains are flat, so that a long condition is not a deep one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A constant.
    Constant(Constant),
    /// An attribute of the device.
    Path(Path),
    /// Whether the attribute exists.
    IsDefined(Path),
    /// True when all parts are.
    And(Vec<Node>),
    /// True when one part is.
    Or(Vec<Node>),
    /// The opposite.
    Not(Box<Node>),
    /// Two operands in a relation.
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Membership in a list; `negated` is NIN.
    In {
        /// What is looked for.
        operand: Box<Node>,
        /// What it may be.
        list: Vec<Constant>,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// Sums or products, left to right.
    Arithmetic(Box<Node>, Vec<(Operator, Node)>),
    /// The negative.
    Negate(Box<Node>),
    /// A function of the extended dialect, with as many arguments as it takes.
    Call(Function, Vec<Node>),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `undefined`.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
}

/// An attribute that conditions can read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Where it begins.
    pub root: Root,
    /// Names below the root; none for `deviceId`.
    pub names: Vec<String>,
}

/// Where paths begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// The device's id.
    DeviceId,
    /// The device's tags.
    Tags,
    /// The device's reported properties.
    Reported,
}

/// Relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Operators on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// Words that a plain name cannot be.
const RESERVED: [&str; 12] = ["select", "from", "where", "group", "by", "as", "top", "and", "or", "not", "in", "nin"];

/// Tells the words that a name in a path must put in brackets, in any case.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// The parts below a node: a list, up to two of their own, and the operands behind the first of a chain.
type Below<'n> = (&'n [Node], Option<&'n Node>, Option<&'n Node>, &'n [(Operator, Node)]);

impl Node {
    /// Returns the parts directly below, in the order of the text.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        let (list, one, other, rest): Below<'_> = match &self.expression {
            Expression::Constant(_) | Expression::Path(_) | Expression::IsDefined(_) => (&[], None, None, &[]),
            Expression::And(parts) | Expression::Or(parts) | Expression::Call(_, parts) => (parts, None, None, &[]),
            Expression::Not(inner) | Expression::Negate(inner) | Expression::In { operand: inner, .. } => (&[], Some(inner), None, &[]),
            Expression::Compare(_, left, right) => (&[], Some(left), Some(right), &[]),
            Expression::Arithmetic(first, rest) => (&[], Some(first), None, rest),
        };
        list.iter().chain(one).chain(other).chain(rest.iter().map(|(_, node)| node))
    }
}

impl Comparison {
    /// Returns the relation that a symbol writes.
    pub fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "=" => Self::Equal,
            "!=" | "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Returns the canonical symbol.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Operator {
    /// Returns the operator that a symbol writes.
    pub fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            _ => return None,
        })
    }

    /// Returns the symbol.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    fn binds_tighter(self) -> bool {
        !matches!(self, Self::Add | Self::Subtract)
    }
}

impl Expression {
    /// Returns how tightly the outermost operator binds; an operand that binds less needs parentheses.
    fn binding(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            Self::Not(_) => 2,
            Self::Compare(..) | Self::In { .. } => 3,
            Self::Arithmetic(_, rest) if rest.iter().all(|(operator, _)| operator.binds_tighter()) => 5,
            Self::Arithmetic(..) => 4,
            Self::Negate(_) | Self::Constant(_) | Self::Path(_) | Self::IsDefined(_) | Self::Call(..) => 6,
        }
    }
}

/// Writes a node, in parentheses when it binds less than `least`.
fn operand(f: &mut fmt::Formatter<'_>, node: &Node, least: u8) -> fmt::Result {
    if node.expression.binding() < least { write!(f, "({node})") } else { write!(f, "{node}") }
}

fn chain(f: &mut fmt::Formatter<'_>, parts: &[Node], word: &str, least: u8) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            write!(f, " {word} ")?;
        }
        operand(f, part, least)?;
    }
    Ok(())
}

/// Writes the canonical text: keywords in capitals, one blank between tokens, only the parentheses that are needed.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expression {
            Expression::Constant(constant) => constant.fmt(f),
            Expression::Path(path) => path.fmt(f),
            Expression::IsDefined(path) => write!(f, "is_defined({path})"),
            Expression::Or(parts) => chain(f, parts, "OR", 1),
            Expression::And(parts) => chain(f, parts, "AND", 2),
            Expression::Not(inner) => {
                f.write_str("NOT ")?;
                operand(f, inner, 2)
            }
            Expression::Compare(comparison, left, right) => {
                operand(f, left, 4)?;
                write!(f, " {} ", comparison.symbol())?;
                operand(f, right, 4)
            }
            Expression::In { operand: left, list, negated } => {
                operand(f, left, 4)?;
                f.write_str(if *negated { " NIN [" } else { " IN [" })?;
                for (index, constant) in list.iter().enumerate() {
                    write!(f, "{}{constant}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Expression::Arithmetic(first, rest) => {
                let least = self.expression.binding() + 1;
                operand(f, first, least)?;
                rest.iter().try_for_each(|(operator, node)| {
                    write!(f, " {} ", operator.symbol())?;
                    operand(f, node, least)
                })
            }
            Expression::Negate(inner) => {
                f.write_str("-")?;
                operand(f, inner, 6)
            }
            Expression::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (index, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undefined => f.write_str("undefined"),
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.root {
            Root::DeviceId => "deviceId",
            Root::Tags => "tags",
            Root::Reported => "properties.reported",
        })?;
        self.names.iter().try_for_each(|name| {
            let plain = name.starts_with(begins_name) && name.chars().all(continues_name) && !is_reserved(name);
            if plain { write!(f, ".{name}") } else { write!(f, ".[[{name}]]") }
        })
    }
}
