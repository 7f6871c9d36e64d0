//! What a hub refuses or cannot do, read from both of its error envelopes.

use std::fmt;

use serde_json::Value;

use super::ConnectionStringError;
use crate::base::{Diagnose, Exit};

/// The error part of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The service's name for the error, such as `DeviceNotFound`; empty when it gave none.
    pub code: String,
    /// The service's own words; may be empty.
    pub message: String,
}

impl Answer {
    /// Reads an error answer: the header `iothub-errorcode`, then either body shape, then the status alone.
    pub fn read(status: u16, header: Option<&str>, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let old = text("Message");
        let named = old.strip_prefix("ErrorCode:").map(|rest| rest.split_once(';').unwrap_or((rest, "")));
        let (named, rest) = named.map_or(("", old.as_str()), |(code, rest)| (code, rest.trim()));
        let message = if rest.is_empty() { text("message") } else { rest.to_owned() };
        Self { status, code: header.filter(|code| !code.is_empty()).unwrap_or(named).to_owned(), message }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, ", {}", self.message) }
    }
}

/// A call to a hub that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The connection string does not read.
    #[error(transparent)]
    ConnectionString(#[from] ConnectionStringError),
    /// The client could not be made, such as for a root certificate that does not read.
    #[error("cannot set up the connection to the hub {host}")]
    Setup {
        /// Host of the hub.
        host: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The sign-in was refused (401, 403).
    #[error("the hub {host} refused access to {subject} ({answer})")]
    Unauthorized {
        /// Host of the hub.
        host: String,
        /// What was asked for.
        subject: String,
        /// What it answered.
        answer: Answer,
    },
    /// The thing is not there (404).
    #[error("the hub {host} has no {subject} ({answer})")]
    NotFound {
        /// Host of the hub.
        host: String,
        /// What was asked for.
        subject: String,
        /// What it answered.
        answer: Answer,
    },
    /// A method could not reach its client: it is not connected, or gave no answer in time.
    #[error("{subject} was not reached through the hub {host} ({answer})")]
    NotReached {
        /// Host of the hub.
        host: String,
        /// The method and whose it is.
        subject: String,
        /// What it answered.
        answer: Answer,
    },
    /// Another writer was there first (409, 412).
    #[error("the hub {host} holds another state of {subject} ({answer})")]
    Conflict {
        /// Host of the hub.
        host: String,
        /// What was to be written.
        subject: String,
        /// What it answered.
        answer: Answer,
    },
    /// The hub says that what was sent is wrong (other 4xx).
    #[error("the hub {host} refused {subject} ({answer})")]
    Refused {
        /// Host of the hub.
        host: String,
        /// What was sent.
        subject: String,
        /// What it answered.
        answer: Answer,
    },
    /// The hub was reached and cannot serve now (429, 5xx), also after retries.
    #[error("the hub {host} cannot serve {subject} now ({answer})")]
    Unavailable {
        /// Host of the hub.
        host: String,
        /// What was asked for.
        subject: String,
        /// What it answered last.
        answer: Answer,
    },
    /// The hub was not reached, also after retries.
    #[error("cannot reach the hub {host} for {subject}")]
    Unreachable {
        /// Host of the hub.
        host: String,
        /// What was asked for.
        subject: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The hub answered success with a body that is not understood.
    #[error("the hub {host} answered for {subject} what is not understood")]
    BadAnswer {
        /// Host of the hub.
        host: String,
        /// What was asked for.
        subject: String,
        /// Why.
        source: serde_json::Error,
    },
}

impl HubError {
    /// Returns the error for an answer whose status is no success.
    pub(super) fn of(host: &str, subject: &str, answer: Answer) -> Self {
        let (host, subject) = (host.to_owned(), subject.to_owned());
        match (answer.status, answer.code.as_str()) {
            (401 | 403, code) if !code.contains("Quota") => Self::Unauthorized { host, subject, answer },
            (404, "DeviceNotOnline" | "DeviceConnectionClosedRemotely" | "TimeoutWaitingForResponse") => {
                Self::NotReached { host, subject, answer }
            }
            (504, _) => Self::NotReached { host, subject, answer },
            (404, _) => Self::NotFound { host, subject, answer },
            (409 | 412, _) => Self::Conflict { host, subject, answer },
            (403 | 429 | 500..=599, _) => Self::Unavailable { host, subject, answer },
            _ => Self::Refused { host, subject, answer },
        }
    }

    /// Returns what the hub answered, when it answered.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Unauthorized { answer, .. }
            | Self::NotFound { answer, .. }
            | Self::NotReached { answer, .. }
            | Self::Conflict { answer, .. }
            | Self::Refused { answer, .. }
            | Self::Unavailable { answer, .. } => Some(answer),
            Self::ConnectionString(_) | Self::Setup { .. } | Self::Unreachable { .. } | Self::BadAnswer { .. } => None,
        }
    }

    /// Tells whether another writer was there first, so that reading again and deciding anew may help.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

impl Diagnose for HubError {
    fn kind(&self) -> Exit {
        match self {
            Self::ConnectionString(error) => error.kind(),
            Self::Setup { .. } | Self::NotFound { .. } | Self::Refused { .. } => Exit::BadInput,
            Self::Unauthorized { .. } => Exit::Unauthorized,
            Self::Conflict { .. } => Exit::Conflict,
            Self::NotReached { .. } | Self::Unavailable { .. } | Self::Unreachable { .. } => Exit::Unavailable,
            Self::BadAnswer { .. } => Exit::Failure,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ConnectionString(error) => error.code(),
            Self::Setup { .. } => "hub/setup-failed",
            Self::Unauthorized { .. } => "hub/unauthorized",
            Self::NotFound { .. } => "hub/not-found",
            Self::NotReached { .. } => "hub/not-reached",
            Self::Conflict { .. } => "hub/conflict",
            Self::Refused { .. } => "hub/refused",
            Self::Unavailable { .. } => "hub/unavailable",
            Self::Unreachable { .. } => "hub/unreachable",
            Self::BadAnswer { .. } => "hub/bad-answer",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::ConnectionString(error) => error.hints(),
            Self::Unauthorized { .. } => {
                vec![
                    "Check the connection string: its policy needs service connect and registry read and write, as iothubowner has."
                        .to_owned(),
                ]
            }
            Self::Conflict { .. } => vec!["Someone else wrote it meanwhile; run the command again.".to_owned()],
            Self::NotReached { .. } => vec!["The module must be running, be connected and handle this method.".to_owned()],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_envelopes_read_and_the_status_alone_too() {
        let old = br#"{"Message":"ErrorCode:DeviceNotFound;no such device","ExceptionMessage":"Tracking ID:1"}"#;
        let expected = Answer { status: 404, code: "DeviceNotFound".into(), message: "no such device".into() };
        assert_eq!(Answer::read(404, None, old), expected);
        let new = br#"{"errorCode":404103,"message":"not online"}"#;
        let answer = Answer::read(404, Some("DeviceNotOnline"), new);
        assert_eq!(answer.to_string(), "404 DeviceNotOnline, not online");
        assert_eq!(Answer::read(502, None, b"<html>").to_string(), "502");
        assert_eq!(Answer::read(400, None, br#"{"Message":"plain"}"#).message, "plain");
    }

    #[test]
    fn the_status_decides_the_exit_code() {
        let kind = |status, code: &str| HubError::of("h", "x", Answer { status, code: code.into(), message: String::new() }).kind();
        for (status, code, expected) in [
            (401, "", Exit::Unauthorized),
            (403, "", Exit::Unauthorized),
            (403, "IotHubQuotaExceeded", Exit::Unavailable),
            (404, "DeviceNotFound", Exit::BadInput),
            (404, "DeviceNotOnline", Exit::Unavailable),
            (400, "InvalidConfigurationTargetCondition", Exit::BadInput),
            (409, "ConfigurationAlreadyExists", Exit::Conflict),
            (412, "PreconditionFailed", Exit::Conflict),
            (429, "ThrottlingException", Exit::Unavailable),
            (503, "", Exit::Unavailable),
            (504, "GatewayTimeout", Exit::Unavailable),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code}");
        }
    }
}
