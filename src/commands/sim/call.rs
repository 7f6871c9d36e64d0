//! `edgectl sim call`: calls a direct method.

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::subject;
use crate::base::Result;
use crate::base::duration::Span;
use crate::commands::{Context, hub};
use crate::iothub::MethodRequest;
use crate::model::Identity;
use crate::ops;
use crate::output::Render;

/// Call a direct method of a device or module
///
/// Ends with 0 once the module answered, whatever status it answered with; a module that cannot be reached is exit code 5.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim call edge-canary/filter reset
  edgectl sim call edge-canary/filter limit --payload '{\"high\": 8}' -o json
  edgectl sim call edge-canary/camera snapshot --response-timeout 2m")]
pub struct Args {
    /// The device, or a module of it
    #[arg(value_name = "DEVICE[/MODULE]", value_parser = subject::identity)]
    pub identity: Identity,
    /// Name of the method
    pub method: String,
    /// What to hand over, as JSON
    #[arg(long, value_name = "JSON", value_parser = payload, default_value = "null")]
    pub payload: Value,
    /// How long the module may take to answer, 5s to 5m
    #[arg(long, value_name = "DURATION", value_parser = response_timeout, default_value = "30s")]
    pub response_timeout: Span,
}

/// `deviceId`, `moduleId` (null for the device itself), `method`, and the answer: `status` and `payload` (null when it gave none).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Called {
    device_id: String,
    module_id: Option<String>,
    method: String,
    status: i32,
    payload: Value,
}

impl Render for Called {
    fn human(&self) -> String {
        match &self.payload {
            Value::Null => format!("status {}\n", self.status),
            payload => format!("status {}\n{}\n", self.status, crate::base::text::sanitized(&payload.to_string())),
        }
    }

    fn names(&self) -> Vec<String> {
        vec![self.status.to_string()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let client = ops::hub::connect(&hub::options(context)?)?;
    let request = MethodRequest {
        response_timeout_in_seconds: Some(args.response_timeout.as_secs()),
        ..MethodRequest::new(args.method.as_str(), args.payload)
    };
    let answer = ops::method::call(&client, &args.identity, &request, &context.cancel).await?;
    let Identity { device_id, module_id } = args.identity;
    context.printer.result(&Called { device_id, module_id, method: args.method, status: answer.status, payload: answer.payload })
}

fn payload(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON ({error}); text stands in double quotes"))
}

fn response_timeout(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error: crate::base::duration::SpanError| error.to_string())?;
    if (5..=300).contains(&span.as_secs()) { Ok(span) } else { Err("a hub waits 5s to 5m".to_owned()) }
}
