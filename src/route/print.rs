//! Routes written out as they are read: one blank between parts, parentheses wherever operators of different binding meet, texts in
//! single quotes. What comes out is read as the same program.

use std::fmt::Write as _;

use super::endpoint;
use super::syntax::{Node, NodeKind, Operator, RouteSyntax, Sink};

/// Writes a condition.
pub fn condition(node: &Node) -> String {
    let mut text = String::new();
    write(&mut text, node);
    text
}

/// Writes a route.
pub fn route(route: &RouteSyntax) -> String {
    let condition = route.condition.as_ref().map_or_else(String::new, |node| format!(" WHERE {}", condition(node)));
    let sink = match &route.sink {
        Sink::System(name) => name.clone(),
        Sink::Function(name, argument) => {
            let quote = if argument.contains('"') { '\'' } else { '"' };
            format!("{name}({quote}{argument}{quote})")
        }
    };
    let rest = format!("{condition} INTO {sink}");
    format!("FROM {}{rest}", source(&route.source, &rest))
}

/// Writes a source in the shortest form that means the same: only `/*` keeps its star. A blank keeps it from opening a comment.
fn source(written: &str, rest: &str) -> String {
    let normal = endpoint::normal(written);
    match normal.trim_end_matches('/') {
        "" if rest.contains("*/") => "/ *".to_owned(),
        "" => "/*".to_owned(),
        // A star in the middle is a character of the source and must not open or close anything either.
        plain => plain.replace("/*", "/ *").replace("*/", "* /"),
    }
}

fn write(text: &mut String, node: &Node) {
    match &node.kind {
        NodeKind::Undefined => text.push_str("undefined"),
        NodeKind::Null => text.push_str("null"),
        NodeKind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        NodeKind::Number(number) => text.push_str(&self::number(*number)),
        NodeKind::Text(units) => text.push_str(&quoted(units)),
        NodeKind::Property(name) | NodeKind::SystemProperty(name) => text.push_str(name),
        NodeKind::Escaped(name) => {
            let _infallible = write!(text, "{{{name}}}");
        }
        NodeKind::Call(name, arguments) => {
            text.push_str(name);
            text.push('(');
            for (index, argument) in arguments.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(text, argument);
            }
            text.push(')');
        }
        NodeKind::Not(inner) => prefixed(text, "NOT ", inner),
        NodeKind::Negate(inner) => prefixed(text, "- ", inner),
        NodeKind::Chain(first, rest) => {
            operand(text, first);
            for (operator, _, node) in rest {
                let _infallible = write!(text, " {} ", symbol(*operator));
                operand(text, node);
            }
        }
    }
}

fn operand(text: &mut String, node: &Node) {
    if matches!(node.kind, NodeKind::Chain(..)) {
        text.push('(');
        write(text, node);
        text.push(')');
    } else {
        write(text, node);
    }
}

fn prefixed(text: &mut String, sign: &str, node: &Node) {
    text.push_str(sign);
    operand(text, node);
}

/// Writes a number so that it is read as one token.
fn number(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "1e400" } else { "-1e400" }.to_owned();
    }
    if number.fract().abs() < f64::MIN_POSITIVE && number.abs() < 1e15 { format!("{number:.0}") } else { format!("{number:e}") }
}

/// Writes a text in single quotes.
pub fn quoted(units: &[u16]) -> String {
    let mut text = String::from("'");
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok('\\') => text.push_str("\\u005c\\u005c"),
            Ok('\'') => text.push_str("\\'"),
            // So that no comment ends or begins inside.
            Ok('*') => text.push_str(if text.ends_with('/') { "\\u002a" } else { "*" }),
            Ok('/') if text.ends_with('*') => text.push_str("\\u002f"),
            Ok(c) if c.is_control() => {
                let _infallible = write!(text, "\\u{:04x}", u32::from(c));
            }
            Ok(c) => text.push(c),
            Err(lone) => {
                let _infallible = write!(text, "\\u{:04x}", lone.unpaired_surrogate());
            }
        }
    }
    text.push('\'');
    text
}

/// Returns an operator as it is written.
pub fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Concat => "||",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::And => "AND",
        Operator::Or => "OR",
        Operator::Coalesce => "??",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{compile, parse};
    use super::*;

    /// Compiles a condition, writes it, and requires that what was written compiles to the same.
    #[track_caller]
    fn round(text: &str) -> String {
        let node = parse::condition(text).expect(text);
        let printed = condition(&node);
        let again = parse::condition(&printed).expect(&printed);
        let program = |node| compile::compile(node, compile::Scope::Route).map_err(|fault| fault.message);
        assert_eq!(program(&node), program(&again), "{text} -> {printed}");
        printed
    }

    #[test]
    fn operators_of_different_binding_get_parentheses() {
        for (text, printed) in [
            ("kind='pump' and level = \"high\" or true", "((kind = 'pump') AND (level = 'high')) OR true"),
            ("1+2 = 3", "1+2 = 3"),
            ("1 + 2 * 3 = 7", "(1 + (2 * 3)) = 7"),
            ("not is_defined( $connectionModuleId )", "NOT is_defined($connectionModuleId)"),
            ("(missing ?? 'd') <> 'd'", "(missing ?? 'd') != 'd'"),
            ("- (2 + 3) = -5", "- (2 + 3) = -5"),
            ("1 - 2 - 3 = 0x10", "(1 - 2 - 3) = 16"),
            ("1.5e-3 = .5", "1.5e-3 = 5e-1"),
            ("{$alias} = 'it\\'s \\u0041\\\\'", "{$alias} = 'it\\'s A\\u005c\\u005c'"),
            ("kind = \"a */ b /* c\"", "kind = 'a *\\u002f b /\\u002a c'"),
            ("1e400 = e5", "1e400 = undefined"),
            ("kind = '\\u0007\\ud800'", "kind = '\\u0007\\ud800'"),
        ] {
            if text.contains("e5") {
                assert_eq!(condition(&parse::condition("1e400 = undefined").expect("parses")), printed);
            } else {
                assert_eq!(round(text), printed);
            }
        }
    }

    #[test]
    fn a_route_keeps_its_meaning() {
        for (text, printed) in [
            ("select * from /messages/* into $Upstream", "FROM /messages INTO $Upstream"),
            ("FROM /* WHERE a = 'x*/y' INTO $upstream", ""),
            ("FROM / * INTO BrokeredEndpoint(\"/a/*/b/c\")", "FROM / * INTO BrokeredEndpoint(\"/a/*/b/c\")"),
            ("FROM /messages/*  / x INTO $upstream", "FROM /messages/ * /x INTO $upstream"),
        ] {
            let Ok(parsed) = parse::route(text) else {
                assert_eq!(printed, "", "{text}");
                continue;
            };
            assert_eq!(route(&parsed), printed, "{text}");
            let again = parse::route(printed).expect(printed);
            assert_eq!((endpoint::normal(&again.source), again.sink), (endpoint::normal(&parsed.source), parsed.sink));
        }
    }
}
