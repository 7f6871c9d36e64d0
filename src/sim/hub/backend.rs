//! The hub behind the MQTT listener: keys of the registry, twins, telemetry, sessions.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tracing::warn;

use super::core::Core;
use super::fault::Fault;
use super::mailbox;
use super::records::{Kind, key_of};
use super::sessions::close_later;
use crate::edgehub::topic::filter;
use crate::edgehub::{Backend, Connect, Credential, Feature, Refusal, Session};
use crate::identity::Token;
use crate::model::{Identity, Message};

/// The device side of a hub.
pub(super) struct HubBackend(pub(super) Arc<Core>);

impl Backend for HubBackend {
    fn authenticate<'a>(&'a self, connect: &'a Connect) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let wrong = |reason: String| Refusal { reason, permanent: true };
            let text = match &connect.credential {
                Credential::SasToken(text) => text,
                Credential::Certificate(_) => return Err(wrong("the emulator takes SAS tokens, no certificates".to_owned())),
                Credential::Nothing => return Err(wrong("neither a token nor a certificate was shown".to_owned())),
            };
            let token = Token::parse(text).map_err(|error| wrong(error.to_string()))?;
            let identity = connect.identity.clone();
            // The broker of an edge device speaks for who signed in there with a certificate; its token then names the broker.
            let broker = token.audience().and_then(|audience| audience.identity);
            let broker = broker.filter(|signer| signer.module_id.as_deref() == Some(Identity::EDGE_HUB) && *signer != identity);
            let signer = broker.clone().unwrap_or_else(|| identity.clone());
            let keys = self.0.change(move |change| match &broker {
                Some(broker) => change.keys_on_behalf(broker, &identity),
                None => change.keys_of(&identity),
            });
            let keys = keys.await.map_err(|fault| refusal(&fault))?;
            let hosts: Vec<&str> = self.0.hosts.iter().map(String::as_str).collect();
            let verified = token.verify(&hosts, Some(&signer), &keys.iter().collect::<Vec<_>>(), self.0.clock.now());
            verified.map_err(|error| wrong(error.to_string()))
        })
    }

    fn refused(&self, peer: std::net::SocketAddr, identity: Option<&Identity>, code: u8, reason: &str) {
        tracing::debug!(%peer, identity = identity.map(tracing::field::display), code, reason, "refused");
    }

    fn connected(&self, session: Session, clean_session: bool) -> BoxFuture<'_, Vec<(String, u8)>> {
        Box::pin(async move {
            let key = key_of(&session.identity);
            let stored = self.0.change(move |change| {
                if clean_session {
                    change.records.remove(Kind::Session, &key)?;
                    return Ok(Vec::new());
                }
                Ok(change.records.get(Kind::Session, &key)?.unwrap_or_default())
            });
            let filters: Vec<(String, u8)> = stored.await.unwrap_or_else(|error| {
                // Without its session the client subscribes anew, as after any loss on the server's side.
                warn!(identity = %session.identity, %error, "the stored session cannot be read");
                Vec::new()
            });
            let features = filter::features(&filters);
            let mail = features.contains(&Feature::CloudToDevice).then(|| session.clone());
            if let Some(older) = self.0.sessions.insert(session, features, clean_session) {
                close_later(older, "another connection took over");
            }
            self.deliver(mail);
            filters
        })
    }

    fn disconnected<'a>(&'a self, identity: &'a Identity, connection: u64) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.0.sessions.remove(identity, connection) })
    }

    fn subscribed<'a>(
        &'a self,
        identity: &'a Identity,
        connection: u64,
        filters: &'a [(String, u8)],
        features: &'a BTreeSet<Feature>,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            if self.0.sessions.is_lasting(identity, connection) {
                let (key, filters) = (key_of(identity), filters.to_vec());
                let stored = self.0.change(move |change| change.records.put(Kind::Session, &key, &filters)).await;
                stored.map_err(|error| error.to_string())?;
            }
            let had_mail = self.0.sessions.wants(identity, connection, Feature::CloudToDevice);
            self.0.sessions.set_features(identity, connection, features.clone());
            if features.contains(&Feature::CloudToDevice) && !had_mail {
                self.deliver(self.0.sessions.session(identity, connection));
            }
            Ok(())
        })
    }

    fn telemetry<'a>(&'a self, identity: &'a Identity, message: Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.0.telemetry.append(identity, message, self.0.clock.now()))
    }

    fn twin<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Value, String>> {
        let identity = identity.clone();
        Box::pin(async move {
            let twin = self.0.change(move |change| Ok(change.stored_twin(&identity)?.for_client())).await;
            twin.map_err(|error| error.to_string())
        })
    }

    fn reported<'a>(&'a self, identity: &'a Identity, patch: Value) -> BoxFuture<'a, Result<Option<u64>, String>> {
        let identity = identity.clone();
        Box::pin(async move {
            let version = self.0.change(move |change| change.report(&identity, &patch)).await;
            version.map(Some).map_err(|error| error.to_string())
        })
    }
}

impl HubBackend {
    /// Begins to hand cloud-to-device messages to a connection of a device; modules have none.
    fn deliver(&self, session: Option<Session>) {
        if let Some(session) = session.filter(|session| session.identity.module_id.is_none()) {
            tokio::spawn(mailbox::deliver(Arc::clone(&self.0), session));
        }
    }
}

/// Trouble of our own is temporary; everything else is about the client.
fn refusal(fault: &Fault) -> Refusal {
    Refusal { permanent: !fault.status.is_server_error(), reason: fault.to_string() }
}
