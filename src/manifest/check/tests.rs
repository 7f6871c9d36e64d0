//! Bad and large input: every file is answered, in time.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::base::finding::Severity;
use crate::manifest::document::HUB;
use crate::route::document::HubDocument;

const PLAIN: &str = include_str!("../../../tests/fixtures/manifests/deployment-plain.json");

/// Checks a text.
#[track_caller]
fn checked(text: &str) -> Vec<Finding> {
    match Document::parse(text.as_bytes(), Path::new("m.json")) {
        Ok(document) => manifest(&document),
        Err(error) => vec![error.finding()],
    }
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_ref()).collect()
}

/// Returns the plain manifest with a value for the key `extra` of the module's desired properties.
fn with_twin(value: &str) -> String {
    let end = PLAIN.trim_end().trim_end_matches('}').trim_end().trim_end_matches('}').trim_end();
    format!("{end},\"sensor\": {{\"properties.desired\": {{\"extra\": {value}}}}}}}}}")
}

#[test]
fn a_plain_manifest_has_no_findings() {
    assert_eq!(codes(&checked(PLAIN)), Vec::<&str>::new());
    assert_eq!(codes(&checked(&with_twin("1"))), Vec::<&str>::new());
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    assert_eq!(codes(&checked(&deep)), ["json/invalid"]);
    assert_eq!(codes(&checked(&with_twin(&deep))), ["json/invalid"]);
    let inner = format!("\"{}\"", "{\\\"a\\\":".repeat(10_000));
    let text = PLAIN.replace("\"{}\"", &inner);
    let findings = checked(&text);
    assert!(codes(&findings).contains(&"manifest/create-options-json"), "{:?}", codes(&findings));
}

#[test]
fn lines_of_megabytes_are_answered() {
    let (whole, length) = (16 << 20, 1 << 20);
    for (value, code) in [
        (format!("\"{}\"", "x".repeat(whole)), "manifest/value-too-long"),
        (format!("\"{}\"", "${".repeat(length / 2)), "manifest/value-too-long"),
        (format!("\"{}\"", "#{a}#".repeat(length / 5)), "manifest/pipeline-token"),
        (format!("[{}1]", "1,".repeat(100_000)), "manifest/twin-too-large"),
        (format!("\"{}\"", "\\u0024{A}".repeat(length / 9)), "manifest/placeholder"),
    ] {
        let findings = checked(&with_twin(&value));
        assert!(codes(&findings).contains(&code), "{code}: {:?}", codes(&findings));
    }
}

#[test]
fn what_is_too_much_to_show_is_counted() {
    let many: String = (0..2000).map(|index| format!("\"a.{index}\": 1,")).collect();
    let findings = checked(&with_twin(&format!("{{{many} \"z\": 1}}")));
    let last = findings.last().expect("findings");
    assert_eq!((last.code.as_ref(), last.severity), ("manifest/more-findings", Severity::Warning));
    assert!(findings.len() < 500, "{}", findings.len());
}

#[test]
fn repeated_keys_and_ports_by_the_thousand_are_answered() {
    let mut modules = String::new();
    for index in 0..3000 {
        // Writing to a string cannot fail.
        let _infallible = write!(
            modules,
            "\"m{index}\": {{\"type\": \"docker\", \"status\": \"running\", \"restartPolicy\": \"always\", \"settings\": {{\"image\": \"a:1\", \
             \"createOptions\": {{\"HostConfig\": {{\"PortBindings\": {{\"1/tcp\": [{{\"HostPort\": \"1000-2000\", \"HostIp\": \"10.0.{}.{}\"}}]}}}}}}}}}},",
            index / 256,
            index % 256
        );
    }
    let text = PLAIN.replace("\"sensor\": {\n", &format!("{modules}\"sensor\": {{\n"));
    assert!(text.len() > 500_000 && codes(&checked(&text)).contains(&"manifest/twin-too-large"));
}

#[test]
fn control_characters_do_not_reach_a_terminal() {
    let findings = checked(&with_twin("{\"\\u0000\\u001b[2J\": \"\\u0000\"}"));
    let finding = findings.iter().find(|finding| finding.code == "manifest/bad-key").expect("the key is told");
    assert!(!finding.message.contains(|c: char| c.is_control()), "{:?}", finding.message);
}

#[test]
fn passwords_are_in_no_excerpt() {
    let secret = "plum-jam-7";
    let credentials =
        format!("\"registryCredentials\": {{\"e\": {{\"username\": \"u\", \"password\": \"{secret}\"}}}}, \"minDockerVersion\"");
    let findings = checked(&PLAIN.replace("\"minDockerVersion\"", &credentials));
    assert_eq!(codes(&findings), ["manifest/missing-key", "manifest/clear-password"]);
    assert!(findings.iter().all(|finding| !format!("{finding:?}").contains(secret)));
}

/// Returns a base whose broker has these desired properties.
fn with_hub(desired: &str) -> String {
    let start = PLAIN.find("\"$edgeHub\"").expect("a broker");
    let document = Document::parse(PLAIN.as_bytes(), Path::new("m.json")).expect("JSON");
    let manifest = Manifest::read(&document).expect("a manifest");
    let section = manifest.section(HUB).expect("a broker");
    let end = section.node.span.end;
    format!("{}\"$edgeHub\": {{\"properties.desired\": {desired}}}{}", PLAIN.get(..start).expect("text"), PLAIN.get(end..).expect("text"))
}

#[test]
fn errors_of_the_broker_are_those_of_its_reader() {
    const STORE: &str = r#""storeAndForwardConfiguration": {"timeToLiveSecs": 7200}"#;
    let route =
        |more: &str| format!(r#"{{"schemaVersion": "1.1", "routes": {{"r": {{"route": "FROM /* INTO $upstream"{more}}}}}, {STORE}}}"#);
    let desired = [
        format!(r#"{{"schemaVersion": "1.1", "routes": null, {STORE}}}"#),
        format!(r#"{{"schemaVersion": "1.1", "routes": [], {STORE}}}"#),
        format!(r#"{{"schemaVersion": "1.1", "routes": [1], {STORE}}}"#),
        r#"{"schemaVersion": "1.0", "routes": []}"#.to_owned(),
        format!(r#"{{"schemaVersion": 1.1, "routes": {{}}, {STORE}}}"#),
        format!(r#"{{"SchemaVersion": "1.1", "routes": {{}}, {STORE}}}"#),
        format!(r#"{{"schemaVersion": "1.1.3000000000", "routes": {{}}, {STORE}}}"#),
        format!(r#"{{"schemaVersion": "1.1", "ROUTES": {{}}, {STORE}}}"#),
        format!(r#"{{"schemaVersion": "1.1", "routes": {{"r": " ", "s": 5, "t": null}}, {STORE}}}"#),
        r#"{"schemaVersion": "1.1", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": null}}"#.to_owned(),
        r#"{"schemaVersion": "1.1", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200.0}}"#.to_owned(),
        r#"{"schemaVersion": "1.1", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": 1, "storeLimits": 5}}"#.to_owned(),
        r#"{"schemaVersion": "1.1", "routes": {}}"#.to_owned(),
        route(r#", "priority": 1.5"#),
        route(r#", "priority": 2000000000"#),
        route(r#", "priority": 10"#),
        route(r#", "timeToLiveSecs": -1"#),
        route(r#", "timeToLiveSecs": true"#),
    ];
    for desired in desired {
        let read = HubDocument::read(&serde_json::from_str(&desired).expect("JSON"));
        let findings = checked(&with_hub(&desired));
        let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert_eq!(errors.is_empty(), read.is_ok(), "{desired}: {read:?} {errors:?}");
    }
    let [fault] =
        &checked(&with_hub(r#"{"schemaVersion": "1.1", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200.0}}"#))[..]
    else {
        panic!("one finding")
    };
    assert_eq!(fault.excerpt.as_ref().map(|excerpt| excerpt.width), Some("7200.0".len()), "{fault:?}");
}

#[test]
fn a_layer_is_read_upon_a_good_base() {
    let of = |key: &str, value: &str| {
        let text = format!(r#"{{"modulesContent": {{"$edgeAgent": {{}}, "$edgeHub": {{"properties.desired.{key}": {value}}}}}}}"#);
        codes(&checked(&text)).into_iter().filter(|code| *code != "manifest/needs-base").map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("routes.r", "\"FROM /* INTO $upstream\""), [] as [&str; 0]);
    assert_eq!(of("routes.r", "5"), ["manifest/wrong-type"]);
    assert_eq!(of("storeAndForwardConfiguration.timeToLiveSecs", "7200.5"), ["manifest/layer-path", "manifest/wrong-type"]);
}

#[test]
fn names_without_braces_are_placeholders_in_routes_of_templates() {
    let hub = r#"{"schemaVersion": "1.1", "routes": {"r": "FROM /messages/modules/$SENSOR/outputs/* WHERE $body.x > 1 INTO $SINK"},
        "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}}"#;
    let errors = |name: &str| {
        let document = Document::parse(with_hub(hub).as_bytes(), Path::new(name)).expect("JSON");
        manifest(&document).iter().filter(|finding| finding.severity == Severity::Error).count()
    };
    assert_eq!((errors("deployment.template.json"), errors("deployment.json")), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_damaged_manifest_is_answered(cut in 0..PLAIN.len(), length in 0usize..40, put in "[{}\\[\\]\",:a$#0-9 _\\\\]{0,6}") {
        let end = (cut + length).min(PLAIN.len());
        if let (Some(head), Some(tail)) = (PLAIN.get(..cut), PLAIN.get(end..)) {
            for finding in checked(&format!("{head}{put}{tail}")) {
                prop_assert!(finding.place.is_some_and(|place| place.line > 0 && place.column > 0) || finding.file.is_some());
            }
        }
    }
}
