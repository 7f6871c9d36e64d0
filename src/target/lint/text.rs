//! Texts in conditions: characters that values are not documented to have, and versions that are compared as texts.

use std::collections::BTreeSet;

use super::{Lint, visit};
use crate::target::expression::{Comparison, Constant, Expression, Node};
use crate::target::token::{Spanned, Token};

/// Characters beside letters and digits that are documented for values.
const DOCUMENTED: &str = "-:.+%_#*?!(),=@;$";

/// Finds texts with characters that are not documented for values.
pub(super) fn values(tokens: &[Spanned]) -> Vec<Lint> {
    let mut found = Vec::new();
    for Spanned { token, span } in tokens {
        let Token::Text(text) = token else { continue };
        let others: BTreeSet<char> = text.chars().filter(|c| !c.is_ascii_alphanumeric() && !DOCUMENTED.contains(*c)).collect();
        if others.is_empty() {
            continue;
        }
        let named: Vec<String> = others.iter().take(5).map(|c| named(*c)).collect();
        let message = format!("values are not documented to have {}; a hub may refuse this", named.join(", "));
        found.push(
            Lint::warning("target/value-chars", span.clone(), message)
                .hint("Letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ are documented."),
        );
    }
    found
}

fn named(c: char) -> String {
    match c {
        ' ' => "a blank".to_owned(),
        '\'' => "a single quote".to_owned(),
        c if c.is_control() => format!("the control character {}", c.escape_debug()),
        c => format!("`{c}`"),
    }
}

/// Finds versions that are compared by order.
pub(super) fn versions(node: &Node) -> Vec<Lint> {
    let mut found = Vec::new();
    visit(node, &mut |part| {
        let Expression::Compare(comparison, left, right) = &part.expression else { return };
        if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            return;
        }
        let version = [left, right].into_iter().find_map(|side| match &side.expression {
            Expression::Constant(Constant::Text(text)) if is_version(text) => Some(text),
            _ => None,
        });
        if let Some(version) = version {
            let message = format!("'{version}' is compared as a text, and as a text '1.5.1' comes after '1.10.0'");
            found.push(
                Lint::warning("target/text-version", part.span.clone(), message)
                    .hint("Name the versions with IN ['…', '…'], or keep a number to compare in a tag of its own."),
            );
        }
    });
    found
}

/// Tells texts such as `1.10`, `v2.0.1` or `1.5.0-rc1`; a date has no dots between its numbers.
fn is_version(text: &str) -> bool {
    let numbers = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let core = numbers.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    parts.len() >= 2 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
