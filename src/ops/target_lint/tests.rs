//! Checks of conditions and of solution files.

use std::path::Path;

use super::*;
use crate::base::Event;

const FLEET: &str = r#"{"deviceId":"a","tags":{"ring":"canary","camera":true}}
{"deviceId":"b","capabilities":{"iotEdge":true},"tags":{"ring":"early","camera":true,"gpu":true}}
{"deviceId":"c"}
"#;

const SOLUTION: &str = "version: 1
solution: s
deployments:
  base: { modules: [a] }
  other: { modules: [b], target: \"tags.ring = 'early'\" }
  vision: { layer: true, modules: [c], target: tags.camera = true }
  compute:
    layer: true
    modules: [c, d]
    target: tags.gpu = true
rings:
  - { name: canary, target: tag.ring = 'canary' }
  - { name: rest, target: 'tags.ring != ''canary''' }
  - { name: odd, target: tags.group.x = 1 }
";

struct Silent;

impl ProgressReport for Silent {
    fn report(&mut self, _event: Event) {}
}

/// Checks with the fleet, or without one.
fn with<T>(with_fleet: bool, options: &FleetOptions, check: impl AsyncFnOnce(Option<CheckedFleet<'_>>) -> T) -> T {
    let (mut stream, mut report) = (FLEET.as_bytes(), Silent);
    let source = FleetSource::Stream { stream: &mut stream, name: "fleet.jsonl".into() };
    let fleet = with_fleet.then_some(CheckedFleet { source, options, report: &mut report });
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(check(fleet))
}

fn check(ring: Option<&str>, with_fleet: bool) -> Report {
    let checked =
        with(with_fleet, &FleetOptions::default(), async |fleet| solution(SOLUTION, Path::new("edgectl.yaml"), ring, fleet).await);
    checked.expect("checked")
}

fn codes(report: &Report) -> Vec<(String, usize)> {
    report.findings.iter().map(|finding| (finding.code.to_string(), finding.place.expect("a place").line)).collect()
}

#[test]
fn findings_stand_in_the_file() {
    let report = check(None, false);
    assert_eq!(
        codes(&report),
        [("target/tag-singular".to_owned(), 12), ("target/skips-undefined".to_owned(), 13), ("target/reserved-word".to_owned(), 14)]
    );
    assert_eq!(SOLUTION.get(report.touched[0].span.clone()), Some("tag"));
    assert_eq!(report.findings[1].message, "ring rest: this skips every device without tags.ring");
    assert_eq!(report.checked.len(), 7);
}

#[test]
fn fixes_are_written_as_the_file_needs_them_or_not_at_all() {
    let report = check(None, false);
    let applied = |finding: usize| report.findings[finding].fix.as_ref().and_then(|fix| fix.apply(SOLUTION));
    assert!(applied(0).expect("a fix").contains("target: tags.ring = 'canary' }"));
    assert!(applied(1).expect("a fix").contains("target: 'NOT is_defined(tags.ring) OR tags.ring != ''canary''' }"));
    assert_eq!(applied(2), None, "brackets would end the flow map");
}

#[test]
fn a_fleet_tells_overlaps_of_what_nothing_orders() {
    let report = check(None, true);
    let ties: Vec<(&str, Severity, Option<u64>)> = report
        .findings
        .iter()
        .zip(&report.touched)
        .filter(|(finding, _)| finding.code == "target/overlap-tie")
        .map(|(finding, touched)| (finding.message.as_str(), finding.severity, touched.devices))
        .collect();
    assert_eq!(
        ties,
        [
            ("the base deployments base and other both want 1 device, and a device takes one base", Severity::Warning, Some(1)),
            ("the layers compute and vision both set the module c on 1 device", Severity::Warning, Some(1)),
        ]
    );
    assert_eq!(report.total, Some(3));
}

#[test]
fn one_ring_is_looked_at_alone() {
    assert_eq!(codes(&check(Some("rest"), true)), [("target/skips-undefined".to_owned(), 13)]);
    let options = FleetOptions::default();
    let checked = with(false, &options, async |fleet| solution(SOLUTION, Path::new("edgectl.yaml"), Some("rset"), fleet).await);
    let error = checked.expect_err("no such ring");
    assert_eq!((error.code, error.hints), ("target/unknown-ring", vec!["Did you mean `rest`?".to_owned()]));
}

#[test]
fn one_condition_is_its_own_text() {
    let text = "tags.ring != 'canary'\nAND tags.x = 1";
    let report = with(true, &FleetOptions::default(), async |fleet| one(text, Dialect::Strict, fleet).await).expect("checked");
    assert_eq!(report.touched[0], Touched { span: 0..21, devices: Some(1) });
    assert_eq!(report.touched[1], Touched { span: 0..36, devices: Some(0) });
    assert_eq!(report.findings[0].file.as_deref(), Some(Path::new("<condition>")));
}

#[test]
fn devices_that_do_not_count_are_not_touched() {
    let options = FleetOptions { edge_only: true, ..FleetOptions::default() };
    let report = with(true, &options, async |fleet| one("tags.ring = 'canary'", Dialect::Strict, fleet).await).expect("checked");
    assert_eq!((report.total, report.findings[0].message.as_str()), (Some(1), "this selects none of the 1 devices"));
}
