//! Signing keys: ECDSA P-256 with SHA-256, private halves in cosign's encrypted key files. Nothing else is offered, because
//! containers/image hashes with SHA-256 whatever the key.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sigstore::crypto::signing_key::{SigStoreKeyPair, SigStoreSigner};
use sigstore::crypto::{CosignVerificationKey, Signature, SigningScheme};
use sigstore::errors::SigstoreError;

use super::key_file::{self, Body};
use crate::base::{Diagnose, Digest, Exit, Secret, fs};

/// A key that cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key file that could not be read or written.
    #[error(transparent)]
    File(#[from] fs::FsError),
    /// A private key that group or others can reach.
    #[error("{} can be read by others (mode {mode:04o})", path.display())]
    OpenToOthers {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key file that is there already.
    #[error("{} exists and is never overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A well-formed private key that the passphrase does not open.
    #[error("wrong passphrase: {name}")]
    WrongPassphrase {
        /// Name of the key file.
        name: String,
    },
    /// A file that is no private key of cosign's format.
    #[error("no cosign key: {name} {found}")]
    NotPrivate {
        /// Name of the key file.
        name: String,
        /// What it is instead, such as `is a public key`.
        found: &'static str,
    },
    /// A file that is no public key.
    #[error("no public key: {name} {found}")]
    NotPublic {
        /// Name of the key file.
        name: String,
        /// What it is instead.
        found: &'static str,
    },
    /// A key of another algorithm, or sealed in an unknown way.
    #[error("{name} has {what}, which this tool does not use")]
    Unsupported {
        /// Name of the key file.
        name: String,
        /// What is not supported.
        what: String,
    },
    /// The cryptographic library refused.
    #[error("cannot {action}")]
    Crypto {
        /// What was tried.
        action: &'static str,
        /// Its answer.
        source: Box<SigstoreError>,
    },
}

impl KeyError {
    fn crypto(action: &'static str) -> impl FnOnce(SigstoreError) -> Self {
        move |source| Self::Crypto { action, source: Box::new(source) }
    }
}

impl Diagnose for KeyError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            Self::Crypto { .. } => Exit::Failure,
            _ => Exit::BadInput,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::OpenToOthers { .. } => "key/open-to-others",
            Self::Exists { .. } => "key/exists",
            Self::WrongPassphrase { .. } => "key/wrong-passphrase",
            Self::NotPrivate { .. } => "key/not-private",
            Self::NotPublic { .. } => "key/not-public",
            Self::Unsupported { .. } => "key/unsupported",
            Self::Crypto { .. } => "key/failed",
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::OpenToOthers { path, .. } => format!("Run `chmod 600 {}`.", path.display()),
            Self::Exists { .. } => "Choose another name, or move the old key away.".to_owned(),
            Self::NotPrivate { .. } => "Make a pair with `edgectl key generate --out NAME` and sign with NAME.key.".to_owned(),
            Self::NotPublic { .. } => "Verify with the .pub file of the pair.".to_owned(),
            Self::Unsupported { .. } => "Keys are ECDSA P-256, sealed with scrypt and nacl/secretbox as cosign does.".to_owned(),
            Self::File(_) | Self::WrongPassphrase { .. } | Self::Crypto { .. } => return Vec::new(),
        };
        vec![hint]
    }
}

/// The public half of a pair: it tells whether a signature was made by the private half.
#[derive(Clone)]
pub struct PublicKey {
    name: String,
    fingerprint: Digest,
    key: CosignVerificationKey,
}

impl PublicKey {
    /// Reads a public key file; the key is named by its path.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no ECDSA P-256 public key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        Self::from_pem(path.display().to_string(), &String::from_utf8_lossy(&fs::read(path)?))
    }

    /// Reads the text of a public key; `name` names it in reports.
    pub fn from_pem(name: impl Into<String>, text: &str) -> Result<Self, KeyError> {
        let name = name.into();
        let block = match key_file::parse(text) {
            Some(block) if block.label == key_file::PUBLIC => block,
            Some(block) if block.label.ends_with("PRIVATE KEY") => return Err(KeyError::NotPublic { name, found: "is a private key" }),
            _ => return Err(KeyError::NotPublic { name, found: "holds no PEM block PUBLIC KEY" }),
        };
        match CosignVerificationKey::try_from_der(&block.body) {
            Ok(key @ CosignVerificationKey::ECDSA_P256_SHA256_ASN1(_)) => Ok(Self { name, fingerprint: Digest::of(&block.body), key }),
            Ok(_) => Err(KeyError::Unsupported { name, what: "an algorithm other than ECDSA P-256".to_owned() }),
            Err(_) => Err(KeyError::NotPublic { name, found: "has a body that is no public key" }),
        }
    }

    /// Returns the name that reports use: the path that the key was read from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the digest of the key itself (DER), the same whatever the file is called.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Tells whether `signature` (base64 of DER) was made over exactly these bytes by the private half.
    pub fn accepts(&self, signature: &str, bytes: &[u8]) -> bool {
        self.key.verify_signature(Signature::Base64Encoded(signature.as_bytes()), bytes).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.name, self.fingerprint.short())
    }
}

/// An opened private key, which signs.
pub struct PrivateKey {
    signer: SigStoreSigner,
    public: PublicKey,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public.name)
    }
}

impl PrivateKey {
    /// Opens a private key file with its passphrase, which may be empty.
    ///
    /// # Errors
    /// A file that others can read, that is no cosign key, or that the passphrase does not open; each is told apart.
    pub fn load(path: &Path, passphrase: &Secret) -> Result<Self, KeyError> {
        Self::from_pem(path.display().to_string(), &Self::read(path)?, passphrase)
    }

    /// Checks that a file is a private key that could be opened, before anybody is asked for its passphrase.
    pub fn inspect(path: &Path) -> Result<(), KeyError> {
        Self::read(path).map(drop)
    }

    /// Reads a key file; what is no private key may be readable, and is told first.
    fn read(path: &Path) -> Result<Secret, KeyError> {
        let text = Secret::new(fs::read(path)?);
        require_cosign(&path.display().to_string(), &text)?;
        require_private(path)?;
        Ok(text)
    }

    /// Opens the text of a private key; `name` names it in reports.
    pub fn from_pem(name: impl Into<String>, text: &Secret, passphrase: &Secret) -> Result<Self, KeyError> {
        let name = name.into();
        require_cosign(&name, text)?;
        let pair = SigStoreKeyPair::from_encrypted_pem(text.expose(), passphrase.expose())
            .map_err(|_| KeyError::WrongPassphrase { name: name.clone() })?;
        let signer = pair
            .to_sigstore_signer(&SigningScheme::ECDSA_P256_SHA256_ASN1)
            .map_err(|_| KeyError::Unsupported { name: name.clone(), what: "an algorithm other than ECDSA P-256".to_owned() })?;
        let public = pair.public_key_to_pem().map_err(KeyError::crypto("derive the public key"))?;
        Ok(Self { signer, public: PublicKey::from_pem(name, &public)? })
    }

    /// Returns the public half, under the private key's name.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs exactly these bytes and returns the signature, base64 of DER.
    pub fn sign(&self, bytes: &[u8]) -> Result<String, KeyError> {
        self.signer.sign(bytes).map(|signature| STANDARD.encode(signature)).map_err(KeyError::crypto("sign"))
    }
}

/// A pair that was just written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// The encrypted private key, mode 0600.
    pub private: PathBuf,
    /// The public key.
    pub public: PathBuf,
    /// Digest of the public key.
    pub fingerprint: Digest,
}

/// Makes a pair and writes `NAME.key` and `NAME.pub`, creating the folder when needed.
///
/// # Errors
/// When either file is there already; then neither is written.
pub fn generate(name: &Path, passphrase: &Secret) -> Result<KeyPair, KeyError> {
    require_absent(name)?;
    let [private, public] = files(name);
    let failed = || KeyError::crypto("make a key pair");
    let signer = SigningScheme::ECDSA_P256_SHA256_ASN1.create_signer().map_err(failed())?;
    let pair = signer.to_sigstore_keypair().map_err(failed())?;
    let sealed = pair.private_key_to_encrypted_pem(passphrase.expose()).map_err(failed())?;
    let open = pair.public_key_to_pem().map_err(failed())?;
    let fingerprint = PublicKey::from_pem(public.display().to_string(), &open)?.fingerprint;

    if let Some(folder) = name.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_folder(folder)?;
    }
    fs::write_secret(&private, sealed.as_bytes())?;
    if let Err(error) = write_new(&public, open.as_bytes()) {
        fs::remove(&private)?;
        return Err(error);
    }
    Ok(KeyPair { private, public, fingerprint })
}

/// Checks that neither file of the pair called `name` is there.
pub fn require_absent(name: &Path) -> Result<(), KeyError> {
    match files(name).into_iter().find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(KeyError::Exists { path }),
        None => Ok(()),
    }
}

/// Returns the private and the public file of a pair.
fn files(name: &Path) -> [PathBuf; 2] {
    ["key", "pub"].map(|extension| with_suffix(name, extension))
}

/// Appends an extension; `Path::with_extension` would cut `release.v1` short.
fn with_suffix(name: &Path, extension: &str) -> PathBuf {
    let mut text = OsString::from(name);
    text.push(".");
    text.push(extension);
    PathBuf::from(text)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_path_buf() },
        _ => fs::FsError::at("create", path)(error).into(),
    })?;
    Ok(file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fs::FsError::at("write", path))?)
}

fn require_private(path: &Path) -> Result<(), KeyError> {
    let mode = path.metadata().map_err(fs::FsError::at("inspect", path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::OpenToOthers { path: path.to_path_buf(), mode });
    }
    Ok(())
}

fn require_cosign(name: &str, text: &Secret) -> Result<(), KeyError> {
    let refuse = |found| Err(KeyError::NotPrivate { name: name.to_owned(), found });
    let Ok(text) = std::str::from_utf8(text.expose()) else { return refuse("is no text") };
    let Some(block) = key_file::parse(text) else { return refuse("holds no PEM block") };
    match block.label.as_str() {
        key_file::PRIVATE | key_file::PRIVATE_OLD => {}
        key_file::PUBLIC => return refuse("is a public key"),
        label if label.ends_with("PRIVATE KEY") => return refuse("is a private key of another format"),
        _ => return refuse("is something else"),
    }
    match key_file::classify(&block.body) {
        Body::Cosign => Ok(()),
        Body::Unsupported(what) => Err(KeyError::Unsupported { name: name.to_owned(), what }),
        Body::Foreign => refuse("has a body that is not cosign's"),
    }
}

#[cfg(test)]
impl PrivateKey {
    /// Makes a key that lives as long as the test.
    pub(super) fn ephemeral(name: &str) -> Self {
        let signer = SigningScheme::ECDSA_P256_SHA256_ASN1.create_signer().expect("a signer");
        let public = signer.to_sigstore_keypair().expect("a pair").public_key_to_pem().expect("text");
        Self { signer, public: PublicKey::from_pem(name, &public).expect("a key") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(passphrase: &str) -> (tempfile::TempDir, KeyPair, Secret) {
        let folder = tempfile::tempdir().expect("a folder");
        let passphrase = Secret::new(passphrase);
        let pair = generate(&folder.path().join("keys/release.v1"), &passphrase).expect("a pair");
        (folder, pair, passphrase)
    }

    #[test]
    fn a_pair_signs_and_verifies_with_an_empty_passphrase_too() {
        for passphrase in ["", "secret"] {
            let (_folder, pair, passphrase) = written(passphrase);
            assert!(pair.private.ends_with("keys/release.v1.key") && pair.public.ends_with("keys/release.v1.pub"));
            assert_eq!(pair.private.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
            let private = PrivateKey::load(&pair.private, &passphrase).expect("it opens");
            let public = PublicKey::load(&pair.public).expect("it reads");
            assert_eq!((public.fingerprint(), private.public().fingerprint()), (pair.fingerprint, pair.fingerprint));
            let signature = private.sign(b"text").expect("signed");
            assert!(public.accepts(&signature, b"text"));
            assert!(!public.accepts(&signature, b"other text"));
            assert!(!public.accepts("no base64!", b"text"));
        }
    }

    #[test]
    fn a_private_key_reads_under_both_labels() {
        let (_folder, pair, passphrase) = written("secret");
        let text = fs::read_text(&pair.private).expect("text");
        assert!(text.starts_with("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"), "{text}");
        let old = Secret::new(text.replace("SIGSTORE", "COSIGN"));
        PrivateKey::from_pem("old", &old, &passphrase).expect("the older label");
    }

    #[test]
    fn what_does_not_open_says_why() {
        let (folder, pair, _) = written("secret");
        let code = |result: Result<PrivateKey, KeyError>| result.expect_err("refused").code();
        assert_eq!(code(PrivateKey::load(&pair.private, &Secret::new("other"))), "key/wrong-passphrase");
        assert_eq!(code(PrivateKey::load(&folder.path().join("none.key"), &Secret::new(""))), "file/failed");
        let text = |text: &str| PrivateKey::from_pem("FILE", &Secret::new(text), &Secret::new("")).expect_err("refused").to_string();
        assert_eq!(text("ssh-ed25519 AAAA"), "no cosign key: FILE holds no PEM block");
        assert_eq!(text("-----BEGIN PUBLIC KEY-----\nAQ==\n-----END PUBLIC KEY-----"), "no cosign key: FILE is a public key");
        let foreign = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAQ==\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----";
        assert_eq!(text(foreign), "no cosign key: FILE has a body that is not cosign's");
        let plain = "-----BEGIN PRIVATE KEY-----\nAQ==\n-----END PRIVATE KEY-----";
        assert_eq!(text(plain), "no cosign key: FILE is a private key of another format");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let (_folder, pair, passphrase) = written("");
        std::fs::set_permissions(&pair.private, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        let error = PrivateKey::load(&pair.private, &passphrase).expect_err("refused");
        assert_eq!(error.to_string(), format!("{} can be read by others (mode 0644)", pair.private.display()));
        assert_eq!((error.kind(), error.hints()), (Exit::BadInput, vec![format!("Run `chmod 600 {}`.", pair.private.display())]));
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_half_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = folder.path().join("release");
        fs::write(&folder.path().join("release.pub"), b"mine").expect("a file");
        let error = generate(&name, &Secret::new("")).expect_err("exists");
        assert_eq!((error.code(), error.kind()), ("key/exists", Exit::BadInput));
        assert!(!folder.path().join("release.key").exists());
        assert_eq!(fs::read_text(&folder.path().join("release.pub")).expect("text"), "mine");
    }

    #[test]
    fn public_keys_of_other_kinds_are_refused() {
        let refuse = |text: &str| PublicKey::from_pem("FILE", text).expect_err("refused").to_string();
        assert_eq!(refuse("nothing"), "no public key: FILE holds no PEM block PUBLIC KEY");
        assert_eq!(refuse("-----BEGIN X PRIVATE KEY-----\nAQ==\n-----END X PRIVATE KEY-----"), "no public key: FILE is a private key");
        assert_eq!(
            refuse("-----BEGIN PUBLIC KEY-----\nAQ==\n-----END PUBLIC KEY-----"),
            "no public key: FILE has a body that is no public key"
        );
        let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----";
        assert_eq!(refuse(ed25519), "FILE has an algorithm other than ECDSA P-256, which this tool does not use");
    }
}
