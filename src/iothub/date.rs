//! The hub's own clock, as its answers tell it (RFC 9110, section 6.6.1, Date).

use chrono::{DateTime, Utc};

use super::transport::Call;
use super::{Client, HubError};
use crate::base::Timestamp;

impl Client {
    /// Returns the time by the hub's clock, in whole seconds, or `None` when its answer carries none.
    pub async fn time(&self) -> Result<Option<Timestamp>, HubError> {
        let reply = self.send(&Call::get("/configurations", "list of configurations")).await?;
        let date = reply.headers.get("date").and_then(|value| value.to_str().ok());
        Ok(date.and_then(|text| DateTime::parse_from_rfc2822(text).ok()).map(|time| time.with_timezone(&Utc)))
    }
}
