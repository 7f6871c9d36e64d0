//! Python's dictionaries as iotedgedev uses them: values are shared, so that what is written through one path is seen through another.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::jsonc::{Kind, Member, Node};

/// A value on the heap.
pub type Id = usize;

/// A value; those inside are named by their ids.
#[derive(Clone, Debug)]
enum Value {
    Scalar(Kind),
    List(Vec<Id>),
    Dict(Dict),
}

/// Keys in the order in which they came, with the place of each.
#[derive(Clone, Debug, Default)]
struct Dict {
    members: Vec<(String, Range<usize>, Id)>,
    places: BTreeMap<String, usize>,
}

impl Dict {
    fn set(&mut self, key: &str, span: Range<usize>, value: Id) {
        if let Some(member) = self.places.get(key).and_then(|place| self.members.get_mut(*place)) {
            member.2 = value;
        } else {
            self.places.insert(key.to_owned(), self.members.len());
            self.members.push((key.to_owned(), span, value));
        }
    }

    fn get(&self, key: &str) -> Option<Id> {
        self.places.get(key).and_then(|place| self.members.get(*place)).map(|(.., value)| *value)
    }
}

/// All values of a document.
#[derive(Debug, Default)]
pub struct Heap {
    values: Vec<(Value, Range<usize>)>,
}

/// A step that raises an error in Python: the place, and why.
#[derive(Clone, Debug)]
pub struct Raised {
    /// Place of the value that was wrong.
    pub span: Range<usize>,
    /// What was wrong with it.
    pub message: String,
}

impl Heap {
    /// Puts a tree on the heap, where every value has one owner yet.
    pub fn load(&mut self, node: &Node) -> Id {
        let value = match &node.kind {
            Kind::Array(items) => Value::List(items.iter().map(|item| self.load(item)).collect()),
            Kind::Object(members) => {
                let mut dict = Dict::default();
                for member in members {
                    dict.set(&member.key, member.key_span.clone(), self.load(&member.value));
                }
                Value::Dict(dict)
            }
            scalar => Value::Scalar(scalar.clone()),
        };
        self.push(value, node.span.clone())
    }

    /// Returns a value as a tree; what is shared is there more than once.
    pub fn tree(&self, id: Id) -> Node {
        let (value, span) = &self.values[id];
        let kind = match value {
            Value::Scalar(kind) => kind.clone(),
            Value::List(items) => Kind::Array(items.iter().map(|item| self.tree(*item)).collect()),
            Value::Dict(dict) => {
                let member = |(key, key_span, value): &(String, Range<usize>, Id)| Member {
                    key: key.clone(),
                    key_span: key_span.clone(),
                    value: self.tree(*value),
                };
                Kind::Object(dict.members.iter().map(member).collect())
            }
        };
        Node { kind, span: span.clone() }
    }

    /// Makes a text.
    pub fn text(&mut self, text: String, span: Range<usize>) -> Id {
        self.push(Value::Scalar(Kind::String(text)), span)
    }

    fn push(&mut self, value: Value, span: Range<usize>) -> Id {
        self.values.push((value, span));
        self.values.len() - 1
    }

    /// Returns the place of a value.
    pub fn span(&self, id: Id) -> Range<usize> {
        self.values[id].1.clone()
    }

    /// Returns the text that a value is.
    pub fn as_str(&self, id: Id) -> Option<&str> {
        match &self.values[id].0 {
            Value::Scalar(Kind::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Tells whether a value is a dictionary.
    pub fn is_dict(&self, id: Id) -> bool {
        matches!(self.values[id].0, Value::Dict(_))
    }

    /// Returns keys and values in order; nothing for what is no dictionary.
    pub fn items(&self, id: Id) -> Vec<(String, Id)> {
        match &self.values[id].0 {
            Value::Dict(dict) => dict.members.iter().map(|(key, _, value)| (key.clone(), *value)).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the value of a key.
    pub fn get(&self, id: Id, key: &str) -> Option<Id> {
        match &self.values[id].0 {
            Value::Dict(dict) => dict.get(key),
            _ => None,
        }
    }

    /// Sets the value of a key, at its place or at the end. Tells whether the value is a dictionary, which it must be.
    pub fn set(&mut self, id: Id, key: &str, value: Id) -> bool {
        let span = self.span(value);
        let Value::Dict(dict) = &mut self.values[id].0 else { return false };
        dict.set(key, span, value);
        true
    }

    /// Takes a key out.
    pub fn remove(&mut self, id: Id, key: &str) {
        if let Value::Dict(dict) = &mut self.values[id].0 {
            let kept = std::mem::take(dict).members.into_iter().filter(|(name, ..)| name != key);
            kept.for_each(|(name, span, value)| dict.set(&name, span, value));
        }
    }

    /// Splits keys at their dots, as iotedgedev does to find modules: a new dictionary for what has no dot, and shared values behind a
    /// dot. `written` takes the paths at which a value was written into one that the document holds.
    ///
    /// # Errors
    /// A value that is no dictionary where one is needed.
    pub fn split_dots(&mut self, id: Id, written: &mut Vec<(String, Range<usize>)>) -> Result<Id, Raised> {
        let raised = |heap: &Self, id: Id| Raised {
            span: heap.span(id),
            message: "iotedgedev stops here: it needs an object at every key without a dot".to_owned(),
        };
        if !self.is_dict(id) {
            return Err(raised(self, id));
        }
        let output = self.push(Value::Dict(Dict::default()), self.span(id));
        let first_own = output;
        for (key, value) in self.items(id) {
            let mut parts: Vec<&str> = key.split('.').collect();
            let last = parts.pop().unwrap_or_default();
            if parts.is_empty() {
                let inner = self.split_dots(value, written)?;
                self.set(output, &key, inner);
                continue;
            }
            let mut target = output;
            for part in parts {
                target = if let Some(found) = self.get(target, part) {
                    found
                } else {
                    let made = self.push(Value::Dict(Dict::default()), self.span(value));
                    if !self.set(target, part, made) {
                        return Err(raised(self, target));
                    }
                    made
                };
            }
            if target < first_own {
                written.push((key.clone(), self.span(value)));
            }
            if !self.set(target, last, value) {
                return Err(raised(self, target));
            }
        }
        Ok(output)
    }
}
