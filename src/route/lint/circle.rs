//! Loops over several modules: routes that lead from one module to the next, and back to the first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::interface::source_module;
use super::set::may_take;
use super::{Lint, LintContext, Parts};
use crate::base::text::sanitized;
use crate::route::endpoint::Endpoint;

/// Most modules that are looked at together; a device has fewer.
const MOST_MODULES: usize = 200;

/// Finds the routes that close a circle of modules, each circle once. Question and answer between two modules look the same, so this is a
/// note.
pub(super) fn lint(parts: &[Parts<'_>], context: &LintContext) -> Vec<Lint> {
    let names = names(parts);
    if names.len() > MOST_MODULES {
        return Vec::new();
    }
    let mut graph = Graph { after: vec![BTreeSet::new(); names.len()], reached: vec![vec![false; names.len()]; names.len()] };
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let Some((route, Endpoint::Module { module, .. })) = part.route().map(|route| (route, route.endpoint())) else { continue };
        let Some(to) = names.get_index(module) else { continue };
        let from: Vec<usize> = match source_module(route) {
            Some(source) => names.get_index(&source).into_iter().collect(),
            None => (0..names.len()).collect(),
        };
        let mut closed = None;
        for from in from.into_iter().filter(|from| *from != to) {
            if graph.after[from].contains(&to) || !may_take(route, &names.shown[from], context) {
                continue;
            }
            if graph.reached[to][from] && !graph.reached[from][to] {
                closed = closed.or_else(|| graph.way(to, from));
            }
            graph.join(from, to);
        }
        if let Some(way) = closed {
            let steps: Vec<String> = way.iter().map(|step| format!("`{}`", sanitized(&names.shown[*step]))).collect();
            let (first, span) = (steps[0].clone(), part.syntax.as_ref().map_or(0..0, |syntax| syntax.sink_span.clone()));
            let message = format!("closes a circle: {} -> {first}, a loop if each sends for what it gets", steps.join(" -> "));
            let lint = Lint::warning("route/loop", span, message).note();
            found.push(Lint { route: Some(index), ..lint.hint("Let one of them tell what it has sent before, by a property.") });
        }
    }
    found
}

/// The modules that routes name, in whatever case.
struct Names {
    shown: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Names {
    fn len(&self) -> usize {
        self.shown.len()
    }

    fn get_index(&self, name: &str) -> Option<usize> {
        self.places.get(&name.to_lowercase()).copied()
    }
}

fn names(parts: &[Parts<'_>]) -> Names {
    let mut names = Names { shown: Vec::new(), places: BTreeMap::new() };
    for route in parts.iter().filter_map(Parts::route) {
        let target = match route.endpoint() {
            Endpoint::Module { module, .. } => Some(module.clone()),
            Endpoint::Upstream => None,
        };
        for name in target.into_iter().chain(source_module(route)).filter(|name| !name.trim().is_empty()) {
            if names.get_index(&name).is_none() {
                names.places.insert(name.to_lowercase(), names.shown.len());
                names.shown.push(name);
            }
        }
    }
    names
}

/// Which modules lead to which.
struct Graph {
    after: Vec<BTreeSet<usize>>,
    reached: Vec<Vec<bool>>,
}

impl Graph {
    fn join(&mut self, from: usize, to: usize) {
        self.after[from].insert(to);
        if self.reached[from][to] {
            return;
        }
        let ends: Vec<usize> = (0..self.after.len()).filter(|end| *end == to || self.reached[to][*end]).collect();
        for start in 0..self.after.len() {
            if (start == from || self.reached[start][from]) && !self.reached[start][to] {
                for end in &ends {
                    self.reached[start][*end] = true;
                }
            }
        }
    }

    /// Returns a shortest way from one module to another, both included.
    fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let (mut before, mut next) = (BTreeMap::from([(from, from)]), VecDeque::from([from]));
        while let Some(step) = next.pop_front() {
            if step == to {
                let mut way = vec![to];
                while let Some(last) = way.last().copied().filter(|last| *last != from) {
                    way.push(*before.get(&last)?);
                }
                way.reverse();
                return Some(way);
            }
            for after in &self.after[step] {
                if !before.contains_key(after) {
                    before.insert(*after, step);
                    next.push_back(*after);
                }
            }
        }
        None
    }
}
