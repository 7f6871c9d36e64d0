//! Which attributes an index holds: those that conditions read, as a tree of the names on the way to them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::target::Condition;
use crate::target::expression::{Expression, Node, Path, Root};

/// Attributes that are always read: they make a line a device.
pub(super) const ALWAYS: usize = 4;

/// The attributes that an index holds. Each has a column; the device's id is always held and has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    paths: Vec<Path>,
    branches: Vec<Branch>,
    seed: u64,
}

/// A name on the way to attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Branch {
    /// The name.
    pub name: Box<str>,
    /// Where the value that stands here goes.
    pub slot: Option<usize>,
    /// Branches below.
    pub children: Vec<usize>,
}

impl Schema {
    /// Returns the attributes that some conditions read.
    pub fn of<'a>(conditions: impl IntoIterator<Item = &'a Condition>) -> Self {
        let mut paths = BTreeSet::new();
        for condition in conditions {
            if let Condition::Expression(node) = condition {
                paths.extend(paths_of(node).into_iter().cloned());
            }
        }
        Self::with(paths)
    }

    /// Returns a schema of these attributes.
    pub fn with(paths: impl IntoIterator<Item = Path>) -> Self {
        let paths: BTreeSet<Path> = paths.into_iter().filter(|path| path.root != Root::DeviceId).collect();
        let mut schema = Self { paths: paths.into_iter().collect(), branches: vec![Branch::default()], seed: 0 };
        for (column, path) in schema.paths.clone().iter().enumerate() {
            schema.grow(names(path), column);
        }
        let columns = schema.paths.len();
        schema.grow(["deviceId"].into_iter(), columns);
        schema.grow(["id"].into_iter(), columns + 1);
        schema.grow(["moduleId"].into_iter(), columns + 2);
        schema.grow(["capabilities", "iotEdge"].into_iter(), columns + 3);
        schema
    }

    /// Gives the tables of an index a seed. A random one keeps whoever writes the fleet from choosing values that all fall on one place,
    /// which would make reading slow; no result depends on it.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Returns the seed of the tables.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    fn grow<'a>(&mut self, names: impl Iterator<Item = &'a str>, slot: usize) {
        let mut at = 0;
        for name in names {
            at = self.child(at, name).unwrap_or_else(|| {
                self.branches.push(Branch { name: name.into(), ..Branch::default() });
                let child = self.branches.len() - 1;
                self.branches[at].children.push(child);
                child
            });
        }
        self.branches[at].slot = Some(slot);
    }

    /// Returns the attributes, in the order of their columns.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Returns the column of an attribute.
    pub fn column(&self, path: &Path) -> Option<usize> {
        self.paths.binary_search(path).ok()
    }

    /// Returns a branch; 0 is the document itself.
    pub(super) fn branch(&self, at: usize) -> &Branch {
        &self.branches[at]
    }

    /// Returns the number of branches.
    pub(super) fn branches(&self) -> usize {
        self.branches.len()
    }

    /// Returns the branch of a name below another.
    pub(super) fn child(&self, at: usize, name: &str) -> Option<usize> {
        self.branches[at].children.iter().copied().find(|child| *self.branches[*child].name == *name)
    }

    /// Returns the branch of a path of names below the document.
    pub(super) fn find<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<usize> {
        names.into_iter().try_fold(0, |at, name| self.child(at, name))
    }
}

/// Returns the names of a path from the top of a twin document.
pub(super) fn names(path: &Path) -> impl Iterator<Item = &str> {
    let root: &[&str] = match path.root {
        Root::DeviceId => &["deviceId"],
        Root::Tags => &["tags"],
        Root::Reported => &["properties", "reported"],
    };
    root.iter().copied().chain(path.names.iter().map(String::as_str))
}

/// Returns the attributes that a part of a condition reads, each once.
pub fn paths_of(node: &Node) -> BTreeSet<&Path> {
    let mut paths = BTreeSet::new();
    let _ = walk(node, &mut |path| {
        paths.insert(path);
        ControlFlow::Continue(())
    });
    paths
}

/// Calls a function with each attribute that a part of a condition reads, in the order of the text.
pub(super) fn walk<'a>(node: &'a Node, visit: &mut impl FnMut(&'a Path) -> ControlFlow<()>) -> ControlFlow<()> {
    match &node.expression {
        Expression::Constant(_) => ControlFlow::Continue(()),
        Expression::Path(path) | Expression::IsDefined(path) => visit(path),
        Expression::And(parts) | Expression::Or(parts) | Expression::Call(_, parts) => parts.iter().try_for_each(|part| walk(part, visit)),
        Expression::Not(inner) | Expression::Negate(inner) | Expression::In { operand: inner, .. } => walk(inner, visit),
        Expression::Compare(_, left, right) => {
            walk(left, visit)?;
            walk(right, visit)
        }
        Expression::Arithmetic(first, rest) => {
            walk(first, visit)?;
            rest.iter().try_for_each(|(_, part)| walk(part, visit))
        }
    }
}
