use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(text: &str) -> Document {
    Document::parse(text.as_bytes(), Path::new("f.json")).expect(text)
}

fn refused(bytes: &[u8]) -> String {
    let error = Document::parse(bytes, Path::new("f.json")).expect_err("refused");
    format!("{}:{}: {}", error.line, error.column, error.message)
}

#[test]
fn what_editors_accept_is_read_and_noted() {
    let document = read("\u{feff}{ // one\r\n  \"a\": [1, 2,], /* two */\r\n  \"b\": \"x\",\r\n}\r\n");
    assert_eq!(document.to_value(), json!({"a": [1, 2], "b": "x"}));
    assert!(document.extensions.byte_order_mark);
    let text = |span: &Option<Range<usize>>| span.clone().and_then(|span| document.source.text.get(span)).map(str::to_owned);
    assert_eq!(text(&document.extensions.comment).as_deref(), Some("// one\r"));
    assert_eq!(text(&document.extensions.trailing_comma).as_deref(), Some(","));
}

#[test]
fn places_and_digits_are_kept() {
    let document = read("{\n  \"n\": 1e5,\n  \"big\": 123456789012345678901234567890\n}");
    let big = document.root.get("big").expect("there");
    assert_eq!(big.kind, Kind::Number("123456789012345678901234567890".to_owned()));
    assert_eq!(document.source.place(&big.span).line, 3);
    assert_eq!(document.source.place(&document.root.member("n").expect("there").key_span).column, 3);
}

#[test]
fn repeated_keys_are_kept_and_named() {
    let document = read("{\"a\": 1, \"b\": 2, \"a\": 3}");
    assert_eq!(document.to_value(), json!({"a": 3, "b": 2}));
    assert_eq!(document.duplicates, [Duplicate { key: "a".to_owned(), span: 17..20 }]);
    assert_eq!(document.root.members().len(), 3);
}

#[test]
fn of_very_many_repeated_keys_the_rest_is_counted() {
    let document = read(&format!("{{{}\"b\":2}}", "\"a\":1,".repeat(MAX_DUPLICATES + 8)));
    assert_eq!((document.duplicates.len(), document.more_duplicates), (MAX_DUPLICATES, 7));
}

#[test]
fn offsets_inside_texts_walk_the_escapes() {
    let document = read(r#"{"r": "a\"b\u00e9\ud834\udd1ec"}"#);
    let node = document.root.get("r").expect("there");
    assert_eq!(node.as_str(), Some("a\"bé𝄞c"));
    let value = node.as_str().expect("a text");
    for (part, raw) in [("a", "a"), ("\"", "\\\""), ("b", "b"), ("é", "\\u00e9"), ("𝄞", "\\ud834\\udd1e"), ("c", "c")] {
        let at = value.find(part).expect("there");
        let span = document.span_in_string(node, &(at..at + part.len()));
        assert_eq!(document.source.text.get(span), Some(raw));
    }
    assert_eq!(document.offset_in_string(node, 999), node.span.end - 1);
}

#[test]
fn faults_name_their_place() {
    for (text, message) in [
        ("", "1:1: the file is empty"),
        ("  // only\n", "2:1: the file is empty"),
        ("{\"a\" 1}", "1:6: a colon is expected here"),
        ("{\"a\": 1 \"b\": 2}", "1:9: a comma or `}` is expected here"),
        ("{\"a\": 1", "1:8: the file ends too early"),
        ("[1,,2]", "1:4: a value is expected here"),
        ("{a: 1}", "1:2: a key in double quotes is expected here"),
        ("['x']", "1:2: a text in single quotes"),
        ("[\"x\n\"]", "1:2: a text without its closing quote"),
        ("[\"\\q\"]", "1:3: an escape that JSON does not have"),
        ("[\"\\ud800\"]", "1:3: half of a surrogate pair"),
        ("[\"\0\"]", "1:3: the control character U+0000 inside a text"),
        ("[01]", "1:2: a malformed number"),
        ("[1.]", "1:2: a malformed number"),
        ("[NaN]", "1:2: the word `NaN` is no value"),
        ("[] x", "1:4: text after the end of the document"),
        ("/* x", "1:1: a comment that does not end"),
    ] {
        assert_eq!(refused(text.as_bytes()), message, "{text:?}");
    }
    assert_eq!(refused(b"{\n\"a\": \"\xff\"}"), "2:7: the text is no UTF-8");
}

#[test]
fn depth_and_number_of_values_are_bounded() {
    assert_eq!(refused("[".repeat(10_000).as_bytes()), format!("1:{}: nested deeper than 128", MAX_DEPTH + 1));
    assert!(Document::parse(format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH)).as_bytes(), Path::new("f")).is_ok());
    let many = format!("[{}1]", "1,".repeat(MAX_VALUES));
    assert!(refused(many.as_bytes()).ends_with("more than 1000000 values"));
}

#[test]
fn a_long_line_is_read_in_one_pass() {
    let text = format!("{{\"a\": \"{}\"}}", "x".repeat(16 << 20));
    assert_eq!(read(&text).root.get("a").and_then(Node::as_str).map(str::len), Some(16 << 20));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn plain_json_reads_as_the_library_reads_it(value in any_json()) {
        let text = value.to_string();
        let plain: Value = serde_json::from_str(&text).expect("json");
        prop_assert_eq!(read(&text).to_value(), plain);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _either = Document::parse(&bytes, Path::new("f"));
    }

    #[test]
    fn mutated_documents_never_panic(at in 0..60_usize, byte in any::<u8>()) {
        let mut bytes = br#"{"a": [1, -2.5e3, "x\u00e9\n", null, true], /* c */ "b": {}}"#.to_vec();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _either = Document::parse(&bytes, Path::new("f"));
    }
}
