//! Conditions that say no: NOT without parentheses, and devices that are passed over because they lack an attribute.

use std::collections::BTreeSet;

use super::{Lint, visit};
use crate::base::finding::{Edit, Fix};
use crate::target::expression::{Comparison, Expression, Node, Path, Root};
use crate::target::fleet::FleetIndex;
use crate::target::function::Function;

/// Finds NOT directly before a comparison without parentheses.
pub(super) fn precedence(node: &Node, text: &str) -> Vec<Lint> {
    let mut found = Vec::new();
    visit(node, &mut |part| {
        let Expression::Not(inner) = &part.expression else { return };
        if !matches!(inner.expression, Expression::Compare(..) | Expression::In { .. }) {
            return;
        }
        let between = text.get(part.span.start + "NOT".len()..inner.span.start).unwrap_or_default();
        if between.contains('(') {
            return;
        }
        let blank = if between.is_empty() { " (" } else { "(" };
        let edits = vec![Edit::insert(inner.span.start, blank), Edit::insert(inner.span.end, ")")];
        found.push(
            Lint::warning("target/not-precedence", part.span.clone(), "NOT stands before a comparison without parentheses")
                .hint(format!(
                    "Here NOT negates the whole comparison, elsewhere its first operand only; NOT ({inner}) is plain everywhere."
                ))
                .fix(Fix::safe("put parentheses around the comparison", edits)),
        );
    });
    found
}

/// Finds the parts that say no to an attribute which devices may lack: such devices are not selected. With a fleet only those that some
/// device does lack.
pub(super) fn skipped(node: &Node, text: &str, devices: Option<&FleetIndex>) -> Vec<Lint> {
    let mut search = Search { text, devices, found: Vec::new() };
    search.look(node, &BTreeSet::new(), Beside::Nothing);
    search.found
}

/// What joins a part with those beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    And,
    Or,
}

impl Beside {
    /// Returns what joins the parts of a node.
    fn parts_of(node: &Node) -> Self {
        if matches!(node.expression, Expression::And(_)) { Self::And } else { Self::Or }
    }
}

struct Search<'a> {
    text: &'a str,
    devices: Option<&'a FleetIndex>,
    found: Vec<Lint>,
}

impl Search<'_> {
    /// Looks at a part. `asked` are attributes whose presence the condition asks for beside it.
    fn look<'n>(&mut self, node: &'n Node, asked: &BTreeSet<&'n Path>, beside: Beside) {
        match &node.expression {
            Expression::And(parts) | Expression::Or(parts) => {
                let joined = Beside::parts_of(node);
                let mut asked = asked.clone();
                asked.extend(parts.iter().filter_map(|part| presence(part, joined)));
                for part in parts {
                    self.look(part, &asked, joined);
                }
            }
            Expression::Not(inner) if matches!(inner.expression, Expression::IsDefined(_)) => {}
            Expression::Not(_) | Expression::Compare(Comparison::NotEqual, ..) | Expression::In { negated: true, .. } => {
                self.say_no(node, asked, beside);
            }
            _ => {}
        }
    }

    fn say_no(&mut self, node: &Node, asked: &BTreeSet<&Path>, beside: Beside) {
        let mut needed = BTreeSet::new();
        needs(node, &mut needed);
        for path in needed.difference(asked) {
            let lacking = self.devices.map(|devices| devices.kinds(path).map_or(0, |kinds| kinds.undefined));
            if lacking == Some(0) {
                continue;
            }
            let said = self.text.get(node.span.clone()).unwrap_or_default();
            let rewritten = format!("NOT is_defined({path}) OR {said}");
            let rewritten = if beside == Beside::And { format!("({rewritten})") } else { rewritten };
            let message = match lacking {
                Some(number) => format!(
                    "this skips {} without {path}",
                    crate::base::text::count(usize::try_from(number).unwrap_or(usize::MAX), "device")
                ),
                None => format!("this skips every device without {path}"),
            };
            let lint = Lint::warning("target/skips-undefined", node.span.clone(), message)
                .hint(format!(
                    "Write {} to select them too, or is_defined({path}) AND … to say that they are left out on purpose.",
                    shortened(&rewritten)
                ))
                .fix(Fix::proposed(format!("select devices without {path} too"), vec![Edit::replace(node.span.clone(), rewritten)]));
            self.found.push(match lacking {
                Some(number) => lint.touching(number),
                None => lint,
            });
        }
    }
}

/// Returns the attribute whose presence a part asks for: `is_defined(p)` beside AND, `NOT is_defined(p)` beside OR.
fn presence(node: &Node, beside: Beside) -> Option<&Path> {
    match &node.expression {
        Expression::IsDefined(path) if beside == Beside::And => Some(path),
        Expression::Not(inner) if beside == Beside::Or => presence(inner, Beside::And),
        _ => None,
    }
}

/// Collects the attributes whose absence makes a part undefined.
fn needs<'n>(node: &'n Node, found: &mut BTreeSet<&'n Path>) {
    match &node.expression {
        Expression::Path(path) if path.root != Root::DeviceId => {
            found.insert(path);
        }
        // A test of the type answers false for what is missing.
        Expression::Call(
            Function::IsNull
            | Function::IsString
            | Function::IsNumber
            | Function::IsBool
            | Function::IsArray
            | Function::IsObject
            | Function::IsPrimitive,
            _,
        ) => {}
        Expression::And(parts) | Expression::Or(parts) => {
            let asked: BTreeSet<&Path> = parts.iter().filter_map(|part| presence(part, Beside::parts_of(node))).collect();
            let mut below = BTreeSet::new();
            for part in parts {
                needs(part, &mut below);
            }
            found.extend(below.difference(&asked));
        }
        _ => node.parts().for_each(|part| needs(part, found)),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
