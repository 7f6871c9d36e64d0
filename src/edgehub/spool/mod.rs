//! Messages that wait for their endpoint, on disk before they are acknowledged: one queue for each endpoint and priority, each an
//! append-only log in segments. Many senders share one sync of the disk.

mod queue;
mod record;
mod segment;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

pub use queue::{Queue, Reader};
pub use record::{Entry, Stored};

use crate::base::fs::{self, FsError};
use crate::base::percent;

/// Bytes after which a queue begins a new segment; whole segments are deleted once consumed.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// Messages that share one sync at most.
const BATCH: usize = 512;

/// What stored messages survive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Durability {
    /// The end of the process, however it ends: the system has what was written.
    #[default]
    Process,
    /// The loss of power too: the disk has what was written.
    Fsync,
}

/// Names a queue: the endpoint and its priority, 0 first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueName {
    /// Id of the endpoint, chosen by the caller.
    pub endpoint: String,
    /// Priority, the lowest number first.
    pub priority: u32,
}

impl QueueName {
    fn folder(&self) -> String {
        format!("{}_{}", percent::encode(&self.endpoint), self.priority)
    }

    fn of_folder(name: &str) -> Option<Self> {
        let (endpoint, priority) = name.rsplit_once('_')?;
        Some(Self { endpoint: percent::decode(endpoint), priority: priority.parse().ok()? })
    }
}

/// A message for some queues, and whom to tell that it is stored in all of them.
struct Write {
    entries: Vec<(Arc<Queue>, Entry)>,
    done: oneshot::Sender<Result<(), String>>,
}

/// The queues of a device.
pub struct Spool {
    folder: PathBuf,
    segment_bytes: u64,
    queues: Mutex<BTreeMap<QueueName, Arc<Queue>>>,
    /// Without a bound of its own: each connection has few messages under way, and a place in line must be taken at the first poll.
    writes: mpsc::UnboundedSender<Write>,
}

impl Spool {
    /// Opens the queues that a folder holds, repairing what a crash left half written, and starts the writer.
    pub fn open(folder: &Path) -> Result<Self, FsError> {
        Self::open_with(folder, SEGMENT_BYTES)
    }

    fn open_with(folder: &Path, segment_bytes: u64) -> Result<Self, FsError> {
        fs::create_folder(folder)?;
        let mut queues = BTreeMap::new();
        for name in fs::names_in(folder)? {
            if let Some(queue) = QueueName::of_folder(&name) {
                queues.insert(queue, Arc::new(Queue::open(&folder.join(&name), segment_bytes)?));
            }
        }
        let (writes, waiting) = mpsc::unbounded_channel();
        // A thread of its own: syncing the disk must not hold the connections up.
        std::thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || write_batches(waiting))
            .map_err(FsError::at("start the writer of", folder))?;
        Ok(Self { folder: folder.to_path_buf(), segment_bytes, queues: Mutex::new(queues), writes })
    }

    /// Returns a queue, made when it is new.
    pub fn queue(&self, name: &QueueName) -> Result<Arc<Queue>, FsError> {
        let mut queues = self.lock();
        if let Some(queue) = queues.get(name) {
            return Ok(Arc::clone(queue));
        }
        let queue = Arc::new(Queue::open(&self.folder.join(name.folder()), self.segment_bytes)?);
        queues.insert(name.clone(), Arc::clone(&queue));
        Ok(queue)
    }

    /// Returns the names of all queues, by endpoint and then priority.
    pub fn names(&self) -> Vec<QueueName> {
        self.lock().keys().cloned().collect()
    }

    /// Stores a message in queues; it is on disk when this returns. Messages are stored in the order in which the futures are first
    /// polled.
    ///
    /// # Errors
    /// When the disk failed. After a failure nothing is acknowledged any more.
    pub async fn store(&self, entries: Vec<(QueueName, Entry)>) -> Result<(), String> {
        let mut opened = Vec::with_capacity(entries.len());
        for (name, entry) in entries {
            opened.push((self.queue(&name).map_err(|error| error.to_string())?, entry));
        }
        let (done, stored) = oneshot::channel();
        self.writes.send(Write { entries: opened, done }).map_err(|_| "the spool has stopped".to_owned())?;
        stored.await.map_err(|_| "the spool has stopped".to_owned())?
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<QueueName, Arc<Queue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends what waits, syncs each queue once, then tells the senders. After a failed sync the disk may have dropped what it was given,
/// so nothing is acknowledged from then on.
fn write_batches(mut waiting: mpsc::UnboundedReceiver<Write>) {
    let mut failed: Option<String> = None;
    let mut batch = Vec::new();
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        if failed.is_none() {
            failed = write_batch(&batch).err().map(|error| format!("the spool has failed: {error}"));
        }
        for write in batch.drain(..) {
            // Whose connection is gone does not wait any more.
            let _gone = write.done.send(failed.clone().map_or(Ok(()), Err));
        }
    }
}

fn write_batch(batch: &[Write]) -> Result<(), FsError> {
    let mut touched: Vec<&Arc<Queue>> = Vec::new();
    for (queue, entry) in batch.iter().flat_map(|write| &write.entries) {
        queue.append(entry)?;
        if !touched.iter().any(|known| Arc::ptr_eq(known, queue)) {
            touched.push(queue);
        }
    }
    touched.into_iter().try_for_each(|queue| queue.sync())
}
