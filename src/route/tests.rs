//! The developer cases, sets of routes, refused inputs, and properties of any text.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::compile::Scope;
use super::set::Condition;
use super::{Endpoint, HubDocument, Route, RouteSet, Stage, Truth, message_source};
use crate::model::Message;

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
}

fn texts(map: &Value) -> BTreeMap<String, Option<String>> {
    let members = map.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect()
}

fn encoded(text: &str, encoding: Option<&str>) -> Bytes {
    match encoding {
        Some("utf-16") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Some("utf-32") => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        _ => Bytes::copy_from_slice(text.as_bytes()),
    }
}

fn message(row: &Value) -> Message {
    // A system property without a value is as good as none.
    let system_properties: BTreeMap<String, String> =
        texts(&row["systemProperties"]).into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let body = match &row["body"] {
        Value::Null => Bytes::new(),
        Value::String(text) => encoded(text, system_properties.get("contentEncoding").map(String::as_str)),
        other => encoded(&other.to_string(), system_properties.get("contentEncoding").map(String::as_str)),
    };
    Message { body, properties: texts(&row["properties"]), system_properties }
}

fn wrong(rows: &[Value], answer: fn(&Value) -> (Value, Value)) -> Vec<String> {
    let answers = rows.iter().map(|row| (row, answer(row)));
    answers
        .filter(|(row, (actual, kind))| *actual != row["expect"] || (row.get("errorKind").is_some() && *kind != row["errorKind"]))
        .map(|(row, (actual, kind))| format!("{}: {} | {} gave {actual} {kind}", row["id"], row["condition"], row["route"]))
        .collect()
}

#[test]
fn developer_cases_of_conditions_hold() {
    let rows = rows(include_str!("../../tests/fixtures/cases/conditions.dev.jsonl"));
    let wrong = wrong(&rows, |row| {
        let scope = if row["routeSource"] == "twin" { Scope::TwinChanges } else { Scope::Route };
        match Condition::compile(row["condition"].as_str().expect("text"), scope) {
            Ok(condition) => match condition.truth(&message(row)) {
                Truth::Undefined => (json!("undefined"), Value::Null),
                truth => (json!(truth == Truth::True), Value::Null),
            },
            Err(error) => (json!("error"), json!(if error.crash { "crash" } else { "compile" })),
        }
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn endpoint_id(endpoint: &Endpoint, device: &Value) -> String {
    match endpoint {
        Endpoint::Upstream => endpoint.to_string(),
        Endpoint::Module { .. } => format!("{}/{endpoint}", device.as_str().expect("a device")),
    }
}

#[test]
fn developer_cases_of_routes_hold() {
    let rows = rows(include_str!("../../tests/fixtures/cases/routes.dev.jsonl"));
    let wrong = wrong(&rows, |row| match Route::compile("r", row["route"].as_str().expect("text")) {
        Ok(route) => {
            if let Some(parsed) = row.get("parsed") {
                assert_eq!(parsed["source"], route.source(), "{}", row["id"]);
                assert_eq!(parsed["endpoint"], endpoint_id(route.endpoint(), &row["edgeDeviceId"]), "{}", row["id"]);
            }
            let taken = route.takes(row["messageSource"].as_str().expect("text"), &message(row));
            (if taken { json!([endpoint_id(route.endpoint(), &row["edgeDeviceId"])]) } else { json!([]) }, Value::Null)
        }
        Err(error) => (json!("error"), json!(if error.stage == Stage::Endpoint { "endpoint" } else { "compile" })),
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn developer_cases_of_sets_hold() {
    for row in rows(include_str!("../../tests/fixtures/cases/route-sets.dev.jsonl")) {
        let actual = match HubDocument::read(&row) {
            Err(_) => json!("error"),
            Ok(document) => document
                .routes
                .deliveries_from(row["messageSource"].as_str().expect("text"), &Message::default())
                .iter()
                .map(|way| {
                    let life = way.time_to_live.map_or(0, |life| life.as_secs());
                    json!([endpoint_id(&way.endpoint, &row["edgeDeviceId"]), way.priority, life])
                })
                .collect(),
        };
        assert_eq!(actual, row["expect"], "{}", row["id"]);
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
