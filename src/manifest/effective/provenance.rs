//! Which deployment each value of an effective manifest came from.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Serialize, Serializer};

/// Paths of each module's section with the id of the deployment that wrote them; what lies deeper and has no entry of its own came with
/// its nearest parent. Serialises as an object of modules, each an object of JSON pointers (RFC 6901) and ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance(BTreeMap<String, BTreeMap<Vec<String>, String>>);

impl Provenance {
    /// Returns the deployment that wrote the value at a path of a module's section, the empty path being the whole section.
    pub fn of(&self, module: &str, path: &[&str]) -> Option<&str> {
        let paths = self.0.get(module)?;
        let path = owned(path);
        (0..=path.len()).rev().find_map(|depth| paths.get(path.get(..depth)?).map(String::as_str))
    }

    /// Returns the paths below one of a module's section that another deployment wrote than what surrounds them.
    pub fn below<'a>(&'a self, module: &str, path: &'a [&str]) -> impl Iterator<Item = (&'a [String], &'a str)> {
        let from = (Bound::Excluded(owned(path)), Bound::Unbounded);
        let paths = self.0.get(module).into_iter().flat_map(move |paths| paths.range(from.clone()));
        // Paths with one beginning stand together.
        paths.take_while(move |(at, _)| starts_with(at, path)).map(|(at, id)| (at.as_slice(), id.as_str()))
    }

    /// Notes that a deployment wrote a path whole.
    pub(super) fn set(&mut self, module: &str, path: &[&str], id: &str) {
        self.remove(module, path);
        if self.of(module, path) != Some(id) {
            self.0.entry(module.to_owned()).or_default().insert(owned(path), id.to_owned());
        }
    }

    /// Forgets a path and all below it.
    pub(super) fn remove(&mut self, module: &str, path: &[&str]) {
        let Some(paths) = self.0.get_mut(module) else { return };
        let below: Vec<Vec<String>> =
            paths.range(owned(path)..).map(|(at, _)| at).take_while(|at| starts_with(at, path)).cloned().collect();
        for at in below {
            paths.remove(&at);
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

fn starts_with(path: &[String], prefix: &[&str]) -> bool {
    path.len() >= prefix.len() && path.iter().zip(prefix).all(|(left, right)| left == right)
}

/// Returns the JSON pointer of a path.
pub fn pointer<S: AsRef<str>>(path: &[S]) -> String {
    path.iter().map(|name| format!("/{}", name.as_ref().replace('~', "~0").replace('/', "~1"))).collect()
}

impl Serialize for Provenance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = |paths: &BTreeMap<Vec<String>, String>| paths.iter().map(|(path, id)| (pointer(path), id.clone())).collect();
        let modules: BTreeMap<&String, BTreeMap<String, String>> =
            self.0.iter().filter(|(_, paths)| !paths.is_empty()).map(|(module, paths)| (module, written(paths))).collect();
        modules.serialize(serializer)
    }
}
