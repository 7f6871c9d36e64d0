//! Holds the tables of the YAML files against the typed readers, both ways: a file with every key of the table is read, and a key that the
//! table does not have is refused; a key that the reader has and the table lacks is named by the reader itself.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::json::Subject;
use super::{Object, Shape, files};
use crate::solution::{ModuleFile, Solution};

/// Values for texts with rules, by the key that they stand under.
const TEXTS: [(&str, &str); 15] = [
    ("solution", "greenhouse"),
    ("registry", "registry.example.com/greenhouse"),
    ("image", "docker.io/library/a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("timeToLive", "2h"),
    ("bake", "10m"),
    ("success", "95%"),
    ("errors", "2%"),
    ("steps", "10%"),
    ("platforms", "linux/amd64"),
    ("name", "canary"),
    ("modules", "sensor"),
    ("route", "FROM /* INTO $upstream"),
    ("target", "tags.a = 'b'"),
    ("remote", "origin"),
    ("edgeHub", "hub:1"),
];

/// Returns a value that a shape takes, with every member of every object.
fn full(key: &str, shape: &Shape) -> Value {
    let text = || json!(TEXTS.iter().find(|(name, _)| *name == key).map_or("text", |(_, text)| text));
    match shape {
        Shape::Any => json!({ "free": 1 }),
        Shape::Text(_) | Shape::Scalar => text(),
        Shape::Word(words) => json!(words.words.first()),
        Shape::Whole { least, .. } => json!(least),
        Shape::Truth => json!(true),
        Shape::Object(object) | Shape::TextOr(_, object) => full_object(object),
        Shape::Map { of, .. } => json!({ "one": full(key, of) }),
        Shape::List(of) => json!([full(key, of)]),
    }
}

fn full_object(object: &Object) -> Value {
    object.fields.iter().map(|field| (field.name.to_owned(), full(field.name, field.shape))).collect::<Map<_, _>>().into()
}

/// Calls `visit` with each object of a table and the pointer to its value.
fn objects(pointer: &str, shape: &Shape, visit: &mut dyn FnMut(&str, &'static Object)) {
    match shape {
        Shape::Object(object) | Shape::TextOr(_, object) => {
            visit(pointer, object);
            object.fields.iter().for_each(|field| objects(&format!("{pointer}/{}", field.name), field.shape, visit));
        }
        Shape::Map { of, .. } => objects(&format!("{pointer}/one"), of, visit),
        Shape::List(of) => objects(&format!("{pointer}/0"), of, visit),
        _ => {}
    }
}

fn read(subject: Subject, value: &Value) -> Result<(), String> {
    // JSON is YAML.
    let text = value.to_string();
    match subject {
        Subject::Solution => Solution::parse(&text, Path::new("edgectl.yaml")).map(drop).map_err(|error| error.message),
        _ => ModuleFile::parse(&text, Path::new("module.yaml")).map(drop).map_err(|error| error.message),
    }
}

#[test]
fn the_tables_are_what_the_readers_take() {
    for (subject, table) in [(Subject::Solution, &files::SOLUTION), (Subject::Module, &files::MODULE)] {
        let value = full_object(table);
        assert_eq!(read(subject, &value), Ok(()), "every key of the table: {value:#}");
        let mut visited = 0;
        objects("", &Shape::Object(table), &mut |pointer, object| {
            visited += 1;
            let mut changed = value.clone();
            let place = changed.pointer_mut(pointer).and_then(Value::as_object_mut).expect(pointer);
            place.insert("notAKey".to_owned(), json!(1));
            let message = read(subject, &changed).expect_err(pointer);
            // The reader names every key that it knows there.
            let (_, named) = message.split_once("expected ").unwrap_or_else(|| panic!("{pointer}: {message}"));
            let mut known: Vec<&str> =
                named.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !matches!(*word, "" | "one" | "of" | "or")).collect();
            let mut ours: Vec<&str> = object.fields.iter().map(|field| field.name).filter(|name| *name != "of").collect();
            known.sort_unstable();
            ours.sort_unstable();
            assert_eq!(known, ours, "{pointer}: {message}");
            for field in object.fields.iter().filter(|field| field.need == super::Need::Required) {
                let mut less = value.clone();
                less.pointer_mut(pointer).and_then(Value::as_object_mut).expect(pointer).remove(field.name);
                assert!(read(subject, &less).is_err(), "{pointer} without {}", field.name);
            }
        });
        assert!(visited > 3);
    }
}

#[test]
fn examples_meet_the_rules_of_their_patterns() {
    for pattern in [super::deployment::MODULE_NAME, super::deployment::ROUTE_NAME, super::deployment::ENV_NAME, super::deployment::ADDRESS]
    {
        assert!((pattern.accepts)("name-1") && !(pattern.accepts)("") && !(pattern.accepts)("a b"), "{}", pattern.rule);
    }
}

/// Collects the keys of every object of a schema that says what it takes.
fn refuses_unknown(schema: &Value, open: &mut Vec<String>, path: &str) {
    if schema.get("properties").is_some() && schema.get("additionalProperties") != Some(&json!(false)) {
        open.push(path.to_owned());
    }
    match schema {
        Value::Object(members) => members.iter().for_each(|(key, value)| refuses_unknown(value, open, &format!("{path}/{key}"))),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| refuses_unknown(value, open, &format!("{path}/{index}"))),
        _ => {}
    }
}

#[test]
fn schemas_of_yaml_files_refuse_unknown_keys_everywhere() {
    for subject in [Subject::Solution, Subject::Module] {
        let schema = subject.schema();
        let mut open = Vec::new();
        refuses_unknown(&schema, &mut open, "");
        assert_eq!(open, Vec::<String>::new());
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }
}
