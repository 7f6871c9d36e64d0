//! Runs a command on a thread of its own while this one waits for it, for signals and for the end of `--timeout`. So a command that
//! calculates, or waits for its input, is ended too: one that does not come back when it is cancelled is left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::base::duration::Span;
use crate::base::{Cancel, CommandError, Exit, Result};

/// Stack of the command's thread, as large as that of a main thread usually is.
const STACK_BYTES: usize = 8 << 20;
/// How often a cancelled command shows that it still gives way.
const BEAT: Duration = Duration::from_millis(200);
/// Time for a command to notice that it is cancelled.
const NOTICE: Duration = Duration::from_secs(2);
/// Time that a step of its cleaning up may take.
const CLEANING: Duration = Duration::from_secs(10);

/// Beats of a command that was cancelled and cleans up.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// Runs a command, and beats from its cancellation to its end whenever it gives way.
    pub async fn beside(&self, command: impl Future<Output = Result<()>>, cancel: &Cancel) -> Result<()> {
        tokio::pin!(command);
        tokio::select! {
            outcome = &mut command => return outcome,
            () = cancel.cancelled() => {}
        }
        loop {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                outcome = &mut command => return outcome,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    /// Waits until a cancelled command beats no more.
    async fn stops(&self) {
        let mut known = 0;
        loop {
            tokio::time::sleep(if known == 0 { NOTICE } else { CLEANING }).await;
            let beats = self.0.load(Ordering::Relaxed);
            if beats == known {
                return;
            }
            known = beats;
        }
    }
}

/// What ends a command from outside.
struct Stops {
    interrupts: Signal,
    terminations: Signal,
    timeout: Option<Span>,
}

impl Stops {
    fn listen(timeout: Option<Span>) -> Result<Self> {
        let listen = |kind| {
            let failed = |error| CommandError::new(Exit::Failure, "runtime/failed", format!("cannot listen for signals: {error}"));
            signal(kind).map_err(failed)
        };
        Ok(Self { interrupts: listen(SignalKind::interrupt())?, terminations: listen(SignalKind::terminate())?, timeout })
    }

    /// Waits for the first of them.
    async fn first(&mut self) -> CommandError {
        let timeout = self.timeout;
        let deadline = async {
            match timeout {
                Some(span) => tokio::time::sleep(span.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupts.recv() => CommandError::new(Exit::Interrupted, "command/interrupted", "stopped by Ctrl-C"),
            _ = self.terminations.recv() => CommandError::new(Exit::Terminated, "command/terminated", "stopped by SIGTERM"),
            () = deadline => {
                CommandError::new(Exit::Unavailable, "command/timed-out", format!("not done after {}", timeout.unwrap_or_default()))
            }
        }
    }
}

/// Runs a command until it ends. The first Ctrl-C or SIGTERM, and the end of `timeout`, cancel it and let it clean up; a command that
/// does not come back then, and a second Ctrl-C, end the process at once. A second SIGTERM does not: the kernel sends one for every thread
/// of a parent that dies.
///
/// # Errors
/// Those of the command, or why it was stopped.
pub(super) fn watched(cancel: &Cancel, timeout: Option<Span>, run: impl FnOnce(&Pulse) -> Result<()> + Send + 'static) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| cannot_start(&error))?;
    runtime.block_on(async {
        let mut stops = Stops::listen(timeout)?;
        let pulse = Pulse::default();
        let mut command = Running::start(pulse.clone(), run)?;
        let stopped = tokio::select! {
            outcome = command.end() => return outcome,
            stopped = stops.first() => stopped,
        };
        cancel.cancel();
        tokio::select! {
            // What ends well all the same had just been done, or is a watch that only a stop ends.
            outcome = command.end() => outcome.map_err(|error| with_ending(stopped, error)),
            _ = stops.interrupts.recv() => Err(stopped),
            () = pulse.stops() => Err(stopped),
        }
    })
}

/// A command on its thread.
struct Running {
    outcome: oneshot::Receiver<Result<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(pulse: Pulse, run: impl FnOnce(&Pulse) -> Result<()> + Send + 'static) -> Result<Self> {
        let (sender, outcome) = oneshot::channel();
        // Nobody waits for the outcome of a command that was left behind.
        let run = move || drop(sender.send(run(&pulse)));
        let thread = std::thread::Builder::new()
            .name("command".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(run)
            .map_err(|error| cannot_start(&error))?;
        Ok(Self { outcome, thread: Some(thread) })
    }

    /// Waits for the end of the command; goes on with its panic.
    async fn end(&mut self) -> Result<()> {
        if let Ok(outcome) = (&mut self.outcome).await {
            return outcome;
        }
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            _ => Err(CommandError::new(Exit::Failure, "runtime/failed", "the command ended without an outcome")),
        }
    }
}

/// Returns the error of a runtime or thread that does not start.
pub(super) fn cannot_start(error: &std::io::Error) -> CommandError {
    CommandError::new(Exit::Failure, "runtime/failed", format!("cannot start: {error}"))
}

/// Adds to the error of a stop what the command said as it ended; that it was stopped is told already.
fn with_ending(stopped: CommandError, error: CommandError) -> CommandError {
    let told = matches!(error.kind, Exit::Interrupted | Exit::Terminated);
    let stopped = if told { stopped } else { stopped.hint(format!("It ended with: {}", error.chain().join(": "))) };
    error.hints.into_iter().fold(stopped, CommandError::hint)
}
