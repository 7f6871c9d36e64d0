//! What is fuzzed: a reader, seeds that it understands, and what must hold whatever the bytes say.

use std::path::Path;

use edgectl::base::jsonc::Document;
use edgectl::base::table_test;
use edgectl::manifest::{check, create_options, deployments, template};
use edgectl::model::{Message, Reference};
use edgectl::route::compile::Scope;
use edgectl::route::lint::{LintContext, RouteText};
use edgectl::route::set::Condition as RouteCondition;
use edgectl::route::{HubDocument, Route};
use edgectl::solution::compat::expand::{Syntax, expand};
use edgectl::solution::compat::variables::Sources;
use edgectl::solution::compat::{ModuleJson, dotenv, placeholder};
use edgectl::solution::{ModuleFile, Solution};
use edgectl::target::fleet::{self, FleetFormat, Schema};
use edgectl::target::{Condition, Dialect};
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
    Target { name: "manifest", seeds: manifests, run: manifest },
    Target { name: "fleet", seeds: fleets, run: fleet_file },
    Target { name: "compat", seeds: compat_files, run: compat },
    Target { name: "create_options", seeds: options, run: create_options },
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
    assert!(placeholder::scan(text).iter().all(|found| text.get(found.span.clone()).is_some()));
    for syntax in [Syntax::AnyInBraces, Syntax::WordsOnly] {
        assert_eq!(expand(text, syntax, |_| None).text, text);
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

/// A route compiles the same twice; errors and traps name places inside the text, and safe fixes can be applied.
fn route(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Route::compile("fuzz", text) {
        Ok(route) => assert_eq!(Ok(route), Route::compile("fuzz", text)),
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "{:?} of {text:?}", error.span),
    }
    let routes = [RouteText { name: "fuzz".to_owned(), text: text.to_owned(), priority: None, time_to_live_secs: 0 }];
    for lint in edgectl::route::lint::lint(&routes, &LintContext::default()) {
        assert!(text.get(lint.span.clone()).is_some(), "{} at {:?} of {text:?}", lint.code, lint.span);
        if let Some(fix) = lint.fix {
            assert!(fix.apply(text).is_some(), "{} of {text:?}", lint.code);
        }
    }
}

fn route_conditions() -> Vec<Vec<u8>> {
    column(include_str!("../tests/fixtures/cases/conditions.dev.jsonl"), "condition")
}

/// A condition that compiles has one truth over a message, whose body the input is too, and its explanation has the same.
fn route_condition(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(condition) = RouteCondition::compile(text, Scope::Route) else { return };
    let mut message = Message { body: input.to_vec().into(), ..Message::default() };
    message.system_properties.insert("contentType".to_owned(), "application/json".to_owned());
    message.system_properties.insert("contentEncoding".to_owned(), "utf-8".to_owned());
    message.properties.insert("kind".to_owned(), Some("pump".to_owned()));
    let explained = edgectl::route::explain::explain(condition.program(), text, &message);
    assert_eq!(explained.truth, condition.truth(&message), "{text:?}");
}

fn target_conditions() -> Vec<Vec<u8>> {
    column(include_str!("../tests/fixtures/cases/target_conditions.dev.jsonl"), "condition")
}

/// A condition prints as text that parses to the same condition; evaluator, explanation and fleet index agree; lints lie inside the text.
fn target_condition(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for lint in edgectl::target::lint::Reading::of(text, Dialect::Extended).lint(None) {
        assert!(text.get(lint.span.clone()).is_some(), "{} at {:?} of {text:?}", lint.code, lint.span);
    }
    let condition = match Condition::parse_in(text, Dialect::Extended) {
        Ok(condition) => condition,
        Err(error) => return assert!(text.get(error.span.clone()).is_some(), "{:?} of {text:?}", error.span),
    };
    let printed = condition.to_string();
    let again = Condition::parse_in(&printed, Dialect::Extended).unwrap_or_else(|error| panic!("{printed:?} of {text:?}: {error}"));
    assert_eq!(condition, again, "{printed:?} of {text:?}");
    let twin = serde_json::json!({"deviceId": "d", "tags": {"ring": "canary", "n": 2, "o": {}}, "properties": {"reported": {"fw": "1.2"}}});
    assert_eq!(edgectl::target::explain::explain(&condition, &twin).truth, Some(condition.truth(&twin)), "{text:?}");
    let index = read_fleet(format!("{twin}\n").as_bytes(), &condition).expect("a fleet");
    let sets = index.sets(&condition);
    assert_eq!(sets.truth(0), condition.truth(&twin), "{text:?}");
}

fn read_fleet(mut bytes: &[u8], condition: &Condition) -> Result<fleet::FleetIndex, fleet::FleetError> {
    fleet::read(&mut bytes, Path::new("fleet"), FleetFormat::Auto, Schema::of([condition]), &mut |_| {})
}

fn fleets() -> Vec<Vec<u8>> {
    let csv = "deviceId,ring,line:number,edge:boolean\r\na,canary,1,true\r\n\"b,c\",\"ea\"\"rly\",,false\r\n";
    let export = "{\"id\":\"a\",\"tags\":{\"ring\":\"canary\"},\"properties\":{\"reported\":{\"fw\":\"1\"}}}\n";
    vec![include_bytes!("../examples/languages/fleet.jsonl").to_vec(), csv.as_bytes().to_vec(), export.as_bytes().to_vec()]
}

/// A fleet is read or refused; what is read as plain twins has the truth that the evaluator finds.
fn fleet_file(input: &[u8]) {
    let condition = Condition::parse("tags.ring != 'canary' OR properties.reported.fw > '1'").expect("a condition");
    let Ok(index) = read_fleet(input, &condition) else { return };
    let sets = index.sets(&condition);
    let lines = input.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    for twin in lines {
        let device = twin["deviceId"].as_str().and_then(|id| index.find(id));
        if let Some(device) = device.filter(|_| twin["id"].is_null()) {
            assert_eq!(sets.truth(device), condition.truth(&twin), "{twin}");
        }
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

fn manifests() -> Vec<Vec<u8>> {
    let rows = include_str!("../tests/fixtures/cases/layering.dev.jsonl").lines().take(6);
    let whole = rows.map(|line| serde_json::from_str::<Value>(line).expect("a row")["deployments"][0].clone());
    whole.map(|deployment| serde_json::to_vec_pretty(&deployment).expect("json")).collect()
}

/// A manifest is checked, read as a deployment and as the document of a broker; findings lie inside the text.
fn manifest(input: &[u8]) {
    let name = Path::new("fuzz.json");
    let _either = deployments::read(input, name, deployments::Defaults { id: "fuzz", priority: 1 });
    let Ok(document) = Document::parse(input, name) else { return };
    for finding in check::manifest(&document) {
        let inside = finding.span.as_ref().is_none_or(|span| document.source.text.get(span.clone()).is_some());
        assert!(inside, "{} at {:?}", finding.code, finding.span);
    }
    let value = document.to_value();
    let desired = value.pointer("/modulesContent/$edgeHub/properties.desired").unwrap_or(&value);
    assert_eq!(HubDocument::read(desired).is_ok(), HubDocument::read_all(desired).faults.is_empty());
}

fn compat_files() -> Vec<Vec<u8>> {
    let env = "# one\nexport A='x ${B}'\nB=\"y\nz\"\nC=a#b # c\nEMPTY=\n";
    let module = "{\"$schema-version\": \"0.0.1\", \"image\": {\"repository\": \"${R}/a\", \"tag\": {\"version\": \"1\", \"platforms\": {\"amd64\": \"./Dockerfile\"}}, \"buildOptions\": [], \"contextPath\": \"./\"}}";
    let template = "{\"$schema-template\": \"4.0.0\", \"modulesContent\": {\"$edgeAgent\": {\"properties.desired\": {\"modules\": {\"a\": {\"settings\": {\"image\": \"${MODULES.a.amd64}\", \"createOptions\": {\"Env\": [\"X=$A\"]}}}}, \"systemModules\": {}}}, \"$edgeHub\": {\"properties.desired\": {\"routes\": {\"up\": \"FROM /* INTO $upstream\"}}}}}";
    [env, module, template].into_iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Files of older tools are read or refused, in every mode; what the strict mode writes has no placeholder left.
fn compat(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        let file = dotenv::parse(text);
        let _values = dotenv::values(&file);
    }
    if let Ok(document) = Document::parse(input, Path::new("module.json")) {
        let _either = ModuleJson::read(&document.root);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let template = folder.path().join("deployment.template.json");
    std::fs::write(&template, input).expect("a file");
    let sources = Sources { command_line: vec![("A".to_owned(), "a\"b".to_owned())], ..Sources::default() };
    let input = template::Input { name: template.clone(), template, sources, platform: None };
    for mode in [template::Mode::Strict, template::Mode::Iotedgedev, template::Mode::Vscode] {
        let Ok(generated) = template::generate(&input, mode) else { continue };
        if mode == template::Mode::Strict && !generated.is_refused() {
            assert!(!generated.text.contains("${"), "{}", generated.text);
        }
    }
}

fn options() -> Vec<Vec<u8>> {
    let long = format!("{{\"Env\": [\"{}\"]}}", "é".repeat(900));
    ["", "null", "{}", "{\"HostConfig\": {\"Binds\": [\"/a:/b\"]}}", &long].map(|text| text.as_bytes().to_vec()).to_vec()
}

/// What is split joins to the same options.
fn create_options(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (Ok(parsed), Ok(split)) = (create_options::parse(text), create_options::split(text)) else { return };
    let pieces = split.pieces.iter().map(|(key, piece)| (key.clone(), Value::from(piece.as_str())));
    let joined = create_options::join(&pieces.collect()).expect("pieces of our own");
    assert_eq!(create_options::parse(&joined.text).ok(), Some(parsed), "{text:?}");
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
