//! A condition over all devices at once. Each part becomes two sets, of the devices where it is true and where it is false; in neither it is
//! undefined. A part that reads one attribute is judged once for each distinct value of it, by the same evaluator that judges one device.

use roaring::RoaringBitmap;

use super::column::Column;
use super::dictionary::{FALSE, FIRST, Kind, NULL, OBJECT, TRUE, UNDEFINED};
use super::index::FleetIndex;
use super::schema::paths_of;
use crate::target::Condition;
use crate::target::evaluate::{self, Attributes, Truth};
use crate::target::expression::{Comparison, Constant, Expression, Node, Path, Root};
use crate::target::value::Value;

/// The devices for which a part of a condition is true, and those for which it is false.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sets {
    /// Where it is true.
    pub yes: RoaringBitmap,
    /// Where it is false.
    pub no: RoaringBitmap,
}

impl Sets {
    fn of(truth: Truth, devices: RoaringBitmap) -> Self {
        match truth {
            Truth::True => Self { yes: devices, no: RoaringBitmap::new() },
            Truth::False => Self { yes: RoaringBitmap::new(), no: devices },
            Truth::Undefined => Self::default(),
        }
    }

    fn negated(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    /// Returns the truth for one device.
    pub fn truth(&self, device: u32) -> Truth {
        match (self.yes.contains(device), self.no.contains(device)) {
            (true, _) => Truth::True,
            (_, true) => Truth::False,
            _ => Truth::Undefined,
        }
    }
}

/// The value of the one attribute that a part reads.
struct Only<'v>(Value<'v>);

impl Attributes for Only<'_> {
    fn attribute(&self, _path: &Path) -> Value<'_> {
        match &self.0 {
            Value::Text(text) => Value::Text(text.as_ref().into()),
            value => value.clone(),
        }
    }
}

impl FleetIndex {
    /// Tells whether the index has what a condition reads.
    pub fn holds(&self, condition: &Condition) -> bool {
        let Condition::Expression(node) = condition else { return true };
        paths_of(node).iter().all(|path| path.root == Root::DeviceId || self.schema.column(path).is_some())
    }

    /// Returns where a condition is true, and where it is false.
    ///
    /// # Panics
    /// When the index does not hold what the condition reads ([`FleetIndex::holds`]).
    pub fn sets(&self, condition: &Condition) -> Sets {
        self.sets_with(condition, &mut |_, _| {})
    }

    /// Returns where a condition is true, and where it is false, and shows the sets of each of its clauses on the way: the parts between
    /// AND, OR and NOT, in the order of the text.
    ///
    /// # Panics
    /// When the index does not hold what the condition reads ([`FleetIndex::holds`]).
    pub fn sets_with(&self, condition: &Condition, clause: &mut dyn FnMut(&Node, &Sets)) -> Sets {
        assert!(self.holds(condition), "the index was made for other conditions");
        match condition {
            Condition::Everything => Sets::of(Truth::True, self.everything()),
            Condition::Nothing => Sets::of(Truth::False, self.everything()),
            Condition::Expression(node) => self.node(node, clause),
        }
    }

    fn node(&self, node: &Node, clause: &mut dyn FnMut(&Node, &Sets)) -> Sets {
        match &node.expression {
            Expression::And(parts) => self.all(parts.iter().map(|part| self.node(part, clause))),
            Expression::Or(parts) => self.all(parts.iter().map(|part| self.node(part, clause).negated())).negated(),
            Expression::Not(inner) => self.node(inner, clause).negated(),
            _ => {
                let sets = self.clause(node);
                clause(node, &sets);
                sets
            }
        }
    }

    fn all(&self, mut parts: impl Iterator<Item = Sets>) -> Sets {
        let Some(mut whole) = parts.next() else { return Sets::of(Truth::True, self.everything()) };
        for part in parts {
            whole.yes &= part.yes;
            whole.no |= part.no;
        }
        whole
    }

    fn clause(&self, node: &Node) -> Sets {
        let paths = paths_of(node);
        let mut paths = paths.iter();
        match (paths.next(), paths.next()) {
            (None, _) => Sets::of(evaluate::truth(node, &Only(Value::Undefined)), self.everything()),
            (Some(path), None) => match self.schema.column(path) {
                Some(column) => self.by_value(&self.columns[column], node),
                None => self.by_id(node),
            },
            _ => self.by_device(node),
        }
    }

    /// Judges each device.
    fn by_device(&self, node: &Node) -> Sets {
        let mut sets = Sets::default();
        for device in 0..u32::try_from(self.len()).expect("devices are numbered with 32 bits") {
            match evaluate::truth(node, &self.device(device)) {
                Truth::True => drop(sets.yes.try_push(device)),
                Truth::False => drop(sets.no.try_push(device)),
                Truth::Undefined => {}
            }
        }
        sets
    }

    /// Judges a part that reads the device's id alone.
    fn by_id(&self, node: &Node) -> Sets {
        let (wanted, negated): (Vec<&Constant>, bool) = match &node.expression {
            Expression::Compare(comparison @ (Comparison::Equal | Comparison::NotEqual), left, right) => {
                match (&left.expression, &right.expression) {
                    (Expression::Path(_), Expression::Constant(text @ Constant::Text(_)))
                    | (Expression::Constant(text @ Constant::Text(_)), Expression::Path(_)) => {
                        (vec![text], *comparison == Comparison::NotEqual)
                    }
                    _ => return self.by_device(node),
                }
            }
            Expression::In { operand, list, negated } if matches!(operand.expression, Expression::Path(_)) => {
                (list.iter().collect(), *negated)
            }
            _ => return self.by_device(node),
        };
        let texts = wanted.into_iter().filter_map(|constant| if let Constant::Text(text) = constant { Some(text) } else { None });
        let yes: RoaringBitmap = texts.filter_map(|text| self.find(text)).collect();
        let sets = Sets { no: self.everything() - &yes, yes };
        if negated { sets.negated() } else { sets }
    }

    /// Judges each distinct value of the one attribute that a part reads.
    fn by_value(&self, column: &Column, node: &Node) -> Sets {
        if let Some(sets) = equal_text(column, node) {
            return sets;
        }
        let truth = |code| evaluate::truth(node, &Only(column.dictionary.value(code)));
        let mut judged = Judged::default();
        for code in [NULL, FALSE, TRUE, OBJECT] {
            judged.add(truth(code), code);
        }
        let mut kinds = [Kind::Number, Kind::Text, Kind::Array].map(|kind| (kind, Judged::default()));
        for code in FIRST..column.size() {
            if let Some(entry) = column.dictionary.entry(code) {
                let (_, judged) = &mut kinds[entry.kind as usize];
                judged.add(truth(code), code);
            }
        }
        let mut sets = Sets { yes: column.any(judged.yes.into_iter()), no: column.any(judged.no.into_iter()) };
        for (kind, judged) in kinds {
            judged.into_sets(column, kind, &mut sets);
        }
        match truth(UNDEFINED) {
            Truth::True => sets.yes |= self.everything() - column.defined(),
            Truth::False => sets.no |= self.everything() - column.defined(),
            Truth::Undefined => {}
        }
        sets
    }
}

/// Codes by the truth of a part.
#[derive(Default)]
struct Judged {
    yes: Vec<u32>,
    no: Vec<u32>,
    undefined: bool,
}

impl Judged {
    fn add(&mut self, truth: Truth, code: u32) {
        match truth {
            Truth::True => self.yes.push(code),
            Truth::False => self.no.push(code),
            Truth::Undefined => self.undefined = true,
        }
    }

    /// Adds the devices of all values of one type. Where no value is undefined, the smaller side says what the larger one is.
    fn into_sets(self, column: &Column, kind: Kind, sets: &mut Sets) {
        let count = |codes: &[u32]| codes.iter().map(|code| column.count(*code)).sum::<u64>();
        let (yes, no);
        if self.undefined {
            (yes, no) = (column.any(self.yes.into_iter()), column.any(self.no.into_iter()));
        } else if count(&self.yes) <= count(&self.no) {
            yes = column.any(self.yes.into_iter());
            no = column.of_kind(kind) - &yes;
        } else {
            no = column.any(self.no.into_iter());
            yes = column.of_kind(kind) - &no;
        }
        sets.yes |= yes;
        sets.no |= no;
    }
}

/// Judges `attribute = 'text'` and `attribute != 'text'` without a look at other values.
fn equal_text(column: &Column, node: &Node) -> Option<Sets> {
    let Expression::Compare(comparison @ (Comparison::Equal | Comparison::NotEqual), left, right) = &node.expression else { return None };
    let (Expression::Path(_), Expression::Constant(Constant::Text(text))) = (&left.expression, &right.expression) else { return None };
    let yes = column.any(column.dictionary.code_of_text(text).into_iter());
    let sets = Sets { no: column.of_kind(Kind::Text) - &yes, yes };
    Some(if *comparison == Comparison::Equal { sets } else { sets.negated() })
}
