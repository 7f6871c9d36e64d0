//! Functions of conditions: names, argument types, and what they compute.

use super::number;
use super::value::{Type, Value};

/// A function whose arguments have been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Number to number.
    Math(Math),
    /// Number to a power.
    Power,
    /// Number or text to number.
    AsNumber,
    /// Tests of one value; the type decides what is known beforehand.
    Is(Test, Type),
    /// Texts joined.
    Concat,
    /// UTF-16 units of a text.
    Length,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Part of a text.
    Substring,
    /// Place of one text in another.
    IndexOf,
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text holds another.
    Contains,
}

/// Functions from number to number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Math {
    /// Distance from zero.
    Abs,
    /// Power of e.
    Exp,
    /// Times itself.
    Square,
    /// Next whole number above.
    Ceiling,
    /// Next whole number below.
    Floor,
    /// -1, 0 or 1.
    Sign,
    /// Square root.
    Sqrt,
}

/// Tests of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// A truth value.
    Bool,
    /// Anything but undefined.
    Defined,
    /// Null; of body values the broker answers the opposite.
    Null,
    /// A finite number.
    Number,
    /// A text.
    Text,
}

/// Returns the function of a name for these argument types, and its result's type; `Err` tells the arguments that it takes.
pub fn resolve(name: &str, arguments: &[Type]) -> Option<Result<(Function, Type), &'static str>> {
    let texts = |least: usize, most: usize| {
        (least..=most).contains(&arguments.len()) && arguments.iter().all(|found| matches!(found, Type::Text | Type::Body))
    };
    let numbers = |count: usize| arguments.len() == count && arguments.iter().all(|found| matches!(found, Type::Number | Type::Body));
    let checked = |fits: bool, function, result, takes| Some(if fits { Ok((function, result)) } else { Err(takes) });
    let math = |function| checked(numbers(1), Function::Math(function), Type::Number, "one number");
    let is = |test| match arguments {
        [of] => Some(Ok((Function::Is(test, *of), Type::Bool))),
        _ => Some(Err("one value")),
    };
    match name.to_ascii_lowercase().as_str() {
        "abs" => math(Math::Abs),
        "exp" => math(Math::Exp),
        "square" => math(Math::Square),
        "ceiling" => math(Math::Ceiling),
        "floor" => math(Math::Floor),
        "sign" => math(Math::Sign),
        "sqrt" => math(Math::Sqrt),
        "power" => checked(numbers(2), Function::Power, Type::Number, "two numbers"),
        "as_number" => checked(numbers(1) || texts(1, 1), Function::AsNumber, Type::Number, "one number or text"),
        "is_bool" => is(Test::Bool),
        "is_defined" => is(Test::Defined),
        "is_null" => is(Test::Null),
        "is_number" => is(Test::Number),
        "is_string" => is(Test::Text),
        "concat" => checked(texts(2, usize::MAX), Function::Concat, Type::Text, "two or more texts"),
        "length" => checked(texts(1, 1), Function::Length, Type::Number, "one text"),
        "lower" => checked(texts(1, 1), Function::Lower, Type::Text, "one text"),
        "upper" => checked(texts(1, 1), Function::Upper, Type::Text, "one text"),
        "substring" => checked(is_substring(arguments), Function::Substring, Type::Text, "a text, a start and perhaps a length"),
        "index_of" => checked(texts(2, 2), Function::IndexOf, Type::Number, "two texts"),
        "starts_with" => checked(texts(2, 2), Function::StartsWith, Type::Bool, "two texts"),
        "ends_with" => checked(texts(2, 2), Function::EndsWith, Type::Bool, "two texts"),
        "contains" => checked(texts(2, 2), Function::Contains, Type::Bool, "two texts"),
        _ => None,
    }
}

/// Names of all functions, for suggestions.
pub const NAMES: [&str; 23] = [
    "abs",
    "exp",
    "power",
    "square",
    "ceiling",
    "floor",
    "sign",
    "sqrt",
    "as_number",
    "is_bool",
    "is_defined",
    "is_null",
    "is_number",
    "is_string",
    "concat",
    "length",
    "lower",
    "upper",
    "substring",
    "index_of",
    "starts_with",
    "ends_with",
    "contains",
];

fn is_substring(arguments: &[Type]) -> bool {
    let Some((first, numbers)) = arguments.split_first() else { return false };
    matches!(first, Type::Text | Type::Body)
        && (1..=2).contains(&numbers.len())
        && numbers.iter().all(|found| matches!(found, Type::Number | Type::Body))
}

impl Function {
    /// Computes the function; arguments of a type that only the message could tell make the result undefined.
    pub fn call(self, arguments: &[Value]) -> Value {
        match (self, arguments) {
            (Self::Is(test, of), [value]) => is(test, of, value),
            (Self::Concat, texts) => concat(texts).map_or(Value::Undefined, Value::Text),
            (Self::Math(function), [Value::Number(number)]) => Value::number(math(function, *number)),
            (Self::Power, [Value::Number(base), Value::Number(exponent)]) => Value::number(base.powf(*exponent)),
            (Self::AsNumber, [Value::Number(number)]) => Value::Number(*number),
            (Self::AsNumber, [Value::Text(text)]) => {
                String::from_utf16(text).ok().and_then(|text| number::parse(&text)).map_or(Value::Undefined, Value::number)
            }
            (Self::Length, [Value::Text(text)]) => count(text.len()),
            (Self::Lower, [Value::Text(text)]) => cased(text, |c| single(c.to_lowercase(), c)),
            (Self::Upper, [Value::Text(text)]) => cased(text, |c| single(c.to_uppercase(), c)),
            (Self::Substring, [Value::Text(text), Value::Number(start)]) => substring(text, *start, None),
            (Self::Substring, [Value::Text(text), Value::Number(start), Value::Number(length)]) => substring(text, *start, Some(*length)),
            (Self::IndexOf, [Value::Text(text), Value::Text(part)]) => index_of(text, part).map_or(Value::Number(-1.0), count),
            (Self::StartsWith, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.starts_with(part)),
            (Self::EndsWith, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.ends_with(part)),
            (Self::Contains, [Value::Text(text), Value::Text(part)]) => Value::Bool(index_of(text, part).is_some()),
            _ => Value::Undefined,
        }
    }
}

fn is(test: Test, of: Type, value: &Value) -> Value {
    let found = match (test, value) {
        (Test::Defined, value) => *value != Value::Undefined,
        (Test::Null, Value::Undefined) if of == Type::Body => return Value::Undefined,
        (Test::Null, value) if of == Type::Body => *value != Value::Missing,
        (Test::Null, value) => *value == Value::Null,
        (Test::Bool, Value::Undefined) if matches!(of, Type::Bool | Type::Body) => return Value::Undefined,
        (Test::Bool, value) => matches!(value, Value::Bool(_)),
        (Test::Number, value) => matches!(value, Value::Number(number) if number.is_finite()),
        (Test::Text, value) => matches!(value, Value::Text(_)),
    };
    Value::Bool(found)
}

fn math(function: Math, number: f64) -> f64 {
    match function {
        Math::Abs => number.abs(),
        Math::Exp => number.exp(),
        Math::Square => number * number,
        Math::Ceiling => number.ceil(),
        Math::Floor => number.floor(),
        Math::Sign if number == 0.0 => 0.0,
        Math::Sign => number.signum(),
        Math::Sqrt => number.sqrt(),
    }
}

/// Joins texts; a property without a value joins as nothing.
fn concat(texts: &[Value]) -> Option<Vec<u16>> {
    let mut joined = Vec::new();
    for text in texts {
        match text {
            Value::Text(text) => joined.extend_from_slice(text),
            Value::Null => {}
            _ => return None,
        }
    }
    Some(joined)
}

fn count(units: usize) -> Value {
    Value::Number(real(units))
}

#[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52 units")]
fn real(units: usize) -> f64 {
    units as f64
}

/// Changes case one character at a time, as the broker does: a character that would become several stays.
fn cased(text: &[u16], change: fn(char) -> char) -> Value {
    let mut changed = Vec::with_capacity(text.len());
    for unit in char::decode_utf16(text.iter().copied()) {
        match unit {
            Ok(c) => changed.extend(change(c).encode_utf16(&mut [0; 2]).iter()),
            Err(lone) => changed.push(lone.unpaired_surrogate()),
        }
    }
    Value::Text(changed)
}

fn single(mut changed: impl Iterator<Item = char>, original: char) -> char {
    match (changed.next(), changed.next()) {
        (Some(c), None) => c,
        _ => original,
    }
}

/// Cuts a part out of a text. Start and length are compared as they are and then lose their fraction; with a length, the start must lie
/// inside the text.
fn substring(text: &[u16], start: f64, length: Option<f64>) -> Value {
    let size = real(text.len());
    let fits = match length {
        None => start >= 0.0 && start <= size,
        Some(length) => start >= 0.0 && start < size && length >= 0.0 && length <= size - start,
    };
    let part = match (fits, length) {
        (false, _) => None,
        (true, None) => text.get(whole(start)..),
        (true, Some(length)) => text.get(whole(start)..whole(start) + whole(length)),
    };
    part.map_or(Value::Undefined, |part| Value::Text(part.to_vec()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the length of a text just before")]
fn whole(number: f64) -> usize {
    number as usize
}

fn index_of(text: &[u16], part: &[u16]) -> Option<usize> {
    if part.is_empty() { Some(0) } else { text.windows(part.len()).position(|window| window == part) }
}
