//! One change of the hub: records, the time, who is connected, and what must be told to clients once it is stored.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::fault::Fault;
use super::records::Records;
use crate::base::Timestamp;
use crate::iothub::time::time_text;
use crate::model::Identity;

/// Something that connected clients are told after a change was stored.
#[derive(Debug, PartialEq)]
pub(super) enum Effect {
    /// A desired property patch with its `$version`.
    Push {
        /// Whose twin changed.
        identity: Identity,
        /// The patch.
        patch: Value,
    },
    /// The identity may not be connected any more.
    Close {
        /// Whose connection ends.
        identity: Identity,
        /// Why, for logs.
        reason: String,
    },
}

/// A change in the making.
pub(super) struct Change<'r, 't> {
    pub(super) records: &'r mut Records<'t>,
    pub(super) now: Timestamp,
    /// Who is connected while the change is made.
    pub(super) connected: &'r BTreeSet<Identity>,
    pub(super) effects: Vec<Effect>,
}

impl Change<'_, '_> {
    /// Returns the present time in the service's form.
    pub(super) fn time(&self) -> String {
        time_text(self.now)
    }

    /// Returns `Connected` or `Disconnected`.
    pub(super) fn connection_state(&self, identity: &Identity) -> &'static str {
        if self.connected.contains(identity) { "Connected" } else { "Disconnected" }
    }
}

/// What an If-Match header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// Whatever is there.
    Any,
    /// This entity tag; `quoted` tells how it was written.
    Tag {
        /// The entity tag without quotes.
        etag: String,
        /// Whether it came in quotes.
        quoted: bool,
    },
}

impl IfMatch {
    /// Reads the header; `*` and `"*"` both mean anything.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get("if-match")?.to_str().ok()?.trim();
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Some(match inner.unwrap_or(text) {
            "*" => Self::Any,
            etag => Self::Tag { etag: etag.to_owned(), quoted: inner.is_some() },
        })
    }

    /// Refuses when the thing has another entity tag.
    pub(super) fn check(&self, found: &str) -> Result<(), Fault> {
        match self {
            Self::Tag { etag, .. } if etag != found => Err(Fault::precondition(found)),
            _ => Ok(()),
        }
    }
}

/// Returns the entity tag after `previous`: base64 of a counter, so that each write has a new one.
pub(super) fn next_etag(previous: Option<&str>) -> String {
    let decoded = previous.and_then(|etag| STANDARD.decode(etag).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let number = decoded.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    STANDARD.encode((number + 1).to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(text: &'static str) -> Option<IfMatch> {
        IfMatch::of(&HeaderMap::from_iter([(axum::http::header::IF_MATCH, HeaderValue::from_static(text))]))
    }

    #[test]
    fn the_wildcard_comes_with_and_without_quotes() {
        assert_eq!(read("*"), Some(IfMatch::Any));
        assert_eq!(read("\"*\""), Some(IfMatch::Any));
        assert_eq!(read("\"MQ==\""), Some(IfMatch::Tag { etag: "MQ==".into(), quoted: true }));
        assert_eq!(read("MQ=="), Some(IfMatch::Tag { etag: "MQ==".into(), quoted: false }));
        assert_eq!(IfMatch::of(&HeaderMap::new()), None);
    }

    #[test]
    fn entity_tags_count() {
        assert_eq!(next_etag(None), "MQ==");
        assert_eq!(next_etag(Some("MQ==")), "Mg==");
        assert_eq!(next_etag(Some("?")), "MQ==");
    }
}
