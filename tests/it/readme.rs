//! The console blocks of the README, run as they stand.

use std::path::Path;

#[test]
fn console_blocks_print_what_the_readme_says() {
    let readme = std::fs::read_to_string("README.md").expect("the README");
    let blocks: Vec<&str> = readme.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 3, "the README has {} console blocks", blocks.len());
    let cases = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme.md");
    std::fs::write(&cases, blocks.iter().map(|block| format!("```console\n{block}```\n\n")).collect::<String>()).expect("writable");
    trycmd::TestCases::new().register_bin("edgectl", trycmd::cargo::cargo_bin!("edgectl")).case(cases).run();
}
