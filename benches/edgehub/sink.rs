//! A hub that costs next to nothing: it lets everybody in, tells the broker its routes, and counts what arrives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use edgectl::base::Cancel;
use edgectl::identity::ServerCertificate;
use edgectl::identity::tls::server_config;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v3::{Codec, ConnectAck, ConnectAckReason, Packet, SubscribeReturnCode};
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::codec::Framed;

use crate::load::{PACKET_BYTES, Track};

/// What the hub knows.
pub struct Hub {
    /// Desired properties of the broker's own twin.
    pub desired: Value,
    /// Who is counted, by client id.
    pub tracks: BTreeMap<String, Arc<Track>>,
}

/// A hub that listens.
pub struct Sink {
    pub port: u16,
    cancel: Cancel,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    /// Listens on a port, 0 for any that is free.
    pub async fn start(port: u16, certificate: &ServerCertificate, hub: Arc<Hub>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.context("the sink cannot listen")?;
        let (port, cancel) = (listener.local_addr()?.port(), Cancel::new());
        let acceptor = TlsAcceptor::from(server_config(certificate)?);
        let task = tokio::spawn(accept(listener, acceptor, hub, cancel.clone()));
        Ok(Self { port, cancel, task })
    }

    /// Closes all connections and returns when they are closed.
    pub async fn stop(self) -> Result<()> {
        self.cancel.cancel();
        Ok(self.task.await?)
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, hub: Arc<Hub>, cancel: Cancel) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (acceptor, hub) = (acceptor.clone(), Arc::clone(&hub));
                // An end of a connection is no fault: the broker connects again.
                connections.spawn(async move { serve(stream, &acceptor, &hub).await.ok() });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, acceptor: &TlsAcceptor, hub: &Hub) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = Framed::new(acceptor.accept(stream).await?, Codec::new(PACKET_BYTES));
    let Packet::Connect(connect) = wire.next().await.context("closed")??.0 else { bail!("no CONNECT") };
    wire.send(Packet::ConnectAck(ConnectAck { return_code: ConnectAckReason::ConnectionAccepted, session_present: false })).await?;
    let (own, track) = (connect.client_id.ends_with("/$edgeHub"), hub.tracks.get(&*connect.client_id));
    while let Some(first) = wire.next().await {
        take(&mut wire, first?.0, own, track, hub).await?;
        while let Some(Some(next)) = wire.next().now_or_never() {
            take(&mut wire, next?.0, own, track, hub).await?;
        }
        wire.flush().await?;
    }
    Ok(())
}

async fn take(
    wire: &mut Framed<TlsStream<TcpStream>, Codec>,
    packet: Packet,
    own: bool,
    track: Option<&Arc<Track>>,
    hub: &Hub,
) -> Result<()> {
    match packet {
        Packet::Publish(publish) => {
            let answer = publish.topic.strip_prefix("$iothub/twin/").map(|rest| twin_answer(rest, own, hub));
            if let Some(packet_id) = publish.packet_id {
                wire.feed(Packet::PublishAck { packet_id }).await?;
            }
            match (answer, track) {
                (Some(answer), _) => wire.feed(Packet::Publish(Box::new(answer))).await?,
                (None, Some(track)) => track.take(&publish.payload),
                (None, None) => bail!("a message of somebody who sends none"),
            }
        }
        Packet::Subscribe { packet_id, topic_filters } => {
            let status = topic_filters.iter().map(|_| SubscribeReturnCode::Success(QoS::AtLeastOnce)).collect();
            wire.feed(Packet::SubscribeAck { packet_id, status }).await?;
        }
        Packet::PingRequest => wire.feed(Packet::PingResponse).await?,
        Packet::Disconnect => bail!("goodbye"),
        _ => {}
    }
    Ok(())
}

/// Answers `GET/?$rid=1` and `PATCH/properties/reported/?$rid=1`.
fn twin_answer(request: &str, own: bool, hub: &Hub) -> Publish {
    let rid = request.split("$rid=").nth(1).unwrap_or_default();
    let (topic, payload) = if request.starts_with("GET") {
        let mut desired = if own { hub.desired.clone() } else { Value::Object(Map::new()) };
        desired["$version"] = json!(1);
        (format!("$iothub/twin/res/200/?$rid={rid}"), json!({"desired": desired, "reported": {"$version": 1}}).to_string())
    } else {
        (format!("$iothub/twin/res/204/?$rid={rid}&$version=2"), String::new())
    };
    Publish {
        dup: false,
        retain: false,
        qos: QoS::AtMostOnce,
        topic: topic.into(),
        packet_id: None,
        payload: payload.into(),
        properties: None,
    }
}
