//! The truth of a compiled condition over one message.

use std::cell::OnceCell;

use super::body::{self, Json};
use super::compile::{Code, Program, Step};
use super::function::Function;
use super::syntax::Operator;
use super::value::{Truth, Type, Value};
use crate::model::Message;

/// A message as conditions see it. The body is read once, and only if a condition asks for it.
pub struct Subject<'a> {
    message: &'a Message,
    body: OnceCell<Option<Json>>,
}

impl<'a> Subject<'a> {
    /// Prepares a message.
    pub fn new(message: &'a Message) -> Self {
        Self { message, body: OnceCell::new() }
    }

    fn property(&self, name: &str) -> Option<Value> {
        let properties = &self.message.properties;
        let found = properties.get(name).or_else(|| properties.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value));
        found.map(|value| value.as_deref().map_or(Value::Null, Value::text))
    }

    fn system(&self, name: &str) -> Option<&'a str> {
        let found = self.message.system_properties.iter().find(|(key, _)| same_name(key, name));
        found.map(|(_, value)| value.as_str())
    }

    fn body(&self) -> Option<&Json> {
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
    value(&program.code, subject).truth(program.result)
}

fn value(code: &Code, subject: &Subject<'_>) -> Value {
    match code {
        Code::Constant(constant) => constant.clone(),
        Code::Property(name) => subject.property(name).unwrap_or(Value::Undefined),
        Code::System(name) => subject.system(name).map_or(Value::Undefined, Value::text),
        Code::Body(path) => path.value(subject.body()),
        Code::PropertyOr(name, other) => subject.property(name).unwrap_or_else(|| value(other, subject)),
        Code::Not(inner) => match value(&inner.code, subject) {
            Value::Bool(truth) => Value::Bool(!truth),
            Value::Null if inner.result == Type::Null => Value::Bool(true),
            _ => Value::Undefined,
        },
        Code::Negate(inner) => match value(&inner.code, subject) {
            Value::Number(number) => Value::Number(-number),
            _ => Value::Undefined,
        },
        Code::Call(function, arguments) => function.call(&arguments.iter().map(|argument| value(argument, subject)).collect::<Vec<_>>()),
        Code::TwinIncludes(path) => subject.body().map_or(Value::Undefined, |body| Value::Bool(path.find(body).is_some())),
        Code::Steps(first, steps) => {
            steps.iter().fold(value(first, subject), |left, (step, right)| apply(*step, left, value(right, subject)))
        }
    }
}

fn apply(step: Step, left: Value, right: Value) -> Value {
    match step {
        Step::Arithmetic(operator) => arithmetic(operator, &left, &right),
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

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Value {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return Value::Undefined };
    Value::number(match operator {
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
        Operator::Add => left + right,
        _ => left - right,
    })
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
