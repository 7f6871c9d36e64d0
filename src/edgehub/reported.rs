//! Rules for a patch of reported properties, checked before anything is stored.

use serde_json::Value;

const PATCH_BYTES: usize = 32 * 1024;
const DEPTH: usize = 10;
const NAME_BYTES: usize = 1024;
const VALUE_BYTES: usize = 4096;
const INTEGER_MINIMUM: i64 = -(1 << 52);
const INTEGER_MAXIMUM: i64 = (1 << 52) - 1;

/// A patch that the hub refuses with status 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportedError {
    /// No JSON object.
    #[error("the reported properties are no JSON object")]
    NoObject,
    /// Larger than 32 KiB.
    #[error("the reported properties have {bytes} bytes, more than {PATCH_BYTES}")]
    TooLarge {
        /// Their size.
        bytes: usize,
    },
    /// Deeper than ten objects below the patch itself.
    #[error("the reported properties are nested deeper than {DEPTH} objects")]
    TooDeep,
    /// A name of more than 1024 bytes; its first characters.
    #[error("the property name {0}… is longer than {NAME_BYTES} bytes")]
    LongName(String),
    /// A character that names may not have.
    #[error("the property name {name} contains the character {character:?}")]
    Character {
        /// The name.
        name: String,
        /// The character.
        character: char,
    },
    /// Text of more than 4096 bytes.
    #[error("the value of {name} has {bytes} bytes, more than {VALUE_BYTES}")]
    LongValue {
        /// Name of the property.
        name: String,
        /// Size of the value.
        bytes: usize,
    },
    /// An integer outside ±2^52.
    #[error("the integer value of {name} is outside -2^52 to 2^52-1")]
    Integer {
        /// Name of the property.
        name: String,
    },
    /// A null in an array.
    #[error("an array in the reported properties holds a null")]
    NullInArray,
}

/// Reads and checks a patch.
pub fn parse(bytes: &[u8]) -> Result<Value, ReportedError> {
    if bytes.len() > PATCH_BYTES {
        return Err(ReportedError::TooLarge { bytes: bytes.len() });
    }
    let patch: Value = serde_json::from_slice(bytes).map_err(|_| ReportedError::NoObject)?;
    if !patch.is_object() {
        return Err(ReportedError::NoObject);
    }
    check("", &patch, 0, false)?;
    Ok(patch)
}

fn check(name: &str, value: &Value, depth: usize, in_array: bool) -> Result<(), ReportedError> {
    match value {
        Value::Object(members) => {
            if depth > DEPTH {
                return Err(ReportedError::TooDeep);
            }
            for (name, value) in members {
                check_name(name)?;
                check(name, value, depth + 1, in_array)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| check(name, item, depth, true)),
        Value::Null if in_array => Err(ReportedError::NullInArray),
        Value::String(text) if text.len() > VALUE_BYTES => Err(ReportedError::LongValue { name: name.to_owned(), bytes: text.len() }),
        Value::Number(number) => {
            let integer = number.is_i64() || number.is_u64();
            let fits = number.as_i64().is_some_and(|number| (INTEGER_MINIMUM..=INTEGER_MAXIMUM).contains(&number));
            if integer && !fits { Err(ReportedError::Integer { name: name.to_owned() }) } else { Ok(()) }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), ReportedError> {
    if name.len() > NAME_BYTES {
        return Err(ReportedError::LongName(name.chars().take(10).collect()));
    }
    match name.chars().find(|c| c.is_control() || " .$#".contains(*c)) {
        Some(character) => Err(ReportedError::Character { name: name.to_owned(), character }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edgehub::tests::wire_cases;

    #[test]
    fn patches_follow_the_product() {
        for case in wire_cases("reported") {
            let answer = if parse(case["json"].as_str().expect("json").as_bytes()).is_ok() { "ok" } else { "error" };
            assert_eq!(answer, case["expect"], "{}", case["id"]);
        }
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let ok = |text: &str| parse(text.as_bytes());
        assert!(ok(r#"{"a": 4503599627370495, "b": -4503599627370496, "c": 1e300}"#).is_ok());
        assert_eq!(ok(r#"{"a": 4503599627370496}"#), Err(ReportedError::Integer { name: "a".into() }));
        assert_eq!(ok(r#"{"a": 18446744073709551615}"#), Err(ReportedError::Integer { name: "a".into() }));
        let nested = |depth: usize| format!("{}1{}", r#"{"n":"#.repeat(depth), "}".repeat(depth));
        assert!(ok(&nested(11)).is_ok(), "the patch itself and ten objects below it");
        assert_eq!(ok(&nested(12)), Err(ReportedError::TooDeep));
        assert_eq!(ok(r#"{"a": [{"b": null}]}"#), Err(ReportedError::NullInArray));
        assert!(ok(r#"{"a": null}"#).is_ok());
        for text in ["", "[]", "1", "{", "null"] {
            assert_eq!(ok(text), Err(ReportedError::NoObject), "{text}");
        }
        assert!(matches!(ok(&format!("{{\"a\":[{}1]}}", "1,".repeat(20_000))), Err(ReportedError::TooLarge { .. })));
    }
}
