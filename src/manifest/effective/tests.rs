//! Tests of the composition, one sentence of its rules each.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn candidate(row: &Value) -> Candidate {
    Candidate {
        id: row["id"].as_str().expect("an id").to_owned(),
        priority: row["priority"].as_i64().expect("a priority"),
        created: row["createdTimeUtc"].as_str().and_then(|time| time.parse().ok()).expect("a time"),
        condition: row["targetCondition"].as_str().and_then(|text| Condition::parse(text).ok()).expect("a condition"),
        content: row["modulesContent"].as_object().expect("content").clone(),
    }
}

/// A deployment of a day of November for every device.
fn deployment(id: &str, priority: i64, day: u32, content: &Value) -> Candidate {
    candidate(&json!({
        "id": id, "priority": priority, "createdTimeUtc": format!("2026-11-{day:02}T00:00:00Z"), "targetCondition": "*",
        "modulesContent": content,
    }))
}

/// A base with these modules, and desired properties of `x`.
fn base(id: &str, priority: i64, day: u32) -> Candidate {
    let content = json!({
        "$edgeAgent": { "properties.desired": { "systemModules": { "edgeHub": "hub:1" }, "modules": { "x": { "image": "x:1", "env": { "A": 1 } } } } },
        "$edgeHub": { "properties.desired": { "routes": { "up": "one" } } },
        "x": { "properties.desired": { "a": 1, "deep": { "b": 2, "c": 3 } } },
    });
    deployment(id, priority, day, &content)
}

fn layer(id: &str, priority: i64, day: u32, module: &str, section: &Value) -> Candidate {
    let mut content = json!({ "$edgeAgent": {} });
    content[module] = section.clone();
    deployment(id, priority, day, &content)
}

fn edge() -> Value {
    json!({ "deviceId": "edge-1", "capabilities": { "iotEdge": true }, "tags": { "ring": "canary" } })
}

fn composed(candidates: &[Candidate]) -> Composition {
    effective(candidates, &edge())
}

fn codes(composition: &Composition) -> Vec<&'static str> {
    composition.lint.keys().map(|lint| lint.code()).collect()
}

#[test]
fn developer_cases_hold() {
    let text = include_str!("../../../tests/fixtures/cases/layering.dev.jsonl");
    assert_eq!(text.lines().count(), 22);
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let candidates: Vec<Candidate> = row["deployments"].as_array().expect("deployments").iter().map(candidate).collect();
        let previous = row.get("previous").and_then(Value::as_object).cloned().unwrap_or_default();
        let found = effective(&candidates, &row["device"]).keeping(&previous);
        let actual = json!({
            "base": found.base,
            "applied": found.applied,
            "targeted": found.targeted,
            "effective": found.effective,
            "lint": codes(&found),
        });
        assert_eq!(actual, row["expect"], "{}", row["id"]);
    }
}

#[test]
fn codes_are_in_order() {
    let all = [Lint::BaseTie, Lint::LayerBelowBase, Lint::LayerNotAboveBase, Lint::LayerPriorityTie, Lint::LayerWithoutBase];
    let more = [Lint::MixedForm, Lint::ModuleOverridden, Lint::PathTypeConflict, Lint::RouteOverridden, Lint::TwinOverwritten];
    let codes: Vec<&str> = all.into_iter().chain(more).map(Lint::code).collect();
    assert!(codes.is_sorted());
}

#[test]
fn a_device_that_is_no_edge_device_takes_nothing_and_keeps_what_it_has() {
    let previous = json!({ "x": { "a": 7 } });
    let previous = previous.as_object().expect("an object");
    for capabilities in [json!({}), json!({ "iotEdge": false }), json!({ "iotEdge": "true" }), json!(null)] {
        let twin = json!({ "deviceId": "leaf", "capabilities": capabilities });
        let found = effective(&[base("base", 0, 1), layer("l", 1, 1, "x", &json!({ "properties.desired.a": 2 }))], &twin).keeping(previous);
        assert_eq!((&found.base, found.applied.len(), found.targeted.len(), codes(&found)), (&None, 0, 0, vec![]));
        assert_eq!(found.effective["x"], json!({ "a": 7 }));
    }
}

#[test]
fn only_a_true_condition_targets() {
    let mut other = base("other", 9, 1);
    for text in ["tags.line = 1", "tags.line != 1", "NOT tags.line = 1", "", "tags.ring", "tags.ring = 'broad'"] {
        other.condition = Condition::parse(text).expect("parses");
        let found = composed(&[base("base", 0, 1), other.clone()]);
        assert_eq!((found.base.as_deref(), found.targeted), (Some("base"), vec!["base".to_owned()]), "{text}");
    }
    other.condition = Condition::parse("tags.line = 1 OR tags.ring = 'canary'").expect("parses");
    assert_eq!(composed(&[base("base", 0, 1), other]).base.as_deref(), Some("other"));
}

#[test]
fn priority_then_creation_then_id_decide_among_bases() {
    let found = composed(&[base("a", 5, 9), base("z", 4, 30)]);
    assert_eq!((found.base.as_deref(), codes(&found)), (Some("a"), vec![]));
    let found = composed(&[base("z", 5, 1), base("a", 5, 2)]);
    assert_eq!((found.base.as_deref(), codes(&found)), (Some("a"), vec![]), "the newer one, and no tie");
    let found = composed(&[base("a", 5, 1), base("B", 5, 1)]);
    assert_eq!((found.base.as_deref(), codes(&found)), (Some("a"), vec!["base-tie"]), "ids by their bytes");
    assert_eq!(found.applied, ["a"]);
    let found = composed(&[base("a", 1, 1), base("b", 1, 1), base("top", 2, 1)]);
    assert_eq!((found.base.as_deref(), codes(&found)), (Some("top"), vec!["base-tie"]), "a tie below counts too");
    let offset = candidate(&json!({
        "id": "c", "priority": 5, "createdTimeUtc": "2026-11-01T02:00:00+02:00", "targetCondition": "*",
        "modulesContent": { "$edgeAgent": { "properties.desired": {} } },
    }));
    assert_eq!(codes(&composed(&[base("a", 5, 1), offset])), ["base-tie"], "one time in two zones");
}

#[test]
fn negative_priorities_order_as_numbers() {
    let found = composed(&[base("low", -5, 1), base("high", 0, 1), base("ten", 10, 1), base("nine", 9, 2)]);
    assert_eq!(found.base.as_deref(), Some("ten"));
}

#[test]
fn only_the_agents_whole_section_makes_a_base() {
    let whole_twin = layer("l", 1, 1, "x", &json!({ "properties.desired": { "n": 1 } }));
    assert!(!whole_twin.is_base());
    assert!(!layer("l", 1, 1, "$edgeAgent", &json!({ "properties.desired.modules.y": {} })).is_base());
    assert!(!deployment("l", 1, 1, &json!({ "x": { "properties.desired": {} } })).is_base(), "no agent section at all");
    assert!(deployment("b", 1, 1, &json!({ "$edgeAgent": { "properties.desired": {} } })).is_base(), "an empty one counts");
    let found = composed(&[base("base", 0, 1), whole_twin]);
    assert_eq!((found.base.as_deref(), found.applied.len()), (Some("base"), 2));
}

#[test]
fn lower_bases_are_not_merged() {
    let lower = deployment(
        "lower",
        0,
        1,
        &json!({
            "$edgeAgent": { "properties.desired": { "modules": { "old": {}, "x": {} } } }, "old": { "properties.desired": { "a": 1 } },
        }),
    );
    let found = composed(&[lower, base("higher", 1, 1)]);
    assert_eq!((found.applied.clone(), codes(&found)), (vec!["higher".to_owned()], vec![]), "what was never applied is not overridden");
    assert_eq!(found.effective["$edgeAgent"]["modules"], json!({ "x": { "image": "x:1", "env": { "A": 1 } } }));
    assert!(!found.effective.contains_key("old"));
}

#[test]
fn layers_are_dropped_by_order_and_not_by_priority_alone() {
    let section = json!({ "properties.desired.modules.y": "y:1" });
    let found = composed(&[base("base", 5, 2), layer("l", 5, 3, "$edgeAgent", &section)]);
    assert_eq!((found.applied.clone(), codes(&found)), (vec!["base".to_owned(), "l".to_owned()], vec!["layer-not-above-base"]));
    let found = composed(&[base("base", 5, 2), layer("l", 5, 1, "$edgeAgent", &section)]);
    assert_eq!((found.applied.clone(), codes(&found)), (vec!["base".to_owned()], vec!["layer-below-base", "layer-not-above-base"]));
    let found = composed(&[base("base", 5, 2), layer("a", 5, 2, "$edgeAgent", &section)]);
    assert_eq!(codes(&found), ["layer-below-base", "layer-not-above-base"], "of one time the id decides");
    let found = composed(&[base("low", 0, 1), layer("l", 5, 1, "$edgeAgent", &section), base("high", 9, 1)]);
    assert_eq!((found.targeted.len(), codes(&found)), (3, vec!["layer-below-base"]));
}

#[test]
fn without_a_base_layers_do_nothing() {
    let found = composed(&[layer("l", 1, 1, "x", &json!({ "properties.desired.a": 1 })), layer("m", 1, 1, "x", &json!({}))]);
    assert_eq!((found.base.clone(), found.applied.len(), found.effective.len()), (None, 0, 0));
    assert_eq!(
        (found.targeted.clone(), codes(&found)),
        (vec!["l".to_owned(), "m".to_owned()], vec!["layer-priority-tie", "layer-without-base"])
    );
    let kept = found.keeping(json!({ "x": { "old": true } }).as_object().expect("an object"));
    assert_eq!(kept.effective["x"], json!({ "old": true }));
}

#[test]
fn what_was_before_counts_for_nothing_once_there_is_a_base() {
    let found = composed(&[base("base", 0, 1)]).keeping(json!({ "gone": {} }).as_object().expect("an object"));
    assert!(!found.effective.contains_key("gone"));
}

#[test]
fn a_path_is_replaced_whole() {
    let found =
        composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeAgent", &json!({ "properties.desired.modules.x": { "image": "x:2" } }))]);
    assert_eq!(found.effective["$edgeAgent"]["modules"]["x"], json!({ "image": "x:2" }), "env is gone");
    assert_eq!(codes(&found), ["module-overridden"]);
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &json!({ "properties.desired.deep": { "c": 9 } }))]);
    assert_eq!((&found.effective["x"], codes(&found)), (&json!({ "a": 1, "deep": { "c": 9 } }), vec![]));
}

#[test]
fn whole_first_then_shallow_before_deep() {
    let section = json!({
        "properties.desired.deep.b": 20, "properties.desired.deep": { "only": 1 }, "properties.desired": { "n": 1 },
    });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &section)]);
    assert_eq!((&found.effective["x"], codes(&found)), (&json!({ "n": 1, "deep": { "only": 1, "b": 20 } }), vec!["twin-overwritten"]));
}

#[test]
fn a_deeper_path_changes_a_module_without_replacing_it() {
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeAgent", &json!({ "properties.desired.modules.x.image": "x:2" }))]);
    assert_eq!((&found.effective["$edgeAgent"]["modules"]["x"]["image"], codes(&found)), (&json!("x:2"), vec![]));
}

#[test]
fn routes_and_system_modules_are_overridden_by_name() {
    let route = |name: &str| json!({ (format!("properties.desired.routes.{name}")): "two" });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeHub", &route("up"))]);
    assert_eq!((&found.effective["$edgeHub"]["routes"], codes(&found)), (&json!({ "up": "two" }), vec!["route-overridden"]));
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeHub", &route("side"))]);
    assert_eq!((&found.effective["$edgeHub"]["routes"], codes(&found)), (&json!({ "up": "one", "side": "two" }), vec![]));
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeHub", &route("side")), layer("m", 2, 1, "$edgeHub", &route("side"))]);
    assert_eq!(codes(&found), ["route-overridden"], "layer over layer");
    let found =
        composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeAgent", &json!({ "properties.desired.systemModules.edgeHub": "hub:2" }))]);
    assert_eq!(codes(&found), ["module-overridden"]);
}

#[test]
fn whole_sections_override_by_name_too() {
    let whole = json!({ "properties.desired": { "routes": { "up": "two" } } });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeHub", &whole)]);
    assert_eq!(codes(&found), ["route-overridden", "twin-overwritten"]);
    let other = json!({ "properties.desired": { "routes": { "down": "two" } } });
    assert_eq!(codes(&composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeHub", &other)])), ["twin-overwritten"]);
    let modules = json!({ "properties.desired.modules": { "x": {}, "y": {} } });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeAgent", &modules)]);
    assert_eq!((&found.effective["$edgeAgent"]["modules"], codes(&found)), (&json!({ "x": {}, "y": {} }), vec!["module-overridden"]));
}

#[test]
fn a_deployment_does_not_override_itself() {
    let content = json!({
        "$edgeAgent": { "properties.desired": { "modules": { "x": { "image": "x:1" } } }, "properties.desired.modules.x": { "image": "x:2" } },
    });
    let found = composed(&[deployment("base", 0, 1, &content)]);
    assert_eq!((&found.effective["$edgeAgent"]["modules"]["x"]["image"], codes(&found)), (&json!("x:2"), vec![]));
}

#[test]
fn a_whole_twin_is_overwritten_only_where_one_lies_below() {
    let whole = json!({ "properties.desired": { "n": 1 } });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "new", &whole)]);
    assert_eq!((&found.effective["new"], codes(&found)), (&json!({ "n": 1 }), vec![]));
    let dotted = layer("l", 1, 1, "new", &json!({ "properties.desired.a": 1 }));
    let found = composed(&[base("base", 0, 1), dotted, layer("m", 2, 1, "new", &whole)]);
    assert_eq!((&found.effective["new"], codes(&found)), (&json!({ "n": 1 }), vec!["twin-overwritten"]));
}

#[test]
fn mixed_form_is_told_of_any_targeted_base_and_of_other_modules_only() {
    let mixed = |module: &str| {
        let mut found = base("mixed", 0, 1);
        found.content.entry(module).or_insert(json!({}))["properties.desired.p"] = json!(1);
        found
    };
    assert_eq!(codes(&composed(&[mixed("y")])), ["mixed-form"]);
    assert_eq!(codes(&composed(&[mixed("$edgeHub")])), ["mixed-form"]);
    assert_eq!(codes(&composed(&[mixed("$edgeAgent")])), Vec::<&str>::new());
    let found = composed(&[mixed("y"), base("higher", 3, 1)]);
    assert_eq!((codes(&found), found.effective.contains_key("y")), (vec!["mixed-form"], false));
    assert_eq!(
        codes(&composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &json!({ "properties.desired": {}, "properties.desired.p": 1 }))])),
        ["twin-overwritten"]
    );
}

#[test]
fn null_removes_what_is_there_and_makes_nothing() {
    let removed = |section: Value, module: &str| composed(&[base("base", 0, 1), layer("l", 1, 1, module, &section)]);
    let found = removed(json!({ "properties.desired.deep.b": null }), "x");
    assert_eq!((&found.effective["x"], codes(&found)), (&json!({ "a": 1, "deep": { "c": 3 } }), vec![]));
    let found = removed(json!({ "properties.desired.modules.x": null }), "$edgeAgent");
    assert_eq!((&found.effective["$edgeAgent"]["modules"], codes(&found)), (&json!({}), vec![]));
    let found = removed(json!({ "properties.desired.routes.up": null }), "$edgeHub");
    assert_eq!((&found.effective["$edgeHub"]["routes"], codes(&found)), (&json!({}), vec![]));
    let found = removed(json!({ "properties.desired.none.b": null, "properties.desired.a.b": null }), "x");
    assert_eq!((&found.effective["x"], codes(&found)), (&json!({ "a": 1, "deep": { "b": 2, "c": 3 } }), vec![]));
    assert!(!removed(json!({ "properties.desired.a": null }), "new").effective.contains_key("new"));
    let found = removed(json!({ "properties.desired": null }), "x");
    assert!(!found.effective.contains_key("x"));
    let found = composed(&[
        base("base", 0, 1),
        layer("l", 1, 1, "x", &json!({ "properties.desired.a": null })),
        layer("m", 2, 1, "x", &json!({ "properties.desired.a": 5 })),
    ]);
    assert_eq!(found.effective["x"]["a"], json!(5), "a higher layer brings it back");
}

#[test]
fn what_is_in_the_way_of_a_deeper_path_makes_room() {
    for (key, is) in [("a.b.c", json!({ "a": { "b": { "c": 1 } } })), ("deep.b.q", json!({ "a": 1, "deep": { "b": { "q": 1 }, "c": 3 } }))]
    {
        let section = json!({ (format!("properties.desired.{key}")): 1 });
        let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &section)]);
        for (name, value) in is.as_object().expect("members") {
            assert_eq!(&found.effective["x"][name], value, "{key}");
        }
        assert_eq!(codes(&found), ["path-type-conflict"], "{key}");
    }
    let list = layer("l", 1, 1, "x", &json!({ "properties.desired.list": [1, 2] }));
    let found = composed(&[base("base", 0, 1), list, layer("m", 2, 1, "x", &json!({ "properties.desired.list.0": 5 }))]);
    assert_eq!((&found.effective["x"]["list"], codes(&found)), (&json!({ "0": 5 }), vec!["path-type-conflict"]));
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &json!({ "properties.desired.new.b": 1 }))]);
    assert_eq!((&found.effective["x"]["new"], codes(&found)), (&json!({ "b": 1 }), vec![]), "nothing was in the way");
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &json!({ "properties.desired.deep": 5 }))]);
    assert_eq!(codes(&found), Vec::<&str>::new(), "an object may be replaced by a scalar");
}

#[test]
fn ties_are_told_whatever_the_layers_hold_and_wherever_they_lie() {
    let section = json!({ "properties.desired.p": 1 });
    let found = composed(&[base("base", 0, 1), layer("l", 3, 1, "x", &section), layer("m", 3, 2, "y", &section)]);
    assert_eq!((codes(&found), found.ties()), (vec!["layer-priority-tie"], true));
    let found = composed(&[base("base", 9, 1), layer("l", 3, 1, "x", &section), layer("m", 3, 2, "y", &section)]);
    assert_eq!(codes(&found), ["layer-below-base", "layer-priority-tie"]);
    assert_eq!(found.lint[&Lint::LayerBelowBase].len(), 2);
}

#[test]
fn every_value_knows_where_it_came_from() {
    let found = composed(&[
        base("base", 0, 1),
        layer("l", 1, 1, "x", &json!({ "properties.desired.deep.b": 5, "properties.desired.new.n": 1 })),
        layer(
            "m",
            2,
            1,
            "x",
            &json!({ "properties.desired.a": { "made": 1 }, "properties.desired.deep.c": null, "properties.desired.new.o": 1 }),
        ),
    ]);
    let of = |path: &[&str]| found.provenance.of("x", path);
    assert_eq!((of(&[]), of(&["deep"]), of(&["deep", "b"])), (Some("base"), Some("base"), Some("l")));
    assert_eq!((of(&["a"]), of(&["a", "made"]), of(&["new"]), of(&["new", "o"])), (Some("m"), Some("m"), Some("l"), Some("m")));
    let written = serde_json::to_value(&found.provenance).expect("JSON");
    assert_eq!(written["x"], json!({ "": "base", "/a": "m", "/deep/b": "l", "/new": "l", "/new/o": "m" }));
    let over = composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &json!({ "properties.desired": { "z": 1 } }))]);
    assert_eq!(serde_json::to_value(&over.provenance).expect("JSON")["x"], json!({ "": "l" }));
}

#[test]
fn a_twin_without_capabilities_takes_nothing() {
    let found = effective(&[base("base", 0, 1)], &json!({ "deviceId": "leaf", "tags": {} }));
    assert_eq!((found.base, found.targeted.len(), found.lint.len()), (None, 0, 0));
}

#[test]
fn layers_of_one_priority_tie_only_on_a_device_that_both_target() {
    let section = json!({ "properties.desired.p": 1 });
    let mut other = layer("m", 3, 1, "x", &section);
    other.condition = Condition::parse("tags.ring = 'broad'").expect("parses");
    let found = composed(&[base("base", 0, 1), layer("l", 3, 1, "x", &section), other]);
    assert_eq!((found.ties(), codes(&found), found.targeted.clone()), (false, vec![], vec!["base".to_owned(), "l".to_owned()]));
}

#[test]
fn of_layers_that_tie_the_newer_one_counts_and_each_lint_is_told_once() {
    let image = |image: &str| json!({ "properties.desired.modules.x": { "image": image } });
    let found =
        composed(&[layer("a", 3, 9, "$edgeAgent", &image("new")), layer("z", 3, 8, "$edgeAgent", &image("old")), base("base", 0, 1)]);
    assert_eq!(found.effective["$edgeAgent"]["modules"]["x"]["image"], json!("new"));
    assert_eq!((found.applied.join(" "), codes(&found)), ("base z a".to_owned(), vec!["layer-priority-tie", "module-overridden"]));
    assert_eq!(found.lint[&Lint::ModuleOverridden].len(), 2, "one for each deployment that replaces");
}

#[test]
fn a_layer_replaces_the_brokers_section_whole_and_its_own_keys_come_after() {
    let section = json!({ "properties.desired.routes.extra": "three", "properties.desired": { "routes": { "down": "two" } } });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "$edgeHub", &section)]);
    assert_eq!(found.effective["$edgeHub"], json!({ "routes": { "down": "two", "extra": "three" } }));
    assert_eq!((found.base.as_deref(), codes(&found)), (Some("base"), vec!["twin-overwritten"]));
}

#[test]
fn an_agents_own_keys_in_a_base_are_set_after_the_whole() {
    let content = json!({ "$edgeAgent": {
        "properties.desired.modules.y": { "image": "y:1" }, "properties.desired.modules.x": null,
        "properties.desired": { "modules": { "x": { "image": "x:1" } } },
    } });
    let found = composed(&[deployment("base", 0, 1, &content)]);
    assert_eq!((&found.effective["$edgeAgent"], codes(&found)), (&json!({ "modules": { "y": { "image": "y:1" } } }), vec![]));
}

#[test]
fn a_lower_base_that_returns_takes_what_a_higher_one_had() {
    let empty = deployment("empty", 0, 1, &json!({ "$edgeAgent": { "properties.desired": { "modules": {} } } }));
    let found =
        composed(&[empty]).keeping(json!({ "$edgeAgent": { "modules": { "x": {} } }, "x": { "a": 1 } }).as_object().expect("an object"));
    assert_eq!(found.effective, BTreeMap::from([("$edgeAgent".to_owned(), json!({ "modules": {} }))]));
}

#[test]
fn many_keys_are_composed_in_bounded_time() {
    let keys = |prefix: &str| -> Value {
        (0..20_000).map(|index| (format!("properties.desired.{prefix}.k{index}"), json!(index))).collect::<Map<_, _>>().into()
    };
    let found = composed(&[
        base("base", 0, 1),
        layer("l", 1, 1, "x", &keys("a")),
        layer("m", 2, 1, "x", &keys("deep")),
        layer("n", 3, 1, "x", &json!({ "properties.desired.a": 1, "properties.desired.deep.k7": null })),
    ]);
    assert_eq!((&found.effective["x"]["a"], found.effective["x"]["deep"].as_object().map(Map::len)), (&json!(1), Some(20_001)));
    assert_eq!(found.provenance.below("x", &["deep"]).count(), 19_999);
    assert_eq!((found.provenance.of("x", &["a", "k1"]), found.provenance.of("x", &["deep", "k7"])), (Some("n"), Some("base")));
}

#[test]
fn paths_are_forgotten_by_whole_names() {
    let section =
        json!({ "properties.desired.a-b": 1, "properties.desired.a": {}, "properties.desired.a.b": 1, "properties.desired.a0": 1 });
    let found =
        composed(&[base("base", 0, 1), layer("l", 1, 1, "x", &section), layer("m", 2, 1, "x", &json!({ "properties.desired.a": null }))]);
    let written = serde_json::to_value(&found.provenance).expect("JSON");
    assert_eq!(written["x"], json!({ "": "base", "/a-b": "l", "/a0": "l" }));
    assert_eq!(found.provenance.below("x", &["a"]).count(), 0);
}

#[test]
fn a_key_that_is_too_deep_sets_nothing() {
    let section = json!({ (format!("properties.desired.{}", vec!["a"; 20_000].join("."))): 1 });
    let found = composed(&[base("base", 0, 1), layer("l", 1, 1, "m", &section)]);
    assert_eq!((found.applied.len(), found.effective.contains_key("m")), (2, false));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("t")), Just(json!([1]))];
    leaf.prop_recursive(2, 8, 3, |inner| {
        proptest::collection::btree_map("[ab]", inner, 0..3).prop_map(|members| Value::Object(members.into_iter().collect()))
    })
}

fn any_section() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("properties.desired".to_owned()),
        "properties\\.desired\\.(modules|routes|a)(\\.[ab]){0,2}",
        Just("properties.reported".to_owned())
    ];
    proptest::collection::btree_map(key, any_value(), 0..4).prop_map(|members| Value::Object(members.into_iter().collect()))
}

prop_compose! {
    fn any_candidate()(
        id in "[a-d]", priority in 0..4_i64, day in 1..3_u32, everyone in any::<bool>(),
        content in proptest::collection::btree_map(prop_oneof![Just("$edgeAgent"), Just("$edgeHub"), Just("x")], any_section(), 0..4),
    ) -> Candidate {
        let content: Map<String, Value> = content.into_iter().map(|(name, section)| (name.to_owned(), section)).collect();
        let mut made = deployment(&id, priority, day, &Value::Object(content));
        made.condition = if everyone { Condition::Everything } else { Condition::parse("tags.ring = 'canary'").expect("parses") };
        made
    }
}

/// Requires an origin of every value below one.
fn require_origins(composition: &Composition, module: &str, path: &mut Vec<String>, value: &Value) {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let origin = composition.provenance.of(module, &names);
    assert!(origin.is_some_and(|id| composition.applied.iter().any(|applied| applied == id)), "{module} {path:?}: {origin:?}");
    for (name, value) in value.as_object().into_iter().flatten() {
        path.push(name.clone());
        require_origins(composition, module, path, value);
        path.pop();
    }
}

proptest! {
    #[test]
    fn the_order_of_the_list_never_matters(
        (first, second) in proptest::collection::vec(any_candidate(), 0..6).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(composed(&first), composed(&second));
    }

    #[test]
    fn a_composition_holds_together(candidates in proptest::collection::vec(any_candidate(), 0..6)) {
        let found = composed(&candidates);
        prop_assert_eq!(found.base.as_ref(), found.applied.first());
        prop_assert!(found.applied.iter().all(|id| found.targeted.contains(id)));
        prop_assert_eq!(found.base.is_none(), found.effective.is_empty() && found.applied.is_empty());
        prop_assert!(found.lint.values().all(|texts| !texts.is_empty()));
        for (module, section) in &found.effective {
            require_origins(&found, module, &mut Vec::new(), section);
        }
    }
}
