//! What is refused, what was meant by it, and what belongs to the extended dialect.

use super::*;

#[test]
fn operators_of_other_languages_and_loose_ends_are_refused() {
    all_refused(&[
        "tags.a == 1",
        "tags.a && tags.b",
        "tags.a || tags.b",
        "tags.a & tags.b",
        "tags.a | tags.b",
        "!tags.a",
        "tags.a ! 1",
        "tags.a BETWEEN 1 AND 3",
        "tags.a LIKE 'x%'",
        "tags.a IS NULL",
        "tags.a = 1;",
        ";",
        "tags.a 1",
        "tags.a =",
        "= 1",
        "AND",
        "tags.a AND",
        "tags.a OR OR tags.b",
        "OR tags.a",
        "(tags.a",
        "tags.a)",
        ")",
        "((tags.a)",
        "tags.a = 1 = 1",
        "tags.a < 1 < 2",
        "tags.a => 1",
        "tags.a =< 1",
        "tags.a , tags.b",
        "tags.a [1]",
        "tags.a -- comment",
        "/* c */ true",
        "tags.a ?? 1",
        "@tags.a",
        "#",
        "tags.a = 'x' AND 'y",
        "tags.a ^ 2 = 1",
        "~tags.a",
        "{tags.a}",
        "tags.a = 1 AND;",
        "true false",
        "NOT NOT",
    ]);
}

#[test]
fn queries_and_prefixes_are_refused() {
    for text in [
        "FROM devices.modules WHERE tags.ring = 'x'",
        "from devices.modules where tags.ring = 'x'",
        "SELECT * FROM devices",
        "SELECT * FROM devices WHERE tags.ring = 'x'",
        "tags.ring = 'x' GROUP BY tags.ring",
        "tags.ring = 'x' ORDER BY deviceId",
        "tags.ring = 'x' FROM devices",
        "tags.ring = 'x' AS r",
    ] {
        refused(&[(text, Fault::QueryForm)]);
    }
    all_refused(&["WHERE tags.ring = 'x'", "TOP 5", "* FROM devices", "devices WHERE tags.ring = 'x'"]);
}

#[test]
fn functions_belong_to_the_extended_dialect() {
    let rows = [
        ("STARTSWITH(tags.ring, 'can')", True),
        ("starts_with(tags.ring, 'CAN')", False),
        ("EndsWith(tags.ring, 'ary')", True),
        ("ENDS_WITH(tags.ring, '')", True),
        ("contains(tags.ring, 'nar')", True),
        ("CONTAINS(tags.ring, 'x')", False),
        ("STARTSWITH(tags.a, '5')", Undefined),
        ("STARTSWITH(tags.ring, 5)", Undefined),
        ("NOT STARTSWITH(tags.gone, 'a')", Undefined),
        ("LOWER(deviceId) = 'edge-01'", True),
        ("upper(tags.umlaut) = 'MÜLLER'", True),
        ("LOWER(tags.a) = '5'", Undefined),
        ("LENGTH(tags.ring) = 6", True),
        ("LENGTH(tags.empty) = 0", True),
        ("LENGTH(tags.list) = 4", Undefined),
        ("IS_NULL(tags.nothing)", True),
        ("IS_NULL(tags.gone)", False),
        ("is_null(null)", True),
        ("IS_STRING(tags.ring)", True),
        ("IS_STRING(tags.a)", False),
        ("IS_STRING(tags.gone)", False),
        ("IS_NUMBER(tags.a)", True),
        ("IS_NUMBER(tags.text)", False),
        ("IS_BOOL(tags.yes)", True),
        ("IS_BOOL(tags.a = 5)", True),
        ("IS_BOOL(tags.gone = 5)", False),
        ("IS_ARRAY(tags.list)", True),
        ("IS_ARRAY(tags.object)", False),
        ("IS_OBJECT(tags.object)", True),
        ("IS_OBJECT(tags.list)", False),
        ("IS_PRIMITIVE(tags.nothing)", True),
        ("IS_PRIMITIVE(tags.ring)", True),
        ("IS_PRIMITIVE(tags.object)", False),
        ("IS_PRIMITIVE(tags.gone)", False),
        ("ABS(tags.neg) = 4", True),
        ("ABS(tags.ring) = 4", Undefined),
        ("AS_NUMBER('12') + 1 = 13", True),
        ("AS_NUMBER(tags.a) = 5", True),
        ("AS_NUMBER(tags.ring) = 5", Undefined),
        ("AS_NUMBER(tags.yes) = 1", Undefined),
        ("ARRAY_CONTAINS(tags.list, 'x')", True),
        ("ARRAY_CONTAINS(tags.list, 1.0)", True),
        ("ARRAY_CONTAINS(tags.list, null)", True),
        ("ARRAY_CONTAINS(tags.list, '1')", False),
        ("ARRAY_CONTAINS(tags.list, tags.gone)", Undefined),
        ("ARRAY_CONTAINS(tags.list, tags.object)", Undefined),
        ("ARRAY_CONTAINS(tags.ring, 'x')", Undefined),
        ("NOT ARRAY_CONTAINS(tags.gone, 'x')", Undefined),
        ("STARTSWITH(LOWER(tags.ring), 'can') AND LENGTH(tags.ring) IN [6]", True),
        ("-LENGTH(tags.ring) = -6", True),
        ("is_defined(tags.ring)", True),
        ("tags.lower = 1", Undefined),
    ];
    holds_in(Dialect::Extended, &rows);
    for text in
        ["STARTSWITH(tags.ring, 'x')", "LENGTH(tags.ring) = 6", "is_null(tags.ring)", "regex(tags.ring, 'x')", "LENGTH()", "abs (1) = 1"]
    {
        refused(&[(text, Fault::Dialect)]);
    }
}

#[test]
fn calls_that_do_not_fit_are_refused_in_the_extended_dialect_too() {
    for (text, fault) in [
        ("regex(tags.ring, 'x')", Fault::Dialect),
        ("SUBSTRING(tags.ring, 1) = 'x'", Fault::Dialect),
        ("STARTSWITH(tags.ring)", Fault::ArgumentCount),
        ("STARTSWITH(tags.ring, 'a', 'b')", Fault::ArgumentCount),
        ("LENGTH() = 0", Fault::ArgumentCount),
        ("ABS(1, 2) = 1", Fault::ArgumentCount),
        ("IS_NULL()", Fault::ArgumentCount),
        ("ARRAY_CONTAINS(tags.list)", Fault::ArgumentCount),
        ("LENGTH(tags.ring,) = 1", Fault::Unbalanced),
        ("LENGTH(tags.ring", Fault::Unbalanced),
        ("LENGTH(tags.ring 'x') = 1", Fault::MissingOperator),
        ("LENGTH(status) = 1", Fault::RootNotAllowed),
        ("LENGTH = 1", Fault::RootNotAllowed),
        ("is_defined(LOWER(tags.ring))", Fault::RootNotAllowed),
        ("tags.ring IN [LOWER('X')]", Fault::InArray),
    ] {
        assert_eq!(Condition::parse_in(text, Dialect::Extended).expect_err(text).fault, fault, "{text}");
    }
}

#[test]
fn canonical_text_is_stable() {
    for (text, canonical) in [
        ("  tags . ring<>'x'and not(tags.a=1)", "tags.ring != 'x' AND NOT tags.a = 1"),
        ("((tags.a = 1)) or (tags.b = 2 and tags.c = 0x10)", "tags.a = 1 OR tags.b = 2 AND tags.c = 16"),
        ("(tags.a or tags.b) and tags.c", "(tags.a OR tags.b) AND tags.c"),
        ("tags.[[ring]] nin ['O''x',null,-1]", "tags.ring NIN ['O''x', null, -1]"),
        ("tags.[[group]].[[my-tag]] = 1e3", "tags.[[group]].[[my-tag]] = 1000"),
        ("starts_with(tags.a,'x') = IS_defined(tags.b)", "STARTSWITH(tags.a, 'x') = is_defined(tags.b)"),
        ("-(tags.a+1)*2 = 1 - (2 - 3)", "-(tags.a + 1) * 2 = 1 - (2 - 3)"),
        (" * ", "*"),
        ("\n", ""),
    ] {
        let parsed = Condition::parse_in(text, Dialect::Extended).expect(text);
        assert_eq!(parsed.to_string(), canonical);
        assert_eq!(Condition::parse_in(canonical, Dialect::Extended).expect(canonical), parsed);
    }
}

#[test]
fn faults_say_what_was_probably_meant() {
    for (text, meant) in [
        ("deviceId = \"a\"", "deviceId = 'a'"),
        ("tags.a = 'x';", "tags.a = 'x'"),
        ("tags.a == 'x'", "tags.a = 'x'"),
        ("tag.a = 1", "tags.a = 1"),
        ("Tags.a = 1", "tags.a = 1"),
        ("deviceid = 'x'", "deviceId = 'x'"),
        ("tags.group.a = 1", "tags.[[group]].a = 1"),
        ("tags.a = TRUE", "tags.a = true"),
        ("tags.a = prod", "tags.a = 'prod'"),
        ("tags.my-long-tag = 1", "tags.[[my-long-tag]] = 1"),
        ("tags.a IN ('x', -1)", "tags.a IN ['x', -1]"),
        ("tags.a IN ['x',]", "tags.a IN ['x']"),
        ("SELECT * FROM devices WHERE tags.a = 1", "tags.a = 1"),
        ("FROM devices.modules WHERE tags.a = 1", "tags.a = 1"),
    ] {
        let error = Condition::parse(text).expect_err(text);
        let mut fixed = text.to_owned();
        for edit in error.edits.iter().rev() {
            fixed.replace_range(edit.span.clone(), &edit.text);
        }
        assert_eq!(fixed, meant);
        assert!(Condition::parse(&fixed).is_ok(), "{fixed}");
    }
    for text in
        ["tags.a = my.prod", "tags.a - b = 1", "(tags.a = 1", "tags.a = \"it's\"", "tags.a IN (tags.b)", "tags.a = 'x", "tags.a 'x'"]
    {
        assert!(Condition::parse(text).expect_err(text).edits.is_empty(), "{text}");
    }
}
