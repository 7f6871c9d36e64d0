//! Running a program to its end. The program gets a process group of its own, which is killed as a whole on timeout and
//! cancellation, so that nothing it started stays behind.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::base::{Cancel, Diagnose, Exit};

/// Most bytes of standard output that are taken; a program that writes more is stopped.
const OUTPUT_LIMIT: usize = 64 << 20;
/// Bytes of standard error that are kept; of more, the last ones.
const ERROR_TAIL: usize = 1 << 20;
/// Time between the polite signal and the one that cannot be ignored.
const GRACE: Duration = Duration::from_secs(2);
/// How long pipes are still read when the program has ended and they stay open and silent.
const DRAIN: Duration = Duration::from_secs(1);

/// What to run, and in which surroundings.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The program: a path, best found with [`super::find()`].
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its working folder.
    pub directory: PathBuf,
    /// Its whole environment; nothing is inherited.
    pub environment: BTreeMap<String, String>,
    /// Bytes for its standard input; `None` is an empty input.
    pub stdin: Option<Vec<u8>>,
    /// How long it may run.
    pub timeout: Duration,
    /// Ends it early.
    pub cancel: Cancel,
}

/// How a program ended and what it wrote.
#[derive(Clone, Debug)]
pub struct Output {
    /// Exit code or signal.
    pub status: ExitStatus,
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// The last part of standard error, at most 1 MiB.
    pub stderr: Vec<u8>,
}

/// Which of the two output streams a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A program that could not be run to its end, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The program is not installed.
    #[error("the program `{program}` was not found")]
    NotFound {
        /// Name or path as it was asked for.
        program: String,
    },
    /// The system refused to start it, or its pipes broke.
    #[error("cannot run `{program}`")]
    Io {
        /// Name of the program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It ran longer than it may; it was killed.
    #[error("`{program}` was not done after {} s and was stopped", after.as_secs())]
    TimedOut {
        /// Name of the program.
        program: String,
        /// The time it had.
        after: Duration,
    },
    /// The user stopped the command; the program was killed.
    #[error("`{program}` was stopped")]
    Cancelled {
        /// Name of the program.
        program: String,
    },
    /// It wrote more than is taken; it was killed.
    #[error("`{program}` wrote more than {limit_bytes} bytes and was stopped")]
    TooMuchOutput {
        /// Name of the program.
        program: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// It ended with another status than success.
    #[error("`{program}` failed ({status}){}", quoted(last_lines))]
    Failed {
        /// Name of the program.
        program: String,
        /// Exit code or signal.
        status: ExitStatus,
        /// The last lines of its standard error.
        last_lines: String,
    },
}

fn quoted(lines: &str) -> String {
    if lines.is_empty() { String::new() } else { format!(":\n{lines}") }
}

impl Diagnose for ProcessError {
    fn kind(&self) -> Exit {
        match self {
            Self::NotFound { .. } | Self::TimedOut { .. } => Exit::Unavailable,
            Self::Cancelled { .. } => Exit::Interrupted,
            Self::Io { .. } | Self::TooMuchOutput { .. } | Self::Failed { .. } => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "process/not-found",
            Self::Io { .. } => "process/not-started",
            Self::TimedOut { .. } => "process/timed-out",
            Self::Cancelled { .. } => "process/cancelled",
            Self::TooMuchOutput { .. } => "process/too-much-output",
            Self::Failed { .. } => "process/failed",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotFound { .. } => vec!["`edgectl doctor` says what is missing and what installs it.".to_owned()],
            _ => Vec::new(),
        }
    }
}

impl Output {
    /// Returns itself when the program ended with success, else an error with the last `lines` lines of its standard error.
    pub fn require_success(self, invocation: &Invocation, lines: usize) -> Result<Self, ProcessError> {
        if self.status.success() {
            return Ok(self);
        }
        Err(ProcessError::Failed { program: invocation.name(), status: self.status, last_lines: self.last_error_lines(lines) })
    }

    /// Returns the last lines of standard error, without control characters.
    pub fn last_error_lines(&self, count: usize) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<String> = text.lines().map(crate::base::text::sanitized).collect();
        lines[lines.len().saturating_sub(count)..].join("\n").trim_end().to_owned()
    }
}

impl Invocation {
    /// Returns the program's file name, for messages.
    pub fn name(&self) -> String {
        self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy().into_owned()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.directory).env_clear().envs(&self.environment);
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }
}

/// Runs a program to its end and returns what it wrote. A failing status is no error here: see [`Output::require_success`].
///
/// # Errors
/// When it cannot be started, runs too long, is cancelled, or writes too much.
pub async fn run(invocation: &Invocation) -> Result<Output, ProcessError> {
    run_with_lines(invocation, &mut |_, _| {}).await
}

/// Runs a program as [`run`] does and hands each line to `on_line` as it comes.
pub async fn run_with_lines(invocation: &Invocation, on_line: &mut (dyn FnMut(Stream, &str) + Send)) -> Result<Output, ProcessError> {
    let program = invocation.name();
    let io = |source| ProcessError::Io { program: program.clone(), source };
    let mut child = invocation.command().spawn().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound if invocation.directory.is_dir() => {
            ProcessError::NotFound { program: invocation.program.display().to_string() }
        }
        _ => io(source),
    })?;
    let group = Group::of(&child);
    let (sender, mut pieces) = mpsc::channel(64);
    let feeding = feed(&mut child, invocation.stdin.clone());
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(pump(stdout, Stream::Stdout, sender.clone()));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(pump(stderr, Stream::Stderr, sender));
    }
    let mut collector = Collector::new(on_line);
    let collected = async {
        let mut status = None;
        loop {
            tokio::select! {
                piece = pieces.recv() => match piece {
                    Some((stream, piece)) if !collector.take(stream, &piece) => {
                        return Err(ProcessError::TooMuchOutput { program: program.clone(), limit_bytes: OUTPUT_LIMIT });
                    }
                    Some(_) => {}
                    None => break,
                },
                ended = child.wait(), if status.is_none() => status = Some(ended.map_err(io)?),
                // Something that the program left running may hold its pipes open for ever.
                () = tokio::time::sleep(DRAIN), if status.is_some() => break,
            }
        }
        match status {
            Some(status) => Ok(status),
            None => child.wait().await.map_err(io),
        }
    };
    let ended = tokio::select! {
        ended = collected => ended,
        () = invocation.cancel.cancelled() => Err(ProcessError::Cancelled { program: program.clone() }),
        () = tokio::time::sleep(invocation.timeout) => Err(ProcessError::TimedOut { program: program.clone(), after: invocation.timeout }),
    };
    feeding.abort();
    let status = match ended {
        Ok(status) => status,
        Err(error) => {
            group.stop(&mut child).await;
            return Err(error);
        }
    };
    group.done();
    let (stdout, stderr) = collector.finish();
    Ok(Output { status, stdout, stderr })
}

/// Writes the input and closes it. A program that does not read its input breaks the pipe, which is its own business.
fn feed(child: &mut Child, input: Option<Vec<u8>>) -> tokio::task::JoinHandle<()> {
    let pipe = child.stdin.take();
    tokio::spawn(async move {
        if let (Some(mut pipe), Some(input)) = (pipe, input) {
            let _not_read = pipe.write_all(&input).await;
        }
    })
}

/// Sends what comes from a pipe, piece by piece, until the pipe ends or nobody listens.
async fn pump(mut pipe: impl AsyncRead + Unpin, stream: Stream, sender: mpsc::Sender<(Stream, Vec<u8>)>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = pipe.read(&mut buffer).await {
        if count == 0 || sender.send((stream, buffer[..count].to_vec())).await.is_err() {
            return;
        }
    }
}

/// Gathers both streams and cuts them into lines for the listener.
struct Collector<'a> {
    stdout: Vec<u8>,
    stderr: VecDeque<u8>,
    partial: [Vec<u8>; 2],
    on_line: &'a mut (dyn FnMut(Stream, &str) + Send),
}

impl<'a> Collector<'a> {
    fn new(on_line: &'a mut (dyn FnMut(Stream, &str) + Send)) -> Self {
        Self { stdout: Vec::new(), stderr: VecDeque::new(), partial: [Vec::new(), Vec::new()], on_line }
    }

    /// Takes the next bytes; false when there are too many.
    fn take(&mut self, stream: Stream, piece: &[u8]) -> bool {
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(piece),
            Stream::Stderr => {
                self.stderr.extend(piece);
                let excess = self.stderr.len().saturating_sub(ERROR_TAIL);
                self.stderr.drain(..excess);
            }
        }
        let partial = &mut self.partial[usize::from(stream == Stream::Stderr)];
        for byte in piece {
            if *byte == b'\n' {
                (self.on_line)(stream, &String::from_utf8_lossy(partial));
                partial.clear();
            } else if partial.len() < ERROR_TAIL {
                partial.push(*byte);
            }
        }
        self.stdout.len() <= OUTPUT_LIMIT
    }

    fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let partial = std::mem::take(&mut self.partial[usize::from(stream == Stream::Stderr)]);
            if !partial.is_empty() {
                (self.on_line)(stream, &String::from_utf8_lossy(&partial));
            }
        }
        (self.stdout, self.stderr.into())
    }
}

/// A process group that is killed when this is dropped before [`Group::done`], also when the caller's future is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // A group that is gone already is what was wanted.
            let _gone = killpg(group, signal);
        }
    }

    /// Asks the group to end, then kills what is left of it.
    async fn stop(self, child: &mut Child) {
        self.signal(Signal::SIGTERM);
        let _late = tokio::time::timeout(GRACE, child.wait()).await;
        self.signal(Signal::SIGKILL);
        let _reaped = child.wait().await;
        self.done();
    }

    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Invocation {
        Invocation {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            directory: "/".into(),
            environment: BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]),
            stdin: None,
            timeout: Duration::from_secs(20),
            cancel: Cancel::new(),
        }
    }

    #[tokio::test]
    async fn gives_status_and_both_streams_and_only_the_given_environment() {
        let output = run(&shell("echo $GREETING$HOME; echo bad >&2; pwd; exit 3")).await.expect("runs");
        assert_eq!(
            (output.status.code(), output.stdout.as_slice(), output.stderr.as_slice()),
            (Some(3), &b"hello\n/\n"[..], &b"bad\n"[..])
        );
        let error = output.require_success(&shell(""), 5).expect_err("failed");
        assert_eq!(error.to_string(), "`sh` failed (exit status: 3):\nbad");
    }

    #[tokio::test]
    async fn feeds_input_and_tells_lines() {
        let mut lines = Vec::new();
        let invocation = Invocation { stdin: Some(b"one\ntwo".to_vec()), ..shell("cat") };
        let output = run_with_lines(&invocation, &mut |stream, line| lines.push((stream, line.to_owned()))).await.expect("runs");
        assert_eq!(output.stdout, b"one\ntwo");
        assert_eq!(lines, [(Stream::Stdout, "one".to_owned()), (Stream::Stdout, "two".to_owned())]);
    }

    #[tokio::test]
    async fn input_that_is_not_read_is_no_error() {
        let output = run(&Invocation { stdin: Some(vec![b'x'; 1 << 20]), ..shell("exit 0") }).await.expect("runs");
        assert!(output.status.success());
    }

    #[tokio::test]
    async fn a_pipe_that_is_held_open_does_not_hold_us() {
        let started = Instant::now();
        let output = run(&shell("echo done; sleep 30 & echo $!")).await.expect("runs");
        assert!(started.elapsed() < Duration::from_secs(15));
        let text = String::from_utf8(output.stdout).expect("text");
        let pid = text.strip_prefix("done\n").and_then(|rest| rest.trim().parse().ok()).expect("a pid");
        nix::sys::signal::kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it was left running");
    }

    #[tokio::test]
    async fn a_timeout_kills_the_whole_group() {
        let folder = tempfile::tempdir().expect("folder");
        let pid_file = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; wait", pid_file.display());
        let started = Instant::now();
        let error = run(&Invocation { timeout: Duration::from_millis(300), ..shell(&script) }).await.expect_err("times out");
        assert!(matches!(error, ProcessError::TimedOut { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10));
        let pid: i32 = crate::base::fs::read_text(&pid_file).expect("pid").trim().parse().expect("number");
        require_gone(Pid::from_raw(pid)).await;
    }

    #[tokio::test]
    async fn cancellation_stops_it_although_it_ignores_the_polite_signal() {
        let invocation = shell("trap '' TERM; while :; do sleep 0.1; done");
        let cancel = invocation.cancel.clone();
        let running = tokio::spawn(async move { run(&invocation).await });
        cancel.cancel();
        assert!(matches!(running.await.expect("joins"), Err(ProcessError::Cancelled { .. })));
    }

    #[tokio::test]
    async fn a_missing_program_is_told_from_a_missing_folder() {
        let error = run(&Invocation { program: "/nonexistent/tool".into(), ..shell("") }).await.expect_err("missing");
        assert!(matches!(error, ProcessError::NotFound { .. }), "{error}");
        let error = run(&Invocation { directory: "/nonexistent".into(), ..shell("") }).await.expect_err("missing");
        assert!(matches!(error, ProcessError::Io { .. }), "{error}");
    }

    /// Waits until a process is gone or a zombie that only its adopter still has to reap.
    async fn require_gone(pid: Pid) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let stat = crate::base::fs::read_if_any(std::path::Path::new(&format!("/proc/{pid}/stat"))).ok().flatten();
            let state = stat.and_then(|stat| String::from_utf8_lossy(&stat).rsplit(") ").next().map(|rest| rest.starts_with('Z')));
            if state.unwrap_or(true) {
                return;
            }
            assert!(Instant::now() < deadline, "process {pid} still runs");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
