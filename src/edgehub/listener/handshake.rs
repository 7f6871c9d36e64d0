//! CONNECT and CONNACK. A refusal that SDKs take as final (5) is kept for credentials that are really wrong.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rmqtt_codec::error::DecodeError;
use rmqtt_codec::v3::{Connect as ConnectPacket, ConnectAck, ConnectAckReason, Packet};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::info;

use super::CONNECT_TIME;
use crate::edgehub::user_name::UserName;
use crate::edgehub::wire::Wire;
use crate::edgehub::{Backend, Connect, Credential, Outbound, Refusal, Session};
use crate::model::Identity;

/// Keep-alive 0, and the most that any keep-alive counts.
const LONGEST_SILENCE: Duration = Duration::from_mins(10);

/// How many messages to a client may wait in its channel.
const OUTBOUND_MESSAGES: usize = 64;

static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// A client that was let in.
pub(super) struct Admitted {
    pub(super) identity: Identity,
    pub(super) connection: u64,
    pub(super) filters: Vec<(String, u8)>,
    pub(super) silence: Duration,
    pub(super) will: Option<rmqtt_codec::v3::LastWill>,
    pub(super) outbound: mpsc::Receiver<Outbound>,
}

/// Reads CONNECT, asks the backend, and answers. The text of the error is for logs.
pub(super) async fn admit<S>(
    wire: &mut Wire<S>,
    peer: SocketAddr,
    certificates: Vec<Vec<u8>>,
    backend: &dyn Backend,
) -> Result<Admitted, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let packet = match timeout(CONNECT_TIME, wire.read()).await {
        Err(_) => return Err("no CONNECT came in time".to_owned()),
        Ok(None) => return Err("the connection ended before CONNECT".to_owned()),
        Ok(Some(Err(DecodeError::UnsupportedProtocolLevel))) => {
            return refuse(wire, backend, peer, None, ConnectAckReason::UnacceptableProtocolVersion, "not MQTT 3.1.1".to_owned()).await;
        }
        Ok(Some(Err(DecodeError::InvalidClientId))) => {
            return refuse(wire, backend, peer, None, ConnectAckReason::NotAuthorized, "the client id is empty".to_owned()).await;
        }
        Ok(Some(Err(error))) => return Err(format!("the first packet is damaged: {error}")),
        Ok(Some(Ok(Packet::Connect(packet)))) => *packet,
        Ok(Some(Ok(_))) => return Err("the first packet is not CONNECT".to_owned()),
    };
    if packet.protocol.level() != rmqtt_codec::types::MQTT_LEVEL_311 {
        return refuse(wire, backend, peer, None, ConnectAckReason::UnacceptableProtocolVersion, "not MQTT 3.1.1".to_owned()).await;
    }
    let connect = match read(&packet, peer, certificates) {
        Ok(connect) => connect,
        Err((identity, Refusal { reason, permanent })) => {
            return refuse(wire, backend, peer, identity.as_ref(), code_of(permanent), reason).await;
        }
    };
    if let Err(Refusal { reason, permanent }) = backend.authenticate(&connect).await {
        return refuse(wire, backend, peer, Some(&connect.identity), code_of(permanent), reason).await;
    }
    accept(wire, &packet, connect, backend).await
}

/// Turns the packet into what a backend judges.
fn read(packet: &ConnectPacket, peer: SocketAddr, certificates: Vec<Vec<u8>>) -> Result<Connect, (Option<Identity>, Refusal)> {
    let later = |reason: String| (None, Refusal { reason, permanent: false });
    let user_name = packet.username.as_deref().unwrap_or_default();
    let user_name = UserName::parse(user_name).map_err(|error| later(error.to_string()))?;
    if packet.client_id != user_name.identity.to_string().as_str() {
        let reason = format!("the client id `{}` is not that of the user name, `{}`", packet.client_id, user_name.identity);
        return Err((Some(user_name.identity), Refusal { reason, permanent: true }));
    }
    let credential = match &packet.password {
        Some(password) if !password.is_empty() => {
            let token = std::str::from_utf8(password).map_err(|_| later("the password is no text".to_owned()))?;
            Credential::SasToken(token.to_owned())
        }
        _ if !certificates.is_empty() => Credential::Certificate(certificates),
        _ => Credential::Nothing,
    };
    Ok(Connect {
        identity: user_name.identity,
        credential,
        clean_session: packet.clean_session,
        auth_chain: user_name.auth_chain,
        client_type: user_name.client_type,
        peer,
    })
}

async fn accept<S>(wire: &mut Wire<S>, packet: &ConnectPacket, connect: Connect, backend: &dyn Backend) -> Result<Admitted, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (sender, outbound) = mpsc::channel(OUTBOUND_MESSAGES);
    let connection = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    let session = Session { identity: connect.identity.clone(), connection, outbound: sender };
    let filters = backend.connected(session, connect.clean_session).await;
    info!(identity = %connect.identity, connection, client_type = connect.client_type, "connected");
    let acknowledgement =
        ConnectAck { return_code: ConnectAckReason::ConnectionAccepted, session_present: !connect.clean_session && !filters.is_empty() };
    let sent = match wire.write(Packet::ConnectAck(acknowledgement)).await {
        Ok(()) => wire.flush().await,
        failed => failed,
    };
    if let Err(error) = sent {
        backend.disconnected(&connect.identity, connection).await;
        return Err(error);
    }
    let silence = match packet.keep_alive {
        0 => LONGEST_SILENCE,
        seconds => (Duration::from_secs(u64::from(seconds)) * 3 / 2).min(LONGEST_SILENCE),
    };
    Ok(Admitted { identity: connect.identity, connection, filters, silence, will: packet.last_will.clone(), outbound })
}

fn code_of(permanent: bool) -> ConnectAckReason {
    if permanent { ConnectAckReason::NotAuthorized } else { ConnectAckReason::ServiceUnavailable }
}

async fn refuse<S, T>(
    wire: &mut Wire<S>,
    backend: &dyn Backend,
    peer: SocketAddr,
    identity: Option<&Identity>,
    code: ConnectAckReason,
    reason: String,
) -> Result<T, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    info!(%peer, identity = identity.map(tracing::field::display), code = code as u8, reason, "refused a client");
    backend.refused(peer, identity, code as u8, &reason);
    wire.write(Packet::ConnectAck(ConnectAck { return_code: code, session_present: false })).await?;
    wire.flush().await?;
    Err(reason)
}
