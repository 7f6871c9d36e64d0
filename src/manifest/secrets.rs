//! Where a manifest carries passwords, in all of its forms: registries, twins, and keys that lead below a section with dots.

use crate::base::jsonc::{Kind, Member, Node};

/// Tells whether a member holds a password that is not empty. The device reads keys whatever their case.
pub fn is_password(member: &Member) -> bool {
    let name = member.key.rsplit('.').next().unwrap_or_default();
    name.eq_ignore_ascii_case("password") && member.value.as_str().is_some_and(|text| !text.is_empty())
}

/// Collects the members that hold passwords, in the order of the text.
pub fn passwords(node: &Node) -> Vec<&Member> {
    let mut found = Vec::new();
    collect(node, &mut found);
    found
}

fn collect<'a>(node: &'a Node, found: &mut Vec<&'a Member>) {
    node.items().iter().for_each(|item| collect(item, found));
    for member in node.members() {
        if is_password(member) {
            found.push(member);
        } else {
            collect(&member.value, found);
        }
    }
}

/// Puts `***` in the place of every password.
pub fn mask(node: &mut Node) {
    match &mut node.kind {
        Kind::Array(items) => items.iter_mut().for_each(mask),
        Kind::Object(members) => {
            for member in members {
                if is_password(member) {
                    member.value.kind = Kind::String("***".to_owned());
                } else {
                    mask(&mut member.value);
                }
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::base::jsonc::Document;

    #[test]
    fn passwords_are_found_in_every_form_and_masked() {
        let text = r#"{"a": {"password": "1"}, "b": [{"PassWord": "2"}], "password": "", "passwords": "x",
            "properties.desired.runtime.settings.registryCredentials.r.password": "3", "c": {"password": {"password": "4"}}}"#;
        let mut root = Document::parse(text.as_bytes(), Path::new("m")).expect("JSON").root;
        let found: Vec<&str> = passwords(&root).into_iter().filter_map(|member| member.value.as_str()).collect();
        assert_eq!(found, ["1", "2", "3", "4"]);
        mask(&mut root);
        let values: Vec<&str> = passwords(&root).into_iter().filter_map(|member| member.value.as_str()).collect();
        assert_eq!(values, ["***"; 4]);
        assert_eq!(root.get("passwords").and_then(Node::as_str), Some("x"));
    }
}
