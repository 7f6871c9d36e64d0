//! Runs a command while a thread of its own waits for signals and for the end of `--timeout`. So a command that calculates, or waits for
//! its input, is ended too: one that does not come back when it is cancelled is left where it is, and the process ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::base::duration::Span;
use crate::base::{Cancel, CommandError, Exit, Result};

/// Stack of the watcher, which draws an error at most.
const STACK_BYTES: usize = 1 << 20;
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
    async fn first(&mut self) -> Stop {
        let timeout = self.timeout;
        let deadline = async {
            match timeout {
                Some(span) => tokio::time::sleep(span.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupts.recv() => Stop::Interrupted,
            _ = self.terminations.recv() => Stop::Terminated,
            () = deadline => Stop::TimedOut(timeout.unwrap_or_default()),
        }
    }
}

/// What ended a command.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Interrupted,
    Terminated,
    TimedOut(Span),
}

impl Stop {
    fn error(self) -> CommandError {
        match self {
            Self::Interrupted => CommandError::new(Exit::Interrupted, "command/interrupted", "stopped by Ctrl-C"),
            Self::Terminated => CommandError::new(Exit::Terminated, "command/terminated", "stopped by SIGTERM"),
            Self::TimedOut(span) => CommandError::new(Exit::Unavailable, "command/timed-out", format!("not done after {span}")),
        }
    }
}

/// Runs a command until it ends, watched by another thread. The first Ctrl-C or SIGTERM, and the end of `timeout`, cancel it and let it
/// clean up; a command that does not come back then, and a second Ctrl-C, make the watcher `leave`, which ends the process. A second
/// SIGTERM does not: the kernel sends one for every thread of a parent that dies.
///
/// # Errors
/// Those of the command, or why it was stopped.
pub(super) fn watched(
    cancel: &Cancel,
    timeout: Option<Span>,
    leave: impl FnOnce(CommandError) + Send + 'static,
    run: impl FnOnce(&Pulse) -> Result<()>,
) -> Result<()> {
    let pulse = Pulse::default();
    let (stopped, why) = mpsc::channel();
    let (ended, end) = oneshot::channel();
    let (ready, listening) = mpsc::channel();
    let watcher = Watcher { cancel: cancel.clone(), pulse: pulse.clone(), stopped, end };
    std::thread::Builder::new()
        .name("watcher".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || watcher.run(timeout, &ready, leave))
        .map_err(|error| cannot_start(&error))?;
    let silent = || CommandError::new(Exit::Failure, "runtime/failed", "the watcher of the command did not start");
    listening.recv().map_err(|_| silent())??;
    let outcome = run(&pulse);
    // A watcher that is gone has nothing to wait for.
    let _gone = ended.send(());
    match why.try_recv() {
        // What ends well all the same had just been done, or is a watch that only a stop ends.
        Ok(stopped) => outcome.map_err(|error| with_ending(stopped.error(), error)),
        Err(_) => outcome,
    }
}

/// The thread that waits for what ends a command from outside.
struct Watcher {
    cancel: Cancel,
    pulse: Pulse,
    stopped: mpsc::Sender<Stop>,
    end: oneshot::Receiver<()>,
}

impl Watcher {
    /// Tells once that it listens, or why it cannot; then waits for the end of the command.
    fn run(self, timeout: Option<Span>, ready: &mpsc::Sender<Result<()>>, leave: impl FnOnce(CommandError)) {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(cannot_start(&error)))),
        };
        let left = runtime.block_on(async {
            match Stops::listen(timeout) {
                Ok(stops) => {
                    // The command waits for this word.
                    let _gone = ready.send(Ok(()));
                    self.wait(stops).await
                }
                Err(error) => {
                    let _gone = ready.send(Err(error));
                    None
                }
            }
        });
        if let Some(stopped) = left {
            leave(stopped.error());
        }
    }

    /// Returns why the process shall be left although the command did not end.
    async fn wait(mut self, mut stops: Stops) -> Option<Stop> {
        let stopped = tokio::select! {
            _ = &mut self.end => return None,
            stopped = stops.first() => stopped,
        };
        // Before the command can see that it is cancelled; nobody takes it when the command has just ended.
        let _gone = self.stopped.send(stopped);
        self.cancel.cancel();
        tokio::select! {
            _ = &mut self.end => None,
            _ = stops.interrupts.recv() => Some(stopped),
            () = self.pulse.stops() => Some(stopped),
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
