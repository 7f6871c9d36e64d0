//! How an error looks: `error: …`, its causes, its hints; or one JSON object; and the CI system's annotation.

use serde_json::json;

use super::printer::{self, LogFormat, PrinterOptions};
use crate::base::CommandError;
use crate::base::text::sanitized;

/// Prints an error on stderr in the form that the options ask for.
pub(super) fn print(error: &CommandError, options: &PrinterOptions) {
    let chain: Vec<String> = error.chain().iter().map(|message| lines_sanitized(message)).collect();
    if options.log_format == LogFormat::Json {
        let document = json!({
            "schemaVersion": super::document::SCHEMA_VERSION,
            "level": "error",
            "code": error.code,
            "exitCode": error.kind.code(),
            "message": chain.first(),
            "causes": chain.get(1..),
            "hints": error.hints,
        });
        printer::to_stderr(&document.to_string());
    } else {
        for line in text(error, &chain, options.colored) {
            printer::to_stderr(&line);
        }
    }
    printer::annotate(options.ci, "error", &format!("{} [{}]", chain.join(": "), error.code));
}

fn text(error: &CommandError, chain: &[String], colored: bool) -> Vec<String> {
    let paint = |label: &str, color: &str| if colored { format!("\u{1b}[1;{color}m{label}\u{1b}[0m") } else { label.to_owned() };
    let mut lines = Vec::new();
    for (depth, message) in chain.iter().enumerate() {
        match depth {
            0 => lines.push(format!("{} {message} [{}]", paint("error:", "31"), error.code)),
            _ => lines.push(format!("  caused by: {message}")),
        }
    }
    lines.extend(error.hints.iter().map(|hint| format!("{} {hint}", paint("hint:", "36"))));
    lines
}

/// Sanitises each line of a message that may have several, such as one that shows a line of a file.
fn lines_sanitized(message: &str) -> String {
    message.lines().map(sanitized).collect::<Vec<_>>().join("\n")
}
