//! `edgectl route explain`: routes as the broker reads them.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::routes;
use crate::base::text::{nearest, sanitized};
use crate::base::{CommandError, Exit, Result};
use crate::commands::Context;
use crate::ops::route_explain::{ReadRoute, explain};
use crate::ops::route_files::RouteFile;
use crate::output::Render;

/// Show routes as the broker reads them, and what it passes over
///
/// Each route comes with its source in the form that is compared, its condition with all parentheses and the static type of every part, its
/// endpoint, priority and time to live, and the text that the broker passes over: comments, and whatever stands behind the sink.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl route explain
  edgectl route explain \"FROM /messages/* WHERE a = 'x' /* note */ INTO \\$upstream\"
  edgectl route explain --routes deployment.json --name alerts")]
pub struct Args {
    /// Explain this route
    #[arg(value_name = "ROUTE", conflicts_with_all = ["routes", "name"])]
    route: Option<String>,
    /// Explain the routes of this file, - for stdin; the solution when not given
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// Explain the route of this name only
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// The routes: `routes[]` with `name`, `canonical`, `source`, `condition` and `types` (absent without one; a tree of `text`, `type`, `parts[]`),
/// `endpoint`, `priority`, `defaultPriority`, `timeToLiveSecs`, and `ignored[]` (`kind`, `text`, `line`, `column`).
#[derive(Debug, Serialize)]
struct ExplainedRoutes {
    routes: Vec<ReadRoute>,
}

impl Render for ExplainedRoutes {
    fn human(&self) -> String {
        self.routes.iter().map(described).collect::<Vec<_>>().join("\n")
    }

    fn names(&self) -> Vec<String> {
        self.routes.iter().map(|route| route.name.clone()).collect()
    }
}

fn described(route: &ReadRoute) -> String {
    let mut text = if route.name.is_empty() { String::new() } else { format!("{}\n", sanitized(&route.name)) };
    let mut line = |name: &str, value: &str| text.extend([format!("  {name:<10} {}\n", sanitized(value))]);
    line("source", &format!("{}* (in any case)", route.source));
    line("condition", route.condition.as_deref().unwrap_or("none: every message of the source is taken"));
    line("endpoint", &route.endpoint);
    line("priority", &if route.default_priority { "default, after all others".to_owned() } else { route.priority.to_string() });
    let kept = match route.time_to_live_secs {
        0 => "that of the broker".to_owned(),
        seconds => format!("{seconds} s"),
    };
    line("kept for", &kept);
    for part in &route.ignored {
        let kind = if part.kind == "comment" { "comment" } else { "text behind the sink" };
        line("ignored", &format!("{kind} at {}:{}: {}", part.line, part.column, part.text.replace('\n', " ")));
    }
    if let Some(types) = &route.types {
        text.push_str("  types\n");
        tree(&mut text, types, 2);
    }
    text
}

fn tree(text: &mut String, node: &Value, depth: usize) {
    let member = |name: &str| node.get(name).and_then(Value::as_str).unwrap_or_default();
    text.extend([format!("{}{}: {}\n", "  ".repeat(depth), member("text"), member("type"))]);
    for part in node.get("parts").and_then(Value::as_array).into_iter().flatten() {
        tree(text, part, depth + 1);
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let file = match &args.route {
        Some(text) => RouteFile::of_text(Path::new("<route>"), text),
        None => routes(args.routes.as_deref(), context)?,
    };
    let routes = explain(&file, args.name.as_deref())?;
    if let Some(name) = args.name.as_deref().filter(|_| routes.is_empty()) {
        let near = nearest(name, file.routes.iter().map(|route| route.name.as_str()));
        let hint = near.map_or_else(|| "Leave out --name to see all routes.".to_owned(), |near| format!("Did you mean `{near}`?"));
        return Err(CommandError::new(Exit::BadInput, "route/unknown-name", format!("there is no route `{}`", sanitized(name))).hint(hint));
    }
    context.printer.result(&ExplainedRoutes { routes })
}
