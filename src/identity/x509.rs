//! Client certificates: what stands in one, and whether its chain ends at a bundle of roots.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::DateTime;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, RootCertStore};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::base::{Diagnose, Exit, Timestamp};

/// What is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum X509Error {
    /// Not PEM, or no certificate in it.
    #[error("there is no certificate in PEM form")]
    NoPem,
    /// The bytes of it are damaged.
    #[error("the certificate is damaged")]
    Damaged,
}

impl Diagnose for X509Error {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "certificate/damaged"
    }
}

/// What stands in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Common name of its subject; empty without one.
    pub common_name: String,
    /// Common name of its issuer; empty without one.
    pub issuer: String,
    /// Names and addresses that it is good for.
    pub names: Vec<String>,
    /// Begin of its life.
    pub not_before: Timestamp,
    /// End of its life.
    pub not_after: Timestamp,
    /// SHA-1 over all of it, hex: the thumbprint of the hub's registry.
    pub sha1: String,
    /// SHA-256 over all of it, hex.
    pub sha256: String,
}

impl Certificate {
    /// Reads a certificate from its DER form.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn of_der(der: &[u8]) -> Result<Self, X509Error> {
        let (rest, read) = X509Certificate::from_der(der).map_err(|_| X509Error::Damaged)?;
        if !rest.is_empty() {
            return Err(X509Error::Damaged);
        }
        let common_name = |name: &x509_parser::x509::X509Name<'_>| {
            let first = name.iter_common_name().next();
            first.and_then(|name| name.as_str().ok()).unwrap_or_default().to_owned()
        };
        let time = |time: x509_parser::time::ASN1Time| DateTime::from_timestamp(time.timestamp(), 0).ok_or(X509Error::Damaged);
        let names = read.subject_alternative_name().map_err(|_| X509Error::Damaged)?;
        let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(name_of).collect();
        Ok(Self {
            common_name: common_name(read.subject()),
            issuer: common_name(read.issuer()),
            names,
            not_before: time(read.validity().not_before)?,
            not_after: time(read.validity().not_after)?,
            sha1: hex::encode(<sha1::Sha1 as sha1::Digest>::digest(der)),
            sha256: hex::encode(<sha2::Sha256 as sha2::Digest>::digest(der)),
        })
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn of_pem(pem: &str) -> Result<Self, X509Error> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| X509Error::NoPem)?;
        Self::of_der(&der)
    }
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Why a chain of client certificates is not trusted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No root of the bundle issued it.
    #[error("the chain of the certificate does not end at the trust bundle")]
    UnknownIssuer,
    /// A certificate of the chain is over, or not yet valid.
    #[error("a certificate of the chain is outside of its life")]
    OutOfLife,
    /// It may not sign clients in, or is broken.
    #[error("the chain of the certificate is not good for signing in: {0}")]
    Other(String),
}

/// Checks that a chain (DER, leaf first) ends at a root of the bundle and may sign a client in now.
///
/// # Errors
/// When it does not, or the bundle is empty.
pub fn verify_client_chain(chain: &[Vec<u8>], bundle_pem: &str, now: Timestamp) -> Result<(), ChainError> {
    let other = |error: &dyn std::fmt::Display| ChainError::Other(error.to_string());
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(bundle_pem.as_bytes()) {
        roots.add(root.map_err(|error| other(&error))?).map_err(|error| other(&error))?;
    }
    let Some((leaf, intermediates)) = chain.split_first().filter(|_| !roots.is_empty()) else { return Err(ChainError::UnknownIssuer) };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(|error| other(&error))?;
    let intermediates: Vec<_> = intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(now.timestamp()).unwrap_or_default()));
    match verifier.verify_client_cert(&CertificateDer::from(leaf.as_slice()), &intermediates, now) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) => {
            Err(ChainError::UnknownIssuer)
        }
        Err(rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        )) => Err(ChainError::OutOfLife),
        Err(error) => Err(other(&error)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::base::Clock;
    use crate::identity::authority::{Authority, self_signed_client};

    fn der(pem: &str) -> Vec<Vec<u8>> {
        CertificateDer::pem_slice_iter(pem.as_bytes()).map(|der| der.expect("PEM").to_vec()).collect()
    }

    #[test]
    fn a_certificate_tells_what_is_in_it() {
        let folder = tempfile::tempdir().expect("folder");
        let now = Clock::fixed_at(1_790_000_000).expect("time").now();
        let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("authority");
        let issued = authority.issue_server(&["edge-1", "127.3.4.5", "::1"], now, Duration::days(2)).expect("issued");
        let read = Certificate::of_pem(&issued.chain_pem).expect("read");
        assert_eq!((read.common_name.as_str(), read.issuer.as_str()), ("edge-1", "edgectl simulated world"));
        assert_eq!(read.names, ["edge-1", "127.3.4.5", "::1"]);
        assert!(read.not_before < now && read.not_after > now + Duration::days(1));
        assert_eq!((read.sha1.len(), read.sha256.len()), (40, 64));
        assert!(matches!(Certificate::of_pem("x"), Err(X509Error::NoPem)));
        assert!(matches!(Certificate::of_der(b"x"), Err(X509Error::Damaged)));
        let mut long = der(&issued.chain_pem).remove(0);
        long.push(0);
        assert!(matches!(Certificate::of_der(&long), Err(X509Error::Damaged)));
    }

    #[test]
    fn a_chain_is_good_only_to_its_own_root_for_clients_and_in_its_life() {
        let folder = tempfile::tempdir().expect("folder");
        let now = Clock::fixed_at(1_790_000_000).expect("time").now();
        let authority = Authority::open_or_create(&folder.path().join("a"), now).expect("authority");
        let other = Authority::open_or_create(&folder.path().join("b"), now).expect("authority");
        let leaf = authority.issue_client("leaf-1", now, Duration::days(2)).expect("issued");
        let chain = der(&leaf.chain_pem);
        assert_eq!(verify_client_chain(&chain, authority.root_pem(), now), Ok(()));
        assert_eq!(verify_client_chain(&chain[..1], authority.root_pem(), now), Ok(()), "without its root");
        assert_eq!(verify_client_chain(&chain, other.root_pem(), now), Err(ChainError::UnknownIssuer));
        assert_eq!(verify_client_chain(&chain, "", now), Err(ChainError::UnknownIssuer));
        assert_eq!(verify_client_chain(&[], authority.root_pem(), now), Err(ChainError::UnknownIssuer));
        assert_eq!(verify_client_chain(&chain, authority.root_pem(), now + Duration::days(9)), Err(ChainError::OutOfLife));
        let server = authority.issue_server(&["leaf-1"], now, Duration::days(2)).expect("issued");
        assert!(matches!(verify_client_chain(&der(&server.chain_pem), authority.root_pem(), now), Err(ChainError::Other(_))));
        let alone = self_signed_client("leaf-1", now, Duration::days(2)).expect("made");
        assert!(verify_client_chain(&der(&alone.chain_pem), authority.root_pem(), now).is_err());
    }
}
