//! The placeholders of a text, for the strict reading: variables, images of modules, and what only looks like one.

use std::ops::Range;

use super::expand::word;

/// A part of a text that a tool may replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder<'a> {
    /// Its bytes.
    pub span: Range<usize>,
    /// What it stands for.
    pub kind: Kind<'a>,
}

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// `$NAME`, `${NAME}` or `${NAME:-default}`.
    Variable {
        /// The name.
        name: &'a str,
        /// What stands for it when it is not set.
        default: Option<&'a str>,
        /// Whether it stands in braces.
        braced: bool,
    },
    /// `${MODULES.folder}` with a platform, `debug` or nothing behind: what follows `MODULES.`.
    Module(&'a str),
    /// `${MODULEDIR<folder>}` with a platform, `debug` or nothing behind.
    ModuleDir {
        /// The folder, relative to the template.
        folder: &'a str,
        /// What follows the folder and a dot.
        platform: Option<&'a str>,
    },
    /// Braces that do not close.
    Open,
    /// Braces around nothing.
    Empty,
    /// A reference inside of another, as in `${A:-${B}}`, which no tool resolves: up to the brace that closes the outer one.
    Nested,
    /// `#{name}#` or `__NAME__`, which a pipeline replaces before the tools see it.
    PipelineToken,
}

/// Names that are no variables without braces: documents of the hub carry them.
pub const RESERVED: [&str; 4] = ["edgeAgent", "edgeHub", "upstream", "schema"];

/// System properties of a message, which a route names with a dollar sign.
pub const SYSTEM_PROPERTIES: [&str; 22] = [
    "absolute-expiry-time",
    "ack",
    "body",
    "cid",
    "connectionDeviceId",
    "connectionModuleId",
    "contentEncoding",
    "contentType",
    "correlationId",
    "creationTime",
    "dt-subject",
    "edgeHubOriginInterface",
    "edgeMessageId",
    "enqueuedTime",
    "inputName",
    "messageId",
    "messageSchema",
    "messageType",
    "modelId",
    "operation",
    "outputName",
    "to",
];

/// Tells whether a name without braces means a part of a message inside a route.
pub fn is_system_property(name: &str) -> bool {
    let word_of = |property: &&str| property.get(..word(property)).is_some_and(|head| head.eq_ignore_ascii_case(name));
    SYSTEM_PROPERTIES.iter().any(word_of) || ["userId", "iothub", "twin"].iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Finds the placeholders of a text, from left to right.
pub fn scan(text: &str) -> Vec<Placeholder<'_>> {
    let mut found = pipeline_tokens(text);
    let mut at = 0;
    while let Some(dollar) = text.get(at..).and_then(|rest| rest.find('$')).map(|offset| at + offset) {
        let rest = text.get(dollar + 1..).unwrap_or_default();
        let (length, kind) = if let Some(inside) = rest.strip_prefix('{') {
            match inside.find('}') {
                Some(close) if inside.get(..close).is_some_and(|name| name.contains("${")) => (outer(rest) + 1, Kind::Nested),
                Some(close) => (close + 3, braced(inside.get(..close).unwrap_or_default())),
                None => (2, Kind::Open),
            }
        } else {
            // A name does not begin with a digit: `$1` is a part of some other language.
            let length = if rest.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { word(rest) };
            let name = rest.get(..length).unwrap_or_default();
            if name.is_empty() {
                at = dollar + 1;
                continue;
            }
            (length + 1, Kind::Variable { name, default: None, braced: false })
        };
        found.push(Placeholder { span: dollar..dollar + length, kind });
        at = dollar + length;
        if kind == Kind::Open {
            break;
        }
    }
    found.sort_by_key(|placeholder| placeholder.span.start);
    found
}

/// Returns the length up to the brace that closes the first one of a text, or the whole length when none does.
fn outer(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Reads what stands between braces.
fn braced(inside: &str) -> Kind<'_> {
    if let Some(module) = inside.strip_prefix("MODULES.") {
        return Kind::Module(module);
    }
    if let Some((folder, behind)) = inside.strip_prefix("MODULEDIR<").and_then(|rest| rest.rsplit_once('>'))
        && (behind.is_empty() || behind.starts_with('.'))
    {
        return Kind::ModuleDir { folder, platform: behind.strip_prefix('.') };
    }
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    if name.is_empty() { Kind::Empty } else { Kind::Variable { name, default, braced: true } }
}

/// Bytes of a pipeline's token within which it must end.
const LONGEST_TOKEN: usize = 256;

/// Finds `#{name}#` and `__NAME__`; those inside a reference are not told apart from its name.
fn pipeline_tokens(text: &str) -> Vec<Placeholder<'_>> {
    let mut found = Vec::new();
    let mut take = |open: &str, close: &str, inside: fn(&str) -> bool| {
        let mut at = 0;
        while let Some(start) = text.get(at..).and_then(|rest| rest.find(open)).map(|offset| at + offset) {
            let rest = text.get(start + open.len()..).unwrap_or_default();
            // Names are short; without a bound a row of openings would be looked through to its end each time.
            let near = rest.get(..rest.floor_char_boundary(LONGEST_TOKEN)).unwrap_or(rest);
            at = start + open.len();
            if let Some(end) = near.find(close).filter(|end| near.get(..*end).is_some_and(inside)) {
                at += end + close.len();
                found.push(Placeholder { span: start..at, kind: Kind::PipelineToken });
            }
        }
    };
    take("#{", "}#", |name| !name.is_empty() && !name.contains(['{', '}', '\n']));
    take("__", "__", |name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        scan(text).into_iter().map(|placeholder| placeholder.kind).collect()
    }

    fn variable<'a>(name: &'a str, default: Option<&'a str>, braced: bool) -> Kind<'a> {
        Kind::Variable { name, default, braced }
    }

    #[test]
    fn every_kind_is_told() {
        assert_eq!(kinds("$A-${B}${C:-d e}"), [variable("A", None, false), variable("B", None, true), variable("C", Some("d e"), true)]);
        assert_eq!(kinds("${MODULES.filter.amd64.debug}"), [Kind::Module("filter.amd64.debug")]);
        assert_eq!(kinds("${MODULEDIR<../a>}"), [Kind::ModuleDir { folder: "../a", platform: None }]);
        assert_eq!(kinds("${MODULEDIR<../a>.amd64}"), [Kind::ModuleDir { folder: "../a", platform: Some("amd64") }]);
        assert_eq!(kinds("${} ${x"), [Kind::Empty, Kind::Open]);
        assert_eq!(kinds("${A:-${B}}$C"), [Kind::Nested, variable("C", None, false)]);
        assert_eq!(scan("${A:-${B}").first().map(|found| (found.span.clone(), found.kind)), Some((0..9, Kind::Nested)));
        assert_eq!(kinds("#{secret}# __HOST__"), [Kind::PipelineToken, Kind::PipelineToken]);
        assert_eq!(kinds("$schema-template $.path ^a$ $1 100$ a#{b"), [variable("schema", None, false)]);
    }

    #[test]
    fn names_of_messages_are_known() {
        assert!(["connectionModuleId", "CONTENTTYPE", "body", "absolute", "userId"].into_iter().all(is_system_property));
        assert!(!is_system_property("REGISTRY"));
    }

    #[test]
    fn long_rows_are_answered_at_once() {
        for text in ["${", "#{", "__", "$", "${a", "__a"] {
            let row = text.repeat(1 << 18);
            scan(&row);
            scan(&(row + "}#"));
        }
    }

    proptest! {
        #[test]
        fn spans_lie_in_the_text_and_do_not_overlap(text in "[$A{}#_<>MODULES.:é -]{0,60}") {
            let found = scan(&text);
            prop_assert!(found.iter().all(|placeholder| text.get(placeholder.span.clone()).is_some()));
            let variables: Vec<_> = found.iter().filter(|placeholder| placeholder.kind != Kind::PipelineToken).collect();
            prop_assert!(variables.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        }
    }
}
