//! The developer cases, sets of routes, refused inputs, and properties of any text.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::case::{self, Case};
use super::compile::Scope;
use super::set::Condition;
use super::{Endpoint, Route, RouteSet, Stage, Truth, explain, message_source, parse, print};
use crate::base::table_test;
use crate::model::Message;

/// Runs a table of developer cases and requires that every row agrees, kinds of errors included.
fn hold(table: &str, rows: usize) {
    let found: Vec<_> =
        table_test::rows(table.as_bytes(), Path::new("t")).map(|row| case::outcome(&row.expect("a row")).expect("a case")).collect();
    let wrong: Vec<String> = found.iter().filter(|outcome| outcome.ok != Some(true)).map(|outcome| format!("{outcome:?}")).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), found.len(), wrong.join("\n"));
    assert_eq!(found.len(), rows);
}

#[test]
fn developer_cases_of_conditions_hold() {
    hold(include_str!("../../tests/fixtures/cases/conditions.dev.jsonl"), 313);
}

#[test]
fn developer_cases_of_routes_hold() {
    let table = include_str!("../../tests/fixtures/cases/routes.dev.jsonl");
    hold(table, 111);
    for row in table.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row")) {
        let Some(parsed) = row.get("parsed") else { continue };
        let text = row["route"].as_str().expect("text");
        let route = Route::compile("r", text).expect(text);
        let device = row["edgeDeviceId"].as_str().expect("a device");
        let endpoint = match route.endpoint() {
            Endpoint::Upstream => "$upstream".to_owned(),
            endpoint @ Endpoint::Module { .. } => format!("{device}/{endpoint}"),
        };
        assert_eq!((&parsed["source"], &parsed["endpoint"]), (&json!(route.source()), &json!(endpoint)), "{}", row["id"]);
        assert!(parsed["condition"] == "true" || route.condition().is_some(), "{}", row["id"]);
    }
}

#[test]
fn developer_cases_of_sets_hold() {
    hold(include_str!("../../tests/fixtures/cases/route-sets.dev.jsonl"), 11);
}

/// Texts and messages of the developer cases.
fn cases() -> Vec<(String, Case)> {
    let table = include_str!("../../tests/fixtures/cases/conditions.dev.jsonl");
    let rows = table.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
    rows.map(|row| (row["condition"].as_str().expect("text").to_owned(), Case::read(row.as_object().expect("object")).expect("a case")))
        .collect()
}

#[test]
fn every_developer_condition_is_explained_with_its_own_truth_and_printed_as_itself() {
    for (text, case) in cases() {
        let Ok(condition) = Condition::compile(&text, Scope::TwinChanges) else { continue };
        let explained = explain::explain(condition.program(), &text, &case.message);
        assert_eq!(explained.truth, condition.truth(&case.message), "{text}");
        // A number token that no reader understands is written as what it is, which is refused in places where it was not.
        let printed = print::condition(&parse::condition(&text).expect("parses"));
        if let Ok(again) = Condition::compile(&printed, Scope::TwinChanges) {
            assert_eq!(again, condition, "{text} -> {printed}");
        } else {
            panic!("{text} -> {printed}");
        }
    }
}

/// Sentences about conditions that no developer case stands for: condition, body, expected (`compile` and `crash` are refusals).
const SENTENCES: &[(&str, &str, &str)] = &[
    ("0x7FFFFFFFFFFFFFFF > 0", "", "true"),
    ("0x10000000000000000 = 1", "", "compile"),
    ("is_defined(0x10000000000000000)", "", "false"),
    ("is_defined(-e5)", "", "false"),
    ("is_defined(1e400)", "", "true"),
    ("is_number(1e400)", "", "false"),
    ("1E2 = 100", "", "true"),
    ("'\\\\u0041' = '\\\\A'", "", "true"),
    ("'\\t' = 'a'", "", "compile"),
    ("true [0]", "", "true"),
    ("true ;", "", "compile"),
    ("true x ;", "", "true"),
    ("true)", "", "true"),
    ("(true))", "", "compile"),
    ("is_bool(true))", "", "compile"),
    ("+5 = 5", "", "compile"),
    ("5 -3 = 2", "", "undefined"),
    ("6/2 = 3", "", "true"),
    ("Null = 'x'", "", "undefined"),
    ("not undefined", "", "compile"),
    ("1 + null", "", "compile"),
    ("'a' + 'b'", "", "compile"),
    ("x = undefined", "", "compile"),
    ("$body.t = undefined", "", "compile"),
    ("length(undefined)", "", "compile"),
    ("is_null(undefined)", "", "false"),
    ("null and undefined", "", "crash"),
    ("undefined or null", "", "crash"),
    ("null", "", "false"),
    ("null or true", "", "true"),
    ("is_defined(1 / 0)", "", "true"),
    ("is_number(1 / 0)", "", "false"),
    ("-1 / 0 < 0", "", "true"),
    ("is_defined(0 / 0)", "", "false"),
    ("substring('hello', 1.9) = 'ello'", "", "true"),
    ("substring('hello', 5) = ''", "", "true"),
    ("substring('hello', 5.5) = ''", "", "undefined"),
    ("substring('hello', -0.5) = 'hello'", "", "undefined"),
    ("substring('hello', 1, 4) = 'ello'", "", "true"),
    ("substring('hello', 1.9, 3.5) = 'ell'", "", "undefined"),
    ("substring('hello', 1, 5) = 'ello'", "", "undefined"),
    ("substring('hello')", "", "compile"),
    ("concat('a')", "", "compile"),
    ("concat('a', 'b', 'c') = 'abc'", "", "true"),
    ("round(1)", "", "compile"),
    ("trim(kind)", "", "compile"),
    ("is_number(1, 2)", "", "compile"),
    ("as_number('0x10') = 16", "", "undefined"),
    ("as_number('') = 0", "", "undefined"),
    ("as_number('5-') = -5", "", "true"),
    ("as_number(' 12 ') = 12", "", "true"),
    ("starts_with(kind, 'pu') and contains(kind, '') and ends_with(kind, '')", "", "true"),
    ("index_of(kind, 'UM') = -1", "", "true"),
    ("$body.t > 4", "{t:5}", "true"),
    ("$body.t % 2 = 1", "{t:5}", "crash"),
    ("- $body.t = 1", "{t:5}", "crash"),
    ("kind = 'pump' or $body.ok", "{ok:true}", "compile"),
    ("$body.ok or kind = 'x'", "{ok:true}", "true"),
    ("$body.ok and 5", "{ok:true}", "undefined"),
    ("$body.missing or true", "{}", "undefined"),
    ("not $body.missing", "{}", "undefined"),
    ("$body.missing != 1", "{}", "true"),
    ("is_defined($body.missing)", "{}", "true"),
    ("is_null($body.o)", "{o:{}}", "undefined"),
    ("is_bool($body.o)", "{o:{}}", "undefined"),
    ("is_number($body.o)", "{o:{}}", "false"),
    ("is_string($body.s)", "{s:'a'}", "true"),
    ("abs($body.t) = 5", "{t:-5}", "true"),
    ("length($body.t) = 1", "{t:5}", "undefined"),
    ("$body.when = '2017-03-09'", "{when:'2017-03-09'}", "true"),
    ("$body.when = '2017-03-09 00:00:00'", "{when:'2017-03-09 00:00:00'}", "true"),
    ("$body.a[0].b = 1", "{a:[{b:1}]}", "true"),
    ("$body.a[-1] = 1", "{a:[1]}", "compile"),
    ("$body.x['y'] = 1", "{}", "compile"),
    ("$body.t / 0 > 1", "{t:5}", "true"),
    ("is_defined($body.z / 0)", "{z:0}", "true"),
    ("$body.z / 0 < -1", "{z:0}", "true"),
    ("$body.t = 50", "{'t':0x32}", "true"),
    ("$body.t = 2", "{t:1,t:2}", "true"),
    ("twin_change_includes(PROPERTIES.reported.a)", "{}", "compile"),
];

#[test]
fn sentences_of_the_language_hold() {
    for (condition, body, expected) in SENTENCES {
        let mut message = Message { body: (*body).into(), ..Message::default() };
        message.properties.insert("kind".to_owned(), Some("pump".to_owned()));
        for (name, value) in [("contentType", "Application/JSON"), ("contentEncoding", "UTF-8")] {
            message.system_properties.insert(name.to_owned(), value.to_owned());
        }
        let found = match Condition::compile(condition, Scope::Route).map(|condition| condition.truth(&message)) {
            Ok(Truth::True) => "true",
            Ok(Truth::False) => "false",
            Ok(Truth::Undefined) => "undefined",
            Err(error) if error.crash => "crash",
            Err(_) => "compile",
        };
        assert_eq!(found, *expected, "{condition} over {body}");
    }
}

fn from_module(output: Option<&str>) -> Message {
    let mut message = Message::default();
    message.system_properties.insert("connectionModuleId".to_owned(), "filter".to_owned());
    message.system_properties.extend(output.map(|output| ("outputName".to_owned(), output.to_owned())));
    message
}

#[test]
fn sources_come_from_system_properties() {
    assert_eq!(message_source(&Message::default()), "/messages");
    assert_eq!(message_source(&from_module(None)), "/messages/modules/filter");
    let mut message = from_module(Some("alert"));
    assert_eq!(message_source(&message), "/messages/modules/filter/outputs/alert");
    message.system_properties.insert("messageType".to_owned(), "twinChangeNotification".to_owned());
    assert_eq!(message_source(&message), "/twinChangeNotifications");
}

#[test]
fn the_lowest_priority_brings_its_own_life() {
    let route = |name: &str, priority, life: u64| {
        let route = Route::compile(name, "FROM /messages/* INTO $upstream").expect("compiles");
        route.with_priority(priority).with_time_to_live(Some(Duration::from_secs(life)))
    };
    let set = RouteSet::new([route("a", None, 10), route("b", Some(3), 20), route("c", Some(3), 30)]);
    let ways = set.deliveries(&from_module(None));
    assert_eq!(ways.len(), 1);
    assert_eq!((ways[0].priority, ways[0].time_to_live), (3, Some(Duration::from_secs(20))));
}

#[test]
fn faults_name_stage_place_and_way_out() {
    for (text, stage, place, hint) in [
        ("FROM /messages/* WHERE temp > 50 INTO $upstream", Stage::Compile, (1, 29), "as_number"),
        ("FROM /messages/*\nWHERE kind == 'a' INTO $upstream", Stage::Parse, (2, 13), "one `=`"),
        ("FROM /messages/* INTO $downstream", Stage::Endpoint, (1, 23), "$upstream"),
        ("FROM /messages/* WHERE lenght(kind) = 1 INTO $upstream", Stage::Compile, (1, 24), "`length`"),
        ("", Stage::Endpoint, (1, 1), "FROM source"),
    ] {
        let error = Route::compile("r", text).expect_err(text);
        assert_eq!((error.stage, (error.line, error.column)), (stage, place), "{text}");
        let hints = crate::base::Diagnose::hints(&error).concat();
        assert!(hints.contains(hint), "{text}: {hints}");
    }
}

#[test]
fn an_error_shows_the_route_with_a_caret() {
    let error = Route::compile("alerts", "FROM /messages/* INTO upstream").expect_err("refused");
    let forms = "a sink is $upstream or BrokeredEndpoint(\"/modules/NAME/inputs/NAME\")";
    let expected = format!("route `alerts` 1:31: {forms}\n  | FROM /messages/* INTO upstream\n  |                               ^");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn depth_is_bounded_and_length_is_not() {
    for text in ["(".repeat(10_000), "not ".repeat(10_000), "- ".repeat(10_000), "abs(".repeat(10_000)] {
        let error = Condition::compile(&text, Scope::Route).expect_err("too deep");
        assert!(error.message.contains("deeper"), "{}", error.message);
    }
    let nested = format!("{}true{}", "(".repeat(100), ")".repeat(100));
    assert!(Condition::compile(&nested, Scope::Route).is_ok());
    for text in ["a ".repeat(8 << 20), "/* ".repeat(6 << 20), "(".repeat(16 << 20), "\0".repeat(16 << 20)] {
        let error = Condition::compile(&text, Scope::Route).expect_err("too long");
        assert_eq!(error.message, "the text has more than 1 MiB");
    }
    for text in ["/* ".repeat(300_000), "'".repeat(900_000), "'\\x".repeat(300_000), "a-".repeat(500_000)] {
        drop(Route::compile("r", &text));
        drop(Condition::compile(&text, Scope::Route));
    }
    let long = vec!["kind = 'pump'"; 50_000].join(" or ");
    let condition = Condition::compile(&long, Scope::Route).expect("long");
    assert_eq!(condition.truth(&Message::default()), Truth::Undefined);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        drop(Route::compile("r", &text));
        drop(Condition::compile(&text, Scope::Route).map(|condition| condition.truth(&Message::default())));
    }

    #[test]
    fn no_soup_of_tokens_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "FROM ", "/", "*", "WHERE ", " INTO ", "$upstream", "'", "\"", "\\", "\\u00e9", "(", ")", "[", "]", "{", "}", ",", "not ", "and ", "=", "-", "1",
        "0x", ".", "e5", "é", "$body.", "a", "substring(", "??", "||", "/*", "*/", "null", "undefined ", "\n",
    ]), 0..24)) {
        let text = parts.concat();
        drop(Route::compile("r", &text));
        drop(Condition::compile(&text, Scope::TwinChanges).map(|condition| condition.truth(&from_module(Some("o")))));
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..60), encoding in prop::sample::select(vec!["utf-8", "utf-16", "utf-32"])) {
        let mut message = Message { body: body.into(), ..Message::default() };
        message.system_properties.insert("contentType".to_owned(), "application/json".to_owned());
        message.system_properties.insert("contentEncoding".to_owned(), encoding.to_owned());
        let _truth = Condition::compile("$body.a = 1", Scope::Route).expect("compiles").truth(&message);
    }
}
