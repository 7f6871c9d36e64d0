//! The device's broker: MQTT listener, workload API, sessions, twins, methods, spool, and the device-protocol client for the
//! upstream link. The hub emulator is served by the same listener with another [`Backend`].

pub mod accept;
pub mod backend;
pub mod broker;
pub mod client;
pub mod gateway;
pub mod identities;
pub mod inspect;
pub mod listener;
pub mod reported;
pub mod spool;
pub mod timing;
pub mod topic;
pub mod user_name;
pub mod warnings;
pub mod workload;

mod wire;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

use backend::warn;
pub use backend::{Backend, Connect, Credential, Delivery, Feature, InvokeError, MethodAnswer, MethodCall, Outbound, Refusal, Session};
pub use broker::{Broker, BrokerCounts, BrokerError, BrokerOptions, HubScope, MAX_CLIENTS, Scope, ScopeSource, Upstream};
pub use client::{Client, ClientError, ClientEvent, ClientOptions};
pub use identities::{Identities, IdentitiesError, KnownIdentity, SignIn};
pub use inspect::{ClientRow, Hop, MessageTrace, QueueRow, RefusalRow};
pub use spool::Durability;
pub use timing::Timing;
pub use warnings::{Warning, Warnings};
