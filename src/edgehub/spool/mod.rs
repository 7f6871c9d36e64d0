//! Messages that wait for their endpoint, stored before they are acknowledged. One log holds them all, each once however many queues want
//! it; a queue for each endpoint and priority knows their places. Many senders share one write, and one sync of the disk when that is
//! asked for. Space is given back by whole files; what is still wanted in a file that is mostly dead is moved.

mod checkpoint;
mod queue;
mod record;
mod segments;
mod writer;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};
use tracing::warn;

pub use queue::{Queue, Waiting};
pub use record::Stored;

use self::checkpoint::Checkpoint;
use self::segments::Segments;
use self::writer::{Command, Disk, Write, Writer};
use crate::base::fs::{self, FsError};
use crate::base::{Diagnose, Exit, percent};
use crate::model::{Identity, Message};

/// Bytes after which a new file is begun.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// Folder of the checkpoints.
const CHECKPOINTS: &str = "checkpoints";

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
    fn file(&self) -> String {
        format!("{}_{}", percent::encode(&self.endpoint), self.priority)
    }

    fn of_file(name: &str) -> Option<Self> {
        let (endpoint, priority) = name.rsplit_once('_')?;
        Some(Self { endpoint: percent::decode(endpoint), priority: priority.parse().ok()? })
    }
}

/// Why a spool does not open.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A file failed.
    #[error(transparent)]
    File(#[from] FsError),
    /// Another version wrote it.
    #[error("the messages in {} were stored by an older version of this program", folder.display())]
    Older {
        /// The folder of the spool.
        folder: PathBuf,
    },
}

impl Diagnose for SpoolError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            Self::Older { .. } => Exit::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Older { .. } => "spool/older-version",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::File(error) => error.hints(),
            Self::Older { .. } => vec![
                "Deliver the messages with the version that stored them, or give them up with `edgectl sim reset` or by deleting the folder."
                    .to_owned(),
            ],
        }
    }
}

/// A message's place in the log, as one of its queues knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    number: u64,
    segment: u32,
    place: u32,
    length: u32,
    /// When its life ends, in seconds since the Unix epoch, rounded up.
    expires: Option<NonZeroU32>,
}

/// The queues by name.
#[derive(Clone, Default)]
struct Queues(Arc<Mutex<BTreeMap<QueueName, Arc<Queue>>>>);

impl Queues {
    fn find(&self, name: &QueueName) -> Option<Arc<Queue>> {
        self.lock().get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<QueueName, Arc<Queue>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stored messages of a device.
pub struct Spool {
    folder: PathBuf,
    segments: Arc<Segments>,
    queues: Queues,
    /// Without a bound of its own: each connection has few messages under way, and a place in line must be taken at the first poll.
    commands: Option<mpsc::UnboundedSender<Command>>,
    writer: Option<JoinHandle<()>>,
}

impl Spool {
    /// Opens the queues that a folder holds, repairing what a crash left half written, and starts the writer.
    ///
    /// # Errors
    /// When the disk fails, or an older version wrote the folder.
    pub fn open(folder: &Path, durability: Durability) -> Result<Self, SpoolError> {
        Self::open_with(folder, SEGMENT_BYTES, durability, Box::new(writer::System))
    }

    fn open_with(folder: &Path, full: u64, durability: Durability, disk: Box<dyn Disk>) -> Result<Self, SpoolError> {
        fs::create_folder(folder)?;
        if fs::names_in(folder)?.iter().any(|name| name != CHECKPOINTS && QueueName::of_file(name).is_some()) {
            return Err(SpoolError::Older { folder: folder.to_path_buf() });
        }
        let checkpoints = folder.join(CHECKPOINTS);
        fs::create_folder(&checkpoints)?;
        let segments = Arc::new(Segments::new(folder, full));
        let mut found = recover(&segments)?;
        for name in fs::names_in(&checkpoints)? {
            if let Some(queue) = QueueName::of_file(&name) {
                found.entry(queue).or_default();
            }
        }
        let (commands, waiting) = mpsc::unbounded_channel();
        let queues = Queues::default();
        let mut wanted: BTreeMap<(u32, u32), (Item, usize)> = BTreeMap::new();
        for (name, items) in found {
            let checkpoint = Checkpoint::open(checkpoints.join(name.file()))?;
            let items: VecDeque<Item> = items.into_values().filter(|item| item.number >= checkpoint.value()).collect();
            for item in &items {
                wanted.entry((item.segment, item.place)).or_insert((*item, 0)).1 += 1;
            }
            let queue = Queue::new(name.clone(), Arc::clone(&segments), commands.downgrade(), checkpoint, items);
            queues.lock().insert(name, Arc::new(queue));
        }
        let mut table = segments.lock();
        for (item, count) in wanted.into_values() {
            table.want(&item, count);
        }
        for number in table.files.keys().copied().collect::<Vec<_>>() {
            segments.delete_if_dead(&mut table, number);
        }
        drop(table);
        let writer = Writer::new(Arc::clone(&segments), queues.clone(), durability, disk);
        if segments.wants_compaction() {
            commands.send(Command::Compact).expect("its receiver is here");
        }
        // A thread of its own: the disk must not hold the connections up.
        let writer = std::thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(FsError::at("start the writer of", folder))?;
        Ok(Self { folder: folder.to_path_buf(), segments, queues, commands: Some(commands), writer: Some(writer) })
    }

    /// Returns a queue, made when it is new.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn queue(&self, name: &QueueName) -> Result<Arc<Queue>, FsError> {
        let mut queues = self.queues.lock();
        if let Some(queue) = queues.get(name) {
            return Ok(Arc::clone(queue));
        }
        let checkpoint = Checkpoint::open(self.folder.join(CHECKPOINTS).join(name.file()))?;
        let commands = self.commands.as_ref().expect("open until it is dropped").downgrade();
        let queue = Arc::new(Queue::new(name.clone(), Arc::clone(&self.segments), commands, checkpoint, VecDeque::new()));
        queues.insert(name.clone(), Arc::clone(&queue));
        Ok(queue)
    }

    /// Returns all queues, by endpoint and then priority.
    pub fn queues(&self) -> Vec<Arc<Queue>> {
        self.queues.lock().values().cloned().collect()
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the bytes of the log, and of the messages in it that still wait.
    pub fn bytes(&self) -> (u64, u64) {
        let table = self.segments.lock();
        (table.total, table.live)
    }

    /// Stores a message for queues, each with the end of its life there; it is stored when this returns. Messages are stored in the order
    /// in which the futures are first polled.
    ///
    /// # Errors
    /// When the disk failed. Nothing of the message is kept then, and a later one may be stored.
    pub async fn store(
        &self,
        sender: &Identity,
        message: &Message,
        stored_millis: i64,
        queues: Vec<(Arc<Queue>, Option<i64>)>,
    ) -> Result<(), String> {
        if queues.is_empty() {
            return Ok(());
        }
        let stopped = || "the spool has stopped".to_owned();
        let record = record::encode(queues.iter().map(|(queue, expires)| (queue.name(), *expires)), sender, message, stored_millis);
        let (done, stored) = oneshot::channel();
        let commands = self.commands.as_ref().ok_or_else(stopped)?;
        commands.send(Command::Store(Write { record, queues, done })).map_err(|_| stopped())?;
        stored.await.map_err(|_| stopped())?
    }
}

impl Drop for Spool {
    /// Waits until everything that was asked for is written.
    fn drop(&mut self) {
        self.commands = None;
        if let Some(Err(_panicked)) = self.writer.take().map(JoinHandle::join) {
            warn!(folder = %self.folder.display(), "the writer of the spool had failed");
        }
    }
}

/// Reads all files of the log: their messages by queue and number, the later place when one is there twice. What a crash left half
/// written at the end is cut off.
fn recover(segments: &Segments) -> Result<BTreeMap<QueueName, BTreeMap<u64, Item>>, FsError> {
    let mut found: BTreeMap<QueueName, BTreeMap<u64, Item>> = BTreeMap::new();
    let numbers = segments.list()?;
    for segment in &numbers {
        let path = segments.path(*segment);
        let bytes = fs::read(&path)?;
        let small = |size: usize| u32::try_from(size).expect("a file of the spool is smaller than 4 GiB");
        let end = writer::scan(&path, &bytes, |place, length, references| {
            for reference in references {
                let (place, length) = (small(place), small(length));
                let item = Item { number: reference.number, segment: *segment, place, length, expires: writer::expiry(&reference) };
                match found.get_mut(&reference.queue) {
                    Some(items) => drop(items.insert(reference.number, item)),
                    None => drop(found.entry(reference.queue).or_default().insert(reference.number, item)),
                }
            }
        });
        let file = checkpoint::open(&path)?;
        if end < bytes.len() {
            warn!(path = %path.display(), bytes = bytes.len() - end, "cutting off what was half written");
            file.set_len(end as u64).map_err(FsError::at("repair", &path))?;
        }
        segments.lock().add(*segment, Arc::new(file), end as u64);
    }
    Ok(found)
}
