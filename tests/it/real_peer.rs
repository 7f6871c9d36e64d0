//! `manifest generate --compat iotedgedev` beside the unmodified iotedgedev of the Python index: the same files, byte for byte, or both
//! refuse.
//!
//! Runs with `EDGECTL_TEST_REAL=1` and `EDGECTL_PEER`, the program iotedgedev 3.3.9.

use std::path::Path;
use std::process::Command;

#[test]
fn manifests_are_those_of_iotedgedev() {
    if !crate::lab::is_real("real_peer") {
        return;
    }
    let peer = std::env::var("EDGECTL_PEER").expect("EDGECTL_PEER names iotedgedev 3.3.9");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/genconfig.py");
    let done = Command::new("python3").arg(script).args([env!("CARGO_BIN_EXE_edgectl"), &peer]).output().expect("python3 runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.ends_with("same in all 42 cases\n"), "{said}");
}
