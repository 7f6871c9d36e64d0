//! The commands that talk to a hub, without one and with wrong words.

use snapbox::str;

use crate::sandbox::Sandbox;

#[test]
fn without_a_world_there_is_no_emulator() {
    let sandbox = Sandbox::new();
    sandbox.run(["sim", "twin", "get", "edge-1"]).matches(str![[r#"
exit 5
--- stdout
--- stderr
error: the world `default` is not running [hub/no-world]
hint: Start it with `edgectl sim up`.

"#]]);
    for arguments in [&["sim", "call", "edge-1/filter", "reset"][..], &["sim", "monitor"], &["sim", "twin", "set", "edge-1", "tags.a=1"]] {
        let outcome = sandbox.run(arguments);
        assert_eq!(outcome.code, 5, "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("[hub/no-world]"), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn twin_get_refuses_what_is_no_identity() {
    Sandbox::new().run(["sim", "twin", "get", "edge-1/a/b"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value 'edge-1/a/b' for '<DEVICE[/MODULE]>': `a/b` is no module name: use 1 to 128 characters of A-Z, a-z, 0-9 and - : . + % _ # * ? ! ( ) , = @ ; $ '

For more information, try '--help'.

"#]]);
}

#[test]
fn twin_set_refuses_paths_that_the_client_owns() {
    Sandbox::new().run(["sim", "twin", "set", "edge-1", "reported.a=1"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value 'reported.a=1' for '[PATH=VALUE]...': reported properties are the client's own to write

For more information, try '--help'.

"#]]);
}

#[test]
fn call_refuses_a_payload_that_is_no_json() {
    Sandbox::new().run(["sim", "call", "edge-1/filter", "reset", "--payload", "{high: 8}"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value '{high: 8}' for '--payload <JSON>': this is no JSON (key must be a string at line 1 column 2); text stands in double quotes

For more information, try '--help'.

"#]]);
}

#[test]
fn call_refuses_a_time_limit_that_no_hub_takes() {
    Sandbox::new().run(["sim", "call", "edge-1/filter", "reset", "--response-timeout", "10m"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: invalid value '10m' for '--response-timeout <DURATION>': a hub waits 5s to 5m

For more information, try '--help'.

"#]]);
}

#[test]
fn monitor_says_that_a_cloud_hub_has_no_log() {
    let sandbox = Sandbox::new().env("EDGECTL_HUB", "env:HUB").env("HUB", "HostName=h;SharedAccessKeyName=p;SharedAccessKey=c2VjcmV0");
    sandbox.run(["sim", "monitor"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: sim monitor reads the log of the emulator, and the hub in force is a cloud hub [hub/no-log]
hint: Watch a cloud hub with `az iot hub monitor-events`.

"#]]);
}

#[test]
fn monitor_cannot_write_its_stream_into_a_file() {
    Sandbox::new().run(["sim", "monitor", "--out", "messages.txt"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: sim monitor writes a stream, which --out cannot take [usage/stream-to-file]
hint: Redirect stdout in place of --out.

"#]]);
}

#[test]
fn a_wrong_connection_string_does_not_show_its_key() {
    let sandbox = Sandbox::new().env("EDGECTL_HUB", "env:HUB").env("HUB", "HostName=h;SharedAccessKey=c2VjcmV0");
    sandbox.run(["sim", "twin", "get", "edge-1"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: cannot use the environment variable HUB [hub/bad-connection-string]
  caused by: the connection string lacks `SharedAccessKeyName`
hint: Write HostName=HOST;SharedAccessKeyName=POLICY;SharedAccessKey=KEY, as the hub's page of shared access policies shows it.

"#]]);
}

#[test]
fn an_offline_run_asks_no_cloud_hub() {
    let sandbox = Sandbox::new().env("EDGECTL_HUB", "env:HUB").env("HUB", "HostName=h;SharedAccessKeyName=p;SharedAccessKey=c2VjcmV0");
    sandbox.run(["--offline", "sim", "twin", "get", "edge-1"]).matches(str![[r#"
exit 5
--- stdout
--- stderr
error: the hub is not on this machine, and --offline was given [hub/offline]

"#]]);
}
