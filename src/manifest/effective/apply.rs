//! Applies one deployment over what lies below it: for each module the whole section first, then the keys below it, shallow before deep.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::document::{DESIRED, keys_below};
use super::{Candidate, Composition, Lint};

/// Members of system sections whose replacement is worth a word: section, member, what a name in it is, lint.
const NAMED: [(&str, &str, &str, Lint); 3] = [
    ("$edgeAgent", "modules", "module", Lint::ModuleOverridden),
    ("$edgeAgent", "systemModules", "system module", Lint::ModuleOverridden),
    ("$edgeHub", "routes", "route", Lint::RouteOverridden),
];

/// Applies a deployment; what is in the composition already came from lower ones.
pub(super) fn apply(candidate: &Candidate, composition: &mut Composition) {
    for (module, section) in &candidate.content {
        let Some(section) = section.as_object() else { continue };
        let below = Below::of(composition, module);
        if let Some(whole) = section.get(DESIRED) {
            below.replaced(candidate, &[], whole, composition);
            replace(candidate, module, whole, composition);
        }
        // Readers refuse a section with a key that is too deep; nothing is set by one that came past them.
        for (path, value) in keys_below(section).unwrap_or_default() {
            below.replaced(candidate, &path, value, composition);
            if value.is_null() {
                remove(module, &path, composition);
            } else {
                set(candidate, module, &path, value, composition);
            }
        }
    }
}

/// Replaces the whole section of a module; null removes it.
fn replace(candidate: &Candidate, module: &str, whole: &Value, composition: &mut Composition) {
    if let Some(lower) = composition.maker(module) {
        let text = format!("`{}` replaces the desired properties of `{module}`, which `{lower}` wrote", candidate.id);
        composition.note(Lint::TwinOverwritten, text);
    }
    if whole.is_null() {
        composition.effective.remove(module);
        composition.provenance.remove(module, &[]);
    } else {
        composition.effective.insert(module.to_owned(), whole.clone());
        composition.provenance.set(module, &[], &candidate.id);
    }
}

/// Removes a path, if it is there.
fn remove(module: &str, path: &[&str], composition: &mut Composition) {
    let Some((last, parents)) = path.split_last() else { return };
    let section = composition.effective.get_mut(module);
    let parent = parents.iter().try_fold(section, |place, name| place.map(|place| place.get_mut(name)));
    if let Some(members) = parent.flatten().and_then(Value::as_object_mut) {
        members.shift_remove(*last);
        composition.provenance.remove(module, path);
    }
}

/// Sets a path to a value, whole. What is in the way and no object is replaced by one.
fn set(candidate: &Candidate, module: &str, path: &[&str], value: &Value, composition: &mut Composition) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut room = Room::default();
    let mut place = composition.effective.entry(module.to_owned()).or_insert(Value::Null);
    for (depth, name) in parents.iter().enumerate() {
        // Null stands for what is not there yet.
        place = room.object(place, depth).entry(*name).or_insert(Value::Null);
    }
    room.object(place, parents.len()).insert((*last).to_owned(), value.clone());
    if let Some(made) = room.made.and_then(|depth| path.get(..depth)) {
        composition.provenance.set(module, made, &candidate.id);
    }
    if let Some(depth) = room.replaced {
        let at = path.iter().take(depth).fold(module.to_owned(), |text, name| format!("{text}.{name}"));
        let text = format!("`{}` replaces the value at `{at}` by an object, to set `{}` below it", candidate.id, path.join("."));
        composition.note(Lint::PathTypeConflict, text);
    }
    composition.provenance.set(module, path, &candidate.id);
}

/// Where a path had to make room for itself, by depth.
#[derive(Default)]
struct Room {
    made: Option<usize>,
    replaced: Option<usize>,
}

impl Room {
    /// Returns the members of an object, which takes the place of whatever else was there.
    fn object<'v>(&mut self, place: &'v mut Value, depth: usize) -> &'v mut Map<String, Value> {
        if !place.is_object() {
            self.made.get_or_insert(depth);
            if !place.is_null() {
                self.replaced.get_or_insert(depth);
            }
            *place = Value::Object(Map::new());
        }
        place.as_object_mut().expect("an object was put there when it was none")
    }
}

impl Composition {
    /// Returns the deployment below that made a module's section.
    fn maker(&self, module: &str) -> Option<&str> {
        self.effective.get(module).and_then(|_| self.provenance.of(module, &[]))
    }
}

/// The modules or routes that lower deployments defined in a section, with who did.
struct Below {
    names: Vec<(&'static str, &'static str, Lint, BTreeMap<String, String>)>,
}

impl Below {
    fn of(composition: &Composition, module: &str) -> Self {
        let section = composition.effective.get(module);
        let mut names = Vec::new();
        for (_, member, noun, lint) in NAMED.iter().filter(|(owner, ..)| *owner == module) {
            let defined = section.and_then(|section| section.get(member)).and_then(Value::as_object);
            let owner = |name: &String| composition.provenance.of(module, &[member, name]).unwrap_or_default().to_owned();
            let defined = defined.into_iter().flatten().filter(|(_, value)| !value.is_null());
            names.push((*member, *noun, *lint, defined.map(|(name, _)| (name.clone(), owner(name))).collect()));
        }
        Self { names }
    }

    /// Notes the names that writing `value` at `path` defines anew.
    fn replaced(&self, candidate: &Candidate, path: &[&str], value: &Value, composition: &mut Composition) {
        for (member, noun, lint, names) in &self.names {
            for name in defined(path, value, member) {
                if let Some(owner) = names.get(name) {
                    composition.note(*lint, format!("`{}` replaces the {noun} `{name}` of `{owner}`", candidate.id));
                }
            }
        }
    }
}

/// Returns the names that a value at a path of a section defines in a member of it.
fn defined<'v>(path: &[&'v str], value: &'v Value, member: &str) -> Vec<&'v str> {
    let of = |value: Option<&'v Value>| -> Vec<&'v str> {
        let members = value.and_then(Value::as_object).into_iter().flatten();
        members.filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect()
    };
    match path {
        [] => of(value.get(member)),
        [first] if *first == member => of(Some(value)),
        [first, name] if *first == member && !value.is_null() => vec![*name],
        _ => Vec::new(),
    }
}
