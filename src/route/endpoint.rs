//! Where messages come from and where they go.

use std::fmt;

use super::error::{Fault, Stage};
use super::syntax::{RouteSyntax, Sink};
use crate::model::Message;

/// Where a message is delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// The hub, or the parent device.
    Upstream,
    /// An input of a module on this device.
    Module {
        /// Module id, not checked against anything.
        module: String,
        /// Name of the input, case-sensitive.
        input: String,
    },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upstream => f.write_str("$upstream"),
            Self::Module { module, input } => write!(f, "{module}/{input}"),
        }
    }
}

impl Endpoint {
    /// Returns the endpoint that a sink names.
    pub(super) fn of(route: &RouteSyntax) -> Result<Self, Fault> {
        let refuse = |message: String| Fault { stage: Stage::Endpoint, ..Fault::parse(route.sink_span.clone(), message) };
        match &route.sink {
            Sink::System(name) if name.eq_ignore_ascii_case("$upstream") => Ok(Self::Upstream),
            Sink::System(name) => Err(refuse(format!("there is no endpoint `{name}`")).hint("The one endpoint of that form is $upstream.")),
            Sink::Function(name, argument) if name.eq_ignore_ascii_case("BrokeredEndpoint") => {
                let path = argument.trim();
                let path = path.strip_prefix('/').unwrap_or(path);
                let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
                let [_, module, _, input] = parts.as_slice() else {
                    return Err(refuse("an endpoint has four parts".to_owned()).hint("Write \"/modules/NAME/inputs/NAME\"."));
                };
                Ok(Self::Module { module: (*module).to_owned(), input: (*input).to_owned() })
            }
            Sink::Function(name, _) => {
                Err(refuse(format!("there is no endpoint `{name}`")).hint("Write BrokeredEndpoint(\"/modules/NAME/inputs/NAME\")."))
            }
        }
    }
}

/// Source of twin change events.
pub const TWIN_CHANGES: &str = "/twinChangeNotifications";

/// Returns the source of a message, such as `/messages/modules/filter/outputs/alert`, from its system properties.
pub fn message_source(message: &Message) -> String {
    let property = |name: &str| message.system_properties.get(name);
    if property("messageType").is_some_and(|kind| kind == "twinChangeNotification") {
        return TWIN_CHANGES.to_owned();
    }
    match (property("connectionModuleId"), property("outputName")) {
        (Some(module), Some(output)) => format!("/messages/modules/{module}/outputs/{output}"),
        (Some(module), None) => format!("/messages/modules/{module}"),
        (None, _) => "/messages".to_owned(),
    }
}

/// Brings a source into the form that is compared: no stars and slashes at its end but one slash.
pub(super) fn normal(source: &str) -> String {
    format!("{}/", source.trim().trim_end_matches('*').trim_end_matches('/'))
}

/// Brings a source into the form in which case does not matter either: a route takes a source that begins with its own.
pub(super) fn folded(source: &str) -> String {
    normal(source).chars().map(|c| c.to_uppercase().next().unwrap_or(c)).collect()
}
