//! The schemas as tables of our own: what a document may hold, and how gravely each absence is taken. One table serves the checker of
//! manifests and the JSON Schema that editors read.

pub mod deployment;
pub mod files;
pub mod json;
#[cfg(test)]
mod tests;

/// What a value may be.
#[derive(Debug)]
pub enum Shape {
    /// Anything.
    Any,
    /// A text.
    Text(Pattern),
    /// One of some words.
    Word(Words),
    /// A whole number.
    Whole {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// A truth value.
    Truth,
    /// A text, a number or a truth value.
    Scalar,
    /// An object with known members.
    Object(&'static Object),
    /// An object whose keys are names.
    Map {
        /// What a name may be.
        names: Pattern,
        /// What stands under each.
        of: &'static Shape,
    },
    /// A list.
    List(&'static Shape),
    /// A text or an object.
    TextOr(Pattern, &'static Object),
}

/// Words of an enumeration.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// The words.
    pub words: &'static [&'static str],
    /// Whether the reader on the device ignores their case.
    pub caseless: bool,
}

/// A rule for texts, as an expression for editors and as a test.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// Regular expression (ECMA-262) without look-around; empty for any text.
    pub expression: &'static str,
    /// Tells what the rule accepts.
    pub accepts: fn(&str) -> bool,
    /// The rule in words, as a fragment.
    pub rule: &'static str,
}

/// An object with known members.
#[derive(Debug)]
pub struct Object {
    /// What it is, for editors.
    pub about: &'static str,
    /// Its members.
    pub fields: &'static [Field],
    /// Name of a text member that may go on in members with two digits behind it, `01` to `99`.
    pub numbered: Option<&'static str>,
    /// Whether it may have other members, which are not ours to know.
    pub open: bool,
}

/// A member of an object.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it may be.
    pub shape: &'static Shape,
    /// How much it is needed.
    pub need: Need,
    /// Minor version of the schema (1.x) that brought it.
    pub since: u32,
    /// What it is, for editors.
    pub about: &'static str,
}

/// How much a member is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The reader refuses a document without it.
    Required,
    /// The device has a default, the usual tools ask for it.
    Usual,
    /// It may be absent.
    Optional,
    /// It is read by nobody.
    Ignored,
}

/// Any text.
pub const ANY: Pattern = Pattern { expression: "", accepts: |_| true, rule: "any text" };

impl Object {
    /// Returns the member of a key; a numbered one counts as the member that it goes on with.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        let name = self.numbered.filter(|base| is_numbered(key, base)).unwrap_or(key);
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Tells whether a key is a name with two digits behind it, `01` to `99`.
pub fn is_numbered(key: &str, base: &str) -> bool {
    key.strip_prefix(base).is_some_and(|digits| digits.len() == 2 && digits != "00" && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Field {
    const fn new(name: &'static str, need: Need, shape: &'static Shape, about: &'static str) -> Self {
        Self { name, shape, need, since: 0, about }
    }

    const fn since(self, minor: u32) -> Self {
        Self { since: minor, ..self }
    }
}

/// Returns a member that must be there.
const fn required(name: &'static str, shape: &'static Shape, about: &'static str) -> Field {
    Field::new(name, Need::Required, shape, about)
}

/// Returns a member that may be absent.
const fn optional(name: &'static str, shape: &'static Shape, about: &'static str) -> Field {
    Field::new(name, Need::Optional, shape, about)
}
