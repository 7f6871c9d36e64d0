//! Functions of the extended dialect. They are documented for message routes, not for twins: a hub may or may not take them.

use std::borrow::Cow;

use super::value::Value;

/// A function; its name is read in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text holds another.
    Contains,
    /// A text in lower case.
    Lower,
    /// A text in upper case.
    Upper,
    /// Number of UTF-16 units of a text, as message routes count them.
    Length,
    /// Whether a value is null.
    IsNull,
    /// Whether a value is a text.
    IsString,
    /// Whether a value is a number.
    IsNumber,
    /// Whether a value is true or false.
    IsBool,
    /// Whether a value is an array.
    IsArray,
    /// Whether a value is an object.
    IsObject,
    /// Whether a value is null, a truth value, a number or a text.
    IsPrimitive,
    /// Distance of a number from zero.
    Abs,
    /// The number that a text writes; a number is itself.
    AsNumber,
    /// Whether an array holds a value.
    ArrayContains,
}

/// Every spelling of every function; the first one of a function is canonical.
const NAMES: [(&str, Function); 18] = [
    ("STARTSWITH", Function::StartsWith),
    ("STARTS_WITH", Function::StartsWith),
    ("ENDSWITH", Function::EndsWith),
    ("ENDS_WITH", Function::EndsWith),
    ("CONTAINS", Function::Contains),
    ("LOWER", Function::Lower),
    ("UPPER", Function::Upper),
    ("LENGTH", Function::Length),
    ("IS_NULL", Function::IsNull),
    ("IS_STRING", Function::IsString),
    ("IS_NUMBER", Function::IsNumber),
    ("IS_BOOL", Function::IsBool),
    ("IS_ARRAY", Function::IsArray),
    ("IS_OBJECT", Function::IsObject),
    ("IS_PRIMITIVE", Function::IsPrimitive),
    ("ABS", Function::Abs),
    ("AS_NUMBER", Function::AsNumber),
    ("ARRAY_CONTAINS", Function::ArrayContains),
];

impl Function {
    /// Returns the function of a name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, function)| *function)
    }

    /// Returns the names of all functions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Returns the name in canonical text.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, function)| *function == self).map(|(name, _)| *name).expect("every function has a name")
    }

    /// Returns how many arguments it takes.
    pub const fn arity(self) -> usize {
        match self {
            Self::StartsWith | Self::EndsWith | Self::Contains | Self::ArrayContains => 2,
            _ => 1,
        }
    }

    /// Says what it takes, for messages.
    pub const fn takes(self) -> &'static str {
        match self {
            Self::StartsWith | Self::EndsWith | Self::Contains => "two texts",
            Self::Lower | Self::Upper | Self::Length => "one text",
            Self::Abs => "one number",
            Self::AsNumber => "one number or text",
            Self::ArrayContains => "an array and a value",
            _ => "one value",
        }
    }

    /// Computes the function; arguments of another type than it takes make it undefined.
    pub fn apply<'a>(self, arguments: &[Value<'a>]) -> Value<'a> {
        match (self, arguments) {
            (Self::StartsWith, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.starts_with(part.as_ref())),
            (Self::EndsWith, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.ends_with(part.as_ref())),
            (Self::Contains, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.contains(part.as_ref())),
            (Self::Lower, [Value::Text(text)]) => cased(text, |c| single(c.to_lowercase(), c)),
            (Self::Upper, [Value::Text(text)]) => cased(text, |c| single(c.to_uppercase(), c)),
            (Self::Length, [Value::Text(text)]) => length(text),
            (Self::Abs, [Value::Number(number)]) => Value::Number(number.abs()),
            (Self::AsNumber, [Value::Number(number)]) => Value::Number(*number),
            (Self::AsNumber, [Value::Text(text)]) => read_number(text).map_or(Value::Undefined, Value::Number),
            (Self::ArrayContains, [Value::Array(elements), value]) => {
                value.is_in(elements.iter().map(|element| Value::of_json(Some(element)))).into()
            }
            (test, [value]) => test.tests(value).map_or(Value::Undefined, Value::Bool),
            _ => Value::Undefined,
        }
    }

    /// Tests the type of a value; `None` for functions that test nothing. What is missing is of no type.
    fn tests(self, value: &Value<'_>) -> Option<bool> {
        Some(match self {
            Self::IsNull => matches!(value, Value::Null),
            Self::IsString => matches!(value, Value::Text(_)),
            Self::IsNumber => matches!(value, Value::Number(_)),
            Self::IsBool => matches!(value, Value::Bool(_)),
            Self::IsArray => matches!(value, Value::Array(_)),
            Self::IsObject => matches!(value, Value::Object),
            Self::IsPrimitive => matches!(value, Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_)),
            _ => return None,
        })
    }
}

/// Changes case one character at a time, as message routes do: a character that would become several stays.
fn cased<'a>(text: &str, change: impl Fn(char) -> char) -> Value<'a> {
    Value::Text(Cow::Owned(text.chars().map(change).collect()))
}

fn single(mut changed: impl Iterator<Item = char>, original: char) -> char {
    match (changed.next(), changed.next()) {
        (Some(c), None) => c,
        _ => original,
    }
}

#[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52 units")]
fn length<'a>(text: &str) -> Value<'a> {
    Value::Number(text.encode_utf16().count() as f64)
}

/// Reads a decimal number with an optional sign, fraction and exponent, blanks around it allowed.
fn read_number(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E');
    let number: f64 = text.chars().all(is_part).then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_written_in_one() {
        for (name, canonical) in [("startswith", "STARTSWITH"), ("Starts_With", "STARTSWITH"), ("ENDS_WITH", "ENDSWITH"), ("abs", "ABS")] {
            assert_eq!(Function::of(name).expect(name).name(), canonical);
        }
        for name in ["regex", "is_defined", "", "STARTS WITH", "substring"] {
            assert_eq!(Function::of(name), None, "{name}");
        }
    }

    #[test]
    fn texts_are_read_as_numbers_only_when_they_write_one() {
        for (text, number) in [("12", 12.0), (" -1.5 ", -1.5), ("+3", 3.0), ("1e3", 1000.0), ("007", 7.0)] {
            assert_eq!(read_number(text), Some(number), "{text}");
        }
        for text in ["", " ", "abc", "0x10", "1e999", "inf", "NaN", "1 2", "1,5", "e", "-"] {
            assert_eq!(read_number(text), None, "{text}");
        }
    }
}
