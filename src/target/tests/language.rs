//! The rules of the language, a table each: what a condition is worth over one device, and what is refused.

use serde_json::{Value, json};

use crate::target::Truth::{False, True, Undefined};
use crate::target::{Condition, Dialect, Fault, Truth};

mod refusals;

fn device() -> Value {
    json!({
        "deviceId": "Edge-01",
        "capabilities": { "iotEdge": true },
        "tags": {
            "ring": "canary", "a": 5, "b": 5.0, "neg": -4, "zero": 0, "yes": true, "no": false, "text": "true", "nothing": null, "empty": "",
            "quoted": "O'Brien", "version": "1.5.1", "list": ["x", 1, null, { "k": 1 }], "object": { "inner": { "leaf": "v" }, "null": null },
            "group": { "region": "US" }, "my-tag": "dash", "5g": "digit", "a b": "blank", "$x": 1, "_y": 1, "umlaut": "Müller", "true": "word",
            "big": 9_007_199_254_740_993_u64
        },
        "properties": { "desired": { "fw": "1" }, "reported": { "fw": { "version": "1.5.1" }, "free": 2048 } }
    })
}

#[track_caller]
fn holds_in(dialect: Dialect, rows: &[(&str, Truth)]) {
    let device = device();
    let truth = |text: &str| Condition::parse_in(text, dialect).map(|condition| condition.truth(&device));
    let wrong: Vec<String> = rows
        .iter()
        .map(|(text, expected)| (text, expected, truth(text)))
        .filter(|(_, expected, actual)| actual.as_ref() != Ok(*expected))
        .map(|(text, expected, actual)| format!("{text:?} is {actual:?}, not {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn holds(rows: &[(&str, Truth)]) {
    holds_in(Dialect::Strict, rows);
}

#[track_caller]
fn refused(rows: &[(&str, Fault)]) {
    for (text, fault) in rows {
        assert_eq!(Condition::parse(text).expect_err(text).fault, *fault, "{text:?}");
    }
}

#[track_caller]
fn all_refused(texts: &[&str]) {
    let taken: Vec<&&str> = texts.iter().filter(|text| Condition::parse(text).is_ok()).collect();
    assert!(taken.is_empty(), "{taken:?}");
}

#[test]
fn every_device_and_no_device() {
    holds(&[("*", True), (" \t\r\n*\n ", True), ("", False), (" \t\r\n", False), ("true", True), ("false", False)]);
    refused(&[
        ("(*)", Fault::MissingOperand),
        ("* AND true", Fault::MissingOperand),
        ("**", Fault::MissingOperand),
        ("()", Fault::Unbalanced),
    ]);
}

#[test]
fn keywords_are_read_in_any_case_and_literals_in_lower_case() {
    holds(&[
        ("tags.yes aNd tags.yes", True),
        ("tags.no oR tags.yes", True),
        ("nOt tags.no", True),
        ("tags.ring iN ['canary']", True),
        ("tags.ring nIn ['canary']", False),
        ("IS_DEFINED(tags.ring)", True),
        ("Is_Defined ( tags.ring )", True),
        ("NOT(tags.no)AND(tags.yes)", True),
        ("tags.ring='canary'AND tags.a=5", True),
    ]);
    all_refused(&["TRUE", "tags.yes = True", "tags.nothing = NULL", "tags.x = Undefined", "tags.ring IN [TRUE]"]);
}

#[test]
fn white_space_may_stand_between_any_two_tokens() {
    holds(&[
        ("\r\n tags . ring\t=\n'canary' ", True),
        ("tags.ring IN [ 'x' ,\n'canary' ]", True),
        ("tags.ring<>'x'", True),
        ("tags.a-5=0", True),
        ("tags.a - -5 = 10", True),
    ]);
    for blank in ["\u{b}", "\u{c}", "\u{a0}", "\u{2003}", "\u{feff}", "\u{85}"] {
        refused(&[(format!("tags.a{blank}= 1").as_str(), Fault::BadCharacter), (blank, Fault::BadCharacter)]);
    }
}

#[test]
fn numbers_are_doubles_in_every_notation() {
    holds(&[
        ("tags.a = 5", True),
        ("tags.a = 5.0", True),
        ("tags.a = tags.b", True),
        ("tags.a = 0x5", True),
        ("properties.reported.free = 0x800", True),
        ("properties.reported.free = 0X800", True),
        ("tags.a = 5e0", True),
        ("tags.a = 0.5E+1", True),
        ("tags.a = 50e-1", True),
        ("tags.a = 005", True),
        ("tags.neg = -4", True),
        ("tags.neg = -0x4", True),
        ("tags.zero = -0", True),
        ("tags.a > 4.999", True),
        ("tags.a >= 5", True),
        ("tags.a < 5", False),
        ("tags.a <= 5", True),
        ("tags.a != 5", False),
        ("tags.big = 9007199254740992", True),
        ("0xFFFFFFFFFFFFFFFF > 1e19", True),
    ]);
    for text in ["5.", "1e", "1e+", "0x", "0xG", "1_000", "1e999", "0x10000000000000000", "1x"] {
        refused(&[(&format!("tags.a = {text}"), Fault::BadNumber)]);
    }
    refused(&[("tags.a = .5", Fault::MissingOperand), ("tags.a = +5", Fault::MissingOperand)]);
}

#[test]
fn texts_are_compared_by_code_point_and_case() {
    holds(&[
        ("tags.ring = 'canary'", True),
        ("'canary' = tags.ring", True),
        ("tags.ring = 'Canary'", False),
        ("tags.ring > 'Canary'", True),
        ("tags.empty = ''", True),
        ("tags.quoted = 'O''Brien'", True),
        ("tags.quoted != ''''", True),
        ("tags.umlaut = 'Müller'", True),
        ("tags.umlaut > 'Mz'", True),
        ("'\u{ffff}' < '\u{10000}'", True),
        ("tags.version > '1.10.0'", True),
        ("tags.version < '1.5.10'", True),
        ("'\\' = '\\'", True),
        ("'a;b == && -- [[x]] /* */' = 'a;b == && -- [[x]] /* */'", True),
        ("'a\nb' = 'a\nb'", True),
        ("deviceId = 'edge-01'", False),
        ("deviceId = 'Edge-01'", True),
    ]);
    refused(&[
        ("tags.a = 'x", Fault::Unclosed),
        ("tags.a = 'x''", Fault::Unclosed),
        ("tags.a = '''", Fault::Unclosed),
        ("tags.a = 'x' 'y'", Fault::MissingOperator),
        ("tags.a = \"x\"", Fault::DoubleQuote),
        ("tags.a = 'x\"y'", Fault::DoubleQuote),
        ("tags.a = `x`", Fault::BadCharacter),
    ]);
}

#[test]
fn different_types_are_neither_equal_nor_different() {
    let pairs = [
        "tags.a # '5'",
        "tags.text # true",
        "tags.yes # 1",
        "tags.nothing # 'x'",
        "tags.nothing # 0",
        "tags.ring # null",
        "tags.zero # ''",
        "tags.list # 'x'",
        "tags.list # tags.list",
        "tags.object # 'x'",
        "tags.object # tags.object",
        "tags.gone # 'x'",
        "'x' # tags.gone",
        "tags.gone # tags.gone",
        "tags.gone # null",
        "tags.a # undefined",
        "undefined # undefined",
    ];
    for operator in ["=", "!=", "<>", "<", "<=", ">", ">="] {
        for pair in pairs {
            let text = pair.replace('#', operator);
            holds(&[(&text, Undefined), (&format!("NOT {text}"), Undefined)]);
        }
    }
    holds(&[("tags.nothing = null", True), ("null = null", True), ("null != null", False), ("tags.nothing != null", False)]);
}

#[test]
fn false_comes_before_true() {
    holds(&[
        ("tags.no < tags.yes", True),
        ("false < true", True),
        ("true < true", False),
        ("tags.yes >= true", True),
        ("tags.yes != false", True),
        ("(tags.a = 5) = true", True),
        ("(tags.a = 6) = (tags.b = 6)", True),
        ("is_defined(tags.gone) = false", True),
        ("(tags.gone = 1) = false", Undefined),
    ]);
}

#[test]
fn and_or_not_know_three_values() {
    let words = [("true", True), ("false", False), ("tags.gone", Undefined)];
    for (left, a) in words {
        holds(&[(&format!("NOT {left}"), !a), (&format!("NOT NOT {left}"), a)]);
        for (right, b) in words {
            let and = match (a, b) {
                (False, _) | (_, False) => False,
                (True, True) => True,
                _ => Undefined,
            };
            let or = match (a, b) {
                (True, _) | (_, True) => True,
                (False, False) => False,
                _ => Undefined,
            };
            holds(&[(&format!("{left} AND {right}"), and), (&format!("{left} OR {right}"), or)]);
        }
    }
}

#[test]
fn an_operand_that_is_no_truth_value_is_undefined() {
    for operand in ["tags.text", "'true'", "1", "null", "tags.list", "tags.object", "tags.nothing", "undefined", "-1", "1 + 1"] {
        holds(&[
            (operand, Undefined),
            (&format!("NOT {operand}"), Undefined),
            (&format!("{operand} AND true"), Undefined),
            (&format!("{operand} AND false"), False),
            (&format!("{operand} OR true"), True),
            (&format!("false OR {operand}"), Undefined),
        ]);
    }
    holds(&[("tags.yes", True), ("tags.no", False), ("NOT tags.no", True), ("(tags.yes)", True)]);
}

#[test]
fn not_binds_looser_than_a_comparison_and_tighter_than_and() {
    holds(&[
        ("NOT tags.ring = 'x'", True),
        ("NOT tags.ring = 'x' AND tags.a = 6", False),
        ("NOT tags.a = 6 OR tags.a = 5", True),
        ("NOT tags.ring IN ['x']", True),
        ("NOT tags.ring NIN ['x']", False),
        ("NOT NOT tags.ring = 'canary'", True),
        ("tags.yes AND NOT deviceId = 'x'", True),
        ("tags.no AND tags.no OR tags.yes", True),
        ("tags.yes OR tags.no AND tags.no", True),
        ("(tags.yes OR tags.no) AND tags.no", False),
    ]);
    refused(&[("tags.yes = NOT tags.no", Fault::MissingOperand), ("tags.yes NOT", Fault::ForeignOperator), ("NOT", Fault::MissingOperand)]);
}

#[test]
fn membership_skips_elements_of_another_type() {
    holds(&[
        ("tags.a IN [1, 5]", True),
        ("tags.a IN [5.0]", True),
        ("tags.a IN ['5']", False),
        ("tags.a NIN ['5']", True),
        ("tags.a IN ['5', 5]", True),
        ("tags.neg IN [-4]", True),
        ("tags.neg IN [- 0x4]", True),
        ("tags.yes IN [true, 'x']", True),
        ("tags.yes IN ['true', 1]", False),
        ("tags.nothing IN [null]", True),
        ("tags.nothing IN ['x']", False),
        ("tags.nothing NIN ['x']", True),
        ("tags.ring IN [null]", False),
        ("tags.gone IN ['x', null]", Undefined),
        ("tags.gone NIN ['x', null]", Undefined),
        ("tags.list IN ['x']", Undefined),
        ("tags.list NIN ['x']", Undefined),
        ("tags.object IN ['x']", Undefined),
        ("'canary' IN ['canary']", True),
        ("tags.a + 1 IN [6]", True),
        ("(tags.a = 5) IN [true]", True),
        ("tags.ring IN ['x'] OR tags.ring IN ['canary']", True),
        ("tags.ring IN ['O''Brien', 'canary']", True),
    ]);
    for text in [
        "IN (1)",
        "IN 1",
        "IN tags.b",
        "IN []",
        "IN [1,]",
        "IN [,1]",
        "IN [1 2]",
        "IN [1",
        "IN [",
        "IN",
        "IN [tags.b]",
        "IN [undefined]",
        "IN [[1]]",
        "IN [-'x']",
        "IN [+1]",
        "IN [--1]",
        "IN [1 + 1]",
        "IN [(1)]",
        "NIN (1)",
        "IN [is_defined(tags.b)]",
    ] {
        refused(&[(&format!("tags.a {text}"), Fault::InArray)]);
    }
    refused(&[
        ("'x' IN tags.list", Fault::InArray),
        ("tags.a NOT IN [1]", Fault::ForeignOperator),
        ("tags.a IN [1] IN [2]", Fault::MissingOperator),
        ("tags.a IN [1] = true", Fault::MissingOperator),
        ("IN [1]", Fault::MissingOperand),
    ]);
}

#[test]
fn is_defined_asks_for_the_key() {
    holds(&[
        ("is_defined(deviceId)", True),
        ("is_defined(tags.nothing)", True),
        ("is_defined(tags.object)", True),
        ("is_defined(tags.object.inner)", True),
        ("is_defined(tags.object.null)", True),
        ("is_defined(tags.object.null.x)", False),
        ("is_defined(tags.list)", True),
        ("is_defined(tags.list.x)", False),
        ("is_defined(tags.ring.x)", False),
        ("is_defined(tags.gone)", False),
        ("is_defined(properties.reported.fw)", True),
        ("is_defined(properties.reported.fw.version.x)", False),
        ("NOT is_defined(tags.gone) OR tags.gone != 'x'", True),
    ]);
    all_refused(&[
        "is_defined()",
        "is_defined tags.a",
        "is_defined",
        "is_defined('x')",
        "is_defined(1)",
        "is_defined(tags)",
        "is_defined(properties.reported)",
        "is_defined(tags.a, tags.b)",
        "is_defined(tags.a",
        "is_defined((tags.a))",
        "is_defined(tags.a = 1)",
        "is_defined(status)",
        "is_defined(null)",
        "is_defined(properties.desired.a)",
        "tags.is_defined(a)",
    ]);
}

#[test]
fn arithmetic_is_on_numbers_and_binds_by_rank() {
    holds(&[
        ("tags.a + tags.b * 2 = 15", True),
        ("(tags.a + tags.b) * 2 = 20", True),
        ("10 - 2 - 3 = 5", True),
        ("100 / 10 / 2 = 5", True),
        ("7 % 3 = 1", True),
        ("-7 % 3 = -1", True),
        ("7 % -3 = 1", True),
        ("7.5 % 2 = 1.5", True),
        ("7 / 2 = 3.5", True),
        ("2 * -3 = -6", True),
        ("--5 = 5", True),
        ("-(tags.a + 1) = -6", True),
        ("-tags.neg = 4", True),
        ("tags.a / tags.zero = 1", Undefined),
        ("tags.a % tags.zero = 1", Undefined),
        ("tags.zero / 0 != 1", Undefined),
        ("tags.ring + 1 = 2", Undefined),
        ("tags.ring + 'x' = 'canaryx'", Undefined),
        ("tags.yes + 1 = 2", Undefined),
        ("tags.nothing + 1 = 1", Undefined),
        ("tags.gone * 0 = 0", Undefined),
        ("tags.list + 1 = 1", Undefined),
        ("-tags.ring = 'x'", Undefined),
        ("1e308 * 10 > 1", True),
        ("1e308 * 10 - 1e308 * 10 = 0", Undefined),
        ("tags.a = 1 + 4", True),
    ]);
    refused(&[("tags.a + = 1", Fault::MissingOperand), ("tags.a * / 2 = 1", Fault::MissingOperand), ("1 + 2 +", Fault::MissingOperand)]);
}

#[test]
fn paths_begin_at_three_roots() {
    holds(&[
        ("tags.object.inner.leaf = 'v'", True),
        ("properties.reported.fw.version = '1.5.1'", True),
        ("properties.reported.fw.version = tags.version", True),
        ("tags.$x = 1", True),
        ("tags._y = 1", True),
        ("tags.true = 'word'", True),
        ("tags.ring.x = 'c'", Undefined),
        ("tags.Ring = 'canary'", Undefined),
    ]);
    all_refused(&[
        "properties.desired.fw = '1'",
        "properties.fw = '1'",
        "properties = 1",
        "capabilities.iotEdge = true",
        "status = 'enabled'",
        "connectionState = 'Connected'",
        "lastActivityTime > '2026'",
        "configurations.x.status = 'Applied'",
        "environment = 'prod'",
        "tags.ring = canary",
        "$.tags.ring = 'x'",
        "Tags.ring = 'x'",
        "Properties.reported.fw = 1",
        "properties.Reported.fw = 1",
        "properties.[[reported]].fw = 1",
        "devices.tags.ring = 'x'",
        "[[tags]].ring = 'x'",
        "moduleId = 'x'",
    ]);
    refused(&[
        ("deviceid = 'x'", Fault::CaseDeviceId),
        ("DeviceId = 'x'", Fault::CaseDeviceId),
        ("deviceID = 'x'", Fault::CaseDeviceId),
        ("tag.ring = 'x'", Fault::TagSingular),
        ("tags = 'x'", Fault::BadPath),
        ("properties.reported = 'x'", Fault::BadPath),
        ("tags.", Fault::BadPath),
        ("tags..ring = 'x'", Fault::BadPath),
        ("tags.ring. = 'x'", Fault::BadPath),
        ("tags.5g = 'x'", Fault::BadNumber),
        ("tags.5 = 'x'", Fault::BadPath),
        ("tags.'x' = 1", Fault::BadPath),
        ("tags['ring'] = 'x'", Fault::BadPath),
        ("deviceId.x = 1", Fault::BadPath),
    ]);
}

#[test]
fn names_are_escaped_in_double_brackets() {
    holds(&[
        ("tags.[[ring]] = 'canary'", True),
        ("tags.[[my-tag]] = 'dash'", True),
        ("tags.[[5g]] = 'digit'", True),
        ("tags.[[a b]] = 'blank'", True),
        ("tags.[[ring ]] = 'canary'", Undefined),
        ("tags.[[group]].region = 'US'", True),
        ("tags.[[group]].[[region]] = 'US'", True),
        ("tags.object.[[inner]].leaf = 'v'", True),
        ("is_defined(tags.[[my-tag]])", True),
        ("properties.reported.[[fw]].version = '1.5.1'", True),
        ("tags.[[object.inner]] = 'v'", Undefined),
    ]);
    for word in ["select", "from", "where", "group", "by", "as", "top", "and", "or", "not", "in", "nin", "Group", "SELECT", "nIn"] {
        refused(&[(&format!("tags.{word}.region = 'US'"), Fault::ReservedWord), (&format!("tags.x.{word} = 'US'"), Fault::ReservedWord)]);
        assert!(Condition::parse(&format!("tags.[[{word}]].region = 'US'")).is_ok());
    }
    for word in ["groups", "order", "having", "is_defined", "null", "undefined", "deviceId", "tags", "like", "between"] {
        assert!(Condition::parse(&format!("tags.{word} = 1")).is_ok(), "{word}");
    }
    all_refused(&[
        "tags.[[a]b]] = 1",
        "tags.[[a] = 1",
        "tags.[a]] = 1",
        "tags.[a] = 1",
        "tags.[[]] = 1",
        "tags.[[a = 1",
        "tags.[[a]]b = 1",
        "tags.[[a]][[b]] = 1",
        "tags.my-tag = 'x'",
    ]);
}
