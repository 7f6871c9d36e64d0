//! From tree to program: every part gets its static type, and what does not fit is refused. A mismatch never becomes false.

use std::ops::Range;

use super::body::Path;
use super::error::Fault;
use super::function::{self, Function};
use super::syntax::{Node, NodeKind, Operator};
use super::value::{Type, Value};
use crate::base::text::nearest;

/// What a condition is compiled for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// A route, as a broker builds it.
    #[default]
    Route,
    /// A source of twin changes alone, which no route of a broker ever has; its one function exists only here.
    TwinChanges,
}

/// A compiled condition, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// What is computed.
    pub code: Code,
    /// Type of the result.
    pub result: Type,
    /// Bytes of the text that it came from.
    pub origin: Origin,
}

/// Where a part came from. Programs are equal when they compute the same, wherever they were written; so all origins are equal.
#[derive(Clone, Debug)]
pub struct Origin(pub Range<usize>);

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Code {
    /// A constant.
    Constant(Value),
    /// An application property.
    Property(String),
    /// A system property.
    System(String),
    /// A body value.
    Body(Path),
    /// An application property of this name, or else something.
    PropertyOr(String, Box<Program>),
    /// The opposite.
    Not(Box<Program>),
    /// The negative.
    Negate(Box<Program>),
    /// A function.
    Call(Function, Vec<Program>),
    /// Whether a twin change holds a path.
    TwinIncludes(Path),
    /// Steps from left to right.
    Steps(Box<Program>, Vec<Joined>),
}

/// An operator and its right side.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The operator as written.
    pub operator: Operator,
    /// What it does with these types.
    pub step: Step,
    /// The right side.
    pub right: Program,
    /// Type of what comes out.
    pub result: Type,
}

/// One operator with its types decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Numbers of this type; of body values, what turns out to be numbers.
    Arithmetic(Operator, Type),
    /// Texts joined.
    Concat,
    /// Values of one type, or body values.
    Compare(Operator, Type),
    /// Three-valued AND.
    And,
    /// Three-valued OR.
    Or,
    /// AND with null, which is null.
    NullAnd,
    /// OR of null with a truth value, which is that value.
    NullOr,
    /// AND or OR from a body value on: defined only when both sides are true or false.
    BodyLogic(Operator),
    /// The left value when it is defined, else the right.
    Coalesce,
}

type Compiled = Result<Program, Fault>;

/// Code of types that do not go together.
const MISMATCH: &str = "route/type-mismatch";

/// Compiles a condition.
pub fn compile(node: &Node, scope: Scope) -> Compiled {
    let program = |code, result| Program { code, result, origin: Origin(node.span.clone()) };
    let constant = |value, result| Ok(program(Code::Constant(value), result));
    match &node.kind {
        NodeKind::Undefined => constant(Value::Undefined, Type::Undefined),
        NodeKind::Null => constant(Value::Null, Type::Null),
        NodeKind::Bool(value) => constant(Value::Bool(*value), Type::Bool),
        NodeKind::Number(number) => constant(Value::number(*number), Type::Number),
        NodeKind::Text(text) => constant(Value::Text(text.clone()), Type::Text),
        NodeKind::Property(name) => Ok(program(Code::Property(name.clone()), Type::Text)),
        NodeKind::SystemProperty(name) => system_property(name, &node.span, true),
        NodeKind::Escaped(name) => system_property(name, &node.span, false),
        NodeKind::Call(name, arguments) => call(name, arguments, &node.span, scope),
        NodeKind::Not(inner) => not(inner, &node.span, scope),
        NodeKind::Negate(inner) => negate(inner, &node.span, scope),
        NodeKind::Chain(first, rest) => chain(first, rest, &node.span, scope),
    }
}

/// Compiles `$name`; without braces an application property of that whole name comes first.
fn system_property(name: &str, span: &Range<usize>, property_first: bool) -> Compiled {
    let prefix = name.get(..6).filter(|prefix| prefix.eq_ignore_ascii_case("$body."));
    let bracketed = name.contains(['[', ']']);
    let program = |code, result| Program { code, result, origin: Origin(span.clone()) };
    let found = if prefix.is_some() {
        let text = name.get(6..).unwrap_or_default();
        let path = Path::parse(text).map_err(|why| Fault::compile(span.clone(), format!("`{name}` is no body path: {why}")))?;
        program(Code::Body(path), Type::Body)
    } else if bracketed {
        program(Code::Constant(Value::Undefined), Type::Undefined)
    } else {
        program(Code::System(name.get(1..).unwrap_or_default().to_owned()), Type::Text)
    };
    if bracketed || !property_first {
        return Ok(found);
    }
    let result = found.result;
    Ok(program(Code::PropertyOr(name.to_owned(), Box::new(found)), result))
}

fn call(name: &str, arguments: &[Node], span: &Range<usize>, scope: Scope) -> Compiled {
    if name.eq_ignore_ascii_case("twin_change_includes") {
        return twin_change_includes(arguments, span, scope);
    }
    let programs = arguments.iter().map(|argument| compile(argument, scope)).collect::<Result<Vec<_>, _>>()?;
    let types: Vec<Type> = programs.iter().map(|program| program.result).collect();
    match function::resolve(name, &types) {
        Some(Ok((function, result))) => Ok(Program { code: Code::Call(function, programs), result, origin: Origin(span.clone()) }),
        Some(Err(takes)) => {
            let given: Vec<String> = types.iter().map(ToString::to_string).collect();
            let given = if given.is_empty() { "nothing".to_owned() } else { given.join(", ") };
            Err(Fault::compile(span.clone(), format!("{name} takes {takes}, not {given}")).coded(MISMATCH))
        }
        None => {
            let fault = Fault::compile(span.clone(), format!("there is no function `{name}`"));
            Err(match nearest(&name.to_ascii_lowercase(), function::NAMES) {
                Some(near) => fault.hint(format!("Did you mean `{near}`?")),
                None => fault,
            })
        }
    }
}

fn twin_change_includes(arguments: &[Node], span: &Range<usize>, scope: Scope) -> Compiled {
    if scope == Scope::Route {
        let fault =
            Fault::compile(span.clone(), "a broker refuses twin_change_includes in every route").coded("route/twin-change-includes");
        return Err(fault.hint("Route the source /twinChangeNotifications and test in the receiver."));
    }
    let refuse =
        || Fault::compile(span.clone(), "twin_change_includes takes one path below properties.reported, properties.desired or tags");
    let [Node { kind: NodeKind::Property(text), .. }] = arguments else { return Err(refuse()) };
    let begins = |root: &&str| text.get(..root.len()).is_some_and(|head| head.eq_ignore_ascii_case(root));
    let below = ["properties.reported.", "properties.desired.", "tags."].iter().any(begins);
    let path = Path::parse(text).ok().filter(|_| below).ok_or_else(refuse)?;
    Ok(Program { code: Code::TwinIncludes(path), result: Type::Bool, origin: Origin(span.clone()) })
}

fn not(inner: &Node, span: &Range<usize>, scope: Scope) -> Compiled {
    let program = compile(inner, scope)?;
    if !matches!(program.result, Type::Bool | Type::Null | Type::Body) {
        let fault = Fault::compile(inner.span.clone(), format!("NOT takes a truth value, not {}", program.result)).coded(MISMATCH);
        return Err(fault.hint("NOT binds tighter than a comparison; write NOT (kind = 'pump')."));
    }
    Ok(Program { code: Code::Not(Box::new(program)), result: Type::Bool, origin: Origin(span.clone()) })
}

fn negate(inner: &Node, span: &Range<usize>, scope: Scope) -> Compiled {
    let program = compile(inner, scope)?;
    match program.result {
        Type::Number => Ok(Program { code: Code::Negate(Box::new(program)), result: Type::Number, origin: Origin(span.clone()) }),
        Type::Body => Err(Fault::compile(span.clone(), "a body value cannot be negated")
            .coded("route/body-negation")
            .crashing()
            .hint("Write 0 - $body.name.")),
        other => Err(Fault::compile(inner.span.clone(), format!("`-` takes a number, not {other}")).coded(MISMATCH)),
    }
}

fn chain(first: &Node, rest: &[(Operator, Range<usize>, Node)], whole: &Range<usize>, scope: Scope) -> Compiled {
    let first = compile(first, scope)?;
    let mut result = first.result;
    let mut steps = Vec::with_capacity(rest.len());
    for (operator, span, node) in rest {
        let right = compile(node, scope)?;
        let (step, next) = step(*operator, span, result, right.result)?;
        steps.push(Joined { operator: *operator, step, right, result: next });
        result = next;
    }
    Ok(Program { code: Code::Steps(Box::new(first), steps), result, origin: Origin(whole.clone()) })
}

/// Decides what an operator does with operands of two types, and the type of its result.
fn step(operator: Operator, span: &Range<usize>, left: Type, right: Type) -> Result<(Step, Type), Fault> {
    let fits = |wanted: Type| (left == wanted || left == Type::Body) && (right == wanted || right == Type::Body);
    let body = left == Type::Body || right == Type::Body;
    match operator {
        Operator::Remainder if body && fits(Type::Number) => Err(Fault::compile(span.clone(), "`%` cannot take a body value")
            .coded("route/body-modulo")
            .crashing()
            .hint("Write as_number($body.name) % 2.")),
        Operator::Multiply | Operator::Divide | Operator::Remainder | Operator::Add | Operator::Subtract if fits(Type::Number) => {
            let result = if body { Type::Body } else { Type::Number };
            Ok((Step::Arithmetic(operator, result), result))
        }
        Operator::Concat if fits(Type::Text) => Ok((Step::Concat, Type::Text)),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual | Operator::Equal | Operator::NotEqual
            if comparable(left, right) =>
        {
            Ok((Step::Compare(operator, if body { Type::Body } else { left }), Type::Bool))
        }
        Operator::Coalesce if comparable(left, right) => Ok((Step::Coalesce, if body { Type::Body } else { left })),
        Operator::And | Operator::Or => logic(operator, span, left, right),
        _ => Err(mismatch(operator, span, left, right)),
    }
}

fn comparable(left: Type, right: Type) -> bool {
    match (left, right) {
        (Type::Body, other) | (other, Type::Body) => other != Type::Undefined,
        (left, right) => left == right,
    }
}

fn logic(operator: Operator, span: &Range<usize>, left: Type, right: Type) -> Result<(Step, Type), Fault> {
    let crash = || Fault::compile(span.clone(), format!("{left} and {right} cannot be joined")).coded(MISMATCH).crashing();
    match (left, right) {
        (Type::Body | Type::Null, Type::Undefined) | (Type::Undefined, Type::Null) => Err(crash()),
        (Type::Body, Type::Null) if operator == Operator::And => Err(crash()),
        (Type::Body, _) => Ok((Step::BodyLogic(operator), Type::Bool)),
        (Type::Null, Type::Null) => Ok((Step::NullAnd, Type::Null)),
        (Type::Null, Type::Bool) | (Type::Bool, Type::Null) => Ok(match operator {
            Operator::And => (Step::NullAnd, Type::Null),
            _ => (Step::NullOr, Type::Bool),
        }),
        (Type::Bool | Type::Undefined, Type::Bool | Type::Undefined) => {
            Ok((if operator == Operator::And { Step::And } else { Step::Or }, Type::Bool))
        }
        _ => Err(mismatch(operator, span, left, right)),
    }
}

/// Says that two types do not go together, with the usual way out.
fn mismatch(operator: Operator, span: &Range<usize>, left: Type, right: Type) -> Fault {
    let fault = Fault::compile(span.clone(), format!("this operator does not take {left} and {right}")).coded(MISMATCH);
    let logic = matches!(operator, Operator::And | Operator::Or);
    match (left, right) {
        (_, Type::Body) if logic => fault.coded("route/body-on-right").hint("Write the body value first: $body.ok AND kind = 'pump'."),
        _ if logic => fault.hint("AND and OR join comparisons, such as kind = 'pump' AND level = 'high'."),
        (Type::Text, Type::Number) | (Type::Number, Type::Text) => {
            fault.hint("Properties are texts: write as_number(temperature) > 50, or compare with a text.")
        }
        (Type::Text, Type::Bool) | (Type::Bool, Type::Text) => fault.hint("Properties are texts: write flag = 'true'."),
        (Type::Text, Type::Null | Type::Undefined) => fault.hint("Write is_defined(name) or is_null(name)."),
        _ => fault,
    }
}
