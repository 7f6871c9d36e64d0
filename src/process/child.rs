//! Children that die with us: started from one thread that lives as long as any of them, each in a process group of its own, with
//! only the environment that was given and both output streams in a bounded log file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use super::exec::{self, DeathSignal};
use super::log_file::LogFile;
use crate::base::fs::FsError;
use crate::base::{Diagnose, Exit};

/// Longest line that is taken as one; a longer one is cut into several.
const LINE_LIMIT: u64 = 64 << 10;

/// What to start, and in which surroundings.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program, an absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its working folder.
    pub directory: PathBuf,
    /// Its whole environment; nothing is inherited.
    pub environment: BTreeMap<String, String>,
    /// File that takes both of its output streams, appended.
    pub log: PathBuf,
}

/// A child that could not be started or watched.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The system refused to start it.
    #[error("cannot start {}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The thread that starts children is gone.
    #[error("no children can be started any more")]
    NoSpawner,
    /// Its log cannot be written.
    #[error(transparent)]
    Log(#[from] FsError),
}

impl Diagnose for ChildError {
    fn kind(&self) -> Exit {
        Exit::Failure
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Start { .. } => "process/not-started",
            Self::NoSpawner => "process/no-spawner",
            Self::Log(error) => error.code(),
        }
    }
}

struct Request {
    launch: Launch,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// Starts children from one thread. The thread ends with the last clone and the last running child; the kernel kills every child
/// whose starting thread ends.
#[derive(Clone, Debug)]
pub struct Spawner {
    requests: mpsc::Sender<Request>,
}

impl Spawner {
    /// Starts the thread; must be called inside a tokio runtime. `executable` is this tool itself.
    pub fn start(executable: PathBuf) -> Result<Self, ChildError> {
        let (requests, queue) = mpsc::channel::<Request>();
        let runtime = tokio::runtime::Handle::current();
        let work = {
            let executable = executable.clone();
            move || {
                let _inside = runtime.enter();
                while let Ok(request) = queue.recv() {
                    // A caller that no longer waits drops the child, which ends it.
                    let _unwanted = request.reply.send(spawn(&executable, &request.launch));
                }
            }
        };
        let started = std::thread::Builder::new().name("spawner".to_owned()).spawn(work);
        started.map_err(|source| ChildError::Start { program: executable, source })?;
        Ok(Self { requests })
    }

    /// Starts a child.
    pub async fn spawn(&self, launch: Launch) -> Result<Running, ChildError> {
        let log = Arc::new(Mutex::new(LogFile::open(&launch.log)?));
        let program = launch.program.clone();
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request { launch, reply }).map_err(|_| ChildError::NoSpawner)?;
        let start = |source| ChildError::Start { program: program.clone(), source };
        let mut child = answer.await.map_err(|_| ChildError::NoSpawner)?.map_err(start)?;
        let id = child.id().and_then(|id| i32::try_from(id).ok()).ok_or_else(|| start(io::Error::other("it has no process id")))?;
        pump(child.stdout.take(), &log);
        pump(child.stderr.take(), &log);
        Ok(Running { child, group: Pid::from_raw(id), ended: None, _spawner: self.clone() })
    }
}

fn spawn(executable: &PathBuf, launch: &Launch) -> io::Result<Child> {
    Command::new(executable)
        .args(exec::arguments(std::process::id(), DeathSignal::Kill, &launch.program, &launch.arguments))
        .env_clear()
        .envs(&launch.environment)
        .current_dir(&launch.directory)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Carries a stream into the log, line by line, until it ends.
fn pump(stream: Option<impl AsyncRead + Send + Unpin + 'static>, log: &Arc<Mutex<LogFile>>) {
    let Some(stream) = stream else { return };
    let log = Arc::clone(log);
    tokio::spawn(async move {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            match (&mut reader).take(LINE_LIMIT).read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = log.line(&line) {
                // The child must not stop because its log is full: the stream is still drained.
                tracing::warn!(%error, "a line of a log was lost");
            }
        }
    });
}

/// A child that runs or has ended. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Running {
    child: Child,
    group: Pid,
    ended: Option<ExitStatus>,
    _spawner: Spawner,
}

impl Running {
    /// Returns the process id, which is also the process group.
    pub fn id(&self) -> i32 {
        self.group.as_raw()
    }

    /// Waits for the end of the child. What it left behind in its process group is killed. May be called again, and dropped while
    /// waiting.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.ended {
            return Ok(status);
        }
        let status = self.child.wait().await?;
        self.ended = Some(status);
        self.signal(Signal::SIGKILL);
        Ok(status)
    }

    /// Ends the whole process group: SIGTERM, then after `grace` SIGKILL.
    pub async fn stop(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        if self.ended.is_none() {
            self.signal(Signal::SIGTERM);
        }
        if let Ok(status) = tokio::time::timeout(grace, self.wait()).await {
            return status;
        }
        self.signal(Signal::SIGKILL);
        self.wait().await
    }

    /// Sends a signal to the group; a group that is gone is what was wanted.
    fn signal(&self, signal: Signal) {
        let _gone = killpg(self.group, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.signal(Signal::SIGKILL);
        }
    }
}
