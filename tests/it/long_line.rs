//! Documents of one line, as programs write them: as many findings as one likes, and every command ends.

use crate::sandbox::Sandbox;

#[test]
fn very_many_repeated_keys_in_one_line_are_told_in_time() {
    let sandbox = Sandbox::new();
    let repeated = "\"a\":1,".repeat(100_000);
    let manifest = |extra: &str| {
        format!(
            "{{\"modulesContent\":{{\"$edgeAgent\":{{\"properties.desired\":{{\"schemaVersion\":\"1.1\"}}}},\
             \"$edgeHub\":{{\"properties.desired\":{{\"schemaVersion\":\"1.1\",\"routes\":{{}}}}}},\
             \"m\":{{\"properties.desired\":{{{repeated}\"b\":{extra}}}}}}}}}"
        )
    };
    sandbox.file("one.json", &manifest("1"));
    sandbox.file("two.json", &manifest("2"));
    for (arguments, said) in [
        (&["manifest", "explain", "one.json"][..], "[json/duplicate-key]"),
        (&["manifest", "check", "one.json"], "duplicate"),
        (&["manifest", "diff", "one.json", "two.json"], "b"),
    ] {
        let outcome = sandbox.run(arguments);
        assert!((outcome.stdout + &outcome.stderr).contains(said), "{arguments:?} ends with {}", outcome.code);
    }
}
