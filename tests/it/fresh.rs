//! Generated files are fresh: completions, man pages, the tables of the README. `EDGECTL_UPDATE=1` writes them anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use edgectl::base::Exit;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn require_fresh(path: &Path, expected: &str) {
    if std::env::var_os("EDGECTL_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, expected).expect("writable");
    }
    let actual = std::fs::read_to_string(path).unwrap_or_default();
    assert!(actual == expected, "{} is stale; run the tests once with EDGECTL_UPDATE=1", path.display());
}

#[test]
fn completions_are_fresh() {
    use clap_complete::Shell;
    for (shell, name) in [
        (Shell::Bash, "edgectl.bash"),
        (Shell::Zsh, "_edgectl"),
        (Shell::Fish, "edgectl.fish"),
        (Shell::PowerShell, "edgectl.ps1"),
        (Shell::Elvish, "edgectl.elv"),
    ] {
        let script = edgectl::commands::completions::script(shell).expect("a script");
        require_fresh(&root().join("completions").join(name), &script);
    }
}

#[test]
fn the_man_page_is_fresh() {
    let mut page = Vec::new();
    clap_mangen::Man::new(edgectl::cli::Cli::command()).render(&mut page).expect("a page");
    require_fresh(&root().join("completions/edgectl.1"), &String::from_utf8(page).expect("text"));
}

/// Replaces what stands between the markers `<!-- NAME -->` and `<!-- /NAME -->` of the README.
fn with_block(readme: &str, name: &str, block: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = readme.split_once(&open).unwrap_or_else(|| panic!("README.md has no {open}"));
    let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("README.md has no {close}"));
    format!("{before}{open}{block}{close}{after}")
}

fn exit_codes() -> String {
    let rows: String = Exit::ALL.iter().map(|exit| format!("| {} | {} |\n", exit.code(), exit.meaning())).collect();
    format!("| Code | Meaning |\n|---|---|\n{rows}")
}

/// Lists every command that a user can type with its first help line.
fn commands() -> String {
    let mut rows = String::new();
    let mut top = edgectl::cli::Cli::command();
    top.build();
    list(&top, "", &mut rows);
    format!("| Command | What it does |\n|---|---|\n{rows}")
}

fn list(command: &clap::Command, prefix: &str, rows: &mut String) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let name = format!("{prefix}{}", sub.get_name());
        if sub.has_subcommands() {
            list(sub, &format!("{name} "), rows);
        } else {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            writeln!(rows, "| `{name}` | {about} |").expect("a string takes it");
        }
    }
}

#[test]
fn the_tables_of_the_readme_are_fresh() {
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let expected = with_block(&with_block(&readme, "exit codes", &exit_codes()), "commands", &commands());
    require_fresh(&path, &expected);
}
