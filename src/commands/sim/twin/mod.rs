//! `edgectl sim twin`: twins of devices and modules, as the hub has them.

pub mod get;
pub mod set;

use clap::Subcommand;
use serde_json::Value;

use super::Context;
use crate::base::Result;
use crate::ops::twin::TwinState;
use crate::output::{Render, Table};

/// Commands of this noun.
#[derive(Debug, Subcommand)]
pub enum Command {
    Get(get::Args),
    Set(set::Args),
}

/// Runs one command of this noun.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Get(args) => get::run(args, context).await,
        Command::Set(args) => set::run(args, context).await,
    }
}

/// `twin`: the twin in the service's own shape (`deviceId`, `moduleId`, `tags`, `properties.desired`, `properties.reported`, …).
impl Render for TwinState {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME", "VALUE"]);
        let twin = &self.twin;
        for (name, section) in [("tags", twin.tags()), ("desired", twin.desired()), ("reported", twin.reported())] {
            for (path, value) in leaves(name, section) {
                table.row([path, value]);
            }
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        vec![self.twin.identity().to_string()]
    }
}

/// Returns each value that is no object, with its path; times that the service keeps beside the values are left out.
fn leaves(path: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let shown = members.iter().filter(|(name, _)| *name != "$metadata");
            shown.flat_map(|(name, value)| leaves(&format!("{path}.{name}"), value)).collect()
        }
        Value::Object(_) | Value::Null => Vec::new(),
        Value::String(text) => vec![(path.to_owned(), text.clone())],
        other => vec![(path.to_owned(), other.to_string())],
    }
}
