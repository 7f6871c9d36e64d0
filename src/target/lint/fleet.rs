//! What only a fleet tells: attributes whose type is not that of what they are compared with.

use super::{Lint, visit};
use crate::base::finding::{Edit, Fix};
use crate::target::expression::{Comparison, Constant, Expression, Node, Path};
use crate::target::fleet::{FleetIndex, Kinds};

/// Finds comparisons with constants of a type that few or no devices have there, and with arrays.
pub(super) fn types(node: &Node, devices: &FleetIndex) -> Vec<Lint> {
    let mut found = Vec::new();
    visit(node, &mut |part| match &part.expression {
        Expression::Compare(comparison, left, right) => {
            for (path, other) in [(left, right), (right, left)] {
                let Expression::Path(path) = &path.expression else { continue };
                let Some(kinds) = devices.kinds(path) else { continue };
                found.extend(arrays(part, path, kinds));
                if let Expression::Constant(constant) = &other.expression {
                    found.extend(mismatch(part, path, &[constant], kinds, rewritten(other, constant, *comparison)));
                }
            }
        }
        Expression::In { operand, list, .. } => {
            let Expression::Path(path) = &operand.expression else { return };
            let Some(kinds) = devices.kinds(path) else { return };
            found.extend(arrays(part, path, kinds));
            found.extend(mismatch(part, path, &list.iter().collect::<Vec<_>>(), kinds, None));
        }
        _ => {}
    });
    found
}

fn arrays(part: &Node, path: &Path, kinds: Kinds) -> Option<Lint> {
    if kinds.arrays == 0 {
        return None;
    }
    let message = format!("{path} is an array on {}, and an array compares with nothing: never true there", devices(kinds.arrays));
    let hint = "Twins keep no lists that conditions can search; write one tag for each member, such as tags.features.vision = true.";
    Some(Lint::warning("target/array-compare", part.span.clone(), message).hint(hint).touching(kinds.arrays))
}

/// Returns a finding when most devices have a type there that no constant has.
fn mismatch(part: &Node, path: &Path, constants: &[&Constant], kinds: Kinds, fix: Option<Fix>) -> Option<Lint> {
    let counts = [("text", kinds.texts), ("number", kinds.numbers), ("boolean", kinds.booleans)];
    let (usual, most) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let of: Vec<&str> = constants.iter().filter_map(|constant| kind(constant)).collect();
    if most == 0 || of.is_empty() || counts.iter().any(|(name, count)| *count == most && of.contains(name)) {
        return None;
    }
    let touched: u64 = counts.into_iter().filter(|(name, _)| !of.contains(name)).map(|(_, count)| count).sum();
    let what = if constants.len() == 1 { format!("{} is a {}", constants[0], of[0]) } else { "no element of the list is one".to_owned() };
    let message = format!("{path} is a {usual} on most devices and {what}: never true for {}", devices(touched));
    let lint = Lint::warning("target/type-mismatch", part.span.clone(), message);
    let lint = lint.hint("Nothing is converted: write the constant in the type that the devices have.").touching(touched);
    Some(match fix {
        Some(fix) => lint.fix(fix),
        None => lint,
    })
}

fn kind(constant: &Constant) -> Option<&'static str> {
    match constant {
        Constant::Text(_) => Some("text"),
        Constant::Number(_) => Some("number"),
        Constant::Bool(_) => Some("boolean"),
        Constant::Null | Constant::Undefined => None,
    }
}

/// Returns the constant in another type, when it is a text that writes one or a number that equals its text.
fn rewritten(node: &Node, constant: &Constant, comparison: Comparison) -> Option<Fix> {
    let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let text = match constant {
        Constant::Text(text) if matches!(text.as_str(), "true" | "false") => text.clone(),
        Constant::Text(text) if text.parse::<f64>().is_ok_and(|number| number.to_string() == *text) => text.clone(),
        Constant::Number(_) | Constant::Bool(_) if is_equality => format!("'{constant}'"),
        _ => return None,
    };
    Some(Fix::proposed(format!("write {text}"), vec![Edit::replace(node.span.clone(), text)]))
}

fn devices(number: u64) -> String {
    crate::base::text::count(usize::try_from(number).unwrap_or(usize::MAX), "device")
}
