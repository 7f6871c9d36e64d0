//! `GET /edgectl/telemetry?from=N|end&follow=true`: the telemetry log as a stream of JSON lines; an extension of the emulator.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query as Parameters, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::watch::Receiver;

use super::core::Core;
use super::fault::Fault;
use super::telemetry::{End, Reader};
use crate::base::Cancel;

struct Watch {
    reader: Reader,
    end: Receiver<End>,
    follow: bool,
    cancel: Cancel,
}

/// Answers with the log from a message on, and with what comes when asked to follow.
pub(super) async fn telemetry(
    State(core): State<Arc<Core>>,
    Parameters(parameters): Parameters<BTreeMap<String, String>>,
) -> Result<Response, Fault> {
    let mut end = core.telemetry.end();
    let present = *end.borrow_and_update();
    let from = match parameters.get("from").map(String::as_str) {
        None => 1,
        Some("end") => present.next,
        Some(text) => text.parse::<u64>().map_err(|_| Fault::argument("`from` is a sequence number or `end`"))?.max(1),
    };
    let follow = parameters.get("follow").is_some_and(|text| text == "true");
    let path = core.telemetry.path().to_path_buf();
    let reader = tokio::task::spawn_blocking(move || Reader::open(&path, from, present)).await?.map_err(Fault::internal)?;
    let watch = Watch { reader, end, follow, cancel: core.cancel.clone() };
    let body = Body::from_stream(stream::try_unfold(watch, next));
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// Returns the next lines, or `None` at the end: of the log without follow, of the hub with it.
async fn next(mut watch: Watch) -> std::io::Result<Option<(Bytes, Watch)>> {
    loop {
        let end = *watch.end.borrow_and_update();
        let (returned, lines) = tokio::task::spawn_blocking(move || {
            let lines = watch.reader.next(end);
            (watch, lines)
        })
        .await?;
        watch = returned;
        let lines = lines?;
        if !lines.is_empty() {
            return Ok(Some((Bytes::from(lines), watch)));
        }
        if !watch.follow {
            return Ok(None);
        }
        tokio::select! {
            changed = watch.end.changed() => if changed.is_err() { return Ok(None) },
            () = watch.cancel.cancelled() => return Ok(None),
        }
    }
}
