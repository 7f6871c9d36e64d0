//! Every command, used wrongly: what it says and its exit code. The list is complete by the command line's own definition.

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use edgectl::cli::Cli;

use crate::sandbox::Sandbox;

/// A wrong use: the command, what follows it, the exit code, and what stderr says.
type WrongUse = (&'static str, &'static [&'static str], i32, &'static str);

/// One wrong use of each command, in a folder with a file `full/file` and nothing else.
const WRONG_USES: &[WrongUse] = &[
    ("completions", &["tcsh"], 2, "error: invalid value 'tcsh' for '<SHELL>'"),
    ("config show", &["everything"], 2, "error: unexpected argument 'everything' found"),
    ("doctor", &["--fix"], 2, "error: unexpected argument '--fix' found"),
    ("image build", &[], 3, "error: there is no edgectl.yaml in [ROOT]/work or above it [solution/missing]"),
    (
        "image inspect",
        &["edgectl.local/demo/none:latest"],
        3,
        "error: the image edgectl.local/demo/none:latest is not there [image/not-found]",
    ),
    ("image list", &["everything"], 2, "error: unexpected argument 'everything' found"),
    ("image load", &["filter"], 3, "error: `filter` is neither a full image reference nor a module of the solution [image/unknown]"),
    ("image push", &["filter"], 3, "error: `filter` is neither a full image reference nor a module of the solution [image/unknown]"),
    ("image sign", &["filter"], 2, "error: the following required arguments were not provided:\n  --key <FILE>"),
    ("image verify", &["filter"], 2, "error: no key to verify with [trust/no-keys]"),
    ("key generate", &[], 2, "error: the following required arguments were not provided:\n  --out <NAME>"),
    (
        "manifest check",
        &[],
        3,
        "error: there is no edgectl.yaml in this folder or above it, and no deployment.template.json [solution/missing]",
    ),
    ("manifest diff", &["full/file"], 2, "error: the following required arguments were not provided:\n  <AFTER>"),
    ("manifest explain", &["full/file"], 3, "full/file:1:1: "),
    ("manifest generate", &[], 3, "error: there is no edgectl.yaml in this folder or above it [solution/missing]"),
    (
        "manifest merge",
        &["--device", "edge-1", "--fleet", "full/file"],
        3,
        "error: there is no edgectl.yaml in this folder or above it [solution/missing]",
    ),
    ("manifest schema", &["--for", "template"], 2, "error: invalid value 'template' for '--for <FILE>'"),
    ("module add", &["sensor", "--template", "rust"], 3, "error: there is no edgectl.yaml in [ROOT]/work or above [solution/missing]"),
    ("new", &["full"], 3, "error: [ROOT]/work/full is not empty [folder/not-empty]"),
    ("quickstart", &["full", "again"], 2, "error: unexpected argument 'again' found"),
    ("release create", &["v1..2"], 2, "error: invalid value 'v1..2' for '<NAME>'"),
    ("release log", &[], 3, "error: there is no edgectl.yaml in [ROOT]/work or above [solution/missing]"),
    ("release promote", &["v1"], 2, "error: the following required arguments were not provided:\n  --to <RING>"),
    ("release rollback", &["--ring", "canary"], 3, "error: there is no edgectl.yaml in [ROOT]/work or above [solution/missing]"),
    ("release status", &["v9"], 3, "error: there is no edgectl.yaml in [ROOT]/work or above [solution/missing]"),
    ("route check", &[], 3, "error: there is no edgectl.yaml in this folder or above it [solution/missing]"),
    ("route explain", &["FROM nowhere"], 3, "error: route 1:6: a source begins with `/`, such as /messages/*"),
    (
        "route test",
        &["--route", "FROM /* INTO $upstream"],
        2,
        "error: the following required arguments were not provided:\n  --message <FILE>",
    ),
    ("sim call", &["edge-1/filter", "reset"], 5, "error: the world `default` is not running [hub/no-world]"),
    ("sim certs expire", &["edge-1"], 5, "error: the world `default` is not running"),
    ("sim certs export", &[], 2, "error: the following required arguments were not provided:\n  <FILE>"),
    ("sim certs renew", &[], 2, "error: the following required arguments were not provided:\n  <DEVICE>"),
    ("sim certs show", &["edge-1"], 2, "error: unexpected argument 'edge-1' found"),
    ("sim clients", &["edge-1"], 5, "error: the world `default` is not running"),
    ("sim down", &["--sim", "UPPER"], 2, "error: `UPPER` is no name of a world"),
    ("sim leaf add", &["pump-1", "--x509", "a.pem", "--x509-ca"], 2, "error: the argument '--x509 <FILE>' cannot be used with '--x509-ca'"),
    ("sim leaf list", &[], 5, "error: the world `default` is not running [hub/no-world]"),
    ("sim leaf remove", &["pump-1"], 5, "error: the world `default` is not running [hub/no-world]"),
    ("sim logs", &["edge-1/none"], 3, "error: there is no such log in the world `default` [sim/no-log]"),
    (
        "sim modulecred",
        &["edge-1/"],
        2,
        "error: invalid value 'edge-1/' for '<[DEVICE/]MODULE>': write MODULE or DEVICE/MODULE, such as edge-1/filter",
    ),
    ("sim monitor", &["--out", "messages.txt"], 2, "error: sim monitor writes a stream, which --out cannot take [usage/stream-to-file]"),
    ("sim restart", &["hub"], 5, "error: the world `default` is not running [sim/not-running]"),
    ("sim send", &["--to", "edge-1/filter", "--body", "x"], 2, "error: invalid value 'edge-1/filter' for '--to <DEVICE>'"),
    ("sim status", &["--sim", "UPPER"], 2, "error: `UPPER` is no name of a world"),
    ("sim twin get", &["edge-1/a/b"], 2, "error: invalid value 'edge-1/a/b' for '<DEVICE[/MODULE]>'"),
    ("sim twin set", &["edge-1", "reported.a=1"], 2, "error: invalid value 'reported.a=1' for '[PATH=VALUE]...'"),
    ("sim up", &["--devices", "none.jsonl"], 3, "error: cannot read [ROOT]/work/none.jsonl [file/failed]"),
    ("solution import", &["none"], 3, "error: cannot read [ROOT]/work/none/deployment.template.json [file/failed]"),
    ("target count", &["--fleet", "full/file"], 2, "error: the following required arguments were not provided:\n  --condition <CONDITION>"),
    ("target diff", &["--before", "*"], 2, "error: the following required arguments were not provided:\n  --after <CONDITION>"),
    ("target explain", &["--condition", "*"], 2, "error: the following required arguments were not provided:"),
    ("target lint", &[], 3, "error: there is no edgectl.yaml in this folder or above it [solution/missing]"),
    (
        "target match",
        &["--ring", "canary"],
        3,
        "error: a ring is looked up in edgectl.yaml, and there is none in this folder or above it [solution/missing]",
    ),
    ("target test", &["--table", "none.jsonl"], 3, "error: cannot open none.jsonl [file/failed]"),
];

/// Adds the commands that run something, as words after `edgectl`; those hidden from help are for the program itself.
fn runnable(command: &clap::Command, words: &str, found: &mut BTreeSet<String>) {
    if !command.has_subcommands() {
        found.insert(words.to_owned());
    }
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        runnable(inner, format!("{words} {}", inner.get_name()).trim_start(), found);
    }
}

#[test]
fn each_command_has_a_wrong_use() {
    let mut commands = BTreeSet::new();
    runnable(&Cli::command(), "", &mut commands);
    let listed: BTreeSet<String> = WRONG_USES.iter().map(|(command, ..)| (*command).to_owned()).collect();
    assert_eq!(commands, listed);
}

#[test]
fn a_wrong_use_says_what_is_wrong() {
    let sandbox = Sandbox::new();
    sandbox.file("full/file", "");
    let mut different = Vec::new();
    for (command, arguments, code, says) in WRONG_USES {
        let outcome = sandbox.run(command.split(' ').chain(arguments.iter().copied()));
        if outcome.code != *code || !outcome.stderr.contains(says) || !outcome.stdout.is_empty() {
            different.push(format!("{command} {arguments:?}: exit {}\n{}{}", outcome.code, outcome.stdout, outcome.stderr));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn a_wrong_use_is_json_when_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.file("full/file", "");
    for (command, arguments, code, _) in WRONG_USES {
        let words = ["--log-format", "json"].into_iter().chain(command.split(' ')).chain(arguments.iter().copied());
        let outcome = sandbox.run(words);
        let last = outcome.stderr.lines().last().unwrap_or_default();
        let error: serde_json::Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{command}: {error}: {}", outcome.stderr));
        assert_eq!((&error["schemaVersion"], &error["exitCode"]), (&1.into(), &(*code).into()), "{command}: {error}");
    }
}
