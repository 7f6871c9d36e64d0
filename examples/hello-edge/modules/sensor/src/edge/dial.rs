//! Opens a connection to edgeHub: TLS that trusts the trust bundle alone, and a sign-in with a fresh token.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rmqtt_codec::v3::{Codec, Connect, ConnectAck, ConnectAckReason, Packet};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::codec::Framed;

use super::workload::Workload;
use super::{Error, Result};

const PORT: u16 = 8883;
const API_VERSION: &str = "2021-04-12";

/// Keep-alive that the hub is promised; a ping goes out at half of it.
pub const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Life of a token; a new one is fetched a while before it ends.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);
pub const TOKEN_RENEWAL: Duration = Duration::from_secs(3000);

/// Largest packet that is taken.
const PACKET_LIMIT: u32 = 512 * 1024;

/// A connection on which MQTT packets travel.
pub type Wire = Framed<TlsStream<TcpStream>, Codec>;

/// Connects and signs in; returns once the hub has consented.
pub async fn connect(workload: &Workload) -> Result<Wire> {
    let token = workload.token(TOKEN_LIFE).await?;
    let tls = tls(&workload.trust_bundle().await?)?;
    let name = ServerName::try_from(workload.gateway.clone())
        .map_err(|error| Error::new("cannot use the gateway's name", error))?;
    let unreachable = |error: io::Error| {
        Error::new(
            format!("cannot connect to {}:{PORT}", workload.gateway),
            error,
        )
    };
    let tcp = TcpStream::connect((workload.gateway.as_str(), PORT))
        .await
        .map_err(unreachable)?;
    tcp.set_nodelay(true).map_err(unreachable)?;
    let stream = TlsConnector::from(Arc::new(tls))
        .connect(name, tcp)
        .await
        .map_err(unreachable)?;
    let mut wire = Framed::new(stream, Codec::new(PACKET_LIMIT));
    let identity = format!("{}/{}", workload.device, workload.module);
    let connect = Connect {
        // The hub keeps what comes for us while we are away.
        clean_session: false,
        keep_alive: u16::try_from(KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX),
        username: Some(format!("{}/{identity}/?api-version={API_VERSION}", workload.hub).into()),
        client_id: identity.into(),
        password: Some(Bytes::from(token)),
        ..Connect::default()
    };
    wire.send(connect.into()).await.map_err(lost)?;
    match wire.next().await {
        Some(Ok((
            Packet::ConnectAck(ConnectAck {
                return_code: ConnectAckReason::ConnectionAccepted,
                ..
            }),
            _,
        ))) => Ok(wire),
        Some(Ok((Packet::ConnectAck(refusal), _))) => Err(Error::new(
            "edgeHub refused the sign-in",
            refusal.return_code.reason(),
        )),
        Some(Ok(_)) => Err(lost("edgeHub answered the sign-in with something else")),
        Some(Err(error)) => Err(lost(error)),
        None => Err(lost("edgeHub closed it")),
    }
}

/// Returns TLS settings that trust these certificates (PEM) and no others.
fn tls(trust_bundle: &str) -> Result<ClientConfig> {
    let unfit = |error: &dyn std::fmt::Display| {
        Error::new("cannot use the trust bundle", error.to_string())
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(trust_bundle.as_bytes()) {
        let certificate = certificate.map_err(|error| unfit(&error))?;
        roots.add(certificate).map_err(|error| unfit(&error))?;
    }
    Ok(ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Returns the error of a connection that is of no more use.
pub fn lost(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new("the connection to edgeHub broke", cause)
}
