//! Tests of the editing in place: a table of ways to write a map, and a property over random files.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn added(text: &str) -> String {
    insert(text, Path::new("edgectl.yaml"), "modules", "new", &json!("modules/new")).unwrap_or_else(|error| panic!("{text}\n{error:?}"))
}

#[test]
fn an_entry_goes_where_a_person_would_write_it() {
    for (before, after) in [
        ("version: 1\n", "version: 1\nmodules:\n  new: modules/new\n"),
        ("version: 1", "version: 1\nmodules:\n  new: modules/new"),
        ("", "modules:\n  new: modules/new\n"),
        ("modules: {}\n", "modules:\n  new: modules/new\n"),
        ("modules: { } # none yet\nrings: []\n", "modules: # none yet\n  new: modules/new\nrings: []\n"),
        ("modules:\nrings: []\n", "modules:\n  new: modules/new\nrings: []\n"),
        ("modules:\n    # a: b\n\n# Rings.\nrings: []\n", "modules:\n    # a: b\n    new: modules/new\n\n# Rings.\nrings: []\n"),
        ("modules:\n  a: b # c\n\nx: 1\n", "modules:\n  a: b # c\n  new: modules/new\n\nx: 1\n"),
        ("modules:\n  a: b\n  # c: d\n\n# x\nx: 1\n", "modules:\n  a: b\n  # c: d\n  new: modules/new\n\n# x\nx: 1\n"),
        ("modules:\n   a: {x: 1,\n     y: 2}\nx: 1\n", "modules:\n   a: {x: 1,\n     y: 2}\n   new: modules/new\nx: 1\n"),
        ("modules: { a: b }\n", "modules: { a: b, new: modules/new }\n"),
        ("modules: {a: b,}\n", "modules: {a: b, new: modules/new}\n"),
        ("modules: { a: \"}\", b: 'it''s }' } # }\n", "modules: { a: \"}\", b: 'it''s }', new: modules/new } # }\n"),
        ("modules:\n  {\n    a: b, # c }\n    d: é # f\n  }\n", "modules:\n  {\n    a: b, # c }\n    d: é, new: modules/new # f\n  }\n"),
        ("modules: { # none\n  }\n", "modules: { new: modules/new  # none\n  }\n"),
        ("x: 1\r\nmodules:\r\n  a: b\r\ny: 2\r\n", "x: 1\r\nmodules:\r\n  a: b\r\n  new: modules/new\r\ny: 2\r\n"),
        ("x: 1\r\n", "x: 1\r\nmodules:\r\n  new: modules/new\r\n"),
        ("'modules' : {}\n", "'modules' :\n  new: modules/new\n"),
        ("---\n  x: 1\n  modules:\n      a: b\n", "---\n  x: 1\n  modules:\n      a: b\n      new: modules/new\n"),
        (
            "modules:\n  a: |-\n    text\n    # no comment\nx: 1\n",
            "modules:\n  a: |-\n    text\n    # no comment\n  new: modules/new\nx: 1\n",
        ),
        ("modules:\n  a: |+\n    text\n\nx: 1\n", "modules:\n  a: |+\n    text\n\n  new: modules/new\nx: 1\n"),
        ("modules:\n  a: b", "modules:\n  a: b\n  new: modules/new"),
    ] {
        assert_eq!(added(before), after);
    }
}

#[test]
fn what_cannot_be_edited_safely_is_left_to_the_user() {
    let refusal = |text: &str| insert(text, Path::new("a.yaml"), "modules", "new", &json!("modules/new")).expect_err("refused");
    for text in ["{ version: 1 }\n", "modules: !!map {}\n", "? modules\n: {}\n", "modules: [a]\n", "modules: 3\n", "- a\n", "x: 1\n...\n"] {
        let error = refusal(text);
        assert_eq!((error.code, error.kind), ("solution/cannot-edit", Exit::BadInput), "{text}");
        assert!(error.hints[0].contains("new"), "{:?}", error.hints);
    }
    assert_eq!(refusal("modules: { new: x }\n").code, "solution/entry-exists");
    assert_eq!(refusal("modules:\n  new: x\n").code, "solution/entry-exists");
    assert_eq!(refusal("modules: {\n").code, "yaml/invalid");
}

#[test]
fn values_read_back_as_themselves() {
    let route = "FROM /messages/modules/a/outputs/* WHERE x = 'a: b' AND y # z INTO BrokeredEndpoint(\"/modules/b/inputs/in\")";
    for value in [
        json!(route),
        json!("FROM /messages/* INTO $upstream"),
        json!("two\nlines"),
        json!("true"),
        json!("010"),
        json!(" edge "),
        json!("- a"),
        json!(""),
        json!({ "threshold": 25, "name": "it's, [so]", "deep": { "list": [1, "a: b", null, true, 2.5] }, "odd key": {}, "no": "yes" }),
    ] {
        for text in ["x: 1\n", "s: {}\n", "s: { a: 1 }\n", "s:\n  a: 1\n"] {
            let edited = insert(text, Path::new("a.yaml"), "s", "k", &value).expect("edited");
            let read: Value = yaml::from_str(&edited, Path::new("a.yaml")).expect("yaml");
            assert_eq!(read["s"]["k"], value, "{edited}");
        }
    }
}

/// Some lines that say nothing.
fn gap() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "\n", "# a comment: {\n", "\n# one\n\n# two\n", "   # indented\n"]).prop_map(str::to_owned)
}

fn tail() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", " # tail", "  # modules: {}"]).prop_map(str::to_owned)
}

/// A map of the top level in one of its writings, with as many entries as asked for.
fn section(name: &'static str) -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["plain", "'it''s'", "\"a # } b\"", "{ image: x, list: [1, 2] }", "[a, 'b]']", "12"]);
    let entries = prop::collection::vec((value, tail(), gap()), 0..4);
    (entries, 1..5_usize, 0..3_u8, tail()).prop_map(move |(entries, indent, style, tail)| {
        let pairs: Vec<String> = entries.iter().enumerate().map(|(number, (value, _, _))| format!("k{number}: {value}")).collect();
        match style {
            0 => format!("{name}: {{ {} }}{tail}\n", pairs.join(", ")),
            1 if entries.is_empty() => format!("{name}:{tail}\n"),
            1 => format!("{name}: {{\n  {}\n}}{tail}\n", pairs.join(",\n  ")),
            _ => {
                let lines = pairs.iter().zip(&entries).map(|(pair, (_, tail, gap))| format!("{}{pair}{tail}\n{gap}", " ".repeat(indent)));
                format!("{name}:{tail}\n{}", lines.collect::<String>())
            }
        }
    })
}

fn file() -> impl Strategy<Value = String> {
    let rings = Just("rings:\n- { name: a, target: \"tags.ring = 'a'\" }\n- name: b\n  target: x\n".to_owned());
    let text = Just("description: |\n  modules: {}\n\n  # kept\nx: 1\n".to_owned());
    let parts = prop::collection::vec((gap(), prop_oneof![section("twins"), rings, text]), 0..2);
    (gap(), section("modules"), section("routes"), parts, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(gap, modules, routes, parts, has_modules, ends, windows)| {
            let others: String = parts.into_iter().map(|(gap, part)| format!("{gap}{part}")).collect();
            let modules = if has_modules { modules } else { String::new() };
            let text = format!("version: 1\n{routes}{gap}{modules}{others}");
            let text = if ends { text } else { text.trim_end_matches('\n').to_owned() };
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_other_bytes_stay(text in file(), key in "[a-j][a-z0-9_-]{0,8}[a-z]") {
        let path = Path::new("edgectl.yaml");
        let Ok(old) = yaml::from_str::<Value>(&text, path) else { return Ok(()) };
        let edited = insert(&text, path, "modules", &key, &json!("modules/x")).expect("edited");
        // Nothing of the old text is gone, but for the braces of an empty map.
        let kept = text.replacen("modules: {  }", "modules:", 1);
        let same_head = kept.bytes().zip(edited.bytes()).take_while(|(a, b)| a == b).count();
        let same_tail = kept.bytes().rev().zip(edited.bytes().rev()).take_while(|(a, b)| a == b).count();
        prop_assert!(same_head + same_tail >= kept.len(), "{text:?}\n{edited:?}");
        let read: Value = yaml::from_str(&edited, path).expect("yaml");
        prop_assert_eq!(&read["modules"][&key], &json!("modules/x"));
        prop_assert_eq!(&read["routes"], &old["routes"]);
        prop_assert_eq!(text.contains("\r\n"), edited.contains("\r\n"));
    }
}
