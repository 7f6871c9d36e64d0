//! Follows the messages that reach the hub.

use futures_util::StreamExt as _;

use crate::base::{Cancel, CommandError, Exit, Result};
use crate::iothub::event::fits;
use crate::iothub::{Client, TelemetryRecord};

/// Which messages are wanted.
#[derive(Clone, Debug, Default)]
pub struct MonitorOptions {
    /// From the start of the hub's log; otherwise what comes from now on.
    pub from_start: bool,
    /// Goes on with what comes; otherwise ends with what the log holds.
    pub follow: bool,
    /// Only of this device; `*` stands for any characters.
    pub device: Option<String>,
    /// Only of this module; `*` stands for any characters.
    pub module: Option<String>,
    /// Ends after so many messages.
    pub count: Option<u64>,
}

/// Whether more messages are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Nobody reads on.
    Stop,
}

impl MonitorOptions {
    fn wants(&self, record: &TelemetryRecord) -> bool {
        self.device.as_ref().is_none_or(|device| fits(device, &record.device_id))
            && self.module.as_ref().is_none_or(|module| record.module_id.as_ref().is_some_and(|id| fits(module, id)))
    }
}

/// Hands each wanted message to `take` until the count is reached, nobody reads on, or the run is cancelled.
///
/// # Errors
/// When the hub ends the stream, or the run is cancelled before the count is reached.
pub async fn monitor(
    client: &Client,
    options: &MonitorOptions,
    cancel: &Cancel,
    take: &mut (dyn FnMut(&TelemetryRecord) -> Result<Flow> + Send),
) -> Result<()> {
    let from = options.from_start.then_some(1);
    let stream = tokio::select! {
        stream = client.telemetry(from, options.follow) => stream?,
        () = cancel.cancelled() => return cancelled(options, 0),
    };
    tokio::pin!(stream);
    let (mut pending, mut taken) = (Vec::new(), 0);
    while options.count != Some(taken) {
        let piece = tokio::select! {
            piece = stream.next() => piece,
            () = cancel.cancelled() => return cancelled(options, taken),
        };
        if piece.is_none() && !options.follow {
            return cancelled(options, taken);
        }
        let ended = || CommandError::new(Exit::Unavailable, "hub/stream-ended", "the hub ended the stream of messages");
        pending.extend_from_slice(&piece.ok_or_else(ended)??);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            let record: TelemetryRecord = serde_json::from_slice(&line).map_err(|error| malformed(&error))?;
            if !options.wants(&record) {
                continue;
            }
            taken += 1;
            if take(&record)? == Flow::Stop || options.count == Some(taken) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A watch without a count ends well when it is stopped; one with a count was not done.
fn cancelled(options: &MonitorOptions, taken: u64) -> Result<()> {
    let Some(count) = options.count else { return Ok(()) };
    let message = format!("{taken} of {count} messages came before the end");
    Err(CommandError::new(Exit::Unavailable, "hub/too-few-messages", message))
}

fn malformed(error: &serde_json::Error) -> CommandError {
    CommandError::new(Exit::Failure, "hub/bad-answer", format!("a line of the telemetry log is not understood: {error}"))
}
