//! TLS settings of listeners and clients: versions 1.2 and 1.3, one provider (aws-lc-rs), named in each configuration so that
//! nothing depends on a default of the process.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};

use super::ServerCertificate;
use crate::base::{Diagnose, Exit};

/// Certificates or a key that TLS cannot use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Not PEM, or not what was expected in it.
    #[error("cannot read the {what} as PEM")]
    Pem {
        /// Certificate or key.
        what: &'static str,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// No certificate where one is needed.
    #[error("there is no certificate to trust")]
    NoRoot,
    /// Certificate and key do not go together, or cannot be used.
    #[error("cannot use the certificate")]
    Refused(#[from] rustls::Error),
}

impl Diagnose for TlsError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "tls/certificate"
    }
}

/// Returns the settings of a listener. Clients may show a certificate of any kind; whoever answers the CONNECT judges it.
pub fn server_config(certificate: &ServerCertificate) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes()).map_err(|source| TlsError::Pem { what: "key", source })?;
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(Arc::new(AnyClientCertificate(provider)))
        .with_single_cert(certificates(&certificate.chain_pem)?, key)?;
    Ok(Arc::new(config))
}

/// The certificate that a listener shows, which may be changed while it listens; connections that stand keep theirs.
#[derive(Debug)]
pub struct PresentedCertificate {
    key: RwLock<Arc<CertifiedKey>>,
    chain_pem: RwLock<String>,
}

impl PresentedCertificate {
    /// Shows another certificate to all who connect from now on.
    ///
    /// # Errors
    /// When certificate and key do not go together.
    pub fn replace(&self, certificate: &ServerCertificate) -> Result<(), TlsError> {
        let key = certified(certificate)?;
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
        certificate.chain_pem.clone_into(&mut self.chain_pem.write().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// Returns the certificate in force with its chain, as PEM.
    pub fn chain_pem(&self) -> String {
        self.chain_pem.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for PresentedCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn certified(certificate: &ServerCertificate) -> Result<Arc<CertifiedKey>, TlsError> {
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes()).map_err(|source| TlsError::Pem { what: "key", source })?;
    let certified = CertifiedKey::from_der(certificates(&certificate.chain_pem)?, key, &aws_lc_rs::default_provider())?;
    Ok(Arc::new(certified))
}

/// Returns the settings of a listener as [`server_config`] does, and the certificate that it shows, to be changed later. No session is
/// resumed, so that each new connection sees the certificate in force.
pub fn changeable_server_config(certificate: &ServerCertificate) -> Result<(Arc<ServerConfig>, Arc<PresentedCertificate>), TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let presented =
        Arc::new(PresentedCertificate { key: RwLock::new(certified(certificate)?), chain_pem: RwLock::new(certificate.chain_pem.clone()) });
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(Arc::new(AnyClientCertificate(provider)))
        .with_cert_resolver(Arc::<PresentedCertificate>::clone(&presented));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok((Arc::new(config), presented))
}

/// Returns the settings of a client that shows a certificate of its own and trusts the given roots.
pub fn client_config_with_certificate(roots_pem: &str, certificate_pem: &str, key_pem: &str) -> Result<Arc<ClientConfig>, TlsError> {
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|source| TlsError::Pem { what: "key", source })?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots(roots_pem)?)
        .with_client_auth_cert(certificates(certificate_pem)?, key)?;
    Ok(Arc::new(config))
}

/// Returns the settings of a client that trusts the given roots (PEM, one or more) and nothing else.
pub fn client_config(roots_pem: &str) -> Result<Arc<ClientConfig>, TlsError> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots(roots_pem)?)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn roots(pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in certificates(pem)? {
        roots.add(root)?;
    }
    if roots.is_empty() { Err(TlsError::NoRoot) } else { Ok(roots) }
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|source| TlsError::Pem { what: "certificate", source })
}

/// Offers client authentication, accepts every certificate whose owner holds its key, and asks for none.
#[derive(Debug)]
struct AnyClientCertificate(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyClientCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, leaf, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, leaf, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use rustls::pki_types::ServerName;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;
    use crate::base::Clock;
    use crate::identity::Authority;

    #[tokio::test]
    async fn a_client_that_trusts_the_root_talks_to_names_and_addresses() {
        let folder = tempfile::tempdir().expect("folder");
        let now = Clock::System.now();
        let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("authority");
        let certificate = authority.issue_server(&["edge-1", "127.3.4.5"], now, Duration::days(90)).expect("certificate");
        let server = server_config(&certificate).expect("server");
        let client = client_config(authority.root_pem()).expect("client");
        for (name, good) in [("edge-1", true), ("127.3.4.5", true), ("edge-2", false), ("127.3.4.6", false)] {
            let (near, far) = tokio::io::duplex(16 * 1024);
            let acceptor = TlsAcceptor::from(Arc::clone(&server));
            let serving = tokio::spawn(async move {
                let mut stream = acceptor.accept(far).await?;
                stream.write_all(b"ok").await?;
                stream.shutdown().await
            });
            let server_name = ServerName::try_from(name).expect("name");
            let connected = TlsConnector::from(Arc::clone(&client)).connect(server_name, near).await;
            assert_eq!(connected.is_ok(), good, "{name}");
            if let Ok(mut stream) = connected {
                let mut text = String::new();
                stream.read_to_string(&mut text).await.expect("read");
                assert_eq!(text, "ok");
                serving.await.expect("task").expect("served");
            }
        }
    }

    #[tokio::test]
    async fn a_changed_certificate_is_seen_by_the_next_connection() {
        let folder = tempfile::tempdir().expect("folder");
        let now = Clock::System.now();
        let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("authority");
        let first = authority.issue_server(&["edge-1"], now, Duration::days(90)).expect("certificate");
        let (server, presented) = changeable_server_config(&first).expect("server");
        let client = client_config(authority.root_pem()).expect("client");
        let seen = || async {
            let (near, far) = tokio::io::duplex(16 * 1024);
            let accepted = tokio::spawn(TlsAcceptor::from(Arc::clone(&server)).accept(far));
            let name = ServerName::try_from("edge-1").expect("name");
            let connected = TlsConnector::from(Arc::clone(&client)).connect(name, near).await;
            let shown = connected.ok().map(|stream| stream.get_ref().1.peer_certificates().expect("certificates")[0].to_vec());
            assert_eq!(accepted.await.expect("task").is_ok(), shown.is_some());
            shown
        };
        let before = seen().await.expect("good");
        assert_eq!(seen().await.as_ref(), Some(&before));
        presented.replace(&authority.issue_server(&["edge-1"], now, Duration::days(90)).expect("certificate")).expect("replaced");
        let after = seen().await.expect("good");
        assert_ne!(after, before);
        assert_eq!(certificates(&presented.chain_pem()).expect("PEM")[0].to_vec(), after);
        presented.replace(&authority.issue_expired_server(&["edge-1"], now).expect("certificate")).expect("replaced");
        assert!(seen().await.is_none(), "it is over");
    }

    #[test]
    fn a_client_trusts_nothing_without_a_root() {
        assert!(matches!(client_config(""), Err(TlsError::NoRoot)));
    }
}
