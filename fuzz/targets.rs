//! What is fuzzed: a reader, seeds that it understands, and what must hold whatever the bytes say.

use std::path::Path;

use edgectl::base::jsonc::Document;
use edgectl::base::table_test;
use edgectl::model::{Message, Reference};
use edgectl::route::compile::Scope;
use edgectl::route::set::Condition as RouteCondition;
use edgectl::route::{Route, Truth as RouteTruth};
use edgectl::solution::compat::expand::{self, Syntax};
use edgectl::solution::compat::{dotenv, placeholder as template};
use edgectl::solution::{ModuleFile, Solution};
use edgectl::target::Condition;
use serde_json::Value;

/// A reader under test.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Inputs that it understands.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads an input; panics when a law does not hold.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "jsonc", seeds: documents, run: jsonc },
    Target { name: "route", seeds: routes, run: route },
    Target { name: "route_condition", seeds: route_conditions, run: route_condition },
    Target { name: "target_condition", seeds: target_conditions, run: target_condition },
    Target { name: "solution", seeds: solutions, run: solution },
    Target { name: "env_file", seeds: env_files, run: env_file },
    Target { name: "placeholder", seeds: placeholders, run: placeholder },
    Target { name: "table", seeds: tables, run: table },
    Target { name: "reference", seeds: references, run: reference },
];

fn column(cases: &str, member: &str) -> Vec<Vec<u8>> {
    let rows = cases.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
    rows.filter_map(|row| row[member].as_str().map(|text| text.as_bytes().to_vec())).collect()
}

fn env_files() -> Vec<Vec<u8>> {
    let seeds = ["export A='x${B:-y}' # c\nB=\"l1\\nl2\"\n", "A=a#b\r\n'C D'=\n\nE= # x\nF", "A='open\nB=\"two\nlines\"\n"];
    seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect()
}

/// Every line is a binding, a bad line, a comment or blank; a value without references stays as it is.
fn env_file(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let file = dotenv::parse(text);
    assert!(file.bindings.len() + file.bad_lines.len() <= text.len());
    for value in file.bindings.iter().filter_map(|binding| binding.value.as_deref()).filter(|value| !value.contains("${")) {
        assert_eq!(dotenv::interpolate(value, |_| None).value, value);
    }
}

fn placeholders() -> Vec<Vec<u8>> {
    let seeds = ["$A-${B}${C:-d}", "${MODULES.filter.amd64.debug}", "${MODULEDIR<../a>.amd64} ${", "#{secret}# __HOST__ $$x ${}"];
    seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect()
}

/// Placeholders lie in the text, and a text without values for its references stays as it is.
fn placeholder(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    assert!(template::scan(text).iter().all(|found| text.get(found.span.clone()).is_some()));
    for syntax in [Syntax::AnyInBraces, Syntax::WordsOnly] {
        assert_eq!(expand::expand(text, syntax, |_| None).text, text);
    }
}

fn documents() -> Vec<Vec<u8>> {
    include_str!("../tests/fixtures/cases/layering.dev.jsonl").lines().map(|line| line.as_bytes().to_vec()).collect()
}

/// Places lie inside the text, and plain JSON reads as the library reads it.
fn jsonc(input: &[u8]) {
    let Ok(document) = Document::parse(input, Path::new("fuzz.json")) else { return };
    assert_eq!(document.root.span.end.max(document.source.text.len()), document.source.text.len());
    if let Ok(plain) = serde_json::from_slice::<Value>(input) {
        assert_eq!(document.to_value(), plain);
    }
}

fn routes() -> Vec<Vec<u8>> {
    column(include_str!("../tests/fixtures/cases/routes.dev.jsonl"), "route")
}

/// A route compiles the same twice, and an error names a place inside the text.
fn route(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Route::compile("fuzz", text) {
        Ok(route) => assert_eq!(Ok(route), Route::compile("fuzz", text)),
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "{:?} of {text:?}", error.span),
    }
}

fn route_conditions() -> Vec<Vec<u8>> {
    column(include_str!("../tests/fixtures/cases/conditions.dev.jsonl"), "condition")
}

/// A condition that compiles has one truth over a message, whose body the input is too.
fn route_condition(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(condition) = RouteCondition::compile(text, Scope::Route) else { return };
    let mut message = Message { body: input.to_vec().into(), ..Message::default() };
    message.system_properties.insert("contentType".to_owned(), "application/json".to_owned());
    message.system_properties.insert("contentEncoding".to_owned(), "utf-8".to_owned());
    message.properties.insert("kind".to_owned(), Some("pump".to_owned()));
    let truth: RouteTruth = condition.truth(&message);
    assert_eq!(truth, condition.truth(&message));
}

fn target_conditions() -> Vec<Vec<u8>> {
    column(include_str!("../tests/fixtures/cases/target_conditions.dev.jsonl"), "condition")
}

/// A condition prints as text that parses to the same condition, and has the same truth.
fn target_condition(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Condition::parse(text) {
        Ok(condition) => {
            let printed = condition.to_string();
            let again = Condition::parse(&printed).unwrap_or_else(|error| panic!("{printed:?} of {text:?}: {error}"));
            assert_eq!(condition, again, "{printed:?} of {text:?}");
            let twin = serde_json::json!({"deviceId": "d", "tags": {"ring": "canary", "n": 2, "o": {}}, "properties": {"reported": {"fw": "1.2"}}});
            assert_eq!(condition.truth(&twin), again.truth(&twin));
        }
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "{:?} of {text:?}", error.span),
    }
}

fn solutions() -> Vec<Vec<u8>> {
    let solution = "version: 1\nsolution: s\nmodules:\n  a: modules/a\n  b: { image: r.example/b@sha256:aa }\nroutes:\n  x: FROM /* INTO $upstream\nrings:\n  - { name: canary, target: \"tags.ring = 'canary'\", bake: 10m }\n";
    let module = "version: 1\nbuild:\n  language: rust\n  platforms: [linux/amd64]\nrun:\n  env: { A: b }\n  createOptions: {}\n";
    let aliases = "a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    [solution, module, aliases].into_iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Both files are read or refused.
fn solution(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _either = Solution::parse(text, Path::new("edgectl.yaml"));
    let _either = ModuleFile::parse(text, Path::new("module.yaml"));
}

fn tables() -> Vec<Vec<u8>> {
    vec![include_bytes!("../tests/fixtures/cases/route-sets.dev.jsonl").to_vec()]
}

/// Rows come in the order of their lines.
fn table(input: &[u8]) {
    let lines: Vec<usize> = table_test::rows(input, Path::new("t.jsonl")).map_while(Result::ok).map(|row| row.line).collect();
    assert!(lines.is_sorted());
}

fn references() -> Vec<Vec<u8>> {
    let digest = "a".repeat(64);
    ["localhost:5000/a/b:v1", "docker.io/library/redis:7", &format!("r.example/x@sha256:{digest}")]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// A reference prints as text that reads as the same reference.
fn reference(input: &[u8]) {
    let Some(reference) = std::str::from_utf8(input).ok().and_then(|text| text.parse::<Reference>().ok()) else { return };
    assert_eq!(reference.to_string().parse::<Reference>().ok(), Some(reference));
}
