//! The certificate authority of a simulated world: one root, kept in a folder, and the server certificates that it issues.

use std::net::IpAddr;
use std::path::Path;

use chrono::{Datelike as _, Duration};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use zeroize::Zeroizing;

use crate::base::fs::{self, FsError};
use crate::base::{Diagnose, Exit, Timestamp};

const ROOT_FILE: &str = "root.pem";
const KEY_FILE: &str = "root.key.pem";
const ROOT_LIFE: Duration = Duration::days(3650);

/// A certificate that could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The folder of the authority failed.
    #[error(transparent)]
    File(#[from] FsError),
    /// The authority's own files are damaged.
    #[error("the certificate authority in {folder} is damaged")]
    Damaged {
        /// Its folder.
        folder: String,
        /// What does not parse.
        source: rcgen::Error,
    },
    /// A name cannot stand in a certificate, or signing failed.
    #[error("cannot issue a certificate for {names}")]
    Issue {
        /// What it was for.
        names: String,
        /// Why not.
        source: rcgen::Error,
    },
}

impl Diagnose for AuthorityError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            Self::Damaged { .. } | Self::Issue { .. } => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Damaged { .. } => "authority/damaged",
            Self::Issue { .. } => "authority/issue",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Damaged { folder, .. } => vec![format!("Remove {folder}; a new authority is made at the next start.")],
            Self::File(_) | Self::Issue { .. } => Vec::new(),
        }
    }
}

/// A root certificate with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root_pem: String,
}

/// A server certificate with its key.
pub struct ServerCertificate {
    /// The leaf, then the root, as PEM.
    pub chain_pem: String,
    /// PKCS #8 key as PEM.
    pub key_pem: Zeroizing<String>,
    /// End of its life.
    pub expires: Timestamp,
}

impl Authority {
    /// Opens the authority in `folder`, or makes one there: `root.pem` and `root.key.pem` (mode 0600).
    pub fn open_or_create(folder: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        fs::create_private_folder(folder)?;
        let _lock = fs::Lock::acquire(&folder.join("lock"))?;
        if let Some(root) = fs::read_if_any(&folder.join(ROOT_FILE))? {
            return Self::open(folder, root);
        }
        let key = KeyPair::generate().map_err(issue("the root"))?;
        let params = root_params(now);
        let root_pem = params.self_signed(&key).map_err(issue("the root"))?.pem();
        // A key without a certificate is what an interrupted start leaves: the certificate is written last.
        fs::remove(&folder.join(KEY_FILE))?;
        fs::write_secret(&folder.join(KEY_FILE), key.serialize_pem().as_bytes())?;
        fs::write(&folder.join(ROOT_FILE), root_pem.as_bytes())?;
        Ok(Self { issuer: Issuer::new(params, key), root_pem })
    }

    fn open(folder: &Path, root: Vec<u8>) -> Result<Self, AuthorityError> {
        let damaged = |source| AuthorityError::Damaged { folder: folder.display().to_string(), source };
        fs::require_private(&folder.join(KEY_FILE))?;
        let key_pem = Zeroizing::new(fs::read_text(&folder.join(KEY_FILE))?);
        let key = KeyPair::from_pem(&key_pem).map_err(damaged)?;
        let root_pem = String::from_utf8(root).map_err(|_| damaged(rcgen::Error::CouldNotParseCertificate))?;
        let issuer = Issuer::from_ca_cert_pem(&root_pem, key).map_err(damaged)?;
        Ok(Self { issuer, root_pem })
    }

    /// Returns the root certificate as PEM: what clients trust.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// Issues a server certificate for names and addresses (each name that parses as an IP address becomes an address), valid from a day
    /// before `now` for `life`, rounded up to whole days.
    pub fn issue_server(&self, names: &[&str], now: Timestamp, life: Duration) -> Result<ServerCertificate, AuthorityError> {
        let subject = names.join(", ");
        let mut params = named(names);
        for name in names {
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName((*name).try_into().map_err(issue(&subject))?),
            });
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params, &subject, now, life)
    }

    /// Issues a server certificate whose life is over, for those who want to see what their clients do with it.
    pub fn issue_expired_server(&self, names: &[&str], now: Timestamp) -> Result<ServerCertificate, AuthorityError> {
        // Whole days: the last one ended at the latest a day before now.
        self.issue_server(names, now - Duration::days(3), Duration::days(1))
    }

    /// Issues a client certificate whose one name identifies a module or device.
    pub fn issue_client(&self, name: &str, now: Timestamp, life: Duration) -> Result<ServerCertificate, AuthorityError> {
        let mut params = named(&[name]);
        params.subject_alt_names.push(SanType::DnsName(name.try_into().map_err(issue(name))?));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params, name, now, life)
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        subject: &str,
        now: Timestamp,
        life: Duration,
    ) -> Result<ServerCertificate, AuthorityError> {
        let expires = now + life;
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        // Whole days, rounded outwards: a clock that is a little behind still accepts it.
        valid(&mut params, now - Duration::days(1), expires + Duration::days(1));
        let key = KeyPair::generate().map_err(issue(subject))?;
        let leaf = params.signed_by(&key, &self.issuer).map_err(issue(subject))?;
        Ok(ServerCertificate { chain_pem: leaf.pem() + &self.root_pem, key_pem: Zeroizing::new(key.serialize_pem()), expires })
    }
}

/// Makes a client certificate that no authority vouches for, for who is known by its thumbprint.
pub fn self_signed_client(name: &str, now: Timestamp, life: Duration) -> Result<ServerCertificate, AuthorityError> {
    let mut params = named(&[name]);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let expires = now + life;
    valid(&mut params, now - Duration::days(1), expires + Duration::days(1));
    let key = KeyPair::generate().map_err(issue(name))?;
    let certificate = params.self_signed(&key).map_err(issue(name))?;
    Ok(ServerCertificate { chain_pem: certificate.pem(), key_pem: Zeroizing::new(key.serialize_pem()), expires })
}

fn root_params(now: Timestamp) -> CertificateParams {
    let mut params = named(&["edgectl simulated world"]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    valid(&mut params, now - Duration::days(1), now + ROOT_LIFE);
    params
}

/// Names the subject by the first name; a common name holds 64 characters, and the alternative names are what clients check.
fn named(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, names.first().copied().unwrap_or_default().chars().take(64).collect::<String>());
    params
}

/// Sets the life of a certificate in whole days.
fn valid(params: &mut CertificateParams, from: Timestamp, to: Timestamp) {
    let parts = |time: Timestamp| (time.year(), u8::try_from(time.month()).expect("12 months"), u8::try_from(time.day()).expect("31 days"));
    let ((year, month, day), (end_year, end_month, end_day)) = (parts(from), parts(to));
    params.not_before = rcgen::date_time_ymd(year, month, day);
    params.not_after = rcgen::date_time_ymd(end_year, end_month, end_day);
}

fn issue(names: &str) -> impl FnOnce(rcgen::Error) -> AuthorityError {
    move |source| AuthorityError::Issue { names: names.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::base::Clock;

    #[test]
    fn the_authority_survives_and_keeps_its_key_private() {
        let folder = tempfile::tempdir().expect("folder");
        let folder = folder.path().join("ca");
        let now = Clock::fixed_at(1_790_000_000).expect("time").now();
        let first = Authority::open_or_create(&folder, now).expect("made");
        let second = Authority::open_or_create(&folder, now).expect("opened");
        assert_eq!(first.root_pem(), second.root_pem());
        let mode = std::fs::metadata(folder.join(KEY_FILE)).expect("key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&folder.join(ROOT_FILE), b"rubbish").expect("write");
        assert!(matches!(Authority::open_or_create(&folder, now), Err(AuthorityError::Damaged { .. })));
    }

    #[test]
    fn an_expired_certificate_is_over_at_any_time_of_the_day() {
        let folder = tempfile::tempdir().expect("folder");
        for seconds in [1_790_000_000, 1_790_035_200, 1_790_035_199] {
            let now = Clock::fixed_at(seconds).expect("time").now();
            let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("made");
            let issued = authority.issue_expired_server(&["edge-1"], now).expect("issued");
            let read = crate::identity::Certificate::of_pem(&issued.chain_pem).expect("read");
            assert!(read.not_after < now && read.not_before < read.not_after, "{read:?}");
        }
    }

    #[test]
    fn a_name_that_no_certificate_can_carry_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let now = Clock::fixed_at(1_790_000_000).expect("time").now();
        let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("made");
        assert!(matches!(authority.issue_server(&["bücher"], now, Duration::days(1)), Err(AuthorityError::Issue { .. })));
    }
}
