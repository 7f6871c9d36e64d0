//! The index answers as the evaluator does, whatever the twins and the conditions; lines are read as the JSON reader reads them.

use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::plan::{Contender, Tie, assign, ties};
use super::scan::{Raw, Seen, scan};
use super::schema::{ALWAYS, names};
use super::{FleetError, FleetFormat, FleetIndex, LiveFleet, Schema, read};
use crate::base::{Diagnose, Digest};
use crate::target::{Condition, Dialect};

fn parse(text: &str) -> Condition {
    Condition::parse_in(text, Dialect::Extended).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn index_as(fleet: &[u8], conditions: &[Condition], format: FleetFormat) -> Result<FleetIndex, FleetError> {
    read(&mut Cursor::new(fleet), Path::new("fleet"), format, Schema::of(conditions), &mut |_| {})
}

fn index(fleet: &str, conditions: &[Condition]) -> FleetIndex {
    index_as(fleet.as_bytes(), conditions, FleetFormat::Auto).expect("a fleet")
}

fn selected(index: &FleetIndex, condition: &Condition) -> Vec<String> {
    index.sets(condition).yes.iter().map(|device| index.id(device).to_owned()).collect()
}

fn refused(fleet: &[u8]) -> String {
    let conditions = [parse("tags.a = 1 OR is_defined(tags.site.hall)")];
    let error = index_as(fleet, &conditions, FleetFormat::Auto).expect_err("refused");
    assert_eq!(error.kind(), crate::base::Exit::BadInput);
    error.to_string()
}

#[test]
fn a_device_without_an_attribute_is_in_neither_set() {
    let fleet = "{\"deviceId\":\"a\",\"tags\":{\"ring\":\"canary\"}}\n{\"deviceId\":\"b\",\"tags\":{\"ring\":null}}\n\n{\"deviceId\":\"c\"}\r\n{\"deviceId\":\"d\",\"tags\":{\"ring\":\"x\"}}";
    let conditions =
        ["tags.ring != 'canary'", "NOT tags.ring = 'canary'", "tags.ring NIN ['canary']", "NOT is_defined(tags.ring)", "*", ""].map(parse);
    let index = index(fleet, &conditions);
    assert_eq!(conditions.each_ref().map(|condition| selected(&index, condition).concat()), ["d", "d", "bd", "c", "abcd", ""]);
    let kinds = index.kinds(&index.schema().paths()[0]).expect("held");
    assert_eq!((kinds.undefined, kinds.nulls, kinds.texts), (1, 1, 2));
}

#[test]
fn the_last_of_two_members_counts() {
    let conditions = ["tags.a = 1", "tags.b = 2", "is_defined(tags.a.x)", "is_defined(tags)"];
    let conditions: Vec<Condition> = conditions.iter().filter_map(|text| Condition::parse(text).ok()).collect();
    let index = index(
        "{\"deviceId\":\"x\",\"deviceId\":\"d\",\"tags\":{\"a\":1,\"a\":{\"x\":1},\"a\":1},\"tags\":{\"b\":3,\"\\u0062\":2}}",
        &conditions,
    );
    assert_eq!(conditions.iter().map(|condition| selected(&index, condition).concat()).collect::<Vec<_>>(), ["", "d", ""]);
}

#[test]
fn an_export_names_devices_by_id_and_lists_modules_too() {
    let fleet = "{\"id\":\"a\",\"eTag\":\"MQ==\",\"status\":\"enabled\",\"authentication\":null,\"twinETag\":\"AA=\",\"tags\":{\"ring\":\"canary\"},\"properties\":{\"desired\":{\"$version\":1},\"reported\":{\"fw\":{\"version\":\"1.5.0\"}}},\"capabilities\":{\"iotEdge\":true}}\n{\"id\":\"a\",\"moduleId\":\"$edgeAgent\",\"eTag\":\"MQ==\"}\n{\"id\":\"b\",\"moduleId\":null}\n";
    let conditions = [parse("properties.reported.fw.version = '1.5.0' AND deviceId = 'a'")];
    for format in [FleetFormat::Auto, FleetFormat::Export] {
        let index = index_as(fleet.as_bytes(), &conditions, format).expect("an export");
        assert_eq!((index.len(), selected(&index, &conditions[0]).concat()), (2, "a".to_owned()));
        assert_eq!(index.edge().expect("known").iter().collect::<Vec<_>>(), [0]);
    }
    assert!(index_as(fleet.as_bytes(), &conditions, FleetFormat::Twins).is_err());
}

#[test]
fn csv_is_read_with_types_quotes_and_nesting() {
    let fleet = "\u{feff}deviceId,ring,site.hall,line:number,spare:boolean,note,capabilities.iotEdge\r\na,canary,h1,3,TRUE,\"x, \"\"y\"\"\r\nz\",true\r\n\r\nb,,,,,\"\",\r\nc,\" early\",h2,-1.5e1,false,7,FALSE";
    for (condition, expected) in [
        ("tags.ring = 'canary'", "a"),
        ("tags.ring = ' early'", "c"),
        ("is_defined(tags.site)", "ac"),
        ("tags.line = 3 OR tags.line = -15", "ac"),
        ("tags.spare", "a"),
        ("tags.note = 'x, \"y\"\r\nz'", ""),
        ("LENGTH(tags.note) = 9 OR tags.note = ''", "ab"),
        ("tags.note = '7'", "c"),
        ("NOT is_defined(tags.ring)", "b"),
    ] {
        let Ok(parsed) = Condition::parse_in(condition, Dialect::Extended) else { continue };
        let index = index(fleet, std::slice::from_ref(&parsed));
        assert_eq!(selected(&index, &parsed).concat(), expected, "{condition}");
        assert_eq!(index.edge().expect("known").len(), 1);
    }
}

#[test]
fn bad_lines_are_named_by_their_place() {
    let deep = format!("{{\"deviceId\":\"a\"}}\n{{\"deviceId\":\"b\",\"x\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let mut different = Vec::new();
    for (fleet, message) in [
        (b"{\"deviceId\":\"a\"}\n{]\n".as_slice(), "fleet:2:2: key must be a string"),
        (b"{}", "fleet:1:1: a twin needs a `deviceId`"),
        (b"{\"deviceId\":5}", "fleet:1:1: a twin needs a `deviceId`"),
        (b"{\"deviceId\":\"\"}", "fleet:1:1: a twin needs a `deviceId`"),
        (b"[1]", "fleet:1:1: a line holds one JSON object"),
        (b"{\"deviceId\":\"a\"}\n{\"deviceId\":\"b\",\"tags\":{\"ri", "fleet:2:27: EOF while parsing a string"),
        (b"{\"deviceId\":\"a\"} {}", "fleet:1:18: trailing characters"),
        (b"{\"deviceId\":\"a\"}\n{\"deviceId\":\"b\xff\"}", "fleet:2:15: this is no UTF-8"),
        (b"{\"deviceId\":\"a\x00\"}", "fleet:1:15: control character (\\u0000-\\u001F) found while parsing a string"),
        (deep.as_bytes(), "fleet:2:147: recursion limit exceeded"),
        (b"{\"deviceId\":\"a\"}\n{\"deviceId\":\"a\"}", "fleet: the device `a` is there twice"),
        (b"ring\ncanary", "fleet:1:1: this is neither a twin in JSON nor the header of a CSV file with a column deviceId"),
        (b"deviceId,a,a\n", "fleet:1:12: the column `a` is there twice, or is a part of another one"),
        (b"deviceId,site.hall,site\n", "fleet:1:20: the column `site` is there twice, or is a part of another one"),
        (b"deviceId,a:date\n", "fleet:1:10: a column is text, number or boolean, not `date`"),
        (b"deviceId,a..b\n", "fleet:1:10: `a..b` is no name of a column"),
        (b"deviceId,a\nx\n", "fleet:2:1: 1 cells, and the header names 2 columns"),
        (b"deviceId,a\n\nx,1\n,2\n", "fleet:4:1: a device needs an id"),
        (b"deviceId,a\nx,b\"c\n", "fleet:2:4: a quote inside a cell that does not begin with one"),
        (b"deviceId,a\nx,\"b\nc", "fleet:2:3: the quote is not closed"),
        (b"deviceId,a\nx,\"b\"c\n", "fleet:2:6: a cell in quotes goes on after its closing quote"),
        (b"deviceId,a:number\nx,1x\n", "fleet:2:3: `1x` is no number"),
        (b"deviceId,a:boolean\nx,yes\n", "fleet:2:3: `yes` is neither true nor false"),
        (b"deviceId,a\nx,b\x00\n", "fleet:2:4: this is no text: it has a zero byte"),
    ] {
        let actual = refused(fleet);
        if actual != message {
            different.push(format!("{actual}, not {message}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn the_longest_lines_are_read_and_longer_ones_refused() {
    let line = |length: usize| {
        format!("{{\"deviceId\":\"a\"}}\n{{\"deviceId\":\"b\",\"x\":\"{}\"}}\n{{\"deviceId\":\"c\"}}\n", "x".repeat(length))
    };
    assert_eq!(index(&line(10 << 20), &[]).len(), 3);
    assert_eq!(refused(line(17 << 20).as_bytes()), "fleet:2:1: longer than 16 MiB");
    assert_eq!(refused(format!("deviceId,a\nx,\"{}", "y\n".repeat(9 << 20)).as_bytes()), "fleet:2:1: longer than 16 MiB");
}

#[test]
fn many_pieces_keep_their_order() {
    let fleet: String =
        (0..60_000).map(|n| format!("{{\"deviceId\":\"d{n}\",\"tags\":{{\"a\":{},\"b\":\"{}\"}}}}\n", n % 7, n % 1000)).collect();
    let conditions = ["tags.a = 3 AND tags.b = '10'", "tags.a >= 3", "deviceId IN ['d59999', 'd1', 5]"].map(parse);
    let index = index(&fleet, &conditions);
    let expected: Vec<String> = (0..60_000).filter(|n| n % 7 == 3 && n % 1000 == 10).map(|n| format!("d{n}")).collect();
    assert_eq!(selected(&index, &conditions[0]), expected);
    assert_eq!(index.sets(&conditions[1]).yes.len(), (0..60_000).filter(|n| n % 7 >= 3).count() as u64);
    assert_eq!(selected(&index, &conditions[2]), ["d1", "d59999"]);
    let broken = format!("{fleet}{{\"deviceId\":7}}\n{fleet}");
    assert_eq!(refused(broken.as_bytes()), "fleet:60001:1: a twin needs a `deviceId`");
}

#[test]
fn patches_move_devices() {
    let conditions =
        ["tags.ring = 'early'", "is_defined(tags.site)", "tags.site.hall > 1", "NOT is_defined(properties.reported.fw)"].map(parse);
    let index = index("{\"deviceId\":\"a\",\"tags\":{\"ring\":\"canary\"}}\n{\"deviceId\":\"b\"}", &conditions);
    let mut live = LiveFleet::new(index, conditions.to_vec());
    let mut moves = |patch: Value| -> Vec<(usize, bool)> {
        live.patch("a", &patch).expect("a patch").into_iter().map(|moved| (moved.condition, moved.selected)).collect()
    };
    assert_eq!(moves(json!({ "tags": { "ring": "early" } })), [(0, true)]);
    assert_eq!(moves(json!({ "tags": { "ring": "early" } })), []);
    assert_eq!(moves(json!({ "tags": { "site": { "hall": 2 } } })), [(1, true), (2, true)]);
    assert_eq!(moves(json!({ "tags": { "site": 5 } })), [(2, false)]);
    assert_eq!(moves(json!({ "tags": null, "properties": { "reported": { "fw": {} } } })), [(0, false), (1, false), (3, false)]);
    assert!(live.patch("c", &json!({})).is_err() && live.patch("a", &json!([])).is_err());
}

#[test]
fn a_patch_that_does_not_fit_changes_nothing() {
    let conditions = ["tags.a = 2", "tags.b = 'x'"].map(parse);
    let mut index = index("{\"deviceId\":\"a\",\"tags\":{\"a\":1}}", &conditions);
    index.columns[1].dictionary.full = true;
    let mut live = LiveFleet::new(index, conditions.to_vec());
    assert!(live.patch("a", &json!({ "tags": { "a": 2, "b": "x" } })).is_err());
    assert_eq!((live.index().sets(&conditions[0]).yes.len(), live.selected(0).len()), (0, 0));
    assert_eq!(live.patch("a", &json!({ "tags": { "a": 2 } })).expect("a patch").len(), 1);
}

#[test]
fn nothing_depends_on_the_seed_or_the_order() {
    let fleet = |step: usize| -> String {
        let line = |n: usize| format!("{{\"deviceId\":\"d{n:03}\",\"tags\":{{\"a\":\"v{}\",\"n\":{}}}}}\n", n % 9, n * 700);
        (0..101).map(|n| line(n * step % 101)).collect()
    };
    let conditions = ["tags.a IN ['v1', 'v5'] AND tags.n > 30000", "deviceId = 'd007' OR deviceId = 'd'", "tags.n = 70000"].map(parse);
    let found = |seed: u64, step: usize| {
        let (mut stream, schema) = (Cursor::new(fleet(step)), Schema::of(&conditions).seeded(seed));
        let index = read(&mut stream, Path::new("fleet"), FleetFormat::Auto, schema, &mut |_| {}).expect("a fleet");
        assert_eq!((index.find("d100").map(|device| index.id(device)), index.find("d1")), (Some("d100"), None));
        let mut found = conditions.each_ref().map(|condition| selected(&index, condition));
        for ids in &mut found {
            ids.sort();
        }
        (found, if step == 1 { index.to_bytes(&Digest::of(b"")) } else { Vec::new() })
    };
    for step in [1, 40] {
        assert_eq!(found(0, step), found(0x1234_5678_9abc_def1, step));
        assert_eq!(found(0, step).0, found(7, 1).0);
    }
    let twice = format!("{}{{\"deviceId\":\"d005\"}}\n", fleet(40));
    assert_eq!(refused(twice.as_bytes()), "fleet: the device `d005` is there twice");
}

#[test]
fn a_saved_index_is_the_same_and_damage_is_found() {
    let fleet: String = (0..600)
        .map(|n| {
            format!(
                "{{\"deviceId\":\"d{n}\",\"capabilities\":{{\"iotEdge\":{}}},\"tags\":{{\"a\":\"v{n}\",\"b\":[{n}],\"c\":{}}}}}\n",
                n % 2 == 0,
                n % 3
            )
        })
        .collect();
    let conditions = ["tags.a = 'v7'", "ARRAY_CONTAINS(tags.b, 5)", "tags.c > 1 AND is_defined(tags)"]
        .into_iter()
        .filter_map(|text| Condition::parse_in(text, Dialect::Extended).ok());
    let conditions: Vec<Condition> = conditions.collect();
    let (index, source) = (index(&fleet, &conditions), Digest::of(fleet.as_bytes()));
    let bytes = index.to_bytes(&source);
    let again = FleetIndex::from_bytes(&bytes, index.schema().clone(), &source).expect("as saved");
    for condition in &conditions {
        assert_eq!(again.sets(condition), index.sets(condition));
    }
    assert_eq!((again.edge(), again.to_bytes(&source)), (index.edge(), bytes.clone()));
    let read = |bytes: &[u8]| FleetIndex::from_bytes(bytes, index.schema().clone(), &source).is_ok();
    assert!(FleetIndex::from_bytes(&bytes, index.schema().clone(), &Digest::of(b"other")).is_err());
    assert!(FleetIndex::from_bytes(&bytes, Schema::of([]), &source).is_err());
    for place in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x40;
        assert!(!read(&damaged) && !read(&bytes[..place]), "{place}");
        // A checksum that fits, as a later version with a mistake might write it: no panic, whatever is read.
        let end = damaged.len() - 4;
        let sum = crc32fast::hash(&damaged[..end]);
        damaged[end..].copy_from_slice(&sum.to_le_bytes());
        read(&damaged);
    }
}

/// Values of twins: few, so that conditions meet them.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        (-3..4_i64).prop_map(|value| json!(value)),
        Just(json!(0.5)),
        Just(json!(-0.0)),
        "[ab]{0,2}".prop_map(|text| json!(text)),
        Just(json!(["a", 1, null])),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members)))
}

fn sections() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[abc]", values(), 0..4).prop_map(|members| json!(members))
}

fn conditions() -> impl Strategy<Value = Condition> {
    let path = "(tags|properties\\.reported)\\.[abc](\\.[abc]){0,2}";
    let constant = prop_oneof![
        Just("'a'"),
        Just("'ab'"),
        Just("''"),
        Just("1"),
        Just("-0.5"),
        Just("0"),
        Just("true"),
        Just("false"),
        Just("null"),
        Just("undefined")
    ];
    let operand = prop_oneof![
        3 => path.prop_map(|path| path),
        2 => constant.prop_map(str::to_owned),
        1 => Just("deviceId".to_owned()),
        1 => (path, "[-+*/%]", "[0-2]").prop_map(|(path, operator, number)| format!("({path} {operator} {number})")),
        1 => ("LOWER|UPPER|LENGTH|ABS|AS_NUMBER", path).prop_map(|(name, path)| format!("{name}({path})")),
    ];
    let leaf = prop_oneof![
        4 => (operand.clone(), "=|!=|<|<=|>|>=", operand.clone()).prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
        1 => path.prop_map(|path| format!("is_defined({path})")),
        1 => (operand, "IN|NIN").prop_map(|(operand, word)| format!("{operand} {word} ['a', 1, true, null, 'd1']")),
        1 => path.prop_map(|path| path),
        1 => ("STARTSWITH|ENDSWITH|CONTAINS", path, path).prop_map(|(name, left, right)| format!("{name}({left}, {right})")),
        1 => ("IS_(NULL|STRING|NUMBER|BOOL|ARRAY|OBJECT|PRIMITIVE)", path).prop_map(|(name, path)| format!("{name}({path})")),
        1 => path.prop_map(|path| format!("ARRAY_CONTAINS({path}, 'a')")),
    ];
    let whole = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), "AND|OR", inner.clone()).prop_map(|(left, word, right)| format!("({left}) {word} ({right})")),
            inner.prop_map(|inner| format!("NOT ({inner})")),
        ]
    });
    whole.prop_map(|text| parse(&text))
}

/// Merges a patch into a document (RFC 7396), written apart from the index.
fn merge(document: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else { return *document = patch.clone() };
    if !document.is_object() {
        *document = json!({});
    }
    let object = document.as_object_mut().expect("made one");
    for (name, value) in members {
        if value.is_null() {
            object.remove(name);
        } else {
            merge(object.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

fn same_as_evaluator(index: &FleetIndex, conditions: &[Condition], twins: &[Value]) -> Result<(), TestCaseError> {
    for condition in conditions {
        let sets = index.sets(condition);
        for (device, twin) in (0..).zip(twins) {
            prop_assert_eq!(sets.truth(device), condition.truth(twin), "{} on {}", condition, twin);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_index_answers_as_the_evaluator(
        conditions in prop::collection::vec(conditions(), 1..5),
        twins in prop::collection::vec((sections(), sections()), 1..12),
        patches in prop::collection::vec((0..12_usize, sections(), sections()), 0..12),
    ) {
        let mut twins: Vec<Value> = twins.into_iter().enumerate().map(|(number, (tags, reported))| {
            json!({ "deviceId": format!("d{number}"), "tags": tags, "properties": { "desired": { "a": 1 }, "reported": reported } })
        }).collect();
        let text: String = twins.iter().map(|twin| format!("{twin}\n")).collect();
        let index = index(&text, &conditions);
        same_as_evaluator(&index, &conditions, &twins)?;
        let mut live = LiveFleet::new(index, conditions.clone());
        for (number, tags, reported) in patches {
            let number = number % twins.len();
            let patch = json!({ "tags": tags, "properties": { "reported": reported } });
            merge(&mut twins[number], &patch);
            live.patch(&format!("d{number}"), &patch).expect("a patch");
        }
        same_as_evaluator(live.index(), &conditions, &twins)?;
        for (number, condition) in conditions.iter().enumerate() {
            prop_assert_eq!(live.selected(number), &live.index().sets(condition).yes, "{}", condition);
        }
    }

    #[test]
    fn a_line_is_read_as_the_json_reader_reads_it(parts in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"deviceId\"", "\"tags\"", "\"a\"", "\"b\"", "\"\\u0061\"", "\"\\ud800\"", "\"x\ny\"", "1", "-0", "01", "-", "1.5e3",
        "1e999", "12345678901234567890", "0.1", "true", "fals", "null", " ", "\t", "\u{e9}", "\"é\\n\"", "{\"a\":", "{\"tags\":{\"a\":", "}}", "]]",
    ]), 0..14)) {
        let line = parts.concat();
        let schema = Schema::of(&[parse("tags.a = 1 OR is_defined(tags.b.a)")]);
        let mut slots = vec![Raw::Undefined; schema.paths().len() + ALWAYS];
        let mut seen = Seen::new(&schema);
        let scanned = scan(&schema, &line, &mut slots, &mut seen);
        // Once more, and after another line, with members that are known by then.
        for before in ["", "{\"tags\":{\"c\":0,\"a\":1,\"b\":{\"a\":2}},\"deviceId\":\"d\"}"] {
            let mut again = vec![Raw::Undefined; slots.len()];
            drop(scan(&schema, before, &mut again, &mut seen));
            again.fill(Raw::Undefined);
            prop_assert_eq!(&scan(&schema, &line, &mut again, &mut seen), &scanned, "{}", line);
            if scanned.is_ok() {
                prop_assert_eq!(&again, &slots, "{}", line);
            }
        }
        let known: Result<Map<String, Value>, _> = serde_json::from_str(&line);
        prop_assert_eq!(scanned.is_ok(), known.is_ok(), "{}: {:?}", line, known);
        if let Ok(known) = known {
            let whole = Value::Object(known);
            for (path, raw) in schema.paths().iter().zip(&slots) {
                let expected = names(path).try_fold(&whole, |value, name| value.as_object()?.get(name));
                let expected = match expected {
                    None => Raw::Undefined,
                    Some(Value::Null) => Raw::Null,
                    Some(Value::Bool(value)) => Raw::Bool(*value),
                    Some(Value::Number(number)) => Raw::Number(number.as_f64().expect("a number")),
                    Some(Value::String(text)) => Raw::Text(text.into()),
                    Some(Value::Object(_)) => Raw::Object,
                    Some(Value::Array(_)) => {
                        prop_assert!(matches!(raw, Raw::Array(_)), "{}", line);
                        continue;
                    }
                };
                prop_assert_eq!(raw, &expected, "{}", line);
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\n\r\\ade0x-\xff\x00".to_vec()), 0..60)) {
        let conditions = [parse("tags.a = 1")];
        for format in [FleetFormat::Auto, FleetFormat::Twins, FleetFormat::Export, FleetFormat::Csv] {
            drop(index_as(&bytes, &conditions, format));
        }
    }

    #[test]
    fn csv_cells_survive_quoting(cells in prop::collection::vec("[a\", \r\n]{0,5}", 1..8)) {
        let fleet: String = cells.iter().enumerate().map(|(n, cell)| format!("d{n},\"{}\"\n", cell.replace('"', "\"\""))).collect();
        let conditions = [parse("is_defined(tags.note)")];
        let index = index(&format!("deviceId,note\n{fleet}"), &conditions);
        for (device, cell) in (0..).zip(&cells) {
            let column = &index.columns[0];
            let value = column.dictionary.value(column.codes[device]);
            prop_assert_eq!(value, crate::target::value::Value::Text(cell.into()));
        }
    }
}

#[test]
fn clauses_are_counted_as_they_were_written() {
    let text = "tags.ring  =  'canary' AND NOT (tags.n > 1 OR deviceId = 'b')";
    let condition = parse(text);
    let index = index(
        "{\"deviceId\":\"a\",\"tags\":{\"ring\":\"canary\"}}\n{\"deviceId\":\"b\",\"tags\":{\"n\":1,\"ring\":5}}\n{\"deviceId\":\"c\",\"tags\":{\"ring\":\"canary\",\"n\":0}}\n",
        std::slice::from_ref(&condition),
    );
    let counts = index.count(&condition, text, None);
    let clauses: Vec<_> = counts.clauses.iter().map(|clause| (clause.text.as_str(), clause.yes, clause.no, clause.undefined)).collect();
    assert_eq!((counts.matched, counts.total), (1, 3));
    assert_eq!(clauses, [("tags.ring  =  'canary'", 2, 0, 1), ("tags.n > 1", 0, 2, 1), ("deviceId = 'b'", 1, 2, 0)]);
    let among = [0, 1].into_iter().collect();
    assert_eq!((index.count(&condition, text, Some(&among)).matched, index.count(&parse("*"), "*", Some(&among)).total), (0, 2));
}

#[test]
fn the_winner_takes_the_device_and_ties_are_counted() {
    let contender =
        |id, priority, created, devices: &[u32]| Contender { id, priority, created, devices: devices.iter().copied().collect() };
    let contenders = [
        contender("base", 1, "2026", &[0, 1, 2]),
        contender("new", 5, "2026", &[1, 2]),
        contender("old", 5, "2025", &[2, 3]),
        contender("z", 1, "2026", &[4]),
    ];
    let assigned = assign(&contenders).iter().map(|set| set.iter().collect::<Vec<_>>()).collect::<Vec<_>>();
    assert_eq!(assigned, [vec![0], vec![1, 2], vec![3], vec![4]]);
    assert_eq!(ties(&contenders), [Tie { first: 1, second: 2, devices: 1 }]);
}
