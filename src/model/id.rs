//! Names with rules: solution, module, device, ring, release.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::{Diagnose, Exit};

/// A name that its owner would refuse.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is no {kind} name: {rule}")]
pub struct IdError {
    /// What the name should name.
    pub kind: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
    /// The name as it came.
    pub text: String,
}

impl Diagnose for IdError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "name/refused"
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(IdError { kind: $kind, rule: $rule, text: text.to_owned() }) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name_type!(
    /// Name of a solution; part of image repositories and ledger refs.
    SolutionName,
    "solution",
    "use 1 to 63 characters of a-z, 0-9 and -, starting with a letter or digit",
    |text| text.len() <= 63 && text.starts_with(is_lower) && text.chars().all(|c| is_lower(c) || c == '-')
);

name_type!(
    /// Name of an edge module, as the agent and the image repository both accept it.
    ModuleId,
    "module",
    "use 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or digit",
    |text| text.len() <= 63 && text.starts_with(is_lower) && text.chars().all(|c| is_lower(c) || c == '_' || c == '-') && repository_segment(text)
);

name_type!(
    /// Id of a device in the hub's registry; case-sensitive.
    DeviceId,
    "device",
    "use 1 to 128 characters of A-Z, a-z, 0-9 and - : . + % _ # * ? ! ( ) , = @ ; $ '",
    |text| !text.is_empty() && text.len() <= 128 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-:.+%_#*?!(),=@;$'".contains(c))
);

name_type!(
    /// Name of a ring; part of ledger refs and configuration ids.
    RingName,
    "ring",
    "use 1 to 63 characters of a-z, 0-9 and -, starting with a letter or digit",
    |text| text.len() <= 63 && text.starts_with(is_lower) && text.chars().all(|c| is_lower(c) || c == '-')
);

name_type!(
    /// Name of a release, chosen by the user, such as `v1.4.0`; part of ledger refs.
    ReleaseName,
    "release",
    "use 1 to 63 characters of A-Z, a-z, 0-9, . _ and -, starting with a letter or digit, without .. and not ending in . or .lock",
    |text| {
        text.len() <= 63
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            && !text.contains("..")
            && !text.ends_with('.')
            && !text.to_ascii_lowercase().ends_with(".lock")
    }
);

fn is_lower(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Tells whether text can be a path segment of an image repository: separators (`_`, `__` or dashes) stand between letters or digits.
fn repository_segment(text: &str) -> bool {
    !text.ends_with(['_', '-']) && !text.contains("___") && !text.contains("_-") && !text.contains("-_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_names_serve_agent_and_registry() {
        for good in ["sensor", "filter-2", "a_b", "a__b", "9"] {
            assert!(good.parse::<ModuleId>().is_ok(), "{good}");
        }
        for bad in ["", "Sensor", "$edgeAgent", "a.b", "a b", "-a", "a-", "a___b", "a_-b", "ä", "../x", &"x".repeat(64)] {
            assert!(bad.parse::<ModuleId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn release_names_are_safe_in_git_refs() {
        for good in ["v1.4.0", "2026-11_rc.1", "V2"] {
            assert!(good.parse::<ReleaseName>().is_ok(), "{good}");
        }
        for bad in ["", ".v1", "v1..2", "v1.", "v1.lock", "v1.LOCK", "a/b", "a b", "v1~2", "-v"] {
            assert!(bad.parse::<ReleaseName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn device_ids_follow_the_hub() {
        assert!("Gateway-01:a.b'$".parse::<DeviceId>().is_ok());
        for bad in ["", "a b", "a/b", "ü", &"x".repeat(129)] {
            assert!(bad.parse::<DeviceId>().is_err(), "{bad}");
        }
    }
}
