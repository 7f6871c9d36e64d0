//! Functions that twins do not document, and conditions that select nobody or everybody whatever the fleet.

use serde_json::Value as Json;

use super::{Lint, visit};
use crate::base::finding::Severity;
use crate::target::condition::{Condition, Dialect};
use crate::target::evaluate::{self, Truth};
use crate::target::expression::{Comparison, Constant, Expression, Node, Path, Root};
use crate::target::fleet::FleetIndex;

/// Finds calls of functions: refused in the strict dialect, doubtful in the extended one.
pub(super) fn calls(node: &Node, dialect: Dialect) -> Vec<Lint> {
    let mut found = Vec::new();
    visit(node, &mut |part| {
        if let Expression::Call(function, _) = &part.expression {
            let message = format!("{} is documented for message routes only, not for twins", function.name());
            found.push(match dialect {
                Dialect::Strict => Lint::new("target/dialect", Severity::Error, part.span.clone(), message)
                    .hint("The one function of target conditions is is_defined(PATH); a tag can hold what the function would compute."),
                Dialect::Extended => Lint::warning("target/dialect", part.span.clone(), message)
                    .hint("Hubs are said to take some functions; let the hub test the condition before it is relied on."),
            });
        }
    });
    found
}

/// Which truths a part can have over any device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Possible {
    yes: bool,
    no: bool,
    undefined: bool,
}

impl Possible {
    const ANY: Self = Self { yes: true, no: true, undefined: true };

    fn only(truth: Truth) -> Self {
        Self { yes: truth == Truth::True, no: truth == Truth::False, undefined: truth == Truth::Undefined }
    }

    fn negated(self) -> Self {
        Self { yes: self.no, no: self.yes, ..self }
    }

    /// Returns what both can be together, when nothing is known of how they depend on each other.
    fn and(self, other: Self) -> Self {
        Self {
            yes: self.yes && other.yes,
            no: self.no || other.no,
            undefined: (self.undefined && (other.undefined || other.yes)) || (other.undefined && self.yes),
        }
    }
}

/// Tells when a condition selects every device, or none: by what it says, or by a fleet.
pub(super) fn selection(condition: &Condition, text: &str, devices: Option<&FleetIndex>) -> Vec<Lint> {
    let whole = 0..text.len();
    let total = devices.map(|devices| devices.len() as u64);
    let nobody = |message: &str| Lint::warning("target/matches-nobody", whole.clone(), message);
    let all = |message: &str| {
        let lint = Lint::new("target/matches-all", Severity::Note, whole.clone(), message);
        match total {
            Some(total) => lint.touching(total),
            None => lint,
        }
    };
    let node = match condition {
        Condition::Everything => return vec![all("this selects every device")],
        Condition::Nothing => return vec![nobody("an empty condition selects no device").hint("Write * for every device.")],
        Condition::Expression(node) => node,
    };
    let possible = possible(node);
    if !possible.yes {
        return vec![nobody("this is never true, so it selects no device")];
    }
    if possible == Possible::only(Truth::True) {
        return vec![all("this is always true, so it selects every device").hint("Write * for every device.")];
    }
    if let Some((one, other, path)) = contradiction(node) {
        let message = format!("{path} cannot be {one} and {other} at once, so this selects no device");
        return vec![nobody(&message).hint(format!("Join them with OR, or write {path} IN [{one}, {other}]."))];
    }
    let Some(devices) = devices else { return Vec::new() };
    if devices.is_empty() || !devices.sets(condition).yes.is_empty() {
        return Vec::new();
    }
    let message = format!("this selects none of the {} devices", devices.len());
    vec![nobody(&message).touching(0).hint("`edgectl target explain` shows why for one device.")]
}

fn possible(node: &Node) -> Possible {
    match &node.expression {
        Expression::And(parts) => parts.iter().map(possible).fold(Possible::only(Truth::True), Possible::and),
        Expression::Or(parts) => {
            parts.iter().map(|part| possible(part).negated()).fold(Possible::only(Truth::True), Possible::and).negated()
        }
        Expression::Not(inner) => possible(inner).negated(),
        Expression::IsDefined(Path { root: Root::DeviceId, .. }) => Possible::only(Truth::True),
        Expression::IsDefined(_) => Possible { undefined: false, ..Possible::ANY },
        Expression::Compare(_, left, right) if is_undefined(left) || is_undefined(right) => Possible::only(Truth::Undefined),
        _ if reads_nothing(node) => Possible::only(evaluate::truth(node, &Json::Null)),
        Expression::Path(Path { root: Root::DeviceId, .. }) | Expression::Arithmetic(..) | Expression::Negate(_) => {
            Possible::only(Truth::Undefined)
        }
        _ => Possible::ANY,
    }
}

fn is_undefined(node: &Node) -> bool {
    node.expression == Expression::Constant(Constant::Undefined)
}

fn reads_nothing(node: &Node) -> bool {
    let mut nothing = true;
    visit(node, &mut |part| nothing &= !matches!(part.expression, Expression::Path(_) | Expression::IsDefined(_)));
    nothing
}

/// Finds two demands on one attribute that exclude each other: `=` with different constants, joined by AND.
fn contradiction(node: &Node) -> Option<(&Constant, &Constant, &Path)> {
    let Expression::And(parts) = &node.expression else { return None };
    let demands: Vec<(&Path, &Constant)> = parts.iter().filter_map(demand).collect();
    let mut first: std::collections::BTreeMap<&Path, &Constant> = std::collections::BTreeMap::new();
    demands.into_iter().find_map(|(path, constant)| {
        let one = *first.entry(path).or_insert(constant);
        (one != constant).then_some((one, constant, path))
    })
}

fn demand(node: &Node) -> Option<(&Path, &Constant)> {
    let Expression::Compare(Comparison::Equal, left, right) = &node.expression else { return None };
    match (&left.expression, &right.expression) {
        (Expression::Path(path), Expression::Constant(constant)) | (Expression::Constant(constant), Expression::Path(path)) => {
            Some((path, constant))
        }
        _ => None,
    }
}
