//! What a broker tells of itself to people: its clients, its queues, and the way of one message.

use serde::{Deserialize, Serialize};

use super::Feature;
use crate::base::Timestamp;
use crate::model::Identity;

/// A client that is or was connected, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientRow {
    /// Who it is, or claims to be.
    pub identity: Identity,
    /// Whether it is connected now.
    pub connected: bool,
    /// Where it is or was connected from; null when it never was since the start.
    pub peer: Option<String>,
    /// How it signed in: `sas`, `x509-thumbprint`, `x509-ca`; null when it never did since the start.
    pub authentication: Option<String>,
    /// What it wants to receive.
    pub features: Vec<Feature>,
    /// Filters of its session, as it wrote them.
    pub filters: Vec<String>,
    /// Since when it is, or until when it was, connected.
    pub since: Option<Timestamp>,
    /// How often it connected since the start.
    pub connections: u64,
    /// Why it was refused last; null when it was not, or was let in since.
    pub refusal: Option<RefusalRow>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalRow {
    /// When.
    pub at: Timestamp,
    /// Where it came from.
    pub peer: String,
    /// Return code of the CONNACK.
    pub code: u8,
    /// The exact reason.
    pub reason: String,
    /// How often in a row.
    pub count: u64,
}

/// A queue of one endpoint and priority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueRow {
    /// `$upstream`, or `MODULE/INPUT`.
    pub endpoint: String,
    /// Priority, the lowest number first; 2000000000 is a route without one.
    pub priority: u32,
    /// Messages that wait.
    pub messages: u64,
    /// Their bytes, each message counted in every queue that it waits in.
    pub bytes: u64,
    /// When the oldest of them was stored; null when none waits.
    pub oldest: Option<Timestamp>,
    /// When the next one ends its life; null when none does.
    pub next_expiry: Option<Timestamp>,
    /// Bytes that came in a day at the rate since the start.
    pub bytes_per_day: f64,
    /// What ends the queue's growth, in words, and null while it is delivered as fast as it comes.
    pub forecast: Option<String>,
    /// Why the head does not move; null when it does or nothing waits.
    pub blocked: Option<String>,
}

/// A step on the way of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// When.
    pub at: Timestamp,
    /// Where: an identity, a queue, the hub.
    pub place: String,
    /// What happened: `received`, `routed`, `unrouted`, `stored`, `sent`, `acknowledged`, `expired`, `rejected`, `too-large`, `waiting`.
    pub event: String,
    /// Why, for people; empty when it speaks for itself.
    pub detail: String,
}

/// The way of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageTrace {
    /// The broker's own id of it.
    pub edge_message_id: String,
    /// The sender's id of it; null when it gave none.
    pub message_id: Option<String>,
    /// Who sent it.
    pub sender: Identity,
    /// Its steps, oldest first.
    pub hops: Vec<Hop>,
}

/// Something that happened to a twin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TwinStep {
    /// When.
    pub at: Timestamp,
    /// What: `got`, `fetched`, `patch`, `pushed`, `skipped`, `reported`, `synced`, `waiting`.
    pub event: String,
    /// `$version` of the desired properties it is about; null where there is none.
    pub version: Option<u64>,
    /// Why, for people; empty when it speaks for itself.
    pub detail: String,
}
