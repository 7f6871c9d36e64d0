//! `edgectl sim twin set`: sets desired properties and tags.

use clap::Args as ClapArgs;
use serde_json::Value;

use crate::base::Result;
use crate::commands::sim::subject;
use crate::commands::{Context, hub};
use crate::model::Identity;
use crate::ops;
use crate::ops::twin::Assignment;

/// Set desired properties or tags of a device or module
///
/// A value is JSON; a bare word is text, and null removes what is there. The client is told at once. A deployment that names the module
/// sets its desired properties again when what it says about them changes.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim twin set edge-canary/filter desired.threshold=30
  edgectl sim twin set edge-canary/filter --desired '{\"threshold\": 30}'
  edgectl sim twin set edge-canary tags.site=hall-7 tags.line=null
  edgectl sim twin set edge-canary/filter 'desired.limits={\"low\": 2, \"high\": 8}'")]
pub struct Args {
    /// The device, or a module of it
    #[arg(value_name = "DEVICE[/MODULE]", value_parser = subject::identity)]
    pub identity: Identity,
    /// What to set: desired.PATH=VALUE or tags.PATH=VALUE
    #[arg(value_name = "PATH=VALUE", required_unless_present = "desired", value_parser = assignment)]
    pub assignments: Vec<Assignment>,
    /// A patch of the desired properties, as a JSON object
    #[arg(long, value_name = "JSON", value_parser = object)]
    pub desired: Option<Value>,
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let client = ops::hub::connect(&hub::options(context)?)?;
    let whole = args.desired.map(|value| Assignment { path: vec!["properties".to_owned(), "desired".to_owned()], value });
    let assignments: Vec<_> = whole.into_iter().chain(args.assignments).collect();
    let state = ops::twin::set(&client, &args.identity, &assignments).await?;
    context.printer.result(&state)
}

fn object(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("this is no JSON ({error}); names stand in double quotes"))?;
    if value.is_object() { Ok(value) } else { Err("desired properties are an object, such as {\"threshold\": 30}".to_owned()) }
}

fn assignment(text: &str) -> Result<Assignment, String> {
    let (path, value) = text.split_once('=').ok_or("write PATH=VALUE, such as desired.threshold=30")?;
    let names: Vec<&str> = path.split('.').collect();
    let (root, names): (&[&str], _) = match names.as_slice() {
        ["properties", "desired", names @ ..] | ["desired", names @ ..] => (&["properties", "desired"], names),
        ["tags", names @ ..] => (&["tags"], names),
        ["properties", "reported", ..] | ["reported", ..] => return Err("reported properties are the client's own to write".to_owned()),
        _ => return Err("a path begins with desired. or tags.".to_owned()),
    };
    if names.is_empty() || names.iter().any(|name| name.is_empty()) {
        return Err(format!("`{path}` names no property"));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok(Assignment { path: root.iter().chain(names).map(ToString::to_string).collect(), value })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_json_and_bare_words_are_text() {
        for (text, path, value) in [
            ("desired.threshold=30", "properties.desired.threshold", json!(30)),
            ("properties.desired.a.b=x=y", "properties.desired.a.b", json!("x=y")),
            ("tags.line=null", "tags.line", json!(null)),
            ("tags.version=\"30\"", "tags.version", json!("30")),
            ("tags.empty=", "tags.empty", json!("")),
        ] {
            let read = assignment(text).expect(text);
            assert_eq!((read.path.join("."), read.value), (path.to_owned(), value));
        }
        for text in ["threshold=1", "desired=1", "desired.=1", "tags.a", "reported.a=1", "tags..a=1"] {
            assert!(assignment(text).is_err(), "{text}");
        }
    }
}
