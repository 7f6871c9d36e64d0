//! The scope of the device: the identities that the hub lets connect here, kept as the hub has them and asked for again when a client
//! comes that is not known.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, info, warn};

use super::core::Core;
use crate::edgehub::KnownIdentity;
use crate::iothub::{self, HubError};
use crate::model::Identity;

/// How often the whole list is read.
const PERIOD: Duration = Duration::from_hours(1);
/// Pause after the whole list could not be read.
const RETRY: Duration = Duration::from_mins(1);
/// How long the answer about one identity counts.
const ASK_AGAIN: Duration = Duration::from_mins(2);
/// The longest that a client waits while the hub is asked; SDKs give up after a minute.
const ANSWER: Duration = Duration::from_secs(10);
/// The longest that reading the whole list takes.
const LIST_TIME: Duration = Duration::from_mins(2);
/// Identities whose last answer is remembered.
const REMEMBERED: usize = 1000;
/// Questions about one identity at a time.
const QUESTIONS: usize = 4;

/// All identities of a device's scope.
pub type Scope = Vec<KnownIdentity>;

/// Tells which identities are in the scope of the device.
pub trait ScopeSource: Send + Sync + 'static {
    /// Returns all of them.
    fn all(&self) -> BoxFuture<'_, Result<Scope, HubError>>;

    /// Returns one, or `None` when it is not in the scope.
    fn one<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Option<KnownIdentity>, HubError>>;
}

/// The hub's own word on a scope, asked as the device.
pub struct HubScope {
    hub: iothub::Client,
    device_id: String,
}

impl HubScope {
    /// Returns a source that asks with a client signed in as the device.
    pub fn new(hub: iothub::Client, device_id: impl Into<String>) -> Self {
        Self { hub, device_id: device_id.into() }
    }
}

impl ScopeSource for HubScope {
    fn all(&self) -> BoxFuture<'_, Result<Scope, HubError>> {
        Box::pin(async move {
            let (devices, modules) = self.hub.scope(&self.device_id).await?;
            let devices = devices.iter().map(KnownIdentity::of_device);
            Ok(devices.chain(modules.iter().map(KnownIdentity::of_module)).collect())
        })
    }

    fn one<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Option<KnownIdentity>, HubError>> {
        Box::pin(async move {
            let (devices, modules) = self.hub.identity_in_scope(&self.device_id, identity).await?;
            let devices = devices.iter().map(KnownIdentity::of_device);
            Ok(devices.chain(modules.iter().map(KnownIdentity::of_module)).find(|known| known.identity == *identity))
        })
    }
}

/// What became of a question about one identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The hub answered, now or a short while ago, and the list says what it said.
    Answered,
    /// The hub could not be asked, for this reason.
    Failed(String),
}

/// Keeps the scope.
pub(super) struct ScopeCache {
    source: Option<Arc<dyn ScopeSource>>,
    wanted: Notify,
    questions: Semaphore,
    answers: Mutex<BTreeMap<Identity, (Instant, Asked)>>,
}

impl ScopeCache {
    pub(super) fn new(source: Option<Arc<dyn ScopeSource>>) -> Self {
        Self { source, wanted: Notify::new(), questions: Semaphore::new(QUESTIONS), answers: Mutex::default() }
    }

    /// Has the whole list read again soon.
    pub(super) fn refresh(&self) {
        self.wanted.notify_one();
    }

    fn recent(&self, identity: &Identity, age: Duration) -> Option<Asked> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(identity).filter(|(at, _)| at.elapsed() < age).map(|(_, asked)| asked.clone())
    }

    /// Remembers an answer, in place of those that no longer count; a flood of names pushes the oldest out.
    fn remember(&self, identity: &Identity, asked: Asked, age: Duration) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.retain(|_, (at, _)| at.elapsed() < age);
        }
        if answers.len() >= REMEMBERED {
            let oldest = answers.iter().min_by_key(|(_, (at, _))| *at).map(|(identity, _)| identity.clone());
            oldest.map(|identity| answers.remove(&identity));
        }
        answers.insert(identity.clone(), (Instant::now(), asked));
    }
}

impl Core {
    /// Asks the hub about one identity and takes its answer into the list, unless it was asked a short while ago.
    pub(super) async fn ask(&self, identity: &Identity) -> Asked {
        let Some(source) = &self.scope.source else { return Asked::Answered };
        let age = self.options.timing.of(ASK_AGAIN);
        if let Some(asked) = self.scope.recent(identity, age) {
            return asked;
        }
        let asking = async {
            let _permit = self.scope.questions.acquire().await;
            // Another connection of the same identity may have asked meanwhile.
            if let Some(asked) = self.scope.recent(identity, age) {
                return asked;
            }
            let asked = match source.one(identity).await {
                Ok(found) => self.take(identity, found),
                Err(error) => Asked::Failed(crate::base::CommandError::from(error).chain().join(": ")),
            };
            self.scope.remember(identity, asked.clone(), age);
            asked
        };
        timeout(ANSWER, asking).await.unwrap_or_else(|_| Asked::Failed("the hub did not answer in time".to_owned()))
    }

    fn take(&self, identity: &Identity, found: Option<KnownIdentity>) -> Asked {
        let identities = &self.options.identities;
        let taken = match found {
            Some(known) => identities.put(known),
            None => identities.remove(identity),
        };
        match taken {
            Ok(changed) => {
                debug!(%identity, changed, "the hub told about an identity");
                Asked::Answered
            }
            Err(error) => Asked::Failed(crate::base::CommandError::from(error).chain().join(": ")),
        }
    }

    /// Asks about an identity that the hub refused, in the background; when it is gone its client is sent away.
    pub(super) fn ask_again(self: &Arc<Self>, identity: &Identity) {
        let (core, identity) = (Arc::clone(self), identity.clone());
        tokio::spawn(async move {
            if let Asked::Failed(reason) = core.ask(&identity).await {
                debug!(%identity, reason, "whether the identity still stands is not known");
            }
        });
    }

    /// Reads the whole list and takes it over. What was added here while it was on its way stays.
    pub(super) async fn refresh_scope(&self) -> Result<usize, String> {
        let Some(source) = &self.scope.source else { return Ok(self.options.identities.all().len()) };
        let before = self.options.identities.all();
        let read = timeout(LIST_TIME, source.all()).await.map_err(|_| "the hub did not answer in time".to_owned())?;
        let scope = read.map_err(|error| crate::base::CommandError::from(error).chain().join(": "))?;
        let count = scope.len();
        let gone = |known: &&KnownIdentity| {
            let present = self.options.identities.get(&known.identity).is_some_and(|now| now.generation_id == known.generation_id);
            present && !scope.iter().any(|told| told.identity == known.identity)
        };
        let remove: Vec<Identity> = before.iter().filter(gone).map(|known| known.identity.clone()).collect();
        let updated = self.options.identities.update(scope, &remove);
        updated.map_err(|error| crate::base::CommandError::from(error).chain().join(": "))?;
        Ok(count)
    }
}

/// Reads the whole list at the start until it succeeds, then every hour and when asked to.
pub(super) async fn keep(core: Arc<Core>) {
    if core.scope.source.is_none() {
        return;
    }
    loop {
        let outcome = tokio::select! {
            () = core.cancel.cancelled() => return,
            outcome = core.refresh_scope() => outcome,
        };
        let pause = match outcome {
            Ok(identities) => {
                info!(identities, "the scope of the device is known");
                PERIOD
            }
            Err(reason) => {
                warn!(reason, "the scope of the device cannot be read; what was known before counts");
                RETRY
            }
        };
        tokio::select! {
            () = core.cancel.cancelled() => return,
            () = core.scope.wanted.notified() => {}
            () = sleep(core.options.timing.of(pause)) => {}
        }
    }
}
