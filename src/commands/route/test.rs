//! `edgectl route test`: a message against routes, and truth tables.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{bytes, routes};
use crate::base::text::sanitized;
use crate::base::{Result, fs};
use crate::commands::{Context, table_test};
use crate::ops::route_files::RouteFile;
use crate::ops::route_test::{self, Tested, TestedRoute};
use crate::output::Render;
use crate::route::explain::Explanation;
use crate::route::set::DEFAULT_PRIORITY;

/// Say which routes take a message and why, or run a table of cases
///
/// A message is a JSON object: `properties` and `systemProperties` (texts by name), `body` (a text as it is, anything else as compact JSON),
/// and where it comes from: `from` (a module) with `output`, or `source` in full; without either it comes from a leaf device. The body is read
/// only when `systemProperties` holds contentType application/json and contentEncoding utf-8, utf-16 or utf-32.
///
/// A table holds one case a line: `condition` with `properties`, or `route`, or `routes` with `schemaVersion`; `expect` says what must come out
/// and may be absent. A case that differs makes the command end with 10.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl route test --message message.json
  edgectl route test --route \"FROM /messages/* WHERE kind = 'pump' INTO \\$upstream\" --message -
  edgectl route test --routes deployment.json --message message.json -o json
  edgectl route test --table routes.jsonl")]
pub struct Args {
    /// Test this route
    #[arg(long, value_name = "ROUTE", conflicts_with_all = ["routes", "table"])]
    route: Option<String>,
    /// Test the routes of this file; the solution when not given
    #[arg(long, value_name = "FILE", conflicts_with = "table")]
    routes: Option<PathBuf>,
    /// The message, - for stdin
    #[arg(long, value_name = "FILE", required_unless_present = "table", conflicts_with = "table")]
    message: Option<PathBuf>,
    /// Run the cases of this file, - for stdin
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// Where the message goes: `source`, `deliveries[]` (`endpoint`, `priority`, `timeToLiveSecs`) and `routes[]` (`name`, `taken`, `source`,
/// `sourceMatches`, `truth`, `endpoint`, `priority`, `timeToLiveSecs`, and `condition` as a tree of `text`, `type`, `value`, `reason`, `parts[]`).
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct TestedMessage(Tested);

impl Render for TestedMessage {
    fn human(&self) -> String {
        let Tested { source, deliveries, routes } = &self.0;
        let mut text = format!("message from {}\n", sanitized(source));
        for way in deliveries {
            text.extend([format!("  -> {}, {}\n", sanitized(&way.endpoint), rank(way.priority, way.time_to_live_secs))]);
        }
        if deliveries.is_empty() {
            text.push_str("  -> nowhere: it is acknowledged and dropped\n");
        }
        for route in routes {
            text.push('\n');
            text.push_str(&described(route));
        }
        text
    }

    fn names(&self) -> Vec<String> {
        self.0.deliveries.iter().map(|way| way.endpoint.clone()).collect()
    }
}

fn rank(priority: u32, seconds: u64) -> String {
    let priority = if priority == DEFAULT_PRIORITY { "default priority".to_owned() } else { format!("priority {priority}") };
    if seconds == 0 { priority } else { format!("{priority}, kept {seconds} s") }
}

fn described(route: &TestedRoute) -> String {
    let name = if route.name.is_empty() { "route".to_owned() } else { sanitized(&route.name) };
    let said = match (route.taken, route.source_matches) {
        (true, _) => format!("takes it to {}, {}", sanitized(&route.endpoint), rank(route.priority, route.time_to_live_secs)),
        (false, true) => format!("does not take it: the condition is {}", route.truth),
        (false, false) => format!("does not take it: its source is {}", sanitized(&route.source)),
    };
    let mut text = format!("{name}: {said}\n");
    if let Some(condition) = &route.condition {
        tree(&mut text, condition, 1);
    }
    text
}

/// Draws a condition, parts below what joins them.
fn tree(text: &mut String, node: &Explanation, depth: usize) {
    let value = if node.text == node.value { String::new() } else { format!(" -> {}", node.value) };
    let reason = node.reason.as_ref().map_or_else(String::new, |reason| format!("  ({reason})"));
    text.extend([format!("{}{}{value}{reason}\n", "  ".repeat(depth), node.text)]);
    for part in &node.parts {
        tree(text, part, depth + 1);
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    if let Some(file) = &args.table {
        let outcomes = route_test::table(opened(file, context)?, file)?;
        return table_test::print(&outcomes, context);
    }
    let file = match &args.route {
        Some(text) => RouteFile::of_text(Path::new("<route>"), text),
        None => routes(args.routes.as_deref(), context)?,
    };
    let (message, name) = bytes(args.message.as_deref().unwrap_or(Path::new("-")), context)?;
    let case = route_test::read_message(&message, &name)?;
    context.printer.result(&TestedMessage(route_test::test(&file, &case)?))
}

fn opened(file: &Path, context: &Context) -> Result<Box<dyn BufRead>> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(fs::open(&context.locate(file))?)))
}
