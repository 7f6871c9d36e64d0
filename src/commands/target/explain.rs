//! `edgectl target explain`: why a condition selects a device or not.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::fleet_source::Form;
use super::subject::{DialectName, Subject, open};
use crate::base::Result;
use crate::base::text::sanitized;
use crate::commands::{Context, hub};
use crate::ops;
use crate::ops::fleet::twin_of_device;
use crate::ops::target_explain::{twin_of_hub, twin_of_text};
use crate::output::Render;
use crate::target::explain::{Step, explain};
use crate::target::{Dialect, Truth};

/// Explain why a condition or a ring selects a device or not
///
/// Every part of the condition is shown with its truth: true, false or undefined. Only true selects. Below a part stand the values of the attributes that it reads, and below an undefined
/// one what made it so. The device's twin comes from the hub in force, a fleet file, or a file of its own.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target explain --ring canary --device edge-1
  edgectl target explain --condition \"tags.ring != 'canary'\" --device edge-1 --fleet fleet.jsonl
  edgectl target explain --ring early --twin twin.json -o json")]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Id of the device
    #[arg(long, value_name = "ID", required_unless_present = "twin", conflicts_with = "twin")]
    device: Option<String>,
    /// Fleet that has the device: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin; the hub when not given
    #[arg(long, value_name = "FILE", requires = "device")]
    fleet: Option<PathBuf>,
    /// Form of the fleet file
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    fleet_format: Form,
    /// File with the twin of the device, - for stdin
    #[arg(long, value_name = "FILE")]
    twin: Option<PathBuf>,
    /// Which functions the condition may call
    #[arg(long, value_name = "DIALECT", value_enum, default_value_t)]
    dialect: DialectName,
}

/// The explanation: `condition` (as it was read), `dialect`, `deviceId` (null when the twin has none), `selected`, `truth` (`true`, `false` or
/// `undefined`), and `tree`: `kind`, `text`, `span` (bytes of the condition: `start`, `end`), `truth` or `value`, `because[]` of undefined parts (`reason`, `message`, and of a
/// missing attribute `path`, `parent`, `parentExists`), `parts[]`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Explained {
    condition: String,
    dialect: &'static str,
    device_id: Option<String>,
    selected: bool,
    truth: Truth,
    tree: Step,
}

impl Render for Explained {
    fn human(&self) -> String {
        let device = self.device_id.as_deref().map_or_else(|| "the device".to_owned(), sanitized);
        let verdict = if self.selected { "is selected" } else { "is not selected" };
        let mut text = String::new();
        draw(&mut text, &self.tree, 0);
        format!("TRUTH      CONDITION\n{text}\n{device} {verdict}: the condition is {}\n", self.truth.name())
    }

    fn names(&self) -> Vec<String> {
        self.device_id.iter().filter(|_| self.selected).cloned().collect()
    }
}

/// Characters of a line of the tree; a condition may be megabytes long.
const SHOWN: usize = 160;

/// Writes a part that stands as a condition, with what lies below it.
fn draw(text: &mut String, step: &Step, depth: usize) {
    let joins = match step.kind {
        "and" => "AND",
        "or" => "OR",
        "not" => "NOT",
        _ => "",
    };
    let said = if joins.is_empty() { shortened(&step.text) } else { joins.to_owned() };
    line(text, step.truth.map_or("", Truth::name), depth, if said.is_empty() { "(empty: no device)" } else { &said });
    if joins.is_empty() {
        for said in reasons(step) {
            line(text, "", depth + 2, &said);
        }
    }
    step.parts.iter().filter(|part| part.truth.is_some()).for_each(|part| draw(text, part, depth + 1));
}

fn line(text: &mut String, truth: &str, depth: usize, said: &str) {
    // Writing to a string cannot fail.
    let _infallible = writeln!(text, "{truth:<9}  {}{}", "  ".repeat(depth), sanitized(said));
}

/// Returns the value of each attribute that a part reads, or that it is missing, and what else made the part undefined; each once.
fn reasons(step: &Step) -> Vec<String> {
    let (mut said, mut seen) = (Vec::new(), BTreeSet::new());
    let mut say = |text: String| {
        if seen.insert(text.clone()) {
            said.push(text);
        }
    };
    let mut below = vec![step];
    while let Some(part) = below.pop() {
        below.extend(part.parts.iter().rev());
        match &part.value {
            Some(value) if part.kind == "path" => say(shortened(&format!("{} is {value}", part.text))),
            None if part.kind == "path" => part.because.iter().for_each(|cause| say(cause.message.clone())),
            _ => {}
        }
    }
    step.because.iter().for_each(|cause| say(cause.message.clone()));
    said
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Runs the command.
pub async fn run(args: &Args, context: &mut Context) -> Result<()> {
    let dialect = if args.subject.ring.is_some() { Dialect::Strict } else { args.dialect.into() };
    let condition = args.subject.parse(dialect, context)?;
    let twin = twin(args, context).await?;
    let tree = explain(&condition, &twin);
    let truth = tree.truth.unwrap_or(Truth::Undefined);
    context.printer.result(&Explained {
        condition: condition.to_string(),
        dialect: dialect.name(),
        device_id: twin.get("deviceId").and_then(Value::as_str).map(str::to_owned),
        selected: truth == Truth::True,
        truth,
        tree,
    })
}

async fn twin(args: &Args, context: &Context) -> Result<Value> {
    let device = args.device.as_deref().unwrap_or_default();
    match (&args.twin, &args.fleet) {
        (Some(file), _) => from_file(file, context),
        (None, Some(file)) => {
            let (fleet, name) = open(file, context)?;
            twin_of_device(fleet, &name, args.fleet_format.into(), device)
        }
        (None, None) => twin_of_hub(&ops::hub::connect(&hub::options(context)?)?, device).await,
    }
}

fn from_file(file: &Path, context: &Context) -> Result<Value> {
    let stdin = file.as_os_str() == "-";
    let input = ops::input::read(&if stdin { file.to_path_buf() } else { context.locate(file) })?;
    twin_of_text(&input.bytes, if stdin { &input.name } else { file })
}
