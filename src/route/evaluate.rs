//! The truth of a compiled condition over one message.

use std::cell::OnceCell;

use super::body::{self, Found, Json, Unreadable};
use super::compile::{Code, Joined, Program, Step};
use super::function::Function;
use super::syntax::Operator;
use super::value::{Truth, Type, Value};
use crate::model::Message;

/// A message as conditions see it. The body is read once, and only if a condition asks for it.
pub struct Subject<'a> {
    message: &'a Message,
    body: OnceCell<Result<Json, Unreadable>>,
}

/// Sees what every part of a condition came to, operands before what joins them.
pub trait Trace {
    /// A part has a value; the values of its parts were seen just before, in the order of the text.
    fn found(&mut self, program: &Program, value: &Value);
    /// The value on the left of an operator and the one on its right came to a value. The last of a chain is its value.
    fn joined(&mut self, chain: &Program, joined: &Joined, value: &Value);
}

/// Looks away.
struct Silent;

impl Trace for Silent {
    fn found(&mut self, _: &Program, _: &Value) {}
    fn joined(&mut self, _: &Program, _: &Joined, _: &Value) {}
}

impl<'a> Subject<'a> {
    /// Prepares a message.
    pub fn new(message: &'a Message) -> Self {
        Self { message, body: OnceCell::new() }
    }

    /// Returns an application property: absent, without a value (null), or a text.
    pub fn property(&self, name: &str) -> Option<Value> {
        let properties = &self.message.properties;
        let found = properties.get(name).or_else(|| properties.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value));
        found.map(|value| value.as_deref().map_or(Value::Null, Value::text))
    }

    fn system(&self, name: &str) -> Option<&'a str> {
        let found = self.message.system_properties.iter().find(|(key, _)| same_name(key, name));
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the body, or why it cannot be read.
    pub fn body(&self) -> Result<&Json, &Unreadable> {
        let read = || body::read(&self.message.body, self.system("contentType"), self.system("contentEncoding"));
        self.body.get_or_init(read).as_ref()
    }
}

/// Compares names without regard to case, one character at a time.
fn same_name(left: &str, right: &str) -> bool {
    let upper = |text: &str| text.chars().map(|c| c.to_uppercase().next().unwrap_or(c)).collect::<Vec<_>>();
    left.eq_ignore_ascii_case(right) || (!(left.is_ascii() && right.is_ascii()) && upper(left) == upper(right))
}

/// Returns the truth of a condition over a message.
pub fn truth(program: &Program, subject: &Subject<'_>) -> Truth {
    traced(program, subject, &mut Silent)
}

/// Returns the truth of a condition over a message, and shows how it came about.
pub fn traced(program: &Program, subject: &Subject<'_>, trace: &mut impl Trace) -> Truth {
    value(program, subject, trace).truth(program.result)
}

fn value(program: &Program, subject: &Subject<'_>, trace: &mut impl Trace) -> Value {
    let found = match &program.code {
        Code::Constant(constant) => constant.clone(),
        Code::Property(name) => subject.property(name).unwrap_or(Value::Undefined),
        Code::System(name) => subject.system(name).map_or(Value::Undefined, Value::text),
        Code::Body(path) => path.value(subject.body().ok()),
        // The other meaning is no part of its own: it stands in the same place.
        Code::PropertyOr(name, other) => subject.property(name).unwrap_or_else(|| value(other, subject, &mut Silent)),
        Code::Not(inner) => match value(inner, subject, trace) {
            Value::Bool(truth) => Value::Bool(!truth),
            Value::Null if inner.result == Type::Null => Value::Bool(true),
            _ => Value::Undefined,
        },
        Code::Negate(inner) => match value(inner, subject, trace) {
            Value::Number(number) => Value::Number(-number),
            _ => Value::Undefined,
        },
        Code::Call(function, arguments) => {
            function.call(&arguments.iter().map(|argument| value(argument, subject, trace)).collect::<Vec<_>>())
        }
        Code::TwinIncludes(path) => subject.body().map_or(Value::Undefined, |body| Value::Bool(path.find(body) != Found::Nothing)),
        Code::Steps(first, steps) => {
            let mut left = value(first, subject, trace);
            for joined in steps {
                let right = value(&joined.right, subject, trace);
                left = apply(joined.step, left, right);
                trace.joined(program, joined, &left);
            }
            return left;
        }
    };
    trace.found(program, &found);
    found
}

fn apply(step: Step, left: Value, right: Value) -> Value {
    match step {
        Step::Arithmetic(operator, of) => arithmetic(operator, &left, &right, of),
        Step::Concat => Function::Concat.call(&[left, right]),
        Step::Compare(operator, of) => compare(operator, &left, &right, of),
        Step::And => match (left, right) {
            (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
            (Value::Bool(true), Value::Bool(true)) => Value::Bool(true),
            _ => Value::Undefined,
        },
        Step::Or => match (left, right) {
            (Value::Bool(true), _) | (_, Value::Bool(true)) => Value::Bool(true),
            (Value::Bool(false), Value::Bool(false)) => Value::Bool(false),
            _ => Value::Undefined,
        },
        Step::NullAnd => Value::Null,
        Step::NullOr => {
            if left == Value::Null {
                right
            } else {
                left
            }
        }
        Step::BodyLogic(operator) => match (left, right) {
            (Value::Bool(left), Value::Bool(right)) if operator == Operator::And => Value::Bool(left && right),
            (Value::Bool(left), Value::Bool(right)) => Value::Bool(left || right),
            _ => Value::Undefined,
        },
        Step::Coalesce => {
            if left == Value::Undefined {
                right
            } else {
                left
            }
        }
    }
}

fn arithmetic(operator: Operator, left: &Value, right: &Value, of: Type) -> Value {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return Value::Undefined };
    let number = match operator {
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
        Operator::Add => left + right,
        _ => left - right,
    };
    // Among body values, what is not a number stays a value.
    if of == Type::Body { Value::Number(number) } else { Value::number(number) }
}

fn compare(operator: Operator, left: &Value, right: &Value, of: Type) -> Value {
    let Some(order) = left.order(right, of) else { return Value::Undefined };
    Value::Bool(match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Equal => order.is_eq(),
        _ => order.is_ne(),
    })
}
