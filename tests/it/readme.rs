//! The console blocks of the README, run as they stand.

#[test]
fn console_blocks_print_what_the_readme_says() {
    trycmd::TestCases::new().register_bin("edgectl", trycmd::cargo::cargo_bin!("edgectl")).env("COLUMNS", "100").case("README.md").run();
}
