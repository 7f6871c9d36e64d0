//! Results: one value drawn as a table, JSON, YAML or names.

use serde::Serialize;
use serde_json::{Map, Value};

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
}

/// A command's result. The serialised value must be an object; its members are the interface that scripts read.
pub trait Render: Serialize {
    /// Returns the text for people, with its line breaks.
    fn human(&self) -> String;

    /// Returns the names for `-o name`, in the order of the result.
    fn names(&self) -> Vec<String>;
}

/// Draws a result in a format, with its final line break.
///
/// # Errors
/// When the value cannot be serialised, which is a bug of the command.
pub fn draw(result: &impl Render, format: Format) -> anyhow::Result<String> {
    let text = match format {
        Format::Table => result.human(),
        Format::Name => result.names().iter().map(|name| format!("{name}\n")).collect(),
        Format::Json => format!("{:#}\n", versioned(result)?),
        Format::Yaml => crate::base::yaml::to_string(&versioned(result)?)?,
    };
    Ok(text)
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
