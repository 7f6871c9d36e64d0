//! JSON text of a tree, byte for byte as each tool prints it.

use std::fmt::Write as _;

use super::number;
use crate::base::jsonc::{Kind, Member, Node};

/// Whose rules numbers, characters and the order of keys follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Ours: UTF-8, digits and order as written.
    Plain,
    /// Python's `json.dumps`: ASCII, its numbers.
    Python,
    /// JavaScript's `JSON.stringify`: UTF-8, doubles, keys that are array indexes first.
    JavaScript,
}

/// First of the characters that stand for halves of a surrogate pair, U+D800 to U+DFFF in order: the last 2,048 of the private planes. A
/// text cannot hold such halves; JavaScript prints them as escapes.
pub const LONE_SURROGATES: u32 = 0x10_F800;

/// Prints a tree with an indent of two blanks, without a final line break.
pub fn pretty(node: &Node, style: Style) -> String {
    let mut out = String::new();
    write_node(&mut out, node, style, Some(0));
    out
}

/// Prints a tree without blanks.
pub fn compact(node: &Node, style: Style) -> String {
    let mut out = String::new();
    write_node(&mut out, node, style, None);
    out
}

/// Returns the tree with each key of an object once: the last value, at the place of the first, as all readers keep it.
pub fn deduplicated(node: Node) -> Node {
    let kind = match node.kind {
        Kind::Array(items) => Kind::Array(items.into_iter().map(deduplicated).collect()),
        Kind::Object(members) => {
            let mut places = std::collections::BTreeMap::new();
            let mut kept: Vec<Member> = Vec::with_capacity(members.len());
            for member in members {
                let member = Member { value: deduplicated(member.value), ..member };
                if let Some(place) = places.get(&member.key) {
                    kept[*place] = member;
                } else {
                    places.insert(member.key.clone(), kept.len());
                    kept.push(member);
                }
            }
            Kind::Object(kept)
        }
        scalar => scalar,
    };
    Node { kind, ..node }
}

fn write_node(out: &mut String, node: &Node, style: Style, indent: Option<usize>) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(digits) => match style {
            Style::Plain => out.push_str(digits),
            Style::Python => out.push_str(&number::python(digits)),
            Style::JavaScript => out.push_str(&number::javascript(digits)),
        },
        Kind::String(text) => write_text(out, text, style),
        Kind::Array(items) => {
            write_list(out, ['[', ']'], items.iter(), indent, |out, item, inner| write_node(out, item, style, inner));
        }
        Kind::Object(members) => {
            let mut members: Vec<&Member> = members.iter().collect();
            if style == Style::JavaScript {
                members.sort_by_key(|member| array_index(&member.key).map_or((1, 0), |index| (0, index)));
            }
            write_list(out, ['{', '}'], members.into_iter(), indent, |out, member, inner| {
                write_text(out, &member.key, style);
                out.push_str(if inner.is_some() { ": " } else { ":" });
                write_node(out, &member.value, style, inner);
            });
        }
    }
}

fn write_list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl ExactSizeIterator<Item = T>,
    indent: Option<usize>,
    mut write: impl FnMut(&mut String, T, Option<usize>),
) {
    let (inner, empty) = (indent.map(|indent| indent + 2), items.len() == 0);
    out.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, inner);
        write(out, item, inner);
    }
    if !empty {
        line(out, indent);
    }
    out.push(close);
}

fn line(out: &mut String, indent: Option<usize>) {
    if let Some(indent) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn write_text(out: &mut String, text: &str, style: Style) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => escape(out, control as u32),
            ' '..='~' => out.push(character),
            _ if style == Style::Python => {
                character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escape(out, u32::from(*unit)));
            }
            half if style == Style::JavaScript && half as u32 >= LONE_SURROGATES => escape(out, half as u32 - LONE_SURROGATES + 0xD800),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn escape(out: &mut String, unit: u32) {
    write!(out, "\\u{unit:04x}").expect("a String takes all text");
}

/// Returns the number of a key that JavaScript takes for an index of an array: 0 to 2^32 - 2, written without leading zeros.
fn array_index(key: &str) -> Option<u32> {
    key.parse::<u32>().ok().filter(|index| *index < u32::MAX && index.to_string() == key)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::base::jsonc::Document;

    fn node(text: &str) -> Node {
        deduplicated(Document::parse(text.as_bytes(), Path::new("t.json")).expect("JSON").root)
    }

    #[test]
    fn each_style_prints_its_own_way() {
        let node = node(r#"{"b":1.50,"10":[],"é\u007f":"\u0001\u2028😀/","9":{},"01":[1,{"x":null}],"b":1e5}"#);
        assert_eq!(
            compact(&node, Style::Plain),
            "{\"b\":1e5,\"10\":[],\"é\u{7f}\":\"\\u0001\u{2028}😀/\",\"9\":{},\"01\":[1,{\"x\":null}]}"
        );
        assert_eq!(
            compact(&node, Style::Python),
            r#"{"b":100000.0,"10":[],"\u00e9\u007f":"\u0001\u2028\ud83d\ude00/","9":{},"01":[1,{"x":null}]}"#
        );
        assert_eq!(
            compact(&node, Style::JavaScript),
            "{\"9\":{},\"10\":[],\"b\":100000,\"é\u{7f}\":\"\\u0001\u{2028}😀/\",\"01\":[1,{\"x\":null}]}"
        );
        assert_eq!(pretty(&node, Style::JavaScript).lines().nth(1), Some("  \"9\": {},"));
        assert!(pretty(&node, Style::Plain).ends_with("    {\n      \"x\": null\n    }\n  ]\n}"));
    }
}
