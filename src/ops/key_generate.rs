//! Makes a pair of signing keys.

use std::path::Path;

use crate::base::{Report, Result, Secret};
use crate::trust::key::{self, KeyPair};

/// Checks that a pair of this name can be written, before anybody is asked for a passphrase.
pub fn check(name: &Path) -> Result<()> {
    Ok(key::require_absent(name)?)
}

/// Makes the pair and writes both files; warns of an empty passphrase.
pub fn generate(name: &Path, passphrase: &Secret, report: &mut dyn Report) -> Result<KeyPair> {
    if passphrase.expose().is_empty() {
        report.warning("key/empty-passphrase", "the passphrase is empty: whoever can read the private key can sign with it");
    }
    Ok(key::generate(name, passphrase)?)
}
