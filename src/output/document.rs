//! Results: one value drawn as a table, JSON, YAML or names.

use serde::Serialize;
use serde_json::{Map, Value};

use super::findings::sarif;
use crate::base::{CommandError, Exit, Finding};

/// Version of every JSON and YAML document that commands print; members are only added within it.
pub const SCHEMA_VERSION: u32 = 1;

/// How a result is drawn (`-o`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people; may change.
    #[default]
    Table,
    /// One JSON object, `schemaVersion` first.
    Json,
    /// The same document as YAML.
    Yaml,
    /// One name a line.
    Name,
    /// Findings of a check as SARIF 2.1.0, for code scanning.
    Sarif,
    /// `NAME=VALUE` lines of an environment; for `sim modulecred`.
    #[value(hide = true)]
    Env,
    /// The connection string of a module and its root certificate; for `sim modulecred`.
    #[value(hide = true)]
    ConnString,
}

/// A command's result. The serialised value must be an object; its members are the interface that scripts read.
pub trait Render: Serialize {
    /// Returns the text for people, with its line breaks.
    fn human(&self) -> String;

    /// Returns the names for `-o name`, in the order of the result.
    fn names(&self) -> Vec<String>;

    /// Returns the findings of a check; `None` when the command checks nothing, and so has no SARIF.
    fn findings(&self) -> Option<&[Finding]> {
        None
    }

    /// Returns the lines of an environment; `None` when the result is none.
    fn environment(&self) -> Option<String> {
        None
    }

    /// Returns the lines of a connection string; `None` when the result has none.
    fn connection_string(&self) -> Option<String> {
        None
    }
}

/// Draws a result in a format, with its final line break.
///
/// # Errors
/// When SARIF is asked of a command that checks nothing, or the value cannot be serialised, which is a bug of the command.
pub fn draw(result: &impl Render, format: Format) -> Result<String, CommandError> {
    let bug = |error: anyhow::Error| CommandError { kind: Exit::Failure, code: "output/bug", hints: Vec::new(), source: error };
    let text = match format {
        Format::Table => result.human(),
        Format::Name => result.names().iter().map(|name| format!("{name}\n")).collect(),
        Format::Json => format!("{:#}\n", versioned(result).map_err(bug)?),
        Format::Yaml => crate::base::yaml::to_string(&versioned(result).map_err(bug)?).map_err(|error| bug(error.into()))?,
        Format::Sarif => match result.findings() {
            Some(findings) => format!("{:#}\n", sarif(findings)),
            None => return Err(no_sarif()),
        },
        Format::Env => result.environment().ok_or_else(no_environment)?,
        Format::ConnString => result.connection_string().ok_or_else(no_environment)?,
    };
    Ok(text)
}

/// Returns the error of a command that has no findings to show.
pub fn no_sarif() -> CommandError {
    CommandError::new(Exit::Usage, "usage/no-sarif", "only checks have a result in SARIF").hint("Use -o json.")
}

/// Returns the error of a command whose result leads no module to its broker.
pub fn no_environment() -> CommandError {
    CommandError::new(Exit::Usage, "usage/no-environment", "only `sim modulecred` prints env and conn-string").hint("Use -o json.")
}

fn versioned(result: &impl Serialize) -> anyhow::Result<Value> {
    let mut document = Map::new();
    document.insert("schemaVersion".to_owned(), SCHEMA_VERSION.into());
    match serde_json::to_value(result)? {
        Value::Object(members) => document.extend(members),
        other => anyhow::bail!("a result must be an object, this one is {other}"),
    }
    Ok(Value::Object(document))
}
