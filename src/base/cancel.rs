//! Cancellation: one token is made at start, the first Ctrl-C cancels it, every wait watches it.

/// Token that long work watches; a clone observes the same cancellation.
pub type Cancel = tokio_util::sync::CancellationToken;
