//! The conventions of the command line: streams, formats, exit codes, suggestions.

use std::process::{ChildStdin, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use snapbox::str;

use crate::sandbox::Sandbox;

#[test]
fn a_misspelt_command_gets_a_suggestion_and_code_2() {
    Sandbox::new().run(["quickstrat"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: unrecognized subcommand 'quickstrat'

  tip: a similar subcommand exists: 'quickstart'

Usage: edgectl [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]]);
}

#[test]
fn a_wrong_command_line_is_json_when_asked_for() {
    Sandbox::new().run(["--log-format", "json", "config", "shwo"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
{"schemaVersion":1,"level":"error","code":"usage/wrong-command-line","exitCode":2,"message":"unrecognized subcommand 'shwo'","causes":[],"hints":[]}

"#]]);
}

#[test]
fn settings_name_the_layer_that_decided_them() {
    let sandbox = Sandbox::new().env("EDGECTL_STATE_DIR", "/state");
    sandbox.run(["config", "show", "--origin", "--sim", "two"]).matches(str![[r#"
exit 0
--- stdout
NAME      VALUE     ORIGIN
solution  <none>    default
stateDir  /state    environment EDGECTL_STATE_DIR
sim       two       flag --sim
hub       emulator  default
engine    <none>    default
offline   false     default
--- stderr

"#]]);
}

#[test]
fn json_carries_its_schema_version() {
    let shown = Sandbox::new().run(["config", "show", "-o", "json"]).json();
    assert_eq!(shown["schemaVersion"], 1);
    assert_eq!(shown["settings"][2]["name"], "sim");
}

#[test]
fn a_users_file_with_an_unknown_key_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.file("../home/.config/edgectl/config.toml", "huub = 'x'\n");
    sandbox.run(["config", "show"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: [ROOT]/home/.config/edgectl/config.toml: TOML parse error at line 1, column 1
  |
1 | huub = 'x'
  | ^^^^
unknown field `huub`, expected one of `hub`, `engine`, `sim` [config/invalid]

"#]]);
}

#[test]
fn a_closed_pipe_on_stdout_ends_quietly() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(["completions", "bash"]).stdout(Stdio::piped()).spawn().expect("runs");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
}

#[test]
fn the_result_can_go_to_a_file() {
    let sandbox = Sandbox::new();
    sandbox.run(["config", "show", "-o", "name", "--out", "settings.txt"]).success();
    assert!(sandbox.read("settings.txt").starts_with("solution\nstateDir\n"));
}

/// Starts a command that waits for the next line of its input and watches nothing else meanwhile.
fn busy(sandbox: &Sandbox, flags: &[&str]) -> (std::process::Child, ChildStdin) {
    let arguments = ["target", "test", "--table", "-"].iter().chain(flags);
    let mut command = sandbox.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let stdin = child.stdin.take().expect("a pipe");
    (child, stdin)
}

#[test]
fn a_time_limit_ends_work_that_looks_at_nothing_else() {
    let sandbox = Sandbox::new();
    let (child, stdin) = busy(&sandbox, &["--timeout", "1s"]);
    let output = child.wait_with_output().expect("ends");
    drop(stdin);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), stderr.as_str()), (Some(5), "error: not done after 1s [command/timed-out]\n"));
}

#[test]
fn signals_end_work_that_looks_at_nothing_else() {
    for (signals, code) in [(&[Signal::SIGTERM][..], 143), (&[Signal::SIGINT], 130), (&[Signal::SIGINT, Signal::SIGINT], 130)] {
        let sandbox = Sandbox::new();
        let (child, mut stdin) = busy(&sandbox, &[]);
        // A pipe takes 64 KiB; once more than that is written, the program reads, and so listens for signals.
        std::io::Write::write_all(&mut stdin, " ".repeat(1 << 20).as_bytes()).expect("is read");
        for signal in signals {
            kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), *signal).expect("signalled");
        }
        let output = child.wait_with_output().expect("ends");
        drop(stdin);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
