//! One request and its retries: signed anew each time, bounded in number and time, with full jitter.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, IF_MATCH};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::client::Client;
use super::error::{Answer, HubError};

/// Attempts in all.
const ATTEMPTS: u32 = 4;
/// First wait after a throttled request; the service names ten seconds and sends no Retry-After.
const THROTTLED_WAIT: Duration = Duration::from_secs(10);
/// First wait after any other failure.
const FAILED_WAIT: Duration = Duration::from_millis(200);

/// A request before it is signed.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Path with encoded ids, starting with `/`.
    pub(super) path: String,
    /// What is asked for, in words for errors.
    pub(super) subject: String,
    pub(super) body: Option<&'a Value>,
    /// Entity tag without quotes, or `*`.
    pub(super) if_match: Option<&'a str>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Time limit in place of the client's own.
    pub(super) timeout: Option<Duration>,
}

impl<'a> Call<'a> {
    pub(super) fn new(method: Method, path: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { method, path: path.into(), subject: subject.into(), body: None, if_match: None, headers: Vec::new(), timeout: None }
    }

    pub(super) fn get(path: impl Into<String>, subject: impl Into<String>) -> Self {
        Self::new(Method::GET, path, subject)
    }

    pub(super) fn body(mut self, body: &'a Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn if_match(mut self, etag: Option<&'a str>) -> Self {
        self.if_match = etag;
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Reading again changes nothing; a write that may have happened is not repeated.
    fn is_safe(&self) -> bool {
        self.method == Method::GET || self.path == "/devices/query"
    }
}

/// A successful answer.
pub(super) struct Reply {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Client {
    /// Sends a call until it succeeds, cannot succeed, or the attempts are used up.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<Reply, HubError> {
        let start = Instant::now();
        let mut attempt = 1;
        loop {
            let error = match self.attempt(call).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let wait = retry_wait(&error, call.is_safe(), attempt);
            match wait {
                Some(wait) if attempt < ATTEMPTS && start.elapsed() + wait < self.options.timeout => tokio::time::sleep(wait).await,
                _ => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Sends a call and reads its JSON answer.
    pub(super) async fn json<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, HubError> {
        let reply = self.send(call).await?;
        self.read(call, &reply.body)
    }

    /// Sends a call and reads its JSON answer; a thing that is not there is `None`.
    pub(super) async fn json_if_any<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<Option<T>, HubError> {
        match self.json(call).await {
            Ok(found) => Ok(Some(found)),
            Err(HubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a JSON answer.
    pub(super) fn read<T: DeserializeOwned>(&self, call: &Call<'_>, body: &[u8]) -> Result<T, HubError> {
        let bad = |source| HubError::BadAnswer { host: self.connection.host_name.clone(), subject: call.subject.clone(), source };
        serde_json::from_slice(body).map_err(bad)
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Reply, HubError> {
        let response = self.open(call, call.timeout.unwrap_or(self.options.timeout)).await?;
        let headers = response.headers().clone();
        let body = response.bytes().await.map_err(|source| self.unreachable(call, source))?;
        Ok(Reply { headers, body })
    }

    /// Sends a call once and returns the open answer once its status says success.
    pub(super) async fn open(&self, call: &Call<'_>, timeout: Duration) -> Result<reqwest::Response, HubError> {
        let mut request = self.http.request(call.method.clone(), self.url(&call.path)).headers(self.headers(call)).timeout(timeout);
        if let Some(body) = call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|source| self.unreachable(call, source))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let code = response.headers().get("iothub-errorcode").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.bytes().await.map_err(|source| self.unreachable(call, source))?;
        Err(HubError::of(&self.connection.host_name, &call.subject, Answer::read(status, code.as_deref(), &body)))
    }

    fn url(&self, path: &str) -> String {
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("https://{}{path}{separator}api-version={}", self.connection.host_name, super::client::API_VERSION)
    }

    fn headers(&self, call: &Call<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let authorization = super::authorization::header(&self.connection, self.options.clock.now());
        // A ready-made signature with a line break in it cannot be a header; the hub then answers 401.
        if let Ok(mut value) = HeaderValue::from_bytes(authorization.expose()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let quoted = call.if_match.and_then(|etag| HeaderValue::from_str(&format!("\"{etag}\"")).ok());
        if let Some(value) = quoted {
            headers.insert(IF_MATCH, value);
        }
        for (name, value) in &call.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(*name, value);
            }
        }
        headers
    }

    fn unreachable(&self, call: &Call<'_>, source: reqwest::Error) -> HubError {
        HubError::Unreachable { host: self.connection.host_name.clone(), subject: call.subject.clone(), source: source.without_url() }
    }
}

/// Returns how long to wait before the next attempt, or `None` when another would not help or could write twice.
fn retry_wait(error: &HubError, safe: bool, attempt: u32) -> Option<Duration> {
    let first = match error {
        HubError::Unavailable { answer, .. } if answer.status == 429 => THROTTLED_WAIT,
        HubError::Unavailable { answer, .. } if answer.status >= 500 && safe => FAILED_WAIT,
        HubError::Unreachable { source, .. } if source.is_connect() || (safe && !source.is_timeout()) => FAILED_WAIT,
        _ => return None,
    };
    Some(first.saturating_mul(1 << (attempt - 1)).mul_f64(jitter()))
}

/// Returns a random share between 0 and 1.
fn jitter() -> f64 {
    let [high, low, ..] = *uuid::Uuid::new_v4().as_bytes();
    f64::from(u16::from_be_bytes([high, low])) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable(status: u16) -> HubError {
        HubError::of("h", "x", Answer { status, ..Answer::default() })
    }

    #[test]
    fn writes_are_repeated_only_when_they_did_not_happen() {
        assert!(retry_wait(&unavailable(429), false, 1).is_some_and(|wait| wait <= THROTTLED_WAIT));
        assert!(retry_wait(&unavailable(503), false, 1).is_none());
        assert!(retry_wait(&unavailable(503), true, 3).is_some_and(|wait| wait <= FAILED_WAIT * 4));
        for status in [400, 401, 404, 409, 412, 504] {
            assert!(retry_wait(&unavailable(status), true, 1).is_none(), "{status}");
        }
    }
}
