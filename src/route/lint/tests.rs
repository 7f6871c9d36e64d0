//! Every trap: a text that has it, the nearest text that has it not, and for those that are mended the messages that were meant.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::route::case::Case;

fn route(text: &str) -> RouteText {
    RouteText { name: "r".to_owned(), text: text.to_owned(), ..RouteText::default() }
}

fn codes(routes: &[RouteText], context: &LintContext) -> Vec<&'static str> {
    lint(routes, context).into_iter().map(|lint| lint.code).collect()
}

/// Modules `f` with input `in` and output `out`, and `sensor` with output `t`.
fn modules() -> LintContext {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let filter = ModuleInterface { inputs: names(&["in"]), outputs: names(&["out"]) };
    let sensor = ModuleInterface { inputs: names(&[]), outputs: names(&["t"]) };
    LintContext { modules: Some(BTreeMap::from([("f".to_owned(), filter), ("sensor".to_owned(), sensor)])) }
}

fn takes(text: &str, message: &Value) -> bool {
    let case = Case::read(message.as_object().expect("an object")).expect("a message");
    Route::compile("r", text).unwrap_or_else(|error| panic!("{text}: {error}")).takes(&case.source, &case.message)
}

fn properties(name: &str, value: &str) -> Value {
    json!({ "properties": { name: value } })
}

fn body(body: &Value) -> Value {
    json!({"systemProperties": {"contentType": "application/json", "contentEncoding": "utf-8"}, "properties": {"kind": "pump"}, "body": body})
}

fn from(module: &str, output: &str) -> Value {
    json!({"from": module, "output": output})
}

/// Code, trap, nearest text without it, and for a mended one: what comes out, a message that was meant and one that was not.
type Trap = (&'static str, &'static str, &'static str, Option<(&'static str, Value, Value)>);

fn traps() -> Vec<Trap> {
    vec![
        (
            "route/source-opens-comment",
            "FROM /messages/* WHERE kind = 'pump' /* note */ INTO $upstream",
            "FROM /messages/* WHERE kind = 'pump' INTO $upstream /* note",
            Some(("FROM /messages WHERE kind = 'pump' /* note */ INTO $upstream", properties("kind", "pump"), properties("kind", "fan"))),
        ),
        (
            "route/source-opens-comment",
            "FROM /* WHERE kind='pump' /* n1 */ AND temp='no' /* n2 */ INTO $upstream",
            "FROM /messages /* note */ WHERE kind = 'pump' INTO $upstream",
            Some((
                "FROM / * WHERE kind='pump' /* n1 */ AND temp='no' /* n2 */ INTO $upstream",
                json!({"properties": {"kind": "pump", "temp": "no"}}),
                properties("temp", "no"),
            )),
        ),
        (
            "route/source-opens-comment",
            "FROM /messages/modules/*/outputs/out /* note */ INTO $upstream",
            "FROM /messages/modules/*/outputs/out INTO $upstream",
            Some((
                "FROM /messages/modules WHERE $outputName = 'out' /* note */ INTO $upstream",
                from("sensor", "out"),
                from("sensor", "t"),
            )),
        ),
        (
            "route/source-opens-comment",
            "FROM /messages/modules/*/outputs/alert WHERE path = 'x*/y' INTO $upstream",
            "FROM /messages/modules/*/outputs/alert WHERE path = 'x*y' INTO $upstream",
            Some((
                "FROM /messages/modules WHERE (path = 'x*/y') AND $outputName = 'alert' INTO $upstream",
                json!({"from": "sensor", "output": "alert", "properties": {"path": "x*/y"}}),
                json!({"from": "sensor", "output": "alert"}),
            )),
        ),
        (
            "route/source-opens-comment",
            "FROM /messages/modules/*/outputs/* WHERE kind='a' /* x */ INTO $upstream",
            "FROM /messages/modules/*/outputs/* WHERE kind='a' INTO $upstream",
            Some((
                "FROM /messages/modules WHERE (kind='a') AND is_defined($outputName) /* x */ INTO $upstream",
                json!({"from": "sensor", "output": "alert", "properties": {"kind": "a"}}),
                from("sensor", "alert"),
            )),
        ),
        (
            "route/source-opens-comment",
            "FROM /messages/modules/*/inputs/a /* note */ INTO $upstream",
            "FROM /messages/modules/ */inputs/a /* note */ INTO $upstream",
            None,
        ),
        (
            "route/glued-operator",
            "FROM /messages/* WHERE a*b = 'x' INTO $upstream",
            "FROM /messages/* WHERE a+b = 'x' INTO $upstream",
            None,
        ),
        (
            "route/glued-operator",
            "FROM /messages/* WHERE a+1 = 'x' INTO $upstream",
            "FROM /messages/* WHERE a-1 = 'x' INTO $upstream",
            None,
        ),
        (
            "route/text-after-sink",
            "FROM /* INTO $upstream WHERE kind = 'pump'",
            "FROM /* WHERE kind = 'pump' INTO $upstream",
            Some(("FROM /* WHERE kind = 'pump' INTO $upstream", properties("kind", "pump"), properties("kind", "fan"))),
        ),
        (
            "route/text-after-sink",
            "FROM /messages/* WHERE kind = 'pump' INTO $upstream;",
            "FROM /messages/* WHERE kind = 'pump' INTO $upstream ",
            Some(("FROM /messages/* WHERE kind = 'pump' INTO $upstream", properties("kind", "pump"), properties("kind", "fan"))),
        ),
        (
            "route/text-after-condition",
            "FROM /messages/* WHERE kind = 'pump' && temp = 'no' INTO $upstream",
            "FROM /messages/* WHERE kind = 'pump' AND temp = 'no' INTO $upstream",
            Some((
                "FROM /messages/* WHERE kind = 'pump' AND temp = 'no' INTO $upstream",
                json!({"properties": {"kind": "pump", "temp": "no"}}),
                properties("kind", "pump"),
            )),
        ),
        (
            "route/glued-not-equal",
            "FROM /messages/* WHERE kind!='pump' INTO $upstream",
            "FROM /messages/* WHERE kind !='pump' INTO $upstream",
            Some(("FROM /messages/* WHERE kind != 'pump' INTO $upstream", properties("kind", "fan"), properties("kind", "pump"))),
        ),
        (
            "route/glued-operator",
            "FROM /messages/* WHERE as_number(temp)-5 > 3 INTO $upstream",
            "FROM /messages/* WHERE as_number(temp) > -5 INTO $upstream",
            Some(("FROM /messages/* WHERE as_number(temp) - 5 > 3 INTO $upstream", properties("temp", "9"), properties("temp", "8"))),
        ),
        (
            "route/glued-operator",
            "FROM /messages/* WHERE length(kind) = 2+2 INTO $upstream",
            "FROM /messages/* WHERE a-b = 'x' INTO $upstream",
            Some(("FROM /messages/* WHERE length(kind) = 2 + 2 INTO $upstream", properties("kind", "pump"), properties("kind", "fan"))),
        ),
        (
            "route/glued-operator",
            "FROM /messages/* WHERE $body.a*$body.b = 6 INTO $upstream",
            "FROM /messages/* WHERE $body.a * $body.b = 6 INTO $upstream",
            Some((
                "FROM /messages/* WHERE $body.a * $body.b = 6 INTO $upstream",
                body(&json!({"a": 2, "b": 3})),
                body(&json!({"a": 2, "b": 4})),
            )),
        ),
        (
            "route/glued-quote",
            "FROM /messages/* WHERE kind = 'pump'AND temp = 'no' INTO $upstream",
            "FROM /messages/* WHERE kind = \"pump\"AND temp = 'no' INTO $upstream",
            Some((
                "FROM /messages/* WHERE kind = 'pump' AND temp = 'no' INTO $upstream",
                json!({"properties": {"kind": "pump", "temp": "no"}}),
                properties("kind", "pump"),
            )),
        ),
        (
            "route/glued-quote",
            "FROM /messages/* WHERE kind = 'x'||'y' INTO $upstream",
            "FROM /messages/* WHERE kind = 'x' || 'y' INTO $upstream",
            Some(("FROM /messages/* WHERE kind = 'x' || 'y' INTO $upstream", properties("kind", "xy"), properties("kind", "x"))),
        ),
        (
            "route/inner-wildcard",
            "FROM /messages/modules/*/outputs/t WHERE kind = 'a' OR kind = 'b' INTO $upstream",
            "FROM /messages/modules/sensor/outputs/* INTO $upstream",
            Some((
                "FROM /messages/modules/* WHERE (kind = 'a' OR kind = 'b') AND $outputName = 't' INTO $upstream",
                json!({"from": "sensor", "output": "t", "properties": {"kind": "b"}}),
                json!({"from": "sensor", "output": "x", "properties": {"kind": "b"}}),
            )),
        ),
        (
            "route/inner-wildcard",
            "FROM /messages/modules/*/outputs/* INTO $upstream",
            "FROM /messages/modules/* INTO $upstream",
            Some(("FROM /messages/modules/* WHERE is_defined($outputName) INTO $upstream", from("sensor", "t"), json!({"from": "sensor"}))),
        ),
        ("route/dead-source", "FROM /messages/events INTO $upstream", "FROM /messages/modules INTO $upstream", None),
        ("route/dead-source", "FROM /deviceLifecycleEvents/* INTO $upstream", "FROM /twinChangeNotifications INTO $upstream", None),
        (
            "route/sink-words",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/module/f/input/in\")",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/Modules/f/inputs/in\")",
            Some((
                "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/f/inputs/in\")",
                from("sensor", "t"),
                from("other", "t"),
            )),
        ),
        (
            "route/empty-module-name",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules//inputs/in\")",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/f/inputs/in/\")",
            None,
        ),
        (
            "route/unknown-module",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/filter/inputs/in\")",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/f/inputs/in\")",
            None,
        ),
        (
            "route/unknown-input",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/f/inputs/IN\")",
            "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/f/inputs/in\")",
            Some((
                "FROM /messages/modules/sensor/* INTO BrokeredEndpoint(\"/modules/f/inputs/in\")",
                from("sensor", "t"),
                from("other", "t"),
            )),
        ),
        (
            "route/bare-property",
            "FROM /messages/* WHERE alert INTO $upstream",
            "FROM /messages/* WHERE is_defined(alert) INTO $upstream",
            None,
        ),
        (
            "route/unwritable-property",
            "FROM /messages/* WHERE is_defined(e5) INTO $upstream",
            "FROM /messages/* WHERE is_defined(e5x) INTO $upstream",
            None,
        ),
        (
            "route/unwritable-property",
            "FROM /messages/* WHERE from = 'x' INTO $upstream",
            "FROM /messages/* WHERE from1 = 'x' INTO $upstream",
            None,
        ),
        (
            "route/unwritable-property",
            "FROM /messages/* WHERE ns:x = 'x' INTO $upstream",
            "FROM /messages/* WHERE ns.x = 'x' INTO $upstream",
            None,
        ),
        (
            "route/correlation-id",
            "FROM /messages/* WHERE $correlationId = 'c1' INTO $upstream",
            "FROM /messages/* WHERE $cid = 'c1' INTO $upstream",
            Some((
                "FROM /messages/* WHERE $cid = 'c1' INTO $upstream",
                json!({"systemProperties": {"cid": "c1"}}),
                json!({"systemProperties": {"cid": "c2"}}),
            )),
        ),
        (
            "route/unknown-system-property",
            "FROM /messages/* WHERE $connectionModule = 'x' INTO $upstream",
            "FROM /messages/* WHERE $CONNECTIONMODULEID = 'x' INTO $upstream",
            None,
        ),
        (
            "route/body-date",
            "FROM /messages/* WHERE $body.when > '2017-03-09T00:00:00Z' INTO $upstream",
            "FROM /messages/* WHERE $body.when > '2017-03-09' INTO $upstream",
            None,
        ),
        (
            "route/body-is-null",
            "FROM /messages/* WHERE NOT is_null($body.x) INTO $upstream",
            "FROM /messages/* WHERE NOT is_null(x) INTO $upstream",
            Some(("FROM /messages/* WHERE NOT ($body.x = null) INTO $upstream", body(&json!({"x": 5})), body(&json!({})))),
        ),
        (
            "route/body-is-defined",
            "FROM /messages/* WHERE kind = 'pump' AND is_defined($body.x) INTO $upstream",
            "FROM /messages/* WHERE kind = 'pump' AND is_defined(x) INTO $upstream",
            Some(("FROM /messages/* WHERE kind = 'pump' AND $body.x != null INTO $upstream", body(&json!({"x": 5})), body(&json!({})))),
        ),
        (
            "route/body-literal-type",
            "FROM /messages/* WHERE $body.t < '9' INTO $upstream",
            "FROM /messages/* WHERE $body.t < 9 INTO $upstream",
            None,
        ),
        (
            "route/body-content-type",
            "FROM /messages/* WHERE $body.t < 9 INTO $upstream",
            "FROM /messages/* WHERE $body.t < 9 AND $contentType = 'application/json' AND $contentEncoding = 'utf-8' INTO $upstream",
            None,
        ),
        (
            "route/loop",
            "FROM /messages/* INTO BrokeredEndpoint(\"/modules/f/inputs/in\")",
            "FROM /messages/* WHERE $connectionModuleId != 'f' INTO BrokeredEndpoint(\"/modules/f/inputs/in\")",
            None,
        ),
        (
            "route/body-on-right",
            "FROM /messages/* WHERE kind = 'pump' AND $body.ok INTO $upstream",
            "FROM /messages/* WHERE $body.ok AND kind = 'pump' INTO $upstream",
            Some((
                "FROM /messages/* WHERE kind = 'pump' AND $body.ok = true INTO $upstream",
                body(&json!({"ok": true})),
                body(&json!({"ok": 1})),
            )),
        ),
        (
            "route/body-modulo",
            "FROM /messages/* WHERE $body.t % 2 = 0 INTO $upstream",
            "FROM /messages/* WHERE $body.t / 2 = 0 INTO $upstream",
            Some(("FROM /messages/* WHERE as_number($body.t) % 2 = 0 INTO $upstream", body(&json!({"t": 4})), body(&json!({"t": 5})))),
        ),
        (
            "route/body-negation",
            "FROM /messages/* WHERE - $body.t > 5 INTO $upstream",
            "FROM /messages/* WHERE 0 - $body.t > 5 INTO $upstream",
            Some(("FROM /messages/* WHERE (0 - $body.t) > 5 INTO $upstream", body(&json!({"t": -6})), body(&json!({"t": 6})))),
        ),
        (
            "route/body-negation",
            "FROM /messages/* WHERE -$body.t > 5 INTO $upstream",
            "FROM /messages/* WHERE $body.t > -5 INTO $upstream",
            Some(("FROM /messages/* WHERE (0 - $body.t) > 5 INTO $upstream", body(&json!({"t": -6})), body(&json!({"t": 6})))),
        ),
        (
            "route/twin-change-includes",
            "FROM /twinChangeNotifications WHERE twin_change_includes(properties.reported.a) INTO $upstream",
            "FROM /twinChangeNotifications WHERE $body.properties.reported.a != null INTO $upstream",
            None,
        ),
        (
            "route/type-mismatch",
            "FROM /messages/* WHERE temp > 50 INTO $upstream",
            "FROM /messages/* WHERE temp > '50' INTO $upstream",
            Some(("FROM /messages/* WHERE as_number(temp) > 50 INTO $upstream", properties("temp", "51"), properties("temp", "6"))),
        ),
        (
            "route/type-mismatch",
            "FROM /messages/* WHERE alert = true AND NOT quiet INTO $upstream",
            "FROM /messages/* WHERE alert = 'true' INTO $upstream",
            Some((
                "FROM /messages/* WHERE alert = 'true' AND NOT (quiet = 'true') INTO $upstream",
                json!({"properties": {"alert": "true", "quiet": "false"}}),
                json!({"properties": {"alert": "true", "quiet": "true"}}),
            )),
        ),
        (
            "route/type-mismatch",
            "FROM /messages/* WHERE alert AND as_number(temp) > 5 INTO $upstream",
            "FROM /messages/* WHERE is_defined(alert) AND as_number(temp) > 5 INTO $upstream",
            Some((
                "FROM /messages/* WHERE alert = 'true' AND as_number(temp) > 5 INTO $upstream",
                json!({"properties": {"alert": "true", "temp": "6"}}),
                json!({"properties": {"alert": "false", "temp": "6"}}),
            )),
        ),
    ]
}

#[test]
fn every_trap_is_found_by_its_code_and_its_nearest_text_is_not() {
    for (code, trap, near, _) in traps() {
        let found = codes(&[route(trap)], &modules());
        assert!(found.contains(&code), "{code} not in {found:?}: {trap}");
        let found = codes(&[route(near)], &modules());
        assert!(!found.contains(&code), "{code} in {found:?}: {near}");
    }
}

#[test]
fn what_is_mended_is_what_was_meant() {
    for (code, trap, _, mended) in traps() {
        let result = fixed(&route(trap), &modules());
        let Some((text, meant, other)) = mended else {
            let safe = lint(&[route(trap)], &modules()).into_iter().any(|lint| lint.code == code && lint.fix.is_some_and(|fix| fix.safe));
            assert!(!safe, "{code}: {trap} -> {}", result.text);
            continue;
        };
        assert_eq!(result.text, text, "{trap}");
        assert!(result.done.iter().any(|(done, _)| *done == code), "{code}: {:?}", result.done);
        let left = codes(&[route(text)], &modules());
        assert!(!left.contains(&code), "{code} is left: {text}");
        assert!(takes(text, &meant), "{text} takes {meant}");
        assert!(!takes(text, &other), "{text} leaves {other}");
    }
}

#[test]
fn every_code_has_a_trap() {
    let set = ["route/shadowed", "route/equal-priority", "route/unrouted-output", "route/not-linted"];
    let shown: Vec<&str> = traps().iter().map(|(code, ..)| *code).chain(set).collect();
    for code in CODES {
        assert!(shown.contains(&code), "{code}");
    }
    assert!(CODES.is_sorted());
}

#[test]
fn spans_are_those_of_the_trap() {
    let text = "FROM /messages/* WHERE kind!='pump' INTO $upstream WHERE x";
    for lint in lint(&[route(text)], &LintContext::default()) {
        let expected = match lint.code {
            "route/glued-not-equal" => "kind!=",
            "route/text-after-sink" => "WHERE x",
            other => panic!("{other}"),
        };
        assert_eq!(text.get(lint.span), Some(expected));
    }
}

fn named(name: &str, text: &str, priority: Option<u32>, time_to_live_secs: u32) -> RouteText {
    RouteText { name: name.to_owned(), text: text.to_owned(), priority, time_to_live_secs }
}

#[test]
fn routes_to_one_endpoint_are_compared() {
    let all = "FROM /messages/* INTO $upstream";
    let one = "FROM /messages/modules/sensor/* INTO $upstream";
    let some = "FROM /messages/* WHERE kind = 'a' INTO $upstream";
    let other = "FROM /messages/modules/f/* INTO $upstream";
    for (routes, expected) in [
        (vec![named("a", all, Some(0), 0), named("b", one, Some(1), 0)], vec![("route/shadowed", 1)]),
        (vec![named("a", one, Some(1), 0), named("b", all, Some(0), 0)], vec![("route/shadowed", 0)]),
        (vec![named("a", some, Some(0), 0), named("b", some, Some(1), 0)], vec![("route/shadowed", 1)]),
        (vec![named("a", one, Some(0), 0), named("b", all, Some(1), 0)], vec![]),
        (vec![named("a", some, Some(0), 0), named("b", all, Some(1), 0)], vec![]),
        (vec![named("a", all, Some(0), 60), named("b", one, Some(0), 90)], vec![("route/equal-priority", 1)]),
        (vec![named("a", some, Some(0), 0), named("b", one, Some(0), 0)], vec![("route/equal-priority", 1)]),
        (vec![named("a", other, Some(0), 60), named("b", one, Some(0), 90)], vec![]),
    ] {
        let found = lint(&routes, &LintContext::default());
        let found: Vec<_> = found.iter().map(|lint| (lint.code, lint.route.expect("a route"))).collect();
        assert_eq!(found, expected, "{routes:?}");
    }
}

#[test]
fn many_routes_to_one_endpoint_have_one_finding_each() {
    let routes: Vec<RouteText> =
        (0..1_500).map(|at| named(&format!("r{at}"), &format!("FROM /messages/* WHERE n = '{at}' INTO $upstream"), Some(1), at)).collect();
    let found = lint(&routes, &LintContext::default());
    assert_eq!(found.len(), 1_499);
    assert!(found.iter().all(|lint| lint.code == "route/equal-priority" && lint.message.starts_with("`r0`")));
    let same = vec![named("r", "FROM /messages/* INTO $upstream", None, 0); 1_500];
    assert_eq!(codes(&same, &LintContext::default()), vec!["route/shadowed"; 1_499]);
}

#[test]
fn circles_of_modules_are_found_once() {
    let to = |from: &str, to: &str| route(&format!("FROM /messages/modules/{from}/* INTO BrokeredEndpoint(\"/modules/{to}/inputs/in\")"));
    for (routes, expected) in [
        (vec![to("a", "b"), to("b", "A")], vec![(1, "`a` -> `b` -> `a`")]),
        (
            vec![to("a", "b"), to("b", "c"), to("c", "d"), to("c", "a"), to("d", "a")],
            vec![(3, "`a` -> `b` -> `c` -> `a`"), (4, "`d` -> `a`")],
        ),
        (vec![to("a", "b"), to("b", "c"), to("a", "c")], vec![]),
        (vec![to("a", "b"), to("b", "a"), to("c", "d"), to("d", "c")], vec![(1, "`a` -> `b` -> `a`"), (3, "`c` -> `d` -> `c`")]),
        (
            vec![to("a", "b"), route("FROM /messages/* WHERE $connectionModuleId != 'a' INTO BrokeredEndpoint(\"/modules/a/inputs/in\")")],
            vec![(1, "`a` -> `b` -> `a`")],
        ),
        (
            vec![to("a", "b"), route("FROM /messages/* WHERE $connectionModuleId = 'x' INTO BrokeredEndpoint(\"/modules/a/inputs/in\")")],
            vec![],
        ),
    ] {
        let found = lint(&routes, &LintContext::default());
        let found: Vec<_> = found.iter().filter(|lint| lint.code == "route/loop").collect();
        assert_eq!(found.len(), expected.len(), "{routes:?} {found:?}");
        for (lint, (index, way)) in found.iter().zip(expected) {
            assert!(lint.route == Some(index) && lint.message.contains(way), "{lint:?}");
        }
    }
}

#[test]
fn an_output_without_a_route_is_named() {
    let routed = [route("FROM /messages/modules/sensor/outputs/t INTO BrokeredEndpoint(\"/modules/f/inputs/in\")")];
    let found = lint(&routed, &modules());
    assert_eq!(found.iter().map(|lint| (lint.code, lint.route)).collect::<Vec<_>>(), [("route/unrouted-output", None)]);
    assert!(found[0].message.contains("output `out` of the module `f`"));
    assert_eq!(codes(&[route("FROM /messages/* INTO $upstream")], &modules()), Vec::<&str>::new());
    let broken = [route("FROM nowhere")];
    assert_eq!(codes(&broken, &modules()), ["route/syntax"]);
}

#[test]
fn conditions_that_stand_alone_have_traps_of_their_own() {
    for (text, code) in [
        ("true && false", "route/text-after-condition"),
        ("5 -3", "route/glued-operator"),
        ("kind", "route/bare-property"),
        ("kind!='a'", "route/glued-not-equal"),
        ("temp > 50", "route/type-mismatch"),
        ("kind like 'p%'", "route/text-after-condition"),
    ] {
        assert!(lint_condition(text).iter().any(|lint| lint.code == code), "{text}: {:?}", lint_condition(text));
    }
    for text in ["(kind = 'a')", "kind = 'a' /* note */", "", "kind != 'a'", "it's = 'x'", "a+b = 'plus'"] {
        let found: Vec<_> = lint_condition(text).into_iter().filter(|lint| lint.fix.as_ref().is_some_and(|fix| fix.safe)).collect();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn a_mended_route_gets_as_far_as_before() {
    for text in ["a+b = 'x'", "a*b = 'x'", "a+1 = 'x'", "a%b", "kind||x = 'a'", "x-1 = 'a'"] {
        let before = route(&format!("FROM /messages/* WHERE {text} INTO $upstream"));
        let after = fixed(&before, &modules());
        assert!(Route::compile("r", &before.text).is_ok() && Route::compile("r", &after.text).is_ok(), "{text}: {}", after.text);
    }
}

#[test]
fn a_text_that_is_too_long_is_said_to_be() {
    let long = format!("FROM /messages/* WHERE kind = '{}' INTO $upstream", "x".repeat(LONGEST));
    let found = lint(&[route(&long)], &LintContext::default());
    assert_eq!(found.iter().map(|lint| (lint.code, lint.severity)).collect::<Vec<_>>(), [("route/not-linted", Severity::Note)]);
    assert_eq!(lint_condition(&"x".repeat(LONGEST + 1)).first().map(|lint| lint.code), Some("route/not-linted"));
}

#[test]
fn hostile_texts_are_answered() {
    for text in [
        "FROM /* WHERE ".to_owned() + &"(".repeat(10_000),
        "NOT ".repeat(10_000),
        "\0".repeat(1000),
        "'||".repeat(50_000),
        "/*".repeat(50_000),
    ] {
        drop(lint(&[route(&text), route(&format!("FROM /messages/* WHERE {text} INTO $upstream"))], &modules()));
        drop(lint_condition(&text));
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_mending_ends(parts in prop::collection::vec(prop::sample::select(vec![
        "FROM ", "/messages", "/*", "*/", " WHERE ", " INTO ", "$upstream", "'a'", "'", "\"b\"", "kind", "!=", "=", " = ", "5", "-3", "+", "||", "&&", " AND ", " OR ",
        "NOT ", "(", ")", "$body.t", "is_null(", "is_defined(", "%", "- ", ";", "BrokeredEndpoint(\"/a/b/c/d\")", "true", "null", "é", "\\",
    ]), 0..20)) {
        let text = parts.concat();
        let result = fixed(&route(&text), &modules());
        let again = fixed(&route(&result.text), &modules());
        prop_assert_eq!(&again.text, &result.text, "{}", text);
        for found in lint(&[route(&text)], &modules()) {
            prop_assert!(text.get(found.span.clone()).is_some(), "{} {:?}", text, found);
            prop_assert!(found.fix.is_none_or(|fix| fix.apply(&text).is_some()));
        }
        drop(lint_condition(&text));
    }
}
