//! `edgectl key`.

use std::os::unix::fs::PermissionsExt as _;

use snapbox::str;

use crate::sandbox::Sandbox;

#[test]
fn a_pair_is_written_with_a_passphrase_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.file("passphrase", "secret\n");
    let made = sandbox.run(["key", "generate", "--out", "keys/release", "--password-file", "passphrase", "-o", "json"]).json();
    assert_eq!(made["schemaVersion"], 1);
    assert!(made["fingerprint"].as_str().expect("a digest").starts_with("sha256:"));
    assert!(sandbox.read("keys/release.key").starts_with("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"));
    assert!(sandbox.read("keys/release.pub").starts_with("-----BEGIN PUBLIC KEY-----"));
    let permissions = sandbox.path().join("keys/release.key").metadata().expect("a file").permissions();
    assert_eq!(permissions.mode() & 0o777, 0o600);
}

#[test]
fn an_empty_passphrase_is_a_passphrase_with_a_warning() {
    Sandbox::new().env("COSIGN_PASSWORD", "").run(["key", "generate", "--out", "ci"]).matches(str![[r#"
exit 0
--- stdout
private key  ci.key
public key   ci.pub
fingerprint  sha256:[..]
--- stderr
warning: the passphrase is empty: whoever can read the private key can sign with it [key/empty-passphrase]

"#]]);
}

#[test]
fn a_pair_needs_a_name() {
    Sandbox::new().run(["key", "generate"]).matches(str![[r#"
exit 2
--- stdout
--- stderr
error: the following required arguments were not provided:
  --out <NAME>

Usage: edgectl key generate --out <NAME>

For more information, try '--help'.

"#]]);
}

#[test]
fn without_a_passphrase_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.run(["key", "generate", "--out", "release"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: COSIGN_PASSWORD is not set and there is no terminal [key/no-passphrase]
hint: Set it (empty is allowed), or use `--password-file FILE`.

"#]]);
    assert!(!sandbox.path().join("release.key").exists());
    let refused = sandbox.run(["key", "generate", "--out", "release", "--no-input"]);
    assert_eq!(refused.code, 3);
    assert!(refused.stderr.contains("--no-input forbids asking"), "{}", refused.stderr);
}

#[test]
fn an_existing_key_is_never_overwritten() {
    let sandbox = Sandbox::new().env("COSIGN_PASSWORD", "");
    sandbox.file("release.pub", "mine");
    sandbox.run(["key", "generate", "--out", "release"]).matches(str![[r#"
exit 3
--- stdout
--- stderr
error: release.pub exists and is never overwritten [key/exists]
hint: Choose another name, or move the old key away.

"#]]);
    assert_eq!(sandbox.read("release.pub"), "mine");
    assert!(!sandbox.path().join("release.key").exists());
}
