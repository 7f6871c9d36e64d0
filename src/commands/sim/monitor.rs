//! `edgectl sim monitor`: shows messages as they reach the hub.

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::base::text::sanitized;
use crate::base::{CommandError, Exit, Result};
use crate::commands::{Context, hub};
use crate::iothub::TelemetryRecord;
use crate::iothub::event::{self, EventParts};
use crate::ops;
use crate::ops::hub::HubChoice;
use crate::ops::monitor::{Flow, MonitorOptions};
use crate::output::{Format, Printer};

/// Show messages as they reach the hub
///
/// One line a message. With -o json each line is an object: `event` as `az iot hub monitor-events` prints it, and beside it
/// sequenceNumber, enqueuedTime, deviceId, moduleId, properties, systemProperties, and body, or bodyBase64 when the body is no JSON. Runs until --count, --timeout, Ctrl-C, or until nobody reads.
/// With --count, an end before that many messages is exit code 5.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim monitor
  edgectl sim monitor --device 'edge-*' --module filter
  edgectl sim monitor --props sys --props anno -o json
  edgectl sim monitor --from start --count 10 --timeout 1m -o json")]
pub struct Args {
    /// Only messages of this device; * stands for any characters
    #[arg(short, long, value_name = "ID", visible_alias = "device-id")]
    pub device: Option<String>,
    /// Only messages of this module; * stands for any characters
    #[arg(short, long, value_name = "ID", visible_alias = "module-id")]
    pub module: Option<String>,
    /// End after so many messages
    #[arg(long, value_name = "NUMBER", visible_alias = "message-count", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// Where to begin
    #[arg(long, value_enum, default_value_t)]
    pub from: From,
    /// End after the messages that the hub has, without waiting for more
    #[arg(long)]
    pub no_follow: bool,
    /// What `event` shows beside the payload; may be given again
    #[arg(long, value_enum, visible_alias = "properties", value_name = "PART")]
    pub props: Vec<Props>,
    /// Read the payload of `event` as this content type, whatever the sender says
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
}

/// A part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Props {
    /// System properties.
    Sys,
    /// Application properties.
    App,
    /// What the hub added: the sender and the time.
    Anno,
    /// All of them.
    All,
}

/// Where to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum From {
    /// With the first message that the hub ever took.
    Start,
    /// With what comes from now on.
    #[default]
    Now,
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let options = hub::options(context)?;
    if !matches!(options.choice, HubChoice::Emulator) {
        let message = "sim monitor reads the log of the emulator, and the hub in force is a cloud hub";
        return Err(CommandError::new(Exit::BadInput, "hub/no-log", message).hint("Watch a cloud hub with `az iot hub monitor-events`."));
    }
    if context.printer.options().out.as_ref().is_some_and(|path| path.as_os_str() != "-") {
        let message = "sim monitor writes a stream, which --out cannot take";
        return Err(CommandError::new(Exit::Usage, "usage/stream-to-file", message).hint("Redirect stdout in place of --out."));
    }
    let client = ops::hub::connect(&options)?;
    let shows = |part| args.props.contains(&part) || args.props.contains(&Props::All);
    let view = View {
        parts: EventParts { system: shows(Props::Sys), application: shows(Props::App), annotations: shows(Props::Anno) },
        content_type: args.content_type,
    };
    let wanted = MonitorOptions {
        from_start: args.from == From::Start || args.no_follow,
        follow: !args.no_follow,
        device: args.device,
        module: args.module,
        count: args.count,
    };
    let (printer, cancel) = (&mut context.printer, context.cancel.clone());
    ops::monitor::monitor(&client, &wanted, &cancel, &mut |record| show(printer, record, &view)).await
}

/// How events are shown.
struct View {
    parts: EventParts,
    content_type: Option<String>,
}

fn show(printer: &mut Printer, record: &TelemetryRecord, view: &View) -> Result<Flow> {
    let text = match printer.options().format {
        Format::Json => format!("{}\n", document(record, view)),
        Format::Yaml => format!("---\n{}", crate::base::yaml::to_string(&document(record, view)).map_err(|error| bug(&error))?),
        Format::Name => format!("{}\n", record.sequence_number),
        Format::Table => format!("{}\n", line(record)),
        Format::Sarif => return Err(crate::output::document::no_sarif()),
        Format::Env | Format::ConnString => return Err(crate::output::document::no_environment()),
    };
    printer.write(&text)?;
    Ok(if printer.stdout_closed() { Flow::Stop } else { Flow::Continue })
}

/// Returns the line for people: time, sender, output, body.
fn line(record: &TelemetryRecord) -> String {
    let sender = match &record.module_id {
        Some(module) => format!("{}/{module}", record.device_id),
        None => record.device_id.clone(),
    };
    let output = record.system_properties.get("outputName").map(|name| format!(" {name}")).unwrap_or_default();
    let body = match (&record.body, &record.body_base64) {
        (Some(body), _) => body.to_string(),
        (None, Some(text)) => format!("base64 {text}"),
        (None, None) => String::new(),
    };
    let time = record.enqueued_time.get(..19).unwrap_or(&record.enqueued_time);
    sanitized(&format!("{time}Z {sender}{output} {body}"))
}

fn document(record: &TelemetryRecord, view: &View) -> Value {
    let mut document = json!({ "schemaVersion": crate::output::document::SCHEMA_VERSION });
    document["event"] = event::of_record(record, view.parts, view.content_type.as_deref());
    if let (Value::Object(members), Ok(Value::Object(shown))) = (&mut document, serde_json::to_value(record)) {
        members.extend(shown);
    }
    document
}

fn bug(error: &dyn std::fmt::Display) -> CommandError {
    CommandError::new(Exit::Failure, "output/bug", format!("cannot draw a message: {error}"))
}
