//! What both sides of the hub share: the records, the connected clients, the telemetry log, and the order of changes.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::change::Change;
use super::fault::Fault;
use super::records::Store;
use super::sessions::Sessions;
use super::telemetry::Log;
use crate::base::{Cancel, Clock};
use crate::identity::SigningKey;

/// The heart of a running hub.
pub(super) struct Core {
    pub(super) store: Store,
    pub(super) sessions: Sessions,
    pub(super) telemetry: Log,
    /// Told when a cloud-to-device message was stored.
    pub(super) mail: watch::Sender<()>,
    pub(super) clock: Clock,
    /// Names that tokens may be for: the host name and the address, with and without port.
    pub(super) hosts: Vec<String>,
    pub(super) policy_key: SigningKey,
    pub(super) cancel: Cancel,
    /// Held from the start of a change until clients were told, so that they see changes in the order in which they were stored.
    pub(super) order: Mutex<()>,
}

impl Core {
    /// Makes a change, or reads; clients are told after it was stored. Runs where blocking is allowed.
    pub(super) async fn change<R: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Change<'_, '_>) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, Fault> {
        let core = Arc::clone(self);
        tokio::task::spawn_blocking(move || core.change_now(work)).await?
    }

    fn change_now<R>(&self, work: impl FnOnce(&mut Change<'_, '_>) -> Result<R, Fault>) -> Result<R, Fault> {
        // The lock guards no value, only the order; a panic under it leaves nothing half done.
        let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let connected = self.sessions.connected();
        let (outcome, effects) = self.store.transact(|records| {
            let mut change = Change { records, now: self.clock.now(), connected: &connected, effects: Vec::new() };
            let outcome = work(&mut change)?;
            Ok((outcome, change.effects))
        })?;
        self.sessions.tell(effects);
        Ok(outcome)
    }
}
