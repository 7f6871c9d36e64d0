//! `edgectl manifest schema`: JSON Schema for editors.

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use crate::base::Result;
use crate::commands::Context;
use crate::manifest::schema::json::Subject;
use crate::output::Render;

/// Print the JSON Schema of a file for editors
///
/// The schema comes from the tables that the checks use. Editors with a YAML or JSON language server complete and underline with it:
/// name it in their settings, or in the first line of edgectl.yaml as `# yaml-language-server: $schema=FILE`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl manifest schema --out edgectl.schema.json
  edgectl manifest schema --for module --out module.schema.json
  edgectl manifest schema --for deployment")]
pub struct Args {
    /// File that the schema is for
    #[arg(long = "for", value_enum, default_value = "edgectl", value_name = "FILE")]
    subject: For,
}

/// Files with a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    /// edgectl.yaml
    Edgectl,
    /// module.yaml
    Module,
    /// Deployment manifests and layers
    Deployment,
}

/// A schema: `for` (edgectl, module or deployment) and `schema` (JSON Schema, draft 7). Without `-o` the schema alone is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    r#for: &'static str,
    schema: Value,
}

impl Render for Shown {
    fn human(&self) -> String {
        format!("{:#}\n", self.schema)
    }

    fn names(&self) -> Vec<String> {
        vec![self.r#for.to_owned()]
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let (name, subject) = match args.subject {
        For::Edgectl => ("edgectl", Subject::Solution),
        For::Module => ("module", Subject::Module),
        For::Deployment => ("deployment", Subject::Deployment),
    };
    context.printer.result(&Shown { r#for: name, schema: subject.schema() })
}
